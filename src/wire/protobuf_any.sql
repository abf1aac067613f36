
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
