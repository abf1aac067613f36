\echo Use "ALTER EXTENSION idpsync UPDATE TO '0.2.0'" to load this file. \quit
-- What is new is in the library and, but for the following, comes into a store by
-- SELECT idpsync.upgrade_store();

-- import_synchronization_jobs() tells how many jobs it has skipped; who may call it stays as it was.
DO $update$
DECLARE
    function pg_catalog.regprocedure := 'idpsync.import_synchronization_jobs(text, json, text)';
    owner pg_catalog.oid;
    acl pg_catalog.aclitem[];
    entry record;
BEGIN
    SELECT p.proowner, p.proacl INTO owner, acl FROM pg_catalog.pg_proc AS p WHERE p.oid OPERATOR(pg_catalog.=) function;
    DROP FUNCTION idpsync.import_synchronization_jobs(text, json, text);
    CREATE FUNCTION idpsync.import_synchronization_jobs(
        instance_id text, document json, idempotency_key text DEFAULT NULL,
        OUT inserted bigint, OUT updated bigint, OUT unchanged bigint, OUT skipped bigint)
        LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000
        AS 'MODULE_PATHNAME', 'import_synchronization_jobs';
    IF acl IS NOT NULL THEN
        REVOKE ALL ON FUNCTION idpsync.import_synchronization_jobs(text, json, text) FROM PUBLIC;
        FOR entry IN SELECT e.grantee, e.is_grantable FROM pg_catalog.aclexplode(acl) AS e WHERE e.grantee OPERATOR(pg_catalog.<>) owner LOOP
            EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION idpsync.import_synchronization_jobs(text, json, text) TO %s%s',
                CASE WHEN entry.grantee OPERATOR(pg_catalog.=) 0 THEN 'PUBLIC' ELSE entry.grantee::pg_catalog.regrole::pg_catalog.text END,
                CASE WHEN entry.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
        END LOOP;
    END IF;
END $update$;
COMMENT ON FUNCTION idpsync.import_synchronization_jobs(text, json, text) IS
    'stores the jobs of a documented ListSynchronizationJobs response, or of an array of them';
