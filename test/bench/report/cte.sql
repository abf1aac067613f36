\set n random(100000, :last_session)
\set op :op + 1
WITH s AS (
    UPDATE bench.session_bytes
       SET progress = :progress, expires_at = clock_timestamp() + interval '1 day', heartbeat_at = clock_timestamp()
     WHERE session_id = :head || :n || :tail AND status = 'OPENED' AND expires_at > clock_timestamp()
     RETURNING tenant_id, status, expires_at, progress),
o AS (
    INSERT INTO bench.operation_bytes (created_at, modified_at, done, operation_id, tenant_id, method, created_by, metadata, response)
    SELECT clock_timestamp(), clock_timestamp(), true, :run || :client_id || '_' || :op, tenant_id,
           'ReportSessionProgress', current_user, :metadata, :response
      FROM s
    RETURNING operation_id)
SELECT operation_id, status, expires_at, progress FROM s, o;
