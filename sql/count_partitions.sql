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
-- and in the instant in which a partition begins
SELECT pg_temp.add('bound', idpsync.partition_start('idpsync.job_last')) \g /dev/null
SELECT sum(jobs) AS in_the_last FROM idpsync.job_count_delta WHERE tenant_id = 'partitions' AND partition_start = idpsync.partition_start('idpsync.job_last');
DELETE FROM idpsync.job WHERE job_id = 'bound';
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

SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
-- a partition made by hand, whose name has to be quoted: rebuild_counts() makes the triggers it lacks
CREATE FUNCTION pg_temp.add_by_hand(tab text, job text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO %s (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, end_time, statistics)
        SELECT %L, ''partitions'', ''application'', ''target'', ''egress'', ''auto'', ''success'', %3$L, %3$L, %3$L, ''{"UserStatistics": {"Created": {"Total": 1}}}''', tab, job, at);
END $$;
CREATE TEMP VIEW look AS
    SELECT idpsync.count_synchronization_jobs('partitions') AS counted, (SELECT count(*) FROM idpsync.job WHERE tenant_id = 'partitions') AS jobs,
        (SELECT job_count FROM idpsync.synchronization_job_statistics('partitions')) AS in_statistics;
CREATE TEMP VIEW faults AS SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok AND check_name IN ('triggers', 'counts', 'history', 'partitions');
BEGIN;
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last;
ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_last FOR VALUES FROM ('2203-01-01+00') TO (MAXVALUE);
DO $$ BEGIN
    EXECUTE format('CREATE TABLE idpsync."made by %%hand" PARTITION OF idpsync.job FOR VALUES FROM (%s) TO (''2200-01-01+00'')',
        (SELECT substring(pg_get_expr(relpartbound, oid) FROM 'TO \((.*)\)') FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'idpsync.job'::regclass
         ORDER BY idpsync.partition_start(oid) DESC OFFSET 1 LIMIT 1));
END $$;
CREATE TABLE idpsync.job_2200 PARTITION OF idpsync.job FOR VALUES FROM ('2200-01-01+00') TO ('2201-01-01+00');
CREATE TABLE idpsync.job_2201 PARTITION OF idpsync.job FOR VALUES FROM ('2201-01-01+00') TO ('2203-01-01+00');
SELECT pg_temp.add_by_hand('idpsync.job_2200', 'by hand', '2200-01-01 12:00+00') \g /dev/null
SELECT * FROM pg_temp.look;
SELECT * FROM pg_temp.faults;
SELECT idpsync.rebuild_counts() - count(*) AS others FROM idpsync.job;
SELECT pg_temp.add_by_hand('idpsync.job_2200', 'by hand too', '2200-01-31 12:00+00'), pg_temp.add_by_hand('idpsync.job', 'later', '2201-03-01 12:00+00'),
    pg_temp.add_by_hand('idpsync."made by %hand"', 'earlier', '2199-03-01 12:00+00') \g /dev/null
SELECT * FROM pg_temp.look;
SELECT * FROM pg_temp.faults;
SELECT tgname FROM pg_trigger WHERE tgrelid = 'idpsync."made by %hand"'::regclass ORDER BY 1;

-- a year is archived: its partition is detached and the one before it takes its range, which keeps the statistics as they are
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_2201;
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_2200;
ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_2200 FOR VALUES FROM ('2200-01-01+00') TO ('2203-01-01+00');
SELECT * FROM pg_temp.look;
SELECT * FROM pg_temp.faults;
SELECT test.refused('DELETE FROM idpsync.job_2201');
SELECT pg_temp.add_by_hand('idpsync.job', 'of that year', '2201-04-01 12:00+00') \g /dev/null
SELECT idpsync.rebuild_counts() - count(*) AS others FROM idpsync.job;
SELECT * FROM pg_temp.look;
-- finer than statistics of it are kept, and where they begin that can be had
SELECT test.refused($$SELECT * FROM idpsync.synchronization_job_statistics('partitions', start_time => '2201-02-01', bucket => 'hour')$$);
SELECT bucket_start, job_count FROM idpsync.synchronization_job_statistics('partitions', start_time => '2201-03-02 00:00+00', bucket => 'hour');
SELECT test.refused($$SELECT * FROM idpsync.synchronization_job_statistics('partitions', start_time => '2201-02-01', end_time => '2201-03-01 13:00+00', bucket => 'hour')$$);

-- what is counted in several statuses is told apart, and no more of it than helps
ALTER TABLE idpsync.job DISABLE TRIGGER USER;
DELETE FROM idpsync.job WHERE tenant_id = 'partitions';
ALTER TABLE idpsync.job ENABLE TRIGGER USER;
SELECT * FROM pg_temp.faults;
-- policies that bind whoever asks
ALTER TABLE idpsync.job ENABLE ROW LEVEL SECURITY;
CREATE ROLE idpsync_bound;
GRANT idpsync_bound TO CURRENT_USER;
SELECT idpsync.grant_access('idpsync_bound', 'reader');
SET ROLE idpsync_bound;
SELECT check_name, ok, detail FROM idpsync.check_store() WHERE check_name IN ('counts', 'history');
RESET ROLE;
ROLLBACK;

-- a default partition begins nowhere
BEGIN;
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last;
CREATE TABLE idpsync.job_other PARTITION OF idpsync.job DEFAULT;
SELECT pg_temp.add_by_hand('idpsync.job_other', 'nowhere', '2200-01-01 12:00+00') \g /dev/null
SELECT test.refused('SELECT idpsync.rebuild_counts()');
SELECT * FROM pg_temp.faults;
ROLLBACK;
DROP VIEW pg_temp.look, pg_temp.faults;
