-- What a store needs from time to time.

CREATE PROCEDURE idpsync.maintain(max_duration interval DEFAULT '30s')
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'maintain';
COMMENT ON PROCEDURE idpsync.maintain(interval) IS
    'does what the store needs from time to time, in short transactions';
