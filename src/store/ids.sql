
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
