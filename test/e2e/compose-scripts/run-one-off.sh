out=$(docker compose run --rm -T db sh -c 'echo "user $PGUSER"')
test "$out" = "user app"
test -z "$(docker compose ps -aq db)"
test "$(docker compose run --rm -e PGUSER=other db printenv PGUSER)" = other
test "$(docker compose run --rm --entrypoint printenv db PGUSER)" = app
