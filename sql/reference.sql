-- docs/reference declares every object of the extension and of the store, and nothing else. Its
-- blocks of sql hold declarations only; white space does not count. Where the two differ, the line to
-- write (or to take out) is what this test prints.
\set document `cat "${PG_ABS_SRCDIR:-.}"/docs/reference/*.md`
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS idpsync;
SELECT to_regclass('idpsync.store_info') IS NULL AS no_store \gset
\if :no_store
SELECT FROM idpsync.create_store() \g /dev/null
\endif
RESET client_min_messages;
SET search_path = idpsync, pg_catalog;
SET intervalstyle = postgres;
\pset format unaligned
\pset tuples_only on

CREATE TEMP TABLE documented AS
SELECT regexp_replace(regexp_replace(btrim(d, E' \n'), '\s+', ' ', 'g'), '([(]) ', '\1', 'g') AS declaration
FROM regexp_matches(:'document', E'\n```sql\n(.*?)```', 'g') AS block, string_to_table(block[1], ';') AS d
WHERE btrim(d, E' \n') <> '';

-- types as people write them
CREATE FUNCTION pg_temp.name_of(type oid) RETURNS text LANGUAGE sql AS
$$ SELECT replace(format_type(type, NULL), 'timestamp with time zone', 'timestamptz') $$;

-- the library's settings exist once it is loaded
SELECT FROM id_time('') \g /dev/null

CREATE TEMP TABLE present AS
WITH member AS (
    SELECT classid, objid FROM pg_depend
    WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
      AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'idpsync')
), argument AS (
    SELECT p.oid AS function, a.position, coalesce(p.proargmodes[a.position], 'i') AS mode,
           concat_ws(' ', nullif(p.proargnames[a.position], ''), pg_temp.name_of(a.type),
               'DEFAULT ' || regexp_replace(pg_get_function_arg_default(p.oid, a.position::integer), '::[a-z_." ]+(\[\])?$', '')) AS declaration
    FROM pg_proc AS p, unnest(coalesce(p.proallargtypes, p.proargtypes)) WITH ORDINALITY AS a (type, position)
), signature AS (
    SELECT p.oid AS function, p.prokind,
           p.proname || '(' || coalesce(string_agg(a.declaration, ', ' ORDER BY a.position) FILTER (WHERE a.mode = 'i'), '') || ')' AS call,
           CASE WHEN p.proretset THEN 'SETOF ' ELSE '' END
           || CASE WHEN count(*) FILTER (WHERE a.mode = 'o') > 0
                   THEN '(' || string_agg(a.declaration, ', ' ORDER BY a.position) FILTER (WHERE a.mode = 'o') || ')'
                   ELSE pg_temp.name_of(p.prorettype) END AS result
    FROM pg_proc AS p LEFT JOIN argument AS a ON a.function = p.oid
    WHERE p.oid IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass)
    GROUP BY p.oid
), columns AS (
    SELECT c.relname, c.relkind,
           string_agg(concat_ws(' ', a.attname, pg_temp.name_of(a.atttypid),
               CASE WHEN a.attnotnull THEN 'NOT NULL' END), ', ' ORDER BY a.attnum) AS list
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
    GROUP BY c.oid
)
SELECT format('TYPE %s%s', t.typname,
           ' ENUM (' || (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
                         FROM pg_enum WHERE enumtypid = t.oid) || ')') AS declaration
FROM pg_type AS t
WHERE t.typtype IN ('b', 'e') AND t.typcategory <> 'A' AND t.oid IN (SELECT objid FROM member WHERE classid = 'pg_type'::regclass)
UNION ALL
SELECT CASE prokind WHEN 'p' THEN 'PROCEDURE ' || call
           ELSE format('%s %s RETURNS %s', CASE prokind WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, call, result) END
FROM signature
UNION ALL
SELECT format('OPERATOR %s %s %s RETURNS %s', pg_temp.name_of(oprleft), oprname, pg_temp.name_of(oprright), pg_temp.name_of(oprresult))
FROM pg_operator WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_operator'::regclass)
UNION ALL
SELECT format('OPERATOR CLASS %s FOR TYPE %s USING %s', opcname, pg_temp.name_of(opcintype), amname)
FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod WHERE pg_opclass.oid IN (SELECT objid FROM member WHERE classid = 'pg_opclass'::regclass)
UNION ALL
SELECT format('CAST (%s AS %s)%s', pg_temp.name_of(castsource), pg_temp.name_of(casttarget),
    CASE castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END)
FROM pg_cast WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_cast'::regclass)
UNION ALL
SELECT format('%s %s (%s)', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, relname, list) FROM columns
UNION ALL
SELECT format('DOMAIN %s AS %s CONSTRAINT %s FROM %s TO %s', t.typname, pg_temp.name_of(t.typbasetype), k.conname,
    substring(pg_get_constraintdef(k.oid) FROM '>= ([0-9]+)'), substring(pg_get_constraintdef(k.oid) FROM '<= ([0-9]+)'))
FROM pg_type AS t LEFT JOIN pg_constraint AS k ON k.contypid = t.oid AND k.contype = 'c'
WHERE t.typnamespace = 'idpsync'::regnamespace AND t.typtype = 'd'
UNION ALL
SELECT format('CONSTRAINT %s ON %s', conname, conrelid::regclass) FROM pg_constraint
WHERE contype IN ('c', 'p') AND conparentid = 0 AND coninhcount = 0 AND connamespace = 'idpsync'::regnamespace AND conrelid <> 0
UNION ALL
SELECT format('INDEX %s ON %s', i.indexrelid::regclass, i.indrelid::regclass) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'idpsync'::regnamespace AND NOT c.relispartition AND NOT i.indisprimary
UNION ALL
-- a trigger of a partition is one of its table
SELECT DISTINCT format('TRIGGER %s ON %s', tgname, coalesce((SELECT inhparent FROM pg_inherits WHERE inhrelid = tgrelid), tgrelid)::regclass) FROM pg_trigger
WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'idpsync'::regnamespace) AND tgparentid = 0 AND NOT tgisinternal
UNION ALL
SELECT format('SETTING %s %s DEFAULT %L', name, vartype, boot_val) FROM pg_settings WHERE name LIKE 'idpsync.%';

-- settings of the store are known to the library alone, which names them when asked for another
DO $$
DECLARE
    hint text;
BEGIN
    PERFORM idpsync.configure_store('no such setting', NULL);
EXCEPTION WHEN invalid_parameter_value THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    INSERT INTO present SELECT 'STORE SETTING ' || name
    FROM regexp_split_to_table(substring(hint FROM ': (.*)\.$'), ', ') AS name;
END $$;

\echo in the catalog and not in the document:
SELECT declaration || ';' FROM present EXCEPT SELECT declaration || ';' FROM documented ORDER BY 1;

\echo in the document and not in the catalog:
SELECT declaration || ';' FROM documented EXCEPT SELECT declaration || ';' FROM present ORDER BY 1;

\echo more than once in the document:
SELECT declaration FROM documented GROUP BY declaration HAVING count(*) > 1;

\echo kinds of declarations:
SELECT string_agg(DISTINCT split_part(declaration, ' ', 1), ', ') FROM documented;

-- errors: what the sources raise is in the table, under its condition name and SQLSTATE
\set raised `cd "${PG_ABS_SRCDIR:-.}" && grep -rhoE 'ERRCODE_[A-Z_0-9]+' src --include='*.c' --include='*.h' | sort -u`
CREATE TEMP TABLE documented_error AS
SELECT m[1] AS sqlstate, m[2] AS condition FROM regexp_matches(:'document', E'\n\\| ([0-9A-Z]{5}) \\| ([a-z_]+) \\|', 'g') AS m;

-- the names that plpgsql and the macros of C spell differently
CREATE TEMP TABLE raised AS
SELECT CASE name WHEN 't_r_serialization_failure' THEN 'serialization_failure'
                 WHEN 'e_r_i_e_trigger_protocol_violated' THEN 'trigger_protocol_violated'
                 WHEN 'datetime_value_out_of_range' THEN 'datetime_field_overflow'
                 ELSE name END AS condition
FROM string_to_table(lower(:'raised'), E'\n') AS line, substring(line FROM 'errcode_(.*)') AS name;

\echo errors that only one of document and sources knows:
SELECT coalesce(d.condition, r.condition) FROM documented_error AS d FULL JOIN raised AS r USING (condition)
WHERE d.condition IS NULL OR r.condition IS NULL ORDER BY 1;

\echo errors under a wrong SQLSTATE:
DO $$
DECLARE
    e record;
BEGIN
    FOR e IN SELECT * FROM documented_error LOOP
        BEGIN
            RAISE USING ERRCODE = e.condition;
        EXCEPTION WHEN OTHERS THEN
            IF SQLSTATE <> e.sqlstate THEN
                RAISE WARNING '% is %', e.condition, SQLSTATE;
            END IF;
        END;
    END LOOP;
END $$;

-- The control file has the version; META.json must repeat it, for PGXN.
\echo versions in META.json that are not the one of the control file:
\set meta `cat "${PG_ABS_SRCDIR:-.}/META.json"`
SELECT v FROM (VALUES (:'meta'::json->>'version'), (:'meta'::json->'provides'->'idpsync'->>'version')) AS m (v),
    pg_available_extensions AS a WHERE a.name = 'idpsync' AND v IS DISTINCT FROM a.default_version;
