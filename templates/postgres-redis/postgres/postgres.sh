#!/bin/sh
# postgres.sh serve | ready
#
# Serves the database in PGDATA with whatever version of PostgreSQL this machine has, and makes it at the first start.
set -eu

# A database that exists needs the version that made it; a new one gets the newest.
find_programs() {
  version=$(cat "$PGDATA/PG_VERSION" 2>/dev/null || true)
  if [ -n "$version" ]; then
    set -- "/usr/lib/postgresql/$version/bin"
  else
    set -- $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V)
  fi
  while [ $# -gt 1 ]; do shift; done
  if [ -x "${1:-}/postgres" ]; then
    printf '%s\n' "$1"
  elif command -v initdb >/dev/null && command -v postgres >/dev/null; then
    dirname "$(command -v initdb)"
  else
    echo "no PostgreSQL ${version:-of any version} below /usr/lib/postgresql" >&2
    exit 1
  fi
}

# Made beside its place and moved there when complete: a start that was killed leaves nothing half done.
make_database() {
  echo "making a database in $PGDATA"
  rm -rf "$PGDATA.new"
  "$programs/initdb" --pgdata="$PGDATA.new" --username="$POSTGRES_USER" --auth=trust --encoding=UTF8 --no-locale
  echo "create database \"$POSTGRES_DB\"" |
    "$programs/postgres" --single -D "$PGDATA.new" postgres >/dev/null
  mv "$PGDATA.new" "$PGDATA"
}

programs=$(find_programs)

case ${1:-} in
serve)
  [ -s "$PGDATA/PG_VERSION" ] || make_database
  exec "$programs/postgres" -D "$PGDATA" -c config_file=/service/postgresql.conf -c hba_file=/service/pg_hba.conf
  ;;
ready)
  exec "$programs/pg_isready" --quiet --host=127.0.0.1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB"
  ;;
*)
  echo "usage: postgres.sh serve | ready" >&2
  exit 2
  ;;
esac
