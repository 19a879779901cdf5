#!/bin/sh
# SPDX-License-Identifier: MIT
# For postgresql.yaml: prepare DIRECTORY, serve DIRECTORY PORT, ready PORT, load PORT.
set -eu
# Debian has the server's programs in a folder for each version, out of PATH.
for programs in /usr/lib/postgresql/*/bin; do
    PATH=$programs:$PATH
done

# What initdb makes is kept here, as it takes longer than a copy: one for each version.
version=${programs%/bin}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hakmem/postgresql-${version##*/}

# PostgreSQL does not run as root. Unlike runuser, setpriv does not stay between: the signal that stops the server reaches it.
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        exec setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"
    fi
    exec "$@"
}

case $1 in
prepare)
    mkdir "$2/data" "$2/socket"
    chmod 700 "$2/data"
    if [ -d "$cache" ]; then
        cp -R "$cache/." "$2/data"
        [ "$(id -u)" -ne 0 ] || chown -R postgres "$2/data" "$2/socket"
    else
        [ "$(id -u)" -ne 0 ] || chown postgres "$2/data" "$2/socket"
        (cd "$2/data" && as_owner initdb --no-sync --wal-segsize=1 --auth=trust --username=postgres --locale=C --encoding=UTF8 -D "$2/data")
        mkdir -p "${cache%/*}"
        new=$(mktemp -d "$cache.XXXXXX")
        cp -R "$2/data/." "$new"
        mv -T "$new" "$cache" || rm -rf "$new"
    fi
    ;;
serve)
    as_owner postgres -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$2/socket" -c fsync=off -c autovacuum=off
    ;;
ready)
    pg_isready -q -h 127.0.0.1 -p "$2"
    ;;
load)
    export PGHOST=127.0.0.1 PGPORT="$2" PGUSER=postgres PGDATABASE=postgres
    pgbench -i -I dtgp -q -s 1
    pgbench -n -c 4 -j 1 -t 200 -b select-only@9 -b tpcb-like@1
    psql -q -o /dev/null -f postgresql.sql
    ;;
esac
