-- a store of version 1: calls work on it, check_store() tells, upgrade_store() makes it one of this version
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
SET client_min_messages = warning;
\pset format unaligned
CREATE FUNCTION pg_temp.import(job_id text) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s new, %s changed, %s as before', inserted, updated, unchanged)
    FROM idpsync.import_synchronization_jobs('upgrade', json_build_object('SynchronizationJobs', json_build_array(json_build_object('SynchronizationJobId', job_id, 'TargetType', 'application',
        'TargetId', 't', 'Direction', 'egress', 'StartTime', 1649830226000, 'TriggerType', 'auto', 'Status', 'running'))))
$$;
SELECT store_id, job_interval, operation_interval, replace(pg_catalog.pg_get_viewdef('idpsync.store_info'), version || ' AS version', '1 AS version') AS info_1
FROM idpsync.store_info \gset
SELECT pg_catalog.pg_get_viewdef('idpsync.jobs') AS jobs_2, regexp_replace(pg_catalog.pg_get_viewdef('idpsync.jobs'), ',\s+(j\.)?imported_at', '') AS jobs_1 \gset

BEGIN;
DROP VIEW idpsync.jobs;
ALTER TABLE idpsync.job DROP COLUMN imported_at;
CREATE VIEW idpsync.jobs WITH (security_invoker = true) AS :jobs_1
CREATE VIEW test.my_jobs AS SELECT * FROM idpsync.jobs;
CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS :info_1
SELECT pg_temp.import('before');
SELECT status FROM idpsync.list_synchronization_jobs('upgrade');
SELECT status FROM idpsync.run_synchronization_job('upgrade', 'application', 't');
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
SAVEPOINT old;
SELECT idpsync.upgrade_store();
SELECT idpsync.upgrade_store();
SELECT version, store_id = :'store_id' AS same_id, job_interval::text = :'job_interval' AS same_job_interval, operation_interval::text = :'operation_interval' AS same_operation_interval
FROM idpsync.store_info;
SELECT pg_catalog.pg_get_viewdef('idpsync.jobs') = :'jobs_2' AS same_view;
SELECT pg_temp.import('before'), pg_temp.import('after');
SELECT synchronization_job_id, imported_at IS NOT NULL AS told FROM idpsync.jobs WHERE instance_id::text = 'upgrade' AND status = 'running' ORDER BY 1;
SELECT count(*) AS mine FROM test.my_jobs WHERE instance_id::text = 'upgrade';
SELECT count(*) AS faults FROM idpsync.check_store() WHERE NOT ok;
-- an upgrade that is undone has not been
ROLLBACK TO old;
SELECT pg_temp.import('before'), pg_temp.import('after');
SELECT idpsync.upgrade_store();
SELECT pg_temp.import('later');
SELECT job_id, imported_at IS NOT NULL AS told FROM idpsync.job WHERE tenant_id::text = 'upgrade' AND status = 'running' ORDER BY 1;
ROLLBACK;

-- what is in the way is named, and nothing has been done
BEGIN;
CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS :info_1
SELECT test.refused('SELECT idpsync.upgrade_store()');
SELECT version FROM idpsync.store_info;
ROLLBACK;
SELECT idpsync.upgrade_store();

-- an import tells when it first brought a job, the same for all it brings; other calls tell nothing
SELECT pg_temp.import('elsewhere');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('upgrade', 'application', 't') \gset
SELECT imported_at AS first_time FROM idpsync.jobs WHERE synchronization_job_id::text = 'elsewhere' \gset
SELECT pg_temp.import('elsewhere'), pg_temp.import(:'job');
SELECT synchronization_job_id::text = 'elsewhere' AS imported, imported_at = :'first_time' AS at_first, imported_at BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp() AS just_now
FROM idpsync.jobs WHERE instance_id::text = 'upgrade' ORDER BY 1;
SELECT inserted FROM idpsync.import_synchronization_jobs('upgrade', (SELECT json_build_object('SynchronizationJobs', json_agg(json_build_object('SynchronizationJobId', 'many ' || n, 'TargetType', 'application',
    'TargetId', 't', 'Direction', 'egress', 'StartTime', 1649830226000 + n, 'TriggerType', 'auto', 'Status', 'running'))) FROM generate_series(1, 2001::bigint) AS n));
SELECT count(DISTINCT imported_at), count(*) FROM idpsync.job WHERE tenant_id::text = 'upgrade' AND job_id::text LIKE 'many %';
DELETE FROM idpsync.operation WHERE tenant_id::text = 'upgrade';
DELETE FROM idpsync.job WHERE tenant_id::text = 'upgrade';
DELETE FROM idpsync.foreign_id WHERE tenant_id::text = 'upgrade';
SELECT count(*) AS faults FROM idpsync.check_store() WHERE NOT ok;
