
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
