-- Every function of the extension that a user can call, and how. Arguments are variables, or the planner would
-- make the call once and for all.
\set sessions /yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/
INSERT INTO memory.call (name, how, share, statement) VALUES
-- types
('session_progress from text', 'read', 1, 'PERFORM g.progress_text::idpsync.session_progress'),
('session_progress to text', 'read', 1, 'PERFORM g.progress::text'),
('session_progress from json', 'read', 1, 'PERFORM g.progress_text::json::idpsync.session_progress'),
('session_progress from jsonb', 'read', 1, 'PERFORM g.progress_text::jsonb::idpsync.session_progress'),
('session_progress to jsonb', 'read', 1, 'PERFORM g.progress::jsonb'),
('session_progress(bytea)', 'read', 1, 'PERFORM idpsync.session_progress(g.progress::bytea)'),
('session_progress + session_progress', 'read', 1, 'PERFORM g.progress OPERATOR(idpsync.+) g.progress'),
('session_progress = session_progress', 'read', 1, 'PERFORM g.progress OPERATOR(idpsync.=) g.progress, g.progress OPERATOR(idpsync.<>) g.progress'),
('sum(session_progress)', 'read', 0.1, 'PERFORM idpsync.sum(progress) FROM memory.value'),
('session_progress_agg', 'read', 0.1, 'PERFORM idpsync.session_progress_agg(''USER'', ''CREATE'', n, n) FROM memory.value'),
('session_progress hashed', 'read', 0.1, 'PERFORM count(*) FROM memory.value GROUP BY progress'),
('entries(session_progress)', 'read', 1, 'PERFORM idpsync.entries(g.progress)'),
('counter(session_progress)', 'read', 1, 'PERFORM idpsync.counter(g.progress, ''USER'', ''CREATE'', ''successful'')'),
('pointwise_max(session_progress)', 'read', 1, 'PERFORM idpsync.pointwise_max(g.progress, g.progress)'),
('to_json(session_progress)', 'read', 1, 'PERFORM idpsync.to_json(g.progress)'),
('job_statistics from text', 'read', 1, 'PERFORM g.statistics_text::idpsync.job_statistics'),
('job_statistics to text', 'read', 1, 'PERFORM g.statistics::text'),
('job_statistics from json', 'read', 1, 'PERFORM g.statistics_text::json::idpsync.job_statistics'),
('job_statistics from jsonb', 'read', 1, 'PERFORM g.statistics_text::jsonb::idpsync.job_statistics'),
('job_statistics to jsonb', 'read', 1, 'PERFORM g.statistics::jsonb'),
('job_statistics(bytea)', 'read', 1, 'PERFORM idpsync.job_statistics(g.statistics::bytea)'),
('job_statistics + job_statistics', 'read', 1, 'PERFORM g.statistics OPERATOR(idpsync.+) g.statistics'),
('job_statistics = job_statistics', 'read', 1, 'PERFORM g.statistics OPERATOR(idpsync.=) g.statistics, g.statistics OPERATOR(idpsync.<>) g.statistics'),
('sum(job_statistics)', 'read', 0.1, 'PERFORM idpsync.sum(statistics) FROM memory.value'),
('sum_or_null(job_statistics)', 'read', 0.1, 'PERFORM idpsync.sum_or_null(statistics) FROM memory.value'),
('job_statistics_agg', 'read', 0.1, 'PERFORM idpsync.job_statistics_agg(''User'', ''Created'', n, n, 0, 0) FROM memory.value'),
('job_statistics hashed', 'read', 0.1, 'PERFORM count(*) FROM memory.value GROUP BY statistics'),
('add_or_null(job_statistics)', 'read', 1, 'PERFORM idpsync.add_or_null(g.statistics, g.statistics)'),
('entries(job_statistics)', 'read', 1, 'PERFORM idpsync.entries(g.statistics)'),
('counter(job_statistics)', 'read', 1, 'PERFORM idpsync.counter(g.statistics, ''User'', ''Created'', ''Total'')'),
('pointwise_max(job_statistics)', 'read', 1, 'PERFORM idpsync.pointwise_max(g.statistics, g.statistics)'),
('is_balanced', 'read', 1, 'PERFORM idpsync.is_balanced(g.statistics)'),
('to_json(job_statistics)', 'read', 1, 'PERFORM idpsync.to_json(g.statistics)'),
('protobuf_any from text', 'read', 1, 'PERFORM g.any_text::idpsync.protobuf_any'),
('protobuf_any to text', 'read', 1, 'PERFORM g.any::text'),
('protobuf_any from json', 'read', 1, 'PERFORM g.any_text::json::idpsync.protobuf_any'),
('protobuf_any from jsonb', 'read', 1, 'PERFORM g.any_text::jsonb::idpsync.protobuf_any'),
('protobuf_any to json', 'read', 1, 'PERFORM g.any::json, g.any::jsonb'),
('protobuf_any(url, bytes)', 'read', 1, 'PERFORM idpsync.protobuf_any(idpsync.type_url(g.any), idpsync.value(g.any))'),
('protobuf_any = protobuf_any', 'read', 1, 'PERFORM g.any OPERATOR(idpsync.=) g.any, g.any OPERATOR(idpsync.<>) g.any'),
('protobuf_any hashed', 'read', 0.1, 'PERFORM count(*) FROM memory.value GROUP BY value."any"'),
('to_json(protobuf_any)', 'read', 1, 'PERFORM idpsync.to_json(g.any)'),
('from_json', 'read', 1, 'PERFORM idpsync.from_json(g.registered)'),
('100 values as binary, out and in', 'undo', 0.01, format('COPY memory.value TO %1$L (FORMAT binary); COPY memory.copied FROM %1$L (FORMAT binary)', :'file')),
-- ids, rules and the like
('create_id', 'read', 1, 'PERFORM idpsync.create_id(''job_'')'),
('id_time', 'read', 1, 'PERFORM idpsync.id_time(g.job)'),
('job_class', 'read', 1, 'PERFORM idpsync.job_class(target_type, direction, status) FROM idpsync.job WHERE job_id = g.job AND created_at = idpsync.id_time(g.job)'),
('job_fits_status', 'read', 1, 'PERFORM idpsync.job_fits_status(''running'', clock_timestamp())'),
('job_started_soon', 'read', 1, 'PERFORM idpsync.job_started_soon(clock_timestamp(), clock_timestamp())'),
('session_fits_status', 'read', 1, 'PERFORM idpsync.session_fits_status(''OPENED'', g.job, NULL, NULL, ''container'')'),
('partition_start', 'read', 1, 'PERFORM idpsync.partition_start(''idpsync.job_last'')'),
('rpc_code', 'read', 1, 'PERFORM idpsync.rpc_code(to_char(i % 60000, ''FM00000''))'),
('rpc_status', 'read', 1, 'PERFORM idpsync.rpc_status(''22023'', ''message '' || i, ''At a.b: wrong'')'),
('rpc_methods', 'read', 1, 'PERFORM idpsync.rpc_methods()'),
-- sessions
('request_session', 'undo', 1, 'PERFORM idpsync.request_session(''new'', ''AD_SYNC'')'),
('open_session', 'undo', 1, 'PERFORM idpsync.open_session(''new'', ''agent'', ''AD_SYNC'', idempotency_key => ''key'')'),
('heartbeat', 'undo', 1, 'PERFORM idpsync.heartbeat(g.session)'),
('report_session_progress', 'undo', 1, 'PERFORM idpsync.report_session_progress(g.session, g.progress_text::json)'),
('close_session', 'undo', 1, 'PERFORM idpsync.close_session(g.session, true, ''why'')'),
('get_session', 'read', 1, 'PERFORM idpsync.get_session(g.session)'),
('list_sessions', 'read', 1, 'PERFORM idpsync.list_sessions(''container'')'),
('list_sessions with a filter', 'read', 1, 'PERFORM idpsync.list_sessions(''container'', filter => ''status = "OPENED" AND agent_id = "agent"'')'),
-- jobs
('run_synchronization_job', 'undo', 1, 'PERFORM idpsync.run_synchronization_job(''instance'', ''application'', ''target'', idempotency_key => ''key'')'),
('start_synchronization_job', 'undo', 1, 'PERFORM idpsync.start_synchronization_job(g.pending)'),
('report_job_statistics', 'undo', 1, 'PERFORM idpsync.report_job_statistics(g.job, g.statistics)'),
('finish_synchronization_job', 'undo', 1, 'PERFORM idpsync.finish_synchronization_job(g.job, g.statistics)'),
('import_synchronization_jobs', 'undo', 1, 'PERFORM idpsync.import_synchronization_jobs(''instance'', json_build_object(''SynchronizationJobs'', json_build_array(json_build_object(
    ''SynchronizationJobId'', ''new '' || i, ''TargetType'', ''application'', ''TargetId'', ''target'', ''Direction'', ''egress'', ''TriggerType'', ''auto'', ''Status'', ''running'', ''StartTime'', 1500000000000))))'),
('get_synchronization_job', 'read', 1, 'PERFORM idpsync.get_synchronization_job(g.job)'),
('list_synchronization_jobs', 'read', 1, 'PERFORM idpsync.list_synchronization_jobs(''instance'', max_results => 10)'),
('list_synchronization_jobs with filters', 'read', 1, 'PERFORM idpsync.list_synchronization_jobs(''instance'', max_results => 10, target_ids => ARRAY[''target 1'', ''target 2''], status => ''success'')'),
('count_synchronization_jobs', 'read', 1, 'PERFORM idpsync.count_synchronization_jobs(''instance'')'),
('count_plan', 'read', 1, 'PERFORM idpsync.count_plan(''instance'', start_time => ''2017-08-01 12:00+00'')'),
('synchronization_job_statistics', 'read', 1, 'PERFORM idpsync.synchronization_job_statistics(''instance'')'),
('synchronization_job_statistics by day', 'read', 0.1, 'PERFORM idpsync.synchronization_job_statistics(''instance'', bucket => ''day'', by_target => true)'),
-- operations
('create_operation', 'undo', 1, 'PERFORM idpsync.create_operation(''tenant'', ''New'', metadata => g.any)'),
('finish_operation', 'undo', 1, 'PERFORM idpsync.finish_operation(g.open, g.any)'),
('fail_operation', 'undo', 1, 'PERFORM idpsync.fail_operation(g.open, 5, ''why'', ARRAY[g.any])'),
('cancel_operation', 'undo', 1, 'PERFORM idpsync.cancel_operation(g.job_operation)'),
('delete_operation', 'undo', 1, 'PERFORM idpsync.delete_operation(g.done)'),
('get_operation', 'read', 1, 'PERFORM idpsync.get_operation(g.done)'),
('list_operations', 'read', 1, 'PERFORM idpsync.list_operations(''tenant'')'),
('list_operations with a filter', 'read', 1, 'PERFORM idpsync.list_operations(''tenant'', filter => ''done = true'')'),
('wait_operation', 'read', 1, 'PERFORM idpsync.wait_operation(g.done)'),
-- the store
('check_store', 'read', 0.001, 'PERFORM idpsync.check_store()'),
('configure_store', 'undo', 1, 'PERFORM idpsync.configure_store(''session_ttl'', ''20 minutes'')'),
('grant_access', 'undo', 0.01, 'PERFORM idpsync.grant_access(''idpsync_memory'', ''operator'')'),
('register_descriptors', 'undo', 1, 'PERFORM idpsync.register_descriptors(g.descriptors); PERFORM idpsync.to_json(idpsync.from_json(g.registered))'),
('rebuild_counts', 'undo', 0.001, 'PERFORM idpsync.rebuild_counts()'),
('upgrade_store', 'undo', 0.1, 'PERFORM idpsync.upgrade_store()'),
('maintain', 'commit', 0.01, 'CALL idpsync.maintain()');

-- each method by both ways, each request cut off wherever it can be, and changed in one byte
CREATE TABLE memory.method AS
SELECT m.method, m.writes, memory.request(m.method, r.fields) AS request, r.fields::json AS fields
FROM memory.given AS g, (VALUES
    (:'sessions' || 'OpenSession', jsonb '{"subjectContainerId": "new", "agentId": "agent", "sessionType": "AD_SYNC"}'),
    (:'sessions' || 'ReportSessionProgress', '{"progressEntries": [{"objectType": "USER", "changeInfo": [{"changeType": "CREATE", "successful": 70000, "failed": 1}]}, {"objectType": "GROUP", "changeInfo": [{}]}]}'),
    (:'sessions' || 'Heartbeat', '{}'), (:'sessions' || 'GetSession', '{}'),
    (:'sessions' || 'CloseSession', '{"failed": true, "failReason": "why"}'),
    (:'sessions' || 'ListSessions', '{"subjectContainerId": "container", "filter": "status = \"OPENED\"", "pageSize": 5}'),
    ('/yandex.cloud.operation.OperationService/Get', '{}'), ('/yandex.cloud.operation.OperationService/Cancel', '{}'),
    ('/google.longrunning.Operations/GetOperation', '{}'), ('/google.longrunning.Operations/ListOperations', '{"name": "tenant/operations"}'),
    ('/google.longrunning.Operations/CancelOperation', '{}'), ('/google.longrunning.Operations/DeleteOperation', '{}'),
    ('/google.longrunning.Operations/WaitOperation', '{"timeout": "0.1s"}')) AS v (method, fixed)
JOIN idpsync.rpc_methods() AS m USING (method),
LATERAL (SELECT fixed || CASE
    WHEN m.method ~ 'OpenSession|ListSessions|ListOperations' THEN '{}'
    WHEN m.method ~ 'Session' THEN jsonb_build_object('sessionId', g.session)
    WHEN m.method ~ 'yandex.*Cancel' THEN jsonb_build_object('operationId', g.open)
    WHEN m.method ~ 'yandex' THEN jsonb_build_object('operationId', g.done)
    WHEN m.method ~ 'Cancel' THEN jsonb_build_object('name', 'operations/' || g.open)
    ELSE jsonb_build_object('name', 'operations/' || g.done) END) AS r (fields);
INSERT INTO memory.method
SELECT method, writes, NULL, fields::json FROM memory.given AS g, LATERAL (VALUES
    ('RunSynchronizationJob', '{"InstanceId": "instance", "TargetType": "application", "TargetId": "target"}'),
    ('GetSynchronizationJob', json_build_object('InstanceId', 'instance', 'SynchronizationJobId', g.job)::text),
    ('ListSynchronizationJobs', '{"InstanceId": "instance", "MaxResults": 5}')) AS v (method, fields)
JOIN idpsync.rpc_methods() AS m USING (method);

INSERT INTO memory.call (name, how, share, statement)
SELECT format('call(%s)', method), CASE WHEN writes THEN 'undo' ELSE 'read' END, 1,
       format('PERFORM idpsync.call(%L, %L::bytea)', method, request) FROM memory.method WHERE request IS NOT NULL
UNION ALL
SELECT format('call_json(%s)', method), CASE WHEN writes THEN 'undo' ELSE 'read' END, 1,
       format('PERFORM idpsync.call_json(%L, %L::json)', method, fields) FROM memory.method
UNION ALL
SELECT format('call(%s) of a part', method), 'error', 0.1,
       format('PERFORM idpsync.call(%L, substring(%L::bytea FROM 1 FOR i %% %s))', method, request, length(request)) FROM memory.method WHERE length(request) > 1
UNION ALL
SELECT format('call(%s) of broken bytes', method), 'error', 0.1,
       format('PERFORM idpsync.call(%L, set_byte(%L::bytea, i %% %s, i / %3$s %% 256))', method, request, length(request)) FROM memory.method WHERE request IS NOT NULL
UNION ALL
SELECT format('call_json(%s) of a part', method), 'error', 0.1,
       format('PERFORM idpsync.call_json(%L, left(%L, i %% %s)::json)', method, fields, length(fields::text)) FROM memory.method;
INSERT INTO memory.call (name, how, share, statement) VALUES
('a part of a session_progress', 'error', 0.1, 'PERFORM idpsync.session_progress(substring(g.progress::bytea FROM 1 FOR i % length(g.progress::bytea)))'),
('a part of a session_progress as text', 'error', 0.1, 'PERFORM left(g.progress_text, i % length(g.progress_text))::idpsync.session_progress'),
('a part of a job_statistics', 'error', 0.1, 'PERFORM idpsync.job_statistics(substring(g.statistics::bytea FROM 1 FOR i % length(g.statistics::bytea)))'),
('a part of a job_statistics as text', 'error', 0.1, 'PERFORM left(g.statistics_text, i % length(g.statistics_text))::idpsync.job_statistics'),
('a part of a protobuf_any', 'error', 0.1, 'PERFORM idpsync.protobuf_any(idpsync.type_url(g.any), substring(idpsync.value(g.any) FROM 1 FOR i % length(idpsync.value(g.any))))::text'),
('a part of a protobuf_any as text', 'error', 0.1, 'PERFORM left(g.any_text, i % length(g.any_text))::idpsync.protobuf_any'),
('a part of a registered message', 'error', 0.1, 'PERFORM idpsync.to_json(idpsync.protobuf_any(''types.example.com/app.M'', substring(''\x0a0474657874''::bytea FROM 1 FOR i % 6)))'),
('a part of a registered type', 'error', 0.1, 'PERFORM idpsync.register_descriptors(substring(g.descriptors FROM 1 FOR i % length(g.descriptors)))'),
('a broken registered type', 'error', 0.01, 'PERFORM idpsync.register_descriptors(set_byte(g.descriptors, i % length(g.descriptors), i / length(g.descriptors) % 256)); PERFORM idpsync.to_json(idpsync.from_json(g.registered))'),
-- where there is no Citus
('distribute_store', 'error', 0.1, 'PERFORM idpsync.distribute_store()'),
('a part of an import', 'error', 0.1, 'PERFORM idpsync.import_synchronization_jobs(''instance'', left(''{"SynchronizationJobs": [{"SynchronizationJobId": "x", "TargetType": "application", "StartTime": 1}]}'', i % 101)::json)'),
-- the last, since nothing is left afterwards; committed, since PostgreSQL keeps a little of types that are rolled back
('drop_store and create_store', 'commit', 0.0002, 'PERFORM idpsync.drop_store(); PERFORM idpsync.create_store(); COMMIT');

-- The loop of a call, thrice: what it costs the first times (plans, caches) is no growth.
CREATE PROCEDURE memory.prepare() LANGUAGE plpgsql AS $$
DECLARE
    c memory.call;
BEGIN
    FOR c IN SELECT * FROM memory.call LOOP
        EXECUTE format($loop$
            CREATE PROCEDURE memory.call_%1$s(calls int, warm int, OUT contexts bigint, OUT process bigint, OUT failed int, OUT duration interval) LANGUAGE plpgsql AS $body$
            DECLARE
                g memory.given;
                before record;
                after record;
                started timestamptz;
            BEGIN
                SELECT * INTO g FROM memory.given;
                FOR times IN 1 .. 3 LOOP
                    failed := 0;
                    before := after;
                    started := clock_timestamp();
                    FOR i IN 1 .. CASE times WHEN 3 THEN calls ELSE warm END LOOP
                        %2$s
                    END LOOP;
                    %3$s
                    duration := clock_timestamp() - started;
                    SELECT * INTO after FROM memory.used();
                END LOOP;
                contexts := after.contexts - before.contexts;
                process := after.process - before.process;
            END $body$ $loop$, c.number, format(CASE c.how
                WHEN 'undo' THEN 'BEGIN %s; RAISE EXCEPTION USING ERRCODE = ''UNDO0''; EXCEPTION WHEN SQLSTATE ''UNDO0'' THEN END; IF i %% 100 = 0 THEN COMMIT; END IF;'
                WHEN 'error' THEN 'BEGIN %s; RAISE EXCEPTION USING ERRCODE = ''UNDO0''; EXCEPTION WHEN SQLSTATE ''UNDO0'' THEN
                    WHEN data_exception OR no_data_found OR object_not_in_prerequisite_state OR program_limit_exceeded OR feature_not_supported THEN failed := failed + 1; END;
                    IF i %% 100 = 0 THEN COMMIT; END IF;'
                ELSE '%s;' END, c.statement), CASE WHEN c.how IN ('undo', 'error') THEN 'COMMIT;' END);
    END LOOP;
END $$;
CALL memory.prepare();
