
-- session_progress: what a synchronization session has reported.

CREATE TYPE idpsync.session_progress;

CREATE FUNCTION idpsync.session_progress_in(cstring) RETURNS idpsync.session_progress
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION idpsync.session_progress_in(cstring) IS 'I/O';

CREATE FUNCTION idpsync.session_progress_out(idpsync.session_progress) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION idpsync.session_progress_out(idpsync.session_progress) IS 'I/O';

CREATE FUNCTION idpsync.session_progress_recv(internal) RETURNS idpsync.session_progress
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION idpsync.session_progress_recv(internal) IS 'I/O';

CREATE FUNCTION idpsync.session_progress_send(idpsync.session_progress) RETURNS bytea
    AS 'MODULE_PATHNAME', 'counters_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.session_progress_send(idpsync.session_progress) IS 'I/O';

CREATE TYPE idpsync.session_progress (
    INPUT = idpsync.session_progress_in,
    OUTPUT = idpsync.session_progress_out,
    RECEIVE = idpsync.session_progress_recv,
    SEND = idpsync.session_progress_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = main
);
COMMENT ON TYPE idpsync.session_progress IS 'progress of a synchronization session: successful and failed changes by object type and change type (ProgressEntry)';

-- casts

CREATE FUNCTION idpsync.to_json(idpsync.session_progress) RETURNS json
    AS 'MODULE_PATHNAME', 'session_progress_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION idpsync.to_json(idpsync.session_progress) IS 'the documented JSON of session progress';

CREATE FUNCTION idpsync.session_progress(bytea) RETURNS idpsync.session_progress
    AS 'MODULE_PATHNAME', 'session_progress_from_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION idpsync.session_progress(bytea) IS 'session progress from the binary form, checked';

CREATE CAST (idpsync.session_progress AS json) WITH FUNCTION idpsync.to_json(idpsync.session_progress) AS ASSIGNMENT;
COMMENT ON CAST (idpsync.session_progress AS json) IS 'the documented JSON';

CREATE CAST (json AS idpsync.session_progress) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (json AS idpsync.session_progress) IS 'from the documented JSON or ProtoJSON';

CREATE CAST (idpsync.session_progress AS jsonb) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (idpsync.session_progress AS jsonb) IS 'the documented JSON';

CREATE CAST (jsonb AS idpsync.session_progress) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (jsonb AS idpsync.session_progress) IS 'from the documented JSON or ProtoJSON; jsonb has already dropped duplicate keys';

CREATE CAST (idpsync.session_progress AS bytea) WITH FUNCTION idpsync.session_progress_send(idpsync.session_progress);
COMMENT ON CAST (idpsync.session_progress AS bytea) IS 'the binary form';

CREATE CAST (bytea AS idpsync.session_progress) WITH FUNCTION idpsync.session_progress(bytea);
COMMENT ON CAST (bytea AS idpsync.session_progress) IS 'from the binary form, checked';

-- equality and hashing

CREATE FUNCTION idpsync.session_progress_eq(idpsync.session_progress, idpsync.session_progress) RETURNS boolean
    AS 'MODULE_PATHNAME', 'counters_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.session_progress_eq(idpsync.session_progress, idpsync.session_progress) IS 'implementation of = operator';

CREATE FUNCTION idpsync.session_progress_ne(idpsync.session_progress, idpsync.session_progress) RETURNS boolean
    AS 'MODULE_PATHNAME', 'counters_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.session_progress_ne(idpsync.session_progress, idpsync.session_progress) IS 'implementation of <> operator';

CREATE FUNCTION idpsync.session_progress_hash(idpsync.session_progress) RETURNS integer
    AS 'MODULE_PATHNAME', 'counters_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.session_progress_hash(idpsync.session_progress) IS 'hash';

CREATE FUNCTION idpsync.session_progress_hash_extended(idpsync.session_progress, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'counters_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.session_progress_hash_extended(idpsync.session_progress, bigint) IS 'hash';

CREATE OPERATOR idpsync.= (
    FUNCTION = idpsync.session_progress_eq,
    LEFTARG = idpsync.session_progress,
    RIGHTARG = idpsync.session_progress,
    COMMUTATOR = OPERATOR(idpsync.=),
    NEGATOR = OPERATOR(idpsync.<>),
    RESTRICT = eqsel,
    JOIN = eqjoinsel,
    HASHES
);
COMMENT ON OPERATOR idpsync.= (idpsync.session_progress, idpsync.session_progress) IS 'equal';

CREATE OPERATOR idpsync.<> (
    FUNCTION = idpsync.session_progress_ne,
    LEFTARG = idpsync.session_progress,
    RIGHTARG = idpsync.session_progress,
    COMMUTATOR = OPERATOR(idpsync.<>),
    NEGATOR = OPERATOR(idpsync.=),
    RESTRICT = neqsel,
    JOIN = neqjoinsel
);
COMMENT ON OPERATOR idpsync.<> (idpsync.session_progress, idpsync.session_progress) IS 'not equal';

CREATE OPERATOR FAMILY idpsync.session_progress_hash_ops USING hash;
COMMENT ON OPERATOR FAMILY idpsync.session_progress_hash_ops USING hash IS 'hashing of session progress';

CREATE OPERATOR CLASS idpsync.session_progress_hash_ops
    DEFAULT FOR TYPE idpsync.session_progress USING hash FAMILY idpsync.session_progress_hash_ops AS
    OPERATOR 1 idpsync.= (idpsync.session_progress, idpsync.session_progress),
    FUNCTION 1 idpsync.session_progress_hash(idpsync.session_progress),
    FUNCTION 2 idpsync.session_progress_hash_extended(idpsync.session_progress, bigint);
COMMENT ON OPERATOR CLASS idpsync.session_progress_hash_ops USING hash IS 'hashing of session progress';

-- arithmetic

CREATE FUNCTION idpsync.session_progress_add(idpsync.session_progress, idpsync.session_progress) RETURNS idpsync.session_progress
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION idpsync.session_progress_add(idpsync.session_progress, idpsync.session_progress) IS 'implementation of + operator';

CREATE OPERATOR idpsync.+ (
    FUNCTION = idpsync.session_progress_add,
    LEFTARG = idpsync.session_progress,
    RIGHTARG = idpsync.session_progress,
    COMMUTATOR = OPERATOR(idpsync.+)
);
COMMENT ON OPERATOR idpsync.+ (idpsync.session_progress, idpsync.session_progress) IS 'add counter by counter';

CREATE FUNCTION idpsync.pointwise_max(a idpsync.session_progress, b idpsync.session_progress) RETURNS idpsync.session_progress
    AS 'MODULE_PATHNAME', 'session_progress_pointwise_max' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION idpsync.pointwise_max(idpsync.session_progress, idpsync.session_progress) IS 'every counter the larger of both';

-- aggregates; their state is the type itself

CREATE FUNCTION idpsync.session_progress_accum(idpsync.session_progress, idpsync.session_progress) RETURNS idpsync.session_progress
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.session_progress_accum(idpsync.session_progress, idpsync.session_progress) IS 'aggregate transition and combine function';

CREATE AGGREGATE idpsync.sum(idpsync.session_progress) (
    SFUNC = idpsync.session_progress_accum,
    STYPE = idpsync.session_progress,
    SSPACE = 1500,
    COMBINEFUNC = idpsync.session_progress_accum,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE idpsync.sum(idpsync.session_progress) IS 'sum, counter by counter';

CREATE FUNCTION idpsync.session_progress_collect(idpsync.session_progress, idpsync.related_object_type, idpsync.change_type, bigint, bigint) RETURNS idpsync.session_progress
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;
COMMENT ON FUNCTION idpsync.session_progress_collect(idpsync.session_progress, idpsync.related_object_type, idpsync.change_type, bigint, bigint) IS 'aggregate transition function';

CREATE AGGREGATE idpsync.session_progress_agg(object_type idpsync.related_object_type, change_type idpsync.change_type, successful bigint, failed bigint) (
    SFUNC = idpsync.session_progress_collect,
    STYPE = idpsync.session_progress,
    SSPACE = 1500,
    COMBINEFUNC = idpsync.session_progress_accum,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE idpsync.session_progress_agg(idpsync.related_object_type, idpsync.change_type, bigint, bigint) IS 'session progress from rows of counters; the same types twice add up';

-- rows and single counters

CREATE FUNCTION idpsync.entries(value idpsync.session_progress, OUT object_type idpsync.related_object_type, OUT change_type idpsync.change_type, OUT successful bigint, OUT failed bigint) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'session_progress_entries' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 ROWS 8;
COMMENT ON FUNCTION idpsync.entries(idpsync.session_progress) IS 'a row a reported change';

CREATE FUNCTION idpsync.counter(value idpsync.session_progress, object_type idpsync.related_object_type, change_type idpsync.change_type, counter text) RETURNS bigint
    AS 'MODULE_PATHNAME', 'session_progress_counter' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;
COMMENT ON FUNCTION idpsync.counter(idpsync.session_progress, idpsync.related_object_type, idpsync.change_type, text) IS 'one counter (successful, failed); a NULL type means all of them, added up';
