
-- The documented enums. Their zero labels ("unspecified") are NULL in SQL; only
-- CHANGE_TYPE_UNSPECIFIED is a value of its own.

CREATE TYPE idpsync.session_status AS ENUM ('OPENED', 'PENDING', 'COMPLETED', 'FAILED', 'EXPIRED');
COMMENT ON TYPE idpsync.session_status IS 'status of a synchronization session (SessionStatus)';

CREATE TYPE idpsync.session_type AS ENUM ('AD_SYNC', 'AD_PASSWORD_HASH', 'AD_USER_CONTROL');
COMMENT ON TYPE idpsync.session_type IS 'what a session synchronizes (SessionType)';

CREATE TYPE idpsync.sync_mode AS ENUM ('FULL_SYNC', 'DELTA');
COMMENT ON TYPE idpsync.sync_mode IS 'everything or only what has changed (SyncMode)';

CREATE TYPE idpsync.related_object_type AS ENUM ('USER', 'GROUP', 'MEMBERSHIP');
COMMENT ON TYPE idpsync.related_object_type IS 'kind of the objects a progress entry counts (RelatedObjectType)';

CREATE TYPE idpsync.change_type AS ENUM ('CHANGE_TYPE_UNSPECIFIED', 'CREATE', 'UPDATE', 'DELETE', 'ACTIVATE', 'DEACTIVATE', 'PASSWORD_HASH_UPDATE');
COMMENT ON TYPE idpsync.change_type IS 'kind of the changes a progress entry counts (ChangeType)';

CREATE TYPE idpsync.open_session_result AS ENUM ('SUCCESS', 'OPENED_SESSION_EXISTS', 'TOO_EARLY');
COMMENT ON TYPE idpsync.open_session_result IS 'how OpenSession was answered (OpenSessionResult)';

CREATE TYPE idpsync.job_target_type AS ENUM ('identity_provider', 'application');
COMMENT ON TYPE idpsync.job_target_type IS 'what a synchronization job synchronizes with (TargetType)';

CREATE TYPE idpsync.job_direction AS ENUM ('ingress', 'egress');
COMMENT ON TYPE idpsync.job_direction IS 'into the instance or out of it (Direction)';

CREATE TYPE idpsync.job_trigger_type AS ENUM ('auto', 'manual');
COMMENT ON TYPE idpsync.job_trigger_type IS 'what started a synchronization job (TriggerType)';

CREATE TYPE idpsync.job_status AS ENUM ('pending', 'running', 'failed', 'partial_success', 'success');
COMMENT ON TYPE idpsync.job_status IS 'status of a synchronization job (Status)';
