-- The type protobuf_any: text, binary and JSON forms, and what it refuses.
\set VERBOSITY terse
SET search_path = pg_catalog;

-- what an input gives: its text again, or the error
CREATE FUNCTION pg_temp.any_of(input text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	RETURN input::idpsync.protobuf_any::text;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN format('%s %s: %s', sqlstate, sqlerrm, detail);
END $$;

--
-- Every message that operations carry, there and back
--
CREATE TEMP TABLE message (id int PRIMARY KEY, input text, any_value idpsync.protobuf_any);
INSERT INTO message VALUES
	(1, '{"@type": "type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.OpenSessionMetadata", "sessionId": "ses_1"}'),
	(2, '{"@type": "type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.CloseSessionMetadata", "session_id": "ses_1"}'),
	(3, '{"sessionId": "ses_1", "@type": "type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.ReportSessionProgressMetadata"}'),
	(4, '{"@type": "type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.HeartbeatMetadata"}'),
	(5, '{"@type": "type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.OpenSessionResponse",
		"result": "OPENED_SESSION_EXISTS", "openedSession": {"session_id": "ses_1", "agentId": "a\"\u00e9\n",
		"createdAt": "2026-01-31T08:00:00.123456Z", "expiresAt": "2026-01-31T10:10:00+02:00",
		"closedAt": null, "syncMode": "FULL_SYNC", "status": 1, "sessionType": "AD_SYNC"}}'),
	(6, '{"@type": "type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.OpenSessionResponse",
		"result": 3, "next_session_at": "1969-12-31T23:59:59.5Z"}'),
	(7, '{"@type": "type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.SynchronizationSession",
		"progressEntries": [{"objectType": "USER", "changeInfo": [
			{"changeType": "CREATE", "successful": "9223372036854775807", "failed": 1e2},
			{"changeType": 6, "successful": -1}, {}]}, {"objectType": 77}],
		"failReason": "because"}'),
	(8, '{"@type": "type.googleapis.com/google.protobuf.Empty"}'),
	(9, '{"@type": "type.googleapis.com/idpsync.v1.SynchronizationJobMetadata", "synchronizationJobId": "sync_1"}'),
	(10, '{"@type": "type.googleapis.com/idpsync.v1.SynchronizationJob", "synchronizationJobId": "sync_1",
		"instanceId": "i", "targetType": "application", "targetId": "t", "direction": "egress", "triggerType": "auto",
		"status": "success", "description": "d", "createdAt": "2026-01-31T08:00:00Z", "startTime": "2026-01-31T08:00:00.001Z",
		"endTime": "2026-01-31T08:00:00.000000001Z", "result": {"userStatistics": {"created": {"total": 3, "success": 1,
		"failed": "1", "skipped": 1}, "exported": {}}, "organizational_unit_statistics": {}, "groupStatistics": null,
		"groupMemberStatistics": {"same": {"total": 1}}, "errorCode": "c", "errorMessage": "m"},
		"sessionId": "ses_1", "operationId": "op_1"}'),
	(11, '{"@type": "type.googleapis.com/google.rpc.Status", "code": 3, "message": "m", "details": [
		{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": "f", "description": "d"}]},
		{"@type": "type.googleapis.com/google.protobuf.Duration", "value": "-1.5s"},
		{"@type": "types.example.com/unknown", "value": "3q2-7w"}, {"@type": "types.example.com/unknown"}, {}]}'),
	(12, '{"@type": "type.googleapis.com/yandex.cloud.operation.Operation", "id": "op_1", "done": true,
		"metadata": {"@type": "type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.HeartbeatMetadata", "sessionId": "s"},
		"response": {"@type": "type.googleapis.com/google.protobuf.Empty"}}');
UPDATE message SET any_value = input::idpsync.protobuf_any;

SELECT id, any_value FROM message ORDER BY id;
SELECT id, idpsync.type_url(any_value), idpsync.value(any_value), pg_column_size(any_value) FROM message ORDER BY id;

-- through text, json, jsonb, parts and binary COPY
SELECT id FROM message WHERE any_value::text::idpsync.protobuf_any OPERATOR(idpsync.<>) any_value
	OR any_value::json::idpsync.protobuf_any OPERATOR(idpsync.<>) any_value
	OR any_value::jsonb::idpsync.protobuf_any OPERATOR(idpsync.<>) any_value
	OR idpsync.protobuf_any(idpsync.type_url(any_value), idpsync.value(any_value)) OPERATOR(idpsync.<>) any_value;
INSERT INTO message (id, any_value) VALUES
	(20, '{"@type": "types.example.com/standard/id", "id": 1234, "tags": ["a", {"b": "\u20ac"}]}'),
	(21, '{"@type": "types.example.com/unknown", "value": "AAEC"}'),
	(22, '{"@type": "type.googleapis.com/google.protobuf.Value", "value": null}');
\copy message TO 'build/regress/protobuf_any.bin' (FORMAT binary)
CREATE TEMP TABLE message_copy (id int, input text, any_value idpsync.protobuf_any);
\copy message_copy FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
SELECT count(*), count(*) FILTER (WHERE a.any_value OPERATOR(idpsync.=) b.any_value) AS equal
	FROM message a JOIN message_copy b USING (id);

--
-- Types that are not known: fields stay JSON, bytes are base64
--
SELECT pg_temp.any_of(input) FROM (VALUES
	('{"@type": "types.example.com/standard/id", "id": 1234}'),
	('{ "id":1234,"@type":"types.example.com/standard/id" , "b":{ "c":[1.50,-0,1E5,null,true,""],"d":{} } }'),
	('{"@type": "types.example.com/standard/id", "value": {"a": 1}}'),
	('{"@type": "types.example.com/standard/id", "value": "AAEC", "id": 1}'),
	('{"@type": "types.example.com/standard/id", "\u0041\/": "\u00e9\ud83d\ude00\u001f\\"}'),
	('{"@type": "no-slash", "value": ""}'),
	('{"@type": "types.example.com/unknown", "value": "-_-_"}'),
	('{"@type": "types.example.com/unknown", "value": "*"}'),
	('{"@type": "types.example.com/standard/id", "a": 1, "a": 2}'),
	('{"@type": "types.example.com/standard/id", "a": [{"b": 1, "\u0062": 2}]}'),
	('{"@type": "type.googleapis.com/google.rpc.Status", "details": [{"@type": "types.example.com/standard/id", "id": 1}]}')
) v(input);
SELECT idpsync.value('{"@type": "types.example.com/standard/id", "id": 1234}');
SELECT idpsync.type_url('{"@type": "types.example.com/standard/id", "id": 1234}');

--
-- Types with a JSON form of their own
--
SELECT pg_temp.any_of(input) FROM (VALUES
	('{"@type": "a/google.protobuf.Timestamp", "value": "0001-01-01T00:00:00Z"}'),
	('{"@type": "a/google.protobuf.Timestamp", "value": "9999-12-31T23:59:59.999999999Z"}'),
	('{"@type": "a/google.protobuf.Duration", "value": "3s"}'),
	('{"@type": "a/google.protobuf.Duration", "value": "-0.000000001s"}'),
	('{"@type": "a/google.protobuf.DoubleValue", "value": 0.1}'),
	('{"@type": "a/google.protobuf.DoubleValue", "value": "-Infinity"}'),
	('{"@type": "a/google.protobuf.DoubleValue", "value": "NaN"}'),
	('{"@type": "a/google.protobuf.FloatValue", "value": "1e-40"}'),
	('{"@type": "a/google.protobuf.Int64Value", "value": -9223372036854775808}'),
	('{"@type": "a/google.protobuf.UInt64Value", "value": "18446744073709551615"}'),
	('{"@type": "a/google.protobuf.Int32Value", "value": "-5"}'),
	('{"@type": "a/google.protobuf.UInt32Value", "value": 4294967295}'),
	('{"@type": "a/google.protobuf.BoolValue", "value": false}'),
	('{"@type": "a/google.protobuf.StringValue", "value": "AAAA"}'),
	('{"@type": "a/google.protobuf.BytesValue", "value": "AAAA"}'),
	('{"@type": "a/google.protobuf.Struct", "value": {"a": [null, -0, 1.5e300, "", {}, []], "": true}}'),
	('{"@type": "a/google.protobuf.ListValue", "value": [1, "a"]}'),
	('{"@type": "a/google.protobuf.Any", "value": {"@type": "a/google.protobuf.Any", "value": {"@type": "a/google.protobuf.Empty"}}}'),
	('{"@type": "a/google.protobuf.Any", "value": {}}'),
	('{"@type": "a/google.protobuf.StringValue", "@value": "CgJoaQ"}')
) v(input);

--
-- Bytes that have no text of their own
--
SELECT any_value, any_value::text::idpsync.protobuf_any OPERATOR(idpsync.=) any_value AS reads_back
FROM (VALUES
	(idpsync.protobuf_any('types.example.com/unknown', '')),
	(idpsync.protobuf_any('types.example.com/unknown', '\x00ff')),
	(idpsync.protobuf_any('a/google.protobuf.Empty', '\x0801')),
	(idpsync.protobuf_any('a/google.protobuf.StringValue', '\x0a01ff')),
	(idpsync.protobuf_any('a/google.protobuf.StringValue', '\x0a00')),
	(idpsync.protobuf_any('a/google.protobuf.Timestamp', '\x10ffffffffffffffffff01')),
	(idpsync.protobuf_any('a/google.protobuf.DoubleValue', '\x09010000000000f87f')),
	(idpsync.protobuf_any('a/google.protobuf.Value', '')),
	(idpsync.protobuf_any('a/google.protobuf.Value', '\x0801')),
	(idpsync.protobuf_any('a/google.protobuf.Value', '\x11000000000000f07f')),
	(idpsync.protobuf_any('a/google.protobuf.Struct', '\x0a070a0161120208000a070a016112022001')),
	(idpsync.protobuf_any('a/google.protobuf.Struct', '\x0a070a0161120220010a070a016212022001')),
	(idpsync.protobuf_any('a/google.protobuf.Any', '\x1201ff')),
	(idpsync.protobuf_any('a/google.protobuf.Any', '\x0a02612f')),
	(idpsync.protobuf_any('a/google.rpc.Status', '\x1201610803')),
	(idpsync.protobuf_any('a/google.rpc.Status', '\x08031a190a17612f676f6f676c652e70726f746f6275662e56616c7565')),
	(idpsync.protobuf_any('a/google.rpc.Status', '\x080320')),
	(idpsync.protobuf_any('a/google.rpc.Status', '\x0b0c'))
) v(any_value);

-- every cut and every flipped bit
SELECT m.id, count(*), count(*) FILTER (WHERE broken.any_value::text::idpsync.protobuf_any OPERATOR(idpsync.=) broken.any_value) AS read_back
FROM message m,
	LATERAL (
		SELECT idpsync.protobuf_any(idpsync.type_url(m.any_value), substr(idpsync.value(m.any_value), 1, n))
			FROM generate_series(0, octet_length(idpsync.value(m.any_value))) n
		UNION ALL
		SELECT idpsync.protobuf_any(idpsync.type_url(m.any_value),
				set_bit(idpsync.value(m.any_value), n, 1 - get_bit(idpsync.value(m.any_value), n)))
			FROM generate_series(0, octet_length(idpsync.value(m.any_value)) * 8 - 1) n
	) broken(any_value)
WHERE m.id <> 20
GROUP BY m.id ORDER BY m.id;

--
-- Bad text
--
SELECT pg_temp.any_of(input) FROM (VALUES
	(''),
	('null'),
	('[]'),
	('{'),
	('{"@type": "a/google.protobuf.Empty"} x'),
	('{}'),
	('{"sessionId": "s"}'),
	('{"@type": 5}'),
	('{"@type": ""}'),
	('{"@type": "type.googleapis.com/"}'),
	('{"@type": "a/google.protobuf.Empty", "@type": "a/google.protobuf.Empty"}'),
	('{"@type": "a/google.protobuf.Empty", "a": 1}'),
	('{"@type": "a/google.protobuf.Empty", "value": "*"}'),
	('{"@type": "a/google.protobuf.Timestamp"}'),
	('{"@type": "a/google.protobuf.Timestamp", "value": "2026-02-29T00:00:00Z"}'),
	('{"@type": "a/google.protobuf.Timestamp", "value": "2026-01-01T00:00:00"}'),
	('{"@type": "a/google.protobuf.Timestamp", "value": "0001-01-01T00:00:00+00:01"}'),
	('{"@type": "a/google.protobuf.Timestamp", "value": 5}'),
	('{"@type": "a/google.protobuf.Duration", "value": "5"}'),
	('{"@type": "a/google.protobuf.Int32Value", "value": 2147483648}'),
	('{"@type": "a/google.protobuf.Int64Value", "value": -9223372036854775809}'),
	('{"@type": "a/google.protobuf.UInt64Value", "value": -1}'),
	('{"@type": "a/google.protobuf.UInt64Value", "value": "18446744073709551616"}'),
	('{"@type": "a/google.protobuf.FloatValue", "value": 3.5e38}'),
	('{"@type": "a/google.protobuf.DoubleValue", "value": 1e999}'),
	('{"@type": "a/google.protobuf.DoubleValue", "value": "x"}'),
	('{"@type": "a/google.protobuf.BytesValue", "value": "A"}'),
	('{"@type": "a/google.protobuf.Struct", "value": {"a": 1, "a": 2}}'),
	('{"@type": "a/google.protobuf.Any", "value": {"a": 1}}'),
	('{"@type": "a/google.rpc.Status", "code": 1.5}'),
	('{"@type": "a/google.rpc.Status", "code": 1, "code": 2}'),
	('{"@type": "a/google.rpc.Status", "message": 5}'),
	('{"@type": "a/google.rpc.Status", "message": "\u0000"}'),
	('{"@type": "a/google.rpc.Status", "message": "\ud800"}'),
	('{"@type": "a/google.rpc.Status", "message": "\ud800\ue000"}'),
	('{"@type": "a/google.rpc.Status", "details": {}}'),
	('{"@type": "a/google.rpc.Status", "details": [null]}'),
	('{"@type": "a/google.rpc.Status", "details": [{"@type": "a/google.rpc.Status", "x": 1}]}'),
	('{"@type": "a/yandex.cloud.operation.Operation", "created_at": "x", "createdAt": "y"}'),
	('{"@type": "a/yandex.cloud.operation.Operation", "id": "1", "error": {}, "response": {}}'),
	('{"@type": "a/yandex.cloud.operation.Operation", "done": "true"}'),
	('{"@type": "a/yandex.cloud.organizationmanager.v1.idp.SynchronizationSession", "progressEntries": [{"changeInfo": [{}, {"succesful": 1}]}]}'),
	('{"@type": "a/yandex.cloud.organizationmanager.v1.idp.SynchronizationSession", "status": "CLOSED"}'),
	('{"@type": "a/yandex.cloud.organizationmanager.v1.idp.SynchronizationSession", "status": 2147483648}')
) v(input);

-- too deep, too long
SELECT left(pg_temp.any_of(repeat('[', 10000)), 60);
SELECT right(pg_temp.any_of('{"@type": "a/b", "c": ' || repeat('[', 10000)), 55);
SELECT right(pg_temp.any_of('{"@type": "a/google.protobuf.Value", "value": ' || repeat('[', 10000)), 55);
SELECT right(pg_temp.any_of('{"@type": "a/google.protobuf.Value", "value": ' || repeat('{"a":', levels) || '1' || repeat('}', levels + 1)), 32) FROM unnest('{33,34}'::int[]) AS levels;
SELECT right(pg_temp.any_of(repeat('{"@type": "a/google.protobuf.Any", "value": ', 10000)), 55);
SELECT pg_temp.any_of('{"@type": "a/b", "c": "' || repeat('x', 17000000) || '"}');
SELECT pg_temp.any_of('{"@type": "a/b", "value": "' || repeat('A', 22369624) || '"}');
SELECT pg_temp.any_of('{"@type": "' || repeat('x', 3000) || '"}');
SELECT idpsync.protobuf_any('a/b', convert_to(repeat('x', 17000000), 'UTF8'));
SELECT idpsync.protobuf_any(repeat('x', 3000), '');
SELECT idpsync.protobuf_any('a/', '');
SELECT idpsync.protobuf_any('', '');

-- a message deeper than text may be, and one with too many fields
SELECT left(any_value::text, 60), any_value::text::idpsync.protobuf_any OPERATOR(idpsync.=) any_value AS reads_back
FROM (SELECT idpsync.protobuf_any('a/google.protobuf.ListValue', decode(repeat('0a02', 50) || '0a04', 'hex'))
	UNION ALL
	SELECT idpsync.protobuf_any('a/google.protobuf.ListValue', decode(repeat('0a00', 1000001), 'hex'))) v(any_value);

--
-- Bad binary
--
CREATE TEMP TABLE received (any_value idpsync.protobuf_any);
\copy (SELECT '\x0100' || '\x00000003'::bytea || 'a/b' || '\x00ff') TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x0101' || '\x00000003'::bytea || 'a/b' || convert_to(' "c" :1', 'UTF8')) TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
SELECT * FROM received;
-- another version, another kind, cut, no URL, too long a URL, no UTF-8, NUL, JSON that is none, "@type" twice
\copy (SELECT '\x020000000003'::bytea || 'a/b') TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x010200000003'::bytea || 'a/b') TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x010000'::bytea) TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x010000000004'::bytea || 'a/b') TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x010000000000'::bytea) TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x0100ffffffff'::bytea) TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x010000000003'::bytea || '\x612fff') TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x010000000003'::bytea || '\x612f00') TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x010100000003'::bytea || 'a/b' || '\x220022') TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x010100000003'::bytea || 'a/b' || convert_to('"c": 1}', 'UTF8')) TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy (SELECT '\x010100000003'::bytea || 'a/b' || convert_to('"@type": "c/d"', 'UTF8')) TO 'build/regress/protobuf_any.bin' (FORMAT binary)
\copy received FROM 'build/regress/protobuf_any.bin' (FORMAT binary)

--
-- Equality and hash
--
SELECT a OPERATOR(idpsync.=) b AS eq, a OPERATOR(idpsync.<>) b AS ne,
	idpsync.protobuf_any_hash(a) = idpsync.protobuf_any_hash(b) AS same_hash,
	idpsync.protobuf_any_hash_extended(a, 5) = idpsync.protobuf_any_hash_extended(b, 5) AS same_hash_extended
FROM (VALUES
	('{"@type": "a/google.rpc.Status", "code": 0, "message": "m"}'::idpsync.protobuf_any, '{"message": "m", "@type": "a/google.rpc.Status"}'::idpsync.protobuf_any),
	('{"@type": "a/google.rpc.Status", "code": 1}', '{"@type": "a/google.rpc.Status", "code": 2}'),
	('{"@type": "a/google.rpc.Status"}', '{"@type": "b/google.rpc.Status"}'),
	('{"@type": "a/b", "c": 1}', '{"c":1,"@type":"a\/b"}')
) v(a, b);
SELECT count(DISTINCT any_value::text), count(*) FROM (SELECT any_value FROM message GROUP BY any_value) g;
SET enable_mergejoin = off;
SET enable_nestloop = off;
EXPLAIN (COSTS OFF) SELECT FROM message a JOIN message_copy b ON a.any_value OPERATOR(idpsync.=) b.any_value;
RESET enable_mergejoin;
RESET enable_nestloop;
CREATE INDEX ON message_copy USING hash (any_value);

-- long ones are compressed
INSERT INTO message_copy (any_value)
	SELECT idpsync.protobuf_any('type.googleapis.com/google.rpc.Status', '\x12808001'::bytea || convert_to(repeat('x', 16384), 'UTF8'));
SELECT length(any_value::text), pg_column_size(any_value) < 1000 AS compressed,
	any_value OPERATOR(idpsync.=) any_value::text::idpsync.protobuf_any AS reads_back
	FROM message_copy WHERE id IS NULL;

-- JSON as applications see it
SELECT row_to_json(r) FROM (SELECT any_value FROM message WHERE id IN (1, 20) ORDER BY id) r;

-- what a catalog says of the functions
SELECT proname, provolatile, proisstrict, proparallel FROM pg_proc
WHERE pronamespace = 'idpsync'::regnamespace AND prosrc LIKE 'protobuf\_any%' AND
	(provolatile, proisstrict, proparallel) <> ('i', true, 's');
SELECT p.oid::regprocedure FROM pg_proc p
WHERE pronamespace = 'idpsync'::regnamespace AND prosrc LIKE 'protobuf\_any%' AND obj_description(p.oid, 'pg_proc') IS NULL;
