docker compose up -d --scale web=1 --scale db=2
test "$(docker compose ps -q db | wc -l)" = 2
docker compose exec -T --index 2 db true
docker compose up -d --scale db=1 --no-recreate
test "$(docker compose ps -q db | wc -l)" = 1
docker compose scale db=3
test "$(docker compose ps --format '{{.Name}}' db | sort | tail -1)" = "$(docker compose config --format json | jq -r .name)-db-3"
