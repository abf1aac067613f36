-- distribute_store(): what it needs of the tables, what it refuses, and how a distributed store works.
-- There is no Citus here: the store is made what a dump of a distributed one is where it is restored.
SET client_min_messages = warning;
SET search_path = '';
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned

-- a column of one type in every table of tenants, and in all of its keys; nothing refers to other tables
SELECT c.relname, coalesce(a.atttypid::regtype::text, 'a copy on each node') AS tenant_id,
       count(i.indexrelid) FILTER (WHERE a.attnum <> ALL (i.indkey::smallint[])) AS keys_without_it, count(i.indexrelid) AS keys
FROM pg_catalog.pg_class AS c
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull
LEFT JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid AND i.indisunique
WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
GROUP BY 1, 2 ORDER BY 1;
SELECT count(*) AS foreign_keys FROM pg_catalog.pg_constraint WHERE connamespace = 'idpsync'::regnamespace AND contype = 'f';

-- refused, with what to do, and nothing has changed
SELECT test.refused('SELECT idpsync.distribute_store()') AS answer;
SELECT result FROM idpsync.open_session('refused', 'a', 'AD_SYNC');
SELECT idpsync.distribute_store();
SELECT distributed FROM idpsync.store_info;
SELECT check_name FROM idpsync.check_store() WHERE NOT ok;
CREATE ROLE regress_idpsync_stranger;
-- an owner who is no superuser must be a member to take a role
GRANT regress_idpsync_stranger TO CURRENT_USER;
GRANT USAGE ON SCHEMA idpsync TO regress_idpsync_stranger;
SET ROLE regress_idpsync_stranger;
SELECT idpsync.distribute_store();
RESET ROLE;

-- as restored: the flag, no trigger, the policies without a subquery, the limit of tenants with the tables
SELECT idpsync.drop_store();
SELECT idpsync.create_store();
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
        FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid WHERE c.relnamespace = 'idpsync'::regnamespace AND t.tgparentid = 0
        UNION ALL
        SELECT format('CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS %s', replace(pg_get_viewdef('idpsync.store_info'), 'false', 'true'))
        UNION ALL
        SELECT format('ALTER TABLE idpsync.%1$s ADD CONSTRAINT %1$s_tenant_id_length CHECK (char_length(tenant_id) BETWEEN 1 AND 64)', t)
        FROM unnest(ARRAY['session', 'job', 'operation', 'idempotency_key', 'foreign_id']) AS t
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;
ALTER DOMAIN idpsync.tenant_id DROP CONSTRAINT tenant_id_length;
CREATE POLICY counted_by_callers ON idpsync.job_count_delta FOR INSERT WITH CHECK (true);
SELECT distributed FROM idpsync.store_info;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
SELECT check_name, detail FROM idpsync.check_store() WHERE check_name IN ('limits', 'triggers');

-- the counts of every call are what the jobs say: two instances, every way a job goes
CREATE FUNCTION pg_temp.counts() RETURNS TABLE (instance text, jobs bigint, counted bigint, wrong bigint, summed text, sources text) LANGUAGE sql AS $$
    SELECT t, (SELECT count(*) FROM idpsync.job WHERE tenant_id = t), idpsync.count_synchronization_jobs(t),
           (SELECT count(*) FROM unnest(enum_range(NULL::idpsync.job_status)) AS s
            WHERE idpsync.count_synchronization_jobs(t, status => s) <> (SELECT count(*) FROM idpsync.job WHERE tenant_id = t AND status = s)),
           (SELECT CASE WHEN s.statistics OPERATOR(idpsync.=) coalesce((SELECT idpsync.sum(j.statistics) FROM idpsync.job AS j WHERE j.tenant_id = t), '{}') THEN 'as the jobs' ELSE 'otherwise' END
            FROM idpsync.synchronization_job_statistics(t) AS s),
           (SELECT string_agg(DISTINCT source, ', ') FROM idpsync.count_plan(t))
    FROM unnest(ARRAY['one', 'two']) AS t $$;
SELECT synchronization_job_id AS job, operation_id AS operation FROM idpsync.run_synchronization_job('one', 'application', 'app', idempotency_key => 'k') \gset
SELECT synchronization_job_id = :'job' AS again FROM idpsync.run_synchronization_job('one', 'application', 'app', idempotency_key => 'k');
SELECT status FROM idpsync.start_synchronization_job(:'job');
SELECT status FROM idpsync.report_job_statistics(:'job', '{"UserStatistics": {"Created": {"Success": 3}}}', instance_id => 'one');
SELECT * FROM pg_temp.counts();
SELECT status FROM idpsync.finish_synchronization_job(:'job', '{"UserStatistics": {"Created": {"Success": 5}, "Deleted": {"Failed": 1}}}');
SELECT test.refused(format('SELECT idpsync.finish_synchronization_job(%L)', :'job')) AS twice;
SELECT done FROM idpsync.get_operation(:'operation');
SELECT operation_id AS operation FROM idpsync.run_synchronization_job('two', 'identity_provider', 'idp') \gset
SELECT error_code FROM idpsync.cancel_operation(:'operation');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('two', 'identity_provider', 'idp') \gset
SELECT * FROM pg_temp.counts();
-- an import: new, twice in one document, the same again, and changed
CREATE FUNCTION pg_temp.document(status text, success integer, ids integer DEFAULT 3) RETURNS json LANGUAGE sql AS $$
    SELECT json_build_object('SynchronizationJobs', json_agg(json_build_object('SynchronizationJobId', 'elsewhere-' || n % 3, 'TargetType', 'application',
        'TargetId', 'app', 'Direction', 'egress', 'StartTime', 1500000000000 + n % 3, 'TriggerType', 'auto', 'Status', status,
        'Result', json_build_object('UserStatistics', json_build_object('Created', json_build_object('Total', success, 'Success', success)))) ORDER BY n))
    FROM generate_series(1, ids) AS n $$;
SELECT * FROM idpsync.import_synchronization_jobs('two', pg_temp.document('running', 1));
SELECT * FROM idpsync.import_synchronization_jobs('two', pg_temp.document('running', 1, 4));
SELECT * FROM idpsync.import_synchronization_jobs('two', pg_temp.document('success', 7, 5));
SELECT * FROM idpsync.import_synchronization_jobs('one', pg_temp.document('failed', 2, 5));
SELECT test.refused('SELECT idpsync.import_synchronization_jobs(''one'', pg_temp.document(''success'', 2))') AS back;
SELECT * FROM idpsync.import_synchronization_jobs('two', json_build_object('SynchronizationJobs', json_build_array(json_build_object('SynchronizationJobId', :'job',
    'TargetType', 'identity_provider', 'TargetId', 'idp', 'Direction', 'ingress', 'StartTime', 1500000000000, 'TriggerType', 'manual', 'Status', 'partial_success'))));
SELECT * FROM pg_temp.counts();
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
-- all of it folded, tenant by tenant
CALL idpsync.maintain();
SELECT step, rows FROM idpsync.maintenance_log ORDER BY log_id;
SELECT (SELECT count(*) FROM idpsync.job_count_delta) AS deltas, (SELECT count(*) FROM idpsync.job_count WHERE jobs = 0) AS empty;
SELECT * FROM pg_temp.counts();

-- what is done by hand is not counted: check_store() tells, rebuild_counts() mends
DELETE FROM idpsync.job WHERE tenant_id = 'two' AND target_id = 'idp' AND status = 'failed';
SELECT instance, jobs, counted FROM pg_temp.counts();
SELECT check_name, detail ~ 'rebuild_counts' AS tells FROM idpsync.check_store() WHERE NOT ok;
SELECT idpsync.rebuild_counts();
SELECT * FROM pg_temp.counts();
SELECT check_name FROM idpsync.check_store() WHERE NOT ok;

-- an agent's calls count with its own rights
SELECT idpsync.grant_access('regress_idpsync_stranger', 'agent');
SET ROLE regress_idpsync_stranger;
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('one', 'application', 'app') \gset
SELECT status FROM idpsync.finish_synchronization_job(:'job', status => 'failed');
RESET ROLE;
SELECT instance, jobs, counted FROM pg_temp.counts() WHERE instance = 'one';
SELECT idpsync.grant_access('regress_idpsync_stranger', 'reader');
SELECT has_table_privilege('regress_idpsync_stranger', 'idpsync.job_count_delta', 'INSERT') AS reader;
SELECT idpsync.grant_access('regress_idpsync_stranger', 'none');
DROP ROLE regress_idpsync_stranger;

-- settings and message types are read anew by each transaction, since nothing tells of their changes
SELECT expires_at - created_at > interval '59 minutes' AS an_hour FROM idpsync.open_session('s', 'a', 'AD_SYNC');
SELECT c.name, expires_at > clock_timestamp() + interval '59 minutes' AS an_hour FROM (SELECT v.name, idpsync.configure_store('session_ttl', v.value) FROM (VALUES ('set', '1 hour'), ('back', NULL)) AS v (name, value) OFFSET 0) AS c,
    LATERAL idpsync.open_session('s ' || c.name, 'a', 'AD_SYNC');
INSERT INTO idpsync.store_setting VALUES ('session_ttl', '1 hour');
SELECT expires_at > clock_timestamp() + interval '59 minutes' AS an_hour FROM idpsync.open_session('t', 'a', 'AD_SYNC');
DELETE FROM idpsync.store_setting;
SELECT expires_at > clock_timestamp() + interval '59 minutes' AS an_hour FROM idpsync.open_session('u', 'a', 'AD_SYNC');
SELECT idpsync.to_json(idpsync.protobuf_any('type.googleapis.com/later.Message', '\x0801'));
-- file later.proto, package later, message Message with field n = 1 of int32
INSERT INTO idpsync.descriptor VALUES ('later.proto', '\x0a0b6c617465722e70726f746f12056c6174657222170a074d657373616765120c0a016e18012001280552016e620670726f746f33');
SELECT idpsync.to_json(idpsync.protobuf_any('type.googleapis.com/later.Message', '\x0801'));
DELETE FROM idpsync.descriptor;
SELECT idpsync.to_json(idpsync.protobuf_any('type.googleapis.com/later.Message', '\x0801'));

-- maintain(): more tenants than one transaction takes, each step
TRUNCATE idpsync.maintenance_log;
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at)
SELECT idpsync.create_id('ses_', at), 'old ' || n, 'a', 'AD_SYNC', 'FULL_SYNC', 'OPENED', at, at + interval '1 hour'
FROM generate_series(1, 250) AS n, (SELECT date_trunc('milliseconds', now() - interval '500 days') AS at) AS a;
INSERT INTO idpsync.idempotency_key SELECT now() - interval '8 days', n, 'key', 'old ' || n, 'OpenSession', NULL FROM generate_series(1, 250) AS n;
INSERT INTO idpsync.job_count_delta (partition_start, delta_id, jobs, period, target_type, direction, status, grain, tenant_id, target_id, added, removed)
SELECT '-infinity', n, 2, '2020-01-01', 'application', 'egress', 'failed', 'f', 'old ' || n, 'app', '{}', '{}' FROM generate_series(1, 250) AS n;
CALL idpsync.maintain();
SELECT step, rows FROM idpsync.maintenance_log ORDER BY log_id;
SELECT count(*), sum(jobs) FROM idpsync.job_count WHERE tenant_id LIKE 'old %' AND grain = 'm';
SELECT idpsync.rebuild_counts();

-- late: the last partition gets an end, what is from the future moves on, and its counts with it; new ones have no triggers
DO $$
DECLARE
    part text;
BEGIN
    FOR part IN SELECT c.relname FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'idpsync.job'::regclass AND c.relname ~ '_[0-9]+$' LOOP
        EXECUTE format('DROP TABLE idpsync.%I', part);
    END LOOP;
    ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last;
    ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_first;
    ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_last FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);
    ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_first FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
END $$;
-- one from the future
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', at), 'two', 'application', 'app', 'egress', 'auto', 'running', at, at, '{}' FROM (SELECT timestamptz '2207-08-30' AS at) AS a;
SELECT idpsync.rebuild_counts(true);
SELECT status FROM idpsync.run_synchronization_job('one', 'application', 'app');
TRUNCATE idpsync.maintenance_log;
CALL idpsync.maintain();
SELECT step, rows FROM idpsync.maintenance_log ORDER BY log_id;
SELECT * FROM pg_temp.counts();
SELECT check_name FROM idpsync.check_store() WHERE NOT ok;
SELECT count(*) AS triggers FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid WHERE c.relnamespace = 'idpsync'::regnamespace;

-- and a store that is none again, in the same session: triggers count, settings are kept until they change
SELECT idpsync.drop_store();
SELECT idpsync.create_store();
SELECT status FROM idpsync.run_synchronization_job('one', 'application', 'app');
SELECT instance, jobs, counted FROM pg_temp.counts();
SELECT check_name FROM idpsync.check_store() WHERE NOT ok;
DELETE FROM idpsync.job;
DELETE FROM idpsync.operation;
