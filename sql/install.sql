-- the extension and its store: two statements, and what the catalog says of them afterwards
CREATE EXTENSION idpsync;
SET search_path = '';
SELECT idpsync.create_store();

SELECT n.nspname AS schema, e.extrelocatable AS relocatable,
       pg_catalog.pg_get_userbyid(e.extowner) = current_user AS extension_is_ours,
       pg_catalog.pg_get_userbyid(n.nspowner) = current_user AS schema_is_ours
FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname = 'idpsync';

-- the store: no member of the extension, and no row in it
SELECT c.relname, c.relkind
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
ORDER BY c.relkind, c.relname;
SELECT count(*) AS domains, bool_and(pg_catalog.pg_get_userbyid(t.typowner) = current_user) AS ours
FROM pg_catalog.pg_type AS t WHERE t.typnamespace = 'idpsync'::regnamespace AND t.typtype = 'd';
SELECT count(*) AS relations_that_are_members
FROM pg_catalog.pg_depend AS d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass
  AND d.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'idpsync');
SELECT (SELECT count(*) FROM idpsync.session) + (SELECT count(*) FROM idpsync.job) + (SELECT count(*) FROM idpsync.operation)
     + (SELECT count(*) FROM idpsync.idempotency_key) + (SELECT count(*) FROM idpsync.foreign_id)
     + (SELECT count(*) FROM idpsync.store_setting) AS rows_seeded;
SELECT check_name, ok, detail FROM idpsync.check_store();

-- what has no comment: members of the extension, then what create_store() made
SELECT pg_catalog.pg_describe_object(d.classid, d.objid, 0) COLLATE "C" AS member_without_comment
FROM pg_catalog.pg_depend AS d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'idpsync')
  AND pg_catalog.obj_description(d.objid, d.classid::regclass::name) IS NULL
  -- operator families are made by their classes, array types (members since 17) by their types
  AND d.classid <> 'pg_opfamily'::regclass
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS t
                  WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND t.typelem <> 0)
ORDER BY 1;
SELECT pg_catalog.obj_description(oid, 'pg_extension') IS NOT NULL AS extension_has_comment
FROM pg_catalog.pg_extension WHERE extname = 'idpsync';
SELECT c.oid::regclass AS relation_without_comment
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = 'idpsync'::regnamespace
  AND (c.relkind IN ('r', 'p', 'v')
       OR c.relkind IN ('i', 'I') AND NOT c.relispartition
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = c.oid))
  AND pg_catalog.obj_description(c.oid, 'pg_class') IS NULL
ORDER BY 1;
SELECT t.oid::regtype AS domain_without_comment
FROM pg_catalog.pg_type AS t
WHERE t.typnamespace = 'idpsync'::regnamespace AND t.typtype = 'd' AND pg_catalog.obj_description(t.oid, 'pg_type') IS NULL
ORDER BY 1;
SELECT a.attrelid::regclass AS table_name, a.attname AS column_without_comment
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attnum > 0 AND NOT a.attisdropped AND pg_catalog.col_description(a.attrelid, a.attnum) IS NULL
ORDER BY 1, 2;
SELECT t.tgrelid::regclass AS table_name, t.tgname AS trigger_without_comment
FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'idpsync'::regnamespace AND NOT c.relispartition
  AND pg_catalog.obj_description(t.oid, 'pg_trigger') IS NULL
ORDER BY 1, 2;

-- nothing runs with rights that are not its caller's
SELECT p.oid::regprocedure AS security_definer
FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'idpsync'::regnamespace AND p.prosecdef;
SELECT c.oid::regclass AS view_with_its_owners_rights
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('v', 'm')
  AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false);
-- and nobody was given anything but the store's version
SELECT c.relname, a.privilege_type
FROM pg_catalog.pg_class AS c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
WHERE c.relnamespace = 'idpsync'::regnamespace AND a.grantee <> c.relowner;

-- a store can be distributed by tenant: it is in every key, and no foreign key is in the way
SELECT c.relname AS table_name, i.indexrelid::regclass AS key_without_tenant
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid
WHERE c.relnamespace = 'idpsync'::regnamespace AND NOT c.relispartition AND i.indisunique
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                  WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull
                    AND a.attnum = ANY (i.indkey::smallint[]))
ORDER BY 1;
SELECT c.oid::regclass AS table_without_primary_key
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary);
SELECT conrelid::regclass AS table_name, conname AS foreign_key
FROM pg_catalog.pg_constraint WHERE connamespace = 'idpsync'::regnamespace AND contype = 'f';
-- columns whose values are OIDs would not survive a dump
SELECT a.attrelid::regclass AS table_name, a.attname AS column_of_oids
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
  AND a.atttypid::regtype::text ~ '^(reg|oid)';

-- ids compare by their bytes, wherever they are
SELECT a.attrelid::regclass AS table_name, a.attname AS id_with_a_locale
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND a.attname ~ '(^|_)(id|key)$' AND a.attcollation <> 0
  AND a.attcollation IS DISTINCT FROM (SELECT oid FROM pg_catalog.pg_collation
                                       WHERE collname = 'C' AND collnamespace = 'pg_catalog'::regnamespace);
-- no index holds what every heartbeat and report changes
SELECT i.indexrelid::regclass AS index_that_forbids_hot, a.attname
FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::smallint[])
WHERE i.indrelid = 'idpsync.session'::regclass AND a.attname IN ('expires_at', 'heartbeat_at', 'progress');

-- how a planner may treat the functions; what is not listed is IMMUTABLE and PARALLEL SAFE
SELECT p.proname AS function, p.provolatile AS volatile, p.proparallel AS parallel
FROM pg_catalog.pg_proc AS p
WHERE p.pronamespace = 'idpsync'::regnamespace AND NOT (p.provolatile = 'i' AND p.proparallel = 's')
ORDER BY 2, 3, 1;
-- IMMUTABLE functions that take NULL: sums and collections begin with nothing, counter() has wildcards
SELECT DISTINCT p.proname
FROM pg_catalog.pg_proc AS p
WHERE p.pronamespace = 'idpsync'::regnamespace AND p.provolatile = 'i' AND NOT p.proisstrict
ORDER BY 1;

-- helpers of the following tests
CREATE SCHEMA test;
-- a text without what differs from run to run: ids, times, names of partitions
CREATE FUNCTION test.mask(line text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(line,
        '(ses|sync|op)_[0-9a-v]{26}', '\1_...', 'g'),
        '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+ ?[A-Z+:0-9-]*', '<time>', 'g'),
        'relation "(job|operation)_\w+"', 'relation "\1"', 'g')
$$;
-- how a statement is refused; a CHECK by its name, since the failing row holds ids and times
CREATE FUNCTION test.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text; check_name text;
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT,
        check_name = CONSTRAINT_NAME;
    IF SQLSTATE = '23514' AND check_name <> '' THEN
        RETURN '23514 ' || check_name;
    END IF;
    RETURN SQLSTATE || ' ' || test.mask(message)
        || CASE WHEN detail <> '' THEN E'\n  ' || test.mask(detail) ELSE '' END
        || CASE WHEN hint <> '' THEN E'\n  hint: ' || test.mask(hint) ELSE '' END;
END $$;
-- everything the store holds, as one number: equal before and after means that nothing has changed
CREATE FUNCTION test.fingerprint() RETURNS text LANGUAGE sql AS $$
    SELECT md5(concat((SELECT string_agg(s::text, ',' ORDER BY s::text) FROM idpsync.session AS s),
                      (SELECT string_agg(j::text, ',' ORDER BY j::text) FROM idpsync.job AS j),
                      (SELECT string_agg(o::text, ',' ORDER BY o::text) FROM idpsync.operation AS o),
                      (SELECT string_agg(k::text, ',' ORDER BY k::text) FROM idpsync.idempotency_key AS k),
                      (SELECT string_agg(f::text, ',' ORDER BY f::text) FROM idpsync.foreign_id AS f),
                      (SELECT string_agg(s::text, ',' ORDER BY s::text) FROM idpsync.store_setting AS s)))
$$;
