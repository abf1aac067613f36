
-- The store: the caller's own tables, views and triggers in schema idpsync.

CREATE FUNCTION idpsync.create_store(job_interval interval DEFAULT '1 month', operation_interval interval DEFAULT '1 day')
    RETURNS void
    LANGUAGE C VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'create_store';
COMMENT ON FUNCTION idpsync.create_store(interval, interval) IS
    'makes the store, owned by the caller: tables, first partitions, views, triggers';

CREATE FUNCTION idpsync.drop_store()
    RETURNS void
    LANGUAGE C VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'drop_store';
COMMENT ON FUNCTION idpsync.drop_store() IS
    'drops the store with everything in it';

CREATE FUNCTION idpsync.upgrade_store()
    RETURNS integer
    LANGUAGE C VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'upgrade_store';
COMMENT ON FUNCTION idpsync.upgrade_store() IS
    'brings the store to the version of the installed library and returns that version';

CREATE FUNCTION idpsync.distribute_store()
    RETURNS void
    LANGUAGE C VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'distribute_store';
COMMENT ON FUNCTION idpsync.distribute_store() IS
    'hands the tables of the store over to Citus, by tenant';

CREATE FUNCTION idpsync.configure_store(name text, value text)
    RETURNS void
    LANGUAGE C VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'configure_store';
COMMENT ON FUNCTION idpsync.configure_store(text, text) IS
    'sets what binds every caller of the store, such as session_ttl; NULL returns to the default';

CREATE FUNCTION idpsync.check_store(OUT check_name text, OUT ok boolean, OUT detail text)
    RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 20 COST 10000
    AS 'MODULE_PATHNAME', 'check_store';
COMMENT ON FUNCTION idpsync.check_store() IS
    'checks the version, the structure and the contents of the store, a row a check';

CREATE FUNCTION idpsync.grant_access(role name, access text)
    RETURNS void
    LANGUAGE C VOLATILE PARALLEL UNSAFE STRICT
    AS 'MODULE_PATHNAME', 'grant_access';
COMMENT ON FUNCTION idpsync.grant_access(name, text) IS
    'grants a role what a reader, an agent or an operator needs of the store';

CREATE FUNCTION idpsync.store_setting_changed()
    RETURNS trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'store_setting_changed';
COMMENT ON FUNCTION idpsync.store_setting_changed() IS
    'makes every backend read what it keeps of a table anew';

CREATE FUNCTION idpsync.check_store_setting()
    RETURNS trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'check_store_setting';
COMMENT ON FUNCTION idpsync.check_store_setting() IS
    'refuses store settings that configure_store() would refuse';

CREATE FUNCTION idpsync.partition_start(partition regclass)
    RETURNS timestamptz
    LANGUAGE C STABLE PARALLEL SAFE STRICT COST 10
    AS 'MODULE_PATHNAME', 'partition_start';
COMMENT ON FUNCTION idpsync.partition_start(regclass) IS
    'where a partition of job or operation begins, -infinity for the first';
