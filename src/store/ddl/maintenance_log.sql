-- What maintain() did; it keeps the last thousand rows.
CREATE TABLE idpsync.maintenance_log (
    log_id bigint NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    rows bigint NOT NULL,
    step text NOT NULL,
    detail text,
    CONSTRAINT maintenance_log_pkey PRIMARY KEY (log_id)
);
COMMENT ON TABLE idpsync.maintenance_log IS 'what idpsync.maintain() did, the last thousand steps';
COMMENT ON COLUMN idpsync.maintenance_log.log_id IS 'counts up';
COMMENT ON COLUMN idpsync.maintenance_log.started_at IS 'when the step began';
COMMENT ON COLUMN idpsync.maintenance_log.finished_at IS 'when it had ended';
COMMENT ON COLUMN idpsync.maintenance_log.rows IS 'rows, or partitions, it changed';
COMMENT ON COLUMN idpsync.maintenance_log.step IS 'which step';
COMMENT ON COLUMN idpsync.maintenance_log.detail IS 'what else is to be said, such as why it has to try again';
