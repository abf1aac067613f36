-- session_progress: text and binary form, arithmetic, aggregates, rows
SET search_path = public, idpsync;
\pset format unaligned

-- text out is the documented JSON in the order of the enums; entries of one type are merged
SELECT '[{"object_type": "GROUP", "change_info": [{"change_type": "DELETE", "successful": 3, "failed": 1}]},
         {"object_type": "USER", "change_info": [{"change_type": "UPDATE", "failed": 2}, {"change_type": "CREATE", "successful": 9223372036854775807}]},
         {"object_type": "GROUP", "change_info": [{"change_type": "CREATE"}]}]'::session_progress;

-- ProtoJSON: camelCase, strings for int64, numbers for enums, null for what is unset
SELECT '[{"objectType": 1, "changeInfo": [{"changeType": 6, "successful": "12", "failed": null}, {"changeType": null, "failed": 1e2}, {"successful": 1.0, "change_type": "DEACTIVATE"}]}]'::session_progress;
SELECT '[{"change_info": [{"change_type": "CREATE"}], "object_type": "MEMBERSHIP"}]'::session_progress AS keys_in_any_order;
SELECT '[{"object\u005ftype": "US\u0045R", "change_info": [{"change_type": "CREATE"}]}]'::session_progress AS escapes;
SELECT '[{"object_type": "USER", "change_info": [{}]}]'::session_progress AS all_defaults;

-- all seven kinds of all three types
CREATE TEMP TABLE full_progress AS
    SELECT session_progress_agg(o, c, 1000 * o_pos + c_pos, c_pos) AS progress
    FROM unnest(enum_range(NULL::related_object_type)) WITH ORDINALITY AS object (o, o_pos),
         unnest(enum_range(NULL::change_type)) WITH ORDINALITY AS change (c, c_pos);
SELECT progress, pg_column_size(progress) FROM full_progress;
SELECT progress::text::session_progress = progress AS text_round_trip,
       progress::jsonb::session_progress = progress AS jsonb_round_trip,
       progress::json::session_progress = progress AS json_round_trip,
       progress::bytea::session_progress = progress AS bytea_round_trip
FROM full_progress;

-- what is refused, and where it is
CREATE FUNCTION pg_temp.refused(input text) RETURNS TABLE (sqlstate_is text, message text, detail text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM input::session_progress;
    RETURN QUERY SELECT 'accepted', NULL, NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN QUERY SELECT SQLSTATE, message, detail;
END $$;
CREATE FUNCTION pg_temp.changes(input text) RETURNS text LANGUAGE sql
    AS $$ SELECT '[{"object_type": "USER", "change_info": [' || input || ']}]' $$;
SELECT r.* FROM unnest(ARRAY[
    '',
    '[',
    'null',
    '{}',
    '"USER"',
    '[]',
    '[null]',
    '[{}]',
    '[[]]',
    '[{"object_type": "USER"}]',
    '[{"object_type": "USER", "change_info": null}]',
    '[{"object_type": "USER", "change_info": []}]',
    '[{"object_type": "USER", "change_info": {}}]',
    '[{"object_type": "USER", "change_info": [7]}]',
    '[{"change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": null, "change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": "RELATED_OBJECT_TYPE_UNSPECIFIED", "change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": "user", "change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": 0, "change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": 4, "change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": 1.5, "change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": true, "change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": "USER", "objectType": "USER", "change_info": [{"change_type": "CREATE"}]}]',
    '[{"object_type": "USER", "kind": 1, "change_info": [{"change_type": "CREATE"}]}]',
    pg_temp.changes('{"change_type": "RENAME"}'),
    pg_temp.changes('{"change_type": 7}'),
    pg_temp.changes('{"change_type": -1}'),
    pg_temp.changes('{"change_type": 99999999999999999999}'),
    pg_temp.changes('{"change_type": []}'),
    pg_temp.changes('{"change_type": "CREATE"}, {"changeType": 1}'),
    pg_temp.changes('{"change_type": "CREATE"}') || '[]',
    pg_temp.changes('{}, {}, {"change_type": "CREATE"}'),
    pg_temp.changes('{"successful": 1, "successful": 2}'),
    pg_temp.changes('{"Successful": 1}'),
    pg_temp.changes('{"change_type": "CREATE"}, {"failed": -1}'),
    pg_temp.changes('{"failed": "-1"}'),
    pg_temp.changes('{"failed": 0.5}'),
    pg_temp.changes('{"failed": 9223372036854775808}'),
    pg_temp.changes('{"failed": "18446744073709551616"}'),
    pg_temp.changes('{"failed": 1e400}'),
    pg_temp.changes('{"failed": "one"}'),
    pg_temp.changes('{"failed": ""}'),
    pg_temp.changes('{"failed": " 1"}'),
    pg_temp.changes('{"failed": false}'),
    pg_temp.changes('{"failed": 01}'),
    pg_temp.changes('{"failed": 1,}'),
    pg_temp.changes('{"failed": {"successful": 1}}'),
    '[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}, {"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]',
    repeat('[', 10000),
    '[{"object_type": ' || repeat('[', 10000),
    '"' || repeat('x', 1024 * 1024) || '"',
    pg_temp.changes(repeat(' ', 65536))
]) AS input, pg_temp.refused(input) AS r;

-- equal values are equal however they were written
SELECT a = b AS eq, a <> b AS ne, session_progress_hash(a) = session_progress_hash(b) AS hash,
       session_progress_hash_extended(a, 7) = session_progress_hash_extended(b, 7) AS hash_extended
FROM (VALUES ('[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]'::session_progress,
              '[{"objectType": 1, "changeInfo": [{"failed": "0", "changeType": 1, "successful": "1"}]}]'::session_progress),
             ('[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]',
              '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 2}]}]')) AS v (a, b);
-- a reported zero is not the same as nothing
SELECT '[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]'::session_progress
     = '[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}, {"change_type": "UPDATE"}]}]'::session_progress AS eq;

CREATE TABLE progress (id int, p session_progress);
INSERT INTO progress
    SELECT i, CASE WHEN i % 10 <> 0 THEN
        jsonb_build_array(jsonb_build_object('object_type', i % 3 + 1, 'change_info',
            jsonb_build_array(jsonb_build_object('change_type', i % 7, 'successful', i % 5, 'failed', i % 2))))::session_progress END
    FROM generate_series(1, 10000) i;
ANALYZE progress;
SELECT count(*) FROM (SELECT DISTINCT p FROM progress) AS d;
SELECT count(*) FROM (SELECT p, count(*) FROM progress GROUP BY p) AS g;
SELECT count(*) FROM progress a JOIN progress b ON a.p = b.p WHERE a.id <= 20 AND b.id <= 300;

-- arithmetic; NULL gives NULL
SELECT a + b AS sum, pointwise_max(a, b), a + NULL AS null_sum
FROM (VALUES ('[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1, "failed": 5}]}]'::session_progress,
              '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 2, "failed": 3}]}, {"object_type": "GROUP", "change_info": [{}]}]'::session_progress)) AS v (a, b);
SELECT '[{"object_type": "USER", "change_info": [{"change_type": "ACTIVATE", "failed": 9223372036854775807}]}]'::session_progress
     + '[{"object_type": "USER", "change_info": [{"change_type": "ACTIVATE", "failed": 1}]}]';

-- sum(), also in parallel
SELECT sum(p) IS NULL AS none FROM progress WHERE id = 10;
SELECT sum(p) = (SELECT p FROM progress WHERE id = 1) AS one FROM progress WHERE id = 1;
CREATE TEMP TABLE sums AS SELECT sum(p) AS p FROM progress;
SELECT * FROM sums;
SELECT (SELECT p FROM sums) =
    (SELECT session_progress_agg(object_type, change_type, successful, failed) FROM progress, entries(p)) AS same;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT sum(p) FROM progress;
SELECT sum(p) = (SELECT p FROM sums) AS same FROM progress;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
-- the state may be looked at while it grows, and is not changed by what is made of it
SELECT id, sum(p) OVER (ORDER BY id) AS running, sum(p) OVER (ORDER BY id) + p AS more
FROM progress WHERE id IN (1, 22, 43);
SELECT sum(v) FROM (VALUES
    ('[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 9223372036854775807}]}]'::session_progress),
    ('[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]')) AS t (v);
SELECT sum(v) FROM (SELECT '[{"object_type": "GROUP", "change_info": [{"change_type": "UNKNOWN"}]}]'::text::session_progress AS v) AS t;
DO $$
DECLARE
    state idpsync.session_progress := '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 9223372036854775807}]}]';
    total idpsync.session_progress;
BEGIN
    -- called by hand, the transition function leaves its argument alone
    total := idpsync.session_progress_accum(state, '[{"object_type": "GROUP", "change_info": [{"failed": 1}]}]');
    state := total;
    total := idpsync.session_progress_accum(state, '[{"object_type": "GROUP", "change_info": [{"failed": 1}]}]');
    RAISE NOTICE '%', idpsync.counter(state, 'GROUP', 'CHANGE_TYPE_UNSPECIFIED', 'failed');
    RAISE NOTICE '%', idpsync.counter(total, 'GROUP', 'CHANGE_TYPE_UNSPECIFIED', 'failed');
    BEGIN
        total := idpsync.session_progress_accum(total, state);
    EXCEPTION WHEN numeric_value_out_of_range THEN
        RAISE NOTICE '%', idpsync.counter(total, 'USER', 'CREATE', 'successful');
    END;
END $$;

-- rows and single counters
SELECT e.* FROM full_progress, entries(progress) AS e;
SELECT counter(progress, 'USER', 'UPDATE', 'successful') AS one,
       counter(progress, 'USER', NULL, 'failed') AS all_changes,
       counter(progress, NULL, 'UPDATE', 'failed') AS all_objects,
       counter(progress, NULL, NULL, 'successful') AS all_of_all,
       counter(NULL::session_progress, NULL, NULL, 'successful') AS no_value,
       counter(progress, NULL, NULL, NULL) AS no_counter
FROM full_progress;
SELECT counter('[{"object_type": "USER", "change_info": [{"change_type": "CREATE"}]}]'::session_progress, 'GROUP', 'DELETE', 'failed') AS absent;
SELECT counter(progress, 'USER', 'UPDATE', 'Failed') FROM full_progress;
SELECT counter('[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "failed": 9223372036854775807}, {"failed": 1}]}]'::session_progress, NULL, NULL, 'failed');
SELECT session_progress_agg(o, c, s, f) FROM (VALUES
    ('USER'::related_object_type, 'CREATE'::change_type, 1::bigint, 2::bigint),
    ('USER', 'CREATE', 10, NULL), (NULL, 'CREATE', 1, 1), ('GROUP', NULL, 1, 1)) AS v (o, c, s, f);
SELECT session_progress_agg('USER', 'CREATE', -1, 0);
SELECT session_progress_agg(NULL, 'CREATE', 1, 0) IS NULL AS nothing;
SELECT to_json(p), row_to_json(progress) FROM progress WHERE id = 1;

-- the binary form
SELECT '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 3, "failed": 300}]}]'::session_progress::bytea;
CREATE FUNCTION pg_temp.refused(input bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    RETURN input::idpsync.session_progress::text;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' / ', SQLSTATE, SQLERRM, detail);
END $$;
SELECT input, pg_temp.refused(input) FROM unnest(ARRAY[
    '\x', '\x10', '\x10000000', '\x2003050001020000', '\x1103050001020000',
    '\x100305020000', '\x1003ff05020000', '\x10030905020000', '\x100309020000',
    '\x10032c0100090200000000', '\x1005000002020000', '\x100001020000', '\x1003050502e000', '\x10030505020020', '\x10030515020000',
    '\x10ffffffffffffffff03020000', '\x10ffffffffffffff7f03020000']::bytea[]) AS input;
-- every truncation is refused, every flipped bit is refused or another value's own form
SELECT count(*) AS truncated, count(*) FILTER (WHERE pg_temp.refused(substr(b, 1, n)) LIKE '22P03%') AS refused
FROM full_progress, LATERAL (SELECT progress::bytea AS b) AS bytes, generate_series(0, length(b) - 1) AS n;
CREATE FUNCTION pg_temp.canonical(input bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN input::idpsync.session_progress::text::idpsync.session_progress::bytea = input;
EXCEPTION WHEN invalid_binary_representation THEN
    RETURN true;
END $$;
SELECT bool_and(pg_temp.canonical(set_bit(b, n, 1 - get_bit(b, n)))) AS canonical
FROM full_progress, LATERAL (SELECT progress::bytea AS b) AS bytes, generate_series(0, length(b) * 8 - 1) AS n;

-- binary COPY, there and back, and of damaged bytes
\getenv builddir PG_ABS_BUILDDIR
\cd :builddir
\copy progress TO 'session_progress.bin' (FORMAT binary)
CREATE TABLE copied (LIKE progress);
\copy copied FROM 'session_progress.bin' (FORMAT binary)
SELECT count(*) AS differing FROM progress a JOIN copied b USING (id) WHERE a.p IS DISTINCT FROM b.p;
SELECT count(*) FROM copied;
\! printf 'PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0\1\0\0\0\6\20\3\5\2\0\0\377\377' > session_progress.bin
\copy copied FROM 'session_progress.bin' (FORMAT binary)

-- stored values are short
SELECT pg_column_size(p) FROM progress WHERE id = 1;
DROP TABLE progress, copied;
