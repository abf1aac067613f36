-- A store with a few rows, what the calls are given, and a procedure that makes a call over and over.
SET client_min_messages = warning;
CREATE EXTENSION idpsync;
SELECT FROM idpsync.create_store();
CREATE SCHEMA memory;

SELECT FROM idpsync.register_descriptors('\x0a260a07662e70726f746f1203617070220e0a014d12090a0161180120012809620670726f746f33');
SELECT session_id FROM idpsync.open_session('container', 'agent', 'AD_SYNC') \gset
SELECT FROM idpsync.configure_store('session_ttl', '1 day');
SELECT FROM idpsync.heartbeat(:'session_id');
SELECT FROM generate_series(1, 20) AS n, idpsync.open_session('container ' || n, 'agent', 'AD_SYNC') AS s, idpsync.close_session(s.session_id);
SELECT synchronization_job_id AS pending FROM idpsync.run_synchronization_job('instance', 'application', 'target') \gset
SELECT synchronization_job_id AS job, operation_id AS job_operation FROM idpsync.run_synchronization_job('instance', 'application', 'target') \gset
SELECT FROM idpsync.start_synchronization_job(:'job');
SELECT FROM idpsync.import_synchronization_jobs('instance', (SELECT json_build_object('SynchronizationJobs', json_agg(json_build_object(
    'SynchronizationJobId', 'imported ' || n, 'TargetType', 'application', 'TargetId', 'target ' || n % 5, 'Direction', 'egress', 'TriggerType', 'auto',
    'Status', 'success', 'StartTime', 1500000000000 + n * 86400000, 'EndTime', 1600000000000,
    'Result', json_build_object('UserStatistics', json_build_object('Created', json_build_object('Total', n))))))
    FROM generate_series(1, 100::bigint) AS n));
SELECT operation_id AS open FROM idpsync.create_operation('tenant', 'Open', metadata => '{"@type": "types.example.com/app.M", "a": "text"}') \gset
SELECT operation_id AS done FROM idpsync.create_operation('tenant', 'Done') \gset
SELECT FROM idpsync.finish_operation(:'done', '{"@type": "type.googleapis.com/google.protobuf.Struct", "value": {"a": [1, null, {"b": true}]}}');
CREATE ROLE idpsync_memory;

-- what a call is given, by name
CREATE TABLE memory.given AS
SELECT :'session_id' AS session, :'pending' AS pending, :'job' AS job, :'job_operation' AS job_operation, :'open' AS open, :'done' AS done,
       '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 70000, "failed": 1}, {"change_type": "DELETE"}]}, {"object_type": "GROUP", "change_info": [{"change_type": "UPDATE", "failed": 5}]}]' AS progress_text,
       '{"UserStatistics": {"Created": {"Total": 9, "Success": 1, "Failed": 2, "Skipped": 3}}, "GroupStatistics": {"Same": {"Total": 70000, "Success": 70000}}}' AS statistics_text,
       '{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": "a", "description": "of a field"}, {"field": "b"}]}' AS any_text,
       '{"@type": "types.example.com/app.M", "a": "text"}'::json AS registered,
       NULL::idpsync.session_progress AS progress, NULL::idpsync.job_statistics AS statistics, NULL::idpsync.protobuf_any AS any,
       NULL::bytea AS descriptors;
UPDATE memory.given SET progress = progress_text::idpsync.session_progress, statistics = statistics_text::idpsync.job_statistics, "any" = any_text::idpsync.protobuf_any;
CREATE TABLE memory.value AS
SELECT n, g.progress, g.statistics, g.any FROM memory.given AS g, generate_series(1, 100) AS n;
CREATE TABLE memory.copied (LIKE memory.value);
UPDATE memory.given SET descriptors = (SELECT string_agg('\x0a'::bytea || set_byte('\x00', 0, length(file)) || file, '') FROM idpsync.descriptor);

-- the bytes of a request, of its ProtoJSON
CREATE FUNCTION memory.request(method text, fields jsonb) RETURNS bytea LANGUAGE sql AS $$
    SELECT idpsync.value((jsonb_build_object('@type', 'type.googleapis.com/' || request_type) || fields)::idpsync.protobuf_any)
    FROM idpsync.rpc_methods() AS m WHERE m.method = request.method
$$;

-- kB that are used in memory contexts, and all memory of this process that it shares with nobody. PostgreSQL
-- never forgets a type it has looked at, and each store has new ones.
CREATE FUNCTION memory.used(OUT contexts bigint, OUT process bigint) LANGUAGE sql AS $$
    SELECT (SELECT sum(used_bytes)::bigint / 1024 FROM pg_backend_memory_contexts WHERE name <> 'Type information cache'),
           substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+)')::bigint
$$;

-- how: read, a call changes nothing; undo, it is rolled back; error, it may fail; commit, it ends transactions.
-- share: of the number of calls that are asked for, how many are made.
CREATE TABLE memory.call (number serial, name text PRIMARY KEY, how text, share float8, statement text);
