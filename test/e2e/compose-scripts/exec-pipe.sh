docker compose up -d db
echo "a row" | docker compose exec -T db sh -c 'cat > /data/dump'
test "$(docker compose exec -T db cat /data/dump)" = "a row"
docker compose exec -T db tar -C /data -c dump > dump.tar
tar -tf dump.tar | grep -qx dump
test "$(docker compose exec -T -e A=1 -u nobody -w /tmp db sh -c 'echo $A $(id -un) $(pwd)')" = "1 nobody /tmp"
