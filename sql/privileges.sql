-- who may do what: grant_access(), and policies by tenant
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned
SET client_min_messages = warning;
CREATE ROLE regress_idpsync_nobody;
CREATE ROLE regress_idpsync_reader;
CREATE ROLE regress_idpsync_agent;
CREATE ROLE regress_idpsync_operator;
CREATE ROLE regress_idpsync_alice;
CREATE ROLE "regress_idpsync ""quoted"";";
-- an owner who is no superuser must be a member to take a role
GRANT regress_idpsync_nobody, regress_idpsync_reader, regress_idpsync_agent, regress_idpsync_operator, regress_idpsync_alice TO CURRENT_USER;
GRANT USAGE ON SCHEMA test TO regress_idpsync_nobody, regress_idpsync_reader, regress_idpsync_agent, regress_idpsync_operator, regress_idpsync_alice;

SELECT session_id AS id, operation_id AS op FROM idpsync.open_session('alice', 'agent', 'AD_SYNC') \gset
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('alice', 'application', 't') \gset
SELECT inserted FROM idpsync.import_synchronization_jobs('alice', '{"SynchronizationJobs": [{"SynchronizationJobId": "foreign", "TargetType": "application", "TargetId": "t", "Direction": "egress", "StartTime": 1649830226000, "TriggerType": "auto", "Status": "running"}]}');

SELECT access, test.refused(format('SELECT idpsync.grant_access(%L, %L)', role, access)) AS answer FROM (VALUES ('regress_idpsync_reader', 'owner'), ('regress_idpsync_reader', ''), ('regress_idpsync_reader', 'READER'),
    ('regress_idpsync_missing', 'reader'), ('public', 'reader')) AS v (role, access);
SELECT idpsync.grant_access('regress_idpsync_reader', 'reader');
SELECT idpsync.grant_access('regress_idpsync_agent', 'agent');
SELECT idpsync.grant_access('regress_idpsync_operator', 'operator');
SELECT idpsync.grant_access('regress_idpsync "quoted";', 'reader');
-- what each was given
SELECT pg_catalog.pg_get_userbyid(a.grantee) AS role, string_agg(DISTINCT a.privilege_type, ' ' ORDER BY a.privilege_type) AS privileges, count(DISTINCT c.oid) AS relations, string_agg(DISTINCT c.relname, ' ' ORDER BY c.relname) FILTER (WHERE a.privilege_type <> 'SELECT') AS not_only_read
FROM pg_catalog.pg_class AS c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
WHERE c.relnamespace = 'idpsync'::regnamespace AND a.grantee <> 0 AND a.grantee <> c.relowner GROUP BY 1 ORDER BY 1;

-- what each can do: t did it, 42501 may not
CREATE FUNCTION pg_temp.try(call text, id text, job text, op text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text := 't';
BEGIN
    BEGIN
        EXECUTE format('SELECT * FROM idpsync.' || call, id, job, op);
        RAISE EXCEPTION USING ERRCODE = 'UNDO1';
    EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
        NULL;
    WHEN OTHERS THEN
        answer := SQLSTATE;
    END;
    RETURN answer;
END $$;
CREATE FUNCTION pg_temp.matrix(id text, job text, op text) RETURNS TABLE (call text, nobody text, reader text, agent text, operator text) LANGUAGE plpgsql AS $$
DECLARE
    answers text[];
    role text;
    calls text[] := ARRAY['get_session(%1$L)', 'list_sessions(''alice'')', 'get_synchronization_job(%2$L)', 'get_synchronization_job(''foreign'')', 'list_synchronization_jobs(''alice'')', 'count_synchronization_jobs(''alice'')',
        'synchronization_job_statistics(''alice'')', 'get_operation(%3$L)', 'list_operations(''alice'')', 'wait_operation(%3$L, ''0'')', 'sessions', 'session_progress_entries', 'jobs', 'job_statistics_entries', 'job_statistics_days', 'targets', 'operations', 'store_info', 'check_store()',
        'open_session(''bob'', ''agent'', ''AD_SYNC'')', 'open_session(''bob'', ''agent'', ''AD_SYNC'', idempotency_key => ''k'')', 'request_session(''bob'', ''AD_SYNC'')', 'heartbeat(%1$L)',
        'report_session_progress(%1$L, ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]'')', 'close_session(%1$L)', 'run_synchronization_job(''bob'', ''application'', ''t'')', 'start_synchronization_job(%2$L)',
        'report_job_statistics(''foreign'', ''{}'')', 'finish_synchronization_job(%2$L, status => ''failed'')', 'cancel_operation((SELECT j.operation_id FROM idpsync.job AS j WHERE j.job_id = %2$L))',
        'import_synchronization_jobs(''alice'', ''{"SynchronizationJobs": [{"SynchronizationJobId": "new", "TargetType": "application", "TargetId": "t", "Direction": "egress", "StartTime": 1649830226000, "TriggerType": "auto", "Status": "running"}]}'')',
        'create_operation(''bob'', ''m'')', 'delete_operation(%3$L)', 'configure_store(''session_ttl'', ''1 day'')', 'configure_store(''session_ttl'', NULL)', 'grant_access(current_user, ''reader'')', 'drop_store()', 'create_store()'];
BEGIN
    FOREACH call IN ARRAY calls LOOP
        answers := '{}';
        FOREACH role IN ARRAY ARRAY['nobody', 'reader', 'agent', 'operator'] LOOP
            PERFORM set_config('role', 'regress_idpsync_' || role, true);
            answers := answers || pg_temp.try(call, id, job, op);
            PERFORM set_config('role', 'none', true);
        END LOOP;
        nobody := answers[1]; reader := answers[2]; agent := answers[3]; operator := answers[4];
        RETURN NEXT;
    END LOOP;
END $$;
GRANT USAGE ON SCHEMA idpsync TO regress_idpsync_nobody;
SELECT * FROM pg_temp.matrix(:'id', :'job', :'op');
REVOKE USAGE ON SCHEMA idpsync FROM regress_idpsync_nobody;
SET ROLE regress_idpsync_operator;
SELECT idpsync.configure_store('session_ttl', '1 day');
RESET ROLE;
SELECT test.fingerprint() AS before \gset
-- a role without the schema gets nowhere, and sees no name
SET ROLE regress_idpsync_nobody;
SELECT * FROM idpsync.list_sessions('alice');
RESET ROLE;
-- who does not own the store grants nothing; who calls is named in operations
SET ROLE regress_idpsync_reader;
SELECT idpsync.grant_access('regress_idpsync_nobody', 'reader');
RESET ROLE;
SELECT test.fingerprint() = :'before' AS nothing_changed;
SET ROLE regress_idpsync_agent;
SELECT created_by FROM idpsync.create_operation('bob', 'm');
UPDATE idpsync.store_setting SET value = '1 day';
DELETE FROM idpsync.session;
SELECT status FROM idpsync.close_session(:'id');
RESET ROLE;
DELETE FROM idpsync.session;
DELETE FROM idpsync.job;
DELETE FROM idpsync.operation;
DELETE FROM idpsync.foreign_id;

-- policies by tenant on session, job and operation: the owner sees all, alice what is hers, by the same statements of one session
SELECT idpsync.grant_access('regress_idpsync_alice', 'operator');
ALTER TABLE idpsync.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE idpsync.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE idpsync.operation ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idpsync.session USING (tenant_id = replace(current_user, 'regress_idpsync_', ''));
CREATE POLICY tenant ON idpsync.job USING (tenant_id = replace(current_user, 'regress_idpsync_', ''));
CREATE POLICY tenant ON idpsync.operation USING (tenant_id = replace(current_user, 'regress_idpsync_', ''));
SELECT session_id AS bobs_session, operation_id AS bobs_operation FROM idpsync.open_session('bob', 'agent', 'AD_SYNC') \gset
SELECT synchronization_job_id AS bobs_job FROM idpsync.run_synchronization_job('bob', 'application', 't') \gset
SELECT inserted FROM idpsync.import_synchronization_jobs('bob', '{"SynchronizationJobs": [{"SynchronizationJobId": "foreign", "TargetType": "application", "TargetId": "t", "Direction": "egress", "StartTime": 1649830226000, "TriggerType": "auto", "Status": "running", "Result": {"UserStatistics": {"Created": {"Total": 5, "Success": 5}}}}]}');
CREATE FUNCTION pg_temp.seen() RETURNS TABLE (what text, of_bob bigint, of_alice bigint) LANGUAGE sql AS $$
    SELECT 'list_sessions', (SELECT count(*) FROM idpsync.list_sessions('bob')), (SELECT count(*) FROM idpsync.list_sessions('alice'))
    UNION ALL SELECT 'list_synchronization_jobs', (SELECT count(*) FROM idpsync.list_synchronization_jobs('bob')), (SELECT count(*) FROM idpsync.list_synchronization_jobs('alice'))
    UNION ALL SELECT 'list_operations', (SELECT count(*) FROM idpsync.list_operations('bob')), (SELECT count(*) FROM idpsync.list_operations('alice'))
    UNION ALL SELECT 'count_synchronization_jobs', idpsync.count_synchronization_jobs('bob'), idpsync.count_synchronization_jobs('alice')
    UNION ALL SELECT 'synchronization_job_statistics', (SELECT job_count FROM idpsync.synchronization_job_statistics('bob')), (SELECT job_count FROM idpsync.synchronization_job_statistics('alice'))
    UNION ALL SELECT 'sessions', count(*) FILTER (WHERE subject_container_id = 'bob'), count(*) FILTER (WHERE subject_container_id = 'alice') FROM idpsync.sessions
    UNION ALL SELECT 'session_progress_entries', count(*) FILTER (WHERE subject_container_id = 'bob'), count(*) FILTER (WHERE subject_container_id = 'alice') FROM idpsync.session_progress_entries
    UNION ALL SELECT 'jobs', count(*) FILTER (WHERE instance_id = 'bob'), count(*) FILTER (WHERE instance_id = 'alice') FROM idpsync.jobs
    UNION ALL SELECT 'job_statistics_entries', count(*) FILTER (WHERE instance_id = 'bob'), count(*) FILTER (WHERE instance_id = 'alice') FROM idpsync.job_statistics_entries
    UNION ALL SELECT 'job_statistics_days', count(*) FILTER (WHERE instance_id = 'bob'), count(*) FILTER (WHERE instance_id = 'alice') FROM idpsync.job_statistics_days
    UNION ALL SELECT 'targets', count(*) FILTER (WHERE instance_id = 'bob'), count(*) FILTER (WHERE instance_id = 'alice') FROM idpsync.targets
    UNION ALL SELECT 'operations', count(*) FILTER (WHERE tenant_id = 'bob'), count(*) FILTER (WHERE tenant_id = 'alice') FROM idpsync.operations
$$;
SELECT status FROM idpsync.report_session_progress(:'bobs_session', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]');
SET ROLE regress_idpsync_alice;
-- her own work
SELECT result, session_id AS session FROM idpsync.open_session('alice', 'agent', 'AD_SYNC') \gset
SELECT result FROM idpsync.open_session('alice', 'agent', 'AD_SYNC');
SELECT progress_entries FROM idpsync.report_session_progress(:'session', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('alice', 'application', 't') \gset
SELECT status FROM idpsync.start_synchronization_job(:'job');
SELECT status FROM idpsync.finish_synchronization_job(:'job', '{"UserStatistics": {"Created": {"Total": 1, "Success": 1}}}');
SELECT * FROM pg_temp.seen();
RESET ROLE;
SELECT * FROM pg_temp.seen();
SELECT test.fingerprint() AS before \gset
SET ROLE regress_idpsync_alice;
SELECT * FROM pg_temp.seen();
-- what is another's does not exist for her, with the tenant and without
SELECT call, test.refused(format('SELECT * FROM idpsync.' || call, :'bobs_session', :'bobs_job', :'bobs_operation')) AS answer FROM unnest(ARRAY[
    'get_session(%1$L)', 'get_session(%1$L, ''bob'')', 'heartbeat(%1$L)', 'close_session(%1$L, true, ''by alice'')', 'report_session_progress(%1$L, ''[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]'')',
    'get_synchronization_job(%2$L)', 'get_synchronization_job(%2$L, ''bob'')', 'get_synchronization_job(''foreign'')', 'get_synchronization_job(''foreign'', ''bob'')', 'start_synchronization_job(%2$L)', 'finish_synchronization_job(%2$L, status => ''failed'')', 'report_job_statistics(''foreign'', ''{}'')',
    'get_operation(%3$L)', 'get_operation(%3$L, ''bob'')', 'cancel_operation(%3$L)', 'delete_operation(%3$L)', 'wait_operation(%3$L, ''0'')',
    'run_synchronization_job(''bob'', ''application'', ''t'')', 'create_operation(''bob'', ''m'')', 'request_session(''bob'', ''AD_PASSWORD_HASH'')']) AS call;
UPDATE idpsync.session SET tenant_id = 'bob' WHERE session_id = :'session';
RESET ROLE;
SELECT test.fingerprint() = :'before' AS nothing_changed;
-- an id that both have is no secret of bob's: she gets hers
SET ROLE regress_idpsync_alice;
SELECT inserted FROM idpsync.import_synchronization_jobs('alice', '{"SynchronizationJobs": [{"SynchronizationJobId": "foreign", "TargetType": "application", "TargetId": "t", "Direction": "egress", "StartTime": 1649830227000, "TriggerType": "auto", "Status": "running"}]}');
SELECT instance_id FROM idpsync.get_synchronization_job('foreign', 'alice');
SELECT instance_id FROM idpsync.get_synchronization_job('foreign');
RESET ROLE;
SELECT test.refused('SELECT * FROM idpsync.get_synchronization_job(''foreign'')');
-- a made-up token shows her no more than the list does
SELECT next_page_token AS token FROM idpsync.list_operations('bob', page_size => 1) LIMIT 1 \gset
SET ROLE regress_idpsync_alice;
SELECT count(*) AS rows FROM idpsync.list_operations('bob', page_size => 1, page_token => :'token');
RESET ROLE;

-- counts: under policies on job alone she sees none, and her jobs are counted one by one
SET ROLE regress_idpsync_alice;
SELECT count(*) AS counts_seen FROM (SELECT tenant_id FROM idpsync.job_count UNION ALL SELECT tenant_id FROM idpsync.job_count_delta) AS c;
SELECT source, part, jobs FROM idpsync.count_plan('alice') UNION ALL SELECT 'bob: ' || source, part, jobs FROM idpsync.count_plan('bob');
RESET ROLE;
-- under the same policies on the counts, those are used; half the tables are not enough
CREATE POLICY tenant ON idpsync.job_count USING (tenant_id = replace(current_user, 'regress_idpsync_', ''));
SET ROLE regress_idpsync_alice;
SELECT source, part, jobs FROM idpsync.count_plan('alice');
RESET ROLE;
CREATE POLICY tenant ON idpsync.job_count_delta USING (tenant_id = replace(current_user, 'regress_idpsync_', ''));
SET ROLE regress_idpsync_alice;
SELECT DISTINCT tenant_id AS tenant_seen FROM (SELECT tenant_id FROM idpsync.job_count UNION ALL SELECT tenant_id FROM idpsync.job_count_delta) AS c;
SELECT source, part, jobs FROM idpsync.count_plan('alice') UNION ALL SELECT 'bob: ' || source, part, jobs FROM idpsync.count_plan('bob');
SELECT job_count FROM idpsync.synchronization_job_statistics('alice') UNION ALL SELECT job_count FROM idpsync.synchronization_job_statistics('bob');
SET row_security = off;
SELECT test.refused($$SELECT idpsync.count_synchronization_jobs('alice')$$);
RESET row_security;
RESET ROLE;
-- a policy that looks at more than the tenant, one that looks elsewhere on the counts, a restrictive one: each makes her count what she sees
CREATE FUNCTION pg_temp.answers_with(policy text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE policy;
    SET LOCAL ROLE regress_idpsync_alice;
    SELECT string_agg(format('%s %s (%s)', source, jobs, part), ', ') INTO answer FROM idpsync.count_plan('alice');
    RESET ROLE;
    RAISE EXCEPTION USING ERRCODE = 'P0099', MESSAGE = answer;
EXCEPTION WHEN SQLSTATE 'P0099' THEN
    RETURN SQLERRM;
END $$;
SELECT policy, pg_temp.answers_with(policy) AS answer FROM unnest(ARRAY[
    'CREATE POLICY target ON idpsync.job AS RESTRICTIVE USING (target_id <> ''t'')',
    'CREATE POLICY target ON idpsync.job AS RESTRICTIVE USING (target_id <> ''t''); CREATE POLICY target ON idpsync.job_count AS RESTRICTIVE USING (target_id <> ''t''); CREATE POLICY target ON idpsync.job_count_delta AS RESTRICTIVE USING (target_id <> ''t'')',
    'CREATE POLICY target ON idpsync.job AS RESTRICTIVE USING (to_jsonb(job) ->> ''target_id'' <> ''t''); CREATE POLICY target ON idpsync.job_count AS RESTRICTIVE USING (to_jsonb(job_count) ->> ''target_id'' <> ''t''); CREATE POLICY target ON idpsync.job_count_delta AS RESTRICTIVE USING (to_jsonb(job_count_delta) ->> ''target_id'' <> ''t'')',
    'CREATE POLICY target ON idpsync.job AS RESTRICTIVE USING (concat(target_id) <> ''t''); CREATE POLICY target ON idpsync.job_count AS RESTRICTIVE USING (concat(target_id) <> ''t''); CREATE POLICY target ON idpsync.job_count_delta AS RESTRICTIVE USING (concat(target_id) <> ''t'')',
    'CREATE POLICY others ON idpsync.job USING (tenant_id = ''bob'')',
    'CREATE POLICY nothing ON idpsync.job_count_delta AS RESTRICTIVE USING (false)',
    'ALTER POLICY tenant ON idpsync.job_count USING (tenant_id = ''bob'')',
    'ALTER POLICY tenant ON idpsync.job_count TO regress_idpsync_reader',
    'ALTER TABLE idpsync.job_count DISABLE ROW LEVEL SECURITY',
    'ALTER TABLE idpsync.job DISABLE ROW LEVEL SECURITY',
    'ALTER TABLE idpsync.job DISABLE ROW LEVEL SECURITY; DROP POLICY sees_all_jobs ON idpsync.job_count',
    'ALTER TABLE idpsync.job DISABLE ROW LEVEL SECURITY; CREATE POLICY nothing ON idpsync.job_count AS RESTRICTIVE USING (false)',
    'REVOKE SELECT ON idpsync.job_count FROM regress_idpsync_alice',
    'SELECT']) AS policy;
DROP POLICY tenant ON idpsync.job_count;
DROP POLICY tenant ON idpsync.job_count_delta;

DROP POLICY tenant ON idpsync.session;
DROP POLICY tenant ON idpsync.job;
DROP POLICY tenant ON idpsync.operation;
ALTER TABLE idpsync.session DISABLE ROW LEVEL SECURITY;
ALTER TABLE idpsync.job DISABLE ROW LEVEL SECURITY;
ALTER TABLE idpsync.operation DISABLE ROW LEVEL SECURITY;
DELETE FROM idpsync.operation;
DELETE FROM idpsync.job;
DELETE FROM idpsync.foreign_id;
DELETE FROM idpsync.session;

-- an operator maintains the store, also what only its owner may write; nobody else does
SET client_min_messages = warning;
SET ROLE regress_idpsync_agent;
CALL idpsync.maintain();
SET ROLE regress_idpsync_operator;
CALL idpsync.maintain();
SELECT count(*) AS deltas FROM idpsync.job_count_delta;
SELECT test.refused('DELETE FROM idpsync.job_count'), test.refused('SELECT idpsync.rebuild_counts()');
RESET ROLE;
-- nor does an operator upgrade it
SELECT replace(pg_get_viewdef('idpsync.store_info'), version || ' AS version', '1 AS version') AS info_1 FROM idpsync.store_info \gset
BEGIN;
CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS :info_1
SET ROLE regress_idpsync_operator;
SELECT test.refused('SELECT idpsync.upgrade_store()');
RESET ROLE;
ROLLBACK;
SET ROLE regress_idpsync_operator;
SELECT idpsync.upgrade_store() IS NULL AS lost;
RESET ROLE;
RESET client_min_messages;

-- access replaces access, and none is none
SELECT idpsync.grant_access('regress_idpsync_operator', 'reader');
SELECT has_table_privilege('regress_idpsync_operator', 'idpsync.session', 'SELECT') AS reads,
       has_table_privilege('regress_idpsync_operator', 'idpsync.session', 'INSERT, UPDATE, DELETE') AS writes;
SELECT idpsync.grant_access('regress_idpsync_operator', 'none');
SELECT has_schema_privilege('regress_idpsync_operator', 'idpsync', 'USAGE') AS enters,
       has_table_privilege('regress_idpsync_operator', 'idpsync.session', 'SELECT') AS reads;

REVOKE ALL ON ALL TABLES IN SCHEMA idpsync FROM regress_idpsync_reader, regress_idpsync_agent, regress_idpsync_operator, regress_idpsync_alice, "regress_idpsync ""quoted"";";
REVOKE ALL ON SCHEMA idpsync, test FROM regress_idpsync_nobody, regress_idpsync_reader, regress_idpsync_agent, regress_idpsync_operator, regress_idpsync_alice, "regress_idpsync ""quoted"";";
DROP ROLE regress_idpsync_nobody, regress_idpsync_reader, regress_idpsync_agent, regress_idpsync_operator, regress_idpsync_alice, "regress_idpsync ""quoted"";";
-- the counts have kept up
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok AND check_name = 'counts';
