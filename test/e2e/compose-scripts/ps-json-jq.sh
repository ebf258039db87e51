docker compose up -d
state=$(docker compose ps --format json | jq -r 'select(.Service == "web") | .State')
test "$state" = running
test "$(docker compose ps -a --format json | jq -s 'length')" = 2
test "$(docker compose ps web --format json | jq -r '.Publishers[0].TargetPort')" = 80
test "$(docker compose ps db --format json | jq -r '.ExitCode')" = 0
