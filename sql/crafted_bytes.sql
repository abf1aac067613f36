-- bytes that nobody sends by mistake: what each of them does, and how it ends. Through casts, binary COPY, call() and
-- call_json(); the same parsers are fuzzed without a server by test/fuzz.
SET search_path = '';
SET timezone = 'UTC';
\pset format unaligned
\pset tuples_only on
\set VERBOSITY terse
\set SHOW_CONTEXT never

CREATE FUNCTION pg_temp.progress(bytes bytea) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    detail text;
BEGIN
    RETURN bytes::idpsync.session_progress::text;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || detail;
END $$;
CREATE FUNCTION pg_temp.statistics(bytes bytea) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    detail text;
BEGIN
    -- without what is zero
    RETURN (SELECT concat_ws(' ', bytes::idpsync.job_statistics::bytea = bytes, string_agg(concat_ws(' ', object_kind, change_kind, total, success, failed, skipped), ', '))
            FROM idpsync.entries(bytes::idpsync.job_statistics));
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || detail;
END $$;

-- session_progress: version and flags, counters, a control byte a cell, three bytes of bitmap
SELECT bytes, what, pg_temp.progress(bytes) FROM (VALUES
    -- 10 version 1 · 05 a counter · 01 the first counter has one byte, the second none · 02 bit 1: USER CREATE
    ('\x100501020000'::bytea, 'five users created'),
    -- 00 no byte for either counter: a reported zero · 01 bit 0: USER CHANGE_TYPE_UNSPECIFIED
    ('\x1000010000', 'a zero that was reported'),
    -- 0f both counters of eight bytes, the largest · 10 00 00 in the third byte: bit 20, MEMBERSHIP PASSWORD_HASH_UPDATE
    ('\x10ffffffffffffff7fffffffffffffff7f0f000010', 'the last cell, full'),
    ('\x', 'nothing'),
    ('\x10', 'a version and no bitmap'),
    ('\x10000000', 'a bitmap without a bit: progress has a cell'),
    -- 20 version 2 · 11 flag 1 · 00 version 0
    ('\x200501020000', 'another version'), ('\x110501020000', 'a reserved flag'), ('\x000501020000', 'no version'),
    -- 00 00 20: bit 21 of 21 cells
    ('\x1000000020', 'a cell behind the last'), ('\x1000ffffff', 'all 24 bits'),
    -- the bitmap says two cells, and there is one control byte
    ('\x1001030000', 'fewer control bytes than cells'),
    -- the control byte says eight bytes, and there are seven
    ('\x10ffffffffffffff03020000', 'a counter cut off'), ('\x1000050301020000', 'a byte too many in front'),
    -- 10, 40: bits for counters that progress does not have
    ('\x100510020000', 'a control byte with a third counter'), ('\x100540020000', 'and with a fourth'),
    -- 00 in one byte, 05 in three, 00ffff.. in eight
    ('\x100001020000', 'a zero in one byte'), ('\x1005000002020000', 'a five in three bytes'), ('\x10ffffff000000000003020000', 'three bytes in eight'),
    ('\x10000000000000008003020000', 'the highest bit: negative')) AS c (bytes, what);

-- job_statistics: likewise, four bytes of bitmap, four counters a cell, the first as its difference from the sum of the others
SELECT bytes, what, pg_temp.statistics(bytes) FROM (VALUES
    -- 01 Success one byte, Failed, Skipped and the difference none: Total is 5 · 01 bit 0: User Created
    ('\x10050101000000'::bytea, 'five, of which five'),
    ('\x1000000000', 'no cell: all is zero'),
    -- c1: the difference has eight bytes, ff..: minus one
    ('\x1005ffffffffffffffffc101000000', 'a Total of one less than its parts'),
    -- the difference is -6: Total would be -1
    ('\x1005faffffffffffffffc101000000', 'a Total below zero'),
    -- Success and Failed are the largest: the sum leaves int64, and the difference brings Total back to 0
    ('\x10ffffffffffffff7fffffffffffffff7f024f01000000', 'parts that overflow, Total zero'),
    ('\x10ffffffffffffff7fffffffffffffff7f0f01000000', 'parts that overflow, and Total with them'),
    ('\x100001000000', 'a cell of zeros, which is not kept'),
    ('\x100000000010', 'bit 28 of 28 cells'), ('\x1000ffffffff', 'all 32 bits'),
    ('\x10000000', 'a bitmap of three bytes'),
    ('\x100000000000', 'one of five')) AS c (bytes, what);

-- binary COPY carries a column of bytea as the bytes that the column of another type reads
CREATE TEMP TABLE received (progress idpsync.session_progress, statistics idpsync.job_statistics, message idpsync.protobuf_any);
\copy (SELECT '\x100501020000'::bytea, '\x10050101000000'::bytea, '\x010000000003612f62ff'::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
SELECT progress, statistics::bytea, message FROM received;
-- one byte less, one more, all of them gone
\copy (SELECT '\x1005010200'::bytea, NULL::bytea, NULL::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
\copy (SELECT NULL::bytea, '\x1005010100000000'::bytea, NULL::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
\copy (SELECT ''::bytea, NULL::bytea, NULL::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
\copy (SELECT NULL::bytea, ''::bytea, NULL::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
-- protobuf_any: 01 version · 00 bytes or 01 JSON members · four bytes of length · the URL · the rest
\copy (SELECT NULL::bytea, NULL::bytea, ''::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
-- a length of 2^31, of 2^32 - 1, of one more than there is
\copy (SELECT NULL::bytea, NULL::bytea, '\x010080000000612f62'::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
\copy (SELECT NULL::bytea, NULL::bytea, '\x0100ffffffff612f62'::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
\copy (SELECT NULL::bytea, NULL::bytea, '\x010000000004612f62'::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
-- 61 2f: a URL that names nothing · 61 2f ff: no UTF-8 · 61 2f 22: a quote, which is kept as one
\copy (SELECT NULL::bytea, NULL::bytea, '\x010000000002612f'::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
\copy (SELECT NULL::bytea, NULL::bytea, '\x010000000003612fff'::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
\copy (SELECT NULL::bytea, NULL::bytea, '\x010000000003612f22'::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
-- members that close the object and open another: "c":1},{"d":1 · that end in an open string: "c":" · none
\copy (SELECT NULL::bytea, NULL::bytea, '\x010100000003612f62'::bytea || convert_to('"c":1},{"d":1', 'UTF8')) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
\copy (SELECT NULL::bytea, NULL::bytea, '\x010100000003612f62'::bytea || convert_to('"c":"', 'UTF8')) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
\copy (SELECT NULL::bytea, NULL::bytea, '\x010100000003612f62'::bytea) TO 'build/regress/crafted.bin' (FORMAT binary)
\copy received FROM 'build/regress/crafted.bin' (FORMAT binary)
SELECT progress, statistics::bytea, message FROM received;

-- call(): what a request of one string may look like
SELECT session_id AS id FROM idpsync.open_session('crafted', 'agent', 'AD_SYNC') \gset
SELECT operation_id AS operation FROM idpsync.create_operation('crafted', 'Mine') \gset
SELECT FROM idpsync.finish_operation(:'operation') \g /dev/null
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('crafted', 'application', 't') \gset
\set sessions /yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/
SELECT bytes, what, test.refused(format('SELECT idpsync.call(%L, %L)', :'sessions' || 'GetSession', bytes)) FROM (VALUES
    -- 0a field 1, a length follows · 01 one byte · 61 "a"
    ('\x0a0161'::bytea, 'a session nobody knows'),
    ('\x', 'nothing: the id is empty'), ('\x0a00', 'an empty id'), ('\x0a808080800061', 'a length of 0 in five bytes, then field 12, wire type 1'),
    ('\x0a', 'a tag alone'), ('\x0a0561', 'five bytes are promised, one is there'),
    ('\x0affffffff0f61', 'a length of 2^32 - 1'), ('\x0affffffffffffffffff0161', 'a length of 2^64 - 1'), ('\x0a8080808080808080808000', 'a length of eleven bytes'),
    ('\x0a01610a0162', 'the field twice: the last counts'),
    ('\x0801', 'field 1 as a number: another field of that name, and the id is empty'), ('\x0d61616161', 'as four bytes'), ('\x0961616161', 'as eight, of which four are there'),
    ('\x0b0a01610c', 'as a group, with the id in it: still another field'), ('\x0b0a0161', 'a group without an end'), ('\x0b0a016114', 'with the end of field 2'), ('\x0c', 'an end without a group'),
    ('\x0a01610201', 'field 0'), ('\x0a01610e', 'wire type 6'), ('\x0a01610f', 'wire type 7'),
    ('\x0a0161f8ffffff0f00', 'the largest field number'), ('\x0a0161f8ffffff1f00', 'one bit more'), ('\x0a0161f8ffffffffff0100', 'a tag of seven bytes'),
    ('\x0a01ff', 'ff is no UTF-8'), ('\x0a02c328', 'c3 28 is no character'), ('\x0a03eda080', 'half a surrogate pair'), ('\x0a0100', 'a NUL'),
    (('\x0a33' || repeat('78', 51))::bytea, '51 characters')) AS c (bytes, what);
SELECT what, test.refused(format('SELECT idpsync.call(%L, %L)', :'sessions' || 'ReportSessionProgress', bytes)) FROM (VALUES
    -- 12 field 2: an entry of 4 bytes · 08 01 USER · 12 00 a change without a field
    ('\x120408011200120408011200', 'the same change in two entries'),
    ('\x1200', 'an empty entry'), ('\x12020801', 'an entry without changes'), ('\x12020804', 'object type 4'), ('\x120b08ffffffffffffffffff01', 'object type -1'),
    ('\x1206080112020807', 'change type 7'), ('\x120f0801120b10ffffffffffffffffff01', 'minus one'), ('\x120f0801120b10ffffffffffffffffff02', 'a bit more than 64'),
    ('\x12080801120608011080', 'a change that ends in a counter'), ('\x1204080112001204080212001204080312001200', 'four entries')) AS c (bytes, what);

-- a request of each method, in bytes and JSON
CREATE TEMP TABLE request AS
SELECT m.method, r.fields, CASE WHEN m.request_type IS NOT NULL THEN
    idpsync.value((jsonb_build_object('@type', 'type.googleapis.com/' || m.request_type) || r.fields)::idpsync.protobuf_any) END AS bytes
FROM idpsync.rpc_methods() AS m LEFT JOIN (VALUES
    (:'sessions' || 'OpenSession', pg_catalog.jsonb_build_object('subjectContainerId', 'crafted 2', 'agentId', 'Größe', 'sessionType', 'AD_SYNC')),
    (:'sessions' || 'ReportSessionProgress', jsonb_build_object('sessionId', :'id', 'progressEntries', jsonb '[{"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": "70000"}, {"failed": 300}]}]')),
    (:'sessions' || 'Heartbeat', jsonb_build_object('sessionId', :'id')),
    (:'sessions' || 'CloseSession', jsonb_build_object('sessionId', :'id', 'failed', true, 'failReason', '😀')),
    (:'sessions' || 'GetSession', jsonb_build_object('sessionId', :'id')),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "crafted", "pageSize": 3, "filter": "status = \"OPENED\" AND created_at > \"2024-01-01T00:00:00Z\""}'),
    ('/yandex.cloud.operation.OperationService/Get', jsonb_build_object('operationId', :'operation')),
    ('/yandex.cloud.operation.OperationService/Cancel', jsonb_build_object('operationId', :'operation')),
    ('/google.longrunning.Operations/GetOperation', jsonb_build_object('name', 'crafted/operations/' || :'operation')),
    ('/google.longrunning.Operations/ListOperations', '{"name": "crafted/operations", "pageSize": 2, "filter": "done = true", "returnPartialSuccess": false}'),
    ('/google.longrunning.Operations/CancelOperation', jsonb_build_object('name', 'operations/' || :'operation')),
    ('/google.longrunning.Operations/DeleteOperation', jsonb_build_object('name', 'operations/' || :'operation')),
    ('/google.longrunning.Operations/WaitOperation', jsonb_build_object('name', 'operations/' || :'operation', 'timeout', '1.5s')),
    ('ListSynchronizationJobs', '{"InstanceId": "crafted", "MaxResults": 5, "TargetIds": ["a", "b"], "StartTime": 1, "EndTime": 1700000000000, "Direction": "ingress"}'),
    ('GetSynchronizationJob', jsonb_build_object('InstanceId', 'crafted', 'SynchronizationJobId', :'job')),
    ('RunSynchronizationJob', '{"InstanceId": "crafted", "TargetType": "application", "TargetId": "t", "Description": "Größe 😀"}')) AS r (method, fields) USING (method);
SELECT test.fingerprint() AS before \gset

-- how a call ends; what an answer has changed is undone
CREATE FUNCTION pg_temp.ending(statement text) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = 'IDP01';
EXCEPTION WHEN OTHERS THEN
    RETURN CASE WHEN SQLSTATE = 'IDP01' THEN 'answer' WHEN SQLSTATE ~ '^(2[1235]|42501|5[345]|0A|P0002)' THEN 'error' ELSE SQLSTATE || ' ' || SQLERRM END;
END $$;
CREATE FUNCTION pg_temp.call(method text, bytes bytea) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.ending(pg_catalog.format('SELECT idpsync.call(%L, %L::bytea)', method, bytes))
$$;
CREATE FUNCTION pg_temp.call_json(method text, request text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.ending(pg_catalog.format('SELECT idpsync.call_json(%L, %L::json)', method, request))
$$;

-- as they are: none is missing
SELECT method, pg_temp.call(method, bytes) AS bytes, pg_temp.call_json(method, fields::text) AS json FROM request ORDER BY method COLLATE "C";
-- bytes: every truncation, every flipped bit, every varint byte made to continue, and each with a group, an end of one and a broken field in front
SELECT method, string_agg(DISTINCT ending, ', ' ORDER BY ending) AS damaged
FROM request, generate_series(0, length(bytes) * 8 - 1) AS n,
    unnest(ARRAY[set_bit(bytes, n, 1 - get_bit(bytes, n)),
        CASE WHEN n % 8 = 0 THEN substr(bytes, 1, n / 8) END,
        CASE WHEN n % 8 = 0 THEN substr(bytes, 1, n / 8) || '\x80' || substr(bytes, n / 8 + 1) END,
        CASE WHEN n % 8 = 0 THEN set_byte(bytes, n / 8, 255) END,
        CASE WHEN n < 8 THEN decode((ARRAY['0b0c', '0b', '0c', '02', '0e', 'a0063b', 'a3060a0161a406', '0affffffffffffffffff01'])[n + 1], 'hex') || bytes END]) AS damaged,
    pg_temp.call(method, damaged) AS ending
WHERE bytes IS NOT NULL AND damaged IS NOT NULL GROUP BY method ORDER BY method COLLATE "C";
SELECT test.fingerprint() = :'before' AS nothing_changed;
-- JSON: every truncation, every character left out, doubled or replaced
SELECT method, string_agg(DISTINCT ending, ', ' ORDER BY ending) AS damaged
FROM request, LATERAL (SELECT fields::text AS json) AS j, generate_series(1, length(json)) AS n,
    unnest(ARRAY[left(json, n - 1), overlay(json PLACING '' FROM n FOR 1), overlay(json PLACING substr(json, n, 1) FROM n FOR 0),
        overlay(json PLACING '0' FROM n FOR 1), overlay(json PLACING '"' FROM n FOR 1), overlay(json PLACING '\' FROM n FOR 1)]) AS damaged,
    pg_temp.call_json(method, damaged) AS ending
GROUP BY method ORDER BY method COLLATE "C";
-- every member replaced by what is none, and by what is too much
SELECT method, string_agg(DISTINCT ending, ', ' ORDER BY ending) AS replaced
FROM request, jsonb_object_keys(fields) AS key, unnest(ARRAY['null', 'true', '0', '-1', '1e400', '9223372036854775808', '0.5', '""', '"\u0001"', '"\ud83d"', '[]', '{}', '[null]', '[[]]', '{"": ""}',
        '"' || repeat('x', 3000) || '"', repeat('[', 70) || repeat(']', 70), '{"@type": "a/b"}', '1, "' || key || '": 1', '1, "other": 1']) AS value,
    pg_temp.call_json(method, (SELECT '{' || string_agg(to_json(k) || ': ' || CASE k WHEN key THEN value ELSE v::text END, ', ') || '}' FROM jsonb_each(fields) AS m (k, v))) AS ending
GROUP BY method ORDER BY method COLLATE "C";
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;

DROP TABLE received, request;
DELETE FROM idpsync.operation;
DELETE FROM idpsync.job;
DELETE FROM idpsync.session;
