docker compose up -d
! docker compose ps --services | grep -qx worker
docker compose --profile work up -d
docker compose ps --services | grep -qx worker
COMPOSE_PROFILES=tools docker compose config --services | grep -qx migrate
docker compose --profile '*' down -v
