# SPDX-License-Identifier: MIT
what="PostgreSQL: three connections, one working at a time, insert, index, join and sort 60,000 rows each; all of the server's processes"
. "$jobs/parts/server.sh"

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
PATH=$PATH${programs:+:$programs}
needs="initdb postgres psql"

# The server refuses to run as root.
account=nobody
unprivileged=
if [ "$(id -u)" -eq 0 ]; then
    ! id postgres >/dev/null 2>&1 || account=postgres
    unprivileged="setpriv --reuid $account --regid $(id -g "$account") --clear-groups"
fi

more_missing() {
    [ -z "$unprivileged" ] || command -v setpriv >/dev/null || echo "it does not run as root, and setpriv is not installed"
}

prepare() {
    mkdir -m 700 database || return
    [ -z "$unprivileged" ] || chown "$account" database || return
    $unprivileged initdb -D database -U bench -A trust -E UTF8 --locale=C -N >log 2>&1 || { tail -n 1 log >&2; return 1; }
    # How high the peak is would depend on which connections happen to work at once, so they take turns, and stay to the end.
    cat >turns.sql <<'SQL'
CREATE TABLE finished (turn int);
CREATE FUNCTION wait_for(turns int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    FOR attempt IN 1 .. 6000 LOOP
        IF (SELECT count(*) FROM finished) >= turns THEN RETURN; END IF;
        PERFORM pg_sleep(0.01);
    END LOOP;
    RAISE EXCEPTION 'another connection did not finish';
END $$;
SQL
    cat >work.sql <<'SQL'
SELECT wait_for(:turn - 1);
SET work_mem = '24MB';
CREATE TABLE :entry (id int PRIMARY KEY, name text, amount int);
INSERT INTO :entry SELECT i, 'name ' || md5(i::text) || repeat('x', i % 50), i * 7919 % 10007 FROM generate_series(1, 60000) i;
CREATE INDEX ON :entry (name);
ANALYZE :entry;
SELECT count(*), sum(amount), min(name), max(name) FROM :entry;
SELECT sum(n), max(length) FROM (SELECT amount % 1000, count(*) n, sum(length(name)) length FROM :entry GROUP BY 1) g;
SELECT count(*), sum(a.amount) FROM :entry a JOIN :entry b ON b.id = a.amount WHERE a.name < b.name;
SELECT md5(string_agg(name, ';' ORDER BY name DESC)) FROM :entry;
SELECT length(jsonb_agg(to_jsonb(e))::text) FROM :entry e WHERE id % 4 = 0;
UPDATE :entry SET name = name || ' again' WHERE id % 5 = 0;
DO $$ DECLARE n int := 0; r record; BEGIN
    FOR i IN 1 .. 20000 LOOP n := n + length(format('%s-%s', i, n)); END LOOP;
    FOR r IN SELECT i, array_agg(i + j) a FROM generate_series(1, 300) i, generate_series(1, 100) j GROUP BY i LOOP n := n + r.a[1]; END LOOP;
    RAISE NOTICE '%', n;
END $$;
SELECT count(DISTINCT regexp_replace(name, '[0-9]+', '#', 'g')) FROM :entry WHERE id < 20000;
INSERT INTO finished VALUES (:turn);
SELECT wait_for(3);
SQL
}

ask() { psql -h "$job_scratch" -U bench -d postgres -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

job() {
    cp -a database "$job_scratch/database" || return
    [ -z "$unprivileged" ] || chown "$account" "$job_scratch"
    measured $unprivileged postgres -D "$job_scratch/database" -k "$job_scratch" -c listen_addresses= -c fsync=off -c shared_buffers=16MB \
        -c max_parallel_workers_per_gather=0 -c max_parallel_maintenance_workers=0 -c autovacuum=off -c jit=off >"$job_scratch/log" 2>&1 &
    server=$!
    wait_for_server ask -f turns.sql || return
    clients=
    for number in 1 2 3; do
        ask -v turn="$number" -v entry="entry$number" -f work.sql >"$job_scratch/answers$number" 2>&1 &
        clients="$clients $!"
    done
    wait_for_clients $clients
    answered=$?
    cat "$job_scratch"/answers?
    head -n 1 "$job_scratch/database/postmaster.pid" | xargs kill -INT
    server_ended $answered
}
