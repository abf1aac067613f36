-- maintain(): bad input, and what stands in its way
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned
\set VERBOSITY terse
-- durations; those that are infinite since PostgreSQL 17 are no input before
CALL idpsync.maintain(NULL);
CALL idpsync.maintain('0');
CALL idpsync.maintain('-1 second');
CALL idpsync.maintain('1 day -24:00:01');
CALL idpsync.maintain('2 days');
CALL idpsync.maintain('24:00:00.000001');
CALL idpsync.maintain('1 month');
CALL idpsync.maintain('2147483647 days');
CALL idpsync.maintain('2562047788:00:54.775807');
SELECT duration, test.refused(format('CALL idpsync.maintain(%L)', duration)) ~ '^22023 max_duration|^22007 ' AS refused FROM unnest(ARRAY['infinity', '-infinity', 'soon', '']) AS duration;
CALL idpsync.maintain('1 microsecond');
CALL idpsync.maintain('1 day');
-- not inside a transaction, as any that wants transactions of its own; from other procedures it is as they are
BEGIN;
CALL idpsync.maintain();
ROLLBACK;
\set VERBOSITY default
BEGIN READ ONLY;
CALL idpsync.maintain();
ROLLBACK;
\set VERBOSITY terse
CREATE FUNCTION pg_temp.maintain() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CALL idpsync.maintain(); END $$;
SELECT pg_temp.maintain();
CREATE PROCEDURE pg_temp.maintain(what text) LANGUAGE plpgsql AS $$ BEGIN CALL idpsync.maintain(); RAISE NOTICE '% is maintained', what; END $$;
CALL pg_temp.maintain('the store');
BEGIN;
CALL pg_temp.maintain('nothing');
ROLLBACK;
DO $$ BEGIN CALL pg_temp.maintain('the store'); END $$;
DO $$ BEGIN BEGIN CALL idpsync.maintain(); EXCEPTION WHEN division_by_zero THEN NULL; END; END $$;
CREATE PROCEDURE pg_temp.maintain_as_definer() LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN CALL idpsync.maintain(); END $$;
CALL pg_temp.maintain_as_definer();
SELECT test.refused('CALL idpsync.maintain()');
-- not where nothing may be written
SET default_transaction_read_only = on;
CALL idpsync.maintain();
RESET default_transaction_read_only;
-- at any isolation level
SET default_transaction_isolation = 'serializable';
CALL idpsync.maintain();
RESET default_transaction_isolation;

-- how long things are kept
SELECT value, count(*) AS settings, min(answer) = max(answer) AS alike, min(answer) AS answer
FROM unnest(ARRAY['job_retention', 'operation_retention', 'session_retention', 'idempotency_key_retention']) AS name,
     unnest(ARRAY['0', '-30 days', '1 day -2 days', '1 year', '59 minutes', '2147483647 days', '2562047788 hours', '30 days; DROP TABLE x', E'30\ndays ago']) AS value,
     LATERAL replace(replace(test.refused(format('SELECT idpsync.configure_store(%L, %L)', name, value)), name, '...'), 'from 1 hour', 'from 1 day') AS answer
GROUP BY 1 ORDER BY value COLLATE "C";
SELECT value, bool_and(test.refused(format('SELECT idpsync.configure_store(%L, %L)', name, value)) ~ '^22023 invalid value for store setting|^22007 ') AS refused
FROM unnest(ARRAY['job_retention', 'operation_retention', 'session_retention', 'idempotency_key_retention']) AS name, unnest(ARRAY['infinity', '-infinity', 'NaN', 'for ever', '30 dayz']) AS value GROUP BY 1 ORDER BY value COLLATE "C";
SELECT test.refused('SELECT idpsync.configure_store(NULL, ''1 day'')');
SELECT count(*) AS settings FROM idpsync.store_setting;
-- NULL is the default
SELECT idpsync.configure_store('job_retention', '1 day');
SELECT name, value FROM idpsync.store_setting;
SELECT idpsync.configure_store('job_retention', NULL);
SELECT name, value FROM idpsync.store_setting;

-- Somebody's tables have the names that partitions are to get: these steps fail and say so, the others go on, and nothing is half done.
CREATE PROCEDURE pg_temp.be_late(tab text) LANGUAGE plpgsql AS $$
DECLARE
    bound text := substring(pg_get_expr(relpartbound, oid) FROM 'TO \((.*)\)') FROM pg_class WHERE oid = format('idpsync.%s_first', tab)::regclass;
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = format('idpsync.%s', tab)::regclass AND inhrelid::regclass::text !~ '_(first|last)$' LOOP
        EXECUTE format('DROP TABLE %s', part);
    END LOOP;
    EXECUTE format('ALTER TABLE idpsync.%1$s DETACH PARTITION idpsync.%1$s_last; ALTER TABLE idpsync.%1$s ATTACH PARTITION idpsync.%1$s_last FOR VALUES FROM (%2$s) TO (MAXVALUE)', tab, bound);
    EXECUTE format('CREATE TABLE idpsync.%s_%s (mine int)', tab, to_char(bound::timestamptz, 'YYYYMMDD'));
END $$;
CREATE FUNCTION pg_temp.partitions() RETURNS TABLE (partitions text) LANGUAGE sql AS $$
    SELECT string_agg(regexp_replace(c.relname, '_[0-9]+', '_<time>'), ' ' ORDER BY idpsync.partition_start(c.oid)) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent IN ('idpsync.job'::regclass, 'idpsync.operation'::regclass) GROUP BY i.inhparent ORDER BY 1 $$;
SET client_min_messages = error;
CALL pg_temp.be_late('job');
CALL pg_temp.be_late('operation');
DELETE FROM idpsync.maintenance_log;
-- operations stand in the way with their rows, jobs have none
SELECT operation_id AS op FROM idpsync.create_operation('in the way', 'm') \gset
CALL idpsync.maintain();
CREATE FUNCTION pg_temp.log() RETURNS TABLE (step text, rows bigint, detail text) LANGUAGE sql AS $$
    SELECT l.step, l.rows, regexp_replace(regexp_replace(l.detail, '''[0-9].*', '<time>'), '_[0-9]+', '_<time>') FROM idpsync.maintenance_log AS l ORDER BY log_id $$;
SELECT * FROM pg_temp.log();
SELECT * FROM pg_temp.partitions();
SELECT check_name, regexp_replace(regexp_replace(detail, 'since [^:]*:[^:]*:[^:]*:', 'since <time>:', 'g'), '_[0-9]+', '_<time>', 'g') AS detail FROM idpsync.check_store() WHERE NOT ok;
SELECT done FROM idpsync.finish_operation(:'op');
-- once the names are free
CREATE TABLE pg_temp.names AS SELECT c.oid::regclass AS name FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE relnamespace = 'idpsync'::regnamespace AND a.attname = 'mine';
DO $$ BEGIN EXECUTE (SELECT 'DROP TABLE ' || string_agg(name::text, ', ') FROM pg_temp.names); END $$;
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain();
SELECT * FROM pg_temp.log();
SELECT * FROM pg_temp.partitions();
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
SET client_min_messages = warning;
-- what cancels the call cancels it in the midst of a step, too
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at)
SELECT idpsync.create_id('ses_', '2020-01-01'), 'in the way', 'a', 'AD_SYNC', 'DELTA', 'OPENED', '2020-01-01', '2020-01-02';
CREATE FUNCTION test.cancel() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = 'query_canceled'; END $$;
CREATE TRIGGER cancel BEFORE UPDATE ON idpsync.session FOR EACH ROW EXECUTE FUNCTION test.cancel();
CALL idpsync.maintain();
DROP TRIGGER cancel ON idpsync.session;
DROP FUNCTION test.cancel();
-- a step that fails, by somebody's trigger
CREATE FUNCTION test.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not on my watch' USING DETAIL = 'It is mine.'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON idpsync.session FOR EACH ROW EXECUTE FUNCTION test.refuse();
\set VERBOSITY default
CALL idpsync.maintain();
\set VERBOSITY terse
SELECT status FROM idpsync.session;
DROP TRIGGER refuse ON idpsync.session;
DROP FUNCTION test.refuse();
CALL idpsync.maintain();
SELECT count(*) AS sessions FROM idpsync.session;
DELETE FROM idpsync.operation;
DELETE FROM idpsync.session;
RESET client_min_messages;
