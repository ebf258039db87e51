cat > ci.yaml <<YAML
services:
  db:
    environment: { PGUSER: ci }
YAML
docker compose -f compose.yaml -f ci.yaml config -q
docker compose -f compose.yaml -f ci.yaml up -d db
test "$(docker compose exec -T db printenv PGUSER)" = ci
docker compose --file compose.yaml --file ci.yaml down --volumes
