export COMPOSE_PROJECT_NAME=nightly
docker compose up -d db
docker compose ls -q | grep -qx nightly
test "$(docker compose -p nightly ps --format '{{.Project}}')" = nightly
docker compose ls --format json | jq -e '.[] | select(.Name == "nightly") | .Status == "running(1)"' >/dev/null
docker compose down -v
! docker compose ls -aq | grep -qx nightly
