
-- job_statistics: the result of a synchronization job.

CREATE TYPE idpsync.job_statistics;

CREATE FUNCTION idpsync.job_statistics_in(cstring) RETURNS idpsync.job_statistics
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION idpsync.job_statistics_in(cstring) IS 'I/O';

CREATE FUNCTION idpsync.job_statistics_out(idpsync.job_statistics) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION idpsync.job_statistics_out(idpsync.job_statistics) IS 'I/O';

CREATE FUNCTION idpsync.job_statistics_recv(internal) RETURNS idpsync.job_statistics
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION idpsync.job_statistics_recv(internal) IS 'I/O';

CREATE FUNCTION idpsync.job_statistics_send(idpsync.job_statistics) RETURNS bytea
    AS 'MODULE_PATHNAME', 'counters_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.job_statistics_send(idpsync.job_statistics) IS 'I/O';

CREATE TYPE idpsync.job_statistics (
    INPUT = idpsync.job_statistics_in,
    OUTPUT = idpsync.job_statistics_out,
    RECEIVE = idpsync.job_statistics_recv,
    SEND = idpsync.job_statistics_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = main
);
COMMENT ON TYPE idpsync.job_statistics IS 'statistics of a synchronization job: total, success, failed and skipped changes by object kind and change kind (Result)';

-- casts

CREATE FUNCTION idpsync.to_json(idpsync.job_statistics) RETURNS json
    AS 'MODULE_PATHNAME', 'job_statistics_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION idpsync.to_json(idpsync.job_statistics) IS 'the documented JSON of job statistics';

CREATE FUNCTION idpsync.job_statistics(bytea) RETURNS idpsync.job_statistics
    AS 'MODULE_PATHNAME', 'job_statistics_from_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION idpsync.job_statistics(bytea) IS 'job statistics from the binary form, checked';

CREATE CAST (idpsync.job_statistics AS json) WITH FUNCTION idpsync.to_json(idpsync.job_statistics) AS ASSIGNMENT;
COMMENT ON CAST (idpsync.job_statistics AS json) IS 'the documented JSON';

CREATE CAST (json AS idpsync.job_statistics) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (json AS idpsync.job_statistics) IS 'from the documented JSON or ProtoJSON';

CREATE CAST (idpsync.job_statistics AS jsonb) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (idpsync.job_statistics AS jsonb) IS 'the documented JSON';

CREATE CAST (jsonb AS idpsync.job_statistics) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (jsonb AS idpsync.job_statistics) IS 'from the documented JSON or ProtoJSON; jsonb has already dropped duplicate keys';

CREATE CAST (idpsync.job_statistics AS bytea) WITH FUNCTION idpsync.job_statistics_send(idpsync.job_statistics);
COMMENT ON CAST (idpsync.job_statistics AS bytea) IS 'the binary form';

CREATE CAST (bytea AS idpsync.job_statistics) WITH FUNCTION idpsync.job_statistics(bytea);
COMMENT ON CAST (bytea AS idpsync.job_statistics) IS 'from the binary form, checked';

-- equality and hashing

CREATE FUNCTION idpsync.job_statistics_eq(idpsync.job_statistics, idpsync.job_statistics) RETURNS boolean
    AS 'MODULE_PATHNAME', 'counters_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.job_statistics_eq(idpsync.job_statistics, idpsync.job_statistics) IS 'implementation of = operator';

CREATE FUNCTION idpsync.job_statistics_ne(idpsync.job_statistics, idpsync.job_statistics) RETURNS boolean
    AS 'MODULE_PATHNAME', 'counters_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.job_statistics_ne(idpsync.job_statistics, idpsync.job_statistics) IS 'implementation of <> operator';

CREATE FUNCTION idpsync.job_statistics_hash(idpsync.job_statistics) RETURNS integer
    AS 'MODULE_PATHNAME', 'counters_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.job_statistics_hash(idpsync.job_statistics) IS 'hash';

CREATE FUNCTION idpsync.job_statistics_hash_extended(idpsync.job_statistics, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'counters_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.job_statistics_hash_extended(idpsync.job_statistics, bigint) IS 'hash';

CREATE OPERATOR idpsync.= (
    FUNCTION = idpsync.job_statistics_eq,
    LEFTARG = idpsync.job_statistics,
    RIGHTARG = idpsync.job_statistics,
    COMMUTATOR = OPERATOR(idpsync.=),
    NEGATOR = OPERATOR(idpsync.<>),
    RESTRICT = eqsel,
    JOIN = eqjoinsel,
    HASHES
);
COMMENT ON OPERATOR idpsync.= (idpsync.job_statistics, idpsync.job_statistics) IS 'equal';

CREATE OPERATOR idpsync.<> (
    FUNCTION = idpsync.job_statistics_ne,
    LEFTARG = idpsync.job_statistics,
    RIGHTARG = idpsync.job_statistics,
    COMMUTATOR = OPERATOR(idpsync.<>),
    NEGATOR = OPERATOR(idpsync.=),
    RESTRICT = neqsel,
    JOIN = neqjoinsel
);
COMMENT ON OPERATOR idpsync.<> (idpsync.job_statistics, idpsync.job_statistics) IS 'not equal';

CREATE OPERATOR FAMILY idpsync.job_statistics_hash_ops USING hash;
COMMENT ON OPERATOR FAMILY idpsync.job_statistics_hash_ops USING hash IS 'hashing of job statistics';

CREATE OPERATOR CLASS idpsync.job_statistics_hash_ops
    DEFAULT FOR TYPE idpsync.job_statistics USING hash FAMILY idpsync.job_statistics_hash_ops AS
    OPERATOR 1 idpsync.= (idpsync.job_statistics, idpsync.job_statistics),
    FUNCTION 1 idpsync.job_statistics_hash(idpsync.job_statistics),
    FUNCTION 2 idpsync.job_statistics_hash_extended(idpsync.job_statistics, bigint);
COMMENT ON OPERATOR CLASS idpsync.job_statistics_hash_ops USING hash IS 'hashing of job statistics';

-- arithmetic

CREATE FUNCTION idpsync.job_statistics_add(idpsync.job_statistics, idpsync.job_statistics) RETURNS idpsync.job_statistics
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION idpsync.job_statistics_add(idpsync.job_statistics, idpsync.job_statistics) IS 'implementation of + operator';

CREATE OPERATOR idpsync.+ (
    FUNCTION = idpsync.job_statistics_add,
    LEFTARG = idpsync.job_statistics,
    RIGHTARG = idpsync.job_statistics,
    COMMUTATOR = OPERATOR(idpsync.+)
);
COMMENT ON OPERATOR idpsync.+ (idpsync.job_statistics, idpsync.job_statistics) IS 'add counter by counter';

CREATE FUNCTION idpsync.pointwise_max(a idpsync.job_statistics, b idpsync.job_statistics) RETURNS idpsync.job_statistics
    AS 'MODULE_PATHNAME', 'job_statistics_pointwise_max' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION idpsync.pointwise_max(idpsync.job_statistics, idpsync.job_statistics) IS 'every counter the larger of both';

CREATE FUNCTION idpsync.add_or_null(a idpsync.job_statistics, b idpsync.job_statistics) RETURNS idpsync.job_statistics
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'add_or_null';
COMMENT ON FUNCTION idpsync.add_or_null(idpsync.job_statistics, idpsync.job_statistics) IS 'sum, counter by counter; NULL where one leaves bigint';

CREATE FUNCTION idpsync.is_balanced(value idpsync.job_statistics) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION idpsync.is_balanced(idpsync.job_statistics) IS 'is Total = Success + Failed + Skipped everywhere?';

-- aggregates; their state is the type itself

CREATE FUNCTION idpsync.job_statistics_accum(idpsync.job_statistics, idpsync.job_statistics) RETURNS idpsync.job_statistics
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.job_statistics_accum(idpsync.job_statistics, idpsync.job_statistics) IS 'aggregate transition and combine function';

CREATE AGGREGATE idpsync.sum(idpsync.job_statistics) (
    SFUNC = idpsync.job_statistics_accum,
    STYPE = idpsync.job_statistics,
    SSPACE = 2600,
    COMBINEFUNC = idpsync.job_statistics_accum,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE idpsync.sum(idpsync.job_statistics) IS 'sum, counter by counter';

CREATE AGGREGATE idpsync.sum_or_null(idpsync.job_statistics) (
    SFUNC = idpsync.add_or_null,
    STYPE = idpsync.job_statistics,
    COMBINEFUNC = idpsync.add_or_null,
    INITCOND = '{}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE idpsync.sum_or_null(idpsync.job_statistics) IS 'sum, counter by counter; NULL where one leaves bigint';

CREATE FUNCTION idpsync.job_statistics_collect(idpsync.job_statistics, text, text, bigint, bigint, bigint, bigint) RETURNS idpsync.job_statistics
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;
COMMENT ON FUNCTION idpsync.job_statistics_collect(idpsync.job_statistics, text, text, bigint, bigint, bigint, bigint) IS 'aggregate transition function';

CREATE AGGREGATE idpsync.job_statistics_agg(object_kind text, change_kind text, total bigint, success bigint, failed bigint, skipped bigint) (
    SFUNC = idpsync.job_statistics_collect,
    STYPE = idpsync.job_statistics,
    SSPACE = 2600,
    COMBINEFUNC = idpsync.job_statistics_accum,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE idpsync.job_statistics_agg(text, text, bigint, bigint, bigint, bigint) IS 'job statistics from rows of counters; the same kinds twice add up';

-- rows and single counters

CREATE FUNCTION idpsync.entries(value idpsync.job_statistics, OUT object_kind text, OUT change_kind text, OUT total bigint, OUT success bigint, OUT failed bigint, OUT skipped bigint) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'job_statistics_entries' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 ROWS 8;
COMMENT ON FUNCTION idpsync.entries(idpsync.job_statistics) IS 'a row where a counter is not zero';

CREATE FUNCTION idpsync.counter(value idpsync.job_statistics, object_kind text, change_kind text, counter text) RETURNS bigint
    AS 'MODULE_PATHNAME', 'job_statistics_counter' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;
COMMENT ON FUNCTION idpsync.counter(idpsync.job_statistics, text, text, text) IS 'one counter (Total, Success, Failed, Skipped); a NULL kind means all of them, added up';
