# SPDX-License-Identifier: MIT
what="sqlite3: 200,000 rows inserted, indexed, grouped, changed, with 64 MiB of cache"
needs=sqlite3

prepare() {
    cat >work.sql <<'SQL'
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE entry (id INTEGER PRIMARY KEY, name TEXT, amount INTEGER);
BEGIN;
WITH RECURSIVE number(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < 200000)
INSERT INTO entry SELECT i, printf('name %08x %.*c', (i * 2654435761) % 4294967296, i % 50, 'x'), i * 7919 % 10007 FROM number;
COMMIT;
CREATE INDEX entry_name ON entry (name);
SELECT count(*), sum(amount), min(name), max(name) FROM entry;
SELECT amount % 100, count(*), sum(length(name)) FROM entry GROUP BY amount % 100 ORDER BY 1;
SELECT count(*) FROM entry a JOIN entry b ON b.id = a.amount WHERE a.name < b.name;
DELETE FROM entry WHERE id % 3 = 0;
UPDATE entry SET name = name || ' again' WHERE id % 5 = 0;
SELECT length(group_concat(name, '; ')) FROM (SELECT name FROM entry ORDER BY name DESC);
SQL
}

job() { measured sqlite3 "$job_scratch/work.db" <work.sql; }
