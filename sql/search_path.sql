-- Operators that somebody planted in the caller's search_path are never used: each of these fails.
-- Domains and enums have no operators of their own in pg_catalog, so that one made for just them
-- would fit better.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS idpsync;
SELECT to_regclass('idpsync.store_info') IS NULL AS no_store \gset
\if :no_store
SELECT FROM idpsync.create_store() \g /dev/null
\endif
CREATE SCHEMA planted;
\o /dev/null
SELECT format('CREATE FUNCTION planted.fail(%s, %s) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE ''planted''; END$$', l, r),
       format('CREATE OPERATOR planted.= (FUNCTION = planted.fail, LEFTARG = %s, RIGHTARG = %s)', l, r),
       format('CREATE OPERATOR planted.<> (FUNCTION = planted.fail, LEFTARG = %s, RIGHTARG = %s)', l, r),
       format('CREATE OPERATOR planted.< (FUNCTION = planted.fail, LEFTARG = %s, RIGHTARG = %s)', l, r),
       format('CREATE OPERATOR planted.<= (FUNCTION = planted.fail, LEFTARG = %s, RIGHTARG = %s)', l, r),
       format('CREATE OPERATOR planted.> (FUNCTION = planted.fail, LEFTARG = %s, RIGHTARG = %s)', l, r),
       format('CREATE OPERATOR planted.>= (FUNCTION = planted.fail, LEFTARG = %s, RIGHTARG = %s)', l, r)
FROM (SELECT DISTINCT l::text COLLATE "C" AS l, r::text COLLATE "C" AS r
      FROM pg_type AS t,
          LATERAL (SELECT oid::regtype AS type, CASE WHEN typtype = 'd' THEN typbasetype ELSE oid END::regtype AS other) AS n,
          LATERAL (VALUES (type, other), (other, type), (type, type)) AS a (l, r)
      WHERE t.typnamespace = 'idpsync'::regnamespace AND t.typtype IN ('d', 'e')
      ORDER BY 1, 2) AS a \gexec
\o
SET search_path = planted;
\set SHOW_CONTEXT never

SELECT session_id FROM idpsync.open_session('planted', 'agent', 'AD_SYNC', idempotency_key => 'planted') \gset
SELECT FROM idpsync.session WHERE tenant_id = 'the trap is set';
SELECT result FROM idpsync.open_session('planted', 'agent', 'AD_SYNC', idempotency_key => 'planted');
SELECT result FROM idpsync.open_session('planted', 'agent', 'AD_SYNC');
SELECT result FROM idpsync.request_session('planted', 'AD_PASSWORD_HASH');
SELECT FROM idpsync.heartbeat(:'session_id', 'planted') \g /dev/null
SELECT status FROM idpsync.report_session_progress(:'session_id',
    '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]');
SELECT status FROM idpsync.close_session(:'session_id');
SELECT status FROM idpsync.get_session(:'session_id', 'planted');
SELECT next_page_token, session_type FROM idpsync.list_sessions('planted', 1) \gset
SELECT session_type, status, total_count FROM idpsync.list_sessions('planted', 1, :'next_page_token');
SELECT session_type, total_count FROM idpsync.list_sessions('planted', filter =>
    'session_id >= "a" AND agent_id IN ("agent") AND status != "FAILED" AND sync_mode = "FULL_SYNC" AND created_at > "2020-01-01T00:00:00Z"');

SELECT synchronization_job_id AS job, operation_id FROM idpsync.run_synchronization_job('planted', 'application', 'target', idempotency_key => 'job') \gset
SELECT status FROM idpsync.run_synchronization_job('planted', 'application', 'target', idempotency_key => 'job');
SELECT status FROM idpsync.start_synchronization_job(:'job', 'planted');
SELECT status FROM idpsync.report_job_statistics(:'job', '{"UserStatistics": {"Created": {"Success": 1}}}');
SELECT status FROM idpsync.finish_synchronization_job(:'job');
SELECT * FROM idpsync.import_synchronization_jobs('planted', '{"SynchronizationJobs": [{"SynchronizationJobId": "planted", "TargetType": "application",
    "TargetId": "target", "Direction": "egress", "StartTime": 1500000000000, "TriggerType": "auto", "Status": "running"}]}');
SELECT * FROM idpsync.import_synchronization_jobs('planted', '{"SynchronizationJobs": [{"SynchronizationJobId": "planted", "TargetType": "application",
    "TargetId": "target", "Direction": "egress", "StartTime": 1500000000000, "TriggerType": "auto", "Status": "success"}]}');
SELECT status FROM idpsync.get_synchronization_job('planted');
SELECT next_token FROM idpsync.list_synchronization_jobs('planted', 1) \gset
SELECT synchronization_job_id, total_count FROM idpsync.list_synchronization_jobs('planted', 1, :'next_token');
SELECT total_count FROM idpsync.list_synchronization_jobs('planted', page_number => 2, page_size => 1, target_type => 'application',
    target_ids => '{target}', start_time => '2010-01-01', direction => 'egress', status => 'success');
SELECT idpsync.count_synchronization_jobs('planted', 'application', '{target}', '2010-01-01', '2100-01-01', 'egress', 'success');
SELECT target_id, job_count FROM idpsync.synchronization_job_statistics('planted', bucket => 'month', by_target => true);
-- nor types
SET search_path = planted, pg_catalog;
CREATE DOMAIN planted.text AS int CHECK (VALUE < 0);
CREATE DOMAIN planted.timestamptz AS int CHECK (VALUE < 0);
CREATE DOMAIN planted.bigint AS int CHECK (VALUE < 0);
CREATE DOMAIN planted."char" AS int CHECK (VALUE < 0);
SELECT idpsync.count_synchronization_jobs('planted', target_ids => '{target}');
SELECT target_id, job_count FROM idpsync.synchronization_job_statistics('planted', '2010-01-01', '2024-05-05 12:00', by_target => true);
SELECT target_id, job_count FROM idpsync.synchronization_job_statistics('planted', bucket => 'hour');
DROP DOMAIN planted.text, planted.timestamptz, planted.bigint, planted."char";
SET search_path = planted;

SELECT done FROM idpsync.get_operation(:'operation_id');
SELECT done FROM idpsync.wait_operation(:'operation_id', '0', 'planted');
SELECT operation_id AS own FROM idpsync.create_operation('planted', 'Own') \gset
SELECT done FROM idpsync.cancel_operation(:'own', 'planted');
SELECT operation_id AS own FROM idpsync.create_operation('planted', 'Own') \gset
SELECT done FROM idpsync.finish_operation(:'own');
SELECT operation_id AS own FROM idpsync.create_operation('planted', 'Own') \gset
SELECT error_code FROM idpsync.fail_operation(:'own', 5);
SELECT idpsync.delete_operation(:'own') \g /dev/null
SELECT next_page_token FROM idpsync.list_operations('planted', 'method IN ("Own", "OpenSession") AND done = true AND created_by != ""', 1) \gset
SELECT method, total_count FROM idpsync.list_operations('planted', 'method IN ("Own", "OpenSession") AND done = true AND created_by != ""', 1, :'next_page_token');

SELECT idpsync.configure_store('session_ttl', '10 minutes');
SELECT idpsync.configure_store('session_ttl', NULL);
SELECT check_name FROM idpsync.check_store() WHERE NOT ok;
SELECT jobs, last_status FROM idpsync.targets WHERE instance_id OPERATOR(pg_catalog.=) 'planted';
SELECT status FROM idpsync.sessions WHERE session_id OPERATOR(pg_catalog.=) :'session_id';

RESET search_path;
-- The store's own bookkeeping runs with its owner's rights, whoever changes jobs: it uses nothing of
-- the caller's search_path even where that puts another schema before pg_catalog.
DO $do$
DECLARE
    body constant text := $$ LANGUAGE plpgsql AS 'BEGIN RAISE ''planted''; END'$$;
    type text;
    operator text;
    planted record;
BEGIN
    FOREACH type IN ARRAY ARRAY['boolean', 'text', 'integer', 'bigint', 'numeric', 'date', 'timestamptz', 'timestamp', 'oid', 'regclass', 'name',
                                'bytea', '"char"', 'idpsync.job_statistics'] LOOP
        EXECUTE format('CREATE FUNCTION planted.compare(%1$s, %1$s) RETURNS boolean', type) || body;
        EXECUTE format('CREATE FUNCTION planted.join(%1$s, %1$s) RETURNS %1$s', type) || body;
        EXECUTE format('CREATE FUNCTION planted.turn(%1$s) RETURNS %1$s', type) || body;
        EXECUTE format('CREATE OPERATOR planted.- (FUNCTION = planted.turn, RIGHTARG = %s)', type);
        FOREACH operator IN ARRAY ARRAY['=', '<>', '<', '<=', '>', '>='] LOOP
            EXECUTE format('CREATE OPERATOR planted.%s (FUNCTION = planted.compare, LEFTARG = %s, RIGHTARG = %2$s)', operator, type);
        END LOOP;
        FOREACH operator IN ARRAY ARRAY['+', '-', '||'] LOOP
            EXECUTE format('CREATE OPERATOR planted.%s (FUNCTION = planted.join, LEFTARG = %s, RIGHTARG = %2$s)', operator, type);
        END LOOP;
    END LOOP;
    FOR planted IN SELECT proname AS name, pg_get_function_identity_arguments(oid) AS arguments, pg_get_function_result(oid) AS result
                   FROM pg_proc WHERE oid::regprocedure::text IN
                       ('unnest(anyarray)', 'pg_partition_tree(regclass)',
                        'date_trunc(text,timestamp without time zone)', 'timezone(text,timestamp with time zone)', 'to_regclass(text)') LOOP
        EXECUTE format('CREATE FUNCTION planted.%I(%s) RETURNS %s', planted.name, planted.arguments, planted.result) || body;
    END LOOP;
END $do$;
CREATE AGGREGATE planted.sum(bigint) (SFUNC = planted.join, STYPE = bigint);
CREATE DOMAIN planted.text AS pg_catalog.text CHECK (VALUE = 'planted');
CREATE DOMAIN planted.date AS pg_catalog.date CHECK (VALUE = '2000-01-01');
CREATE DOMAIN planted.timestamptz AS pg_catalog.timestamptz CHECK (VALUE = '2000-01-01');
CREATE DOMAIN planted.int8 AS pg_catalog.int8 CHECK (VALUE = 2000);
SET search_path = planted, pg_catalog;
SELECT 1::bigint = 1::bigint;
SELECT '2000-01-02'::date;
INSERT INTO idpsync.job (job_id, created_at, start_time, end_time, tenant_id, target_type, target_id, direction, trigger_type, status, statistics)
VALUES ('first', '2020-01-01', '2020-01-01', '2020-01-01', 'planted', 'application', 'target', 'egress', 'auto', 'success', '{}');
INSERT INTO idpsync.job_first (job_id, created_at, start_time, end_time, tenant_id, target_type, target_id, direction, trigger_type, status, statistics)
VALUES ('a', '2020-01-01', '2020-01-01', '2020-01-01', 'planted', 'application', 'a', 'egress', 'auto', 'success', '{}'),
       ('b', '2020-01-02', '2020-02-01', '2020-02-01', 'planted', 'application', 'b', 'egress', 'auto', 'failed', '{}'),
       ('c', '2020-01-03', '2020-03-01', '2020-03-01', 'planted', 'application', 'c', 'egress', 'auto', 'success', '{}');
UPDATE idpsync.job SET statistics = '{"UserStatistics": {"Created": {"Total": 1}}}';
CALL idpsync.maintain();
UPDATE idpsync.job SET statistics = '{}';
CALL idpsync.maintain();
SELECT idpsync.rebuild_counts() IS NULL AS lost;
TRUNCATE idpsync.job_first;
CALL idpsync.maintain();
RESET search_path;
SELECT ok FROM idpsync.check_store() WHERE check_name = 'counts';

DELETE FROM idpsync.session WHERE tenant_id = 'planted';
DELETE FROM idpsync.job WHERE tenant_id = 'planted';
DELETE FROM idpsync.operation WHERE tenant_id = 'planted';
DELETE FROM idpsync.idempotency_key WHERE tenant_id = 'planted';
DELETE FROM idpsync.foreign_id WHERE tenant_id = 'planted';
DROP SCHEMA planted CASCADE;
-- the counts have kept up
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok AND check_name = 'counts';
