-- Sessions. No index holds expires_at, heartbeat_at or progress, so that heartbeats and reports stay HOT.
CREATE TABLE idpsync.session (
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    heartbeat_at timestamptz,
    closed_at timestamptz,
    session_type idpsync.session_type NOT NULL,
    sync_mode idpsync.sync_mode NOT NULL,
    status idpsync.session_status NOT NULL,
    progress idpsync.session_progress,
    session_id idpsync.session_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    agent_id idpsync.agent_id,
    fail_reason idpsync.fail_reason,
    CONSTRAINT session_pkey PRIMARY KEY (session_id, tenant_id),
    CONSTRAINT session_created_at_is_id_time CHECK (created_at = idpsync.id_time(session_id)),
    CONSTRAINT session_fits_status CHECK (idpsync.session_fits_status(status, agent_id, closed_at, fail_reason, tenant_id))
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX session_open ON idpsync.session (tenant_id, session_type) WHERE status IN ('OPENED', 'PENDING');
CREATE INDEX session_completed ON idpsync.session (tenant_id, session_type, sync_mode, created_at) WHERE status = 'COMPLETED';
CREATE INDEX session_list ON idpsync.session (tenant_id, created_at, session_id);
CREATE TRIGGER session_status_change
    BEFORE UPDATE OF status ON idpsync.session
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION idpsync.check_session_change();

COMMENT ON TABLE idpsync.session IS 'synchronization sessions as stored; the view idpsync.sessions shows their effective status';
COMMENT ON COLUMN idpsync.session.created_at IS 'when the session was made, in whole milliseconds: the time its id carries';
COMMENT ON COLUMN idpsync.session.expires_at IS 'end of the lease; an open session past it is EXPIRED, whatever status says';
COMMENT ON COLUMN idpsync.session.heartbeat_at IS 'last heartbeat or report';
COMMENT ON COLUMN idpsync.session.closed_at IS 'when it ended; an expired session ended at expires_at';
COMMENT ON COLUMN idpsync.session.session_type IS 'what it synchronizes';
COMMENT ON COLUMN idpsync.session.sync_mode IS 'everything or only changes';
COMMENT ON COLUMN idpsync.session.status IS 'stored status; see expires_at';
COMMENT ON COLUMN idpsync.session.progress IS 'counters reported so far; NULL before the first report';
COMMENT ON COLUMN idpsync.session.session_id IS 'id, unique with tenant_id';
COMMENT ON COLUMN idpsync.session.tenant_id IS 'subject_container_id of the API';
COMMENT ON COLUMN idpsync.session.agent_id IS 'the agent that opened it; NULL while PENDING';
COMMENT ON COLUMN idpsync.session.fail_reason IS 'why it FAILED, if the agent said so';
COMMENT ON INDEX idpsync.session_open IS 'one open session a container and type';
COMMENT ON INDEX idpsync.session_completed IS 'finds completed sessions for sync_mode and session_interval';
COMMENT ON INDEX idpsync.session_list IS 'serves the pages of list_sessions()';
COMMENT ON TRIGGER session_status_change ON idpsync.session IS 'refuses status changes the documented states forbid';
