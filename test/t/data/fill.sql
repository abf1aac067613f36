-- Every kind of row there is: each status of each resource, rows with everything set and with the least.
SELECT FROM idpsync.configure_store('session_ttl', '20 minutes');
SELECT FROM idpsync.configure_store('keep_operations', 'all');

CREATE FUNCTION report(change text, amount bigint) RETURNS json LANGUAGE sql AS $$
    SELECT json_build_array(json_build_object('object_type', 'USER', 'change_info',
        json_build_array(json_build_object('change_type', change, 'successful', amount, 'failed', 1))));
$$;
SELECT session_id FROM idpsync.open_session('completed', 'agent', 'AD_SYNC') \gset
SELECT FROM idpsync.heartbeat(:'session_id');
SELECT FROM idpsync.report_session_progress(:'session_id', report('CREATE', 9223372036854775807));
SELECT FROM idpsync.close_session(:'session_id');
SELECT session_id FROM idpsync.open_session('failed', 'agent', 'AD_PASSWORD_HASH', idempotency_key => 'a key') \gset
SELECT FROM idpsync.report_session_progress(:'session_id', report('CHANGE_TYPE_UNSPECIFIED', 0));
SELECT FROM idpsync.close_session(:'session_id', true, E'it''s\na "reason" \\ with ünusual characters');
SELECT session_id FROM idpsync.open_session('expired', 'agent', 'AD_SYNC') \gset
UPDATE idpsync.session SET expires_at = clock_timestamp() - interval '1 second' WHERE session_id = :'session_id';
SELECT FROM idpsync.open_session('expired', 'another agent', 'AD_SYNC');
SELECT FROM idpsync.request_session('pending', 'AD_USER_CONTROL');
SELECT FROM generate_series(1, 7) AS n, LATERAL idpsync.open_session('container ' || n, 'agent', 'AD_SYNC');

SELECT FROM idpsync.run_synchronization_job('instance', 'application', 'pending');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('instance', 'application', 'running', 'words', 'ingress', 'auto', 'a session') \gset
SELECT FROM idpsync.start_synchronization_job(:'job');
SELECT FROM idpsync.report_job_statistics(:'job', '{"UserStatistics": {"Created": {"Total": 9, "Success": 1, "Failed": 2, "Skipped": 3}}}');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('instance', 'identity_provider', 'success') \gset
SELECT FROM idpsync.start_synchronization_job(:'job');
SELECT FROM idpsync.finish_synchronization_job(:'job', '{"GroupStatistics": {"Same": {"Total": 9223372036854775807, "Success": 9223372036854775807}}}');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('instance', 'identity_provider', 'partial') \gset
SELECT FROM idpsync.start_synchronization_job(:'job');
SELECT FROM idpsync.finish_synchronization_job(:'job', '{"UserStatistics": {"Exported": {"Total": 2, "Success": 1, "Failed": 1}}}');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('instance', 'identity_provider', 'failed') \gset
SELECT FROM idpsync.finish_synchronization_job(:'job', error_code => 'ErrorCodeNotFound', error_message => 'not found');
SELECT operation_id FROM idpsync.run_synchronization_job('instance', 'application', 'cancelled') \gset
SELECT FROM idpsync.cancel_operation(:'operation_id');
SELECT FROM idpsync.import_synchronization_jobs('instance', (SELECT json_build_object('SynchronizationJobs', json_agg(json_build_object(
    'SynchronizationJobId', 'imported ' || n, 'TargetType', 'application', 'TargetId', 'target', 'Direction', 'egress',
    'TriggerType', 'auto', 'Status', 'success', 'StartTime', 1500000000000 + n * 86400000, 'EndTime', 1500000001000 + n * 86400000)))
    FROM generate_series(1, 40::bigint) AS n));

SELECT FROM idpsync.create_operation('tenant', 'Open', 'words', '{"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1.5s"}');
SELECT operation_id FROM idpsync.create_operation('tenant', 'Finished', metadata => '{"@type": "types.example.com/standard/id", "id": 1234}') \gset
SELECT FROM idpsync.finish_operation(:'operation_id');
SELECT operation_id FROM idpsync.create_operation('tenant', 'Failed') \gset
SELECT FROM idpsync.fail_operation(:'operation_id', 5, 'not found', ARRAY['{"@type": "type.googleapis.com/google.protobuf.Empty"}',
    '{"@type": "types.example.com/detail", "why": ["a", null, 1e3]}']::idpsync.protobuf_any[]);
SELECT operation_id FROM idpsync.create_operation('tenant', 'Cancelled') \gset
SELECT FROM idpsync.cancel_operation(:'operation_id');
