docker compose up -d
docker compose top db | grep -q 'sleep 1000'
docker compose pause db
test "$(docker compose ps --status paused --services)" = db
docker compose unpause
test -z "$(docker compose ps --status paused -q)"
docker compose stats --no-stream --format '{{.Name}}' db | grep -q db-1
