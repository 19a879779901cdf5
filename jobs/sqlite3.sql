-- SPDX-License-Identifier: MIT
-- For sqlite3.yaml.
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, price INTEGER, remark TEXT);
INSERT INTO orders
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
SELECT i, i * 7919 % 5003, i * 104729 % 99991, substr('the quick brown fox jumps over the lazy dog and runs through the night', 1 + i % 40, 5 + i * 31 % 30) FROM n;
CREATE INDEX by_customer ON orders (customer, price);
SELECT count(*), sum(price) FROM (SELECT customer, sum(price) AS price FROM orders GROUP BY customer HAVING count(*) > 10 ORDER BY price DESC);
SELECT count(DISTINCT remark), max(length(upper(remark) || price)) FROM orders;
UPDATE orders SET remark = remark || '!' WHERE id % 3 = 0;
DELETE FROM orders WHERE id % 4 = 0;
SELECT length(group_concat(remark)) FROM orders WHERE customer < 2000;
SELECT count(*) FROM orders AS a JOIN orders AS b ON a.customer = b.customer AND a.price < b.price AND a.id % 50 = 0;
