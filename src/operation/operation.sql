
-- Long-running operations (yandex.cloud.operation.OperationService, google.longrunning.Operations).

CREATE FUNCTION idpsync.create_operation(
    tenant_id text, method text,
    description text DEFAULT NULL, metadata idpsync.protobuf_any DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'create_operation';
COMMENT ON FUNCTION idpsync.create_operation(text, text, text, idpsync.protobuf_any, text) IS
    'opens an operation of the caller''s own making';

CREATE FUNCTION idpsync.finish_operation(
    operation_id text, response idpsync.protobuf_any DEFAULT NULL,
    tenant_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'finish_operation';
COMMENT ON FUNCTION idpsync.finish_operation(text, idpsync.protobuf_any, text, text) IS
    'ends an operation with its response, google.protobuf.Empty if none is given';

CREATE FUNCTION idpsync.fail_operation(
    operation_id text, error_code integer, error_message text DEFAULT NULL, error_details idpsync.protobuf_any[] DEFAULT NULL,
    tenant_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'fail_operation';
COMMENT ON FUNCTION idpsync.fail_operation(text, integer, text, idpsync.protobuf_any[], text, text) IS
    'ends an operation with an error (google.rpc.Status)';

CREATE FUNCTION idpsync.delete_operation(
    operation_id text, tenant_id text DEFAULT NULL, idempotency_key text DEFAULT NULL, OUT operation_id text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'delete_operation';
COMMENT ON FUNCTION idpsync.delete_operation(text, text, text) IS
    'forgets an operation; what it stands for goes on';

CREATE FUNCTION idpsync.get_operation(
    operation_id text, tenant_id text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C STABLE PARALLEL UNSAFE COST 500
    AS 'MODULE_PATHNAME', 'get_operation';
COMMENT ON FUNCTION idpsync.get_operation(text, text) IS
    'one operation (Get, GetOperation)';

CREATE FUNCTION idpsync.wait_operation(
    operation_id text, timeout interval DEFAULT '1 minute', tenant_id text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'wait_operation';
COMMENT ON FUNCTION idpsync.wait_operation(text, interval, text) IS
    'one operation, as soon as it is done or at the latest after the timeout (WaitOperation)';

CREATE FUNCTION idpsync.list_operations(
    tenant_id text, filter text DEFAULT NULL, page_size bigint DEFAULT 0, page_token text DEFAULT NULL, with_total_count boolean DEFAULT true,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any,
    OUT next_page_token text, OUT total_count bigint)
    RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 100 COST 10000
    AS 'MODULE_PATHNAME', 'list_operations';
COMMENT ON FUNCTION idpsync.list_operations(text, text, bigint, text, boolean) IS
    'a page of a tenant''s operations, newest first (ListOperations)';

CREATE FUNCTION idpsync.check_operation_change()
    RETURNS trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'check_operation_change';
COMMENT ON FUNCTION idpsync.check_operation_change() IS
    'refuses to change an operation that is done';
