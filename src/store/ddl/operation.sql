-- Operations, by range of created_at; create_store() adds the first partitions.
CREATE TABLE idpsync.operation (
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    error_code idpsync.operation_error_code,
    done boolean NOT NULL,
    operation_id idpsync.operation_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    method idpsync.method NOT NULL,
    created_by text NOT NULL,
    description idpsync.description,
    metadata idpsync.protobuf_any,
    error_message idpsync.error_message,
    error_details idpsync.protobuf_any[],
    response idpsync.protobuf_any,
    CONSTRAINT operation_pkey PRIMARY KEY (operation_id, tenant_id, created_at),
    CONSTRAINT operation_created_at_is_id_time CHECK (created_at IS NOT DISTINCT FROM idpsync.id_time(operation_id)),
    CONSTRAINT operation_result_when_done CHECK (done OR (error_code IS NULL AND response IS NULL)),
    CONSTRAINT operation_one_result CHECK (error_code IS NULL OR response IS NULL),
    CONSTRAINT operation_error_has_code CHECK (error_code IS NOT NULL OR (error_message IS NULL AND error_details IS NULL))
) PARTITION BY RANGE (created_at);
CREATE INDEX operation_list ON idpsync.operation (tenant_id, created_at, operation_id);
CREATE TRIGGER operation_change
    BEFORE UPDATE ON idpsync.operation
    FOR EACH ROW WHEN (OLD.done)
    EXECUTE FUNCTION idpsync.check_operation_change();

COMMENT ON TABLE idpsync.operation IS 'long-running operations: the answers to every change';
COMMENT ON COLUMN idpsync.operation.created_at IS 'when it was made, in whole milliseconds: the time its id carries';
COMMENT ON COLUMN idpsync.operation.modified_at IS 'last change';
COMMENT ON COLUMN idpsync.operation.error_code IS 'google.rpc.Code of its error';
COMMENT ON COLUMN idpsync.operation.done IS 'has it ended';
COMMENT ON COLUMN idpsync.operation.operation_id IS 'id, unique with tenant_id';
COMMENT ON COLUMN idpsync.operation.tenant_id IS 'the subject container or instance it belongs to';
COMMENT ON COLUMN idpsync.operation.method IS 'the call that made it, such as OpenSession';
COMMENT ON COLUMN idpsync.operation.created_by IS 'the calling role, or whom idpsync.caller named';
COMMENT ON COLUMN idpsync.operation.description IS 'words of whoever made it';
COMMENT ON COLUMN idpsync.operation.metadata IS 'what it is about: a message documented by the method';
COMMENT ON COLUMN idpsync.operation.error_message IS 'message of its error';
COMMENT ON COLUMN idpsync.operation.error_details IS 'details of its error';
COMMENT ON COLUMN idpsync.operation.response IS 'its result';
COMMENT ON INDEX idpsync.operation_list IS 'serves the pages of list_operations()';
COMMENT ON TRIGGER operation_change ON idpsync.operation IS 'refuses to change an operation that is done';
