-- long-running operations: created, finished, failed, cancelled, deleted, waited for, listed
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned

-- created: running, with neither error nor response
SELECT operation_id ~ '^op_[0-9a-v]{26}$' AS id, tenant_id, method, description, created_by = current_user AS by_us,
       created_at = idpsync.id_time(operation_id) AS created_at, modified_at >= created_at AS modified_at,
       done, metadata, error_code, error_message, error_details, response
FROM idpsync.create_operation('operation', 'Rebuild', 'at night', '{"@type": "types.example.com/standard/id", "id": 1234}');
SET idpsync.caller = 'Zoë of the front end';
SELECT created_by, description FROM idpsync.create_operation(tenant_id => 'operation', method => 'Rebuild', description => '');
RESET idpsync.caller;
SELECT operation_id AS id FROM idpsync.operation WHERE description IS NOT NULL \gset
SELECT operation_id AS other FROM idpsync.operation WHERE description IS NULL \gset

-- finished, once
SELECT done, response, error_code, modified_at >= created_at AS modified FROM idpsync.finish_operation(:'id', '{"@type": "types.example.com/standard/id", "id": 5}');
SELECT done, response FROM idpsync.finish_operation(:'other');
SELECT test.fingerprint() AS before \gset
SELECT test.refused(format('SELECT * FROM idpsync.finish_operation(%L)', :'id'));
SELECT test.refused(format('SELECT * FROM idpsync.fail_operation(%L, 5)', :'id'));
SELECT done, error_code, response FROM idpsync.cancel_operation(:'id');
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT method, description, done, metadata, response FROM idpsync.get_operation(:'id', 'operation');

-- failed: with code, message and details
SELECT operation_id AS id FROM idpsync.create_operation('operation', 'Fail') \gset
SELECT done, error_code, error_message, error_details, response
FROM idpsync.fail_operation(:'id', 16, 'who are you', ARRAY['{"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1.500s"}', '{"@type": "types.example.com/standard/id", "id": 1}']::idpsync.protobuf_any[]);
SELECT operation_id AS id FROM idpsync.create_operation('operation', 'Fail') \gset
SELECT code, split_part(test.refused(format('SELECT * FROM idpsync.fail_operation(%L, %s)', :'id', code)), E'\n', 1) AS answer
FROM unnest(ARRAY['0', '-1', '17', 'NULL']) AS code;
SELECT done FROM idpsync.get_operation(:'id');

-- cancelled: it stays, done, with error code 1
SELECT done, error_code, error_message, response FROM idpsync.cancel_operation(:'id');
SELECT done, error_code, error_message, response FROM idpsync.cancel_operation(:'id', 'operation');
SELECT test.refused(format('SELECT * FROM idpsync.finish_operation(%L)', :'id'));
SELECT done, error_code, error_message, response FROM idpsync.get_operation(:'id');

-- deleted: forgotten
SELECT idpsync.delete_operation(:'id') = :'id' AS deleted;
SELECT call, test.refused('SELECT * FROM idpsync.' || format(call, :'id')) AS answer
FROM unnest(ARRAY['get_operation(%L)', 'delete_operation(%L)', 'cancel_operation(%L)', 'finish_operation(%L)',
                  'fail_operation(%L, 1)', 'wait_operation(%L)']) AS call;
SELECT id, test.refused(format('SELECT * FROM idpsync.get_operation(%L)', id)) AS answer
FROM unnest(ARRAY['', NULL, 'op_', 'elsewhere', repeat('x', 64), repeat('x', 65), repeat('ö', 64), repeat('ö', 65)]) AS id;

-- waited for: at once when done, else at the latest after the timeout
SELECT operation_id AS id FROM idpsync.create_operation('operation', 'Wait') \gset
SELECT clock_timestamp() AS start \gset
SELECT done FROM idpsync.wait_operation(:'id', '200 milliseconds');
SELECT clock_timestamp() - :'start' >= interval '200 milliseconds' AS waited;
SELECT clock_timestamp() AS start \gset
SELECT done FROM idpsync.wait_operation(:'id', '0');
SELECT done FROM idpsync.finish_operation(:'id');
SELECT done, response FROM idpsync.wait_operation(:'id', tenant_id => 'operation');
SELECT done FROM idpsync.wait_operation(:'id', '1 day');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT done FROM idpsync.wait_operation((SELECT operation_id FROM idpsync.create_operation('operation', 'Wait')), '1 hour');
ROLLBACK;
SELECT clock_timestamp() - :'start' < interval '30 seconds' AS at_once;
SELECT timeout, test.refused(format('SELECT * FROM idpsync.wait_operation(%L, %L)', :'id', timeout)) AS answer
FROM unnest(ARRAY['-1 second', '1 day 1 second', '2 days', '1 month', NULL, '2147483647 months']) AS timeout;

-- an idempotency key answers the operation as it now is
SELECT operation_id AS id FROM idpsync.create_operation('operation', 'Key', 'first', idempotency_key => 'create') \gset
SELECT operation_id = :'id' AS the_same, done FROM idpsync.create_operation('operation', 'Key', 'first', idempotency_key => 'create');
SELECT operation_id <> :'id' AS of_another_tenant FROM idpsync.create_operation('operation 2', 'Key', 'first', idempotency_key => 'create');
SELECT done, error_code, error_message FROM idpsync.fail_operation(:'id', 3, 'no', idempotency_key => 'fail');
SELECT test.fingerprint() AS before \gset
SELECT operation_id = :'id' AS the_same, done, error_code FROM idpsync.create_operation('operation', 'Key', 'first', idempotency_key => 'create');
SELECT done, error_code, error_message FROM idpsync.fail_operation(:'id', 3, 'no', idempotency_key => 'fail');
SELECT call, test.refused('SELECT * FROM idpsync.' || format(call, :'id')) AS answer FROM unnest(ARRAY[
    'create_operation(''operation'', ''Key'', ''second'', idempotency_key => ''create'')',
    'create_operation(''operation'', ''Yek'', ''first'', idempotency_key => ''create'')',
    'create_operation(''operation'', ''Key'', ''first'', ''{"@type": "type.googleapis.com/google.protobuf.Empty"}'', ''create'')',
    'fail_operation(%L, 3, ''yes'', idempotency_key => ''fail'')',
    'fail_operation(%L, 4, ''no'', idempotency_key => ''fail'')',
    'fail_operation(%L, 3, ''no'', ARRAY[''{"@type": "type.googleapis.com/google.protobuf.Empty"}'']::idpsync.protobuf_any[], idempotency_key => ''fail'')',
    'finish_operation(%L, idempotency_key => ''fail'')',
    'cancel_operation(%L, idempotency_key => ''create'')',
    'finish_operation(%L, idempotency_key => ''another'')',
    'create_operation(''operation'', ''Key'', idempotency_key => repeat(''k'', 65))']) AS call;
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT operation_id AS id FROM idpsync.create_operation('operation', 'Key', idempotency_key => repeat('ö', 64)) \gset
SELECT error_code FROM idpsync.cancel_operation(:'id', idempotency_key => 'cancel');
SELECT error_code FROM idpsync.cancel_operation(:'id', idempotency_key => 'cancel');
SELECT operation_id AS id FROM idpsync.create_operation('operation', 'Key', idempotency_key => '') \gset
SELECT response FROM idpsync.finish_operation(:'id', NULL, idempotency_key => 'finish');
SELECT response FROM idpsync.finish_operation(:'id', '{"@type": "type.googleapis.com/google.protobuf.Empty"}', idempotency_key => 'finish');
-- a key that was rolled back is free
BEGIN;
SELECT method FROM idpsync.create_operation('operation', 'Undone', idempotency_key => 'undone');
ROLLBACK;
SELECT method FROM idpsync.create_operation('operation', 'Done', idempotency_key => 'undone');
SELECT tenant_id, key, method, operation_id IS NOT NULL AS has_operation FROM idpsync.idempotency_key WHERE char_length(key) < 64 ORDER BY tenant_id, key;

-- arguments
SELECT call, test.refused('SELECT * FROM idpsync.create_operation(' || call || ')') AS answer FROM unnest(ARRAY[
    ''''', ''m''', 'NULL, ''m''', 'repeat(''t'', 64), ''m''', 'repeat(''t'', 65), ''m''', 'repeat(''ö'', 64), ''m''', 'repeat(''ö'', 65), ''m''',
    '''t'', ''''', '''t'', NULL', '''t'', repeat(''m'', 256)', '''t'', repeat(''m'', 257)',
    '''t'', ''m'', repeat(''d'', 256)', '''t'', ''m'', repeat(''d'', 257)', '''t'', ''m'', repeat(''ö'', 256)', '''t'', ''m'', repeat(''ö'', 257)',
    '''t'', ''RunSynchronizationJob''', '''t'', ''m'', NULL, ''{}''']) AS call;

-- what hand-written SQL may not do
CREATE FUNCTION pg_temp.by_hand(change jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT test.refused(format('INSERT INTO idpsync.operation SELECT * FROM jsonb_populate_record(NULL::idpsync.operation, %L)',
        jsonb_build_object('operation_id', idpsync.create_id('op_', '2020-01-01'), 'tenant_id', 'hand', 'method', 'm', 'created_by', 'me',
                           'done', false, 'created_at', '2020-01-01', 'modified_at', '2020-01-01') || change))
$$;
SELECT change, pg_temp.by_hand(change::jsonb) AS answer FROM unnest(ARRAY[
    '{}', '{"done": true}', '{"done": true, "error_code": 1}', '{"done": true, "error_code": 16, "error_message": "m"}',
    '{"operation_id": ""}', '{"operation_id": "elsewhere"}', '{"tenant_id": ""}', '{"method": ""}', '{"description": ""}',
    '{"error_code": 1}', '{"done": true, "error_code": 0}', '{"done": true, "error_code": 17}', '{"done": true, "error_message": "m"}',
    '{"done": true, "error_details": []}', '{"created_at": "2020-01-01 00:00:00.001"}']) AS change;
SELECT field, length, pg_temp.by_hand(jsonb_build_object(field, repeat('ö', length))) AS answer
FROM (VALUES ('operation_id', 65), ('tenant_id', 65), ('tenant_id', 64), ('method', 257), ('description', 257), ('description', 256)) AS v (field, length);
SELECT change, test.refused('UPDATE idpsync.operation SET ' || change || ' WHERE method = ''Wait'' AND done') AS answer FROM unnest(ARRAY[
    'done = false, response = NULL', 'description = ''x''', 'response = NULL']) AS change;
SELECT test.refused('UPDATE idpsync.operation SET response = ''{"@type": "type.googleapis.com/google.protobuf.Empty"}'' WHERE tenant_id = ''operation 2''');
SELECT test.refused('UPDATE idpsync.operation SET done = true, error_code = 1, response = ''{"@type": "type.googleapis.com/google.protobuf.Empty"}'' WHERE tenant_id = ''operation 2''');

-- the same id in two tenants: only with the tenant
INSERT INTO idpsync.operation SELECT (pg_catalog.jsonb_populate_record(o, '{"tenant_id": "operation 3"}')).* FROM idpsync.operation AS o WHERE tenant_id = 'operation 2';
SELECT operation_id AS id FROM idpsync.operation WHERE tenant_id = 'operation 2' \gset
SELECT call, test.refused('SELECT * FROM idpsync.' || format(call, :'id')) AS answer
FROM unnest(ARRAY['get_operation(%L)', 'delete_operation(%L)', 'cancel_operation(%L)', 'finish_operation(%L)', 'fail_operation(%L, 1)', 'wait_operation(%L)']) AS call;
SELECT tenant_id FROM idpsync.get_operation(:'id', 'operation 3');
SELECT tenant_id, done FROM idpsync.finish_operation(:'id', tenant_id => 'operation 3');
SELECT tenant_id, done FROM idpsync.get_operation(:'id', 'operation 2');
SELECT idpsync.delete_operation(:'id', 'operation 2') = :'id' AS deleted;
SELECT tenant_id, done FROM idpsync.get_operation(:'id');
SELECT test.refused(format('SELECT * FROM idpsync.get_operation(%L, ''operation 2'')', :'id'));

-- which operations are kept; one that is not is answered all the same, and one with a key always stays
CREATE FUNCTION pg_temp.calls(policy text, with_keys boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    report json := '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]';
    session text;
    calls text[];
BEGIN
    PERFORM idpsync.configure_store('keep_operations', policy);
    SELECT o.session_id, ARRAY[o.operation_id] INTO session, calls
    FROM idpsync.open_session('kept ' || policy, 'a', 'AD_SYNC', idempotency_key => CASE WHEN with_keys THEN 'open' END) AS o;
    calls := calls || (SELECT operation_id FROM idpsync.heartbeat(session, idempotency_key => CASE WHEN with_keys THEN 'beat' END));
    calls := calls || (SELECT operation_id FROM idpsync.report_session_progress(session, report, idempotency_key => CASE WHEN with_keys THEN 'report' END));
    calls := calls || (SELECT operation_id FROM idpsync.close_session(session, idempotency_key => CASE WHEN with_keys THEN 'close' END));
    -- what each of the four was answered with, in their order, and whether that is kept
    RETURN (SELECT string_agg(coalesce(o.method, '-'), ' ' ORDER BY n)
            FROM unnest(calls) WITH ORDINALITY AS c (id, n) LEFT JOIN idpsync.operation AS o ON o.operation_id = c.id);
END $$;
SELECT policy, with_keys, pg_temp.calls(policy, with_keys) AS kept
FROM unnest(ARRAY['all', 'reports', 'lifecycle']) AS policy, unnest(ARRAY[false, true]) AS with_keys ORDER BY 2, 1;
SELECT idpsync.configure_store('keep_operations', NULL);
-- an operation that was not kept is unknown
SELECT session_id AS session FROM idpsync.open_session('kept', 'a', 'AD_SYNC') \gset
SELECT test.refused(format('SELECT * FROM idpsync.get_operation(%L)', operation_id)) FROM idpsync.heartbeat(:'session');

-- the messages of the calls
SELECT operation_id AS op FROM idpsync.report_session_progress(:'session', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 5}]}]', idempotency_key => 'r') \gset
SELECT operation_id AS op2 FROM idpsync.heartbeat(:'session', idempotency_key => 'h') \gset
SELECT operation_id AS op3 FROM idpsync.close_session(:'session', true, 'no network', idempotency_key => 'c') \gset
SELECT method, done, test.mask(metadata::text) AS metadata, test.mask(response::text) AS response FROM idpsync.operation WHERE tenant_id = 'kept' ORDER BY created_at, operation_id;

-- lists: newest first, by page, filtered
SELECT DISTINCT next_page_token IS NULL AS last_page, total_count FROM idpsync.list_operations('operation');
SELECT method, done, error_code FROM idpsync.list_operations('operation', 'method = "Fail" AND done = true');
SELECT count(*), min(total_count) AS total FROM idpsync.list_operations('operation', 'method != "Fail"', 3);
SELECT count(*), min(total_count) AS total FROM idpsync.list_operations('operation', 'method IN ("Fail", ''Wait'')', with_total_count => false);

DELETE FROM idpsync.operation;
DELETE FROM idpsync.idempotency_key;
DELETE FROM idpsync.session;
-- the counts have kept up
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok AND check_name = 'counts';
