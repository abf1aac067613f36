-- the views for reports
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned

INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at, heartbeat_at, closed_at, fail_reason, progress) VALUES
    ('s1', 'r', 'a', 'AD_SYNC', 'FULL_SYNC', 'COMPLETED', '2024-01-01 10:00', '2024-01-01 10:15', '2024-01-01 10:05', '2024-01-01 10:06', NULL,
     '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 5, "failed": 1}, {"change_type": "DELETE", "successful": 2}]}, {"object_type": "MEMBERSHIP", "change_info": [{"change_type": "CREATE", "failed": 3}]}]'),
    ('s2', 'r', 'a', 'AD_SYNC', 'DELTA', 'FAILED', '2024-01-02 10:00', '2024-01-02 10:15', NULL, '2024-01-02 10:06', 'no network', NULL),
    ('s3', 'r', 'a', 'AD_SYNC', 'DELTA', 'OPENED', '2024-01-03 10:00', '2024-01-03 10:10', NULL, NULL, NULL, '[{"object_type": "GROUP", "change_info": [{"change_type": "UPDATE"}]}]'),
    ('s4', 'r', NULL, 'AD_USER_CONTROL', 'DELTA', 'PENDING', '2024-01-04 10:00', 'infinity', NULL, NULL, NULL, NULL);
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, end_time, description, session_id, error_code, error_message, statistics)
SELECT id, 'r', 'application', target, 'egress', 'auto', status::idpsync.job_status, at, at, CASE WHEN status IN ('pending', 'running') THEN NULL ELSE at + interval '90 seconds' END,
       CASE id WHEN 'j1' THEN 'first' END, CASE id WHEN 'j1' THEN 's1' END, CASE status WHEN 'failed' THEN 'E' END, CASE status WHEN 'failed' THEN 'went wrong' END, statistics::idpsync.job_statistics
FROM (VALUES
    ('j1', 't', 'success', '2024-01-01 23:59:59.999+00'::timestamptz, '{"UserStatistics": {"Created": {"Total": 3, "Success": 2, "Failed": 1}, "Same": {"Total": 4, "Skipped": 4}}, "OrganizationalUnitStatistics": {"Deleted": {"Total": 1, "Success": 1}}}'),
    ('j2', 't', 'failed', '2024-01-02 00:00:00+00', '{"GroupStatistics": {"Updated": {"Total": 5, "Failed": 5}}}'),
    ('j3', 't', 'partial_success', '2024-01-02 12:00:00+00', '{"GroupMemberStatistics": {"Pushed": {"Total": 7, "Success": 6, "Failed": 1}}, "GroupStatistics": {"Updated": {"Total": 2, "Success": 2}}}'),
    ('j4', 't', 'failed', '2024-01-03 01:00:00+00', '{}'), ('j5', 't', 'failed', '2024-01-03 02:00:00+00', '{"UserStatistics": {"Created": {"Total": 1, "Failed": 1}}}'), ('j6', 't', 'running', '2024-01-03 03:00:00+00', '{}'),
    ('k1', 'never', 'failed', '2024-01-01 00:00:00+00', '{}'), ('k2', 'never', 'failed', '2024-01-02 00:00:00+00', '{}'),
    ('l1', 'waiting', 'pending', '2024-01-01 00:00:00+00', '{}'), ('m1', 'well', 'failed', '2024-01-01 00:00:00+00', '{}'), ('m2', 'well', 'success', '2024-01-01 01:00:00+00', '{}')) AS v (id, target, status, at, statistics);
INSERT INTO idpsync.operation (operation_id, tenant_id, method, description, created_at, created_by, modified_at, done, error_code, error_message, metadata, response)
SELECT idpsync.create_id('op_', at), 'r', method, NULL, at, 'me', at, done, code, message, '{"@type": "types.example.com/standard/id", "id": 1}', response::idpsync.protobuf_any
FROM (VALUES ('2024-01-01 00:00+00'::timestamptz, 'A', false, NULL::int, NULL, NULL), ('2024-01-02 00:00+00', 'B', true, NULL, NULL, '{"@type": "type.googleapis.com/google.protobuf.Empty"}'),
    ('2024-01-03 00:00+00', 'C', true, 1, 'stop', NULL), ('2024-01-04 00:00+00', 'D', true, 13, 'oh', NULL), ('2024-01-05 00:00+00', 'E', true, NULL, NULL, NULL)) AS v (at, method, done, code, message, response);

SELECT * FROM idpsync.sessions WHERE session_id <> 's4' ORDER BY session_id;
SELECT status, closed_at, duration > interval '1 year' AS still_counting, successful, failed FROM idpsync.sessions WHERE session_id = 's4';
SELECT * FROM idpsync.session_progress_entries ORDER BY session_id, object_type, change_type;
SELECT synchronization_job_id, instance_id, target_type, target_id, direction, trigger_type, status, description, created_at, start_time, end_time, duration, error_code, error_message, session_id, operation_id
FROM idpsync.jobs WHERE status NOT IN ('running', 'pending') ORDER BY 1;
SELECT synchronization_job_id, users_success, users_failed, organizational_units_success AS units_success, organizational_units_failed AS units_failed, groups_success, groups_failed, group_members_success, group_members_failed,
       statistics OPERATOR(idpsync.=) (SELECT j.statistics FROM idpsync.job AS j WHERE j.job_id = synchronization_job_id) AS statistics
FROM idpsync.jobs WHERE target_id = 't' ORDER BY 1;
SELECT status, duration > interval '1 year' AS still_counting FROM idpsync.jobs WHERE status IN ('running', 'pending') ORDER BY 1;
SELECT * FROM idpsync.job_statistics_entries ORDER BY synchronization_job_id, object_kind, change_kind;
-- days are those of UTC, wherever the reader is
SET timezone = 'Asia/Tokyo';
SELECT instance_id, target_type, target_id, day, jobs, failed_jobs, success, failed, skipped FROM idpsync.job_statistics_days ORDER BY target_id, day;
SET timezone = 'UTC';
SELECT day, e.* FROM idpsync.job_statistics_days CROSS JOIN LATERAL idpsync.entries(statistics) AS e WHERE target_id = 't' ORDER BY day, object_kind, change_kind;
SELECT * FROM idpsync.targets ORDER BY target_id;
SELECT operation_id ~ '^op_' AS id, tenant_id, method, description, created_at, created_by, modified_at, done, state, error_code, error_message, metadata, response FROM idpsync.operations ORDER BY created_at;

DELETE FROM idpsync.operation;
DELETE FROM idpsync.job;
DELETE FROM idpsync.session;

-- counters that leave bigint when they are added up do not keep the view from anybody
SELECT session_id FROM idpsync.open_session('report max', 'agent', 'AD_SYNC') \gset
SELECT status FROM idpsync.report_session_progress(:'session_id', '[{"object_type": "USER", "change_info": [
    {"change_type": "CREATE", "successful": 9223372036854775807}, {"change_type": "UPDATE", "successful": 9223372036854775807}]}]');
SELECT successful, failed FROM idpsync.sessions WHERE subject_container_id::text = 'report max';
SELECT inserted FROM idpsync.import_synchronization_jobs('report max', '{"SynchronizationJobs": [
    {"SynchronizationJobId": "max", "TargetType": "application", "TargetId": "t", "Direction": "egress", "StartTime": 1700000000000,
     "TriggerType": "auto", "Status": "success", "Result": {"UserStatistics": {"Created": {"Success": 9223372036854775807},
     "Updated": {"Success": 9223372036854775807}}}}]}');
SELECT users_success, groups_failed FROM idpsync.jobs WHERE instance_id::text = 'report max';
SELECT jobs, success, failed, idpsync.counter(statistics, 'User', 'Updated', 'Success') AS updated FROM idpsync.job_statistics_days WHERE instance_id::text = 'report max';
INSERT INTO idpsync.job (created_at, start_time, end_time, target_type, direction, trigger_type, status, statistics, job_id, tenant_id, target_id)
SELECT created_at, start_time, end_time, target_type, direction, trigger_type, status, statistics, 'max 2', tenant_id, target_id
FROM idpsync.job WHERE tenant_id::text = 'report max';
SELECT jobs, success, failed, statistics FROM idpsync.job_statistics_days WHERE instance_id::text = 'report max';
DELETE FROM idpsync.session WHERE tenant_id::text = 'report max';
DELETE FROM idpsync.operation WHERE tenant_id::text = 'report max';
DELETE FROM idpsync.job WHERE tenant_id::text = 'report max';
DELETE FROM idpsync.foreign_id WHERE tenant_id::text = 'report max';
-- the counts have kept up
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok AND check_name = 'counts';
