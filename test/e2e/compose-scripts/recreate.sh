docker compose up -d --quiet-pull
before=$(docker compose ps -q db)
docker compose up -d
test "$(docker compose ps -q db)" = "$before"
docker compose up -d --force-recreate --no-deps db
test "$(docker compose ps -q db)" != "$before"
