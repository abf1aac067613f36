-- counts of jobs in partitions that are not as create_store() makes them
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS idpsync;
SELECT to_regclass('idpsync.store_info') IS NULL AS no_store \gset
\if :no_store
SELECT FROM idpsync.create_store() \g /dev/null
\endif
BEGIN;
CREATE FUNCTION pg_temp.add(job text, at timestamptz, started timestamptz DEFAULT '2020-01-01 00:00:00+00') RETURNS void LANGUAGE sql AS $$
    INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, end_time, statistics)
    VALUES (job, 'partitions', 'application', 'target', 'egress', 'auto', 'success', at, started, '2100-01-01', '{"UserStatistics": {"Created": {"Total": 1}}}');
$$;
CREATE TEMP VIEW look AS
    SELECT idpsync.count_synchronization_jobs('partitions') AS counted, (SELECT count(*) FROM idpsync.job WHERE tenant_id = 'partitions') AS jobs,
        (SELECT ok FROM idpsync.check_store() WHERE check_name = 'counts') AS agree;

-- created at the ends of time; started in the first month there is, which begins before the first date, and in the next
SELECT pg_temp.add('first', '-infinity'), pg_temp.add('last', 'infinity') \g /dev/null
SELECT pg_temp.add('month 1', '2020-01-01', '4714-11-25 00:00:00+00 BC'), pg_temp.add('month 2', '2020-01-01', '4714-12-31 00:00:00+00 BC') \g /dev/null
SELECT * FROM pg_temp.look;
SELECT idpsync.rebuild_counts() - count(*) AS others FROM idpsync.job;
SELECT * FROM pg_temp.look;
SELECT idpsync.count_synchronization_jobs('partitions', end_time => '4714-11-30 BC') AS in_month_1,
    idpsync.count_synchronization_jobs('partitions', start_time => '4714-11-26 BC', end_time => '4713-01-02 BC') AS in_month_2,
    idpsync.count_synchronization_jobs('partitions', end_time => '4713-01-02 BC', target_ids => '{target}') AS in_both;

-- columns in another order, behind one that is dropped; rows that come with ATTACH are not counted before they are counted anew
SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class WHERE oid = 'idpsync.job_last'::regclass \gset
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last;
ALTER TABLE idpsync.job_last RENAME TO job_model;
DO $$
DECLARE
    columns text := (SELECT string_agg(concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END), ', ' ORDER BY attnum DESC)
        FROM pg_attribute WHERE attrelid = 'idpsync.job'::regclass AND attnum > 0 AND NOT attisdropped);
    checks text := (SELECT string_agg(format(', CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), '')
        FROM pg_constraint WHERE conrelid = 'idpsync.job'::regclass AND contype = 'c');
    definition text;
BEGIN
    EXECUTE format('CREATE TABLE idpsync.job_last (dropped int, %s%s)', columns, checks);
    ALTER TABLE idpsync.job_last DROP COLUMN dropped;
    FOR definition IN SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'idpsync.job_model'::regclass AND tgname LIKE 'job_count_%' LOOP
        EXECUTE replace(definition, 'job_model', 'job_last');
    END LOOP;
END $$;
ALTER TABLE idpsync.job_last DISABLE TRIGGER USER;
INSERT INTO idpsync.job_last (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, end_time, statistics)
SELECT 'later ' || job_id, tenant_id, target_type, target_id, direction, trigger_type, status, '2200-01-01', start_time, end_time, statistics FROM idpsync.job WHERE job_id IN ('first', 'month 1');
ALTER TABLE idpsync.job_last ENABLE TRIGGER USER;
DROP TABLE idpsync.job_model;
ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_last :bound;
-- what was counted for the partition that was there before stands for this one
SELECT * FROM pg_temp.look;
SELECT idpsync.rebuild_counts() - count(*) AS others FROM idpsync.job;
SELECT * FROM pg_temp.look;
SELECT pg_temp.add('late ' || n, '2200-01-01') FROM generate_series(1, 4) AS n \g /dev/null
UPDATE idpsync.job SET target_id = 'another', statistics = '{}' WHERE tenant_id = 'partitions';
UPDATE idpsync.job_last SET statistics = '{"GroupStatistics": {"Same": {"Total": 3}}}' WHERE job_id = 'late 1';
DELETE FROM idpsync.job_last WHERE job_id = 'late 2';
SELECT * FROM pg_temp.look;
SELECT idpsync.count_synchronization_jobs('partitions', target_ids => '{another}');
-- a generated column more
ALTER TABLE idpsync.job ADD COLUMN length int GENERATED ALWAYS AS (length(target_id::text)) STORED;
UPDATE idpsync.job SET target_id = 'a third' WHERE job_id LIKE 'late _';
SELECT * FROM pg_temp.look;
TRUNCATE idpsync.job_last;
SELECT * FROM pg_temp.look;

-- a partition in partitions: its rows are its own, but nobody sees what is written to them directly
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last;
DROP TABLE idpsync.job_last;
CREATE TABLE idpsync.job_last PARTITION OF idpsync.job :bound PARTITION BY HASH (job_id);
CREATE TABLE idpsync.job_last_part PARTITION OF idpsync.job_last FOR VALUES WITH (MODULUS 1, REMAINDER 0);
SELECT pg_temp.add('part ' || n, '2200-01-01') FROM generate_series(1, 3) AS n \g /dev/null
DELETE FROM idpsync.job WHERE job_id = 'part 3';
SELECT * FROM pg_temp.look;
DELETE FROM idpsync.job_last_part WHERE job_id = 'part 2';
SELECT * FROM pg_temp.look;
SELECT idpsync.rebuild_counts() - count(*) AS others FROM idpsync.job;
SELECT * FROM pg_temp.look;
ROLLBACK;
