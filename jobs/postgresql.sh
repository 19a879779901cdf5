#!/bin/sh
# SPDX-License-Identifier: MIT
# For postgresql.yaml: prepare DIRECTORY, serve DIRECTORY PORT, ready PORT, load PORT.
set -eu
# Debian has the server's programs in a folder for each version, out of PATH.
for programs in /usr/lib/postgresql/*/bin; do
    PATH=$programs:$PATH
done

# PostgreSQL does not run as root. Unlike runuser, setpriv does not stay between: the signal that stops the server reaches it.
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        exec setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"
    fi
    exec "$@"
}

case $1 in
prepare)
    mkdir -p "$2/data" "$2/socket"
    [ "$(id -u)" -ne 0 ] || chown postgres "$2/data" "$2/socket"
    cd "$2/data"
    as_owner initdb --no-sync --auth=trust --username=postgres --locale=C --encoding=UTF8 -D "$2/data"
    ;;
serve)
    as_owner postgres -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$2/socket" -c fsync=off -c autovacuum=off
    ;;
ready)
    pg_isready -q -h 127.0.0.1 -p "$2"
    ;;
load)
    export PGHOST=127.0.0.1 PGPORT="$2" PGUSER=postgres PGDATABASE=postgres
    pgbench -i -q -s 1
    pgbench -n -c 4 -j 1 -t 500 -b select-only@9 -b tpcb-like@1
    psql -q -o /dev/null -f postgresql.sql
    ;;
esac
