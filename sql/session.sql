-- sessions: opened, handed over, kept alive, reported on, closed, expired
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned
-- the lease of a session ends now, whatever the clock says
CREATE PROCEDURE pg_temp.expire(container text) LANGUAGE sql AS $$
    UPDATE idpsync.session SET expires_at = clock_timestamp() WHERE tenant_id = container AND status IN ('OPENED', 'PENDING')
$$;

-- opened
SELECT operation_id ~ '^op_' AS operation, result, next_session_at, session_id ~ '^ses_[0-9a-v]{26}$' AS id, subject_container_id, agent_id,
       session_type, sync_mode, status, created_at = idpsync.id_time(session_id) AS created_at,
       date_trunc('second', expires_at - created_at) AS lease, heartbeat_at, closed_at, fail_reason, progress_entries
FROM idpsync.open_session('c', 'agent 1', 'AD_SYNC');
SELECT session_id AS id FROM idpsync.session \gset
-- the same agent and another find it open; another type and another container do not
SELECT result, session_id = :'id' AS the_open_one, agent_id FROM idpsync.open_session('c', 'agent 1', 'AD_SYNC');
SELECT result, session_id = :'id' AS the_open_one, agent_id, next_session_at FROM idpsync.open_session('c', 'agent 2', 'AD_SYNC', 'DELTA');
SELECT result, session_id = :'id' AS the_open_one FROM idpsync.request_session('c', 'AD_SYNC');
SELECT result, session_type FROM idpsync.open_session('c', 'agent 1', 'AD_PASSWORD_HASH');
SELECT result, session_type FROM idpsync.open_session('c 2', 'agent 1', 'AD_SYNC');
SELECT method, test.mask(metadata::text) AS metadata, test.mask(response::text) AS response FROM idpsync.operation WHERE tenant_id = 'c' ORDER BY created_at DESC, operation_id DESC LIMIT 2;

-- kept alive
UPDATE idpsync.session SET expires_at = clock_timestamp() + interval '1 minute' WHERE session_id = :'id';
SELECT operation_id ~ '^op_' AS operation, session_id = :'id' AS id, expires_at > clock_timestamp() + interval '9 minutes' AS renewed FROM idpsync.heartbeat(:'id');
SELECT status, heartbeat_at >= created_at AS heartbeat, date_trunc('second', expires_at - heartbeat_at) AS lease FROM idpsync.get_session(:'id');

-- reported on: cumulative counters become the larger, delta ones are added
SELECT progress_entries FROM idpsync.report_session_progress(:'id', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 5, "failed": 1}]}]');
SELECT progress_entries FROM idpsync.report_session_progress(:'id', '[{"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": "4", "failed": "2"}, {"changeType": "DELETE", "successful": "0"}]}]');
SELECT progress_entries FROM idpsync.report_session_progress(:'id', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 4}]}, {"object_type": "MEMBERSHIP", "change_info": [{"failed": 9}]}]', 'delta');
SET idpsync.progress_mode = delta;
SELECT progress_entries FROM idpsync.report_session_progress(:'id', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]');
SELECT progress_entries FROM idpsync.report_session_progress(:'id', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]', 'cumulative');
RESET idpsync.progress_mode;
SELECT test.refused('SET idpsync.progress_mode = sum');
-- the same object type in two entries is merged
SELECT progress_entries FROM idpsync.report_session_progress(:'id', '[{"object_type": "GROUP", "change_info": [{"change_type": "CREATE", "successful": 1}]}, {"object_type": "GROUP", "change_info": [{"change_type": "UPDATE", "successful": 2}]}]');
UPDATE idpsync.session SET expires_at = clock_timestamp() + interval '1 minute' WHERE session_id = :'id';
SELECT operation_id ~ '^op_' AS operation, status, expires_at > clock_timestamp() + interval '9 minutes' AS renewed, expires_at > heartbeat_at AS heartbeat
FROM idpsync.report_session_progress(:'id', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]');
-- a sum that leaves bigint changes nothing
SELECT test.fingerprint() AS before \gset
SELECT test.refused(format('SELECT * FROM idpsync.report_session_progress(%L, ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 9223372036854775807}]}]'', ''delta'')', :'id'));
SELECT test.fingerprint() = :'before' AS nothing_changed;

-- closed, for good
SELECT test.refused(format('SELECT * FROM idpsync.close_session(%L, false, ''why'')', :'id'));
SELECT test.refused(format('SELECT * FROM idpsync.close_session(%L, NULL, ''why'')', :'id'));
SELECT status, closed_at >= heartbeat_at AND closed_at <= expires_at AS closed_at, fail_reason FROM idpsync.close_session(:'id', fail_reason => '');
SELECT test.fingerprint() AS before \gset
CREATE FUNCTION pg_temp.refused_calls(id text, first int DEFAULT 4) RETURNS TABLE (call text, answer text) LANGUAGE sql AS $$
    SELECT c, test.refused(format('SELECT * FROM idpsync.' || c, id)) FROM unnest((ARRAY[
        'heartbeat(%L)', 'report_session_progress(%L, ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]'')',
        'close_session(%L)', 'close_session(%L, true)'])[:first]) AS c
$$;
SELECT * FROM pg_temp.refused_calls(:'id');
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT status, fail_reason, progress_entries FROM idpsync.get_session(:'id', 'c');
SELECT * FROM pg_temp.refused_calls(idpsync.create_id('ses_'));
SELECT test.refused('SELECT * FROM idpsync.get_session(''nobody'')');
SELECT test.refused(format('SELECT * FROM idpsync.get_session(%L, ''c 2'')', :'id'));
SELECT test.refused(format('SELECT * FROM idpsync.heartbeat(%L, ''c 2'')', :'id'));

-- sync_mode: DELTA once a FULL_SYNC of the container and type has COMPLETED, or as the caller asks
SELECT sync_mode, session_id AS id FROM idpsync.open_session('c', 'agent 1', 'AD_SYNC') \gset
SELECT :'sync_mode' AS after_full_sync;
SELECT status, fail_reason FROM idpsync.close_session(:'id', true, repeat('ö', 256));
SELECT sync_mode FROM idpsync.request_session('c', 'AD_USER_CONTROL');
SELECT sync_mode, session_id AS id FROM idpsync.open_session('m', 'agent', 'AD_SYNC', 'DELTA') \gset
SELECT :'sync_mode' AS asked_for;
SELECT status FROM idpsync.close_session(:'id');
SELECT sync_mode, session_id AS id FROM idpsync.open_session('m', 'agent', 'AD_SYNC') \gset
SELECT :'sync_mode' AS after_delta;
SELECT status FROM idpsync.close_session(:'id', true);
SELECT sync_mode, session_id AS id FROM idpsync.open_session('m', 'agent', 'AD_SYNC') \gset
SELECT :'sync_mode' AS after_failed_full_sync;
SELECT status FROM idpsync.close_session(:'id');
SELECT sync_mode, session_id AS id FROM idpsync.open_session('m', 'agent', 'AD_SYNC', 'FULL_SYNC') \gset
SELECT :'sync_mode' AS asked_for;
SELECT status FROM idpsync.close_session(:'id', true);
SELECT sync_mode FROM idpsync.open_session('m', 'agent', 'AD_SYNC');

-- requested: PENDING until the first agent that asks gets it
SELECT operation_id ~ '^op_' AS operation, result, agent_id, status, sync_mode, date_trunc('second', expires_at - created_at) AS lease
FROM idpsync.request_session('p', 'AD_SYNC', 'DELTA');
SELECT session_id AS id FROM idpsync.session WHERE tenant_id = 'p' \gset
SELECT result, status, session_id = :'id' AS the_open_one FROM idpsync.request_session('p', 'AD_SYNC');
SELECT test.fingerprint() AS before \gset
-- it can be given up, and nothing else
SELECT * FROM pg_temp.refused_calls(:'id', 3);
SELECT test.fingerprint() = :'before' AS nothing_changed;
UPDATE idpsync.session SET expires_at = clock_timestamp() + interval '1 minute' WHERE session_id = :'id';
SELECT result, status, session_id = :'id' AS the_requested, agent_id, sync_mode, expires_at > clock_timestamp() + interval '9 minutes' AS renewed
FROM idpsync.open_session('p', 'agent', 'AD_SYNC');
SELECT result, session_id = :'id' AS the_open_one FROM idpsync.request_session('p', 'AD_SYNC');
SELECT status FROM idpsync.close_session(:'id');
-- handed over in the mode the agent asks for
SELECT sync_mode, status FROM idpsync.request_session('p', 'AD_SYNC');
SELECT sync_mode, status FROM idpsync.open_session('p', 'agent', 'AD_SYNC', 'DELTA');
CALL pg_temp.expire('p');
-- a request that is given up
SELECT session_id AS id FROM idpsync.request_session('p', 'AD_SYNC') \gset
SELECT status, agent_id, fail_reason FROM idpsync.close_session(:'id', true, 'no longer needed');
-- one that nobody answered
SELECT session_id AS id FROM idpsync.request_session('p', 'AD_SYNC') \gset
CALL pg_temp.expire('p');
SELECT status, closed_at = expires_at AS closed_at_expiry FROM idpsync.get_session(:'id');
SELECT result, status, session_id <> :'id' AS a_new_one FROM idpsync.open_session('p', 'agent', 'AD_SYNC');
SELECT status, agent_id, closed_at = expires_at AS closed_at_expiry FROM idpsync.session WHERE session_id = :'id';

-- expired: at once when read, stored by the next that opens, never revived
SELECT session_id AS id FROM idpsync.open_session('e', 'agent', 'AD_SYNC') \gset
SELECT progress_entries FROM idpsync.report_session_progress(:'id', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]');
CALL pg_temp.expire('e');
SELECT test.fingerprint() AS before \gset
SELECT status, closed_at = expires_at AS closed_at_expiry, progress_entries FROM idpsync.get_session(:'id');
SELECT status, closed_at = expires_at AS closed_at_expiry FROM idpsync.list_sessions('e');
SELECT status, closed_at = expires_at AS closed_at_expiry, duration = expires_at - created_at AS duration FROM idpsync.sessions WHERE subject_container_id = 'e';
SELECT (SELECT count(*) FROM idpsync.list_sessions('e', filter => 'status = "EXPIRED"')) AS expired,
       (SELECT count(*) FROM idpsync.list_sessions('e', filter => 'status = "OPENED"')) AS opened,
       (SELECT count(*) FROM idpsync.list_sessions('e', filter => 'closed_at > "2020-01-01T00:00:00Z"')) AS closed;
SELECT * FROM pg_temp.refused_calls(:'id');
SELECT status, closed_at FROM idpsync.session WHERE session_id = :'id';
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT result, status, session_id <> :'id' AS a_new_one, sync_mode FROM idpsync.open_session('e', 'agent', 'AD_SYNC');
SELECT status, closed_at = expires_at AS closed_at_expiry FROM idpsync.session WHERE session_id = :'id';
CALL pg_temp.expire('e');
SELECT result, status FROM idpsync.request_session('e', 'AD_SYNC');
SELECT status, count(*), bool_and(coalesce(closed_at = expires_at, true)) AS closed_at_expiry FROM idpsync.session WHERE tenant_id = 'e' GROUP BY 1 ORDER BY 1;

-- too early: only with an interval, counted from the last that COMPLETED
SELECT session_id AS id FROM idpsync.open_session('t', 'agent', 'AD_SYNC') \gset
SELECT status FROM idpsync.close_session(:'id');
SELECT FROM pg_sleep(0.01) \g /dev/null
SELECT session_id AS id, created_at AS opened_at FROM idpsync.open_session('t', 'agent', 'AD_SYNC') \gset
SELECT status FROM idpsync.close_session(:'id');
SELECT idpsync.configure_store('session_interval', '1 hour');
SELECT result, next_session_at - :'opened_at' AS next_session, session_id, subject_container_id, agent_id, session_type, sync_mode, status FROM idpsync.open_session('t', 'agent', 'AD_SYNC');
SELECT done, metadata, test.mask(response::text) AS response FROM idpsync.operation WHERE tenant_id = 't' ORDER BY created_at DESC, operation_id DESC LIMIT 1;
SELECT result FROM idpsync.open_session('t', 'agent', 'AD_USER_CONTROL');
SELECT result FROM idpsync.open_session('t 2', 'agent', 'AD_SYNC');
-- a requested session is never too early
SELECT result, status FROM idpsync.request_session('t', 'AD_SYNC');
SELECT result, status, session_id AS id FROM idpsync.open_session('t', 'agent', 'AD_SYNC') \gset
SELECT :'result' AS result, :'status' AS status;
-- one that failed does not count, and one open is found before the interval is asked
SELECT result FROM idpsync.open_session('t', 'agent 2', 'AD_SYNC');
SELECT status FROM idpsync.close_session(:'id', true);
SELECT result FROM idpsync.open_session('t', 'agent', 'AD_SYNC');
SELECT idpsync.configure_store('session_interval', '1 microsecond');
SELECT result, session_id AS id FROM idpsync.open_session('t', 'agent', 'AD_SYNC') \gset
SELECT :'result' AS after_the_interval;
SELECT idpsync.configure_store('session_interval', NULL);

-- idempotency keys: the same request is answered, another refused
SELECT session_id AS id, operation_id AS op FROM idpsync.open_session('k', 'agent', 'AD_SYNC', idempotency_key => 'open') \gset
SELECT result, session_id = :'id' AS the_same, operation_id = :'op' AS the_same_operation, status FROM idpsync.open_session('k', 'agent', 'AD_SYNC', idempotency_key => 'open');
SELECT operation_id AS op FROM idpsync.report_session_progress(:'id', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]', 'delta', idempotency_key => 'report') \gset
SELECT operation_id = :'op' AS the_same_operation, progress_entries FROM idpsync.report_session_progress(:'id', '[{"objectType": 1, "changeInfo": [{"changeType": 1, "successful": "1", "failed": 0}]}]', 'delta', 'k', 'report');
SELECT operation_id AS op FROM idpsync.heartbeat(:'id', idempotency_key => 'beat') \gset
SELECT operation_id = :'op' AS the_same_operation FROM idpsync.heartbeat(:'id', 'k', 'beat');
SELECT operation_id AS op FROM idpsync.close_session(:'id', idempotency_key => 'close') \gset
SELECT test.fingerprint() AS before \gset
SELECT operation_id = :'op' AS the_same_operation, status FROM idpsync.close_session(:'id', false, '', idempotency_key => 'close');
SELECT operation_id <> :'op' AS the_first, session_id = :'id' AS the_same, result, status FROM idpsync.open_session('k', 'agent', 'AD_SYNC', idempotency_key => 'open');
SELECT session_id = :'id' AS the_same FROM idpsync.heartbeat(:'id', 'k', 'beat');
SELECT call, test.refused('SELECT * FROM idpsync.' || format(call, :'id')) AS answer FROM unnest(ARRAY[
    'open_session(''k'', ''agent 2'', ''AD_SYNC'', idempotency_key => ''open'')',
    'open_session(''k'', ''agent'', ''AD_USER_CONTROL'', idempotency_key => ''open'')',
    'open_session(''k'', ''agent'', ''AD_SYNC'', ''DELTA'', ''open'')',
    'request_session(''k'', ''AD_SYNC'', NULL, ''open'')',
    'heartbeat(%L, idempotency_key => ''close'')',
    'close_session(%L, true, idempotency_key => ''close'')',
    'report_session_progress(%L, ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 2}]}]'', ''delta'', idempotency_key => ''report'')',
    'report_session_progress(%L, ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]'', ''cumulative'', idempotency_key => ''report'')',
    'heartbeat(%L, idempotency_key => ''new'')', 'heartbeat(%L, idempotency_key => repeat(''ö'', 65))']) AS call;
SELECT test.fingerprint() = :'before' AS nothing_changed;
-- a key that was answered with EXISTS or TOO_EARLY is answered so again, once the session is over
SELECT session_id AS id FROM idpsync.open_session('k', 'agent', 'AD_SYNC') \gset
SELECT result FROM idpsync.open_session('k', 'agent 2', 'AD_SYNC', idempotency_key => 'exists');
SELECT status FROM idpsync.close_session(:'id');
SELECT result, session_id = :'id' AS the_same, status FROM idpsync.open_session('k', 'agent 2', 'AD_SYNC', idempotency_key => 'exists');
SELECT idpsync.configure_store('session_interval', '1 hour');
SELECT result, next_session_at AS next FROM idpsync.open_session('k', 'agent', 'AD_SYNC', idempotency_key => 'early') \gset
SELECT idpsync.configure_store('session_interval', NULL);
SELECT result, next_session_at = :'next' AS the_same, session_id FROM idpsync.open_session('k', 'agent', 'AD_SYNC', idempotency_key => 'early');
SELECT session_id AS id FROM idpsync.request_session('k', 'AD_SYNC', 'DELTA', 'request') \gset
SELECT session_id = :'id' AS the_same, status FROM idpsync.request_session('k', 'AD_SYNC', 'DELTA', 'request');
-- why a session failed is part of the request
SELECT status FROM idpsync.close_session(:'id', true, 'no network', idempotency_key => 'fail');
SELECT status, fail_reason FROM idpsync.close_session(:'id', true, 'no network', idempotency_key => 'fail');
SELECT test.refused(format('SELECT * FROM idpsync.close_session(%L, true, ''no route'', idempotency_key => ''fail'')', :'id'));

-- what hand-written SQL may not do: limits, then states
CREATE FUNCTION pg_temp.by_hand(change jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT test.refused(format('INSERT INTO idpsync.session SELECT * FROM jsonb_populate_record(NULL::idpsync.session, %L)',
        jsonb_build_object('session_id', idpsync.create_id('ses_', '2020-01-01'), 'tenant_id', 'hand', 'agent_id', 'a', 'session_type', 'AD_SYNC', 'sync_mode', 'DELTA',
                           'status', 'FAILED', 'created_at', '2020-01-01', 'expires_at', '2020-01-02', 'closed_at', '2020-01-02') || change))
$$;
SELECT change, pg_temp.by_hand(change::jsonb) AS answer FROM unnest(ARRAY[
    '{}', '{"agent_id": null}', '{"session_id": "elsewhere"}', '{"fail_reason": "why"}', '{"session_id": ""}', '{"tenant_id": ""}', '{"agent_id": ""}', '{"fail_reason": ""}',
    '{"created_at": "2020-01-01 00:00:00.001"}', '{"closed_at": null}', '{"status": "OPENED"}', '{"status": "OPENED", "closed_at": null}',
    '{"status": "OPENED", "closed_at": null, "agent_id": null, "session_type": "AD_USER_CONTROL"}', '{"status": "PENDING", "closed_at": null, "session_type": "AD_USER_CONTROL"}',
    '{"status": "COMPLETED", "agent_id": null}', '{"status": "COMPLETED", "fail_reason": "why"}', '{"status": "EXPIRED", "fail_reason": "why"}',
    '{"progress": []}', '{"progress": [{"object_type": "USER", "change_info": []}]}', '{"status": "UNSPECIFIED"}']) AS change;
SELECT field, length, pg_temp.by_hand(jsonb_build_object(field, repeat('ö', length))) AS answer
FROM (VALUES ('session_id', 50), ('session_id', 51), ('tenant_id', 50), ('tenant_id', 51), ('agent_id', 50), ('agent_id', 51), ('fail_reason', 256), ('fail_reason', 257)) AS v (field, length);
DELETE FROM idpsync.session WHERE tenant_id = 'hand' OR tenant_id = repeat('ö', 50);
-- one open session of a container and type
SELECT pg_temp.by_hand('{"status": "OPENED", "closed_at": null}');
SELECT split_part(pg_temp.by_hand('{"status": "PENDING", "closed_at": null, "agent_id": null}'), E'\n', 1);
DELETE FROM idpsync.session WHERE tenant_id = 'hand';
-- every change of status, allowed and not
SELECT f AS from_status, string_agg(t || CASE left(answer, 5) WHEN 'accep' THEN '' ELSE ' ' || left(answer, 5) END, ', ' ORDER BY t) AS to_status
FROM unnest(enum_range(NULL::idpsync.session_status)) AS f, unnest(enum_range(NULL::idpsync.session_status)) AS t,
     LATERAL test.refused(format($$DO %L$$, format($$BEGIN
         INSERT INTO idpsync.session SELECT '2020-01-01', '2020-01-02', NULL, CASE WHEN %1$L IN ('OPENED', 'PENDING') THEN NULL ELSE timestamptz '2020-01-02' END, 'AD_SYNC', 'DELTA', %1$L, NULL,
             idpsync.create_id('ses_', '2020-01-01'), 'states', CASE %1$L WHEN 'PENDING' THEN NULL ELSE 'a' END, NULL;
         UPDATE idpsync.session SET status = %2$L, agent_id = CASE %2$L WHEN 'PENDING' THEN NULL ELSE 'a' END, closed_at = CASE WHEN %2$L IN ('OPENED', 'PENDING') THEN NULL ELSE timestamptz '2020-01-02' END
         WHERE tenant_id = 'states';
         DELETE FROM idpsync.session WHERE tenant_id = 'states'; END$$, f, t))) AS answer
GROUP BY f ORDER BY f;
SELECT test.refused('UPDATE idpsync.session SET status = ''OPENED'', closed_at = NULL, expires_at = ''infinity'' WHERE status = ''EXPIRED''');
SELECT test.refused('UPDATE idpsync.session SET status = ''FAILED'', fail_reason = NULL, closed_at = now() WHERE status = ''COMPLETED''');

-- the same id in two containers: only with the container
SELECT session_id AS id FROM idpsync.open_session('two a', 'agent', 'AD_SYNC') \gset
INSERT INTO idpsync.session SELECT (pg_catalog.jsonb_populate_record(s, '{"tenant_id": "two b"}')).* FROM idpsync.session AS s WHERE tenant_id = 'two a';
SELECT test.fingerprint() AS before \gset
SELECT * FROM pg_temp.refused_calls(:'id');
SELECT test.refused(format('SELECT * FROM idpsync.get_session(%L)', :'id'));
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT subject_container_id FROM idpsync.get_session(:'id', 'two b');
SELECT progress_entries FROM idpsync.report_session_progress(:'id', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]', subject_container_id => 'two b');
SELECT session_id = :'id' AS the_same FROM idpsync.heartbeat(:'id', 'two b');
SELECT subject_container_id, status FROM idpsync.close_session(:'id', subject_container_id => 'two b');
SELECT tenant_id, status, progress, heartbeat_at IS NULL AS untouched FROM idpsync.session WHERE session_id = :'id' ORDER BY tenant_id;

DELETE FROM idpsync.operation;
DELETE FROM idpsync.idempotency_key;
DELETE FROM idpsync.session;
