
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
