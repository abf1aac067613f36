-- call(): serialized requests of the gRPC methods in, serialized responses out
SET search_path = '';
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
\set sessions /yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/

-- a request of its ProtoJSON, and an answer as ProtoJSON, by what rpc_methods() says of the method
CREATE FUNCTION test.request(called text, fields jsonb) RETURNS bytea LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT idpsync.value((jsonb_build_object('@type', 'type.googleapis.com/' || request_type) || fields)::idpsync.protobuf_any)
    FROM idpsync.rpc_methods() WHERE method = called
$$;
CREATE FUNCTION test.answer(called text, answer bytea) RETURNS jsonb LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT idpsync.protobuf_any('type.googleapis.com/' || response_type, answer)::jsonb - '@type'
    FROM idpsync.rpc_methods() WHERE method = called
$$;
CREATE FUNCTION test.call(called text, fields jsonb, key text DEFAULT NULL) RETURNS jsonb LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT test.answer(called, idpsync.call(called, test.request(called, fields), key))
$$;
-- ids, times and the role differ from run to run
CREATE FUNCTION test.show(answer jsonb) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS $$ 
    SELECT replace(test.mask(jsonb_pretty(answer)), format('"createdBy": "%s"', current_user), '"createdBy": <role>')
$$;

-- what there is
SELECT * FROM idpsync.rpc_methods();

-- a whole session, on behalf of an end user
SET idpsync.caller = 'agent@example.com';
SELECT test.call(:'sessions' || 'OpenSession', '{"subjectContainerId": "call", "agentId": "agent 1", "sessionType": "AD_SYNC"}') AS answer \gset
SELECT test.show(:'answer');
SELECT :'answer'::jsonb #>> '{metadata,sessionId}' AS id, :'answer'::jsonb ->> 'id' AS operation_id \gset
SELECT answer #> '{response,result}' AS result, answer #>> '{metadata,sessionId}' = :'id' AS the_open_one, answer #>> '{response,openedSession,agentId}' AS agent
FROM test.call(:'sessions' || 'OpenSession', '{"subjectContainerId": "call", "agentId": "agent 2", "sessionType": "AD_SYNC"}') AS answer;
SELECT test.show(test.call(:'sessions' || 'ReportSessionProgress', jsonb_build_object('sessionId', :'id', 'progressEntries', jsonb '[
    {"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": 5, "failed": 1}, {"changeType": "CHANGE_TYPE_UNSPECIFIED"}]},
    {"objectType": "GROUP", "changeInfo": [{"changeType": "PASSWORD_HASH_UPDATE", "failed": "9223372036854775807"}]}]')));
SELECT test.show(test.call(:'sessions' || 'Heartbeat', jsonb_build_object('sessionId', :'id')));
SELECT test.show(test.call(:'sessions' || 'GetSession', jsonb_build_object('sessionId', :'id')));
SELECT test.show(test.call(:'sessions' || 'CloseSession', jsonb_build_object('sessionId', :'id')));
SELECT test.refused(format('SELECT test.call(%L, %L)', :'sessions' || method, jsonb_build_object('sessionId', :'id') || fields))
FROM (VALUES ('Heartbeat', jsonb '{}'), ('CloseSession', '{"failed": true, "failReason": "late"}'),
             ('ReportSessionProgress', '{"progressEntries": [{"objectType": 1, "changeInfo": [{}]}]}')) AS late (method, fields);
RESET idpsync.caller;

-- seven changes of one type go out in two entries, and a failed session with its reason
SELECT session_id AS id FROM idpsync.open_session('call', 'agent 1', 'AD_SYNC') \gset
SELECT FROM pg_catalog.generate_series(0, 6) AS change, test.call(:'sessions' || 'ReportSessionProgress', jsonb_build_object('sessionId', :'id',
    'progressEntries', jsonb_build_array(jsonb_build_object('objectType', 3, 'changeInfo', jsonb_build_array(jsonb_build_object('changeType', change, 'successful', change)))))) AS answer \g /dev/null
SELECT test.show(test.call(:'sessions' || 'CloseSession', jsonb_build_object('sessionId', :'id', 'failed', true, 'failReason', 'Größe')) -> 'response');

-- pages of sessions
SELECT FROM pg_catalog.generate_series(1, 3), idpsync.open_session('call', 'agent 3', 'AD_SYNC') AS o, idpsync.close_session(o.session_id) \g /dev/null
DO $$
DECLARE
    page jsonb := '{}';
    pages int := 0;
    ids text[] := '{}';
BEGIN
    LOOP
        page := test.call('/yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/ListSessions',
                          jsonb_build_object('subjectContainerId', 'call', 'pageSize', 2, 'pageToken', page -> 'nextPageToken'));
        pages := pages + 1;
        ids := ids || (SELECT array_agg(s ->> 'sessionId' ORDER BY n) FROM jsonb_array_elements(page -> 'sessions') WITH ORDINALITY AS s (s, n));
        EXIT WHEN NOT page ? 'nextPageToken';
    END LOOP;
    RAISE NOTICE '% pages, as listed by SQL: %', pages, ids = (SELECT array_agg(session_id) FROM idpsync.list_sessions('call'));
END $$;
SELECT pg_catalog.count(*) FROM pg_catalog.jsonb_array_elements(test.call(:'sessions' || 'ListSessions', '{"subjectContainerId": "call", "filter": "status = \"FAILED\" AND agent_id = \"agent 1\""}') -> 'sessions');
SELECT test.call(:'sessions' || 'ListSessions', '{"subjectContainerId": "nobody"}');

-- operations of both services
SELECT test.show(test.call('/yandex.cloud.operation.OperationService/Get', jsonb_build_object('operationId', :'operation_id')) - 'response');
SELECT test.call('/yandex.cloud.operation.OperationService/Get', jsonb_build_object('operationId', :'operation_id')) = :'answer'::jsonb AS as_answered;
SELECT test.show(test.call('/google.longrunning.Operations/GetOperation', jsonb_build_object('name', name)) - 'response')
FROM pg_catalog.unnest(ARRAY['operations/' || :'operation_id', 'call/operations/' || :'operation_id']) AS name;
SELECT operation_id FROM idpsync.create_operation('call', 'Mine', 'of my own', '{"@type": "types.example.com/mine", "value": "AQI="}') \gset
SELECT test.show(test.call('/yandex.cloud.operation.OperationService/Get', jsonb_build_object('operationId', :'operation_id')));
SELECT test.show(test.call('/google.longrunning.Operations/WaitOperation', jsonb_build_object('name', 'operations/' || :'operation_id', 'timeout', '0.01s')));
SELECT FROM idpsync.fail_operation(:'operation_id', 9, 'went wrong', ARRAY['{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": "f"}]}', '{"@type": "types.example.com/x"}']::idpsync.protobuf_any[]) \g /dev/null
SELECT test.show(test.call('/google.longrunning.Operations/WaitOperation', jsonb_build_object('name', 'operations/' || :'operation_id')));
SELECT test.show(test.call('/yandex.cloud.operation.OperationService/Get', jsonb_build_object('operationId', :'operation_id')) -> 'error');
SELECT operation_id FROM idpsync.create_operation('call', 'Mine') \gset
SELECT test.show(test.call('/yandex.cloud.operation.OperationService/Cancel', jsonb_build_object('operationId', :'operation_id')));
SELECT idpsync.call('/google.longrunning.Operations/CancelOperation', test.request('/google.longrunning.Operations/CancelOperation', jsonb_build_object('name', 'call/operations/' || :'operation_id')));
SELECT idpsync.call('/google.longrunning.Operations/DeleteOperation', test.request('/google.longrunning.Operations/DeleteOperation', jsonb_build_object('name', 'operations/' || :'operation_id')));
SELECT test.refused(format('SELECT test.call(%L, %L)', '/google.longrunning.Operations/DeleteOperation', jsonb_build_object('name', 'operations/' || :'operation_id')));
DO $$
DECLARE
    page jsonb := '{}';
    pages int := 0;
    names text[] := '{}';
BEGIN
    LOOP
        page := test.call('/google.longrunning.Operations/ListOperations',
                          jsonb_build_object('name', 'call/operations', 'pageSize', 7, 'pageToken', page -> 'nextPageToken'));
        pages := pages + 1;
        names := names || (SELECT array_agg(o ->> 'name' ORDER BY n) FROM jsonb_array_elements(page -> 'operations') WITH ORDINALITY AS o (o, n));
        EXIT WHEN NOT page ? 'nextPageToken';
    END LOOP;
    RAISE NOTICE '% pages, as listed by SQL: %', pages, names = (SELECT array_agg('operations/' || operation_id) FROM idpsync.list_operations('call'));
END $$;
-- fields kept as JSON have no bytes of their own, and travel as a StringValue of their JSON
SELECT operation_id FROM idpsync.create_operation('call json', 'Mine', metadata => '{"@type": "types.example.com/standard/id", "id": 1234}') \gset
SELECT test.call('/yandex.cloud.operation.OperationService/Get', jsonb_build_object('operationId', :'operation_id'))->'metadata' AS metadata;

-- an operation that is not kept is answered in full all the same
SELECT FROM idpsync.configure_store('keep_operations', 'lifecycle') \g /dev/null
SELECT session_id AS id FROM idpsync.open_session('call', 'agent 1', 'AD_SYNC') \gset
SELECT test.call(:'sessions' || 'Heartbeat', jsonb_build_object('sessionId', :'id')) AS answer \gset
SELECT :'answer'::jsonb -> 'done' AS done, :'answer'::jsonb #>> '{response,@type}' AS response;
SELECT test.refused(format('SELECT test.call(%L, %L)', '/yandex.cloud.operation.OperationService/Get', jsonb_build_object('operationId', :'answer'::jsonb -> 'id')));
SELECT FROM idpsync.configure_store('keep_operations', NULL) \g /dev/null

-- a key makes a request by SQL and one by call() the same
SELECT operation_id FROM idpsync.heartbeat(:'id', idempotency_key => 'key 1') \gset
SELECT test.call(:'sessions' || 'Heartbeat', jsonb_build_object('sessionId', :'id'), 'key 1') ->> 'id' = :'operation_id' AS same;
SELECT operation_id FROM idpsync.report_session_progress(:'id', '[{"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": 5}]}]', idempotency_key => 'key 2') \gset
SELECT test.call(:'sessions' || 'ReportSessionProgress', jsonb_build_object('sessionId', :'id', 'progressEntries', jsonb '[{"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": 5}]}]'), 'key 2') ->> 'id' = :'operation_id' AS same;
SELECT test.refused(format('SELECT test.call(%L, %L, %L)', :'sessions' || 'ReportSessionProgress', jsonb_build_object('sessionId', :'id', 'progressEntries', jsonb '[{"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": 6}]}]'), 'key 2'));
SELECT operation_id FROM idpsync.open_session('call', 'agent 1', 'AD_SYNC', idempotency_key => 'key 3') \gset
SELECT test.call(:'sessions' || 'OpenSession', '{"subjectContainerId": "call", "agentId": "agent 1", "sessionType": "AD_SYNC"}', 'key 3') ->> 'id' = :'operation_id' AS same;
SELECT test.call(:'sessions' || 'CloseSession', jsonb_build_object('sessionId', :'id', 'failed', true), 'key 4') ->> 'id' AS operation_id \gset
SELECT operation_id = :'operation_id' AS same FROM idpsync.close_session(:'id', true, idempotency_key => 'key 4');
SELECT operation_id FROM idpsync.create_operation('call', 'Mine') \gset
SELECT FROM test.call('/google.longrunning.Operations/CancelOperation', jsonb_build_object('name', 'operations/' || :'operation_id'), 'key 5') \g /dev/null
SELECT test.call('/yandex.cloud.operation.OperationService/Cancel', jsonb_build_object('operationId', :'operation_id'), 'key 5') ->> 'id' = :'operation_id' AS same;
SELECT test.refused(format('SELECT test.call(%L, %L, %L)', :'sessions' || 'Heartbeat', jsonb_build_object('sessionId', :'id'), repeat('k', 65)));

-- requests that are not as documented, with the path of the field
SELECT method, test.refused(format('SELECT test.call(%L, %L)', method, fields)) AS answer FROM (VALUES
    (:'sessions' || 'OpenSession', jsonb '{}'),
    (:'sessions' || 'OpenSession', '{"subjectContainerId": "c"}'),
    (:'sessions' || 'OpenSession', '{"subjectContainerId": "c", "agentId": "a"}'),
    (:'sessions' || 'OpenSession', '{"subjectContainerId": "c", "agentId": "a", "sessionType": 4}'),
    (:'sessions' || 'OpenSession', '{"subjectContainerId": "c", "agentId": "a", "sessionType": -1}'),
    (:'sessions' || 'OpenSession', jsonb_build_object('subjectContainerId', pg_catalog.repeat('é', 51), 'agentId', 'a', 'sessionType', 1)),
    (:'sessions' || 'CloseSession', '{}'),
    (:'sessions' || 'CloseSession', '{"sessionId": "s", "failReason": "r"}'),
    (:'sessions' || 'CloseSession', jsonb_build_object('sessionId', 's', 'failed', true, 'failReason', pg_catalog.repeat('r', 257))),
    (:'sessions' || 'Heartbeat', '{}'),
    (:'sessions' || 'Heartbeat', '{"sessionId": "nobody"}'),
    (:'sessions' || 'GetSession', '{}'),
    (:'sessions' || 'ListSessions', '{}'),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "c", "pageSize": 1001}'),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "c", "pageSize": -1}'),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "c", "pageToken": "t"}'),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "c", "filter": "agent = \"a\""}'),
    (:'sessions' || 'ListSessions', jsonb_build_object('subjectContainerId', 'c', 'filter', pg_catalog.repeat(' ', 1001))),
    (:'sessions' || 'ListSessions', jsonb_build_object('subjectContainerId', 'c', 'pageToken', pg_catalog.repeat('t', 2001))),
    (:'sessions' || 'ReportSessionProgress', '{}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s"}'),
    (:'sessions' || 'ReportSessionProgress', '{"progressEntries": [{"objectType": "USER", "changeInfo": [{}]}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s", "progressEntries": [{"changeInfo": [{}]}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s", "progressEntries": [{"objectType": 4, "changeInfo": [{}]}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s", "progressEntries": [{"objectType": 1, "changeInfo": [{}]}, {"objectType": 2}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s", "progressEntries": [{"objectType": 1, "changeInfo": [{}, {"changeType": 7}]}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s", "progressEntries": [{"objectType": 1, "changeInfo": [{}, {"changeType": 1, "successful": -1}]}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s", "progressEntries": [{"objectType": 1, "changeInfo": [{}, {"changeType": 1, "failed": -1}]}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s", "progressEntries": [{"objectType": 1, "changeInfo": [{}]}, {"objectType": 1, "changeInfo": [{}]}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s", "progressEntries": [{"objectType": 1, "changeInfo": [{}, {}, {}, {}, {}, {}, {}]}]}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s", "progressEntries": [{"objectType": 1, "changeInfo": [{}]}, {"objectType": 2, "changeInfo": [{}]}, {"objectType": 3, "changeInfo": [{}]}, {}]}'),
    ('/yandex.cloud.operation.OperationService/Get', '{}'),
    ('/yandex.cloud.operation.OperationService/Cancel', '{"operationId": "op_1"}'),
    ('/google.longrunning.Operations/GetOperation', '{}'),
    ('/google.longrunning.Operations/GetOperation', '{"name": "op_1"}'),
    ('/google.longrunning.Operations/GetOperation', '{"name": "operations/"}'),
    ('/google.longrunning.Operations/GetOperation', '{"name": "myoperations/op_1"}'),
    ('/google.longrunning.Operations/GetOperation', '{"name": "operations/op_1"}'),
    ('/google.longrunning.Operations/ListOperations', '{"name": "operations"}'),
    ('/google.longrunning.Operations/ListOperations', '{"name": "/operations"}'),
    ('/google.longrunning.Operations/ListOperations', '{"name": "c"}'),
    ('/google.longrunning.Operations/ListOperations', '{"name": "c/operations", "pageSize": -1}'),
    ('/google.longrunning.Operations/ListOperations', '{"name": "c/operations", "returnPartialSuccess": true}'),
    ('/google.longrunning.Operations/WaitOperation', '{"name": "operations/op_1", "timeout": "-1s"}'),
    ('/google.longrunning.Operations/WaitOperation', '{"name": "operations/op_1", "timeout": "86400.001s"}')) AS r (method, fields);
SELECT test.refused(format('SELECT idpsync.call(%L, %L)', method, ''))
FROM pg_catalog.unnest(ARRAY['', 'Heartbeet', '/yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/heartbeat', 'ListSynchronizationJobs', pg_catalog.repeat('/', 300), pg_catalog.repeat('x', 1001)]) AS method;
SELECT test.refused('SELECT idpsync.call(''/yandex.cloud.operation.OperationService/Get'', NULL)');
SELECT test.refused('SELECT idpsync.call(NULL, '''')');

-- bytes that are no message
SELECT bytes, test.refused(format('SELECT idpsync.call(%L, %L::bytea)', :'sessions' || method, bytes)) AS answer FROM (VALUES
    ('Heartbeat', '\x0a'), ('Heartbeat', '\x0a05'), ('Heartbeat', '\x0aff'), ('Heartbeat', '\x0affffffffffffffffff01'), ('Heartbeat', '\x0a8080808010'),
    ('Heartbeat', '\x08ffffffffffffffffffff01'), ('Heartbeat', '\x00'), ('Heartbeat', '\x0b0c'), ('Heartbeat', '\x0a01ff'), ('Heartbeat', '\x0a0100'), ('Heartbeat', '\x0801'),
    ('ReportSessionProgress', '\x12'), ('ReportSessionProgress', '\x12ffffffffffffffffff01'), ('ReportSessionProgress', '\x1001'),
    ('ReportSessionProgress', '\x1203120108'), ('ReportSessionProgress', '\x0a01c3')) AS b (method, bytes);
-- unknown fields are skipped, whatever their wire type; of a field that is there twice the last counts
SELECT test.refused(format('SELECT idpsync.call(%L, %L::bytea)', :'sessions' || 'Heartbeat', bytes))
FROM pg_catalog.unnest(ARRAY['\x0a0161507b0a0162', '\x51000000000000000052020a000a0162', '\x5d000000000a0162']) AS bytes;
-- longer than is read: refused before it is
SELECT test.refused(format('SELECT idpsync.call(%L, pg_catalog.convert_to(pg_catalog.repeat(''x'', 17000000), ''UTF8''))', :'sessions' || method))
FROM pg_catalog.unnest(ARRAY['Heartbeat', 'ReportSessionProgress']) AS method;
-- a string of many megabytes, well-formed
SELECT test.refused(format('SELECT idpsync.call(%L, ''\x0a8092f401''::bytea || pg_catalog.convert_to(pg_catalog.repeat(''x'', 4000000), ''UTF8''))', :'sessions' || method))
FROM pg_catalog.unnest(ARRAY['Heartbeat', 'ReportSessionProgress']) AS method;

-- every truncation, every flipped bit and many random strings: an answer or an error, never an internal one
CREATE FUNCTION test.survives(called text, bytes bytea) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM idpsync.call(called, bytes);
    RETURN 'answer';
EXCEPTION WHEN OTHERS THEN
    RETURN CASE WHEN SQLSTATE ~ '^(22|P0002|55000|0A000)' THEN 'error' ELSE SQLSTATE || ' ' || SQLERRM END;
END $$;
SELECT session_id AS id FROM idpsync.open_session('call', 'agent 1', 'AD_SYNC') \gset
CREATE TEMP TABLE sample AS
SELECT called, test.request(called, fields) AS bytes FROM (VALUES
    (:'sessions' || 'OpenSession', jsonb '{"subjectContainerId": "flip", "agentId": "é", "sessionType": 2}'),
    (:'sessions' || 'CloseSession', '{"sessionId": "ses", "failed": true, "failReason": "r"}'),
    (:'sessions' || 'ReportSessionProgress', jsonb_build_object('sessionId', :'id', 'progressEntries', jsonb '[{"objectType": 1, "changeInfo": [{"changeType": 1, "successful": 300}, {"changeType": 2, "failed": "9223372036854775807"}]}, {"objectType": 3, "changeInfo": [{}]}]')),
    (:'sessions' || 'Heartbeat', jsonb_build_object('sessionId', :'id')),
    (:'sessions' || 'GetSession', jsonb_build_object('sessionId', :'id')),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "call", "pageSize": 3, "filter": "status = \"OPENED\""}'),
    ('/yandex.cloud.operation.OperationService/Get', '{"operationId": "op_00000000000000000000000000"}'),
    ('/yandex.cloud.operation.OperationService/Cancel', '{"operationId": "op_00000000000000000000000000"}'),
    ('/google.longrunning.Operations/GetOperation', '{"name": "operations/op_0"}'),
    ('/google.longrunning.Operations/ListOperations', '{"name": "call/operations", "pageSize": 3, "filter": "done = true"}'),
    ('/google.longrunning.Operations/CancelOperation', '{"name": "operations/op_0"}'),
    ('/google.longrunning.Operations/DeleteOperation', '{"name": "operations/op_0"}'),
    ('/google.longrunning.Operations/WaitOperation', '{"name": "operations/op_0", "timeout": "1s"}')) AS s (called, fields);
SELECT called, string_agg(DISTINCT result, ', ' ORDER BY result) AS truncated
FROM (SELECT called, test.survives(called, pg_catalog.substr(bytes, 1, n)) FROM sample, pg_catalog.generate_series(0, pg_catalog.length(bytes) - 1) AS n) AS t (called, result)
GROUP BY called ORDER BY called;
SELECT called, string_agg(DISTINCT result, ', ' ORDER BY result) AS flipped
FROM (SELECT called, test.survives(called, pg_catalog.set_bit(bytes, n, 1 - pg_catalog.get_bit(bytes, n))) FROM sample, pg_catalog.generate_series(0, pg_catalog.length(bytes) * 8 - 1) AS n) AS t (called, result)
GROUP BY called ORDER BY called;
SELECT called, string_agg(DISTINCT result, ', ' ORDER BY result) AS random
FROM (SELECT called, test.survives(called, pg_catalog.substr(pg_catalog.decode(pg_catalog.md5(n::text || called), 'hex'), 1, n % 17)) FROM sample, pg_catalog.generate_series(1, 400) AS n) AS t (called, result)
GROUP BY called ORDER BY called;
SELECT FROM idpsync.close_session(:'id') \g /dev/null
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
DROP TABLE sample;
