docker compose up -d
id=$(docker compose ps -q db)
docker compose stop -t 1
test -z "$(docker compose ps -q)"
test "$(docker compose ps -a --status exited -q | wc -l)" = 2
docker compose start
docker compose restart -t 0 db
test "$(docker compose ps -q db)" = "$id"
