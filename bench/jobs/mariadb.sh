# SPDX-License-Identifier: MIT
what="MariaDB: three connections insert, index, join and sort 40,000 rows each"
. "$jobs/parts/server.sh"

PATH=$PATH:/usr/sbin
needs="mariadbd mariadb-install-db mariadb"

prepare() {
    mariadb-install-db --no-defaults --datadir="$PWD/database" --user="$(id -un)" --auth-root-authentication-method=normal --skip-test-db \
        --innodb-log-file-size=8M >log 2>&1 || { tail -n 1 log >&2; return 1; }
    cat >work.sql <<'SQL'
CREATE TABLE entry (id INT PRIMARY KEY, name TEXT, amount INT);
INSERT INTO entry SELECT seq, CONCAT('name ', MD5(seq), REPEAT('x', seq % 50)), seq * 7919 % 10007 FROM seq_1_to_40000;
CREATE INDEX entry_name ON entry (name(40));
SELECT COUNT(*), SUM(amount), MIN(name), MAX(name) FROM entry;
SELECT SUM(n), MAX(l) FROM (SELECT amount % 1000 AS a, COUNT(*) AS n, SUM(LENGTH(name)) AS l FROM entry GROUP BY a) g;
SELECT COUNT(*), SUM(a.amount) FROM entry a JOIN entry b ON b.id = a.amount WHERE a.name < b.name;
SET SESSION group_concat_max_len = 4000000;
SELECT MD5(GROUP_CONCAT(name ORDER BY name DESC SEPARATOR ';')) FROM entry;
SELECT LENGTH(JSON_ARRAYAGG(JSON_OBJECT('id', id, 'name', name))) FROM entry WHERE id % 4 = 0;
UPDATE entry SET name = CONCAT(name, ' again') WHERE id % 5 = 0;
DELETE FROM entry WHERE id % 3 = 0;
SELECT COUNT(DISTINCT REGEXP_REPLACE(name, '[0-9]+', '#')) FROM entry WHERE id < 10000;
SQL
    for number in 1 2 3; do
        { echo "CREATE DATABASE work$number; USE work$number;"; cat work.sql
          awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "SELECT amount, LENGTH(name) FROM entry WHERE id = %d;\n", i * 13 }'; } >work$number.sql
    done
}

ask() { mariadb --no-defaults --socket="$job_scratch/mariadb.sock" --user=root -N "$@"; }

job() {
    cp -a database "$job_scratch/database" || return
    measured mariadbd --no-defaults --datadir="$job_scratch/database" --socket="$job_scratch/mariadb.sock" --user="$(id -un)" --skip-networking \
        --pid-file="$job_scratch/pid" --innodb-buffer-pool-size=32M --innodb-log-file-size=8M --innodb-flush-log-at-trx-commit=0 \
        --innodb-doublewrite=0 >"$job_scratch/log" 2>&1 &
    server=$!
    wait_for_server ask -e 'SELECT 1' || return
    clients=
    for number in 1 2 3; do
        ask <work$number.sql >"$job_scratch/answers$number" 2>&1 &
        clients="$clients $!"
    done
    wait_for_clients $clients
    answered=$?
    cat "$job_scratch"/answers?
    ask -e SHUTDOWN
    server_ended $answered
}
