-- bad input to calls: refused with what is wrong and where, and nothing has changed
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned

SELECT session_id AS id FROM idpsync.open_session('bad', 'agent', 'AD_SYNC') \gset
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('bad', 'application', 't') \gset
SELECT status FROM idpsync.start_synchronization_job(:'job');
SELECT test.fingerprint() AS before \gset
CREATE FUNCTION pg_temp.report(id text, entries text) RETURNS text LANGUAGE sql AS $$
    SELECT test.refused(format('SELECT * FROM idpsync.report_session_progress(%L, %L)', id, entries))
$$;

-- a report has 1 to 3 entries of 1 to 6 changes, as received
SELECT n AS entries, pg_temp.report(:'id', '[' || string_agg(format('{"object_type": %s, "change_info": [{"change_type": %s}]}', (i - 1) % 3 + 1, i), ', ') || ']') AS answer
FROM generate_series(1, 4) AS n, generate_series(1, n) AS i WHERE n = 4 GROUP BY n;
SELECT n AS changes, pg_temp.report(:'id', '[{"object_type": "USER", "change_info": [' || string_agg(format('{"change_type": %s}', i - 1), ', ') || ']}]') AS answer
FROM generate_series(7, 7) AS n, generate_series(1, n) AS i GROUP BY n;
SELECT entries, pg_temp.report(:'id', entries) AS answer FROM unnest(ARRAY[
    '[]', '{}', 'null', '7', '"USER"', '[null]', '[{}]', '[[]]',
    '[{"object_type": "USER"}]', '[{"object_type": "USER", "change_info": null}]', '[{"object_type": "USER", "change_info": []}]', '[{"object_type": "USER", "change_info": {}}]', '[{"object_type": "USER", "change_info": [null]}]',
    '[{"change_info": [{"change_type": "CREATE"}]}]', '[{"object_type": null, "change_info": [{"change_type": "CREATE"}]}]', '[{"object_type": "RELATED_OBJECT_TYPE_UNSPECIFIED", "change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": 0, "change_info": [{"change_type": "CREATE"}]}]', '[{"object_type": 4, "change_info": [{"change_type": "CREATE"}]}]', '[{"object_type": -1, "change_info": [{"change_type": "CREATE"}]}]', '[{"object_type": "DEVICE", "change_info": [{"change_type": "CREATE"}]}]', '[{"object_type": "user", "change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": "USER", "change_info": [{"change_type": "RENAME"}]}]', '[{"object_type": "USER", "change_info": [{"change_type": 7}]}]', '[{"object_type": "USER", "change_info": [{"change_type": "1"}]}]', '[{"object_type": "USER", "change_info": [{"change_type": true}]}]',
    '[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}, {"change_type": 1}]}]', '[{"object_type": "USER", "change_info": [{}, {"change_type": "CHANGE_TYPE_UNSPECIFIED"}]}]',
    '[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}, {"object_type": 1, "change_info": [{"change_type": "DELETE"}, {"change_type": "CREATE"}]}]',
    '[{"object_type": "USER", "change_info": [{"successful": -1}]}]', '[{"object_type": "USER", "change_info": [{"successful": "-1"}]}]', '[{"object_type": "USER", "change_info": [{"failed": 0.5}]}]', '[{"object_type": "USER", "change_info": [{"failed": 1e-1}]}]',
    '[{"object_type": "USER", "change_info": [{"successful": 9223372036854775808}]}]', '[{"object_type": "USER", "change_info": [{"successful": "9223372036854775808"}]}]', '[{"object_type": "USER", "change_info": [{"successful": 1e19}]}]', '[{"object_type": "USER", "change_info": [{"successful": 1e999999999}]}]',
    '[{"object_type": "USER", "change_info": [{"successful": " 1"}]}]', '[{"object_type": "USER", "change_info": [{"successful": ""}]}]', '[{"object_type": "USER", "change_info": [{"successful": "0x10"}]}]', '[{"object_type": "USER", "change_info": [{"successful": []}]}]', '[{"object_type": "USER", "change_info": [{"successful": true}]}]',
    '[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}], "note": 1}]', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "skipped": 1}]}]',
    '[{"object_type": "USER", "object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]', '[{"object_type": "USER", "objectType": "USER", "change_info": [{"change_type": "CREATE"}]}]', '[{"object_type": "USER", "change_info": [{"failed": 1, "failed": 1}]}]', '[{"object_type": "USER", "change_info": [{"failed": 1}], "changeInfo": [{"failed": 1}]}]',
    '[{"object_type": "US\u0000ER", "change_info": [{"change_type": "CREATE"}]}]']) AS entries;
SELECT test.refused(format('SELECT * FROM idpsync.report_session_progress(%L, NULL)', :'id'));
SELECT test.refused(format('SELECT * FROM idpsync.report_session_progress(%L, ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]'', ''sum'')', :'id'));
-- 64 kB are enough for any report; 10,000 levels are too deep, for us or for the server itself
SELECT pg_temp.report(:'id', '[' || repeat('{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]},', 16000) || '{}]');
SELECT pg_temp.report(:'id', '[{"object_type": "' || repeat('X', 1000000) || '", "change_info": [{"change_type": "CREATE"}]}]');
SELECT pg_temp.report(:'id', '[{"object_type": "USER", "change_info": [{"successful": ' || repeat('9', 60000) || '}]}]') ~ '^22003 ' AS refused;
SELECT pg_temp.report(:'id', '[{"object_type": "USER", "change_info": [{"change_type": "' || repeat('X', 60000) || '"}]}]') ~ '^22023 ' AS refused;
SELECT pg_temp.report(:'id', repeat('[', 10000) || repeat(']', 10000)) ~ '^(22|54001)' AS refused;
SELECT test.refused(format('SELECT * FROM idpsync.report_job_statistics(%L, %L)', :'job', repeat('{"UserStatistics":', 10000) || '1' || repeat('}', 10000))) ~ '^(22|54)' AS refused;
SELECT test.refused(format('SELECT * FROM idpsync.import_synchronization_jobs(''bad'', %L)', repeat('[', 10000) || repeat(']', 10000))) ~ '^(22|54001)' AS refused;
SELECT test.refused(format('SELECT * FROM idpsync.import_synchronization_jobs(''bad'', %L)', '{"RequestId": ' || repeat('[', 5000) || repeat(']', 5000) || ', "SynchronizationJobs": []}')) ~ '^(22|54001|accepted)' AS no_crash;
SELECT test.fingerprint() = :'before' AS nothing_changed;

-- lengths of ids and texts, in characters
SELECT call, test.refused(format('SELECT * FROM idpsync.' || call, :'id')) AS answer FROM unnest(ARRAY[
    'open_session('''', ''a'', ''AD_SYNC'')', 'open_session(NULL, ''a'', ''AD_SYNC'')', 'open_session(repeat(''ö'', 51), ''a'', ''AD_SYNC'')', 'open_session(''c'', '''', ''AD_SYNC'')', 'open_session(''c'', NULL, ''AD_SYNC'')', 'open_session(''c'', repeat(''ö'', 51), ''AD_SYNC'')',
    'open_session(''c'', ''a'', NULL)', 'open_session(''c'', ''a'', ''SESSION_TYPE_UNSPECIFIED'')', 'open_session(''c'', ''a'', ''ad_sync'')', 'open_session(''c'', ''a'', ''AD_SYNC'', ''SYNC_MODE_UNSPECIFIED'')', 'open_session(''c'', ''a'', ''AD_SYNC'', idempotency_key => repeat(''ö'', 65))',
    'request_session('''', ''AD_SYNC'')', 'request_session(repeat(''x'', 51), ''AD_SYNC'')', 'request_session(''c'', NULL)',
    'heartbeat('''')', 'heartbeat(NULL)', 'heartbeat(repeat(''ö'', 50))', 'heartbeat(repeat(''ö'', 51))', 'heartbeat(%L, repeat(''ö'', 51))', 'get_session('''')', 'get_session(repeat(''ö'', 51))', 'get_session(%L, repeat(''ö'', 51))',
    'report_session_progress(''s'', ''[]'')', 'report_session_progress('''', ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]'')', 'report_session_progress(repeat(''ö'', 51), ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]'')',
    'close_session('''')', 'close_session(repeat(''ö'', 51))', 'close_session(%L, true, repeat(''ö'', 257))', 'close_session(%L, false, ''x'')']) AS call;
SELECT test.fingerprint() = :'before' AS nothing_changed;
-- 50 characters are 50, however many bytes
SELECT char_length(subject_container_id) AS container, char_length(agent_id) AS agent, octet_length(agent_id) AS agent_bytes, session_id AS long FROM idpsync.open_session(repeat('😀', 50), repeat('ö', 50), 'AD_SYNC') \gset
SELECT :container AS container, :agent AS agent, :agent_bytes AS agent_bytes;
SELECT char_length(fail_reason) AS fail_reason FROM idpsync.close_session(:'long', true, repeat('😀', 256));

-- bytes that are no text: a NUL, bad UTF-8, an overlong one, a surrogate
SELECT bytes, test.refused(format('SELECT * FROM idpsync.open_session(convert_from(%L, ''UTF8''), ''a'', ''AD_SYNC'')', bytes)) ~ '^(22021|22P05) ' AS refused
FROM unnest(ARRAY['\x6100', '\xff', '\xc0af', '\xeda080', '\xf4908080', '\xc3']::bytea[]) AS bytes;

-- settings
SELECT setting, test.refused('SET ' || setting) AS answer FROM unnest(ARRAY['idpsync.progress_mode = ''both''', 'idpsync.no_such_setting = 1']) AS setting;

-- trigger functions are not for calling, nor for other tables and events
SELECT f, split_part(test.refused(format('SELECT idpsync.%I()', f)), E'\n', 1) AS answer FROM unnest(ARRAY['check_session_change', 'check_job_change', 'check_operation_change', 'store_setting_changed']) AS f;
CREATE FUNCTION pg_temp.elsewhere(columns text, moment text, event text, level text, f text) RETURNS text LANGUAGE plpgsql SET client_min_messages = warning AS $$
BEGIN
    EXECUTE format('CREATE TEMP TABLE other (%s)', columns);
    INSERT INTO pg_temp.other DEFAULT VALUES;
    EXECUTE format('CREATE TRIGGER t %s %s ON pg_temp.other FOR EACH %s EXECUTE FUNCTION idpsync.%I()', moment, event, level, f);
    EXECUTE CASE event WHEN 'INSERT' THEN 'INSERT INTO pg_temp.other DEFAULT VALUES' WHEN 'UPDATE' THEN 'UPDATE pg_temp.other SET a = 2' WHEN 'DELETE' THEN 'DELETE FROM pg_temp.other' ELSE 'TRUNCATE pg_temp.other' END;
    DROP TABLE pg_temp.other;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT f, answer, count(*)
FROM unnest(ARRAY['check_session_change', 'check_job_change', 'check_operation_change']) AS f, unnest(ARRAY['a int', 'a int, status int DEFAULT 1', 'a int, status idpsync.session_status, session_id text', 'a int, status idpsync.job_status, job_id text']) AS columns,
     unnest(ARRAY['BEFORE', 'AFTER']) AS moment, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS event, unnest(ARRAY['ROW', 'STATEMENT']) AS level,
     LATERAL pg_temp.elsewhere(columns, moment, event, level, f) AS answer
WHERE NOT (event = 'TRUNCATE' AND level = 'ROW')
GROUP BY 1, 2 ORDER BY f, answer COLLATE "C";

-- what can be no token and no id
SELECT test.refused('SELECT * FROM idpsync.list_sessions(''bad'', page_token => ''😀'')');
SELECT test.refused('SELECT * FROM idpsync.wait_operation(''no operation'')');

DELETE FROM idpsync.operation;
DELETE FROM idpsync.job;
DELETE FROM idpsync.session;

-- the caller's name, at its limit and past it
SELECT length(set_config('idpsync.caller', repeat('x', 1000), false));
SELECT created_by = repeat('x', 1000) AS is_whole FROM idpsync.create_operation('bad input', 'Mine');
SELECT test.refused('SELECT set_config(''idpsync.caller'', repeat(''x'', 1001), false)');
RESET idpsync.caller;
DELETE FROM idpsync.operation WHERE tenant_id::text = 'bad input';
-- the counts have kept up
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok AND check_name = 'counts';
