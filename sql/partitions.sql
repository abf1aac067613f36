-- partitions: an id leads to one, a list walks them from the newest and stops
SET search_path = '';
SET timezone = 'UTC';
SET intervalstyle = postgres;
SET client_min_messages = warning;
\pset format unaligned
-- a store with a partition for each month of 2024, of jobs and of operations
SELECT idpsync.drop_store();
SELECT idpsync.create_store(operation_interval => '1 month');
CREATE PROCEDURE pg_temp.add_months(tab text) LANGUAGE plpgsql AS $$
DECLARE
    upper text := substring(pg_get_expr(relpartbound, oid) FROM 'TO \((.*)\)') FROM pg_class WHERE oid = format('idpsync.%s_first', tab)::regclass;
    bounds timestamptz[] := array_agg(timestamptz '2024-01-01' + n * interval '1 month') FROM generate_series(0, 12) AS n;
BEGIN
    EXECUTE format('ALTER TABLE idpsync.%1$s DETACH PARTITION idpsync.%1$s_first;
        ALTER TABLE idpsync.%1$s ATTACH PARTITION idpsync.%1$s_first FOR VALUES FROM (MINVALUE) TO (%2$L);
        CREATE TABLE idpsync.%1$s_later PARTITION OF idpsync.%1$s FOR VALUES FROM (%3$L) TO (%4$s)', tab, bounds[1], bounds[13], upper);
    FOR n IN 1 .. 12 LOOP
        EXECUTE format('CREATE TABLE idpsync.%1$s_2024_%2$s PARTITION OF idpsync.%1$s FOR VALUES FROM (%3$L) TO (%4$L)', tab, to_char(n, 'FM00'), bounds[n], bounds[n + 1]);
    END LOOP;
END $$;
CALL pg_temp.add_months('job');
CALL pg_temp.add_months('operation');
-- whoever analyzes a table has its plans made anew
DO $$ BEGIN EXECUTE (SELECT string_agg(format('ALTER TABLE %s SET (autovacuum_enabled = false)', inhrelid::regclass), ';') FROM pg_inherits WHERE inhparent IN ('idpsync.job'::regclass, 'idpsync.operation'::regclass)); END $$;
-- 60 jobs a month with their operations, from the one before on, every tenth from elsewhere; and some to act on
INSERT INTO idpsync.operation (operation_id, tenant_id, method, created_at, created_by, modified_at, done)
SELECT idpsync.create_id('op_', at), 'parts', CASE n % 3 WHEN 0 THEN 'Mine' ELSE 'RunSynchronizationJob' END, at, 'me', at, n % 3 <> 0
FROM generate_series(0, 779) AS n, LATERAL (SELECT timestamptz '2023-12-01' + n / 60 * interval '1 month' + n % 60 * interval '11 hours' AS at) AS a;
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT CASE WHEN n % 10 = 0 THEN 'foreign ' || n ELSE idpsync.create_id('sync_', at) END, 'parts', (ARRAY['application', 'identity_provider'])[n % 2 + 1]::idpsync.job_target_type, 't' || n % 3,
       (ARRAY['egress', 'ingress'])[n / 2 % 2 + 1]::idpsync.job_direction, 'auto', (ARRAY['success', 'failed'])[n / 4 % 2 + 1]::idpsync.job_status, at, at, format('{"UserStatistics": {"Created": {"Total": %s}}}', n)::idpsync.job_statistics
FROM generate_series(0, 779) AS n, LATERAL (SELECT timestamptz '2023-12-01' + n / 60 * interval '1 month' + n % 60 * interval '11 hours' AS at) AS a;
INSERT INTO idpsync.foreign_id (created_at, id, kind, tenant_id) SELECT created_at, job_id, 'job', tenant_id FROM idpsync.job WHERE job_id LIKE 'foreign%';
CREATE TEMP TABLE pair AS SELECT n, idpsync.create_id('sync_', at) AS job, idpsync.create_id('op_', at) AS operation, at FROM generate_series(1, 20) AS n, LATERAL (SELECT timestamptz '2024-07-10' + n * interval '1 second' AS at) AS a;
INSERT INTO idpsync.operation (operation_id, tenant_id, method, created_at, created_by, modified_at, done, metadata)
SELECT operation, 'pairs', CASE WHEN n > 10 THEN 'Mine' ELSE 'RunSynchronizationJob' END, at, 'me', at, false, format('{"@type": "type.googleapis.com/idpsync.v1.SynchronizationJobMetadata", "synchronizationJobId": "%s"}', job)::idpsync.protobuf_any FROM pg_temp.pair;
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics, operation_id)
SELECT job, 'pairs', 'application', 't', 'egress', 'auto', 'pending', at, at, '{}', operation FROM pg_temp.pair WHERE n <= 10;
INSERT INTO idpsync.idempotency_key (created_at, request_hash, key, tenant_id, method, operation_id) SELECT now(), 0, 'key', 'pairs', 'Mine', operation FROM pg_temp.pair WHERE n = 20;
SELECT idpsync.rebuild_counts();

-- The partitions of which a call reads or writes a block, of the table or of an index, today's under one name. Not of the index of the few
-- jobs whose creation does not tell when they started: these may be anywhere. A first call makes the plans, which look at all of them;
-- a list is asked up to three times, since anything may have them made anew.
CREATE FUNCTION pg_temp.blocks() RETURNS TABLE (partition text, start timestamptz, blocks bigint) LANGUAGE sql AS $$
    SELECT regexp_replace(c.relname, '_20[0-9]{6}', '_now'), idpsync.partition_start(c.oid), pg_stat_get_xact_blocks_fetched(c.oid) + sum(pg_stat_get_xact_blocks_fetched(x.indexrelid))
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid JOIN pg_index AS x ON x.indrelid = c.oid
    WHERE i.inhparent IN ('idpsync.job'::regclass, 'idpsync.operation'::regclass) AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = x.indexrelid AND inhparent = 'idpsync.job_list_by_start'::regclass) GROUP BY c.oid, c.relname $$;
CREATE FUNCTION pg_temp.touched(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    names text[];
    before bigint[];
    result text;
BEGIN
    SELECT array_agg(partition ORDER BY start DESC, partition), array_agg(blocks ORDER BY start DESC, partition) FROM pg_temp.blocks() INTO names, before;
    EXECUTE call;
    SELECT string_agg(DISTINCT a.partition, ' ') FROM
        (SELECT partition, blocks, row_number() OVER (ORDER BY start DESC, partition) AS n FROM pg_temp.blocks()) AS a WHERE a.blocks > before[a.n] INTO result;
    RETURN coalesce(result, 'none');
END $$;
-- calls that take ids: the argument is one of a pair, that of the first call another
CREATE FUNCTION pg_temp.touched_by_id(first int, second int, call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(call, job, operation) FROM pg_temp.pair WHERE n = first;
    RETURN pg_temp.touched(format(call, job, operation)) FROM pg_temp.pair WHERE n = second;
END $$;
SELECT call, pg_temp.touched_by_id(first, first + 1, 'SELECT * FROM idpsync.' || call) AS touched FROM (VALUES
    (1, 'get_synchronization_job(%1$L)'), (1, 'get_synchronization_job(%1$L, ''pairs'')'),
    (1, 'start_synchronization_job(%1$L)'), (1, 'report_job_statistics(%1$L, ''{"UserStatistics": {"Created": {"Total": 1}}}'')'), (1, 'finish_synchronization_job(%1$L)'),
    (3, 'start_synchronization_job(%1$L, ''pairs'')'), (3, 'report_job_statistics(%1$L, ''{"UserStatistics": {"Created": {"Total": 1}}}'', instance_id => ''pairs'')'), (3, 'finish_synchronization_job(%1$L, instance_id => ''pairs'')'),
    (5, 'get_operation(%2$L)'), (5, 'get_operation(%2$L, ''pairs'')'), (5, 'wait_operation(%2$L, ''0'')'), (5, 'cancel_operation(%2$L)'), (7, 'cancel_operation(%2$L, ''pairs'')'),
    (11, 'finish_operation(%2$L)'), (13, 'finish_operation(%2$L, tenant_id => ''pairs'')'), (15, 'fail_operation(%2$L, 13)'), (11, 'delete_operation(%2$L)'), (13, 'delete_operation(%2$L, ''pairs'')'),
    (5, 'call_json(''GetSynchronizationJob'', ''{"InstanceId": "pairs", "SynchronizationJobId": "%1$s"}'')'),
    (5, 'call_json(''/google.longrunning.Operations/GetOperation'', ''{"name": "operations/%2$s"}'')')) AS v (first, call);
-- an id that nobody has, ids from elsewhere, and an import of what is there
SELECT test.refused(format('SELECT * FROM idpsync.get_synchronization_job(%L)', idpsync.create_id('sync_', '2024-05-05')));
SELECT call, pg_temp.touched(format('SELECT test.refused(%L)', format(call, idpsync.create_id('sync_', '2024-08-08')))) IS NOT NULL AS first,
       pg_temp.touched(format('SELECT test.refused(%L)', format(call, idpsync.create_id('sync_', '2024-05-05')))) AS touched
FROM unnest(ARRAY['SELECT * FROM idpsync.get_synchronization_job(%L)', 'SELECT * FROM idpsync.get_operation(%L)', 'SELECT * FROM idpsync.get_synchronization_job(''nobody'')']) AS call;
SELECT call, pg_temp.touched(call) IS NOT NULL AS first, pg_temp.touched(call) AS touched
FROM unnest(ARRAY['SELECT * FROM idpsync.get_synchronization_job(''foreign 250'')', 'SELECT * FROM idpsync.get_synchronization_job(''foreign 250'', ''parts'')',
    'SELECT * FROM idpsync.import_synchronization_jobs(''parts'', ''{"SynchronizationJobs": [{"SynchronizationJobId": "foreign 250", "TargetType": "application", "TargetId": "t1", "Direction": "egress", "TriggerType": "auto", "Status": "success", "StartTime": 1715684400000}]}'')']) AS call;
-- what is new goes to one of today's
SELECT call, pg_temp.touched(call) IS NOT NULL AS first, pg_temp.touched(call) AS touched
FROM unnest(ARRAY['SELECT * FROM idpsync.run_synchronization_job(''new'', ''application'', ''t'')', 'SELECT * FROM idpsync.create_operation(''new'', ''Mine'')']) AS call;

-- Lists: walked to the end, a page reads the partitions that hold its rows, the row before and the row behind them; where it is put
-- together from branches, one of them goes first, as far back as it has a page of its own. Only the last page, behind which there is nothing,
-- looks further back; and newer partitions that are empty, as today's are here, cost a look.
CREATE FUNCTION pg_temp.walk(list text, filter text, condition text, branches int, size int) RETURNS TABLE (pages int, as_a_scan boolean, read_too_much text) LANGUAGE plpgsql AS $$
DECLARE
    kind text := CASE list WHEN 'list_synchronization_jobs' THEN 'job' ELSE 'operation' END;
    call text;
    walked text[] := '{}';
    expected text[];
    parts text[];
    ids text[];
    token text := '';
    next text;
    extra text;
BEGIN
    pages := 0;
    EXECUTE format('SELECT array_agg(%1$s_id ORDER BY created_at DESC, %1$s_id DESC), array_agg(split_part(tableoid::regclass::text, ''.'', 2) ORDER BY created_at DESC, %1$s_id DESC)
        FROM idpsync.%1$s WHERE tenant_id = ''parts''%2$s', kind, condition) INTO expected, parts;
    WHILE token IS NOT NULL LOOP
        call := format(CASE kind WHEN 'job' THEN 'SELECT array_agg(synchronization_job_id), min(next_token) FROM idpsync.list_synchronization_jobs(''parts'', %s, %L, with_total_count => false%s)'
            ELSE 'SELECT array_agg(operation_id), min(next_page_token) FROM idpsync.list_operations(''parts'', page_size => %s, page_token => %L%s, with_total_count => false)' END, size, token, filter);
        EXECUTE call INTO ids, next;
        FOR attempt IN 1 .. 3 LOOP
            SELECT format('page %s: ', pages + 1) || string_agg(p, ' ') FROM string_to_table(pg_temp.touched(call), ' ') AS p
            WHERE p ~ '_(2024|first)' AND p <> ALL (parts[greatest(cardinality(walked), 1) : cardinality(walked) + (size + 1) * branches]) AND next IS NOT NULL INTO extra;
            EXIT WHEN extra IS NULL;
        END LOOP;
        read_too_much := concat_ws(', ', read_too_much, extra);
        walked := walked || ids;
        pages := pages + 1;
        token := next;
    END LOOP;
    as_a_scan := walked = expected;
    RETURN NEXT;
END $$;
SELECT filter, w.* FROM (VALUES (1, '', ''), (4, ', status => ''failed''', ' AND status = ''failed'''), (4, ', target_type => ''application''', ' AND target_type = ''application'''),
    (2, ', direction => ''egress'', status => ''success''', ' AND direction = ''egress'' AND status = ''success'''), (8, ', target_ids => ''{t1}''', ' AND target_id = ''t1'''),
    (1, ', start_time => ''2024-04-10'', end_time => ''2024-06-10''', ' AND start_time BETWEEN ''2024-04-10'' AND ''2024-06-10''')) AS v (branches, filter, condition),
    LATERAL pg_temp.walk('list_synchronization_jobs', filter, condition, branches, 20 / branches + 4) AS w;
SELECT filter, w.* FROM (VALUES ('', ''), (', filter => ''done = true''', ' AND done')) AS v (filter, condition), LATERAL pg_temp.walk('list_operations', filter, condition, 1, 24) AS w;

-- counts read jobs at the edges of a range only
SELECT call, pg_temp.touched(call) IS NOT NULL AS first, pg_temp.touched(call) AS touched FROM unnest(ARRAY['SELECT idpsync.count_synchronization_jobs(''parts'')',
    'SELECT idpsync.count_synchronization_jobs(''parts'', start_time => ''2024-03-10 01:00'', end_time => ''2024-09-20 01:00'')']) AS call;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok AND check_name NOT IN ('triggers', 'retention');
SELECT idpsync.drop_store();
SELECT idpsync.create_store();
