-- A store that somebody has bent: rows, triggers and tables that no call of ours would have made. Calls
-- refuse it with a word to its owner, and never take what they find for something else.
SELECT session_id FROM idpsync.open_session('bent 1', 'agent', 'AD_SYNC', idempotency_key => 'key') \gset
SELECT operation_id FROM idpsync.run_synchronization_job('bent 1', 'application', 't', idempotency_key => 'job') \gset

-- keys copied to another tenant, without an operation, and with one that no call has made
BEGIN;
INSERT INTO idpsync.idempotency_key (created_at, request_hash, key, tenant_id, method)
SELECT created_at, request_hash, key, 'bent 2', method FROM idpsync.idempotency_key WHERE tenant_id::text = 'bent 1';
SELECT test.refused('SELECT * FROM idpsync.open_session(''bent 2'', ''agent'', ''AD_SYNC'', idempotency_key => ''key'')');
UPDATE idpsync.idempotency_key SET operation_id = NULL;
SELECT test.refused('SELECT * FROM idpsync.open_session(''bent 1'', ''agent'', ''AD_SYNC'', idempotency_key => ''key'')');
SELECT test.refused('SELECT * FROM idpsync.run_synchronization_job(''bent 1'', ''application'', ''t'', idempotency_key => ''job'')');
SELECT operation_id AS empty FROM idpsync.create_operation('bent 1', 'OpenSession') \gset
UPDATE idpsync.idempotency_key SET operation_id = :'empty';
SELECT test.refused('SELECT * FROM idpsync.open_session(''bent 1'', ''agent'', ''AD_SYNC'', idempotency_key => ''key'')');
SELECT test.refused('SELECT * FROM idpsync.run_synchronization_job(''bent 1'', ''application'', ''t'', idempotency_key => ''job'')');
ROLLBACK;
BEGIN;
SELECT operation_id AS odd FROM idpsync.create_operation('bent 1', 'OpenSession') \gset
SELECT done FROM idpsync.finish_operation(:'odd', '{"@type": "type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.OpenSessionResponse", "result": 7}');
UPDATE idpsync.idempotency_key SET operation_id = :'odd' WHERE key::text = 'key';
SELECT test.refused('SELECT * FROM idpsync.open_session(''bent 1'', ''agent'', ''AD_SYNC'', idempotency_key => ''key'')');
ROLLBACK;

-- triggers that swallow rows
CREATE FUNCTION pg_temp.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
SELECT job_id FROM idpsync.job WHERE tenant_id::text = 'bent 1' \gset
SELECT operation_id AS open_operation FROM idpsync.create_operation('bent 1', 'Mine') \gset
BEGIN;
CREATE TRIGGER swallow BEFORE INSERT OR UPDATE ON idpsync.session FOR EACH ROW EXECUTE FUNCTION pg_temp.swallow();
CREATE TRIGGER swallow BEFORE INSERT OR UPDATE ON idpsync.job FOR EACH ROW EXECUTE FUNCTION pg_temp.swallow();
CREATE TRIGGER swallow BEFORE INSERT OR UPDATE ON idpsync.operation FOR EACH ROW EXECUTE FUNCTION pg_temp.swallow();
SELECT test.refused(format(call, :'session_id', :'job_id', :'open_operation')) FROM (VALUES
    ('SELECT * FROM idpsync.heartbeat(%1$L)'),
    ('SELECT * FROM idpsync.report_session_progress(%1$L, ''[{"object_type": "USER", "change_info": [{"successful": 1}]}]'')'),
    ('SELECT * FROM idpsync.close_session(%1$L)'),
    ('SELECT * FROM idpsync.run_synchronization_job(''bent 1'', ''application'', ''t'')'),
    ('SELECT * FROM idpsync.start_synchronization_job(%2$L)'),
    ('SELECT * FROM idpsync.finish_synchronization_job(%2$L, status => ''failed'')'),
    ('SELECT * FROM idpsync.create_operation(''bent 1'', ''Mine'')'),
    ('SELECT * FROM idpsync.finish_operation(%3$L)'),
    ('SELECT * FROM idpsync.fail_operation(%3$L, 13)'),
    ('SELECT * FROM idpsync.cancel_operation(%3$L)')) AS c (call);
-- an opening asks again and again, and then gives up
SELECT test.refused('SELECT * FROM idpsync.open_session(''bent 3'', ''agent'', ''AD_SYNC'')');
ROLLBACK;

-- a view, a setting and columns of another kind
BEGIN;
CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS SELECT NULL::integer AS version, NULL::text AS store_id, interval '1 month' AS job_interval, interval '1 day' AS operation_interval, false AS distributed;
SELECT test.refused('SELECT * FROM idpsync.get_session(''s'')');
SELECT test.refused('SELECT idpsync.upgrade_store()');
ROLLBACK;
BEGIN;
ALTER TABLE idpsync.store_setting ALTER value DROP NOT NULL;
INSERT INTO idpsync.store_setting VALUES ('session_ttl', NULL);
SELECT result FROM idpsync.open_session('bent 3', 'agent', 'AD_SYNC');
ROLLBACK;
BEGIN;
DROP VIEW idpsync.operations, idpsync.jobs;
ALTER TABLE idpsync.operation ALTER created_by TYPE bigint USING 1234567;
ALTER TABLE idpsync.job ALTER error_code TYPE integer USING 1234567;
SELECT test.refused(format('SELECT * FROM idpsync.get_operation(%L)', :'operation_id'));
SELECT test.refused('SELECT * FROM idpsync.list_operations(''bent 1'')');
SELECT test.refused(format('SELECT * FROM idpsync.get_synchronization_job(%L)', :'job_id'));
SELECT test.refused('SELECT * FROM idpsync.list_synchronization_jobs(''bent 1'')');
SELECT check_name, ok FROM idpsync.check_store() WHERE NOT ok;
ROLLBACK;
BEGIN;
ALTER TABLE idpsync.operation ALTER created_by DROP NOT NULL, DISABLE TRIGGER operation_change;
UPDATE idpsync.operation SET created_by = NULL;
SELECT test.refused(format('SELECT * FROM idpsync.get_operation(%L)', :'operation_id'));
SELECT test.refused('SELECT * FROM idpsync.list_operations(''bent 1'')');
ROLLBACK;
-- a table of partitions that somebody renamed
BEGIN;
ALTER TABLE idpsync.job RENAME TO job_renamed;
SELECT test.refused('SELECT * FROM idpsync.list_synchronization_jobs(''bent 1'')');
SELECT test.refused('SELECT idpsync.count_synchronization_jobs(''bent 1'')');
SELECT test.refused('SELECT * FROM idpsync.synchronization_job_statistics(''bent 1'', bucket => ''hour'')');
SELECT test.refused('SELECT * FROM idpsync.import_synchronization_jobs(''bent 1'', ''{"SynchronizationJobs": []}'')');
SELECT check_name FROM idpsync.check_store() WHERE NOT ok ORDER BY 1;
ROLLBACK;
-- ids that no token holds
BEGIN;
ALTER DOMAIN idpsync.session_id DROP CONSTRAINT session_id_length;
INSERT INTO idpsync.session (created_at, expires_at, closed_at, session_type, sync_mode, status, session_id, tenant_id, agent_id)
SELECT now() - interval '1 hour' * n, now(), now(), 'AD_SYNC', 'FULL_SYNC', 'COMPLETED', repeat('x', 2500) || n, 'bent 3', 'agent'
FROM generate_series(1, 3) AS n;
SELECT test.refused('SELECT * FROM idpsync.list_sessions(''bent 3'', 1)');
ROLLBACK;

DELETE FROM idpsync.idempotency_key;
DELETE FROM idpsync.session;
DELETE FROM idpsync.job;
DELETE FROM idpsync.operation;
