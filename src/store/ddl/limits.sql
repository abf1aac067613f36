-- The documented limits, as domains: a CHECK of a domain is compiled once a session and applied only
-- where a value is set, a CHECK of a table is parsed again by every statement that writes.
-- Lengths count characters.
CREATE DOMAIN idpsync.session_id AS text COLLATE "C" CONSTRAINT session_id_length CHECK (char_length(VALUE) BETWEEN 1 AND 50);
CREATE DOMAIN idpsync.agent_id AS text COLLATE "C" CONSTRAINT agent_id_length CHECK (char_length(VALUE) BETWEEN 1 AND 50);
CREATE DOMAIN idpsync.fail_reason AS text CONSTRAINT fail_reason_length CHECK (char_length(VALUE) BETWEEN 1 AND 256);
CREATE DOMAIN idpsync.job_id AS text COLLATE "C" CONSTRAINT job_id_length CHECK (char_length(VALUE) BETWEEN 1 AND 64);
CREATE DOMAIN idpsync.target_id AS text COLLATE "C" CONSTRAINT target_id_length CHECK (char_length(VALUE) BETWEEN 1 AND 64);
CREATE DOMAIN idpsync.job_error_code AS text CONSTRAINT job_error_code_length CHECK (char_length(VALUE) BETWEEN 1 AND 256);
CREATE DOMAIN idpsync.error_message AS text CONSTRAINT error_message_length CHECK (char_length(VALUE) BETWEEN 1 AND 10000);
CREATE DOMAIN idpsync.description AS text CONSTRAINT description_length CHECK (char_length(VALUE) BETWEEN 1 AND 256);
CREATE DOMAIN idpsync.operation_id AS text COLLATE "C" CONSTRAINT operation_id_length CHECK (char_length(VALUE) BETWEEN 1 AND 64);
CREATE DOMAIN idpsync.tenant_id AS text COLLATE "C" CONSTRAINT tenant_id_length CHECK (char_length(VALUE) BETWEEN 1 AND 64);
CREATE DOMAIN idpsync.method AS text COLLATE "C" CONSTRAINT method_length CHECK (char_length(VALUE) BETWEEN 1 AND 256);
CREATE DOMAIN idpsync.operation_error_code AS integer CONSTRAINT operation_error_code_range CHECK (VALUE BETWEEN 1 AND 16);
CREATE DOMAIN idpsync.idempotency_key_text AS text COLLATE "C" CONSTRAINT idempotency_key_length CHECK (char_length(VALUE) BETWEEN 1 AND 64);

COMMENT ON DOMAIN idpsync.session_id IS 'session_id: 1 to 50 characters';
COMMENT ON DOMAIN idpsync.agent_id IS 'agent_id: 1 to 50 characters';
COMMENT ON DOMAIN idpsync.fail_reason IS 'fail_reason: up to 256 characters';
COMMENT ON DOMAIN idpsync.job_id IS 'SynchronizationJobId: 1 to 64 characters';
COMMENT ON DOMAIN idpsync.target_id IS 'TargetId: 1 to 64 characters';
COMMENT ON DOMAIN idpsync.job_error_code IS 'ErrorCode of a job: up to 256 characters';
COMMENT ON DOMAIN idpsync.error_message IS 'message of an error: up to 10,000 characters';
COMMENT ON DOMAIN idpsync.description IS 'description: up to 256 characters';
COMMENT ON DOMAIN idpsync.operation_id IS 'operation id: 1 to 64 characters';
COMMENT ON DOMAIN idpsync.tenant_id IS 'subject container or instance: 1 to 64 characters';
COMMENT ON DOMAIN idpsync.method IS 'method of an operation: 1 to 256 characters';
COMMENT ON DOMAIN idpsync.operation_error_code IS 'google.rpc.Code of an error: 1 to 16';
COMMENT ON DOMAIN idpsync.idempotency_key_text IS 'idempotency_key: 1 to 64 characters';
