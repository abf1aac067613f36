\echo Use "CREATE EXTENSION idpsync" to load this file. \quit

-- The documented enums. Their zero labels ("unspecified") are NULL in SQL; only
-- CHANGE_TYPE_UNSPECIFIED is a value of its own.

CREATE TYPE idpsync.session_status AS ENUM ('OPENED', 'PENDING', 'COMPLETED', 'FAILED', 'EXPIRED');
COMMENT ON TYPE idpsync.session_status IS 'status of a synchronization session (SessionStatus)';

CREATE TYPE idpsync.session_type AS ENUM ('AD_SYNC', 'AD_PASSWORD_HASH', 'AD_USER_CONTROL');
COMMENT ON TYPE idpsync.session_type IS 'what a session synchronizes (SessionType)';

CREATE TYPE idpsync.sync_mode AS ENUM ('FULL_SYNC', 'DELTA');
COMMENT ON TYPE idpsync.sync_mode IS 'everything or only what has changed (SyncMode)';

CREATE TYPE idpsync.related_object_type AS ENUM ('USER', 'GROUP', 'MEMBERSHIP');
COMMENT ON TYPE idpsync.related_object_type IS 'kind of the objects a progress entry counts (RelatedObjectType)';

CREATE TYPE idpsync.change_type AS ENUM ('CHANGE_TYPE_UNSPECIFIED', 'CREATE', 'UPDATE', 'DELETE', 'ACTIVATE', 'DEACTIVATE', 'PASSWORD_HASH_UPDATE');
COMMENT ON TYPE idpsync.change_type IS 'kind of the changes a progress entry counts (ChangeType)';

CREATE TYPE idpsync.open_session_result AS ENUM ('SUCCESS', 'OPENED_SESSION_EXISTS', 'TOO_EARLY');
COMMENT ON TYPE idpsync.open_session_result IS 'how OpenSession was answered (OpenSessionResult)';

CREATE TYPE idpsync.job_target_type AS ENUM ('identity_provider', 'application');
COMMENT ON TYPE idpsync.job_target_type IS 'what a synchronization job synchronizes with (TargetType)';

CREATE TYPE idpsync.job_direction AS ENUM ('ingress', 'egress');
COMMENT ON TYPE idpsync.job_direction IS 'into the instance or out of it (Direction)';

CREATE TYPE idpsync.job_trigger_type AS ENUM ('auto', 'manual');
COMMENT ON TYPE idpsync.job_trigger_type IS 'what started a synchronization job (TriggerType)';

CREATE TYPE idpsync.job_status AS ENUM ('pending', 'running', 'failed', 'partial_success', 'success');
COMMENT ON TYPE idpsync.job_status IS 'status of a synchronization job (Status)';

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

-- A message of any type beside its type URL. Its text form is ProtoJSON and
-- depends on no table, so that a dump restores in any order.

CREATE TYPE idpsync.protobuf_any;

CREATE FUNCTION idpsync.protobuf_any_in(cstring) RETURNS idpsync.protobuf_any
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION idpsync.protobuf_any_in(cstring) IS 'input';

CREATE FUNCTION idpsync.protobuf_any_out(idpsync.protobuf_any) RETURNS cstring
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION idpsync.protobuf_any_out(idpsync.protobuf_any) IS 'output';

CREATE FUNCTION idpsync.protobuf_any_recv(internal) RETURNS idpsync.protobuf_any
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION idpsync.protobuf_any_recv(internal) IS 'binary input';

CREATE FUNCTION idpsync.protobuf_any_send(idpsync.protobuf_any) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION idpsync.protobuf_any_send(idpsync.protobuf_any) IS 'binary output';

CREATE TYPE idpsync.protobuf_any (
	INPUT = idpsync.protobuf_any_in,
	OUTPUT = idpsync.protobuf_any_out,
	RECEIVE = idpsync.protobuf_any_recv,
	SEND = idpsync.protobuf_any_send,
	INTERNALLENGTH = VARIABLE,
	STORAGE = EXTENDED
);
COMMENT ON TYPE idpsync.protobuf_any IS 'protobuf message of any type beside its type URL (google.protobuf.Any)';

CREATE FUNCTION idpsync.protobuf_any(type_url text, value bytea) RETURNS idpsync.protobuf_any
	AS 'MODULE_PATHNAME', 'protobuf_any_make' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION idpsync.protobuf_any(text, bytea) IS 'message of the type that the URL names, of its bytes';

CREATE FUNCTION idpsync.type_url(idpsync.protobuf_any) RETURNS text
	AS 'MODULE_PATHNAME', 'protobuf_any_type_url' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.type_url(idpsync.protobuf_any) IS 'URL that names the message''s type';

CREATE FUNCTION idpsync.value(idpsync.protobuf_any) RETURNS bytea
	AS 'MODULE_PATHNAME', 'protobuf_any_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.value(idpsync.protobuf_any) IS 'the message''s bytes';

CREATE FUNCTION idpsync.protobuf_any_eq(idpsync.protobuf_any, idpsync.protobuf_any) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.protobuf_any_eq(idpsync.protobuf_any, idpsync.protobuf_any) IS 'implementation of = operator';

CREATE FUNCTION idpsync.protobuf_any_ne(idpsync.protobuf_any, idpsync.protobuf_any) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.protobuf_any_ne(idpsync.protobuf_any, idpsync.protobuf_any) IS 'implementation of <> operator';

CREATE FUNCTION idpsync.protobuf_any_hash(idpsync.protobuf_any) RETURNS integer
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.protobuf_any_hash(idpsync.protobuf_any) IS 'hash';

CREATE FUNCTION idpsync.protobuf_any_hash_extended(idpsync.protobuf_any, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION idpsync.protobuf_any_hash_extended(idpsync.protobuf_any, bigint) IS 'hash with a seed';

CREATE OPERATOR idpsync.= (
	LEFTARG = idpsync.protobuf_any,
	RIGHTARG = idpsync.protobuf_any,
	FUNCTION = idpsync.protobuf_any_eq,
	COMMUTATOR = OPERATOR(idpsync.=),
	NEGATOR = OPERATOR(idpsync.<>),
	RESTRICT = pg_catalog.eqsel,
	JOIN = pg_catalog.eqjoinsel,
	HASHES
);
COMMENT ON OPERATOR idpsync.= (idpsync.protobuf_any, idpsync.protobuf_any) IS 'same type URL and same bytes';

CREATE OPERATOR idpsync.<> (
	LEFTARG = idpsync.protobuf_any,
	RIGHTARG = idpsync.protobuf_any,
	FUNCTION = idpsync.protobuf_any_ne,
	COMMUTATOR = OPERATOR(idpsync.<>),
	NEGATOR = OPERATOR(idpsync.=),
	RESTRICT = pg_catalog.neqsel,
	JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR idpsync.<> (idpsync.protobuf_any, idpsync.protobuf_any) IS 'another type URL or other bytes';

CREATE OPERATOR CLASS idpsync.protobuf_any_hash_ops
	DEFAULT FOR TYPE idpsync.protobuf_any USING hash AS
	OPERATOR 1 idpsync.=,
	FUNCTION 1 idpsync.protobuf_any_hash(idpsync.protobuf_any),
	FUNCTION 2 idpsync.protobuf_any_hash_extended(idpsync.protobuf_any, bigint);
COMMENT ON OPERATOR CLASS idpsync.protobuf_any_hash_ops USING hash IS 'messages by type URL and bytes';

CREATE FUNCTION idpsync.protobuf_any_to_json(idpsync.protobuf_any) RETURNS json
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION idpsync.protobuf_any_to_json(idpsync.protobuf_any) IS 'ProtoJSON of a message';

CREATE FUNCTION idpsync.protobuf_any_to_jsonb(idpsync.protobuf_any) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION idpsync.protobuf_any_to_jsonb(idpsync.protobuf_any) IS 'ProtoJSON of a message';

CREATE FUNCTION idpsync.protobuf_any_from_json(json) RETURNS idpsync.protobuf_any
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION idpsync.protobuf_any_from_json(json) IS 'message of its ProtoJSON';

CREATE FUNCTION idpsync.protobuf_any_from_jsonb(jsonb) RETURNS idpsync.protobuf_any
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION idpsync.protobuf_any_from_jsonb(jsonb) IS 'message of its ProtoJSON';

CREATE CAST (idpsync.protobuf_any AS json) WITH FUNCTION idpsync.protobuf_any_to_json(idpsync.protobuf_any);
COMMENT ON CAST (idpsync.protobuf_any AS json) IS 'ProtoJSON of a message';

CREATE CAST (idpsync.protobuf_any AS jsonb) WITH FUNCTION idpsync.protobuf_any_to_jsonb(idpsync.protobuf_any);
COMMENT ON CAST (idpsync.protobuf_any AS jsonb) IS 'ProtoJSON of a message';

CREATE CAST (json AS idpsync.protobuf_any) WITH FUNCTION idpsync.protobuf_any_from_json(json);
COMMENT ON CAST (json AS idpsync.protobuf_any) IS 'message of its ProtoJSON';

CREATE CAST (jsonb AS idpsync.protobuf_any) WITH FUNCTION idpsync.protobuf_any_from_jsonb(jsonb);
COMMENT ON CAST (jsonb AS idpsync.protobuf_any) IS 'message of its ProtoJSON';

-- Ids: a prefix and 26 characters of base32hex over a UUIDv7.

CREATE FUNCTION idpsync.create_id(prefix text, at timestamptz DEFAULT pg_catalog.clock_timestamp())
    RETURNS text
    LANGUAGE C VOLATILE PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'create_id';
COMMENT ON FUNCTION idpsync.create_id(text, timestamptz) IS
    'a new id: the prefix (such as ses_) and 26 characters that sort by the time they carry';

CREATE FUNCTION idpsync.id_time(id text)
    RETURNS timestamptz
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
    AS 'MODULE_PATHNAME', 'id_time';
COMMENT ON FUNCTION idpsync.id_time(text) IS
    'when an id of ours was made, in whole milliseconds; NULL for an id made elsewhere';

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

-- Message types that the store's owner registers.

CREATE FUNCTION idpsync.register_descriptors(descriptors bytea)
    RETURNS integer
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'register_descriptors';
COMMENT ON FUNCTION idpsync.register_descriptors(bytea) IS
    'stores the files of a serialized google.protobuf.FileDescriptorSet, so that their types are shown field by field';

CREATE FUNCTION idpsync.to_json(idpsync.protobuf_any)
    RETURNS json
    LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 20
    AS 'MODULE_PATHNAME', 'to_json_of_any';
COMMENT ON FUNCTION idpsync.to_json(idpsync.protobuf_any) IS
    'ProtoJSON of a message, of registered types too';

CREATE FUNCTION idpsync.from_json(json)
    RETURNS idpsync.protobuf_any
    LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 20
    AS 'MODULE_PATHNAME', 'from_json_to_any';
COMMENT ON FUNCTION idpsync.from_json(json) IS
    'message of its ProtoJSON, of registered types too';

-- Long-running operations (yandex.cloud.operation.OperationService, google.longrunning.Operations).

CREATE FUNCTION idpsync.create_operation(
    tenant_id text, method text,
    description text DEFAULT NULL, metadata idpsync.protobuf_any DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'create_operation';
COMMENT ON FUNCTION idpsync.create_operation(text, text, text, idpsync.protobuf_any, text) IS
    'opens an operation of the caller''s own making';

CREATE FUNCTION idpsync.finish_operation(
    operation_id text, response idpsync.protobuf_any DEFAULT NULL,
    tenant_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'finish_operation';
COMMENT ON FUNCTION idpsync.finish_operation(text, idpsync.protobuf_any, text, text) IS
    'ends an operation with its response, google.protobuf.Empty if none is given';

CREATE FUNCTION idpsync.fail_operation(
    operation_id text, error_code integer, error_message text DEFAULT NULL, error_details idpsync.protobuf_any[] DEFAULT NULL,
    tenant_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'fail_operation';
COMMENT ON FUNCTION idpsync.fail_operation(text, integer, text, idpsync.protobuf_any[], text, text) IS
    'ends an operation with an error (google.rpc.Status)';

CREATE FUNCTION idpsync.delete_operation(
    operation_id text, tenant_id text DEFAULT NULL, idempotency_key text DEFAULT NULL, OUT operation_id text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'delete_operation';
COMMENT ON FUNCTION idpsync.delete_operation(text, text, text) IS
    'forgets an operation; what it stands for goes on';

CREATE FUNCTION idpsync.get_operation(
    operation_id text, tenant_id text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C STABLE PARALLEL UNSAFE COST 500
    AS 'MODULE_PATHNAME', 'get_operation';
COMMENT ON FUNCTION idpsync.get_operation(text, text) IS
    'one operation (Get, GetOperation)';

CREATE FUNCTION idpsync.wait_operation(
    operation_id text, timeout interval DEFAULT '1 minute', tenant_id text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'wait_operation';
COMMENT ON FUNCTION idpsync.wait_operation(text, interval, text) IS
    'one operation, as soon as it is done or at the latest after the timeout (WaitOperation)';

CREATE FUNCTION idpsync.list_operations(
    tenant_id text, filter text DEFAULT NULL, page_size bigint DEFAULT 0, page_token text DEFAULT NULL, with_total_count boolean DEFAULT true,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any,
    OUT next_page_token text, OUT total_count bigint)
    RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 100 COST 10000
    AS 'MODULE_PATHNAME', 'list_operations';
COMMENT ON FUNCTION idpsync.list_operations(text, text, bigint, text, boolean) IS
    'a page of a tenant''s operations, newest first (ListOperations)';

CREATE FUNCTION idpsync.check_operation_change()
    RETURNS trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'check_operation_change';
COMMENT ON FUNCTION idpsync.check_operation_change() IS
    'refuses to change an operation that is done';

-- Synchronization sessions (SynchronizationSessionService).

CREATE FUNCTION idpsync.request_session(
    subject_container_id text, session_type idpsync.session_type,
    sync_mode idpsync.sync_mode DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT result idpsync.open_session_result, OUT next_session_at timestamptz,
    OUT session_id text, OUT subject_container_id text, OUT agent_id text, OUT session_type idpsync.session_type,
    OUT sync_mode idpsync.sync_mode, OUT status idpsync.session_status, OUT created_at timestamptz, OUT expires_at timestamptz,
    OUT heartbeat_at timestamptz, OUT closed_at timestamptz, OUT fail_reason text, OUT progress_entries idpsync.session_progress)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'request_session';
COMMENT ON FUNCTION idpsync.request_session(text, idpsync.session_type, idpsync.sync_mode, text) IS
    'asks for a session that the next agent is to take: it is PENDING until OpenSession hands it over';

CREATE FUNCTION idpsync.open_session(
    subject_container_id text, agent_id text, session_type idpsync.session_type,
    sync_mode idpsync.sync_mode DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT result idpsync.open_session_result, OUT next_session_at timestamptz,
    OUT session_id text, OUT subject_container_id text, OUT agent_id text, OUT session_type idpsync.session_type,
    OUT sync_mode idpsync.sync_mode, OUT status idpsync.session_status, OUT created_at timestamptz, OUT expires_at timestamptz,
    OUT heartbeat_at timestamptz, OUT closed_at timestamptz, OUT fail_reason text, OUT progress_entries idpsync.session_progress)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'open_session';
COMMENT ON FUNCTION idpsync.open_session(text, text, idpsync.session_type, idpsync.sync_mode, text) IS
    'opens a session for an agent, or answers with the one that is open (OpenSession)';

CREATE FUNCTION idpsync.heartbeat(
    session_id text, subject_container_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT session_id text, OUT expires_at timestamptz)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'heartbeat';
COMMENT ON FUNCTION idpsync.heartbeat(text, text, text) IS
    'extends the lease of an open session (Heartbeat)';

CREATE FUNCTION idpsync.report_session_progress(
    session_id text, progress_entries json, progress_mode text DEFAULT NULL,
    subject_container_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text,
    OUT session_id text, OUT subject_container_id text, OUT agent_id text, OUT session_type idpsync.session_type,
    OUT sync_mode idpsync.sync_mode, OUT status idpsync.session_status, OUT created_at timestamptz, OUT expires_at timestamptz,
    OUT heartbeat_at timestamptz, OUT closed_at timestamptz, OUT fail_reason text, OUT progress_entries idpsync.session_progress)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'report_session_progress';
COMMENT ON FUNCTION idpsync.report_session_progress(text, json, text, text, text) IS
    'joins a report of 1 to 3 entries of 1 to 6 changes to a session''s progress and extends its lease (ReportSessionProgress)';

CREATE FUNCTION idpsync.close_session(
    session_id text, failed boolean DEFAULT false, fail_reason text DEFAULT NULL,
    subject_container_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text,
    OUT session_id text, OUT subject_container_id text, OUT agent_id text, OUT session_type idpsync.session_type,
    OUT sync_mode idpsync.sync_mode, OUT status idpsync.session_status, OUT created_at timestamptz, OUT expires_at timestamptz,
    OUT heartbeat_at timestamptz, OUT closed_at timestamptz, OUT fail_reason text, OUT progress_entries idpsync.session_progress)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'close_session';
COMMENT ON FUNCTION idpsync.close_session(text, boolean, text, text, text) IS
    'ends a session as COMPLETED or FAILED (CloseSession)';

CREATE FUNCTION idpsync.get_session(
    session_id text, subject_container_id text DEFAULT NULL,
    OUT session_id text, OUT subject_container_id text, OUT agent_id text, OUT session_type idpsync.session_type,
    OUT sync_mode idpsync.sync_mode, OUT status idpsync.session_status, OUT created_at timestamptz, OUT expires_at timestamptz,
    OUT heartbeat_at timestamptz, OUT closed_at timestamptz, OUT fail_reason text, OUT progress_entries idpsync.session_progress)
    LANGUAGE C STABLE PARALLEL UNSAFE COST 500
    AS 'MODULE_PATHNAME', 'get_session';
COMMENT ON FUNCTION idpsync.get_session(text, text) IS
    'one session with its effective status (GetSession)';

CREATE FUNCTION idpsync.list_sessions(
    subject_container_id text, page_size bigint DEFAULT 0, page_token text DEFAULT NULL, filter text DEFAULT NULL, with_total_count boolean DEFAULT true,
    OUT session_id text, OUT subject_container_id text, OUT agent_id text, OUT session_type idpsync.session_type,
    OUT sync_mode idpsync.sync_mode, OUT status idpsync.session_status, OUT created_at timestamptz, OUT expires_at timestamptz,
    OUT heartbeat_at timestamptz, OUT closed_at timestamptz, OUT fail_reason text, OUT progress_entries idpsync.session_progress,
    OUT next_page_token text, OUT total_count bigint)
    RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 100 COST 10000
    AS 'MODULE_PATHNAME', 'list_sessions';
COMMENT ON FUNCTION idpsync.list_sessions(text, bigint, text, text, boolean) IS
    'a page of a container''s sessions, newest first (ListSessions)';

CREATE FUNCTION idpsync.check_session_change()
    RETURNS trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'check_session_change';
COMMENT ON FUNCTION idpsync.check_session_change() IS
    'refuses what the documented states of a session forbid';

CREATE FUNCTION idpsync.session_fits_status(
    status idpsync.session_status, agent_id text, closed_at timestamptz, fail_reason text, tenant_id text)
    RETURNS boolean
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2
    AS 'MODULE_PATHNAME', 'session_fits_status';
COMMENT ON FUNCTION idpsync.session_fits_status(idpsync.session_status, text, timestamptz, text, text) IS
    'does a session have an agent, an end and a reason to fail as its status wants them, and is its container''s id no longer than documented';

-- Synchronization jobs (ListSynchronizationJobs, GetSynchronizationJob, RunSynchronizationJob).

CREATE FUNCTION idpsync.run_synchronization_job(
    instance_id text, target_type idpsync.job_target_type, target_id text,
    description text DEFAULT NULL, direction idpsync.job_direction DEFAULT NULL,
    trigger_type idpsync.job_trigger_type DEFAULT 'manual', session_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'run_synchronization_job';
COMMENT ON FUNCTION idpsync.run_synchronization_job(text, idpsync.job_target_type, text, text, idpsync.job_direction, idpsync.job_trigger_type, text, text) IS
    'makes a pending job and the operation that is done when it ends (RunSynchronizationJob)';

CREATE FUNCTION idpsync.start_synchronization_job(
    synchronization_job_id text, instance_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'start_synchronization_job';
COMMENT ON FUNCTION idpsync.start_synchronization_job(text, text, text) IS
    'a pending job runs from now on';

CREATE FUNCTION idpsync.report_job_statistics(
    synchronization_job_id text, statistics idpsync.job_statistics, progress_mode text DEFAULT NULL,
    instance_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'report_job_statistics';
COMMENT ON FUNCTION idpsync.report_job_statistics(text, idpsync.job_statistics, text, text, text) IS
    'joins a report to the statistics of a running job';

CREATE FUNCTION idpsync.finish_synchronization_job(
    synchronization_job_id text, statistics idpsync.job_statistics DEFAULT NULL, status idpsync.job_status DEFAULT NULL,
    error_code text DEFAULT NULL, error_message text DEFAULT NULL, progress_mode text DEFAULT NULL,
    instance_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'finish_synchronization_job';
COMMENT ON FUNCTION idpsync.finish_synchronization_job(text, idpsync.job_statistics, idpsync.job_status, text, text, text, text, text) IS
    'ends a job, and its operation with it; without a status the statistics and the error decide';

CREATE FUNCTION idpsync.import_synchronization_jobs(
    instance_id text, document json, idempotency_key text DEFAULT NULL,
    OUT inserted bigint, OUT updated bigint, OUT unchanged bigint)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000
    AS 'MODULE_PATHNAME', 'import_synchronization_jobs';
COMMENT ON FUNCTION idpsync.import_synchronization_jobs(text, json, text) IS
    'stores the jobs of a documented ListSynchronizationJobs response, or of an array of them';

CREATE FUNCTION idpsync.get_synchronization_job(
    synchronization_job_id text, instance_id text DEFAULT NULL,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text)
    LANGUAGE C STABLE PARALLEL UNSAFE COST 500
    AS 'MODULE_PATHNAME', 'get_synchronization_job';
COMMENT ON FUNCTION idpsync.get_synchronization_job(text, text) IS
    'one job (GetSynchronizationJob)';

CREATE FUNCTION idpsync.list_synchronization_jobs(
    instance_id text,
    max_results integer DEFAULT NULL, next_token text DEFAULT NULL, page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
    target_type idpsync.job_target_type DEFAULT NULL, target_ids text[] DEFAULT NULL,
    start_time timestamptz DEFAULT NULL, end_time timestamptz DEFAULT NULL,
    direction idpsync.job_direction DEFAULT NULL, status idpsync.job_status DEFAULT NULL,
    with_total_count boolean DEFAULT true,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text,
    OUT next_token text, OUT total_count bigint)
    RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 20 COST 10000
    AS 'MODULE_PATHNAME', 'list_synchronization_jobs';
COMMENT ON FUNCTION idpsync.list_synchronization_jobs(text, integer, text, integer, integer, idpsync.job_target_type, text[], timestamptz, timestamptz, idpsync.job_direction, idpsync.job_status, boolean) IS
    'a page of an instance''s jobs, newest first (ListSynchronizationJobs)';

CREATE FUNCTION idpsync.count_synchronization_jobs(
    instance_id text,
    target_type idpsync.job_target_type DEFAULT NULL, target_ids text[] DEFAULT NULL,
    start_time timestamptz DEFAULT NULL, end_time timestamptz DEFAULT NULL,
    direction idpsync.job_direction DEFAULT NULL, status idpsync.job_status DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C STABLE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'count_synchronization_jobs';
COMMENT ON FUNCTION idpsync.count_synchronization_jobs(text, idpsync.job_target_type, text[], timestamptz, timestamptz, idpsync.job_direction, idpsync.job_status) IS
    'how many jobs of an instance pass the filters (TotalCount)';

CREATE FUNCTION idpsync.synchronization_job_statistics(
    instance_id text, start_time timestamptz DEFAULT NULL, end_time timestamptz DEFAULT NULL,
    bucket text DEFAULT NULL, time_zone text DEFAULT 'UTC', by_target boolean DEFAULT false,
    target_type idpsync.job_target_type DEFAULT NULL, target_ids text[] DEFAULT NULL,
    direction idpsync.job_direction DEFAULT NULL, status idpsync.job_status DEFAULT NULL,
    OUT bucket_start timestamptz, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT job_count bigint, OUT statistics idpsync.job_statistics)
    RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 100 COST 100000
    AS 'MODULE_PATHNAME', 'synchronization_job_statistics';
COMMENT ON FUNCTION idpsync.synchronization_job_statistics(text, timestamptz, timestamptz, text, text, boolean, idpsync.job_target_type, text[], idpsync.job_direction, idpsync.job_status) IS
    'numbers of jobs and sums of their statistics, by bucket of time and by target where asked';

CREATE FUNCTION idpsync.check_job_change()
    RETURNS trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'check_job_change';
COMMENT ON FUNCTION idpsync.check_job_change() IS
    'refuses what the states of a synchronization job forbid';

-- Here and not with the other operations, since the operation of a job takes its job along.
CREATE FUNCTION idpsync.cancel_operation(
    operation_id text, tenant_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'cancel_operation';
COMMENT ON FUNCTION idpsync.cancel_operation(text, text, text) IS
    'ends an operation with error code 1 (CANCELLED) and fails its job, if it has one; leaves a done one as it is';

CREATE FUNCTION idpsync.job_fits_status(status idpsync.job_status, end_time timestamptz)
    RETURNS boolean
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2
    AS 'MODULE_PATHNAME', 'job_fits_status';
COMMENT ON FUNCTION idpsync.job_fits_status(idpsync.job_status, timestamptz) IS
    'has a job an end only if its status is one';

CREATE FUNCTION idpsync.job_class(target_type idpsync.job_target_type, direction idpsync.job_direction, status idpsync.job_status)
    RETURNS smallint
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10000
    AS 'MODULE_PATHNAME', 'job_class';
COMMENT ON FUNCTION idpsync.job_class(idpsync.job_target_type, idpsync.job_direction, idpsync.job_status) IS
    'target type, direction and status as one number, for the indexes of lists';

CREATE FUNCTION idpsync.job_started_soon(created_at timestamptz, start_time timestamptz)
    RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10000
    AS 'MODULE_PATHNAME', 'job_started_soon';
COMMENT ON FUNCTION idpsync.job_started_soon(timestamptz, timestamptz) IS
    'did a job start within an hour from its creation?';
-- Exact counts of jobs and sums of their statistics.

CREATE FUNCTION idpsync.count_plan(
    instance_id text,
    target_type idpsync.job_target_type DEFAULT NULL, target_ids text[] DEFAULT NULL,
    start_time timestamptz DEFAULT NULL, end_time timestamptz DEFAULT NULL,
    direction idpsync.job_direction DEFAULT NULL, status idpsync.job_status DEFAULT NULL,
    OUT source text, OUT part text, OUT range_start timestamptz, OUT range_end timestamptz,
    OUT rows_read bigint, OUT jobs bigint)
    RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 6 COST 10000
    AS 'MODULE_PATHNAME', 'count_plan';
COMMENT ON FUNCTION idpsync.count_plan(text, idpsync.job_target_type, text[], timestamptz, timestamptz, idpsync.job_direction, idpsync.job_status) IS
    'how count_synchronization_jobs() comes to its answer, a row a part';

CREATE FUNCTION idpsync.rebuild_counts(forget_history boolean DEFAULT false)
    RETURNS bigint
    LANGUAGE C VOLATILE PARALLEL UNSAFE STRICT COST 1000000
    AS 'MODULE_PATHNAME', 'rebuild_counts';
COMMENT ON FUNCTION idpsync.rebuild_counts(boolean) IS
    'counts all jobs anew, while nobody can write them';

CREATE FUNCTION idpsync.count_job_changes()
    RETURNS trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'count_job_changes';
COMMENT ON FUNCTION idpsync.count_job_changes() IS
    'appends what a statement changes in the counts of jobs to job_count_delta';
-- What a store needs from time to time.

CREATE PROCEDURE idpsync.maintain(max_duration interval DEFAULT '30s')
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'maintain';
COMMENT ON PROCEDURE idpsync.maintain(interval) IS
    'does what the store needs from time to time, in short transactions';

-- Documented requests in, documented answers out.

CREATE FUNCTION idpsync.call(method text, request bytea, idempotency_key text DEFAULT NULL)
    RETURNS bytea
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'call';
COMMENT ON FUNCTION idpsync.call(text, bytea, text) IS
    'answers a serialized request of a gRPC method with its serialized response';

CREATE FUNCTION idpsync.call_json(method text, request json, idempotency_key text DEFAULT NULL)
    RETURNS json
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'call_json';
COMMENT ON FUNCTION idpsync.call_json(text, json, text) IS
    'answers a request of a gRPC method in ProtoJSON, or the documented JSON of an action';

CREATE FUNCTION idpsync.rpc_methods(
    OUT method text, OUT request_type text, OUT response_type text, OUT writes boolean)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 20
    AS 'MODULE_PATHNAME', 'rpc_methods';
COMMENT ON FUNCTION idpsync.rpc_methods() IS
    'the methods that call() and call_json() take, and their messages';

CREATE FUNCTION idpsync.rpc_code(sqlstate text)
    RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'rpc_code';
COMMENT ON FUNCTION idpsync.rpc_code(text) IS
    'google.rpc.Code that an error is answered with';

CREATE FUNCTION idpsync.rpc_status(sqlstate text, message text, detail text DEFAULT NULL)
    RETURNS bytea
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2
    AS 'MODULE_PATHNAME', 'rpc_status';
COMMENT ON FUNCTION idpsync.rpc_status(text, text, text) IS
    'serialized google.rpc.Status of an error, with the field that is to blame';
