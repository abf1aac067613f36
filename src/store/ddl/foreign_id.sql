-- Ids that were made elsewhere: no unique index can span partitions without created_at.
CREATE TABLE idpsync.foreign_id (
    created_at timestamptz NOT NULL,
    id idpsync.job_id NOT NULL,
    kind text COLLATE "C" NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    CONSTRAINT foreign_id_pkey PRIMARY KEY (id, kind, tenant_id),
    CONSTRAINT foreign_id_kind CHECK (kind = 'job')
);
COMMENT ON TABLE idpsync.foreign_id IS 'when rows with ids made elsewhere were created, which is where they are';
COMMENT ON COLUMN idpsync.foreign_id.created_at IS 'created_at of the row that has this id';
COMMENT ON COLUMN idpsync.foreign_id.id IS 'the id, unique with kind and tenant_id';
COMMENT ON COLUMN idpsync.foreign_id.kind IS 'the table the row is in';
COMMENT ON COLUMN idpsync.foreign_id.tenant_id IS 'tenant_id of the row';
