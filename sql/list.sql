-- lists: pages, tokens, filters
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned

-- 600 jobs, 2400 sessions and 2400 operations of two tenants, four of a tenant in each millisecond, in the first and the last partition
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT format('job %s', n), 'list ' || n % 2, CASE WHEN n % 7 < 3 THEN 'application' ELSE 'identity_provider' END::idpsync.job_target_type,
       't' || n % 5, CASE n % 3 WHEN 0 THEN 'egress' ELSE 'ingress' END::idpsync.job_direction, 'auto',
       (enum_range(NULL::idpsync.job_status))[n % 5 + 1], at, at + n % 7 * interval '1 hour', '{}'
FROM generate_series(1, 600) AS n, LATERAL (SELECT CASE WHEN n > 300 THEN timestamptz '2100-01-01' ELSE '2024-01-01' END + n / 8 * interval '1 hour' AS at) AS a;
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at, closed_at)
SELECT format('ses %s', n), 'list ' || n % 2, 'agent ' || n % 3, (enum_range(NULL::idpsync.session_type))[n % 3 + 1], (enum_range(NULL::idpsync.sync_mode))[n % 2 + 1],
       CASE n WHEN 1000 THEN 'OPENED' WHEN 998 THEN 'OPENED' ELSE CASE n % 5 WHEN 0 THEN 'COMPLETED' WHEN 1 THEN 'FAILED' ELSE 'EXPIRED' END END::idpsync.session_status,
       at, CASE n WHEN 1000 THEN 'infinity' ELSE at + interval '10 minutes' END, CASE WHEN n NOT IN (998, 1000) THEN at + interval '5 minutes' END
FROM generate_series(1, 2400) AS n, LATERAL (SELECT '2024-01-01'::timestamptz + n / 8 * interval '1 hour' AS at) AS a;
INSERT INTO idpsync.operation (operation_id, tenant_id, method, created_at, created_by, modified_at, done, error_code)
SELECT idpsync.create_id('op_', at), 'list ' || n % 2, 'Method' || n % 3, at, CASE WHEN n % 7 < 2 THEN 'Zoë' ELSE 'me' END, at + interval '1 minute', n % 5 > 0, CASE n % 10 WHEN 1 THEN 13 END
FROM generate_series(1, 2400) AS n, LATERAL (SELECT CASE WHEN n > 1200 THEN timestamptz '2100-01-01' ELSE '2024-01-01' END + n / 8 * interval '1 hour' AS at) AS a;

-- every page by its token, joined, is one ordered select, whatever the size, also when it changes between pages
CREATE FUNCTION pg_temp.pages(list text, tenant text, sizes int[], filter text DEFAULT '') RETURNS TABLE (id text, page int, total bigint) LANGUAGE plpgsql AS $$
DECLARE
    token text;
    row record;
    n int := 0;
BEGIN
    LOOP
        n := n + 1;
        id := NULL;
        FOR row IN EXECUTE format(CASE list WHEN 'jobs' THEN 'SELECT synchronization_job_id AS id, next_token AS token, total_count FROM idpsync.list_synchronization_jobs(%L, max_results => %s, next_token => %L%s)'
                WHEN 'sessions' THEN 'SELECT session_id AS id, next_page_token AS token, total_count FROM idpsync.list_sessions(%L, page_size => %s, page_token => %L%s)'
                ELSE 'SELECT operation_id AS id, next_page_token AS token, total_count FROM idpsync.list_operations(%L, page_size => %s, page_token => %L%s)' END,
                tenant, sizes[(n - 1) % cardinality(sizes) + 1], token, filter) LOOP
            id := row.id; page := n; total := row.total_count;
            RETURN NEXT;
        END LOOP;
        EXIT WHEN id IS NULL;
        token := row.token;
        EXIT WHEN token IS NULL;
    END LOOP;
END $$;
CREATE FUNCTION pg_temp.compare(list text, sizes int[]) RETURNS TABLE (rows bigint, pages int, totals text, equal boolean) LANGUAGE plpgsql AS $$
DECLARE
    expected text[];
    got text[];
BEGIN
    EXECUTE CASE list WHEN 'jobs' THEN 'SELECT array_agg(job_id ORDER BY created_at DESC, job_id COLLATE "C" DESC) FROM idpsync.job WHERE tenant_id = ''list 1'''
        WHEN 'sessions' THEN 'SELECT array_agg(session_id ORDER BY created_at DESC, session_id COLLATE "C" DESC) FROM idpsync.session WHERE tenant_id = ''list 1'''
        ELSE 'SELECT array_agg(operation_id ORDER BY created_at DESC, operation_id COLLATE "C" DESC) FROM idpsync.operation WHERE tenant_id = ''list 1''' END INTO expected;
    SELECT array_agg(p.id ORDER BY n), count(*), max(p.page), string_agg(DISTINCT p.total::text, ' ')
    FROM pg_temp.pages(list, 'list 1', sizes) WITH ORDINALITY AS p (id, page, total, n) INTO got, rows, pages, totals;
    equal := got = expected;
    RETURN NEXT;
END $$;
SELECT list, sizes, c.* FROM (VALUES ('jobs', '{1}'::int[]), ('jobs', '{2}'), ('jobs', '{7}'), ('jobs', '{99}'), ('jobs', '{100}'), ('jobs', '{1,100,3}'),
    ('sessions', '{3}'), ('sessions', '{0}'), ('sessions', '{400}'), ('sessions', '{999}'), ('sessions', '{1000}'), ('sessions', '{1000,1,0}'),
    ('operations', '{11}'), ('operations', '{0}'), ('operations', '{599}'), ('operations', '{1000}'), ('operations', '{5000}')) AS v (list, sizes), pg_temp.compare(list, sizes) AS c;
-- the last page is one even when it is full
SELECT count(*), bool_and(next_token IS NULL) AS last FROM idpsync.list_synchronization_jobs('list 1', 100, target_ids => ARRAY['t1', 't2', 't3', 't4', 't0'], status => 'failed');
SELECT count(*) AS rows_of_nobody FROM idpsync.list_synchronization_jobs('nobody');

-- defaults, sizes, and which style of paging wins
SELECT count(*) AS jobs, count(next_token) AS tokens, min(total_count) AS total FROM idpsync.list_synchronization_jobs('list 1');
SELECT count(*) AS jobs, count(next_token) AS tokens, count(total_count) AS totals FROM idpsync.list_synchronization_jobs('list 1', with_total_count => false);
SELECT count(*) AS sessions, count(next_page_token) AS tokens, count(total_count) AS totals FROM idpsync.list_sessions('list 1', with_total_count => false);
SELECT count(*) AS operations, count(next_page_token) AS tokens, min(total_count) AS total FROM idpsync.list_operations('list 1');
CREATE FUNCTION pg_temp.page(args text) RETURNS TABLE (jobs bigint, first text, tokens bigint) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT count(*), (array_agg(synchronization_job_id))[1], count(next_token) FROM idpsync.list_synchronization_jobs(''list 1'', %s)', args);
END $$;
SELECT args, p.* FROM unnest(ARRAY['max_results => 7', 'page_size => 7', 'page_number => 2', 'page_number => 2, page_size => 7', 'page_number => 43, page_size => 7', 'page_number => 44, page_size => 7', 'page_number => 2147483647, page_size => 100',
    'max_results => 7, page_size => 3', 'max_results => 7, page_number => 2', 'max_results => 7, page_number => 0, page_size => 1000', 'next_token => '''', page_number => 2, page_size => 5', 'next_token => '''', max_results => 100',
    'max_results => 1', 'max_results => 100', 'page_size => 1', 'page_size => 100']) AS args, pg_temp.page(args) AS p;
SELECT call, test.refused('SELECT * FROM idpsync.' || call) AS answer FROM unnest(ARRAY[
    'list_synchronization_jobs(''list 1'', max_results => 0)', 'list_synchronization_jobs(''list 1'', max_results => -1)', 'list_synchronization_jobs(''list 1'', max_results => 101)',
    'list_synchronization_jobs(''list 1'', page_size => 0)', 'list_synchronization_jobs(''list 1'', page_size => -1)', 'list_synchronization_jobs(''list 1'', page_size => 101)',
    'list_synchronization_jobs(''list 1'', page_number => 0)', 'list_synchronization_jobs(''list 1'', page_number => -1)', 'list_synchronization_jobs(''list 1'', page_number => 1, page_size => 0)',
    'list_sessions(''list 1'', -1)', 'list_sessions(''list 1'', 1001)', 'list_sessions(''list 1'', 9223372036854775807)', 'list_operations(''list 1'', page_size => -1)',
    'list_synchronization_jobs(NULL)', 'list_synchronization_jobs('''')', 'list_synchronization_jobs(repeat(''ö'', 65))', 'list_sessions(NULL)', 'list_sessions(repeat(''ö'', 51))', 'list_operations('''')', 'list_operations(repeat(''ö'', 65))',
    'count_synchronization_jobs(NULL)']) AS call;

-- tokens: opaque, URL-safe, and good for the same list only
SELECT next_token AS token FROM idpsync.list_synchronization_jobs('list 1', 10, status => 'failed') LIMIT 1 \gset
SELECT next_page_token AS session_token FROM idpsync.list_sessions('list 1', 10) LIMIT 1 \gset
SELECT next_page_token AS operation_token FROM idpsync.list_operations('list 1', page_size => 10) LIMIT 1 \gset
SELECT bool_and(token ~ '^[A-Za-z0-9_-]+$') AS url_safe FROM unnest(ARRAY[:'token', :'session_token', :'operation_token']) AS token;
SELECT count(*) AS rows, min(total_count) AS total FROM idpsync.list_synchronization_jobs('list 1', 3, :'token', status => 'failed');
SELECT count(*) AS rows FROM idpsync.list_synchronization_jobs('list 1', next_token => :'token', status => 'failed', with_total_count => false);
SELECT call, test.refused(format('SELECT * FROM idpsync.' || call, :'token', :'session_token', :'operation_token')) AS answer FROM unnest(ARRAY[
    'list_synchronization_jobs(''list 1'', 10, %1$L)', 'list_synchronization_jobs(''list 0'', 10, %1$L, status => ''failed'')', 'list_synchronization_jobs(''list 1'', 10, %1$L, status => ''success'')',
    'list_synchronization_jobs(''list 1'', 10, %1$L, status => ''failed'', target_type => ''application'')', 'list_synchronization_jobs(''list 1'', 10, %1$L, status => ''failed'', direction => ''egress'')',
    'list_synchronization_jobs(''list 1'', 10, %1$L, status => ''failed'', target_ids => ARRAY[''t1''])', 'list_synchronization_jobs(''list 1'', 10, %1$L, status => ''failed'', start_time => ''2024-01-01'')',
    'list_synchronization_jobs(''list 1'', 10, %1$L, status => ''failed'', end_time => ''2025-01-01'')', 'list_synchronization_jobs(''list 1'', 10, %2$L, status => ''failed'')', 'list_synchronization_jobs(''list 1'', 10, %3$L, status => ''failed'')',
    'list_sessions(''list 1'', 10, %1$L)', 'list_sessions(''list 1'', 10, %3$L)', 'list_sessions(''list 0'', 10, %2$L)', 'list_sessions(''list 1'', 10, %2$L, ''status = "FAILED"'')', 'list_sessions(''list 1'', 10, %2$L, '' '')',
    'list_operations(''list 1'', NULL, 10, %1$L)', 'list_operations(''list 1'', NULL, 10, %2$L)', 'list_operations(''list 0'', NULL, 10, %3$L)', 'list_operations(''list 1'', ''done = true'', 10, %3$L)',
    'list_sessions(''list 1'', 10, repeat(''A'', 2001))', 'list_synchronization_jobs(''list 1'', 10, repeat(''A'', 2001))', 'list_sessions(''list 1'', 10, repeat(''A'', 2000))', 'list_sessions(''list 1'', 10, ''NTxxxxxexample'')',
    'list_sessions(''list 1'', 10, ''0'')', 'list_sessions(''list 1'', 10, '' '')', 'list_sessions(''list 1'', 10, ''ö'')']) AS call;
-- every bit of every character, every end cut off, every character more
CREATE FUNCTION pg_temp.refused_tokens(call text, token text) RETURNS TABLE (damage text, tokens bigint, refused bigint) LANGUAGE sql AS $$
    SELECT damage, count(*), count(*) FILTER (WHERE test.refused(format('SELECT * FROM idpsync.' || call, damaged)) ~ '^22023 ')
    FROM (SELECT 'flipped', overlay(token PLACING chr(ascii(substr(token, n, 1)) # (1 << bit)) FROM n FOR 1) FROM generate_series(1, length(token)) AS n, generate_series(0, 7) AS bit
          UNION ALL SELECT 'cut', left(token, n) FROM generate_series(1, length(token) - 1) AS n
          UNION ALL SELECT 'cut in front', right(token, n) FROM generate_series(1, length(token) - 1) AS n
          UNION ALL SELECT 'longer', token || c FROM unnest(string_to_array('A Q _ - = ö', ' ')) AS c
          UNION ALL SELECT 'doubled', token || token) AS d (damage, damaged)
    GROUP BY 1 ORDER BY 1
$$;
SELECT damage, tokens - refused AS accepted, tokens > 0 AS tried FROM pg_temp.refused_tokens('list_synchronization_jobs(''list 1'', 10, %L, status => ''failed'')', :'token');
SELECT damage, tokens - refused AS accepted, tokens > 0 AS tried FROM pg_temp.refused_tokens('list_sessions(''list 1'', 10, %L)', :'session_token');
SELECT damage, tokens - refused AS accepted, tokens > 0 AS tried FROM pg_temp.refused_tokens('list_operations(''list 1'', NULL, 10, %L)', :'operation_token');
-- of another store
BEGIN;
CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS SELECT 1 AS version, '0123456789abcdef'::text AS store_id, interval '1 month' AS job_interval, interval '1 day' AS operation_interval, false AS distributed;
SELECT test.refused(format('SELECT * FROM idpsync.list_sessions(''list 1'', 10, %L)', :'session_token'));
ROLLBACK;
SELECT count(*) AS rows FROM idpsync.list_sessions('list 1', 10, :'session_token');

-- what is inserted or deleted between two pages neither repeats nor hides a row
CREATE FUNCTION pg_temp.paging_under_inserts() RETURNS TABLE (there_at_first bigint, seen bigint, seen_twice bigint, missed bigint) LANGUAGE plpgsql AS $$
DECLARE
    token text;
    page text[];
    seen_ids text[] := '{}';
    first_ids text[] := (SELECT array_agg(session_id) FROM idpsync.session WHERE tenant_id = 'list 1');
BEGIN
    LOOP
        SELECT array_agg(l.session_id), min(l.next_page_token) INTO page, token FROM idpsync.list_sessions('list 1', 100, token) AS l;
        seen_ids := seen_ids || page;
        -- before all others, among those already seen, and among those still to come
        INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at, closed_at)
        SELECT format('new %s %s', cardinality(seen_ids), at), 'list 1', 'a', 'AD_SYNC', 'DELTA', 'FAILED', at, at, at FROM unnest(ARRAY['2030-01-01', '2024-01-10', '2023-01-01']::timestamptz[]) AS at;
        DELETE FROM idpsync.session WHERE session_id = page[1];
        EXIT WHEN token IS NULL;
    END LOOP;
    RETURN QUERY SELECT cardinality(first_ids)::bigint, count(*), count(*) - count(DISTINCT id), (SELECT count(*) FROM unnest(first_ids) AS f WHERE f <> ALL (seen_ids)) FROM unnest(seen_ids) AS id;
END $$;
BEGIN;
SELECT there_at_first, seen >= there_at_first AS seen_all, seen_twice, missed FROM pg_temp.paging_under_inserts();
ROLLBACK;

-- every combination of filters of jobs: the same rows, in the same order, as many as a plain query says
CREATE FUNCTION pg_temp.compare_filters() RETURNS TABLE (combinations bigint, with_rows bigint, wrong_rows bigint, wrong_totals bigint, wrong_counts bigint, wrong_sums bigint, wrong_page_numbers bigint) LANGUAGE plpgsql AS $$
DECLARE
    f record;
    expected text[];
    got text[];
    totals bigint[];
BEGIN
    combinations := 0; with_rows := 0; wrong_rows := 0; wrong_totals := 0; wrong_counts := 0; wrong_sums := 0; wrong_page_numbers := 0;
    FOR f IN SELECT * FROM unnest(ARRAY[NULL, 'application']::idpsync.job_target_type[]) AS target_type,
        (VALUES (NULL::text[]), ('{}'), ('{t1}'), ('{t0,t3,nothing}')) AS i (target_ids),
        unnest(ARRAY[NULL, '2024-01-01 12:00:00.0004']::timestamptz[]) AS start_time, unnest(ARRAY[NULL, '2100-01-03']::timestamptz[]) AS end_time,
        unnest(ARRAY[NULL, 'ingress']::idpsync.job_direction[]) AS direction, unnest(ARRAY[NULL, 'failed']::idpsync.job_status[]) AS status
    LOOP
        SELECT coalesce(array_agg(j.job_id ORDER BY j.created_at DESC, j.job_id COLLATE "C" DESC), '{}') INTO expected FROM idpsync.job AS j
        WHERE j.tenant_id = 'list 1' AND (f.target_type IS NULL OR j.target_type = f.target_type) AND (coalesce(f.target_ids, '{}') = '{}' OR j.target_id = ANY (f.target_ids))
          AND (f.start_time IS NULL OR date_trunc('milliseconds', j.start_time) >= date_trunc('milliseconds', f.start_time)) AND (f.end_time IS NULL OR date_trunc('milliseconds', j.start_time) <= date_trunc('milliseconds', f.end_time))
          AND (f.direction IS NULL OR j.direction = f.direction) AND (f.status IS NULL OR j.status = f.status);
        SELECT coalesce(array_agg(p.id ORDER BY n), '{}'), array_agg(DISTINCT p.total) INTO got, totals
        FROM pg_temp.pages('jobs', 'list 1', '{40}', format(', target_type => %L, target_ids => %L, start_time => %L, end_time => %L, direction => %L, status => %L',
            f.target_type, f.target_ids, f.start_time, f.end_time, f.direction, f.status)) WITH ORDINALITY AS p (id, page, total, n);
        combinations := combinations + 1;
        with_rows := with_rows + (expected <> '{}')::int;
        wrong_rows := wrong_rows + (got <> expected)::int;
        wrong_totals := wrong_totals + (expected <> '{}' AND totals <> ARRAY[cardinality(expected)::bigint])::int;
        wrong_counts := wrong_counts + (idpsync.count_synchronization_jobs('list 1', f.target_type, f.target_ids, f.start_time, f.end_time, f.direction, f.status) <> cardinality(expected))::int;
        wrong_sums := wrong_sums + ((SELECT job_count FROM idpsync.synchronization_job_statistics('list 1', f.start_time, f.end_time, target_type => f.target_type, target_ids => f.target_ids, direction => f.direction, status => f.status)) <> cardinality(expected))::int;
        wrong_page_numbers := wrong_page_numbers + (coalesce((SELECT array_agg(l.synchronization_job_id) FROM idpsync.list_synchronization_jobs('list 1', page_number => 2, page_size => 5,
            target_type => f.target_type, target_ids => f.target_ids, start_time => f.start_time, end_time => f.end_time, direction => f.direction, status => f.status) AS l), '{}') <> expected[6:10])::int;
    END LOOP;
    RETURN NEXT;
END $$;
SELECT * FROM pg_temp.compare_filters();
-- times are compared in whole milliseconds, both ends included
UPDATE idpsync.job SET start_time = '2024-05-01 12:00:00.0015' WHERE job_id = 'job 1';
SELECT s, e, idpsync.count_synchronization_jobs('list 1', start_time => s, end_time => e) FROM (VALUES
    ('2024-05-01 12:00:00.0019'::timestamptz, NULL::timestamptz), ('2024-05-01 12:00:00.001', '2024-05-01 12:00:00.001'), ('2024-05-01 12:00:00.002', NULL), ('2024-05-01', '2024-05-01 12:00:00.000999'),
    ('2024-05-01 12:00:00.0018', '2024-05-01 12:00:00.0011')) AS v (s, e);
SELECT call, test.refused('SELECT idpsync.count_synchronization_jobs(''list 1'', ' || call || ')') AS answer FROM unnest(ARRAY[
    'start_time => ''2024-01-02'', end_time => ''2024-01-01''', 'start_time => ''infinity''', 'end_time => ''-infinity''', 'target_ids => ARRAY[''t1'', NULL]', 'target_ids => ARRAY[ARRAY[''t1'']]',
    'target_ids => array_fill(''t''::text, ARRAY[10001])', 'target_ids => array_fill(''t''::text, ARRAY[10000])']) AS call;

-- filters of sessions and operations: the same rows as the same condition in SQL; status as it is now
CREATE FUNCTION pg_temp.filtered(list text, filter text, condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    expected text[];
    got text[];
BEGIN
    EXECUTE CASE list WHEN 'sessions' THEN 'SELECT coalesce(array_agg(session_id ORDER BY created_at DESC, session_id COLLATE "C" DESC), ''{}'') FROM idpsync.sessions WHERE subject_container_id = ''list 1'' AND ('
        ELSE 'SELECT coalesce(array_agg(operation_id ORDER BY created_at DESC, operation_id COLLATE "C" DESC), ''{}'') FROM idpsync.operation WHERE tenant_id = ''list 1'' AND (' END || condition || ')' INTO expected;
    SELECT coalesce(array_agg(p.id ORDER BY n), '{}') INTO got FROM pg_temp.pages(list, 'list 1', '{190}', format(', filter => %L', filter)) WITH ORDINALITY AS p (id, page, total, n);
    RETURN CASE WHEN got = expected THEN cardinality(got)::text ELSE format('%s instead of %s', cardinality(got), cardinality(expected)) END;
END $$;
UPDATE idpsync.session SET tenant_id = 'list 1' WHERE session_id IN ('ses 998', 'ses 1000');
SELECT filter, pg_temp.filtered('sessions', filter, coalesce(condition, replace(filter, '"', ''''))) AS rows FROM (VALUES
    ('', 'true'), (E' \t\n', 'true'), ('status = "OPENED"', NULL), ('status = "EXPIRED"', NULL), ('status != "EXPIRED"', NULL), ('status IN ("OPENED", "FAILED")', NULL), ('status in(''PENDING'',''OPENED'')', NULL),
    ('session_type = "AD_SYNC" AND sync_mode = "DELTA"', NULL), ('session_type != "AD_SYNC"', NULL), ('sync_mode IN ("DELTA")', NULL),
    ('agent_id = "agent 1" and status = "FAILED"', NULL), ('agent_id != "agent 1"', NULL), ('agent_id < "agent 1"', 'agent_id COLLATE "C" < ''agent 1'''), ('agent_id >= "agent 1"', 'agent_id COLLATE "C" >= ''agent 1'''),
    ('session_id = "ses 1000"', NULL), ('session_id IN ("ses 1", "ses 3", "nothing")', NULL), ('session_id <= "ses 2"', NULL), ('session_id > "ses 2"', NULL),
    ('created_at >= "2024-01-03T00:00:00Z"', NULL), ('created_at < "2024-01-03T00:00:00+05:30"', NULL), ('created_at = "2024-01-03T00:00:00.000Z"', NULL), ('created_at != "2024-01-03T00:00:00Z"', NULL),
    ('expires_at <= "2024-01-03T00:10:00Z"', NULL), ('expires_at > "2024-01-13T00:00:00Z"', NULL), ('closed_at < "2024-01-01T01:05:00.000001Z"', NULL), ('closed_at IN ("2024-01-01T01:05:00Z")', NULL), ('closed_at != "2024-01-01T01:05:00Z"', 'closed_at IS DISTINCT FROM ''2024-01-01T01:05:00Z'''),
    ('created_at>"2024-01-02T00:00:00Z"AND created_at<"2024-01-04T00:00:00Z"AND status="FAILED"', NULL),
    ('agent_id = "agent \"1\""', 'false'), ('agent_id = ''it\''s \\ this''', 'false')) AS v (filter, condition);
SELECT filter, pg_temp.filtered('operations', filter, coalesce(condition, replace(filter, '"', ''''))) AS rows FROM (VALUES
    ('done = true', NULL), ('done != true', NULL), ('done=FALSE', NULL), ('method = "Method1"', NULL), ('method > "Method1"', NULL), ('created_by = "Zoë"', NULL), ('created_by != "Zoë" AND done = true', NULL),
    ('modified_at > "2024-01-10T00:00:59Z"', NULL), ('created_at <= "2024-01-10T00:00:00Z"', NULL), ('created_by < "me"', 'created_by COLLATE "C" < ''me''')) AS v (filter, condition);
SELECT filter, test.refused(format('SELECT * FROM idpsync.list_sessions(''list 1'', filter => %L)', filter)) AS answer FROM unnest(ARRAY[
    'x', 'x = "y"', '= "y"', 'status', 'status "OPENED"', 'status = OPENED', 'status = "OPENED', 'status = "OPEN"', 'status = "opened"', 'status = ""', 'status = "SESSION_STATUS_UNSPECIFIED"', 'status = 1', 'status < "OPENED"', 'STATUS = "OPENED"',
    'status == "OPENED"', 'status <> "OPENED"', 'status LIKE "O%"', 'status = "OPENED" OR status = "FAILED"', 'status = "OPENED" AND', 'AND status = "OPENED"', 'status = "OPENED" status = "FAILED"', 'NOT status = "OPENED"', '(status = "OPENED")',
    'status IN "OPENED"', 'status IN ()', 'status IN ("OPENED"', 'status IN ("OPENED",)', 'status IN ("OPENED" "FAILED")', 'status IN ("OPENED", "NO")', 'created_at > "yesterday"', 'created_at > "2024-01-01"', 'created_at > "2024-01-01T00:00:00"', 'created_at > "2024-02-30T00:00:00Z"',
    'created_at > 2024', 'agent_id = "a\n"', 'agent_id = "ö" AND x = 1', 'progress = "x"', 'subject_container_id = "x"', 'done = true', 'status = "OPENED"; DROP TABLE x', 'session_id = "x" -- ']) AS filter;
SELECT filter, test.refused(format('SELECT * FROM idpsync.list_operations(''list 1'', %L)', filter)) AS answer FROM unnest(ARRAY['done = "true"', 'done = yes', 'done IN (true)', 'done > false', 'status = "x"', 'operation_id = "x"', 'error_code = 1']) AS filter;
-- limits of a filter: 1000 characters, 16 comparisons, 32 values
SELECT test.refused(format('SELECT * FROM idpsync.list_sessions(''list 1'', filter => %L)', 'agent_id = "' || repeat('ö', 987) || '"'));
SELECT test.refused(format('SELECT * FROM idpsync.list_sessions(''list 1'', filter => %L)', 'agent_id = "' || repeat('ö', 988) || '"'));
SELECT test.refused(format('SELECT * FROM idpsync.list_sessions(''list 1'', filter => %L)', array_to_string(array_fill('agent_id="a"'::text, ARRAY[16]), ' AND ')));
SELECT test.refused(format('SELECT * FROM idpsync.list_sessions(''list 1'', filter => %L)', array_to_string(array_fill('agent_id="a"'::text, ARRAY[17]), ' AND ')));
SELECT test.refused(format('SELECT * FROM idpsync.list_sessions(''list 1'', filter => %L)', 'agent_id IN ("a"' || repeat(',"a"', 31) || ')'));
SELECT test.refused(format('SELECT * FROM idpsync.list_sessions(''list 1'', filter => %L)', 'agent_id IN ("a"' || repeat(',"a"', 32) || ')'));

-- ids are in the order of their bytes, and a token may hold the longest
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT id, 'order', 'application', 't', 'egress', 'auto', 'running', '2024-01-01', '2024-01-01', '{}' FROM unnest(ARRAY['a', 'B', 'b', 'A', 'ö', 'z', 'ab', 'a b', '-', repeat('😀', 64), repeat('😀', 63)]) AS id;
SELECT string_agg(left(id, 3), ' ') AS ids FROM pg_temp.pages('jobs', 'order', '{1}');

DELETE FROM idpsync.operation;
DELETE FROM idpsync.session;
DELETE FROM idpsync.job;
-- the counts have kept up
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok AND check_name = 'counts';
