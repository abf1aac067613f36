-- counts of jobs: triggers, folding, answers, policies
SET client_min_messages = warning;
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned

-- 3000 jobs of three instances in the first partitions and the last: many filters, many days
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', at), 'count ' || n % 3, CASE WHEN n % 7 < 3 THEN 'application' ELSE 'identity_provider' END::idpsync.job_target_type,
       't' || n % 5, CASE n % 4 WHEN 0 THEN 'egress' ELSE 'ingress' END::idpsync.job_direction, 'auto',
       (enum_range(NULL::idpsync.job_status))[n % 11 % 5 + 1], at, at + n % 9 * interval '7 hours 11 minutes',
       format('{"UserStatistics": {"Created": {"Total": %s, "Success": %s}}}', n, n % 10)::idpsync.job_statistics
FROM generate_series(1, 3000) AS n, LATERAL (SELECT timestamptz '2023-11-30 20:00' + n * interval '3 hours' AS at) AS a;
SELECT grain, count(*) < 3000 AS fewer_than_jobs FROM idpsync.job_count_delta WHERE tenant_id LIKE 'count %' GROUP BY 1 ORDER BY 1;

-- every combination of filters and many ranges: the counts say what the jobs say
CREATE TABLE pg_temp.range (since timestamptz, until timestamptz);
INSERT INTO pg_temp.range VALUES
    (NULL, NULL), ('2024-01-01', NULL), (NULL, '2024-06-30 23:59:59.999'), ('2024-01-01', '2024-01-31 23:59:59.999'),
    ('2024-02-29', '2024-02-29 23:59:59.999'), ('2024-02-29 13:00', '2024-03-01 11:00'), ('2024-02-29 02:00', '2024-03-01 22:00'),
    ('2023-12-07 07:11:13.017', '2024-10-29 03:05:59.123'), ('2024-03-05', '2024-03-25 12:00'), ('2024-03-05 01:00', '2024-03-05 23:00'),
    ('2024-03-31 12:00:00.001', '2024-04-30 11:59:59.999'), ('2000-01-01', '2001-01-01'), ('2024-12-31 23:59:59.999', '2025-01-01');
CREATE FUNCTION pg_temp.wrong(also text DEFAULT 'true') RETURNS TABLE (asked bigint, wrong bigint, without_counts bigint) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT count(*), count(*) FILTER (WHERE counted <> expected), count(*) FILTER (WHERE source = 'job')
        FROM (SELECT idpsync.count_synchronization_jobs('count 1', f.target_type, f.target_ids, r.since, r.until, f.direction, f.status) AS counted,
                     (SELECT p.source FROM idpsync.count_plan('count 1', f.target_type, f.target_ids, r.since, r.until, f.direction, f.status) AS p LIMIT 1) AS source,
                     (SELECT count(*) FROM idpsync.job AS j WHERE j.tenant_id = 'count 1'
                         AND (f.target_type IS NULL OR j.target_type = f.target_type) AND (f.target_ids IS NULL OR j.target_id = ANY (f.target_ids))
                         AND (f.direction IS NULL OR j.direction = f.direction) AND (f.status IS NULL OR j.status = f.status)
                         AND (r.since IS NULL OR j.start_time >= r.since) AND (r.until IS NULL OR j.start_time < r.until + interval '1 ms')) AS expected
              FROM pg_temp.range AS r,
                   (SELECT * FROM unnest(ARRAY[NULL, 'application']::idpsync.job_target_type[]) AS target_type,
                        (VALUES (NULL::text[]), ('{t1}'), ('{t1,t3,none,t1}')) AS t (target_ids),
                        unnest(ARRAY[NULL, 'egress']::idpsync.job_direction[]) AS direction,
                        unnest(ARRAY[NULL, 'failed', 'success']::idpsync.job_status[]) AS status) AS f
              WHERE %s) AS c$query$, also);
END $$;
SELECT * FROM pg_temp.wrong();
CALL idpsync.maintain('1 hour');
SELECT count(*) AS deltas FROM idpsync.job_count_delta;
SELECT * FROM pg_temp.wrong();
-- half of it folded, half not
UPDATE idpsync.job SET status = 'running' WHERE status = 'pending' AND start_time < '2024-03-20';
DELETE FROM idpsync.job WHERE target_id = 't3' AND start_time > '2024-02-20';
UPDATE idpsync.job SET start_time = start_time + interval '40 days', target_id = 't1' WHERE target_id = 't2' AND status = 'failed';
SELECT * FROM pg_temp.wrong();
SELECT count(*) FROM idpsync.check_store() WHERE NOT ok;
CALL idpsync.maintain('1 minute');
SELECT * FROM pg_temp.wrong();
SELECT count(*) FROM idpsync.check_store() WHERE NOT ok;
-- keys whose jobs have all gone leave no rows
SELECT count(*) FROM idpsync.job_count WHERE jobs = 0 AND tenant_id LIKE 'count %';

-- how a count was answered
\pset format aligned
SELECT * FROM idpsync.count_plan('count 1');
SELECT * FROM idpsync.count_plan('count 1', start_time => '2024-01-05 20:00', end_time => '2024-04-02 04:59:59.999');
SELECT * FROM idpsync.count_plan('count 1', target_ids => '{t1,t2}', start_time => '2024-01-20', end_time => '2024-04-02');
SELECT * FROM idpsync.count_plan('count 1', status => 'failed', start_time => '2024-01-05 20:00', end_time => '2024-01-05 21:00');
SELECT * FROM idpsync.count_plan('count 1', target_ids => '{t1}', start_time => '2024-01-05', end_time => '2024-01-15');
\pset format unaligned
SELECT test.refused($$SELECT * FROM idpsync.count_plan('count 1', start_time => '2024-02-01', end_time => '2024-01-01')$$);
SELECT test.refused($$SELECT * FROM idpsync.count_plan(NULL)$$);
-- too many changes: the jobs are counted
BEGIN;
INSERT INTO idpsync.job_count_delta (tenant_id, delta_id, grain, target_id, period, target_type, direction, status, partition_start, jobs)
SELECT 'count 1', n, 'd', '', '2024-01-01', 'application', 'egress', 'failed', '-infinity', (-1) ^ n FROM generate_series(1, 20001) AS n;
SELECT source, part, jobs = idpsync.count_synchronization_jobs('count 1') AS equal FROM idpsync.count_plan('count 1');
ROLLBACK;

-- every way to write jobs
CREATE FUNCTION pg_temp.agree() RETURNS text LANGUAGE sql AS $$
    SELECT format('%s jobs%s', (SELECT count(*) FROM idpsync.job),
        (SELECT string_agg(': ' || check_name || ' ' || detail, '') FROM idpsync.check_store() WHERE NOT ok))
$$;
CREATE FUNCTION pg_temp.job(n int, status idpsync.job_status DEFAULT 'success') RETURNS idpsync.job LANGUAGE sql AS $$
    SELECT row(at, at, NULL, 'application', 'egress', 'auto', status, '{"GroupStatistics": {"Updated": {"Total": 3, "Failed": 3}}}',
               'foreign ' || n, 'count 1', 't1', NULL, NULL, NULL, NULL, NULL, NULL)::idpsync.job
    FROM (SELECT timestamptz '2024-06-01' + n * interval '1 day' AS at) AS a
$$;
INSERT INTO idpsync.foreign_id (tenant_id, kind, id, created_at) SELECT 'count 1', 'job', 'foreign ' || n, timestamptz '2024-06-01' + n * interval '1 day' FROM generate_series(1, 12) AS n;
INSERT INTO idpsync.job SELECT (pg_temp.job(n)).* FROM generate_series(1, 12) AS n;
SELECT pg_temp.agree();
INSERT INTO idpsync.job SELECT (pg_temp.job(n)).* FROM generate_series(1, 3) AS n ON CONFLICT DO NOTHING;
INSERT INTO idpsync.job SELECT (pg_temp.job(n)).* FROM generate_series(1, 3) AS n ON CONFLICT (job_id, tenant_id, created_at) DO UPDATE SET target_id = 't7';
SELECT pg_temp.agree();
MERGE INTO idpsync.job AS j USING (SELECT (pg_temp.job(n)).* FROM generate_series(3, 5) AS n) AS s ON s.job_id = j.job_id AND s.tenant_id = j.tenant_id
    WHEN MATCHED AND s.job_id = 'foreign 3' THEN DELETE WHEN MATCHED THEN UPDATE SET statistics = '{"GroupStatistics": {"Updated": {"Total": 1, "Success": 1}}}';
SELECT pg_temp.agree();
MERGE INTO idpsync.job AS j USING (SELECT (pg_temp.job(3)).*) AS s ON s.job_id = j.job_id AND s.tenant_id = j.tenant_id
    WHEN NOT MATCHED THEN INSERT (created_at, start_time, target_type, direction, trigger_type, status, statistics, job_id, tenant_id, target_id)
    VALUES (s.created_at, s.start_time, s.target_type, s.direction, s.trigger_type, s.status, s.statistics, s.job_id, s.tenant_id, s.target_id);
SELECT pg_temp.agree();
-- to a partition itself
DELETE FROM idpsync.job_first WHERE job_id = 'foreign 1';
UPDATE idpsync.job_first SET start_time = start_time + interval '2 months' WHERE job_id = 'foreign 2';
INSERT INTO idpsync.job_first SELECT (pg_temp.job(1)).*;
SELECT pg_temp.agree();
COPY idpsync.job (created_at, start_time, target_type, direction, trigger_type, status, statistics, job_id, tenant_id, target_id) FROM stdin (DELIMITER ',', NULL '');
2024-06-14 00:00:00+00,2024-06-14 00:00:00+00,application,egress,auto,success,{},foreign 13,count 1,t1
2024-06-15 00:00:00+00,2024-07-14 00:00:00+00,application,egress,auto,failed,{},foreign 14,count 1,t2
\.
COPY idpsync.job_first (created_at, start_time, target_type, direction, trigger_type, status, statistics, job_id, tenant_id, target_id) FROM stdin (DELIMITER ',', NULL '');
2024-06-16 00:00:00+00,2024-06-16 00:00:00+00,application,egress,auto,success,{},foreign 15,count 1,t1
\.
INSERT INTO idpsync.foreign_id (tenant_id, kind, id, created_at) SELECT 'count 1', 'job', 'foreign ' || n, timestamptz '2024-06-01' + n * interval '1 day' FROM generate_series(13, 15) AS n;
SELECT pg_temp.agree();
-- into another partition
UPDATE idpsync.job SET created_at = '2100-01-01' WHERE job_id = 'foreign 9';
UPDATE idpsync.foreign_id SET created_at = '2100-01-01' WHERE id = 'foreign 9';
SELECT partition_start > '2020-01-01' AS in_last, sum(jobs) FROM idpsync.job_count_delta WHERE period = '2024-06-10' AND status = 'success' GROUP BY 1 ORDER BY 1;
SELECT pg_temp.agree();
-- what changes nothing that is counted appends nothing
CALL idpsync.maintain('1 hour');
UPDATE idpsync.job SET description = 'changed';
UPDATE idpsync.job SET statistics = statistics, status = status;
DELETE FROM idpsync.job WHERE false;
SELECT count(*) AS deltas FROM idpsync.job_count_delta;
-- a savepoint that is rolled back
BEGIN;
SAVEPOINT before;
DELETE FROM idpsync.job WHERE job_id LIKE 'foreign%';
ROLLBACK TO before;
SELECT pg_temp.agree();
COMMIT;
-- many keys at once, more than a statement holds
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', at), 'count many', 'application', 't' || n, 'egress', 'auto', 'success', at, at, '{}'
FROM generate_series(1, 20000) AS n, LATERAL (SELECT timestamptz '2024-01-01' + n * interval '3 seconds' AS at) AS a;
SELECT pg_temp.agree();
UPDATE idpsync.job SET target_id = 't' WHERE tenant_id = 'count many';
SELECT pg_temp.agree();
DELETE FROM idpsync.job WHERE tenant_id = 'count many';
CALL idpsync.maintain('1 hour');
SELECT count(*) FROM idpsync.job_count WHERE tenant_id = 'count many';
-- TRUNCATE, of one partition and of all
TRUNCATE idpsync.job_first;
SELECT pg_temp.agree();
INSERT INTO idpsync.job SELECT (pg_temp.job(n)).* FROM generate_series(1, 12) AS n WHERE n <> 9;
TRUNCATE idpsync.job;
DELETE FROM idpsync.foreign_id;
SELECT pg_temp.agree();
CALL idpsync.maintain('1 hour');
SELECT count(*) FROM idpsync.job_count WHERE tenant_id LIKE 'count %';
-- times that are none, and the first and the last
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', '2024-01-01'), 'count 1', 'application', 't1', 'egress', 'auto', 'success', '2024-01-01', at, '{}'
FROM unnest('{-infinity,infinity,4714-11-24 00:00:00+00 BC,294276-12-31 23:59:59.999999+00,1999-12-31 23:59:59.999999+00,2000-01-01 00:00:00+00}'::timestamptz[]) AS at;
SELECT * FROM pg_temp.wrong('f.target_type IS NULL AND f.direction IS NULL AND f.status IS NULL');
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.wrong('f.target_type IS NULL AND f.direction IS NULL AND f.status IS NULL');
SELECT pg_temp.agree();
TRUNCATE idpsync.job;

-- sums that leave bigint trouble neither writer nor fold, but who reads them
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', '2024-01-01'), 'count 1', 'application', 't1', 'egress', 'auto', 'success', '2024-01-01', '2024-01-01',
       '{"UserStatistics": {"Created": {"Total": 9223372036854775807, "Success": 1}}}' FROM generate_series(1, 2);
SELECT idpsync.count_synchronization_jobs('count 1'), test.refused($$SELECT * FROM idpsync.synchronization_job_statistics('count 1')$$);
CALL idpsync.maintain('1 hour');
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', '2024-01-01'), 'count 1', 'application', 't1', 'egress', 'auto', 'success', '2024-01-01', '2024-01-01', '{"UserStatistics": {"Created": {"Total": 5}}}';
CALL idpsync.maintain('1 hour');
SELECT idpsync.count_synchronization_jobs('count 1'), test.refused($$SELECT * FROM idpsync.synchronization_job_statistics('count 1')$$);
SELECT pg_temp.agree();
-- they come back with rebuild_counts(), once they fit
DELETE FROM idpsync.job WHERE idpsync.counter(statistics, NULL, NULL, 'Total') <> 5;
SELECT pg_temp.agree();
SELECT idpsync.rebuild_counts();
SELECT job_count, idpsync.counter(statistics, NULL, NULL, 'Total') AS total FROM idpsync.synchronization_job_statistics('count 1');
SELECT pg_temp.agree();

-- what no trigger sees
ALTER TABLE idpsync.job DISABLE TRIGGER job_count_insert;
INSERT INTO idpsync.job SELECT (pg_temp.job(n)).* FROM generate_series(1, 12) AS n;
INSERT INTO idpsync.foreign_id (tenant_id, kind, id, created_at) SELECT 'count 1', 'job', 'foreign ' || n, timestamptz '2024-06-01' + n * interval '1 day' FROM generate_series(1, 12) AS n;
ALTER TABLE idpsync.job ENABLE TRIGGER job_count_insert;
SELECT left(detail, 100) AS detail FROM idpsync.check_store() WHERE NOT ok;
SELECT idpsync.rebuild_counts();
SELECT pg_temp.agree();
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SELECT test.refused('SELECT idpsync.rebuild_counts()');
COMMIT;

-- the trigger is of no use elsewhere
CREATE TABLE pg_temp.other (LIKE idpsync.job);
CREATE TRIGGER job_count_insert AFTER INSERT ON pg_temp.other REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
SELECT test.refused('INSERT INTO pg_temp.other SELECT * FROM idpsync.job');
CREATE TRIGGER another AFTER INSERT ON idpsync.job REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
SELECT test.refused('INSERT INTO idpsync.job SELECT * FROM idpsync.job WHERE false');
DROP TRIGGER another ON idpsync.job;
DROP TRIGGER job_count_insert ON idpsync.job;
CREATE TRIGGER job_count_insert AFTER INSERT ON idpsync.job FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
SELECT test.refused('INSERT INTO idpsync.job SELECT * FROM idpsync.job WHERE false');
DROP TRIGGER job_count_insert ON idpsync.job;
CREATE TRIGGER job_count_insert AFTER INSERT ON idpsync.job REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_insert ON idpsync.job IS 'counts the jobs a statement brings';
SELECT test.refused('SELECT idpsync.count_job_changes()');
SELECT pg_temp.agree();

-- maintain()
SELECT test.refused('CALL idpsync.maintain()');
BEGIN;
CALL idpsync.maintain('1 hour');
ROLLBACK;
CALL idpsync.maintain(NULL);
CALL idpsync.maintain('0');
CALL idpsync.maintain('-1 second');
CALL idpsync.maintain('1 month');
CALL idpsync.maintain('1 day 1 second');
CALL idpsync.maintain('1 day');
SET default_transaction_read_only = on;
CALL idpsync.maintain('1 hour');
RESET default_transaction_read_only;
SET default_transaction_isolation = serializable;
CALL idpsync.maintain('1 hour');
RESET default_transaction_isolation;
DELETE FROM idpsync.foreign_id;
TRUNCATE idpsync.job;
CALL idpsync.maintain('1 hour');
