-- The store, and what the load needs to know beside it.
CREATE EXTENSION idpsync;
SELECT idpsync.create_store();
CREATE SCHEMA soak;

-- What a backend holds in its memory contexts, as it says itself.
CREATE TABLE soak.memory (at timestamptz NOT NULL, bytes bigint NOT NULL, pid int NOT NULL);

-- What agents report one after the other: 3 entries of 8 changes, whose counters grow.
CREATE TABLE soak.report (step int PRIMARY KEY, entries json NOT NULL);
INSERT INTO soak.report
SELECT step, json_agg(json_build_object('object_type', object, 'change_info', changes))
  FROM (SELECT step, object, json_agg(json_build_object('change_type', change, 'successful', step * weight, 'failed', step * weight / 40)) AS changes
          FROM generate_series(1, 1000) AS step,
               (VALUES ('USER', 'CREATE', 12), ('USER', 'UPDATE', 300), ('USER', 'DELETE', 3), ('GROUP', 'CREATE', 2), ('GROUP', 'UPDATE', 41),
                       ('MEMBERSHIP', 'CREATE', 90), ('MEMBERSHIP', 'DELETE', 17), ('MEMBERSHIP', 'UPDATE', 1)) AS v (object, change, weight)
         GROUP BY step, object) AS o
 GROUP BY step;
