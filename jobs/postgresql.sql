-- SPDX-License-Identifier: MIT
-- For postgresql.yaml: a report on pgbench's tables.
SELECT aid % 100 AS part, count(*), sum(abalance), string_agg(md5(aid::text), ',' ORDER BY md5(aid::text))
FROM pgbench_accounts GROUP BY part ORDER BY part;
SELECT json_agg(row_to_json(a) ORDER BY a.aid DESC) FROM (SELECT aid, bid, abalance FROM pgbench_accounts WHERE aid % 5 = 0) AS a;
