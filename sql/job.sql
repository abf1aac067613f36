-- synchronization jobs: run, started, reported on, finished, cancelled
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned
-- statistics in short: User.Created Success and Failed
CREATE FUNCTION pg_temp.users(success bigint, failed bigint DEFAULT 0) RETURNS idpsync.job_statistics LANGUAGE sql AS $$
    SELECT format('{"UserStatistics": {"Created": {"Total": %s, "Success": %s, "Failed": %s, "Skipped": 0}}}', success + failed, success, failed)::idpsync.job_statistics
$$;
CREATE FUNCTION pg_temp.short(idpsync.job_statistics) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s %s/%s/%s/%s', object_kind, change_kind, total, success, failed, skipped), ', ') FROM idpsync.entries($1)
$$;

-- run: pending, with an operation
SELECT synchronization_job_id ~ '^sync_[0-9a-v]{26}$' AS id, instance_id, target_type, target_id, direction, trigger_type, status, description,
       created_at = idpsync.id_time(synchronization_job_id) AS created_at, start_time = created_at AS start_time, end_time,
       pg_temp.short(statistics) AS statistics, error_code, error_message, session_id, operation_id ~ '^op_' AS operation
FROM idpsync.run_synchronization_job('i', 'identity_provider', 'idp', 'by hand');
SELECT job_id AS id, operation_id AS op FROM idpsync.job \gset
SELECT method, description, done, metadata::jsonb - 'synchronizationJobId' AS metadata, (metadata::json ->> 'synchronizationJobId') = :'id' AS job, response, error_code FROM idpsync.get_operation(:'op');
SELECT direction, trigger_type, session_id, description FROM idpsync.run_synchronization_job('i', 'application', 'app', '', trigger_type => 'auto', session_id => 's');
SELECT direction FROM idpsync.run_synchronization_job('i', 'application', 'app', direction => 'ingress');
DELETE FROM idpsync.job WHERE target_id = 'app';
DELETE FROM idpsync.operation WHERE operation_id <> :'op';

-- a pending job takes no report and does not succeed
SELECT test.fingerprint() AS before \gset
CREATE FUNCTION pg_temp.refused_calls(id text, calls text[]) RETURNS TABLE (call text, answer text) LANGUAGE sql AS $$
    SELECT c, test.refused(format('SELECT * FROM idpsync.' || c, id)) FROM unnest(calls) AS c
$$;
SELECT * FROM pg_temp.refused_calls(:'id', ARRAY['report_job_statistics(%L, ''{}'')', 'finish_synchronization_job(%L)', 'finish_synchronization_job(%L, status => ''partial_success'')',
    'finish_synchronization_job(%L, status => ''pending'')', 'finish_synchronization_job(%L, status => ''running'')', 'report_job_statistics(%L, NULL)']);
SELECT test.fingerprint() = :'before' AS nothing_changed;

-- started
SELECT status, start_time >= created_at AND start_time <= clock_timestamp() AS start_time, end_time FROM idpsync.start_synchronization_job(:'id');
SELECT * FROM pg_temp.refused_calls(:'id', ARRAY['start_synchronization_job(%L)']);

-- reported on
SELECT pg_temp.short(statistics) AS statistics FROM idpsync.report_job_statistics(:'id', pg_temp.users(5, 1));
SELECT pg_temp.short(statistics) AS statistics FROM idpsync.report_job_statistics(:'id', pg_temp.users(4, 2));
SELECT pg_temp.short(statistics) AS statistics FROM idpsync.report_job_statistics(:'id', pg_temp.users(4, 2), 'delta');
SELECT pg_temp.short(statistics) AS statistics FROM idpsync.report_job_statistics(:'id', '{"GroupMemberStatistics": {"Same": {"Total": 7, "Skipped": 3}}}', 'delta', 'i');
SET idpsync.progress_mode = delta;
SELECT pg_temp.short(statistics) AS statistics, status FROM idpsync.report_job_statistics(:'id', pg_temp.users(1));
RESET idpsync.progress_mode;
SELECT test.fingerprint() AS before \gset
SELECT * FROM pg_temp.refused_calls(:'id', ARRAY['report_job_statistics(%L, ''{"UserStatistics": {"Created": {"Success": 9223372036854775807}}}'', ''delta'')',
    'report_job_statistics(%L, ''{}'', ''sum'')', 'report_job_statistics(%L, ''[]'')', 'report_job_statistics(%L, ''{"UserStatistics": {"Created": {"Success": -1}}}'')',
    'finish_synchronization_job(%L, ''{"UserStatistics": {"Created": {"Success": 9223372036854775807}}}'', progress_mode => ''delta'')']);
SELECT test.fingerprint() = :'before' AS nothing_changed;

-- finished, and its operation with it
SELECT status, end_time >= start_time AS end_time, pg_temp.short(statistics) AS statistics, error_code, error_message
FROM idpsync.finish_synchronization_job(:'id', pg_temp.users(20, 3), error_message => 'three of them');
SELECT done, error_code, test.mask(response::text) AS response, response::json ->> 'synchronizationJobId' = :'id' AS job,
       modified_at >= created_at AS modified FROM idpsync.get_operation(:'op');
SELECT test.fingerprint() AS before \gset
SELECT * FROM pg_temp.refused_calls(:'id', ARRAY['start_synchronization_job(%L)', 'report_job_statistics(%L, ''{}'')', 'finish_synchronization_job(%L)',
    'finish_synchronization_job(%L, status => ''failed'')']);
SELECT * FROM pg_temp.refused_calls(:'op', ARRAY['finish_operation(%L)', 'fail_operation(%L, 2)']);
SELECT done, error_code FROM idpsync.cancel_operation(:'op');
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT status, pg_temp.short(statistics) AS statistics FROM idpsync.get_synchronization_job(:'id', 'i');
SELECT * FROM pg_temp.refused_calls(idpsync.create_id('sync_'), ARRAY['get_synchronization_job(%L)', 'start_synchronization_job(%L)', 'report_job_statistics(%L, ''{}'')', 'finish_synchronization_job(%L)']);
SELECT * FROM pg_temp.refused_calls(:'id', ARRAY['get_synchronization_job(%L, ''j'')', 'finish_synchronization_job(%L, instance_id => ''j'')']);
SELECT * FROM pg_temp.refused_calls('elsewhere', ARRAY['get_synchronization_job(%L)', 'get_synchronization_job(%L, ''i'')']);

-- how a job ends by itself: F and S are sums over all cells
CREATE FUNCTION pg_temp.finished(started boolean, statistics text, status idpsync.job_status, error_code text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id text;
BEGIN
    SELECT synchronization_job_id INTO id FROM idpsync.run_synchronization_job('f', 'application', 't');
    IF started THEN
        PERFORM idpsync.start_synchronization_job(id);
    END IF;
    RETURN (SELECT f.status::text FROM idpsync.finish_synchronization_job(id, statistics::idpsync.job_statistics, status, error_code) AS f);
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
SELECT started, statistics, status, error_code, pg_temp.finished(started, statistics, status::idpsync.job_status, error_code) AS finished FROM (VALUES
    (true, NULL, NULL, NULL), (true, '{}', NULL, NULL), (true, '{"UserStatistics": {"Same": {"Total": 5, "Skipped": 5}}}', NULL, NULL),
    (true, '{"UserStatistics": {"Created": {"Success": 1}}}', NULL, NULL),
    (true, '{"UserStatistics": {"Created": {"Failed": 1}}}', NULL, NULL),
    (true, '{"UserStatistics": {"Created": {"Success": 1, "Failed": 1}}}', NULL, NULL),
    (true, '{"UserStatistics": {"Created": {"Failed": 1}}, "GroupStatistics": {"Pushed": {"Success": 1}}}', NULL, NULL),
    (true, '{"UserStatistics": {"Exported": {"Failed": 2, "Skipped": 9}}}', NULL, NULL),
    (true, '{"UserStatistics": {"Created": {"Success": 1}}}', NULL, 'Quota'), (true, NULL, NULL, 'Quota'), (true, NULL, NULL, ''),
    (true, '{"UserStatistics": {"Created": {"Failed": 1}}}', 'success', 'Quota'), (true, NULL, 'partial_success', NULL), (true, NULL, 'failed', NULL),
    (true, NULL, 'pending', NULL), (true, NULL, 'running', NULL),
    (false, NULL, NULL, NULL), (false, NULL, 'success', NULL), (false, NULL, 'failed', NULL), (false, NULL, NULL, 'Quota'),
    (false, '{"UserStatistics": {"Created": {"Failed": 1}}}', NULL, NULL)) AS v (started, statistics, status, error_code);
SELECT count(*) AS ended, count(*) FILTER (WHERE NOT o.done) AS operations_left FROM idpsync.job AS j JOIN idpsync.operation AS o USING (operation_id, tenant_id)
WHERE j.tenant_id = 'f' AND j.end_time IS NOT NULL;

-- cancelled: the operation has error 1, the job has failed
SELECT synchronization_job_id AS id, operation_id AS op FROM idpsync.run_synchronization_job('c', 'application', 't') \gset
SELECT done, error_code, response FROM idpsync.cancel_operation(:'op');
SELECT status, error_code, error_message, end_time >= start_time AS end_time FROM idpsync.get_synchronization_job(:'id');
SELECT synchronization_job_id AS id, operation_id AS op FROM idpsync.run_synchronization_job('c', 'application', 't') \gset
SELECT status FROM idpsync.start_synchronization_job(:'id');
SELECT pg_temp.short(statistics) AS statistics FROM idpsync.report_job_statistics(:'id', pg_temp.users(3));
SELECT * FROM pg_temp.refused_calls(:'op', ARRAY['finish_operation(%L)', 'fail_operation(%L, 2)']);
SELECT done, error_code FROM idpsync.cancel_operation(:'op', 'c', 'cancel');
SELECT done, error_code FROM idpsync.cancel_operation(:'op', 'c', 'cancel');
SELECT status, error_code, pg_temp.short(statistics) AS statistics FROM idpsync.get_synchronization_job(:'id');
SELECT * FROM pg_temp.refused_calls(:'id', ARRAY['finish_synchronization_job(%L)']);
-- a deleted operation does not hold its job up
SELECT synchronization_job_id AS id, operation_id AS op FROM idpsync.run_synchronization_job('c', 'application', 't') \gset
SELECT idpsync.delete_operation(:'op') = :'op' AS deleted;
SELECT status FROM idpsync.start_synchronization_job(:'id');
SELECT status FROM idpsync.finish_synchronization_job(:'id');

-- idempotency keys
SELECT synchronization_job_id AS id FROM idpsync.run_synchronization_job('k', 'application', 't', 'd', idempotency_key => 'run') \gset
SELECT synchronization_job_id = :'id' AS the_same, status FROM idpsync.run_synchronization_job('k', 'application', 't', 'd', 'egress', 'manual', '', 'run');
SELECT status FROM idpsync.start_synchronization_job(:'id', idempotency_key => 'start');
SELECT status FROM idpsync.start_synchronization_job(:'id', idempotency_key => 'start');
SELECT pg_temp.short(statistics) AS statistics FROM idpsync.report_job_statistics(:'id', pg_temp.users(1), 'delta', idempotency_key => 'report');
SELECT pg_temp.short(statistics) AS statistics FROM idpsync.report_job_statistics(:'id', pg_temp.users(1), 'delta', 'k', 'report');
SELECT status, pg_temp.short(statistics) AS statistics FROM idpsync.finish_synchronization_job(:'id', pg_temp.users(1), progress_mode => 'delta', idempotency_key => 'finish');
SELECT test.fingerprint() AS before \gset
SELECT status, pg_temp.short(statistics) AS statistics FROM idpsync.finish_synchronization_job(:'id', pg_temp.users(1), progress_mode => 'delta', idempotency_key => 'finish');
SELECT synchronization_job_id = :'id' AS the_same, status FROM idpsync.run_synchronization_job('k', 'application', 't', 'd', idempotency_key => 'run');
SELECT * FROM pg_temp.refused_calls(:'id', ARRAY[
    'run_synchronization_job(''k'', ''application'', ''t'', ''e'', idempotency_key => ''run'')', 'run_synchronization_job(''k'', ''application'', ''u'', ''d'', idempotency_key => ''run'')',
    'run_synchronization_job(''k'', ''identity_provider'', ''t'', ''d'', ''egress'', idempotency_key => ''run'')', 'run_synchronization_job(''k'', ''application'', ''t'', ''d'', ''ingress'', idempotency_key => ''run'')',
    'run_synchronization_job(''k'', ''application'', ''t'', ''d'', trigger_type => ''auto'', idempotency_key => ''run'')', 'run_synchronization_job(''k'', ''application'', ''t'', ''d'', session_id => ''s'', idempotency_key => ''run'')',
    'start_synchronization_job(%L, idempotency_key => ''run'')', 'report_job_statistics(%L, ''{}'', ''delta'', idempotency_key => ''report'')', 'report_job_statistics(%L, pg_temp.users(1), ''cumulative'', idempotency_key => ''report'')',
    'finish_synchronization_job(%L, progress_mode => ''delta'', idempotency_key => ''finish'')', 'finish_synchronization_job(%L, pg_temp.users(1), progress_mode => ''cumulative'', idempotency_key => ''finish'')',
    'finish_synchronization_job(%L, pg_temp.users(1), error_message => ''why'', progress_mode => ''delta'', idempotency_key => ''finish'')', 'finish_synchronization_job(%L, status => ''success'', idempotency_key => ''finish'')']);
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT key, method, operation_id IS NOT NULL AS operation FROM idpsync.idempotency_key WHERE tenant_id = 'k' ORDER BY key;
-- a job of an import has no operation; a key is answered all the same
SELECT inserted FROM idpsync.import_synchronization_jobs('k', '{"SynchronizationJobs": [{"SynchronizationJobId": "elsewhere", "TargetType": "application",
    "TargetId": "t", "Direction": "egress", "StartTime": 1649830226000, "TriggerType": "auto", "Status": "pending"}]}');
SELECT status, operation_id FROM idpsync.start_synchronization_job('elsewhere', idempotency_key => 'start it');
SELECT status, operation_id FROM idpsync.start_synchronization_job('elsewhere', idempotency_key => 'start it');
SELECT status, end_time > start_time AS end_time, operation_id FROM idpsync.finish_synchronization_job('elsewhere');

-- arguments
SELECT call, test.refused('SELECT * FROM idpsync.run_synchronization_job(' || call || ')') AS answer FROM unnest(ARRAY[
    'NULL, ''application'', ''t''', ''''', ''application'', ''t''', 'repeat(''ö'', 64), ''application'', ''t''', 'repeat(''ö'', 65), ''application'', ''t''',
    '''a'', NULL, ''t''', '''a'', ''tenant'', ''t''', '''a'', ''application'', NULL', '''a'', ''application'', ''''', '''a'', ''application'', repeat(''ö'', 64)', '''a'', ''application'', repeat(''ö'', 65)',
    '''a'', ''application'', ''t'', repeat(''ö'', 256)', '''a'', ''application'', ''t'', repeat(''ö'', 257)', '''a'', ''application'', ''t'', direction => ''sideways''',
    '''a'', ''application'', ''t'', trigger_type => NULL', '''a'', ''application'', ''t'', session_id => repeat(''ö'', 50)', '''a'', ''application'', ''t'', session_id => repeat(''ö'', 51)',
    '''a'', ''application'', ''t'', idempotency_key => repeat(''ö'', 65)']) AS call;
SELECT synchronization_job_id AS id FROM idpsync.run_synchronization_job('a', 'application', 't') \gset
SELECT * FROM pg_temp.refused_calls(:'id', ARRAY['finish_synchronization_job(%L, error_code => repeat(''ö'', 257))', 'finish_synchronization_job(%L, error_message => repeat(''ö'', 10001))',
    'get_synchronization_job(NULL)', 'get_synchronization_job('''')', 'get_synchronization_job(repeat(''ö'', 65))', 'finish_synchronization_job(%L, error_code => repeat(''ö'', 256), error_message => repeat(''ö'', 10000))']);

-- what hand-written SQL may not do
CREATE FUNCTION pg_temp.by_hand(change jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT test.refused(format('INSERT INTO idpsync.job SELECT * FROM jsonb_populate_record(NULL::idpsync.job, %L)',
        jsonb_build_object('job_id', idpsync.create_id('sync_', '2020-01-01'), 'tenant_id', 'hand', 'target_type', 'application', 'target_id', 't', 'direction', 'egress', 'trigger_type', 'auto',
                           'status', 'running', 'created_at', '2020-01-01', 'start_time', '2020-01-01', 'statistics', '{}'::jsonb) || change))
$$;
SELECT change, pg_temp.by_hand(change::jsonb) AS answer FROM unnest(ARRAY[
    '{}', '{"status": "failed", "end_time": "2020-01-02"}', '{"status": "success"}', '{"job_id": "elsewhere"}', '{"job_id": ""}', '{"tenant_id": ""}', '{"target_id": ""}', '{"description": ""}',
    '{"session_id": ""}', '{"error_code": ""}', '{"error_message": ""}', '{"created_at": "2020-01-01 00:00:00.001"}', '{"end_time": "2020-01-02"}', '{"status": "pending", "end_time": "2020-01-02"}',
    '{"statistics": []}', '{"statistics": {"UserStatistics": {"Created": {"Failed": -1}}}}']) AS change;
SELECT field, length, pg_temp.by_hand(jsonb_build_object(field, repeat('ö', length))) AS answer
FROM (VALUES ('job_id', 64), ('job_id', 65), ('tenant_id', 64), ('tenant_id', 65), ('target_id', 64), ('target_id', 65), ('description', 256), ('description', 257), ('session_id', 50), ('session_id', 51),
             ('error_code', 256), ('error_code', 257), ('error_message', 10000), ('error_message', 10001)) AS v (field, length);
SELECT f AS from_status, string_agg(t || CASE left(answer, 5) WHEN 'accep' THEN '' ELSE ' ' || left(answer, 5) END, ', ' ORDER BY t) AS to_status
FROM unnest(enum_range(NULL::idpsync.job_status)) AS f, unnest(enum_range(NULL::idpsync.job_status)) AS t,
     LATERAL test.refused(format($$DO %L$$, format($$BEGIN
         INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
         VALUES (idpsync.create_id('sync_', '2020-01-01'), 'states', 'application', 't', 'egress', 'auto', %1$L, '2020-01-01', '2020-01-01', '{}');
         UPDATE idpsync.job SET status = %2$L WHERE tenant_id = 'states';
         DELETE FROM idpsync.job WHERE tenant_id = 'states'; END$$, f, t))) AS answer
GROUP BY f ORDER BY f;

-- the same id in two instances: only with the instance
SELECT synchronization_job_id AS id FROM idpsync.run_synchronization_job('two a', 'application', 't') \gset
INSERT INTO idpsync.job SELECT (pg_catalog.jsonb_populate_record(j, '{"tenant_id": "two b", "operation_id": null}')).* FROM idpsync.job AS j WHERE tenant_id = 'two a';
SELECT inserted FROM idpsync.import_synchronization_jobs('two a', '{"SynchronizationJobs": [{"SynchronizationJobId": "foreign", "TargetType": "application", "TargetId": "t", "Direction": "egress", "StartTime": 1649830226000, "TriggerType": "auto", "Status": "pending"}]}');
SELECT inserted FROM idpsync.import_synchronization_jobs('two b', '{"SynchronizationJobs": [{"SynchronizationJobId": "foreign", "TargetType": "application", "TargetId": "t", "Direction": "egress", "StartTime": 1649830227000, "TriggerType": "auto", "Status": "pending"}]}');
SELECT test.fingerprint() AS before \gset
SELECT r.* FROM unnest(ARRAY[:'id', 'foreign']) AS id, pg_temp.refused_calls(id, ARRAY['get_synchronization_job(%L)', 'start_synchronization_job(%L)', 'report_job_statistics(%L, ''{}'')', 'finish_synchronization_job(%L)']) AS r;
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT instance_id FROM idpsync.get_synchronization_job(:'id', 'two b');
SELECT instance_id, status FROM idpsync.start_synchronization_job(:'id', 'two b');
SELECT instance_id, status FROM idpsync.start_synchronization_job('foreign', 'two b');
SELECT tenant_id, job_id = 'foreign' AS is_foreign, status FROM idpsync.job WHERE tenant_id ~ 'two' ORDER BY 1, 2;

-- numbers and sums
DELETE FROM idpsync.operation;
DELETE FROM idpsync.job;
DELETE FROM idpsync.foreign_id;
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, end_time, statistics)
SELECT 'job ' || n, 'sum', CASE WHEN n % 2 = 0 THEN 'application' ELSE 'identity_provider' END::idpsync.job_target_type, 't' || n % 3, 'egress', 'auto',
       CASE WHEN n % 4 = 0 THEN 'failed' ELSE 'success' END::idpsync.job_status, at, at, at + interval '1 minute', pg_temp.users(n, n % 4)
FROM generate_series(1, 12) AS n, LATERAL (SELECT '2024-01-31 22:30:00+00'::timestamptz + n * interval '15 minutes' AS at) AS a;
SELECT bucket_start, target_type, target_id, job_count, pg_temp.short(statistics) AS statistics FROM idpsync.synchronization_job_statistics('sum');
SELECT bucket_start, job_count, pg_temp.short(statistics) AS statistics FROM idpsync.synchronization_job_statistics('sum', bucket => 'hour');
SELECT bucket_start, job_count, pg_temp.short(statistics) AS statistics FROM idpsync.synchronization_job_statistics('sum', bucket => 'day');
SELECT bucket_start, job_count FROM idpsync.synchronization_job_statistics('sum', bucket => 'day', time_zone => 'Asia/Kolkata');
SELECT bucket_start, job_count FROM idpsync.synchronization_job_statistics('sum', bucket => 'week');
SELECT bucket_start, job_count FROM idpsync.synchronization_job_statistics('sum', bucket => 'month');
SELECT target_type, target_id, job_count, pg_temp.short(statistics) AS statistics FROM idpsync.synchronization_job_statistics('sum', by_target => true);
SELECT bucket_start, target_type, target_id, job_count FROM idpsync.synchronization_job_statistics('sum', bucket => 'day', by_target => true, status => 'failed');
SELECT job_count, pg_temp.short(statistics) AS statistics FROM idpsync.synchronization_job_statistics('sum', '2024-02-01 00:00+00', '2024-02-01 00:30+00', target_type => 'application', target_ids => ARRAY['t1', 't2'], direction => 'egress');
SELECT job_count, pg_temp.short(statistics) AS statistics FROM idpsync.synchronization_job_statistics('nobody');
SELECT count(*) FROM idpsync.synchronization_job_statistics('nobody', bucket => 'day');
SELECT call, test.refused('SELECT * FROM idpsync.synchronization_job_statistics(' || call || ')') AS answer FROM unnest(ARRAY[
    'NULL', '''sum'', bucket => ''year''', '''sum'', bucket => ''Day''', '''sum'', bucket => ''day'', time_zone => ''Mars/Olympus''', '''sum'', time_zone => NULL', '''sum'', ''2024-01-02'', ''2024-01-01''']) AS call;
UPDATE idpsync.job SET statistics = pg_temp.users(9223372036854775807) WHERE job_id = 'job 1';
SELECT test.refused('SELECT * FROM idpsync.synchronization_job_statistics(''sum'')');

DELETE FROM idpsync.job;
DELETE FROM idpsync.idempotency_key;
SELECT count(*) AS faults FROM idpsync.check_store() WHERE NOT ok;
