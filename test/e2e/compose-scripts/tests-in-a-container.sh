code=0
docker compose up --abort-on-container-exit --exit-code-from broken web broken >out 2>&1 || code=$?
test "$code" = 4
grep -q 'it broke' out
test -z "$(docker compose ps -q)"
