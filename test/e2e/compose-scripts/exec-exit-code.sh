docker compose up -d db
code=0
docker compose exec -T db sh -c 'exit 9' || code=$?
test "$code" = 9
code=0
docker compose exec -T db no-such-program 2>/dev/null || code=$?
test "$code" = 127
