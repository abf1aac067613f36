\set n random(100000, :last_session)
\set op :op + 1
BEGIN;
UPDATE bench.session_bytes
   SET progress = :progress, expires_at = clock_timestamp() + interval '1 day', heartbeat_at = clock_timestamp()
 WHERE session_id = :head || :n || :tail AND status = 'OPENED' AND expires_at > clock_timestamp()
 RETURNING tenant_id, status, expires_at;
INSERT INTO bench.operation_bytes (created_at, modified_at, done, operation_id, tenant_id, method, created_by, metadata, response)
VALUES (clock_timestamp(), clock_timestamp(), true, :run || :client_id || '_' || :op, 'container-' || :n,
        'ReportSessionProgress', current_user, :metadata, :response);
COMMIT;
