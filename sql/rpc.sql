-- errors on the wire
SET search_path = '';
\pset format unaligned

SELECT sqlstate, idpsync.rpc_code(sqlstate) AS code
FROM pg_catalog.unnest(ARRAY['00000', '22023', '22P02', '23514', '23502', '23505', '21000', 'P0002', '55000', '25006', '42501', '40001', '40P01', '55P03',
    '53300', '54000', '57014', '0A000', '57P01', '57P03', '08006', '25001', '42P01', 'XX000', 'P0001', '40002']) AS sqlstate;
SELECT test.refused(format('SELECT idpsync.rpc_code(%L)', sqlstate)) FROM pg_catalog.unnest(ARRAY['', '2202', '220233', '22p02', '2202é']) AS sqlstate;
SELECT idpsync.rpc_code(NULL);

-- what the errors of calls become
CREATE FUNCTION test.status(statement text) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    detail text;
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN test.mask(idpsync.protobuf_any('type.googleapis.com/google.rpc.Status', idpsync.rpc_status(SQLSTATE, SQLERRM, detail))::text);
END $$;
\set sessions /yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/
SELECT test.status(format('SELECT idpsync.call_json(%L, %L)', method, document)) FROM (VALUES
    (:'sessions' || 'OpenSession', '{"subjectContainerId": "c"}'),
    (:'sessions' || 'ReportSessionProgress', '{"sessionId": "s", "progressEntries": [{"objectType": 1, "changeInfo": [{}, {}]}]}'),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "c", "filter": "x"}'),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "c", "filter": "created_at < \"x\""}'),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "c", "pageToken": "x"}'),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "c", "pageSize": 5000}'),
    (:'sessions' || 'Heartbeat', '{"x": 1}'),
    (:'sessions' || 'Heartbeat', '[]'),
    (:'sessions' || 'Heartbeat', '{"sessionId": "s"}'),
    ('ListSynchronizationJobs', '{"InstanceId": "i", "TargetIds": ["t", 1]}'),
    ('RunSynchronizationJob', '{"InstanceId": "i", "PasswordInitialization": true}'),
    ('Run', '{}')) AS d (method, document);
-- only a detail that blames a field is told
SELECT idpsync.protobuf_any('type.googleapis.com/google.rpc.Status', idpsync.rpc_status(sqlstate, message, detail))
FROM (VALUES ('23505', 'm', 'At key: (secret)'), ('23514', 'm', 'Failing row contains (secret)'), ('22023', 'é', 'At $[0].a: b: c'), ('22023', 'm', 'At noon'),
             ('00000', NULL, NULL), ('XX000', '', 'At a: b')) AS e (sqlstate, message, detail);
SELECT test.refused('SELECT idpsync.rpc_status(NULL, ''m'')');
SELECT test.refused('SELECT idpsync.rpc_status(''x'', ''m'')');
