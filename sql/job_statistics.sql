-- job_statistics: text and binary form, arithmetic, aggregates, rows
SET search_path = public, idpsync;
\pset format unaligned

-- every cell of the six is written, Exported where it is not zero; what is missing is zero
SELECT '{}'::job_statistics;
SELECT '{"GroupStatistics": {"Exported": {"Total": 3, "Success": 1, "Failed": 1, "Skipped": 1}}, "UserStatistics": {"Same": {"Skipped": 9223372036854775807}}}'::job_statistics;
-- the documented example, a cell of it
SELECT '{"UserStatistics": {"Created": {"Total": 3, "Success": 1, "Failed": 1, "Skipped": 1}}}'::job_statistics
     = '{"user_statistics": {"created": {"total": "3", "success": 1.0, "failed": "1e0", "skipped": 1, "Total": 3}}}'::job_statistics AS total_twice;
SELECT '{"UserStatistics": {"Created": {"Total": 3, "Success": 1, "Failed": 1, "Skipped": 1}}, "OrganizationalUnitStatistics": {"Binded": {"Total": 1}}, "GroupMemberStatistics": null}'::job_statistics
     = '{"userStatistics": {"created": {"total": "3", "success": 1.0, "failed": "1e0", "skipped": 1}, "updated": null}, "organizational_unit_statistics": {"binded": {"total": "1", "failed": null}}, "groupMemberStatistics": {}}'::job_statistics AS proto_json;
SELECT '{"UserStatistics": {"Created": {"Total": 0}}}'::job_statistics = '{}'::job_statistics AS zero_is_absent;

-- in any order and spelling, with any space
SELECT cell, ('{"UserStatistics": {"Same": {"Total": 1}, "Created": ' || cell || '}}')::job_statistics
     = '{"UserStatistics": {"Created": {"Total": 10, "Success": 0, "Failed": 3, "Skipped": 123456789012345678}, "Same": {"Total": 1}}}'::job_statistics AS the_same
FROM unnest(ARRAY[
    '{"Total":10,"Success":0,"Failed":3,"Skipped":123456789012345678}',
    '{"Skipped": 123456789012345678, "Failed": 3, "Success": 0, "Total": 10}',
    E'\n{\t"Total"\r: 10\n,"Failed" :3 , "Skipped"\t:\t123456789012345678\n}\n',
    '{"total": 10, "Failed": 3, "skipped": 123456789012345678}',
    '{"Total": 10, "failed": 3, "Skipped": 123456789012345678, "Success": null}',
    '{"\u0054otal": 10, "Failed": "3", "Skipped": 123456789012345678}',
    '{"Total": 1e1, "Success": -0, "Failed": 3.0, "Skipped": "123456789012345678"}']) AS cell;
SELECT '{"GroupStatistics": {"Pushed": {"Total": 999999999999999999, "Success": 1000000000000000000, "Failed": 9223372036854775807}}}'::job_statistics;

-- what is refused, and where it is
CREATE FUNCTION pg_temp.refused(input text) RETURNS TABLE (sqlstate_is text, message text, detail text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM input::job_statistics;
    RETURN QUERY SELECT 'accepted', NULL, NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN QUERY SELECT SQLSTATE, message, detail;
END $$;
SELECT r.* FROM unnest(ARRAY[
    '',
    '{',
    'null',
    '[]',
    '{"UserStatistics": {}',
    '{"UserStatistics": {}}, {}',
    '{"UserStatistics": []}',
    '{"UserStatistics": {"Created": 1}}',
    '{"UserStatistics": {"Created": [1, 2]}}',
    '{"ErrorCode": null}',
    '{"ErrorMessage": "x"}',
    '{"userstatistics": {}}',
    '{"USERStatistics": {}}',
    '{"": {}}',
    '{"UserStatistics": {}, "UserStatistics": {}}',
    '{"UserStatistics": {}, "user_statistics": {}}',
    '{"UserStatistics": {"Renamed": {}}}',
    '{"UserStatistics": {"Created": {}, "created": {}}}',
    '{"UserStatistics": {"Created": {"Sum": 1}}}',
    '{"UserStatistics": {"Created": {"Total": 1, "total": 1}}}',
    '{"UserStatistics": {"Created": {"Total": -1}}}',
    '{"UserStatistics": {"Created": {"Total": 1.5}}}',
    '{"UserStatistics": {"Created": {"Total": 9223372036854775808}}}',
    '{"UserStatistics": {"Created": {"Total": true}}}',
    '{"UserStatistics": {"Created": {"Total": "x"}}}',
    '{"UserStatistics": {"Created": {"Total": {}}}}',
    '{"UserStatistics": {"Created": {"Total": 1, "Total": 1}}}',
    '{"UserStatistics": {"Created": {}, "Updated": {"Success": 1}, "Created": {}}}',
    '{"UserStatistics": {"Created": {"Total": 1, "Success": 01}}}',
    '{"UserStatistics": {"Created": {"Total": 1, "Success": 1x}}}',
    '{"UserStatistics": {"Created": {"Total": 1, "Success": 1]}}}',
    '{"UserStatistics": {"Created": {"Total": 1, "Success" 1}}}',
    '{"UserStatistics": {"Created": {"Total": 1 "Success": 1}}}',
    '{"UserStatistics": {"Created": {, "Total": 1}}}',
    '{"UserStatistics": {"Created": {"Total": 1,}}}',
    '{"UserStatistics": {"Created": {"Total": 1}, "Updated": {"Skipped": 99999999999999999999}}}',
    '{"UserStatistics": {"Created": {"Total": 1',
    '{"UserStatistics": {"Created": {"Total": ',
    '{"UserStatistics": {"Created": {"Total"',
    '{"UserStatistics": {"Created": {"Total',
    repeat('{"UserStatistics":', 3000),
    repeat('[', 10000),
    '{"UserStatistics": "' || repeat('x', 1024 * 1024) || '"}'
]) AS input, pg_temp.refused(input) AS r;

-- all 28 cells, balanced or not
CREATE TEMP TABLE kinds AS
    SELECT o, c, row_number() OVER () AS n
    FROM unnest(ARRAY['User', 'OrganizationalUnit', 'Group', 'GroupMember']) AS o,
         unnest(ARRAY['Created', 'Updated', 'Binded', 'Deleted', 'Same', 'Pushed', 'Exported']) AS c;
CREATE TEMP TABLE full_statistics AS SELECT job_statistics_agg(o, c, 1000 * n + n + 1, 1000 * n, n, 1) AS s FROM kinds;
SELECT s FROM full_statistics;
SELECT s::text::job_statistics = s AS text_round_trip,
       s::jsonb::job_statistics = s AS jsonb_round_trip,
       s::json::job_statistics = s AS json_round_trip,
       s::bytea::job_statistics = s AS bytea_round_trip,
       is_balanced(s), pg_column_size(s)
FROM full_statistics;
SELECT is_balanced(job_statistics_agg('User', 'Created', t, s, f, k)), t, s, f, k FROM (VALUES
    (0::bigint, 0::bigint, 0::bigint, 0::bigint), (3, 1, 1, 1), (2, 1, 1, 1), (4, 1, 1, 1),
    (9223372036854775807, 9223372036854775807, 0, 0), (9223372036854775806, 9223372036854775807, 0, 0),
    (9223372036854775805, 9223372036854775807, 9223372036854775807, 9223372036854775807)) AS v (t, s, f, k)
GROUP BY t, s, f, k ORDER BY t, s;
-- the widest difference of Total, and the extremes
SELECT s::text::job_statistics::bytea = s::bytea AS same, entries(s)
FROM (SELECT job_statistics_agg('Group', c, t, s, s, s) AS s
      FROM (VALUES ('Created', 0, 9223372036854775807), ('Updated', 9223372036854775807, 0), ('Deleted', 9223372036854775807, 9223372036854775807)) AS v (c, t, s)) AS extremes;

-- equality, hash
CREATE TABLE statistics (id int, s job_statistics);
INSERT INTO statistics
    SELECT i, CASE WHEN i % 10 <> 0 THEN
        (SELECT job_statistics_agg(o, c, i % 5 + i % 2, i % 5, i % 2, 0) FROM kinds WHERE (n + i) % 4 = 0) END
    FROM generate_series(1, 5000) i;
INSERT INTO statistics VALUES (5001, '{"UserStatistics": {"Created": {"Total": 9000000000, "Success": 7000000000}}}');
ANALYZE statistics;
SELECT count(*) FROM (SELECT DISTINCT s FROM statistics) AS d;
SELECT count(*) FROM (SELECT s, count(*) FROM statistics GROUP BY s) AS g;
SELECT a.s = b.s AS eq, a.s <> b.s AS ne, job_statistics_hash(a.s) = job_statistics_hash(b.s) AS hash,
       job_statistics_hash_extended(a.s, 1) = job_statistics_hash_extended(b.s, 1) AS hash_extended
FROM statistics a, statistics b WHERE a.id = 1 AND b.id IN (2, 21) ORDER BY b.id;

-- arithmetic
SELECT e.* FROM statistics a, statistics b, entries(a.s + b.s) AS e WHERE a.id = 1 AND b.id = 5001;
SELECT e.* FROM entries(pointwise_max('{"UserStatistics": {"Created": {"Total": 1, "Failed": 5}}}'::job_statistics,
                                      '{"UserStatistics": {"Created": {"Total": 4, "Failed": 2}, "Same": {"Skipped": 1}}}')) AS e;
SELECT s + NULL IS NULL AS null_sum FROM full_statistics;
SELECT '{"GroupStatistics": {"Exported": {"Total": 9223372036854775807}}}'::job_statistics + '{"GroupStatistics": {"Exported": {"Total": 1}}}';

-- sum(), also in parallel, in groups and in windows
SELECT sum(s) IS NULL AS none FROM statistics WHERE id = 10;
SELECT sum(s) = (SELECT s FROM statistics WHERE id = 1) AS one FROM statistics WHERE id = 1;
CREATE TEMP TABLE sums AS SELECT sum(s) AS s FROM statistics;
SELECT e.* FROM sums, entries(s) AS e;
SELECT (SELECT s FROM sums) =
    (SELECT job_statistics_agg(object_kind, change_kind, total, success, failed, skipped) FROM statistics, entries(s)) AS same;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT sum(s) FROM statistics;
SELECT sum(s) = (SELECT s FROM sums) AS same FROM statistics;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT sum(part) = (SELECT s FROM sums) AS same FROM (SELECT id % 7 AS rest, sum(s) AS part FROM statistics GROUP BY 1) AS parts;
SELECT id, counter(sum(s) OVER w, NULL, NULL, 'Total') AS running, counter(sum(s) OVER w + s, NULL, NULL, 'Total') AS more
FROM statistics WHERE id <= 12 WINDOW w AS (ORDER BY id ROWS 2 PRECEDING) ORDER BY id;
SELECT sum(s) FROM (VALUES ('{"UserStatistics": {"Created": {"Success": 9223372036854775807}}}'::job_statistics),
                           ('{"UserStatistics": {"Created": {"Success": 1}}}')) AS v (s);
-- the same where the summands are small enough for the fast path: it is told when the sum is read
SELECT sum(s) FROM (SELECT '{"UserStatistics": {"Created": {"Success": 9223372036854775000}}}'::job_statistics AS s
                    UNION ALL
                    SELECT job_statistics_agg(o, c, 1, 1, 0, 0) FROM kinds, generate_series(1, 1000) AS i GROUP BY i) AS v;

-- rows and single counters
SELECT count(*), sum(total), sum(skipped) FROM full_statistics, entries(s);
SELECT * FROM entries('{}'::job_statistics);
SELECT counter(s, 'User', 'Created', 'Total') AS one, counter(s, 'User', NULL, 'Failed') AS all_changes,
       counter(s, NULL, 'Same', 'Failed') AS all_objects, counter(s, NULL, NULL, 'Skipped') AS all_of_all,
       counter(NULL::job_statistics, NULL, NULL, 'Total') AS no_value
FROM full_statistics;
SELECT counter(s, 'user', 'Created', 'Total') FROM full_statistics;
SELECT counter(s, 'User', 'created', 'Total') FROM full_statistics;
SELECT counter(s, 'User', 'Created', 'Sum') FROM full_statistics;
SELECT counter('{"UserStatistics": {"Created": {"Total": 9223372036854775807}, "Updated": {"Total": 1}}}'::job_statistics, NULL, NULL, 'Total');
SELECT e.* FROM (SELECT job_statistics_agg(o, c, 1, NULL, 1, 0) AS s
                 FROM (VALUES ('User', 'Same'), ('User', 'Same'), (NULL, 'Same'), ('User', NULL)) AS v (o, c)) AS a, entries(s) AS e;
SELECT job_statistics_agg('Users', 'Created', 1, 1, 0, 0);
SELECT job_statistics_agg('User', 'Created', 1, 1, 0, -1);
SELECT row_to_json(r)->'s'->'UserStatistics'->'Created' AS created FROM (SELECT s FROM full_statistics) AS r;

-- the binary form
SELECT '{"UserStatistics": {"Created": {"Total": 4, "Success": 3, "Failed": 1}}}'::job_statistics::bytea AS balanced,
       '{"UserStatistics": {"Created": {"Total": 3, "Success": 3, "Failed": 1}}}'::job_statistics::bytea AS one_less;
CREATE FUNCTION pg_temp.refused(input bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    RETURN (input::idpsync.job_statistics)::bytea;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' / ', SQLSTATE, SQLERRM, detail);
END $$;
SELECT input, pg_temp.refused(input) FROM unnest(ARRAY[
    '\x', '\x10000000', '\x1000000000', '\x100000000000', '\x0000000000', '\x2000000000', '\x1800000000', '\x1000000010',
    '\x100001000000', '\x10ffffffffffffffffc001000000', '\x10ffffffffffffff7fc001000000',
    '\x1001ffffffffffffffffc101000000', '\x1001feffffffffffffffc101000000']::bytea[]) AS input;
SELECT count(*) AS truncated, count(*) FILTER (WHERE pg_temp.refused(substr(b, 1, n)) LIKE '22P03%') AS refused
FROM full_statistics, LATERAL (SELECT s::bytea AS b) AS bytes, generate_series(0, length(b) - 1) AS n;
CREATE FUNCTION pg_temp.canonical(input bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN input::idpsync.job_statistics::text::idpsync.job_statistics::bytea = input;
EXCEPTION WHEN invalid_binary_representation THEN
    RETURN true;
END $$;
SELECT bool_and(pg_temp.canonical(set_bit(b, n, 1 - get_bit(b, n)))) AS canonical
FROM full_statistics, LATERAL (SELECT s::bytea AS b) AS bytes, generate_series(0, length(b) * 8 - 1) AS n;

-- binary COPY, there and back, and of damaged bytes
\getenv builddir PG_ABS_BUILDDIR
\cd :builddir
\copy statistics TO 'job_statistics.bin' (FORMAT binary)
CREATE TABLE copied (LIKE statistics);
\copy copied FROM 'job_statistics.bin' (FORMAT binary)
SELECT count(*) AS differing FROM statistics a JOIN copied b USING (id) WHERE a.s IS DISTINCT FROM b.s;
\! printf 'PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0\1\0\0\0\6\20\0\1\0\0\0\377\377' > job_statistics.bin
\copy copied FROM 'job_statistics.bin' (FORMAT binary)

-- a job of eight cells, as it is stored
CREATE TEMP TABLE typical AS SELECT job_statistics_agg(o, c, 9 * n + 1, 9 * n, 1, 0) AS s FROM kinds WHERE c <> 'Exported' AND n % 3 = 0;
SELECT pg_column_size(s), (SELECT count(*) FROM entries(s)) AS cells FROM typical;
DROP TABLE statistics, copied;
