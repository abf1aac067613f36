-- expiry is a fact of time: all reads and all decisions agree, whether maintain() has written it down or not
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
SET client_min_messages = warning;
\pset format unaligned
CREATE FUNCTION pg_temp.make(container text, status text, since interval, lease interval, heartbeat interval DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at, heartbeat_at)
    SELECT idpsync.create_id('ses_', t - since), container, CASE WHEN status <> 'PENDING' THEN 'agent' END, 'AD_SYNC', 'DELTA', status::idpsync.session_status, t - since, t + lease, t + heartbeat
    FROM date_trunc('milliseconds', now()) AS t RETURNING session_id
$$;
-- everything that can be asked about the sessions of a container, as one line a question
CREATE FUNCTION pg_temp.answers(container text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('get_session: %s %s', g.status, g.closed_at = g.expires_at) FROM idpsync.session AS s CROSS JOIN LATERAL idpsync.get_session(s.session_id) AS g WHERE s.tenant_id = container
    UNION ALL SELECT format('list_sessions: %s %s, of %s', status, closed_at = expires_at, total_count) FROM idpsync.list_sessions(container)
    UNION ALL SELECT format('list_sessions %s: %s, of %s', f, coalesce(l.status::text, 'none'), coalesce(total_count, 0))
        FROM unnest(ARRAY['status = "OPENED"', 'status = "PENDING"', 'status = "EXPIRED"', 'status != "EXPIRED"', 'status IN ("OPENED", "PENDING")']) AS f
        LEFT JOIN LATERAL (SELECT status, total_count FROM idpsync.list_sessions(container, filter => f)) AS l ON true
    UNION ALL SELECT format('closed by now: %s', count(*)) FROM idpsync.list_sessions(container, filter => format('closed_at <= "%s"', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
    UNION ALL SELECT format('sessions: %s %s %s', status, closed_at = expires_at, duration = closed_at - created_at) FROM idpsync.sessions WHERE subject_container_id = container
    UNION ALL SELECT format('sessions with status EXPIRED: %s', count(*)) FROM idpsync.sessions WHERE subject_container_id = container AND status = 'EXPIRED'
    UNION ALL SELECT format('stalled_sessions: %s', count(*)) FROM idpsync.stalled_sessions WHERE subject_container_id = container
    UNION ALL SELECT format('GetSession: %s %s', j #>> '{session,status}', j #>> '{session,closedAt}' = j #>> '{session,expiresAt}') FROM idpsync.session AS s
        CROSS JOIN LATERAL idpsync.call_json('/yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/GetSession', json_build_object('session_id', s.session_id)) AS j WHERE s.tenant_id = container
    UNION ALL SELECT format('ListSessions: %s', j #>> '{sessions,0,status}')
        FROM idpsync.call_json('/yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/ListSessions', json_build_object('subject_container_id', container)) AS j
$$;
CREATE FUNCTION pg_temp.decisions(container text) RETURNS TABLE (call text, answer text) LANGUAGE sql AS $$
    SELECT c, test.refused(format('SELECT * FROM idpsync.' || c, session_id)) FROM idpsync.session,
    unnest(ARRAY['heartbeat(%L)', 'report_session_progress(%L, ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]'')', 'close_session(%L)', 'close_session(%L, true)']) AS c
    WHERE tenant_id = container
$$;

-- a lease that was over an instant ago, of a session that was open and of one that was requested
SELECT pg_temp.make('was open', 'OPENED', '1 hour', '-1 microsecond', '-10 minutes'), pg_temp.make('was pending', 'PENDING', '10 minutes', '-1 microsecond') \gset ids_
CREATE TEMP TABLE unwritten AS SELECT c AS container, a AS answer FROM unnest(ARRAY['was open', 'was pending']) AS c, pg_temp.answers(c) AS a;
SELECT * FROM pg_temp.answers('was open');
SELECT * FROM pg_temp.unwritten EXCEPT ALL SELECT 'was pending', a FROM pg_temp.answers('was open') AS a EXCEPT ALL SELECT 'was open', a FROM pg_temp.answers('was open') AS a;
SELECT test.fingerprint() AS before \gset
SELECT * FROM pg_temp.decisions('was open');
SELECT * FROM pg_temp.decisions('was pending');
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT tenant_id, status, closed_at FROM idpsync.session ORDER BY 1;
-- maintain() writes it down, and no answer is another
CALL idpsync.maintain();
SELECT tenant_id, status, closed_at = expires_at AS closed_at_expiry FROM idpsync.session ORDER BY 1;
SELECT c, count(*) AS answers, bool_and(w.answer IS NOT NULL) AS as_before FROM unnest(ARRAY['was open', 'was pending']) AS c CROSS JOIN LATERAL pg_temp.answers(c) AS a
LEFT JOIN (SELECT DISTINCT * FROM pg_temp.unwritten) AS w ON w.container = c AND w.answer = a GROUP BY 1 ORDER BY 1;
SELECT answer FROM pg_temp.decisions('was open');
SELECT result, status FROM idpsync.open_session('was open', 'another', 'AD_SYNC');
SELECT result, status FROM idpsync.request_session('was pending', 'AD_SYNC');
-- where nobody wrote it down, an opening does
SELECT pg_temp.make('nobody came', 'OPENED', '1 hour', '-1 microsecond') \g /dev/null
SELECT pg_temp.make('nobody came 2', 'PENDING', '1 hour', '-1 microsecond') \g /dev/null
SELECT result, status FROM idpsync.open_session('nobody came', 'another', 'AD_SYNC');
SELECT result, status, agent_id FROM idpsync.open_session('nobody came 2', 'another', 'AD_SYNC');
SELECT tenant_id, status, closed_at = expires_at AS closed_at_expiry FROM idpsync.session WHERE tenant_id LIKE 'nobody%' ORDER BY 1, created_at;
-- a lease that ends in the midst of a transaction is over in it
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pg_temp.make('ends', 'OPENED', '1 minute', '1 second') \g /dev/null
SELECT count(*) FILTER (WHERE a LIKE '%EXPIRED t%') AS expired FROM pg_temp.answers('ends') AS a;
SELECT pg_sleep(1.1);
SELECT count(*) FILTER (WHERE a LIKE '%EXPIRED t%') AS expired FROM pg_temp.answers('ends') AS a;
SELECT count(*) FROM pg_temp.decisions('ends') WHERE answer LIKE '55000%';
COMMIT;
DELETE FROM idpsync.session;

-- A clock that has stepped back an hour: a session opened before, as its rows now look. It is open, has been
-- silent for no time, and its lease is not shortened, by a heartbeat, by a report, or by handing it over.
SELECT pg_temp.make('ahead', 'OPENED', '-1 hour', '70 minutes') AS id \gset
SELECT pg_temp.make('ahead 2', 'OPENED', '-30 minutes', '70 minutes', '1 hour') AS id_2 \gset
SELECT pg_temp.make('ahead 3', 'PENDING', '-1 hour', '70 minutes') AS id_3 \gset
SELECT tenant_id, status, expires_at AS lease INTO TEMP granted FROM idpsync.session;
SELECT a FROM unnest(ARRAY['ahead', 'ahead 2', 'ahead 3']) AS c, pg_temp.answers(c) AS a WHERE a ~ '^(get_session|sessions|stalled)';
SELECT h.expires_at >= s.expires_at AS kept FROM idpsync.session AS s, idpsync.heartbeat(s.session_id) AS h WHERE tenant_id IN ('ahead', 'ahead 2');
SELECT r.expires_at >= s.expires_at AS kept, r.heartbeat_at > s.created_at AS after_its_creation, r.expires_at - r.heartbeat_at AS lease
FROM idpsync.session AS s, idpsync.report_session_progress(s.session_id, '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]') AS r WHERE tenant_id IN ('ahead', 'ahead 2');
SELECT result, status, session_id = :'id_3' AS the_same, expires_at >= (SELECT lease FROM pg_temp.granted WHERE tenant_id = 'ahead 3') AS kept FROM idpsync.open_session('ahead 3', 'agent', 'AD_SYNC');
SELECT result FROM idpsync.open_session('ahead 3', 'another', 'AD_SYNC');
-- what the owner shortens is shortened all the same
SELECT idpsync.configure_store('session_ttl', '1 minute');
SELECT h.expires_at - s.expires_at < '-8 minutes' AS shortened FROM idpsync.session AS s, idpsync.heartbeat(s.session_id) AS h WHERE tenant_id = 'ahead';
SELECT idpsync.configure_store('session_ttl', NULL);
-- none ends before it began
SELECT c.status, c.closed_at >= s.created_at AND c.closed_at >= s.heartbeat_at AS in_order FROM idpsync.session AS s, idpsync.close_session(s.session_id) AS c WHERE tenant_id = 'ahead';
SELECT status, duration > '0' AS positive FROM idpsync.sessions WHERE subject_container_id = 'ahead';
SELECT sync_mode, result FROM idpsync.open_session('ahead', 'agent', 'AD_SYNC');
-- the interval between sessions is counted from when the last was made, be it to come
SELECT session_id AS id FROM idpsync.open_session('ahead', 'agent', 'AD_SYNC') \gset
SELECT status FROM idpsync.close_session(:'id', true);
SELECT idpsync.configure_store('session_interval', '10 minutes');
SELECT result, next_session_at > clock_timestamp() + interval '69 minutes' AS then FROM idpsync.open_session('ahead', 'agent', 'AD_SYNC');
SELECT idpsync.configure_store('session_interval', NULL);
-- its history, and ids, go on: new ones come behind those from the future in lists, and none twice
SELECT session_id AS id FROM idpsync.open_session('ahead', 'agent', 'AD_SYNC') \gset
SELECT session_id = :'id' AS new, created_at > clock_timestamp() AS from_the_future FROM idpsync.list_sessions('ahead') ORDER BY created_at DESC;
CALL idpsync.maintain();
SELECT tenant_id, status FROM idpsync.session ORDER BY 1, created_at;
-- jobs and operations made before the clock stepped back
INSERT INTO idpsync.operation (operation_id, tenant_id, method, created_at, created_by, modified_at, done)
SELECT idpsync.create_id('op_', at), 'ahead', m, at, 'me', at, false FROM (SELECT date_trunc('milliseconds', now() + interval '1 hour') AS at) AS a, unnest(ARRAY['finished', 'failed', 'RunSynchronizationJob']) AS m;
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics, operation_id)
SELECT idpsync.create_id('sync_', created_at), tenant_id, 'application', 't', 'egress', 'auto', 'pending', created_at, created_at, '{}', operation_id FROM idpsync.operation WHERE method = 'RunSynchronizationJob';
SELECT job_id AS job FROM idpsync.job \gset
SELECT status, start_time >= created_at AS in_order FROM idpsync.start_synchronization_job(:'job');
SELECT status, end_time >= start_time AS in_order FROM idpsync.finish_synchronization_job(:'job');
SELECT f.done FROM idpsync.operation AS o, idpsync.finish_operation(o.operation_id) AS f WHERE o.method = 'finished';
SELECT f.error_code FROM idpsync.operation AS o, idpsync.fail_operation(o.operation_id, 13) AS f WHERE o.method = 'failed';
SELECT method, done, modified_at >= created_at AS in_order FROM idpsync.operation WHERE method IN ('finished', 'failed', 'RunSynchronizationJob') ORDER BY 1;
SELECT duration >= '0' AS not_negative FROM idpsync.jobs;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
DELETE FROM idpsync.session;
DELETE FROM idpsync.job;
DELETE FROM idpsync.operation;

-- A lease has an end in every row; without a heartbeat it runs from the creation.
SELECT test.refused('INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at)
    SELECT idpsync.create_id(''ses_'', ''2020-01-01''), ''none'', ''a'', ''AD_SYNC'', ''DELTA'', ''OPENED'', ''2020-01-01'', NULL');
SELECT pg_temp.make('no heartbeat', 'OPENED', '6 minutes', '4 minutes'), pg_temp.make('no heartbeat 2', 'OPENED', '4 minutes', '6 minutes') \g /dev/null
SELECT subject_container_id, last_sign = created_at AS since_its_creation FROM idpsync.stalled_sessions;
SELECT tenant_id, h.expires_at > clock_timestamp() + interval '9 minutes' AS renewed FROM idpsync.session AS s, idpsync.heartbeat(s.session_id) AS h WHERE heartbeat_at IS NULL ORDER BY 1;
-- Ends that are no time at all, written by hand: one lease never ends, one has never been; no view fails for them.
SELECT pg_temp.make('never ends', 'OPENED', '1 day', '1 hour'), pg_temp.make('was never', 'OPENED', '1 day', '1 hour'), pg_temp.make('beats for ever', 'OPENED', '1 day', '1 hour') \g /dev/null
UPDATE idpsync.session SET expires_at = 'infinity' WHERE tenant_id = 'never ends';
UPDATE idpsync.session SET expires_at = '-infinity' WHERE tenant_id = 'was never';
UPDATE idpsync.session SET heartbeat_at = 'infinity' WHERE tenant_id = 'beats for ever';
SELECT subject_container_id, status, closed_at, duration > '0' AS lasts FROM idpsync.sessions ORDER BY 1;
SELECT subject_container_id, silent_for > '1 hour' AS silent FROM idpsync.stalled_sessions ORDER BY 1;
SELECT tenant_id, test.refused(format('SELECT * FROM idpsync.heartbeat(%L)', session_id)) AS heartbeat FROM idpsync.session WHERE tenant_id IN ('never ends', 'was never', 'beats for ever') ORDER BY 1;
SELECT tenant_id, expires_at - heartbeat_at AS lease FROM idpsync.session WHERE tenant_id IN ('never ends', 'beats for ever') ORDER BY 1;
CALL idpsync.maintain();
SELECT tenant_id, status, closed_at FROM idpsync.session WHERE tenant_id = 'was never';
-- so late that no lease fits behind it
UPDATE idpsync.session SET heartbeat_at = '294276-12-31 23:59:00+00' WHERE tenant_id = 'never ends';
SELECT test.refused(format('SELECT * FROM idpsync.heartbeat(%L)', session_id)) AS answer FROM idpsync.session WHERE tenant_id = 'never ends';
DELETE FROM idpsync.session;
DELETE FROM idpsync.idempotency_key;
DELETE FROM idpsync.operation;
