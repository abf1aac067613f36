-- call_json(): the methods in ProtoJSON, and the actions with their documented JSON
SET search_path = '';
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
\set sessions /yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/
-- ids, times, milliseconds and request ids differ from run to run
CREATE FUNCTION test.show(answer json) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT regexp_replace(regexp_replace(replace(test.mask(answer::text), format('"createdBy": "%s"', current_user), '"createdBy": <role>'), '"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}"', '<uuid>', 'g'),
                          '(Time": )[0-9]{13}', '\1<ms>', 'g')
$$;

-- methods
SELECT idpsync.call_json(:'sessions' || 'OpenSession', '{"subjectContainerId": "json", "agent_id": "agent \"1\"", "sessionType": "AD_PASSWORD_HASH"}') AS answer \gset
SELECT test.show(:'answer'::json);
SELECT :'answer'::json #>> '{metadata,sessionId}' AS id, :'answer'::json ->> 'id' AS operation_id \gset
SELECT test.show(idpsync.call_json(:'sessions' || 'ReportSessionProgress', json_build_object('session_id', :'id', 'progress_entries', json '[{"object_type": 1, "change_info": [{"changeType": "DELETE", "successful": "3"}]}]')));
SELECT test.show(idpsync.call_json(:'sessions' || 'Heartbeat', json_build_object('sessionId', :'id')));
SELECT test.show(idpsync.call_json(:'sessions' || 'GetSession', json_build_object('sessionId', :'id')));
SELECT test.show(idpsync.call_json(:'sessions' || 'ListSessions', '{"subjectContainerId": "json", "pageSize": "1", "pageToken": null}'));
SELECT test.show(idpsync.call_json(:'sessions' || 'CloseSession', json_build_object('sessionId', :'id', 'failed', true)));
SELECT test.show(idpsync.call_json('/yandex.cloud.operation.OperationService/Get', json_build_object('operationId', :'operation_id')));
SELECT test.show(idpsync.call_json('/google.longrunning.Operations/GetOperation', json_build_object('name', 'json/operations/' || :'operation_id')));
SELECT test.show(idpsync.call_json('/google.longrunning.Operations/ListOperations', '{"name": "json/operations", "filter": "method = \"CloseSession\""}'));
SELECT test.show(idpsync.call_json('/google.longrunning.Operations/WaitOperation', json_build_object('name', 'operations/' || :'operation_id', 'timeout', '1.5s')));
SELECT test.show(idpsync.call_json('/google.longrunning.Operations/CancelOperation', json_build_object('name', 'operations/' || :'operation_id')));
SELECT test.show(idpsync.call_json('/google.longrunning.Operations/DeleteOperation', json_build_object('name', 'operations/' || :'operation_id')));
SELECT test.show(idpsync.call_json(:'sessions' || 'ListSessions', '{"subjectContainerId": "nobody"}'));

-- the actions
SELECT test.show(idpsync.call_json('RunSynchronizationJob', '{"InstanceId": "json", "TargetType": "identity_provider", "TargetId": "idp 1", "Description": "a \"first\" run"}'));
SELECT idpsync.call_json('RunSynchronizationJob', '{"InstanceId": "json", "TargetType": "application", "TargetId": "app 1"}', 'key') ->> 'SynchronizationJobId' AS id \gset
SELECT idpsync.call_json('RunSynchronizationJob', '{"InstanceId": "json", "TargetId": "app 1", "TargetType": "application", "Description": ""}', 'key') ->> 'SynchronizationJobId' = :'id' AS same;
SELECT synchronization_job_id = :'id' AS same FROM idpsync.run_synchronization_job('json', 'application', 'app 1', idempotency_key => 'key');
SELECT test.refused('SELECT idpsync.call_json(''RunSynchronizationJob'', ''{"InstanceId": "json", "TargetId": "app 2", "TargetType": "application"}'', ''key'')');
SELECT test.show(idpsync.call_json('GetSynchronizationJob', json_build_object('InstanceId', 'json', 'SynchronizationJobId', :'id')));
SELECT FROM idpsync.start_synchronization_job(:'id') \g /dev/null
SELECT FROM idpsync.finish_synchronization_job(:'id', '{"UserStatistics": {"Created": {"Total": 3, "Success": 1, "Failed": 1, "Skipped": 1}, "Exported": {"Total": 2, "Success": 2}}}', error_code => 'ErrorCodeNotFound', error_message => E'not\nfound') \g /dev/null
SELECT test.show(idpsync.call_json('GetSynchronizationJob', json_build_object('InstanceId', 'json', 'SynchronizationJobId', :'id')));
SELECT (answer #>> '{SynchronizationJob,StartTime}')::bigint = floor(extract(epoch FROM start_time) * 1000) AS start_time,
       (answer #>> '{SynchronizationJob,EndTime}')::bigint = floor(extract(epoch FROM end_time) * 1000) AS end_time
FROM idpsync.call_json('GetSynchronizationJob', json_build_object('InstanceId', 'json', 'SynchronizationJobId', :'id')) AS answer, idpsync.get_synchronization_job(:'id');

-- pages: by token until there is none, by number without any
SELECT FROM pg_catalog.generate_series(1, 5) AS n, idpsync.run_synchronization_job('json', 'application', 'app ' || n) \g /dev/null
DO $$
DECLARE
    token text := '';
    answer json;
    ids text[] := '{}';
    sizes text := '';
BEGIN
    LOOP
        answer := idpsync.call_json('ListSynchronizationJobs', json_build_object('InstanceId', 'json', 'MaxResults', 3, 'NextToken', token));
        ids := ids || (SELECT array_agg(j ->> 'SynchronizationJobId' ORDER BY n) FROM json_array_elements(answer -> 'SynchronizationJobs') WITH ORDINALITY AS j (j, n));
        sizes := sizes || ' ' || json_array_length(answer -> 'SynchronizationJobs') || '/' || (answer ->> 'TotalCount');
        token := answer ->> 'NextToken';
        EXIT WHEN token IS NULL;
    END LOOP;
    RAISE NOTICE 'pages:%; as listed by SQL: %', sizes, ids = (SELECT array_agg(synchronization_job_id) FROM idpsync.list_synchronization_jobs('json'));
END $$;
SELECT request, answer -> 'TotalCount' AS total, pg_catalog.json_array_length(answer -> 'SynchronizationJobs') AS jobs, answer -> 'NextToken' IS NOT NULL AS token
FROM (VALUES (json '{}'), ('{"MaxResults": 7}'), ('{"PageNumber": 2, "PageSize": 4}'), ('{"PageSize": "4"}'), ('{"PageNumber": 3}'), ('{"MaxResults": 2, "PageNumber": 9}'),
    ('{"TargetType": "identity_provider"}'), ('{"TargetIds": ["app 1", "app 2"]}'), ('{"TargetIds": []}'), ('{"Direction": "egress", "Status": "pending"}'),
    ('{"Status": "failed", "Filters": null}'), ('{"StartTime": 0, "EndTime": "253402300799999"}'), ('{"StartTime": 253402300799999}'), ('{"Status": ""}')) AS r (request),
    idpsync.call_json('ListSynchronizationJobs', (request::jsonb || '{"InstanceId": "json"}')::json) AS answer;

-- documents that are not as documented
SELECT test.refused(format('SELECT idpsync.call_json(%L, %L)', method, document)) AS answer FROM (VALUES
    ('ListSynchronizationJobs', '{}'),
    ('ListSynchronizationJobs', '[]'),
    ('ListSynchronizationJobs', '{"InstanceId": 1}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "InstanceId": "i"}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "instanceId": "i"}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "MaxResults": 0}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "MaxResults": 101}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "MaxResults": 1.5}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "MaxResults": 99999999999999999999}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "PageNumber": 0}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "PageSize": 101}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "NextToken": "x"}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "TargetType": "x"}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "TargetIds": "t"}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "TargetIds": ["t", 1]}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "Direction": "in"}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "Status": "PENDING"}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "StartTime": -1}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "StartTime": 253402300800000}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "StartTime": 2, "EndTime": 1}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "Filters": [{"Key": "k", "Values": []}]}'),
    ('GetSynchronizationJob', '{"InstanceId": "i"}'),
    ('GetSynchronizationJob', '{"SynchronizationJobId": "sync_1"}'),
    ('GetSynchronizationJob', '{"InstanceId": "i", "SynchronizationJobId": "sync_1"}'),
    ('RunSynchronizationJob', '{"InstanceId": "i", "TargetId": "t"}'),
    ('RunSynchronizationJob', '{"InstanceId": "i", "TargetType": "application"}'),
    ('RunSynchronizationJob', '{"InstanceId": "i", "TargetType": "application", "TargetId": "t", "UserIdentityTypes": []}'),
    ('RunSynchronizationJob', '{"InstanceId": "i", "TargetType": "application", "TargetId": "t", "SynchronizationScopeConfig": {}}'),
    ('RunSynchronizationJob', '{"InstanceId": "i", "TargetType": "application", "TargetId": "t", "PasswordInitialization": true}'),
    ('RunSynchronizationJob', format('{"InstanceId": "i", "TargetType": "application", "TargetId": "%s"}', pg_catalog.repeat('é', 65))),
    (:'sessions' || 'Heartbeat', '[]'),
    (:'sessions' || 'Heartbeat', '{"sessionID": "s"}'),
    (:'sessions' || 'Heartbeat', '{"sessionId": 1}'),
    (:'sessions' || 'Heartbeat', '{"sessionId": "s", "session_id": "s"}'),
    (:'sessions' || 'Heartbeat', '{"sessionId": null}'),
    (:'sessions' || 'OpenSession', '{"sessionType": "AD"}'),
    (:'sessions' || 'ReportSessionProgress', '{"progressEntries": [{"changeInfo": [{"successful": "9223372036854775808"}]}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"progressEntries": [{"changeInfo": [{"successful": 1.5}]}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"progressEntries": [{"changeInfo": {}}]}'),
    ('/google.longrunning.Operations/WaitOperation', '{"name": "operations/x", "timeout": "1"}')) AS d (method, document);
SELECT test.refused(format('SELECT idpsync.call_json(%L, %L)', 'Run', '{}'));
SELECT test.refused(format('SELECT idpsync.call_json(%L, NULL)', 'RunSynchronizationJob'));

-- nested deeper than is read, and longer
SELECT test.refused(format('SELECT idpsync.call_json(%L, (pg_catalog.repeat(''['', 5000) || pg_catalog.repeat('']'', 5000))::json)', 'GetSynchronizationJob'));
SELECT test.refused(format('SELECT idpsync.call_json(%L, (''{"TargetIds": '' || pg_catalog.repeat(''['', 100) || pg_catalog.repeat('']'', 100) || ''}'')::json)', 'ListSynchronizationJobs'));
SELECT test.refused(format('SELECT idpsync.call_json(%L, pg_catalog.to_json(pg_catalog.repeat(''x'', 67108864)))', :'sessions' || 'Heartbeat'));
SELECT test.refused(format('SELECT idpsync.call_json(%L, pg_catalog.json_build_object(''sessionId'', pg_catalog.repeat(''x'', 20000000)))', :'sessions' || 'Heartbeat'));
DROP FUNCTION test.show(json);
-- the counts have kept up
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok AND check_name = 'counts';
