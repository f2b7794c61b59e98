#!/bin/sh
# Run a command beside a PostgreSQL server of its own, gone when the command ends:
#   with_postgresql.sh quick COMMAND…     nothing is synced: for tests that roll back
#   with_postgresql.sh durable COMMAND…   the server's durable defaults: for kills and measurements
set -eu
mode=$1
shift
case $mode in
  quick) set -- -o fsync=off -o synchronous_commit=off -o full_page_writes=off \
    env OPORA_TEST_DATABASE=postgresql "$@" ;;
  # pg_virtualenv turns fsync off by itself.
  durable) set -- -o fsync=on -o max_connections=200 env OPORA_TEST_DATABASE=postgresql "$@" ;;
  *) echo "quick or durable?" >&2; exit 2 ;;
esac
# A bare machine has no locale but C, whose encoding holds no text of ours.
export LC_ALL=C.UTF-8
unset PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSERVICE 2> /dev/null || true
# In a temporary folder even as root, so that two can run side by side.
exec pg_virtualenv -t "$@"
