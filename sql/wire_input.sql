-- requests in bytes that are damaged or made up: an answer or an error that names the client's fault,
-- never another one, and nothing is written before an error
SET search_path = '';
\pset format unaligned
\set sessions /yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/

-- how a call ends; what an answer has changed is undone, so that what is left is what errors did
CREATE FUNCTION pg_temp.ending(called text, bytes bytea, key text DEFAULT NULL) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM idpsync.call(called, bytes, key);
    RAISE EXCEPTION USING ERRCODE = 'IDP01';
EXCEPTION WHEN OTHERS THEN
    RETURN CASE WHEN SQLSTATE = 'IDP01' THEN 'answer' WHEN SQLSTATE ~ '^(22|P0002|55000|21000|23505)' THEN 'error' ELSE SQLSTATE || ' ' || SQLERRM END;
END $$;

SELECT session_id AS id FROM idpsync.open_session('wire', 'agent', 'AD_SYNC') \gset
SELECT FROM idpsync.report_session_progress(:'id', '[{"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": 5}]}]') \g /dev/null
SELECT operation_id AS operation FROM idpsync.create_operation('wire', 'Mine') \gset
SELECT FROM idpsync.heartbeat(:'id', idempotency_key => 'used') \g /dev/null
CREATE TEMP TABLE request AS
SELECT method, idpsync.value((jsonb_build_object('@type', 'type.googleapis.com/' || request_type) || fields)::idpsync.protobuf_any) AS bytes
FROM idpsync.rpc_methods() JOIN (VALUES
    (:'sessions' || 'OpenSession', jsonb '{"subjectContainerId": "wire 2", "agentId": "Größe", "sessionType": "AD_SYNC"}'),
    (:'sessions' || 'CloseSession', jsonb_build_object('sessionId', :'id', 'failed', true, 'failReason', 'because 😀')),
    (:'sessions' || 'ReportSessionProgress', jsonb_build_object('sessionId', :'id', 'progressEntries', jsonb '[
        {"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": "9223372036854775807"}, {"failed": 300}]},
        {"objectType": "MEMBERSHIP", "changeInfo": [{"changeType": "DELETE", "successful": 1, "failed": 1}]}]')),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "wire", "pageSize": 3, "filter": "status = \"OPENED\" AND created_at > \"2024-01-01T00:00:00Z\""}'),
    ('/yandex.cloud.operation.OperationService/Cancel', jsonb_build_object('operationId', :'operation')),
    ('/google.longrunning.Operations/CancelOperation', jsonb_build_object('name', 'wire/operations/' || :'operation'))) AS r (called, fields) ON called = method;
SELECT test.fingerprint() AS before \gset

-- as they are
SELECT method, pg_temp.ending(method, bytes) AS plain, pg_temp.ending(method, bytes, 'used') AS with_a_used_key FROM request ORDER BY method COLLATE "C";
-- every truncation, and the same with a key
SELECT method, string_agg(DISTINCT ending, ', ' ORDER BY ending) AS truncated
FROM request, generate_series(0, length(bytes) - 1) AS n, unnest(ARRAY[NULL, 'key', 'used']) AS key, pg_temp.ending(method, substr(bytes, 1, n), CASE WHEN method !~ 'List' THEN key END) AS ending
GROUP BY method ORDER BY method COLLATE "C";
SELECT test.fingerprint() = :'before' AS nothing_changed;
-- every flipped bit
SELECT method, string_agg(DISTINCT ending, ', ' ORDER BY ending) AS flipped
FROM request, generate_series(0, length(bytes) * 8 - 1) AS n, pg_temp.ending(method, set_bit(bytes, n, 1 - get_bit(bytes, n))) AS ending
GROUP BY method ORDER BY method COLLATE "C";
SELECT test.fingerprint() = :'before' AS nothing_changed;
-- every byte twice, every byte left out
SELECT method, string_agg(DISTINCT ending, ', ' ORDER BY ending) AS moved
FROM request, generate_series(1, length(bytes)) AS n, unnest(ARRAY[n, n + 2]) AS next, pg_temp.ending(method, substr(bytes, 1, n) || substr(bytes, next)) AS ending
GROUP BY method ORDER BY method COLLATE "C";
SELECT test.fingerprint() = :'before' AS nothing_changed;

-- 20,000 random strings: of any bytes; of bytes that tags and small values have; cut from valid requests and put together anew
SELECT setseed(0.42);
CREATE TEMP TABLE random AS
SELECT n, string_agg(CASE n % 3
           WHEN 0 THEN set_byte('\x00', 0, floor(a * 256)::int)
           WHEN 1 THEN set_byte('\x00', 0, get_byte('\x0a121a220810182028300b0c13140102030405ff80610000', floor(a * 23)::int))
           ELSE substr(bytes, 1 + floor(a * length(bytes))::int, 1 + floor(b * 12)::int) END, '' ORDER BY i) AS bytes
FROM (SELECT n, i, random() AS a, random() AS b, floor(random() * 6) AS source
      FROM (SELECT n, floor(random() * CASE n % 3 WHEN 2 THEN 6 ELSE 40 END)::int AS pieces FROM generate_series(1, 20000) AS n) AS s, generate_series(0, pieces) AS i) AS p
     JOIN (SELECT row_number() OVER (ORDER BY method) - 1 AS source, bytes FROM request) AS r USING (source)
GROUP BY n;
SELECT count(*) AS strings, count(DISTINCT bytes) > 15000 AS various FROM random;
SELECT string_agg(DISTINCT ending, ', ' ORDER BY ending) AS random
FROM random JOIN (SELECT row_number() OVER (ORDER BY method) - 1 AS number, method FROM request) AS m ON n / 3 % 6 = number, pg_temp.ending(method, bytes) AS ending;
SELECT test.fingerprint() = :'before' AS nothing_changed;
-- a string of 64 MB, a length of 2^63
SELECT pg_temp.ending('/google.longrunning.Operations/GetOperation', '\x0a80808020'::bytea || convert_to(repeat('a', 67108864), 'UTF8')) AS long,
    pg_temp.ending('/google.longrunning.Operations/GetOperation', '\x0a80808080808080808001') AS longer;
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
-- Any in Any in Any: shown as deep as JSON is read, below that as it is, and the same again when it is read
CREATE FUNCTION pg_temp.length_of(bytes bytea) RETURNS bytea LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT CASE WHEN length(bytes) < 128 THEN set_byte('\x00', 0, length(bytes))
                WHEN length(bytes) < 16384 THEN set_byte(set_byte('\x0000', 0, length(bytes) & 127 | 128), 1, length(bytes) >> 7)
                ELSE set_byte(set_byte(set_byte('\x000000', 0, length(bytes) & 127 | 128), 1, length(bytes) >> 7 & 127 | 128), 2, length(bytes) >> 14) END
$$;
CREATE FUNCTION pg_temp.any_in_any(levels int) RETURNS bytea LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE bytes bytea := '';
BEGIN
    FOR i IN 1..levels LOOP
        bytes := '\x0a15' || convert_to('x/google.protobuf.Any', 'UTF8') || CASE WHEN i = 1 THEN '' ELSE '\x12' || pg_temp.length_of(bytes) || bytes END;
    END LOOP;
    RETURN bytes;
END $$;
SELECT levels, length(bytes) AS bytes, (length(shown) - length(replace(shown, '@type', ''))) / 5 AS types, shown::idpsync.protobuf_any OPERATOR(idpsync.=) message AS same
FROM (VALUES (10), (1000)) AS l (levels), pg_temp.any_in_any(levels) AS bytes, idpsync.protobuf_any('x/google.protobuf.Any', bytes) AS message, CAST(message AS text) AS shown;

DROP TABLE request, random;
DELETE FROM idpsync.idempotency_key;
DELETE FROM idpsync.operation;
DELETE FROM idpsync.session;
