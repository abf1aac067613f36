-- lists of jobs: every combination of filters is read through the index that serves it, and reads no more than it shows
SET search_path = '';
SET timezone = 'UTC';
SET client_min_messages = warning;
\pset format unaligned

-- all combinations, one bit a filter; each filter alone lets few jobs through, or all but few of the list's newest
CREATE FUNCTION pg_temp.arguments(filters int) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(argument, '' ORDER BY n) FROM unnest(ARRAY[
        ', target_type => ''application''', ', direction => ''egress''', ', status => ''failed''', ', target_ids => ''{t3,t4,t4,t100}''',
        ', start_time => ''2024-02-01''', ', end_time => ''2024-03-01''']) WITH ORDINALITY AS a (argument, n) WHERE filters >> (n::int - 1) & 1 = 1 $$;
CREATE FUNCTION pg_temp.condition(filters int) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(condition, '' ORDER BY n), '') FROM unnest(ARRAY[
        ' AND target_type = ''application''', ' AND direction = ''egress''', ' AND status = ''failed''', ' AND target_id IN (''t3'', ''t4'', ''t100'')',
        ' AND start_time >= ''2024-02-01''', ' AND start_time < timestamptz ''2024-03-01'' + interval ''1 millisecond''']) WITH ORDINALITY AS c (condition, n) WHERE filters >> (n::int - 1) & 1 = 1 $$;
CREATE FUNCTION pg_temp.page(tenant text, filters int, size int, INOUT token text, OUT ids text[]) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT array_agg(synchronization_job_id::text ORDER BY n), min(next_token) FROM idpsync.list_synchronization_jobs(%L, max_results => %s, next_token => %L, with_total_count => false%s)'
        ' WITH ORDINALITY AS j (synchronization_job_id, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, next_token, a18, n)', tenant, size, token, pg_temp.arguments(filters)) INTO ids, token;
END $$;

-- plans are kept: these were made for empty tables
SELECT count(*) FROM generate_series(0, 63) AS f, pg_temp.page('nobody', f, 20, '') AS p WHERE p.ids IS NOT NULL;

-- a long list in two partitions, and a short one of which four jobs share a millisecond; one in 100 started days before or after its creation
CREATE PROCEDURE pg_temp.fill(tenant text, jobs int, ties int, step interval) LANGUAGE sql AS $$
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT format('job %s', n), tenant, CASE WHEN n % 4 = 0 THEN 'application' ELSE 'identity_provider' END::idpsync.job_target_type,
       't' || floor(sqrt(a % 10000)), CASE WHEN b % 20 = 0 THEN 'egress' ELSE 'ingress' END::idpsync.job_direction, 'auto',
       CASE WHEN b / 20 % 100 = 0 THEN 'failed' WHEN b / 20 % 100 < 6 THEN 'partial_success' ELSE 'success' END::idpsync.job_status,
       at, at + CASE WHEN a / 10000 % 100 = 1 THEN (b % 21 - 10) * interval '1 day' ELSE b % 3600 * interval '1 second' END, '{}'
FROM generate_series(1, jobs) AS n, LATERAL (SELECT hashint8extended(n, 1) & 1073741823 AS a, hashint8extended(n, 2) & 1073741823 AS b) AS h,
     LATERAL (SELECT CASE WHEN n > jobs / 2 THEN timestamptz '2100-01-01' ELSE '2024-01-01' END + n / ties * ties * step AS at) AS c $$;
CALL pg_temp.fill('long list', 40000, 1, '6 minutes');
CALL pg_temp.fill('short list', 1200, 4, '2 hours');
-- and many of four jobs, so that a plan for the average list would do well to sort it
DO $$ BEGIN FOR n IN 1 .. 1500 LOOP CALL pg_temp.fill('list ' || n, 4, 1, '1 day'); END LOOP; END $$;

-- walking a list by its tokens, and asking for pages by number, give what a scan gives
CREATE FUNCTION pg_temp.check_filters(filters int) RETURNS TABLE (jobs int, by_token boolean, by_number boolean) LANGUAGE plpgsql AS $$
DECLARE
    expected text[];
    walked text[] := '{}';
    ids text[];
    token text := '';
    n int := 0;
BEGIN
    EXECUTE 'SELECT coalesce(array_agg(job_id::text ORDER BY created_at DESC, job_id DESC), ''{}'') FROM idpsync.job WHERE tenant_id = ''short list''' || pg_temp.condition(filters) INTO expected;
    WHILE token IS NOT NULL LOOP
        SELECT p.token, p.ids FROM pg_temp.page('short list', filters, (ARRAY[1, 3, 100, 29])[n % 4 + 1], token) AS p INTO token, ids;
        walked := walked || ids;
        n := n + 1;
    END LOOP;
    jobs := cardinality(expected);
    by_token := walked = expected;
    by_number := true;
    FOR number IN 1 .. 3 LOOP
        EXECUTE format('SELECT array_agg(synchronization_job_id) FROM idpsync.list_synchronization_jobs(''short list'', page_number => %s, page_size => 7, with_total_count => false%s)', number * number, pg_temp.arguments(filters)) INTO walked;
        by_number := by_number AND coalesce(walked, '{}') = expected[number * number * 7 - 6 : number * number * 7];
    END LOOP;
    RETURN NEXT;
END $$;
SELECT count(*) AS combinations, count(*) FILTER (WHERE jobs > 0) AS with_jobs, bool_and(by_token) AS by_token, bool_and(by_number) AS by_number
FROM generate_series(0, 63) AS filters, pg_temp.check_filters(filters);

-- What a page of the long list reads, by index: scans, entries and blocks of it.
CREATE TYPE pg_temp.index_read AS (index_name text, scans bigint, entries bigint, blocks bigint);
CREATE FUNCTION pg_temp.reads() RETURNS SETOF pg_temp.index_read LANGUAGE sql AS $$
    SELECT p.relname, sum(pg_stat_get_xact_numscans(i.inhrelid)), sum(pg_stat_get_xact_tuples_returned(i.inhrelid)), sum(pg_stat_get_xact_blocks_fetched(i.inhrelid))
    FROM pg_class AS p JOIN pg_inherits AS i ON i.inhparent = p.oid
    WHERE p.relnamespace = 'idpsync'::regnamespace AND p.relname LIKE 'job%' AND p.relkind = 'I' GROUP BY 1
    UNION ALL SELECT 'none', sum(pg_stat_get_xact_numscans(inhrelid)), 0, 0 FROM pg_inherits WHERE inhparent = 'idpsync.job'::regclass $$;
CREATE FUNCTION pg_temp.cost(filters int, token text) RETURNS TABLE (indexes text, entries bigint, blocks bigint) LANGUAGE plpgsql AS $$
DECLARE
    before pg_temp.index_read[];
BEGIN
    SELECT array_agg(r) FROM pg_temp.reads() AS r INTO before;
    PERFORM pg_temp.page('long list', filters, 20, token);
    SELECT string_agg(index_name, ' ' ORDER BY index_name) FILTER (WHERE r.scans > b.scans), sum(r.entries - b.entries), sum(r.blocks - b.blocks)
    FROM pg_temp.reads() AS r JOIN unnest(before) AS b USING (index_name) INTO indexes, entries, blocks;
    RETURN NEXT;
END $$;

-- The first page, and one far down. What it may read: three times what it shows; where targets are chosen, as many jobs of the whole list
-- as two a branch; where start times are, the jobs in that time whose creation does not tell it. The others are at least twenty times as many.
CREATE TEMP TABLE asked (filters int, place text, token text, entries bigint, blocks bigint, indexes text);
CREATE PROCEDURE pg_temp.find_pages() LANGUAGE plpgsql AS $$
DECLARE
    next text;
    deep text;
    branches int;
    stray bigint;
BEGIN
    FOR f IN 0 .. 63 LOOP
        branches := CASE WHEN f & 1 > 0 THEN 1 ELSE 2 END * CASE WHEN f & 2 > 0 THEN 1 ELSE 2 END * CASE WHEN f & 4 > 0 THEN 1 ELSE 5 END * CASE WHEN f & 8 > 0 THEN 3 ELSE 1 END;
        EXECUTE 'SELECT count(*) FROM idpsync.job WHERE tenant_id = ''long list'' AND NOT idpsync.job_started_soon(created_at, start_time)' || pg_temp.condition(f & 48) INTO stray;
        deep := NULL;
        next := '';
        FOR page IN 1 .. 30 LOOP
            SELECT p.token FROM pg_temp.page('long list', f, (ARRAY[100, 7, 100])[page % 3 + 1], next) AS p INTO next;
            EXIT WHEN next IS NULL;
            deep := next;
        END LOOP;
        INSERT INTO pg_temp.asked SELECT f, place, token, 63 + CASE WHEN f & 8 > 0 THEN 2 * branches ELSE 0 END + CASE WHEN f & 48 > 0 THEN stray ELSE 0 END, 60 + 15 * branches
        FROM (VALUES ('first', ''), ('deep', deep)) AS v (place, token) WHERE token IS NOT NULL;
    END LOOP;
END $$;
CALL pg_temp.find_pages();
UPDATE pg_temp.asked AS a SET indexes = c.indexes FROM (SELECT filters, token, (pg_temp.cost(filters, token)).indexes FROM pg_temp.asked OFFSET 0) AS c WHERE c.filters = a.filters AND c.token = a.token;
SELECT place, indexes, count(*) AS combinations, count(*) FILTER (WHERE filters & 7 > 0) AS by_class, count(*) FILTER (WHERE filters & 8 > 0) AS by_target, count(*) FILTER (WHERE filters & 48 > 0) AS by_start
FROM pg_temp.asked GROUP BY 1, 2 ORDER BY 1 DESC, 2;
CREATE FUNCTION pg_temp.too_much() RETURNS TABLE (place text, arguments text, indexes text, entries bigint, allowed bigint, blocks bigint, blocks_allowed bigint) LANGUAGE sql AS $$
    SELECT a.place, pg_temp.arguments(a.filters), c.indexes, c.entries, a.entries, c.blocks, a.blocks FROM pg_temp.asked AS a, pg_temp.cost(a.filters, a.token) AS c
    WHERE c.entries > a.entries OR c.blocks > a.blocks OR c.indexes IS DISTINCT FROM a.indexes $$;
SELECT * FROM pg_temp.too_much();
-- also with plans made for what the tables hold
ANALYZE idpsync.job;
SELECT * FROM pg_temp.too_much();
-- and under policies, which no condition that might leak goes before
CREATE ROLE regress_idpsync_lists;
GRANT regress_idpsync_lists TO CURRENT_USER;
SELECT idpsync.grant_access('regress_idpsync_lists', 'reader');
GRANT SELECT ON pg_temp.asked TO regress_idpsync_lists;
ALTER TABLE idpsync.job ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idpsync.job USING (tenant_id = current_setting('test.tenant'));
SET test.tenant = 'long list';
SET ROLE regress_idpsync_lists;
SELECT * FROM pg_temp.too_much();
SET test.tenant = 'short list';
SELECT count(*) FROM generate_series(0, 63) AS f, pg_temp.page('long list', f, 20, '') AS p WHERE p.ids IS NOT NULL;
RESET ROLE;

DROP POLICY tenant ON idpsync.job;
ALTER TABLE idpsync.job DISABLE ROW LEVEL SECURITY;
SELECT idpsync.grant_access('regress_idpsync_lists', 'none');
REVOKE ALL ON pg_temp.asked FROM regress_idpsync_lists;
DROP ROLE regress_idpsync_lists;
DELETE FROM idpsync.job WHERE tenant_id LIKE '%list%';
