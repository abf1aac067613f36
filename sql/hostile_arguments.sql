-- every function of the extension, with arguments nobody should pass: an answer or an error that names the caller's
-- fault, never an internal one. A function that is added is called as well.
SET search_path = '';
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned

SELECT session_id AS session FROM idpsync.open_session('hostile', 'agent', 'AD_SYNC') \gset
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('hostile', 'application', 'target') \gset
SELECT status FROM idpsync.start_synchronization_job(:'job');
SELECT synchronization_job_id AS pending FROM idpsync.run_synchronization_job('hostile', 'application', 'target') \gset
SELECT operation_id AS open FROM idpsync.create_operation('hostile', 'Method') \gset
SELECT operation_id AS operation FROM idpsync.create_operation('hostile', 'Method') \gset
SELECT done FROM idpsync.finish_operation(:'operation');
SELECT idpsync.value(jsonb_build_object('@type', 'type.googleapis.com/google.longrunning.GetOperationRequest', 'name', 'operations/' || :'operation')::idpsync.protobuf_any) AS call \gset

-- what there is to pass, by type, as literals; NULL is passed to all
CREATE TEMP TABLE hostile (type text, value text);
INSERT INTO hostile VALUES
    ('text', ''), ('text', ' '), ('text', 'hostile'), ('text', 'no such thing'), ('text', E'\x01\x1f'), ('text', '%s%n%1$s'),
    ('text', repeat('x', 51)), ('text', repeat('ö', 100000)), ('text', '''; --'), ('text', '[{"object_type": 1, "change_info": [{}]}]'),
    ('text', :'session'), ('text', :'job'), ('text', :'operation'), ('text', 'hostile/operations/' || :'operation'),
    ('text', 'ses_'), ('text', 'zzz_00000000000000000000000000'), ('text', 'type.googleapis.com/google.protobuf.Duration'),
    ('text', '/google.longrunning.Operations/GetOperation'), ('text', 'RunSynchronizationJob'), ('text', 'Created'), ('text', 'month'),
    ('text', 'status = "OPENED"'), ('text', '22023'), ('text', 'AQAAAAAAAAAA'), ('text', 'delta'), ('text', 'session_ttl'), ('text', 'nobody'),
    ('cstring', ''), ('cstring', '{}'), ('cstring', '[]'), ('cstring', '[{"object_type": "USER", "change_info": [{}]}]'), ('cstring', '{"UserStatistics": null}'),
    ('cstring', '{"@type": "a/b"}'), ('cstring', repeat('[', 70)), ('cstring', repeat('{"a":', 5000)),
    ('bytea', ''), ('bytea', '\x00'), ('bytea', '\x10000000'), ('bytea', '\x1000000000'), ('bytea', '\x0a0b68'), ('bytea', '\x' || repeat('ff', 20)),
    ('bytea', '\x' || repeat('0a', 5000)), ('bytea', '\x' || repeat('0b', 1000)), ('bytea', '\x0a0e0a01611201612206' || '0a01621800'),
    ('json', 'null'), ('json', '{}'), ('json', '[]'), ('json', '""'), ('json', '1e400'), ('json', '[[], {}]'), ('json', repeat('[', 100) || repeat(']', 100)),
    ('json', '{"@type": "a/b", "@type": "a/b"}'), ('json', '{"@type": 1}'), ('json', '{"InstanceId": "hostile", "SynchronizationJobs": [{}]}'),
    ('json', '[{"object_type": "USER", "change_info": [{"successful": "9223372036854775807"}]}]'), ('json', '{"a": "\u0000"}'), ('json', '{"name": "\ud800"}'),
    ('jsonb', 'null'), ('jsonb', '{}'), ('jsonb', '[1]'), ('jsonb', '{"@type": "type.googleapis.com/google.protobuf.Duration", "value": 1e1000}'),
    ('integer', '0'), ('integer', '-1'), ('integer', '1'), ('integer', '-2147483648'), ('integer', '2147483647'),
    ('bigint', '0'), ('bigint', '-1'), ('bigint', '1000'), ('bigint', '-9223372036854775808'), ('bigint', '9223372036854775807'),
    ('boolean', 'true'), ('boolean', 'false'), ('name', ''), ('name', 'no such role'), ('name', 'pg_read_all_data'),
    ('regclass', '0'), ('regclass', '1'), ('regclass', 'pg_catalog.pg_class'), ('regclass', 'idpsync.job'), ('regclass', 'idpsync.session_pkey'),
    ('interval', '0'), ('interval', '-1 second'), ('interval', '178000000 years'), ('interval', '-178000000 years'), ('interval', '1 month -1 day'), ('interval', '1 microsecond'),
    ('timestamp with time zone', 'infinity'), ('timestamp with time zone', '-infinity'), ('timestamp with time zone', '4713-01-01 BC'), ('timestamp with time zone', '294276-12-31 23:59:59.999999'),
    ('timestamp with time zone', '1969-12-31'), ('timestamp with time zone', '2024-02-29'), ('timestamp with time zone', '9999-12-31 23:59:59.999999'),
    ('text[]', '{}'), ('text[]', '{NULL}'), ('text[]', '{""}'), ('text[]', '{{a,b},{c,d}}'), ('text[]', '[5:6]={a,b}'), ('text[]', '{' || repeat('a,', 2000) || 'b}'),
    ('idpsync.session_progress', '[{"object_type": "USER", "change_info": [{}]}]'), ('idpsync.session_progress', '[{"object_type": "USER", "change_info": [{"successful": 9223372036854775807, "failed": 9223372036854775807}]}]'),
    ('idpsync.session_progress', '[{"object_type": "MEMBERSHIP", "change_info": [{"change_type": 6, "failed": 1}]}]'),
    ('idpsync.job_statistics', '{}'), ('idpsync.job_statistics', '{"UserStatistics": {"Created": {"Total": 9223372036854775807, "Success": 9223372036854775807}}}'), ('idpsync.job_statistics', '{"GroupMemberStatistics": {"Exported": {"Skipped": 1}}}'),
    ('idpsync.protobuf_any', '{"@type": "a/b"}'), ('idpsync.protobuf_any', '{"@type": "a/b", "c": {"d": []}}'), ('idpsync.protobuf_any', '{"@type": "type.googleapis.com/google.rpc.Status", "value": "////"}'),
    ('idpsync.protobuf_any', '{"@type": "type.googleapis.com/google.protobuf.Empty"}'), ('idpsync.protobuf_any[]', '{}'), ('idpsync.protobuf_any[]', '{NULL,"{\"@type\": \"a/b\"}"}'), ('idpsync.protobuf_any[]', '{{"{\"@type\": \"a/b\"}"}}');
INSERT INTO hostile SELECT format_type(enumtypid, NULL), enumlabel FROM pg_catalog.pg_enum WHERE enumtypid IN (SELECT oid FROM pg_catalog.pg_type WHERE typnamespace = 'idpsync'::regnamespace);
INSERT INTO hostile SELECT DISTINCT type, NULL FROM hostile;
-- so that a value is found by its number
CREATE TEMP TABLE numbered AS
SELECT type, row_number() OVER (PARTITION BY type ORDER BY value COLLATE "C") - 1 AS number, count(*) OVER (PARTITION BY type) AS values,
    format('%L::%s', value, type) AS literal
FROM hostile;
-- and what a call is answered with, by the argument's name or else its type; NULL for others
CREATE TEMP TABLE plain (argument text PRIMARY KEY, value text);
INSERT INTO plain VALUES
    ('session_id', :'session'), ('synchronization_job_id', :'job'), ('operation_id', :'open'), ('tenant_id', 'hostile'), ('subject_container_id', 'hostile'), ('instance_id', 'hostile'),
    ('agent_id', 'agent'), ('session_type', 'AD_SYNC'), ('target_type', 'application'), ('target_id', 'target'), ('prefix', 'ses_'), ('role', 'pg_read_all_data'), ('access', 'reader'),
    ('progress_entries', '[{"object_type": 1, "change_info": [{}]}]'), ('document', '{"SynchronizationJobs": []}'), ('statistics', '{}'), ('partition', 'idpsync.job_first'),
    ('object_type', 'USER'), ('change_type', 'CREATE'), ('object_kind', 'User'), ('change_kind', 'Created'), ('counter', 'Total'),
    ('successful', '1'), ('failed', '0'), ('total', '3'), ('success', '1'), ('skipped', '1'), ('error_code', '5'), ('timeout', '0'), ('bucket', 'month'),
    ('method', 'GetSynchronizationJob'), ('name', 'session_ttl'), ('sqlstate', '22023'), ('type_url', 'a/b'), ('job_interval', '1 month'), ('operation_interval', '7 days'),
    ('idpsync.session_progress', '[{"object_type": "USER", "change_info": [{}]}]'), ('idpsync.job_statistics', '{}'), ('idpsync.protobuf_any', '{"@type": "a/b"}'),
    ('bytea', '\x1000000000'), ('json', '{"@type": "a/b"}'), ('jsonb', '{"@type": "a/b"}'), ('cstring', '{"@type": "a/b"}'), ('bigint', '0'),
    ('idpsync.related_object_type', 'USER'), ('idpsync.change_type', 'CREATE'), ('text', 'Created');
SELECT test.fingerprint() AS before \gset

-- how a call ends; what it has changed is undone
CREATE FUNCTION pg_temp.ending(statement text) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = 'IDP01';
EXCEPTION WHEN OTHERS THEN
    RETURN CASE WHEN SQLSTATE = 'IDP01' THEN 'answer' WHEN SQLSTATE ~ '^(2[1235]|42|5[3457]|0A|P0002)' THEN 'error' ELSE SQLSTATE || ' ' || SQLERRM END;
END $$;

-- What has arguments of the server's own types cannot be called.
CREATE TEMP TABLE argument AS
SELECT p.oid, p.prokind, 'idpsync.' || quote_ident(p.proname) AS name, t.type, position, format('%L::%s', CASE
        WHEN p.proname = 'wait_operation' AND n.argument = 'operation_id' THEN :'operation'
        WHEN p.proname = 'start_synchronization_job' AND n.argument = 'synchronization_job_id' THEN :'pending'
        WHEN p.proname = 'call' THEN CASE n.argument WHEN 'method' THEN '/google.longrunning.Operations/GetOperation' WHEN 'request' THEN :'call' END
        WHEN p.proname = 'call_json' AND n.argument = 'request' THEN format('{"InstanceId": "hostile", "SynchronizationJobId": "%s"}', :'job')
        WHEN n.argument = '' OR t.type !~ '^(text|bigint)$' THEN coalesce(named.value, typed.value)
        ELSE named.value END, t.type) AS plain
FROM pg_catalog.pg_proc AS p CROSS JOIN unnest(p.proargtypes) WITH ORDINALITY AS a (oid, position)
     CROSS JOIN LATERAL (SELECT a.oid::regtype::text AS type) AS t CROSS JOIN LATERAL (SELECT coalesce(p.proargnames[position], '') AS argument) AS n
     LEFT JOIN plain AS named ON named.argument = n.argument LEFT JOIN plain AS typed ON typed.argument = t.type
WHERE p.pronamespace = 'idpsync'::regnamespace AND NOT p.proargtypes::oid[] && ARRAY['internal'::regtype::oid];
CREATE FUNCTION pg_temp.statement(prokind "char", name text, arguments text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE prokind WHEN 'p' THEN 'CALL ' WHEN 'a' THEN 'SELECT ' ELSE 'SELECT * FROM ' END || name || '(' || arguments || ')'
$$;
CREATE TEMP TABLE calls AS
-- one argument after the other is each of its values, the others are plain
SELECT a.name, pg_temp.statement(a.prokind, a.name, string_agg(CASE WHEN b.position = a.position THEN n.literal ELSE b.plain END, ', ' ORDER BY b.position)) AS statement
FROM argument AS a JOIN numbered AS n USING (type) JOIN argument AS b USING (oid) GROUP BY a.oid, a.name, a.prokind, a.position, n.number
UNION ALL
-- all are picked by a hash, so that they are the same in every run
SELECT a.name, pg_temp.statement(a.prokind, a.name, string_agg(n.literal, ', ' ORDER BY position))
FROM argument AS a CROSS JOIN generate_series(1, 20) AS round JOIN numbered AS n USING (type)
WHERE n.number = ('x' || substr(md5(name || position || round), 1, 7))::bit(28)::bigint % n.values GROUP BY a.oid, a.name, a.prokind, round
UNION ALL
SELECT 'idpsync.' || quote_ident(proname), format('SELECT idpsync.%I()', proname)
FROM pg_catalog.pg_proc WHERE pronamespace = 'idpsync'::regnamespace AND pronargs = 0 AND prokind = 'f';
SELECT DISTINCT name, type AS of_which_there_is_none FROM argument WHERE type NOT IN (SELECT type FROM numbered);

CREATE TEMP TABLE outcome AS SELECT name, statement, pg_temp.ending(statement) AS ending FROM calls;
SELECT name, ending, min(left(statement, 200)) AS example FROM outcome
WHERE ending NOT IN ('answer', 'error') GROUP BY name, ending ORDER BY name COLLATE "C", ending COLLATE "C";
SELECT count(*) > 4000 AS many, count(*) FILTER (WHERE ending = 'answer') > 1000 AS with_answers FROM outcome;
-- which are never answered: triggers, and what needs another server or no transaction
SELECT name FROM outcome GROUP BY name HAVING count(*) FILTER (WHERE ending = 'answer') = 0 ORDER BY name COLLATE "C";
SELECT test.fingerprint() = :'before' AS nothing_changed;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;

-- a trigger function is none of those that can be called, and takes no other table, event or level
CREATE TABLE public.other (id text, status text, created_at timestamptz, statistics idpsync.job_statistics);
SELECT p.proname, test.refused(format('CREATE TRIGGER hostile BEFORE INSERT ON public.other FOR EACH ROW EXECUTE FUNCTION idpsync.%I(); INSERT INTO public.other VALUES (''x''); ', p.proname)) AS on_another_table
FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'idpsync'::regnamespace AND p.prorettype = 'trigger'::regtype ORDER BY p.proname COLLATE "C";
DROP TABLE public.other, hostile, numbered, plain, argument, calls, outcome;
DELETE FROM idpsync.operation;
DELETE FROM idpsync.job;
DELETE FROM idpsync.session;
