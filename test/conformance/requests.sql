-- What call() makes of a request's bytes and of the same message as protoc writes it must be the same.
-- A method that writes gets a key with both: the second call is then answered with the first one's
-- operation, or refused because it asks for something else.
CREATE FUNCTION pg_temp.outcome(called text, bytes bytea, key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    RETURN 'answer ' || encode(idpsync.call(called, bytes, key), 'hex');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' ', SQLSTATE, SQLERRM, detail);
END $$;

SET client_min_messages = warning;
CREATE EXTENSION idpsync;
SELECT FROM idpsync.create_store() \g /dev/null
INSERT INTO idpsync.session (created_at, expires_at, session_type, sync_mode, status, session_id, tenant_id, agent_id)
SELECT now(), now() + interval '1 day', 'AD_SYNC', 'FULL_SYNC', 'OPENED', 'ses_06bg000000000000000000000g', 'conformance', 'agent';

CREATE TEMP TABLE request (name text, type text, bytes text, canonical text);
\copy request FROM pstdin
CREATE TEMP TABLE outcome AS
SELECT name, pg_temp.outcome(method, decode(canonical, 'hex'), key) AS wanted, pg_temp.outcome(method, decode(bytes, 'hex'), key) AS answer
FROM request JOIN idpsync.rpc_methods() ON request_type = type, LATERAL (SELECT CASE WHEN writes THEN name END) AS k (key)
ORDER BY name;
\copy outcome TO pstdout
