docker compose up -d
for service in $(docker compose config --services); do
  docker compose exec -T "$service" true
done
test "$(docker compose ps --services | sort | tr '\n' ' ')" = "db web "
docker compose ps --services --filter status=running | grep -qx web
