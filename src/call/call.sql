
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
