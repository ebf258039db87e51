docker compose up -d web
address=$(docker compose port web 80)
test "${address##*:}" -gt 1023
test "$(docker compose port --protocol tcp --index 1 web 80)" = "$address"
! docker compose port web 81 2>/dev/null
