docker compose up -d --wait
test -n "$(docker compose ps -q web)"
test "$(docker compose ps --format '{{.Health}}' web)" = healthy
docker compose down -v --remove-orphans
test -z "$(docker compose ps -aq)"
