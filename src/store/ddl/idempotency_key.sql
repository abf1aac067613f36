-- Keys under which a call that writes was made, so that its repetition answers and does not act.
CREATE TABLE idpsync.idempotency_key (
    created_at timestamptz NOT NULL,
    request_hash bigint NOT NULL,
    key idpsync.idempotency_key_text NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    method idpsync.method NOT NULL,
    operation_id idpsync.operation_id,
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (key, tenant_id)
);
COMMENT ON TABLE idpsync.idempotency_key IS 'keys of calls that write: the same key with the same request answers the stored operation';
COMMENT ON COLUMN idpsync.idempotency_key.created_at IS 'when the call was first made';
COMMENT ON COLUMN idpsync.idempotency_key.request_hash IS 'hash of the canonical arguments';
COMMENT ON COLUMN idpsync.idempotency_key.key IS 'the caller''s key, unique with tenant_id';
COMMENT ON COLUMN idpsync.idempotency_key.tenant_id IS 'the subject container or instance';
COMMENT ON COLUMN idpsync.idempotency_key.method IS 'the call';
COMMENT ON COLUMN idpsync.idempotency_key.operation_id IS 'the operation it is answered with; NULL where the call has none';
