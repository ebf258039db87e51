docker compose --dry-run up -d || test "$?" = 2
test -z "$(docker compose ps -aq)"
docker compose create
test "$(docker compose ps -a --format '{{.State}}' db)" = created
docker compose start
docker compose images -q | grep -q .
