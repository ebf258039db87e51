docker compose up -d
until docker compose logs --no-log-prefix db | grep -qx 'db is ready'; do :; done
docker compose logs db | grep -q '^db-1 *| db is ready$'
docker compose logs --no-color --tail=1 --timestamps db | grep -Eq '[0-9]{4}-[0-9]{2}-[0-9]{2}T'
test -z "$(docker compose logs --tail 0 web)"
