docker compose up -d
docker compose rm -fsv web
test "$(docker compose ps -a --services)" = db
docker compose kill db
docker compose rm -f
test -z "$(docker compose ps -aq)"
docker compose up -d
