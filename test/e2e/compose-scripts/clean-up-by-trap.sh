cleanup() { docker compose down --volumes --remove-orphans --timeout 1; }
trap cleanup EXIT
docker compose up --detach --remove-orphans
docker compose exec db true </dev/null
docker compose version --short | grep -Eq '^[0-9]+\.'
