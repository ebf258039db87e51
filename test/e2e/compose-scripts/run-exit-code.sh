code=0
docker compose run --rm broken >/dev/null 2>&1 || code=$?
test "$code" = 4
docker compose run --rm --no-deps migrate | grep -qx migrated
