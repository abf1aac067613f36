-- maintain(): what keeps a step from its work is told until it is gone, and what the owner put on the tables leaves nothing behind
SET search_path = '';
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET client_min_messages = error;
SELECT idpsync.drop_store();
SELECT idpsync.create_store();
-- the partition of a year or more ago, and the one that goes on from there
CREATE PROCEDURE pg_temp.age(tab text, old timestamptz, until timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    bound text := substring(pg_get_expr(relpartbound, oid) FROM 'TO \((.*)\)') FROM pg_class WHERE oid = format('idpsync.%s_first', tab)::regclass;
BEGIN
    EXECUTE format('ALTER TABLE idpsync.%1$s DETACH PARTITION idpsync.%1$s_first; ALTER TABLE idpsync.%1$s ATTACH PARTITION idpsync.%1$s_first FOR VALUES FROM (MINVALUE) TO (%2$L);
        CREATE TABLE idpsync.%1$s_old (LIKE idpsync.%1$s_first INCLUDING ALL); ALTER TABLE idpsync.%1$s ATTACH PARTITION idpsync.%1$s_old FOR VALUES FROM (%2$L) TO (%3$L);
        CREATE TABLE idpsync.%1$s_newer PARTITION OF idpsync.%1$s FOR VALUES FROM (%3$L) TO (%4$s)', tab, old, until, bound);
END $$;
CREATE FUNCTION pg_temp.put(tenant text, at timestamptz) RETURNS SETOF text LANGUAGE sql AS $$
    INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
    SELECT idpsync.create_id('sync_', at), tenant, 'application', 't', 'egress', 'auto', 'success', at, at, '{}' RETURNING job_id $$;
-- ids differ, and how a partition's share of a foreign key is called
CREATE FUNCTION pg_temp.masked(detail text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(regexp_replace(detail, 'sync_[0-9a-z]+', '<id>'), 'mine_job_\w+', 'mine_job') $$;
CREATE FUNCTION pg_temp.log(of text) RETURNS TABLE (rows bigint, detail text) LANGUAGE sql AS $$
    SELECT rows, pg_temp.masked(regexp_replace(regexp_replace(detail, '''[0-9].*', '<time>'), '(job|operation)_[0-9][0-9_]+', '\1_<time>')) FROM idpsync.maintenance_log WHERE step = of ORDER BY log_id $$;
CREATE FUNCTION pg_temp.faults() RETURNS TABLE (check_name text, detail text) LANGUAGE sql AS $$
    SELECT check_name, pg_temp.masked(regexp_replace(detail, 'since [^:]*:[^:]*:[^:]*:', 'since <time>:', 'g')) FROM idpsync.check_store() WHERE NOT ok AND check_name <> 'triggers' $$;
CREATE FUNCTION pg_temp.parts(of regclass) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(regexp_replace(c.relname, '_[0-9][0-9_]+', '_<time>'), ' ' ORDER BY idpsync.partition_start(c.oid)) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = of $$;

-- a foreign key from rows that name no old job is not in the way, nor is a gap that somebody has made
CREATE TABLE test.mine (LIKE idpsync.job);
ALTER TABLE test.mine ADD CONSTRAINT mine_job FOREIGN KEY (job_id, tenant_id, created_at) REFERENCES idpsync.job (job_id, tenant_id, created_at) ON DELETE CASCADE;
CALL pg_temp.age('job', '2020-01-01', '2021-01-01');
CALL idpsync.maintain();
SELECT * FROM pg_temp.log('retire_jobs');
SELECT pg_temp.parts('idpsync.job');
SELECT * FROM pg_temp.faults();
CALL pg_temp.age('operation', '2020-01-01', '2021-01-01');
ALTER TABLE idpsync.operation DETACH PARTITION idpsync.operation_first;
ALTER TABLE idpsync.operation ATTACH PARTITION idpsync.operation_first FOR VALUES FROM (MINVALUE) TO ('2019-01-01');
SELECT * FROM pg_temp.faults();
CALL idpsync.maintain();
SELECT * FROM pg_temp.log('retire_operations');
SELECT pg_temp.parts('idpsync.operation');
SELECT * FROM pg_temp.faults();
-- that none is the first is
ALTER TABLE idpsync.operation DETACH PARTITION idpsync.operation_first;
CALL idpsync.maintain();
SELECT * FROM pg_temp.log('retire_operations');
ALTER TABLE idpsync.operation ATTACH PARTITION idpsync.operation_first FOR VALUES FROM (MINVALUE) TO ('2021-01-01');

-- a row that names an old job is in the way, and told once, however often it is met; no values of rows are
ALTER TABLE idpsync.job_newer RENAME TO job_newest;
CALL pg_temp.age('job', '2018-01-01', '2019-01-01');
SELECT pg_temp.put('a', '2018-06-01') AS job \gset
INSERT INTO test.mine SELECT * FROM idpsync.job;
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain();
CALL idpsync.maintain();
SELECT * FROM pg_temp.log('retire_jobs');
SELECT * FROM pg_temp.faults();
SELECT count(*) AS mine FROM test.mine;
-- another thing in the way is told instead
DELETE FROM test.mine;
CREATE VIEW test.old_jobs AS SELECT job_id FROM idpsync.job_old;
CALL idpsync.maintain();
CALL idpsync.maintain();
SELECT * FROM pg_temp.log('retire_jobs');
SELECT * FROM pg_temp.faults();
DROP VIEW test.old_jobs;
CALL idpsync.maintain();
SELECT rows, left(detail, 60) AS detail FROM pg_temp.log('retire_jobs');
SELECT * FROM pg_temp.faults();
-- so is a step that finds nothing to do any more
UPDATE idpsync.maintenance_log SET detail = 'blocked: busy, tried again the next time', started_at = finished_at - interval '59 minutes' WHERE step = 'retire_jobs';
SELECT * FROM pg_temp.faults();
UPDATE idpsync.maintenance_log SET started_at = finished_at - interval '1 hour' WHERE step = 'retire_jobs';
SELECT * FROM pg_temp.faults();
CALL idpsync.maintain();
SELECT * FROM pg_temp.faults();

-- rows from the future are not moved under the eyes of others, who would take that for their end
CREATE PROCEDURE pg_temp.be_late() LANGUAGE plpgsql AS $$
DECLARE
    bound text := substring(pg_get_expr(relpartbound, oid) FROM 'TO \((.*)\)') FROM pg_class WHERE oid = 'idpsync.job_first'::regclass;
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'idpsync.job'::regclass AND inhrelid NOT IN ('idpsync.job_first'::regclass, 'idpsync.job_last'::regclass) LOOP
        EXECUTE format('DROP TABLE %s', part);
    END LOOP;
    EXECUTE format('ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last; ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_last FOR VALUES FROM (%s) TO (MAXVALUE)', bound);
END $$;
DROP TABLE test.mine;
CALL pg_temp.be_late();
CREATE TABLE test.mine (LIKE idpsync.job);
ALTER TABLE test.mine ADD CONSTRAINT mine_job FOREIGN KEY (job_id, tenant_id, created_at) REFERENCES idpsync.job (job_id, tenant_id, created_at) ON DELETE CASCADE;
SELECT pg_temp.put('a', '2200-01-01') AS future \gset
SELECT pg_temp.put('a', date_trunc('milliseconds', now())) AS present \gset
INSERT INTO test.mine SELECT * FROM idpsync.job WHERE job_id = :'future';
CREATE FUNCTION test.watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'seen'; END $$;
CREATE TRIGGER watch BEFORE DELETE ON idpsync.job FOR EACH ROW EXECUTE FUNCTION test.watch();
CREATE RULE "my rule" AS ON DELETE TO idpsync.job_last DO ALSO NOTIFY watched;
CALL idpsync.maintain();
SELECT * FROM pg_temp.log('extend_jobs');
SELECT * FROM pg_temp.faults();
SELECT count(*) AS mine FROM test.mine;
SELECT pg_temp.parts('idpsync.job');
DROP TRIGGER watch ON idpsync.job;
DROP RULE "my rule" ON idpsync.job_last;
DROP TABLE test.mine;
-- a table of the operator's is not taken for another
CREATE TEMPORARY TABLE idpsync_moved (mine int);
CALL idpsync.maintain();
SELECT rows, left(detail, 60) AS detail FROM pg_temp.log('extend_jobs');
SELECT job_id = :'future' AS is_future, regexp_replace(tableoid::regclass::text, '_[0-9][0-9_]+', '_<time>') AS partition FROM idpsync.job WHERE tenant_id = 'a' AND created_at > '2025-01-01' ORDER BY 1;
SELECT * FROM pg_temp.faults();
SELECT idpsync.count_synchronization_jobs('a') = count(*) AS counted FROM idpsync.job WHERE tenant_id = 'a';
DELETE FROM idpsync.job;

-- a month that is taken out is a table as any other, once it has lost its triggers; its statistics stay
DELETE FROM idpsync.job;
CALL pg_temp.age('job', '2018-01-01', '2019-01-01');
DO $$ BEGIN EXECUTE replace((SELECT string_agg(pg_get_triggerdef(oid), ';') FROM pg_trigger WHERE tgrelid = 'idpsync.job_first'::regclass AND tgname LIKE 'job_count%'), 'idpsync.job_first', 'idpsync.job_old'); END $$;
SELECT count(*) FROM pg_temp.put('archived', '2018-06-01');
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_old;
SELECT test.refused('DELETE FROM idpsync.job_old WHERE false');
DROP TRIGGER job_count_insert ON idpsync.job_old;
DROP TRIGGER job_count_update ON idpsync.job_old;
DROP TRIGGER job_count_delete ON idpsync.job_old;
DROP TRIGGER job_count_truncate ON idpsync.job_old;
ALTER TABLE idpsync.job_old SET SCHEMA test;
UPDATE test.job_old SET description = 'kept';
SELECT * FROM pg_temp.faults();
CALL idpsync.maintain();
SELECT * FROM pg_temp.faults();
SELECT bucket_start, job_count FROM idpsync.synchronization_job_statistics('archived', bucket => 'month');
DROP TABLE test.job_old;

-- ids of jobs that have gone are found though no log tells of it: at once, and from then on once a day
INSERT INTO idpsync.foreign_id (created_at, id, kind, tenant_id) VALUES ('2020-01-01', 'gone', 'job', 'a');
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain();
SELECT * FROM pg_temp.log('purge_foreign_ids');
INSERT INTO idpsync.foreign_id (created_at, id, kind, tenant_id) VALUES ('2020-01-01', 'gone', 'job', 'a');
CALL idpsync.maintain();
SELECT count(*) AS too_early FROM idpsync.foreign_id;
UPDATE idpsync.maintenance_log SET finished_at = finished_at - interval '1 day';
CALL idpsync.maintain();
SELECT count(*) AS left_over FROM idpsync.foreign_id;
SELECT * FROM pg_temp.log('purge_foreign_ids');
-- those of a partition that is away stay, and those of a gap behind it: it may come back, and finds its jobs known
CREATE FUNCTION pg_temp.import(id text, at timestamptz, status text) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s inserted, %s updated, %s skipped', inserted, updated, skipped) FROM idpsync.import_synchronization_jobs('a', json_build_object('SynchronizationJobs', ARRAY[json_build_object(
        'SynchronizationJobId', id, 'TargetType', 'application', 'TargetId', 't', 'Direction', 'egress', 'TriggerType', 'auto', 'Status', status, 'StartTime', (extract(epoch FROM at) * 1000)::bigint)]))
$$;
CREATE PROCEDURE pg_temp.attach_first() LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_first FOR VALUES FROM (MINVALUE) TO (%L)',
        (SELECT min(idpsync.partition_start(inhrelid)) FROM pg_inherits WHERE inhparent = 'idpsync.job'::regclass));
END $$;
DELETE FROM idpsync.store_setting WHERE name = 'jobs_retired_until';
SELECT pg_temp.import('away', '2017-01-01', 'running');
SELECT pg_temp.import('gone', date_trunc('hour', now()), 'running');
DELETE FROM idpsync.job WHERE job_id = 'gone';
DELETE FROM idpsync.maintenance_log;
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_first;
CALL idpsync.maintain();
SELECT id FROM idpsync.foreign_id ORDER BY id;
SELECT * FROM pg_temp.log('purge_foreign_ids');
CALL idpsync.maintain();
SELECT count(*) AS looked_once FROM pg_temp.log('purge_foreign_ids');
CALL pg_temp.attach_first();
SELECT pg_temp.import('away', '2017-01-02', 'running');
SELECT job_id, created_at, status FROM idpsync.job WHERE job_id = 'away';
UPDATE idpsync.maintenance_log SET finished_at = finished_at - interval '1 day';
CALL idpsync.maintain();
SELECT id FROM idpsync.foreign_id ORDER BY id;
-- until they count as retired, and then rebuild_counts() enters them should it come back
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_first;
DELETE FROM idpsync.maintenance_log;
SELECT idpsync.configure_store('jobs_retired_until', '2017-01-01');
CALL idpsync.maintain();
SELECT count(*) AS not_yet FROM idpsync.foreign_id;
DELETE FROM idpsync.maintenance_log;
SELECT idpsync.configure_store('jobs_retired_until', '2017-01-01 00:00:00.000001');
CALL idpsync.maintain();
SELECT count(*) AS left_over FROM idpsync.foreign_id;
CALL pg_temp.attach_first();
DELETE FROM idpsync.store_setting WHERE name = 'jobs_retired_until';
SELECT * FROM pg_temp.faults();
SELECT test.refused($$SELECT idpsync.get_synchronization_job('away')$$);
SELECT idpsync.rebuild_counts() = count(*) AS counted FROM idpsync.job;
SELECT * FROM pg_temp.faults();
SELECT pg_temp.import('away', '2017-01-03', 'success');
-- an entry that leads nowhere is mended, and what is known not written again
UPDATE idpsync.foreign_id SET created_at = created_at - interval '1 day';
SELECT check_name, detail FROM pg_temp.faults() WHERE check_name = 'foreign_ids';
SELECT idpsync.rebuild_counts() = count(*) AS counted FROM idpsync.job;
SELECT id, created_at FROM idpsync.foreign_id;
SELECT check_name, detail FROM pg_temp.faults() WHERE check_name = 'foreign_ids';
ALTER TABLE idpsync.foreign_id ADD CONSTRAINT none CHECK (false) NOT VALID;
SELECT idpsync.rebuild_counts() = count(*) AS counted FROM idpsync.job;
ALTER TABLE idpsync.foreign_id DROP CONSTRAINT none;
DELETE FROM idpsync.job;
UPDATE idpsync.maintenance_log SET finished_at = finished_at - interval '1 day';
CALL idpsync.maintain();
-- so are those of jobs that have just been retired, though the log could not be written
CALL pg_temp.age('job', '2018-01-01', '2019-01-01');
INSERT INTO idpsync.foreign_id (created_at, id, kind, tenant_id) VALUES ('2018-06-01', 'gone', 'job', 'a');
CREATE FUNCTION test.keep_silent() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN NEW.step <> 'retire_jobs' THEN NEW END; END $$;
CREATE TRIGGER keep_silent BEFORE INSERT ON idpsync.maintenance_log FOR EACH ROW EXECUTE FUNCTION test.keep_silent();
DELETE FROM idpsync.maintenance_log WHERE step = 'retire_jobs';
CALL idpsync.maintain();
SELECT * FROM pg_temp.log('retire_jobs');
SELECT pg_temp.parts('idpsync.job');
SELECT count(*) AS left_over FROM idpsync.foreign_id;
SELECT * FROM pg_temp.log('purge_foreign_ids');
DROP TRIGGER keep_silent ON idpsync.maintenance_log;
DROP FUNCTION test.keep_silent();

-- what a trigger of the owner's sets does not stay, and what it would leave in the session it cannot make
CREATE FUNCTION test.leave() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('search_path', 'planted', false), set_config('work_mem', '1234kB', false);
    IF NEW.agent_id = 'maker' THEN CREATE TEMPORARY TABLE left_behind (); END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leave BEFORE UPDATE ON idpsync.session FOR EACH ROW EXECUTE FUNCTION test.leave();
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at)
SELECT idpsync.create_id('ses_', at), 'a', 'a', 'AD_SYNC', 'DELTA', 'OPENED', at, at FROM (SELECT date_trunc('milliseconds', now()) AS at) AS a;
CALL idpsync.maintain();
SELECT agent_id, status, current_setting('search_path') AS search_path, current_setting('work_mem') = '1234kB' AS is_left FROM idpsync.session;
DELETE FROM idpsync.session;
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at)
SELECT idpsync.create_id('ses_', at), 'a', 'maker', 'AD_SYNC', 'DELTA', 'OPENED', at, at FROM (SELECT date_trunc('milliseconds', now()) AS at) AS a;
CALL idpsync.maintain();
SELECT * FROM pg_temp.log('expire_sessions');
DROP TRIGGER leave ON idpsync.session;
DROP FUNCTION test.leave(), test.watch();
DELETE FROM idpsync.session;
-- what would be deferred is not
CREATE FUNCTION test.deferred() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO test.seen VALUES (current_user = (SELECT relowner::regrole::text FROM pg_catalog.pg_class WHERE oid = 'idpsync.job'::regclass));
    RETURN NULL;
END $$;
CREATE TABLE test.seen (by_owner boolean);
CREATE CONSTRAINT TRIGGER deferred AFTER UPDATE ON idpsync.session DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION test.deferred();
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at)
SELECT idpsync.create_id('ses_', at), 'a', 'a', 'AD_SYNC', 'DELTA', 'OPENED', at, at FROM (SELECT date_trunc('milliseconds', now()) AS at) AS a;
CALL idpsync.maintain();
SELECT * FROM test.seen;
DROP TRIGGER deferred ON idpsync.session;
DROP FUNCTION test.deferred();
DROP TABLE test.seen;
DELETE FROM idpsync.session;
-- the log is somebody's as well: what was done stays done without it
CREATE FUNCTION test.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not here'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON idpsync.maintenance_log FOR EACH ROW EXECUTE FUNCTION test.refuse();
INSERT INTO idpsync.idempotency_key (created_at, request_hash, key, tenant_id, method) VALUES (now() - interval '1 year', 0, 'old', 'a', 'm');
SET client_min_messages = warning;
CALL idpsync.maintain();
SELECT count(*) AS keys FROM idpsync.idempotency_key;
DROP TRIGGER refuse ON idpsync.maintenance_log;
DROP FUNCTION test.refuse();

-- check_store() sees the same whatever its caller has set
SET quote_all_identifiers = on;
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
RESET quote_all_identifiers;
RESET standard_conforming_strings;
RESET escape_string_warning;
DROP TABLE pg_temp.idpsync_moved;
SELECT idpsync.drop_store();
SELECT idpsync.create_store();
RESET client_min_messages;
