-- synchronization_job_statistics(): from the counts, and what it remembers of jobs that are gone
SET client_min_messages = warning;
SET search_path = '';
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned

-- 2000 jobs of a year and a half, most in the first partition
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', at), 'sums', CASE WHEN n % 7 < 3 THEN 'application' ELSE 'identity_provider' END::idpsync.job_target_type,
       't' || n % 5, CASE n % 4 WHEN 0 THEN 'egress' ELSE 'ingress' END::idpsync.job_direction, 'auto',
       CASE WHEN n % 11 = 0 THEN 'failed' ELSE 'success' END::idpsync.job_status, at, at,
       format('{"UserStatistics": {"Created": {"Total": %s, "Success": %s}}}', n, n % 10)::idpsync.job_statistics
FROM generate_series(1, 2000) AS n, LATERAL (SELECT timestamptz '2023-11-30 20:00' + n * interval '6 hours 7 minutes' AS at) AS a;

CREATE FUNCTION pg_temp.differences(bucket text, zone text, by_target boolean, since timestamptz, until timestamptz, targets text[], wanted idpsync.job_status)
RETURNS bigint LANGUAGE sql AS $$
    WITH got AS (
        SELECT s.bucket_start, s.target_type, s.target_id, s.job_count, idpsync.counter(s.statistics, 'User', 'Created', 'Total') AS total
        FROM idpsync.synchronization_job_statistics('sums', since, until, bucket, zone, by_target, NULL, targets, NULL, wanted) AS s
    ), expected AS (
        SELECT CASE WHEN bucket IS NOT NULL THEN date_trunc(bucket, j.start_time, zone) END, CASE WHEN by_target THEN j.target_type END,
               CASE WHEN by_target THEN j.target_id::text END, count(*), coalesce(sum(idpsync.counter(j.statistics, 'User', 'Created', 'Total')), 0)::bigint
        FROM idpsync.job AS j WHERE j.tenant_id = 'sums' AND (since IS NULL OR j.start_time >= since) AND (until IS NULL OR j.start_time < until + interval '1 ms')
          AND (targets IS NULL OR j.target_id = ANY (targets)) AND (wanted IS NULL OR j.status = wanted) GROUP BY 1, 2, 3
    )
    SELECT (SELECT count(*) FROM (TABLE got EXCEPT ALL TABLE expected) AS d) + (SELECT count(*) FROM (TABLE expected EXCEPT ALL TABLE got) AS d)
$$;
CREATE FUNCTION pg_temp.compare() RETURNS TABLE (asked bigint, different bigint) LANGUAGE sql AS $$
    SELECT count(*), count(*) FILTER (WHERE pg_temp.differences(bucket, zone, by_target, since, until, CASE WHEN by_target AND since IS NOT NULL THEN '{t1,t2}'::text[] END, wanted) > 0)
    FROM unnest('{NULL,hour,day,week,month}'::text[]) AS bucket, unnest('{UTC,Europe/Berlin,Asia/Kolkata,America/St_Johns}'::text[]) AS zone, unnest('{f,t}'::boolean[]) AS by_target,
         (VALUES (NULL::timestamptz, NULL::timestamptz), ('2024-03-01', '2024-06-30 23:59:59.999'), ('2024-02-15 17:11', '2024-11-03 04:59'), (NULL, '2024-02-29 12:00')) AS r (since, until),
         unnest('{NULL,failed}'::idpsync.job_status[]) AS wanted
$$;
SELECT * FROM pg_temp.compare();
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.compare();
UPDATE idpsync.job SET statistics = '{"UserStatistics": {"Created": {"Total": 1}}}' WHERE target_id = 't1';
DELETE FROM idpsync.job WHERE target_id = 't4';
SELECT * FROM pg_temp.compare();
CALL idpsync.maintain('1 hour');
-- of an instance without jobs
SELECT bucket, (SELECT count(*) FROM idpsync.synchronization_job_statistics('sums of none', bucket => bucket)) AS rows
FROM unnest('{NULL,hour,day,week,month}'::text[]) AS bucket;

-- a partition goes, with its jobs; their statistics stay
SELECT job_count AS jobs, idpsync.counter(statistics, NULL, NULL, 'Total') AS total FROM idpsync.synchronization_job_statistics('sums') \gset
CREATE TABLE pg_temp.months AS SELECT * FROM idpsync.synchronization_job_statistics('sums', bucket => 'month');
CREATE TABLE pg_temp.days AS SELECT * FROM idpsync.synchronization_job_statistics('sums', bucket => 'day');
CREATE TABLE pg_temp.target_months AS SELECT * FROM idpsync.synchronization_job_statistics('sums', bucket => 'month', by_target => true);
BEGIN;
DROP TABLE idpsync.job_first;
SELECT idpsync.count_synchronization_jobs('sums') AS counted, (SELECT count(*) FROM idpsync.job) AS there;
SELECT job_count = :jobs AS all_jobs, idpsync.counter(statistics, NULL, NULL, 'Total') = :total AS all_changes FROM idpsync.synchronization_job_statistics('sums');
SELECT count(*) AS differences FROM (SELECT bucket_start, job_count, statistics::text FROM idpsync.synchronization_job_statistics('sums', bucket => 'month') EXCEPT SELECT bucket_start, job_count, statistics::text FROM pg_temp.months) AS d;
SELECT count(*) AS differences FROM (SELECT bucket_start, job_count, statistics::text FROM idpsync.synchronization_job_statistics('sums', bucket => 'day') EXCEPT SELECT bucket_start, job_count, statistics::text FROM pg_temp.days) AS d;
SELECT count(*) AS differences FROM (SELECT bucket_start, target_id, job_count, statistics::text FROM idpsync.synchronization_job_statistics('sums', bucket => 'month', by_target => true) EXCEPT SELECT bucket_start, target_id, job_count, statistics::text FROM pg_temp.target_months) AS d;
-- as finely as it is kept, and no finer
SELECT call, test.refused(format('SELECT * FROM idpsync.synchronization_job_statistics(%s)', call)) AS answer FROM unnest(ARRAY[
    '''sums'', bucket => ''hour''', '''sums'', bucket => ''day'', time_zone => ''Europe/Berlin''', '''sums'', bucket => ''week''',
    '''sums'', ''2024-02-03 01:00''', '''sums'', ''2024-02-03'', ''2024-02-04 23:59:59.999''', '''sums'', ''2024-02-03'', ''2024-02-04 23:00''',
    '''sums'', ''2024-02-01'', ''2024-03-31 23:59:59.999'', by_target => true', '''sums'', ''2024-02-03'', by_target => true',
    '''sums'', bucket => ''day'', target_ids => ''{t1}''', '''sums'', bucket => ''month'', target_ids => ''{t1}''', '''sums'', bucket => ''month'', time_zone => ''Asia/Kolkata''']) AS call;
SELECT check_name, ok FROM idpsync.check_store() WHERE check_name = 'counts';
-- rebuild_counts() keeps what it cannot count again, and forgets it when it is told to
SELECT idpsync.rebuild_counts() = (SELECT count(*) FROM idpsync.job) AS counted;
SELECT job_count = :jobs AS all_jobs FROM idpsync.synchronization_job_statistics('sums');
SELECT idpsync.rebuild_counts(forget_history => true) = (SELECT count(*) FROM idpsync.job) AS counted;
SELECT job_count = (SELECT count(*) FROM idpsync.job) AS jobs_there FROM idpsync.synchronization_job_statistics('sums');
ROLLBACK;
-- detached it counts no more, attached it does again
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_first;
SELECT idpsync.count_synchronization_jobs('sums') = (SELECT count(*) FROM idpsync.job) AS counted, job_count = :jobs AS all_jobs FROM idpsync.synchronization_job_statistics('sums');
DO $$
DECLARE
    bound text;
BEGIN
    SELECT min(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \(([^)]*)\)')) INTO bound
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = 'idpsync.job'::regclass;
    EXECUTE format('ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_first FOR VALUES FROM (MINVALUE) TO (%s)', bound);
END $$;
SELECT idpsync.count_synchronization_jobs('sums') = (SELECT count(*) FROM idpsync.job) AS counted, job_count = :jobs AS all_jobs FROM idpsync.synchronization_job_statistics('sums');
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
TRUNCATE idpsync.job;
CALL idpsync.maintain('1 hour');
