docker compose up -d db
docker compose kill -s SIGTERM db
code=0
docker compose wait db >/dev/null || code=$?
test "$code" = 143
