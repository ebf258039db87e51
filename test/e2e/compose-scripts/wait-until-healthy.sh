docker compose up -d
tries=0
until docker compose ps web | grep -q '(healthy)'; do
  tries=$((tries + 1))
  test "$tries" -lt 100
done
