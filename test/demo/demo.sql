-- What make demo shows, in psql: a store is made, fed with what agents and services really send, and
-- looked at. Every statement here also works by hand.

\pset format wrapped
\pset columns 100
\pset footer off
\pset linestyle unicode
\pset null '-'
\set QUIET on
\set SHOW_CONTEXT never
\set instance idaas_corp

\echo
\echo '1. Installing it is two statements.'
\echo
\echo '   CREATE EXTENSION idpsync;'
\echo '   SELECT idpsync.create_store();'

CREATE EXTENSION idpsync;
SELECT FROM idpsync.create_store() \g /dev/null

\echo
\echo '2. A directory agent opens a session, reports and closes it: 19 requests, as the bytes that the'
\echo '   official client encodes. Each goes to call() as it came, and the answer is as the API has it.'
\echo

CREATE TEMP TABLE recorded (step int, method text, bytes text, message json);
\copy recorded FROM 'test/demo/agent_session.tsv' WITH (HEADER)

-- The bytes hold stand-ins for the ids that OpenSession answers, in their order and of their length.
CREATE TEMP TABLE opened (recorded_id text PRIMARY KEY, session_id text, operation_id text);

CREATE FUNCTION pg_temp.replay(step int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    called text;
    request text;
    answer json;
    session json;
    id record;
BEGIN
    SELECT r.method, r.bytes INTO called, request FROM recorded AS r WHERE r.step = replay.step;
    FOR id IN SELECT encode(recorded_id::bytea, 'hex') AS recorded, encode(session_id::bytea, 'hex') AS opened FROM opened LOOP
        request := replace(request, id.recorded, id.opened);
    END LOOP;
    answer := idpsync.protobuf_any('type.googleapis.com/' || m.response_type, idpsync.call(m.method, decode(request, 'hex')))
        FROM idpsync.rpc_methods() AS m WHERE m.method = called;
    session := coalesce(answer#>'{response,openedSession}', answer->'session', answer->'response');
    IF answer#>>'{response,result}' = 'SUCCESS' THEN
        INSERT INTO opened SELECT rpad('ses_recorded' || count(*) + 1, 30, '0'), session->>'sessionId', answer->>'id' FROM opened;
    END IF;
    RETURN CASE regexp_replace(called, '.*/', '')
        WHEN 'ListSessions' THEN json_array_length(answer->'sessions') || ' sessions, and a token for the next page'
        WHEN 'Heartbeat' THEN 'operation ' || (answer->>'id') || ' is done'
        WHEN 'ReportSessionProgress' THEN concat_ws(', ', session->>'status', json_array_length(session->'progressEntries') || ' entries so far')
        ELSE concat_ws(', ', answer#>>'{response,result}', session->>'status', session->>'sessionType', session->>'syncMode', session->>'failReason')
    END;
EXCEPTION WHEN object_not_in_prerequisite_state THEN
    RETURN 'status ' || idpsync.rpc_code(SQLSTATE) || ', ' || SQLERRM;
END $$;

\pset tuples_only on
\pset format unaligned
SELECT format('SELECT format('' %s  %s %s bytes %%s'', left(pg_temp.replay(%s), 62))',
    lpad(step::text, 2), rpad(regexp_replace(method, '.*/', ''), 21), lpad((length(bytes) / 2)::text, 3), step)
FROM recorded ORDER BY step \gexec
\pset format wrapped
\pset tuples_only off

\echo
\echo '3. The sessions. A lease that runs out shows as EXPIRED at once, stored or not: the last one here'
\echo '   was left open by an agent that went away, under a lease of one second.'
\echo
SELECT FROM idpsync.configure_store('session_ttl', '1 second') \g /dev/null
SELECT session_id AS abandoned FROM idpsync.open_session('ajegtlf2q28a0000labs', 'dc9.labs.example', 'AD_SYNC') \gset
SELECT FROM idpsync.configure_store('session_ttl', NULL) \g /dev/null
SELECT FROM pg_sleep(1.1) \g /dev/null
SELECT agent_id, session_type, sync_mode, status, successful AS good, failed AS bad, fail_reason
FROM idpsync.sessions ORDER BY created_at;

\echo '4. What the first of them has changed, entry by entry.'
\echo
SELECT object_type, change_type, p.successful, p.failed
FROM opened AS o JOIN idpsync.session_progress_entries AS p USING (session_id) WHERE recorded_id LIKE 'ses_recorded1%';

\echo '5. Jobs come in as the service documents them: import_synchronization_jobs() takes the answer of'
\echo '   ListSynchronizationJobs as it is. A second time it finds nothing new.'
\echo
\set jobs `cat test/demo/jobs.json`
SELECT 'once' AS import, * FROM idpsync.import_synchronization_jobs(:'instance', :'jobs')
UNION ALL
SELECT 'twice', * FROM idpsync.import_synchronization_jobs(:'instance', :'jobs');

\echo '6. The targets: which one needs a look?'
\echo
SELECT target_id, jobs, last_status, last_success::timestamp(0), consecutive_failures
FROM idpsync.targets WHERE instance_id = :'instance' ORDER BY consecutive_failures DESC, target_id;

\echo '7. So one more for it, live: it is run, started, reported on and finished. Some of it failed, so it'
\echo '   ends as partial_success, and its operation is done with it.'
\echo
SELECT synchronization_job_id AS job, operation_id FROM idpsync.run_synchronization_job(:'instance', 'application', 'app_mail',
    'by hand, with a new token') \gset
SELECT FROM idpsync.start_synchronization_job(:'job') \g /dev/null
SELECT FROM idpsync.report_job_statistics(:'job', '{"UserStatistics": {"Pushed": {"Total": 40, "Success": 38, "Failed": 2}}}') \g /dev/null
SELECT FROM idpsync.finish_synchronization_job(:'job', '{"GroupStatistics": {"Pushed": {"Total": 3, "Success": 3}}}') \g /dev/null
SELECT j.target_id, j.status, idpsync.counter(j.statistics, NULL, NULL, 'Success') AS success,
    idpsync.counter(j.statistics, NULL, NULL, 'Failed') AS failed, o.method, o.done
FROM idpsync.get_synchronization_job(:'job') AS j, idpsync.get_operation(:'operation_id') AS o;

\echo '8. A page of jobs, newest first, and the next by its token. Pages neither skip nor repeat a job,'
\echo '   whatever is written meanwhile.'
\echo
SELECT target_id, status, start_time::timestamp(0), '...' || right(next_token, 12) AS next_token, total_count
FROM idpsync.list_synchronization_jobs(:'instance', max_results => 4);
SELECT next_token FROM idpsync.list_synchronization_jobs(:'instance', max_results => 4) LIMIT 1 \gset
SELECT target_id, status, start_time::timestamp(0), '...' || right(next_token, 12) AS next_token, total_count
FROM idpsync.list_synchronization_jobs(:'instance', max_results => 4, next_token => :'next_token');

\echo '9. Statistics of the imported fortnight by day, summed up over 28 cells of four counters a job.'
\echo
SELECT bucket_start::date AS day, job_count AS jobs,
    idpsync.counter(statistics, 'User', 'Created', 'Success') AS users_created,
    idpsync.counter(statistics, 'User', 'Updated', 'Success') AS updated,
    idpsync.counter(statistics, 'User', 'Pushed', 'Success') AS pushed,
    idpsync.counter(statistics, 'GroupMember', NULL, 'Success') AS memberships,
    idpsync.counter(statistics, NULL, NULL, 'Failed') AS failed
FROM idpsync.synchronization_job_statistics(:'instance', '2026-03-02', '2026-03-15 23:59:59.999', bucket => 'day')
ORDER BY day;

\echo '10. Every change left an operation with the documented metadata and response (heartbeats too, where'
\echo '    keep_operations says so): the agent''s latest, and the one that opened its first session.'
\echo
SELECT method, done, created_by, metadata::text::json->>'sessionId' AS session_id
FROM idpsync.list_operations('ajegtlf2q28a0000corp', page_size => 5);
\pset tuples_only on
\pset format unaligned
SELECT replace(jsonb_pretty(jsonb_strip_nulls(to_jsonb(o))), '    ', '  ')
FROM opened, idpsync.get_operation(operation_id) AS o WHERE recorded_id LIKE 'ses_recorded1%';
\pset format wrapped
\pset tuples_only off

\echo
\echo '11. How a wrong call is answered: it names the argument or the path in the document, and changes'
\echo '    nothing.'
\echo
SELECT session_id AS open FROM opened WHERE recorded_id LIKE 'ses_recorded3%' \gset
\set ON_ERROR_STOP off
\echo '-- a report on a session whose lease is over'
SELECT FROM idpsync.report_session_progress(:'abandoned', '[{"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": 1}]}]');
\echo 'SQLSTATE:' :SQLSTATE
\echo '-- a negative counter'
SELECT FROM idpsync.report_session_progress(:'open', '[{"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": -1}]}]');
\echo 'SQLSTATE:' :SQLSTATE
\echo '-- the same job finished twice'
SELECT FROM idpsync.finish_synchronization_job(:'job');
\echo 'SQLSTATE:' :SQLSTATE
\echo '-- the token of another list'
SELECT FROM idpsync.list_synchronization_jobs('another instance', max_results => 4, next_token => :'next_token');
\echo 'SQLSTATE:' :SQLSTATE
\echo '-- an id of 51 characters'
SELECT FROM idpsync.open_session(repeat('x', 51), 'agent', 'AD_SYNC');
\echo 'SQLSTATE:' :SQLSTATE
\set ON_ERROR_STOP on

\echo
\echo '12. And the store is sound.'
\echo
SELECT check_name, ok FROM idpsync.check_store();
