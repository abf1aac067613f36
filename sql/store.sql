-- the store: made once, configured, checked, granted, dropped
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned

-- one store a database, with its partitions
SELECT test.refused('SELECT idpsync.create_store()');
SELECT idpsync.drop_store();
SELECT idpsync.create_store('1 day', '1 hour');
SELECT c.relkind, count(*) AS relations, bool_and(pg_catalog.pg_get_userbyid(c.relowner) = current_user) AS ours
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p', 'v') GROUP BY 1 ORDER BY 1;
-- partitions in a row from MINVALUE to MAXVALUE, of the lengths that were asked for
CREATE FUNCTION pg_temp.partitions(parent regclass) RETURNS TABLE (place bigint, length interval) LANGUAGE sql SET timezone = 'UTC' AS $$
    SELECT row_number() OVER (ORDER BY bounds[1]::timestamptz NULLS FIRST), bounds[2]::timestamptz - bounds[1]::timestamptz
    FROM (SELECT ARRAY[substring(bound FROM 'FROM \(''([^'']+)'), substring(bound FROM 'TO \(''([^'']+)')] AS bounds
          FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid, pg_get_expr(c.relpartbound, c.oid) AS bound
          WHERE i.inhparent = parent) AS b
$$;
SELECT * FROM pg_temp.partitions('idpsync.job');
SELECT * FROM pg_temp.partitions('idpsync.operation');
SELECT idpsync.drop_store();
SELECT interval_given, split_part(test.refused(format('SELECT idpsync.create_store(%L::interval)', interval_given)), E'\n', 1) AS answer
FROM unnest(ARRAY['0', '59 minutes', '59 minutes 59.999999 seconds', '-1 hour', '-1 day', '-1 month', '1 month 1 day', '1 month -1 day', '1 month 1 microsecond', '121 months', '3661 days', '3660 days 1 microsecond',
    '-1 day 48 hours', '100000 years', '2147483647 days', '2562047788 hours', NULL]) AS interval_given;
-- an interval may be infinite since PostgreSQL 17
SELECT interval_given, test.refused(format('SELECT idpsync.create_store(%L)', interval_given)) ~ '^22023 invalid job_interval|^22007 ' AS refused, test.refused(format('SELECT idpsync.create_store(operation_interval => %L)', interval_given)) ~ '^22023 invalid operation_interval|^22007 ' AS refused
FROM unnest(ARRAY['infinity', '-infinity', 'a while', '']) AS interval_given;
SELECT test.refused('SELECT idpsync.create_store(operation_interval => NULL)');
-- somebody's table has the name of a partition
CREATE TABLE idpsync.operation_last (a int);
SELECT test.refused('SELECT idpsync.create_store()');
DROP TABLE idpsync.operation_last;
SELECT test.refused('SELECT idpsync.create_store(''1 month'', ''1 second'')');

-- what was refused has left nothing; no store, no calls
SELECT (SELECT count(*) FROM pg_catalog.pg_class AS c WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p', 'v')) AS relations,
       (SELECT count(*) FROM pg_catalog.pg_type AS t WHERE t.typnamespace = 'idpsync'::regnamespace AND t.typtype = 'd') AS domains;
SELECT test.refused('SELECT idpsync.drop_store()');
SELECT test.refused('SELECT idpsync.upgrade_store()');
SELECT call, test.refused('SELECT * FROM idpsync.' || call) AS answer FROM unnest(ARRAY[
    'check_store()', 'configure_store(''session_ttl'', ''1 minute'')', 'grant_access(current_user, ''reader'')',
    'open_session(''c'', ''a'', ''AD_SYNC'')', 'request_session(''c'', ''AD_SYNC'')', 'heartbeat(''s'')',
    'report_session_progress(''s'', ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]'')', 'close_session(''s'')', 'get_session(''s'')', 'list_sessions(''c'')',
    'run_synchronization_job(''i'', ''application'', ''t'')', 'start_synchronization_job(''j'')', 'report_job_statistics(''j'', ''{}'')',
    'finish_synchronization_job(''j'')', 'get_synchronization_job(''j'')', 'list_synchronization_jobs(''i'')', 'count_synchronization_jobs(''i'')',
    'synchronization_job_statistics(''i'')', 'import_synchronization_jobs(''i'', ''[]'')',
    'create_operation(''t'', ''m'')', 'finish_operation(''o'')', 'fail_operation(''o'', 1)', 'get_operation(''o'')',
    'list_operations(''t'')', 'cancel_operation(''o'')', 'delete_operation(''o'')', 'wait_operation(''o'')']) AS call;

-- the kept statements of this session serve the next store as well
SELECT idpsync.create_store();
SELECT result, status FROM idpsync.open_session('store', 'agent', 'AD_SYNC');
SELECT idpsync.drop_store();
SELECT idpsync.create_store();
SELECT result, status FROM idpsync.open_session('store', 'agent', 'AD_SYNC');
SELECT idpsync.upgrade_store();
DELETE FROM idpsync.session;
DELETE FROM idpsync.operation;
-- every store has an id of its own; it stands in a view, which a dump of the schema carries
SELECT store_id AS first_id FROM idpsync.store_info \gset
BEGIN;
SELECT idpsync.drop_store();
SELECT idpsync.create_store();
SELECT version, store_id ~ '^[0-9a-f]{16}$' AS is_id, store_id <> :'first_id' AS is_another FROM idpsync.store_info;
ROLLBACK;
SELECT store_id = :'first_id' AS the_first_again FROM idpsync.store_info;

-- settings: a row only where one is not the default
SELECT idpsync.configure_store('session_ttl', '90 seconds');
SELECT idpsync.configure_store('session_ttl', '2 minutes');
SELECT idpsync.configure_store('session_interval', '1 day');
SELECT idpsync.configure_store('keep_operations', 'all');
SELECT name, value FROM idpsync.store_setting ORDER BY name;
SELECT round(extract(epoch FROM expires_at - created_at)) AS lease FROM idpsync.open_session('store', 'agent', 'AD_SYNC');
SELECT idpsync.configure_store('session_ttl', NULL);
SELECT date_trunc('minute', expires_at - clock_timestamp() + interval '30 seconds') AS lease FROM idpsync.heartbeat((SELECT session_id FROM idpsync.session));
-- also when it was set by hand, and when that was rolled back
BEGIN;
UPDATE idpsync.store_setting SET value = '1 hour' WHERE name = 'session_interval';
INSERT INTO idpsync.store_setting VALUES ('session_ttl', '01:00');
SELECT date_trunc('minute', expires_at - clock_timestamp() + interval '30 seconds') AS lease FROM idpsync.heartbeat((SELECT session_id FROM idpsync.session));
ROLLBACK;
SELECT date_trunc('minute', expires_at - clock_timestamp() + interval '30 seconds') AS lease FROM idpsync.heartbeat((SELECT session_id FROM idpsync.session));
SELECT test.fingerprint() AS before \gset
SELECT call, test.refused('SELECT idpsync.configure_store(' || call || ')') AS answer FROM unnest(ARRAY[
    '''nothing'', ''1''', 'NULL, ''1''', ''''', ''1''', '''session_ttl'', ''0''', '''session_ttl'', ''999 milliseconds''',
    '''session_ttl'', ''-1 minute''', '''session_ttl'', ''367 days''', '''session_ttl'', ''1 month''', '''session_ttl'', ''soon''',
    '''session_interval'', ''-1 second''', '''session_interval'', ''1 year''',
    '''keep_operations'', ''everything''', '''keep_operations'', ''ALL''',
    'repeat(''x'', 65), ''1''', '''keep_operations'', repeat(''x'', 257)']) AS call;
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT idpsync.configure_store('session_ttl', '1 second'), idpsync.configure_store('session_interval', '0'), idpsync.configure_store('session_ttl', '366 days');
DELETE FROM idpsync.store_setting;
DELETE FROM idpsync.operation;
DELETE FROM idpsync.session;

-- check_store() finds damage of every kind
SET client_min_messages = warning;
CREATE PROCEDURE pg_temp.damage(statement text) LANGUAGE plpgsql AS $$
DECLARE
    fault record;
    found boolean := false;
BEGIN
    BEGIN
        EXECUTE statement;
        FOR fault IN SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok LOOP
            RAISE INFO '%: %', fault.check_name, regexp_replace(test.mask(fault.detail), '(job|operation)_[0-9]{8}', '\1_<time>', 'g');
            found := true;
        END LOOP;
        IF NOT found THEN
            RAISE INFO 'not found: %', statement;
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'UNDO1';
    EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
        NULL;
    END;
END $$;
CALL pg_temp.damage('DROP INDEX idpsync.session_open');
CALL pg_temp.damage('DROP INDEX idpsync.job_list, idpsync.operation_list');
CALL pg_temp.damage('DROP INDEX idpsync.session_open; CREATE INDEX session_open ON idpsync.session (tenant_id, session_type) WHERE status IN (''OPENED'', ''PENDING'')');
CALL pg_temp.damage('ALTER TABLE idpsync.session DROP CONSTRAINT session_fits_status');
CALL pg_temp.damage('ALTER TABLE idpsync.job DROP CONSTRAINT job_fits_status; ALTER TABLE idpsync.operation DROP CONSTRAINT operation_one_result');
CALL pg_temp.damage('ALTER TABLE idpsync.session DROP CONSTRAINT session_fits_status; ALTER TABLE idpsync.session ADD CONSTRAINT session_fits_status CHECK (true) NOT VALID');
CALL pg_temp.damage('ALTER DOMAIN idpsync.session_id DROP CONSTRAINT session_id_length');
CALL pg_temp.damage('ALTER DOMAIN idpsync.operation_error_code DROP CONSTRAINT operation_error_code_range; ALTER DOMAIN idpsync.operation_error_code ADD CONSTRAINT operation_error_code_range CHECK (VALUE > 0) NOT VALID');
CALL pg_temp.damage('ALTER TABLE idpsync.idempotency_key DROP CONSTRAINT idempotency_key_pkey');
CALL pg_temp.damage('ALTER TABLE idpsync.session DISABLE TRIGGER session_status_change');
CALL pg_temp.damage('ALTER TABLE idpsync.session ENABLE REPLICA TRIGGER session_status_change');
CALL pg_temp.damage('ALTER TABLE idpsync.operation DISABLE TRIGGER operation_change');
CALL pg_temp.damage('ALTER TABLE idpsync.job_last DISABLE TRIGGER job_status_change');
CALL pg_temp.damage('ALTER TABLE idpsync.descriptor DISABLE TRIGGER ALL; ALTER TABLE idpsync.descriptor ENABLE TRIGGER ALL');
CALL pg_temp.damage('DROP TRIGGER job_status_change ON idpsync.job');
CALL pg_temp.damage('DROP TRIGGER job_count_insert ON idpsync.job; ALTER TABLE idpsync.job_last DISABLE TRIGGER job_count_delete');
CALL pg_temp.damage('DROP TABLE idpsync.operation, idpsync.idempotency_key CASCADE');
CALL pg_temp.damage('DROP TABLE idpsync.job_count_delta');
CALL pg_temp.damage('ALTER TABLE idpsync.job_last DISABLE TRIGGER ALL; ALTER TABLE idpsync.job_first DISABLE TRIGGER ALL');
CALL pg_temp.damage('ALTER TABLE idpsync.job RENAME COLUMN description TO words');
CALL pg_temp.damage('ALTER TABLE idpsync.session DROP COLUMN heartbeat_at CASCADE');
CALL pg_temp.damage('ALTER TABLE idpsync.foreign_id ALTER COLUMN created_at TYPE date');
CALL pg_temp.damage('DROP VIEW idpsync.targets');
CALL pg_temp.damage('ALTER VIEW idpsync.sessions RESET (security_invoker)');
CALL pg_temp.damage('CREATE TABLE idpsync.job_default PARTITION OF idpsync.job DEFAULT');
CALL pg_temp.damage('DROP TABLE idpsync.operation_first');
CALL pg_temp.damage('ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last');
-- a gap in the middle, where new jobs go
CALL pg_temp.damage($$DO 'BEGIN EXECUTE (SELECT format(''DROP TABLE idpsync.%I'', min(relname)) FROM pg_catalog.pg_class
    WHERE relispartition AND relkind = ''r'' AND relname ~ ''^job_[0-9]''); END'$$);
SELECT inserted FROM idpsync.import_synchronization_jobs('store', '{"SynchronizationJobs": [{"SynchronizationJobId": "elsewhere", "TargetType": "application",
    "TargetId": "t", "Direction": "egress", "StartTime": 1649830226000, "TriggerType": "auto", "Status": "running"}]}');
CALL pg_temp.damage('DELETE FROM idpsync.foreign_id');
CALL pg_temp.damage('DELETE FROM idpsync.job');
CALL pg_temp.damage('UPDATE idpsync.foreign_id SET created_at = created_at + interval ''1 second''');
CALL pg_temp.damage('INSERT INTO idpsync.foreign_id VALUES (''2020-01-01'', ''lost'', ''job'', ''store'')');
CALL pg_temp.damage('CREATE TEMP TABLE copy AS TABLE idpsync.job; UPDATE copy SET created_at = created_at - interval ''1 day''; INSERT INTO idpsync.job TABLE copy; SELECT FROM idpsync.rebuild_counts()');
SELECT status FROM idpsync.run_synchronization_job('store', 'application', 't');
CALL pg_temp.damage('UPDATE idpsync.job SET status = ''failed'' WHERE status = ''pending''');
CALL pg_temp.damage('UPDATE idpsync.operation SET done = true');
RESET client_min_messages;
-- what a user adds is no damage
BEGIN;
ALTER TABLE idpsync.session ADD COLUMN note text;
CREATE INDEX session_note ON idpsync.session (note);
ALTER TABLE idpsync.job ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON idpsync.job USING (true);
CREATE VIEW idpsync.my_jobs AS SELECT job_id FROM idpsync.job;
SELECT count(*) AS faults FROM idpsync.check_store() WHERE NOT ok;
-- but what stands on the store keeps it from being dropped
SAVEPOINT here;
SELECT split_part(test.refused('SELECT idpsync.drop_store()'), E'\n', 1);
ROLLBACK;
SELECT count(*) AS faults FROM idpsync.check_store() WHERE NOT ok;
DELETE FROM idpsync.operation;
DELETE FROM idpsync.job;
DELETE FROM idpsync.foreign_id;

-- a store of another version
BEGIN;
CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS SELECT 99 AS version, :'first_id'::text AS store_id, interval '1 month' AS job_interval, interval '1 day' AS operation_interval, false AS distributed;
SELECT test.refused('SELECT * FROM idpsync.list_sessions(''store'')');
SELECT test.refused('SELECT * FROM idpsync.open_session(''store'', ''agent'', ''AD_SYNC'')');
SELECT test.refused('SELECT * FROM idpsync.check_store()');
SELECT test.refused('SELECT idpsync.upgrade_store()');
CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS SELECT 0 AS version, :'first_id'::text AS store_id, interval '1 month' AS job_interval, interval '1 day' AS operation_interval, false AS distributed;
SELECT test.refused('SELECT * FROM idpsync.list_sessions(''store'')');
SELECT test.refused('SELECT idpsync.configure_store(''session_ttl'', ''1 day'')');
SELECT test.refused('SELECT idpsync.upgrade_store()');
CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS SELECT 1 AS version, :'first_id'::text AS store_id, interval '1 month' AS job_interval, interval '1 day' AS operation_interval, false AS distributed WHERE false;
SELECT test.refused('SELECT * FROM idpsync.list_sessions(''store'')');
SELECT test.refused('SELECT idpsync.upgrade_store()');
-- such a store can be dropped all the same
SELECT idpsync.drop_store();
ROLLBACK;
SELECT count(*) AS sessions FROM idpsync.list_sessions('store');
SELECT test.fingerprint() = md5('') AS store_is_empty;

-- a setting that configure_store() would refuse does not get in by hand
SELECT test.refused(format('INSERT INTO idpsync.store_setting VALUES (%L, %L)', name, value))
FROM (VALUES ('session_ttl', 'bogus'), ('session_ttl', '0'), ('keep_operations', 'none'), ('bogus', '1 h')) AS bad (name, value);
INSERT INTO idpsync.store_setting VALUES ('session_ttl', '20 minutes');
SELECT test.refused('UPDATE idpsync.store_setting SET value = ''1 month''');
DELETE FROM idpsync.store_setting;
SELECT test.refused('CREATE TRIGGER here AFTER INSERT ON idpsync.store_setting FOR EACH ROW EXECUTE FUNCTION idpsync.check_store_setting();
    INSERT INTO idpsync.store_setting VALUES (''session_ttl'', ''20 minutes'')');
