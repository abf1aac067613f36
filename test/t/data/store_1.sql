-- A store of version 1, as idpsync 0.1.0 made it by create_store('120 months', '120 months'): the output of
-- pg_dump --schema-only --no-owner --schema=idpsync, without its comments. It needs the extension.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE DOMAIN idpsync.agent_id AS text COLLATE pg_catalog."C"
	CONSTRAINT agent_id_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 50)));
COMMENT ON DOMAIN idpsync.agent_id IS 'agent_id: 1 to 50 characters';
CREATE DOMAIN idpsync.description AS text
	CONSTRAINT description_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 256)));
COMMENT ON DOMAIN idpsync.description IS 'description: up to 256 characters';
CREATE DOMAIN idpsync.error_message AS text
	CONSTRAINT error_message_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 10000)));
COMMENT ON DOMAIN idpsync.error_message IS 'message of an error: up to 10,000 characters';
CREATE DOMAIN idpsync.fail_reason AS text
	CONSTRAINT fail_reason_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 256)));
COMMENT ON DOMAIN idpsync.fail_reason IS 'fail_reason: up to 256 characters';
CREATE DOMAIN idpsync.idempotency_key_text AS text COLLATE pg_catalog."C"
	CONSTRAINT idempotency_key_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 64)));
COMMENT ON DOMAIN idpsync.idempotency_key_text IS 'idempotency_key: 1 to 64 characters';
CREATE DOMAIN idpsync.job_error_code AS text
	CONSTRAINT job_error_code_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 256)));
COMMENT ON DOMAIN idpsync.job_error_code IS 'ErrorCode of a job: up to 256 characters';
CREATE DOMAIN idpsync.job_id AS text COLLATE pg_catalog."C"
	CONSTRAINT job_id_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 64)));
COMMENT ON DOMAIN idpsync.job_id IS 'SynchronizationJobId: 1 to 64 characters';
CREATE DOMAIN idpsync.method AS text COLLATE pg_catalog."C"
	CONSTRAINT method_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 256)));
COMMENT ON DOMAIN idpsync.method IS 'method of an operation: 1 to 256 characters';
CREATE DOMAIN idpsync.operation_error_code AS integer
	CONSTRAINT operation_error_code_range CHECK (((VALUE >= 1) AND (VALUE <= 16)));
COMMENT ON DOMAIN idpsync.operation_error_code IS 'google.rpc.Code of an error: 1 to 16';
CREATE DOMAIN idpsync.operation_id AS text COLLATE pg_catalog."C"
	CONSTRAINT operation_id_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 64)));
COMMENT ON DOMAIN idpsync.operation_id IS 'operation id: 1 to 64 characters';
CREATE DOMAIN idpsync.session_id AS text COLLATE pg_catalog."C"
	CONSTRAINT session_id_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 50)));
COMMENT ON DOMAIN idpsync.session_id IS 'session_id: 1 to 50 characters';
CREATE DOMAIN idpsync.target_id AS text COLLATE pg_catalog."C"
	CONSTRAINT target_id_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 64)));
COMMENT ON DOMAIN idpsync.target_id IS 'TargetId: 1 to 64 characters';
CREATE DOMAIN idpsync.tenant_id AS text COLLATE pg_catalog."C"
	CONSTRAINT tenant_id_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 64)));
COMMENT ON DOMAIN idpsync.tenant_id IS 'subject container or instance: 1 to 64 characters';
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE idpsync.descriptor (
    name text NOT NULL COLLATE pg_catalog."C",
    file bytea NOT NULL
);
COMMENT ON TABLE idpsync.descriptor IS 'message types that are shown field by field, stored by idpsync.register_descriptors()';
COMMENT ON COLUMN idpsync.descriptor.name IS 'name of the .proto file';
COMMENT ON COLUMN idpsync.descriptor.file IS 'google.protobuf.FileDescriptorProto, serialized';
CREATE TABLE idpsync.foreign_id (
    created_at timestamp with time zone NOT NULL,
    id idpsync.job_id NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    tenant_id idpsync.tenant_id NOT NULL,
    CONSTRAINT foreign_id_kind CHECK ((kind = 'job'::text))
);
COMMENT ON TABLE idpsync.foreign_id IS 'when rows with ids made elsewhere were created, which is where they are';
COMMENT ON COLUMN idpsync.foreign_id.created_at IS 'created_at of the row that has this id';
COMMENT ON COLUMN idpsync.foreign_id.id IS 'the id, unique with kind and tenant_id';
COMMENT ON COLUMN idpsync.foreign_id.kind IS 'the table the row is in';
COMMENT ON COLUMN idpsync.foreign_id.tenant_id IS 'tenant_id of the row';
CREATE TABLE idpsync.idempotency_key (
    created_at timestamp with time zone NOT NULL,
    request_hash bigint NOT NULL,
    key idpsync.idempotency_key_text NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    method idpsync.method NOT NULL,
    operation_id idpsync.operation_id
);
COMMENT ON TABLE idpsync.idempotency_key IS 'keys of calls that write: the same key with the same request answers the stored operation';
COMMENT ON COLUMN idpsync.idempotency_key.created_at IS 'when the call was first made';
COMMENT ON COLUMN idpsync.idempotency_key.request_hash IS 'hash of the canonical arguments';
COMMENT ON COLUMN idpsync.idempotency_key.key IS 'the caller''s key, unique with tenant_id';
COMMENT ON COLUMN idpsync.idempotency_key.tenant_id IS 'the subject container or instance';
COMMENT ON COLUMN idpsync.idempotency_key.method IS 'the call';
COMMENT ON COLUMN idpsync.idempotency_key.operation_id IS 'the operation it is answered with; NULL where the call has none';
CREATE TABLE idpsync.job (
    created_at timestamp with time zone NOT NULL,
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    trigger_type idpsync.job_trigger_type NOT NULL,
    status idpsync.job_status NOT NULL,
    statistics idpsync.job_statistics NOT NULL,
    job_id idpsync.job_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id idpsync.target_id NOT NULL,
    description idpsync.description,
    session_id idpsync.session_id,
    operation_id idpsync.operation_id,
    error_code idpsync.job_error_code,
    error_message idpsync.error_message,
    CONSTRAINT job_created_at_is_id_time CHECK ((created_at = idpsync.id_time((job_id)::text))),
    CONSTRAINT job_fits_status CHECK (idpsync.job_fits_status(status, end_time))
)
PARTITION BY RANGE (created_at);
COMMENT ON TABLE idpsync.job IS 'synchronization jobs with their result';
COMMENT ON COLUMN idpsync.job.created_at IS 'when the job was made, in whole milliseconds: the time its id carries; for an imported job the StartTime it first came with';
COMMENT ON COLUMN idpsync.job.start_time IS 'when it started, its creation until then';
COMMENT ON COLUMN idpsync.job.end_time IS 'when it ended';
COMMENT ON COLUMN idpsync.job.target_type IS 'kind of the target';
COMMENT ON COLUMN idpsync.job.direction IS 'into the instance or out of it';
COMMENT ON COLUMN idpsync.job.trigger_type IS 'what started it';
COMMENT ON COLUMN idpsync.job.status IS 'pending, running, and how it ended';
COMMENT ON COLUMN idpsync.job.statistics IS 'result counters by object and change';
COMMENT ON COLUMN idpsync.job.job_id IS 'SynchronizationJobId, unique with tenant_id';
COMMENT ON COLUMN idpsync.job.tenant_id IS 'InstanceId of the API';
COMMENT ON COLUMN idpsync.job.target_id IS 'what was synchronized with';
COMMENT ON COLUMN idpsync.job.description IS 'words of whoever ran it';
COMMENT ON COLUMN idpsync.job.session_id IS 'the session it belongs to, if any';
COMMENT ON COLUMN idpsync.job.operation_id IS 'the operation that is done when it ends';
COMMENT ON COLUMN idpsync.job.error_code IS 'ErrorCode of the result';
COMMENT ON COLUMN idpsync.job.error_message IS 'ErrorMessage of the result';
CREATE TABLE idpsync.job_20261101 (
    created_at timestamp with time zone NOT NULL,
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    trigger_type idpsync.job_trigger_type NOT NULL,
    status idpsync.job_status NOT NULL,
    statistics idpsync.job_statistics NOT NULL,
    job_id idpsync.job_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id idpsync.target_id NOT NULL,
    description idpsync.description,
    session_id idpsync.session_id,
    operation_id idpsync.operation_id,
    error_code idpsync.job_error_code,
    error_message idpsync.error_message,
    CONSTRAINT job_created_at_is_id_time CHECK ((created_at = idpsync.id_time((job_id)::text))),
    CONSTRAINT job_fits_status CHECK (idpsync.job_fits_status(status, end_time))
);
COMMENT ON TABLE idpsync.job_20261101 IS 'partition of idpsync.job by created_at';
CREATE TABLE idpsync.job_20361101 (
    created_at timestamp with time zone NOT NULL,
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    trigger_type idpsync.job_trigger_type NOT NULL,
    status idpsync.job_status NOT NULL,
    statistics idpsync.job_statistics NOT NULL,
    job_id idpsync.job_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id idpsync.target_id NOT NULL,
    description idpsync.description,
    session_id idpsync.session_id,
    operation_id idpsync.operation_id,
    error_code idpsync.job_error_code,
    error_message idpsync.error_message,
    CONSTRAINT job_created_at_is_id_time CHECK ((created_at = idpsync.id_time((job_id)::text))),
    CONSTRAINT job_fits_status CHECK (idpsync.job_fits_status(status, end_time))
);
COMMENT ON TABLE idpsync.job_20361101 IS 'partition of idpsync.job by created_at';
CREATE TABLE idpsync.job_20461101 (
    created_at timestamp with time zone NOT NULL,
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    trigger_type idpsync.job_trigger_type NOT NULL,
    status idpsync.job_status NOT NULL,
    statistics idpsync.job_statistics NOT NULL,
    job_id idpsync.job_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id idpsync.target_id NOT NULL,
    description idpsync.description,
    session_id idpsync.session_id,
    operation_id idpsync.operation_id,
    error_code idpsync.job_error_code,
    error_message idpsync.error_message,
    CONSTRAINT job_created_at_is_id_time CHECK ((created_at = idpsync.id_time((job_id)::text))),
    CONSTRAINT job_fits_status CHECK (idpsync.job_fits_status(status, end_time))
);
COMMENT ON TABLE idpsync.job_20461101 IS 'partition of idpsync.job by created_at';
CREATE TABLE idpsync.job_count (
    partition_start timestamp with time zone NOT NULL,
    jobs bigint NOT NULL,
    period date NOT NULL,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    status idpsync.job_status NOT NULL,
    grain "char" NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id text NOT NULL COLLATE pg_catalog."C",
    added idpsync.job_statistics,
    removed idpsync.job_statistics
)
WITH (fillfactor='80');
COMMENT ON TABLE idpsync.job_count IS 'exact numbers of jobs and sums of their statistics, folded by idpsync.maintain()';
COMMENT ON COLUMN idpsync.job_count.partition_start IS 'where the partition of job that holds the jobs begins; where there is none any more, the row is history';
COMMENT ON COLUMN idpsync.job_count.jobs IS 'number of jobs; a part of it may be negative';
COMMENT ON COLUMN idpsync.job_count.period IS 'day of start_time in UTC, or the first of its month';
COMMENT ON COLUMN idpsync.job_count.target_type IS 'target_type of the jobs';
COMMENT ON COLUMN idpsync.job_count.direction IS 'direction of the jobs';
COMMENT ON COLUMN idpsync.job_count.status IS 'status of the jobs';
COMMENT ON COLUMN idpsync.job_count.grain IS 'd: of a day, m: of a month, t: of a month and target';
COMMENT ON COLUMN idpsync.job_count.tenant_id IS 'InstanceId of the jobs';
COMMENT ON COLUMN idpsync.job_count.target_id IS 'target_id of the jobs, empty where the row is of all targets';
COMMENT ON COLUMN idpsync.job_count.added IS 'sum of statistics that came, NULL where it left bigint';
COMMENT ON COLUMN idpsync.job_count.removed IS 'sum of statistics that went, NULL where it left bigint';
CREATE TABLE idpsync.job_count_delta (
    partition_start timestamp with time zone NOT NULL,
    delta_id bigint NOT NULL,
    jobs bigint NOT NULL,
    period date NOT NULL,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    status idpsync.job_status NOT NULL,
    grain "char" NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id text NOT NULL COLLATE pg_catalog."C",
    added idpsync.job_statistics,
    removed idpsync.job_statistics
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_threshold='-1');
COMMENT ON TABLE idpsync.job_count_delta IS 'what statements changed in idpsync.job and idpsync.maintain() has not folded yet';
COMMENT ON COLUMN idpsync.job_count_delta.partition_start IS 'where the partition of job that holds the jobs begins';
COMMENT ON COLUMN idpsync.job_count_delta.delta_id IS 'random, unique with tenant_id';
COMMENT ON COLUMN idpsync.job_count_delta.jobs IS 'jobs that came less jobs that went';
COMMENT ON COLUMN idpsync.job_count_delta.period IS 'day of start_time in UTC, or the first of its month';
COMMENT ON COLUMN idpsync.job_count_delta.target_type IS 'target_type of the jobs';
COMMENT ON COLUMN idpsync.job_count_delta.direction IS 'direction of the jobs';
COMMENT ON COLUMN idpsync.job_count_delta.status IS 'status of the jobs';
COMMENT ON COLUMN idpsync.job_count_delta.grain IS 'f: of a day and target, and counts in every grain of job_count; d: of a day; t: of a month and target';
COMMENT ON COLUMN idpsync.job_count_delta.tenant_id IS 'InstanceId of the jobs';
COMMENT ON COLUMN idpsync.job_count_delta.target_id IS 'target_id of the jobs, empty where the row is of all targets';
COMMENT ON COLUMN idpsync.job_count_delta.added IS 'sum of statistics that came, NULL where it left bigint';
COMMENT ON COLUMN idpsync.job_count_delta.removed IS 'sum of statistics that went, NULL where it left bigint';
CREATE TABLE idpsync.job_first (
    created_at timestamp with time zone NOT NULL,
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    trigger_type idpsync.job_trigger_type NOT NULL,
    status idpsync.job_status NOT NULL,
    statistics idpsync.job_statistics NOT NULL,
    job_id idpsync.job_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id idpsync.target_id NOT NULL,
    description idpsync.description,
    session_id idpsync.session_id,
    operation_id idpsync.operation_id,
    error_code idpsync.job_error_code,
    error_message idpsync.error_message,
    CONSTRAINT job_created_at_is_id_time CHECK ((created_at = idpsync.id_time((job_id)::text))),
    CONSTRAINT job_fits_status CHECK (idpsync.job_fits_status(status, end_time))
);
COMMENT ON TABLE idpsync.job_first IS 'partition of idpsync.job by created_at';
CREATE TABLE idpsync.job_last (
    created_at timestamp with time zone NOT NULL,
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    trigger_type idpsync.job_trigger_type NOT NULL,
    status idpsync.job_status NOT NULL,
    statistics idpsync.job_statistics NOT NULL,
    job_id idpsync.job_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id idpsync.target_id NOT NULL,
    description idpsync.description,
    session_id idpsync.session_id,
    operation_id idpsync.operation_id,
    error_code idpsync.job_error_code,
    error_message idpsync.error_message,
    CONSTRAINT job_created_at_is_id_time CHECK ((created_at = idpsync.id_time((job_id)::text))),
    CONSTRAINT job_fits_status CHECK (idpsync.job_fits_status(status, end_time))
);
COMMENT ON TABLE idpsync.job_last IS 'partition of idpsync.job by created_at';
CREATE VIEW idpsync.job_statistics_days WITH (security_invoker='true') AS
 SELECT d.instance_id,
    d.target_type,
    d.target_id,
    d.day,
    d.jobs,
    d.failed_jobs,
    idpsync.counter(d.statistics, NULL::text, NULL::text, 'Success'::text) AS success,
    idpsync.counter(d.statistics, NULL::text, NULL::text, 'Failed'::text) AS failed,
    idpsync.counter(d.statistics, NULL::text, NULL::text, 'Skipped'::text) AS skipped,
    d.statistics
   FROM ( SELECT j.tenant_id AS instance_id,
            j.target_type,
            j.target_id,
            ((j.start_time AT TIME ZONE 'UTC'::text))::date AS day,
            count(*) AS jobs,
            count(*) FILTER (WHERE (j.status = 'failed'::idpsync.job_status)) AS failed_jobs,
            idpsync.sum(j.statistics) AS statistics
           FROM idpsync.job j
          GROUP BY j.tenant_id, j.target_type, j.target_id, (((j.start_time AT TIME ZONE 'UTC'::text))::date)) d;
COMMENT ON VIEW idpsync.job_statistics_days IS 'numbers and statistics of jobs by target and UTC day of start_time';
COMMENT ON COLUMN idpsync.job_statistics_days.success IS 'successful changes of all kinds';
COMMENT ON COLUMN idpsync.job_statistics_days.failed IS 'failed changes of all kinds';
COMMENT ON COLUMN idpsync.job_statistics_days.skipped IS 'skipped changes of all kinds';
CREATE VIEW idpsync.job_statistics_entries WITH (security_invoker='true') AS
 SELECT j.job_id AS synchronization_job_id,
    j.tenant_id AS instance_id,
    j.target_type,
    j.target_id,
    j.start_time,
    e.object_kind,
    e.change_kind,
    e.total,
    e.success,
    e.failed,
    e.skipped
   FROM (idpsync.job j
     CROSS JOIN LATERAL idpsync.entries(j.statistics) e(object_kind, change_kind, total, success, failed, skipped));
COMMENT ON VIEW idpsync.job_statistics_entries IS 'statistics of jobs, a row an object kind and change kind that is not zero';
CREATE VIEW idpsync.jobs WITH (security_invoker='true') AS
 SELECT j.job_id AS synchronization_job_id,
    j.tenant_id AS instance_id,
    j.target_type,
    j.target_id,
    j.direction,
    j.trigger_type,
    j.status,
    j.description,
    j.created_at,
    j.start_time,
    j.end_time,
        CASE
            WHEN (j.end_time IS NOT NULL) THEN (j.end_time - j.start_time)
            WHEN (j.status = 'running'::idpsync.job_status) THEN (clock_timestamp() - j.start_time)
            ELSE NULL::interval
        END AS duration,
    c.users_success,
    c.users_failed,
    c.organizational_units_success,
    c.organizational_units_failed,
    c.groups_success,
    c.groups_failed,
    c.group_members_success,
    c.group_members_failed,
    j.error_code,
    j.error_message,
    j.session_id,
    j.operation_id,
    j.statistics
   FROM (idpsync.job j
     CROSS JOIN LATERAL ( SELECT COALESCE(sum(e.success) FILTER (WHERE (e.object_kind = 'User'::text)), (0)::numeric) AS users_success,
            COALESCE(sum(e.failed) FILTER (WHERE (e.object_kind = 'User'::text)), (0)::numeric) AS users_failed,
            COALESCE(sum(e.success) FILTER (WHERE (e.object_kind = 'OrganizationalUnit'::text)), (0)::numeric) AS organizational_units_success,
            COALESCE(sum(e.failed) FILTER (WHERE (e.object_kind = 'OrganizationalUnit'::text)), (0)::numeric) AS organizational_units_failed,
            COALESCE(sum(e.success) FILTER (WHERE (e.object_kind = 'Group'::text)), (0)::numeric) AS groups_success,
            COALESCE(sum(e.failed) FILTER (WHERE (e.object_kind = 'Group'::text)), (0)::numeric) AS groups_failed,
            COALESCE(sum(e.success) FILTER (WHERE (e.object_kind = 'GroupMember'::text)), (0)::numeric) AS group_members_success,
            COALESCE(sum(e.failed) FILTER (WHERE (e.object_kind = 'GroupMember'::text)), (0)::numeric) AS group_members_failed
           FROM idpsync.entries(j.statistics) e(object_kind, change_kind, total, success, failed, skipped)) c);
COMMENT ON VIEW idpsync.jobs IS 'jobs with their duration and counters by object kind';
COMMENT ON COLUMN idpsync.jobs.duration IS 'from start to end, while it runs until now; NULL where there is no start or no end';
CREATE TABLE idpsync.maintenance_log (
    log_id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    rows bigint NOT NULL,
    step text NOT NULL,
    detail text
);
COMMENT ON TABLE idpsync.maintenance_log IS 'what idpsync.maintain() did, the last thousand steps';
COMMENT ON COLUMN idpsync.maintenance_log.log_id IS 'counts up';
COMMENT ON COLUMN idpsync.maintenance_log.started_at IS 'when the step began';
COMMENT ON COLUMN idpsync.maintenance_log.finished_at IS 'when it had ended';
COMMENT ON COLUMN idpsync.maintenance_log.rows IS 'rows, or partitions, it changed';
COMMENT ON COLUMN idpsync.maintenance_log.step IS 'which step';
COMMENT ON COLUMN idpsync.maintenance_log.detail IS 'what else is to be said, such as why it has to try again';
CREATE TABLE idpsync.operation (
    created_at timestamp with time zone NOT NULL,
    modified_at timestamp with time zone NOT NULL,
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
    CONSTRAINT operation_created_at_is_id_time CHECK ((NOT (created_at IS DISTINCT FROM idpsync.id_time((operation_id)::text)))),
    CONSTRAINT operation_error_has_code CHECK (((error_code IS NOT NULL) OR ((error_message IS NULL) AND (error_details IS NULL)))),
    CONSTRAINT operation_one_result CHECK (((error_code IS NULL) OR (response IS NULL))),
    CONSTRAINT operation_result_when_done CHECK ((done OR ((error_code IS NULL) AND (response IS NULL))))
)
PARTITION BY RANGE (created_at);
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
CREATE TABLE idpsync.operation_20261101 (
    created_at timestamp with time zone NOT NULL,
    modified_at timestamp with time zone NOT NULL,
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
    CONSTRAINT operation_created_at_is_id_time CHECK ((NOT (created_at IS DISTINCT FROM idpsync.id_time((operation_id)::text)))),
    CONSTRAINT operation_error_has_code CHECK (((error_code IS NOT NULL) OR ((error_message IS NULL) AND (error_details IS NULL)))),
    CONSTRAINT operation_one_result CHECK (((error_code IS NULL) OR (response IS NULL))),
    CONSTRAINT operation_result_when_done CHECK ((done OR ((error_code IS NULL) AND (response IS NULL))))
);
COMMENT ON TABLE idpsync.operation_20261101 IS 'partition of idpsync.operation by created_at';
CREATE TABLE idpsync.operation_20361101 (
    created_at timestamp with time zone NOT NULL,
    modified_at timestamp with time zone NOT NULL,
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
    CONSTRAINT operation_created_at_is_id_time CHECK ((NOT (created_at IS DISTINCT FROM idpsync.id_time((operation_id)::text)))),
    CONSTRAINT operation_error_has_code CHECK (((error_code IS NOT NULL) OR ((error_message IS NULL) AND (error_details IS NULL)))),
    CONSTRAINT operation_one_result CHECK (((error_code IS NULL) OR (response IS NULL))),
    CONSTRAINT operation_result_when_done CHECK ((done OR ((error_code IS NULL) AND (response IS NULL))))
);
COMMENT ON TABLE idpsync.operation_20361101 IS 'partition of idpsync.operation by created_at';
CREATE TABLE idpsync.operation_20461101 (
    created_at timestamp with time zone NOT NULL,
    modified_at timestamp with time zone NOT NULL,
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
    CONSTRAINT operation_created_at_is_id_time CHECK ((NOT (created_at IS DISTINCT FROM idpsync.id_time((operation_id)::text)))),
    CONSTRAINT operation_error_has_code CHECK (((error_code IS NOT NULL) OR ((error_message IS NULL) AND (error_details IS NULL)))),
    CONSTRAINT operation_one_result CHECK (((error_code IS NULL) OR (response IS NULL))),
    CONSTRAINT operation_result_when_done CHECK ((done OR ((error_code IS NULL) AND (response IS NULL))))
);
COMMENT ON TABLE idpsync.operation_20461101 IS 'partition of idpsync.operation by created_at';
CREATE TABLE idpsync.operation_first (
    created_at timestamp with time zone NOT NULL,
    modified_at timestamp with time zone NOT NULL,
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
    CONSTRAINT operation_created_at_is_id_time CHECK ((NOT (created_at IS DISTINCT FROM idpsync.id_time((operation_id)::text)))),
    CONSTRAINT operation_error_has_code CHECK (((error_code IS NOT NULL) OR ((error_message IS NULL) AND (error_details IS NULL)))),
    CONSTRAINT operation_one_result CHECK (((error_code IS NULL) OR (response IS NULL))),
    CONSTRAINT operation_result_when_done CHECK ((done OR ((error_code IS NULL) AND (response IS NULL))))
);
COMMENT ON TABLE idpsync.operation_first IS 'partition of idpsync.operation by created_at';
CREATE TABLE idpsync.operation_last (
    created_at timestamp with time zone NOT NULL,
    modified_at timestamp with time zone NOT NULL,
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
    CONSTRAINT operation_created_at_is_id_time CHECK ((NOT (created_at IS DISTINCT FROM idpsync.id_time((operation_id)::text)))),
    CONSTRAINT operation_error_has_code CHECK (((error_code IS NOT NULL) OR ((error_message IS NULL) AND (error_details IS NULL)))),
    CONSTRAINT operation_one_result CHECK (((error_code IS NULL) OR (response IS NULL))),
    CONSTRAINT operation_result_when_done CHECK ((done OR ((error_code IS NULL) AND (response IS NULL))))
);
COMMENT ON TABLE idpsync.operation_last IS 'partition of idpsync.operation by created_at';
CREATE VIEW idpsync.operations WITH (security_invoker='true') AS
 SELECT o.operation_id,
    o.tenant_id,
    o.method,
    o.description,
    o.created_at,
    o.created_by,
    o.modified_at,
    o.done,
        CASE
            WHEN (NOT o.done) THEN 'running'::text
            WHEN (o.error_code IS NULL) THEN 'succeeded'::text
            WHEN ((o.error_code)::integer = 1) THEN 'cancelled'::text
            ELSE 'failed'::text
        END AS state,
    o.error_code,
    o.error_message,
    idpsync.to_json(o.metadata) AS metadata,
    idpsync.to_json(o.response) AS response
   FROM idpsync.operation o;
COMMENT ON VIEW idpsync.operations IS 'operations with their messages as ProtoJSON';
COMMENT ON COLUMN idpsync.operations.state IS 'running, succeeded, cancelled or failed';
CREATE TABLE idpsync.session (
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    heartbeat_at timestamp with time zone,
    closed_at timestamp with time zone,
    session_type idpsync.session_type NOT NULL,
    sync_mode idpsync.sync_mode NOT NULL,
    status idpsync.session_status NOT NULL,
    progress idpsync.session_progress,
    session_id idpsync.session_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    agent_id idpsync.agent_id,
    fail_reason idpsync.fail_reason,
    CONSTRAINT session_created_at_is_id_time CHECK ((created_at = idpsync.id_time((session_id)::text))),
    CONSTRAINT session_fits_status CHECK (idpsync.session_fits_status(status, (agent_id)::text, closed_at, (fail_reason)::text, (tenant_id)::text))
)
WITH (fillfactor='50');
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
CREATE VIEW idpsync.session_progress_entries WITH (security_invoker='true') AS
 SELECT s.session_id,
    s.tenant_id AS subject_container_id,
    s.session_type,
    s.created_at,
    e.object_type,
    e.change_type,
    e.successful,
    e.failed
   FROM (idpsync.session s
     CROSS JOIN LATERAL idpsync.entries(s.progress) e(object_type, change_type, successful, failed));
COMMENT ON VIEW idpsync.session_progress_entries IS 'progress of sessions, a row an object type and change type that was reported';
COMMENT ON COLUMN idpsync.session_progress_entries.successful IS 'successful changes';
COMMENT ON COLUMN idpsync.session_progress_entries.failed IS 'failed changes';
CREATE VIEW idpsync.sessions WITH (security_invoker='true') AS
 SELECT s.session_id,
    s.tenant_id AS subject_container_id,
    s.agent_id,
    s.session_type,
    s.sync_mode,
        CASE
            WHEN s.expired THEN 'EXPIRED'::idpsync.session_status
            ELSE s.status
        END AS status,
    s.created_at,
    s.expires_at,
    s.heartbeat_at,
        CASE
            WHEN s.expired THEN s.expires_at
            ELSE s.closed_at
        END AS closed_at,
        CASE
            WHEN (isfinite(u.until) AND isfinite(s.created_at)) THEN (u.until - s.created_at)
            ELSE NULL::interval
        END AS duration,
    c.successful,
    c.failed,
    s.fail_reason,
    s.progress AS progress_entries
   FROM ((( SELECT session.created_at,
            session.expires_at,
            session.heartbeat_at,
            session.closed_at,
            session.session_type,
            session.sync_mode,
            session.status,
            session.progress,
            session.session_id,
            session.tenant_id,
            session.agent_id,
            session.fail_reason,
            ((session.status = ANY (ARRAY['OPENED'::idpsync.session_status, 'PENDING'::idpsync.session_status])) AND (session.expires_at <= clock_timestamp())) AS expired
           FROM idpsync.session) s
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN s.expired THEN s.expires_at
                    ELSE COALESCE(s.closed_at, clock_timestamp())
                END AS until) u)
     CROSS JOIN LATERAL ( SELECT sum(p.successful) AS successful,
            sum(p.failed) AS failed
           FROM idpsync.entries(s.progress) p(object_type, change_type, successful, failed)) c);
COMMENT ON VIEW idpsync.sessions IS 'sessions with their effective status, duration and totals';
COMMENT ON COLUMN idpsync.sessions.status IS 'effective status: EXPIRED as soon as the lease is over';
COMMENT ON COLUMN idpsync.sessions.duration IS 'from opening to end, or until now';
COMMENT ON COLUMN idpsync.sessions.successful IS 'successful changes of all kinds';
COMMENT ON COLUMN idpsync.sessions.failed IS 'failed changes of all kinds';
CREATE VIEW idpsync.stalled_sessions WITH (security_invoker='true') AS
 SELECT s.session_id,
    s.tenant_id AS subject_container_id,
    s.agent_id,
    s.session_type,
    s.status,
    s.created_at,
    l.last_sign,
    (c.now - l.last_sign) AS silent_for,
    s.expires_at,
    (r.ends_at - c.now) AS expires_in
   FROM (((idpsync.session s
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN isfinite(s.heartbeat_at) THEN s.heartbeat_at
                    WHEN isfinite(s.created_at) THEN s.created_at
                    ELSE NULL::timestamp with time zone
                END AS last_sign) l)
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN isfinite(s.expires_at) THEN s.expires_at
                    ELSE NULL::timestamp with time zone
                END AS ends_at) r)
     CROSS JOIN LATERAL ( SELECT clock_timestamp() AS now) c)
  WHERE ((s.status = ANY (ARRAY['OPENED'::idpsync.session_status, 'PENDING'::idpsync.session_status])) AND (s.expires_at > c.now) AND ((c.now - l.last_sign) > ((r.ends_at - l.last_sign) / (2)::double precision)));
COMMENT ON VIEW idpsync.stalled_sessions IS 'open sessions that have been silent for more than half their lease';
COMMENT ON COLUMN idpsync.stalled_sessions.last_sign IS 'last heartbeat or report, else creation';
COMMENT ON COLUMN idpsync.stalled_sessions.silent_for IS 'time since';
COMMENT ON COLUMN idpsync.stalled_sessions.expires_in IS 'rest of its lease';
CREATE VIEW idpsync.store_info WITH (security_invoker='true') AS
 SELECT 1 AS version,
    '057a2490ca8f0bac'::text AS store_id,
    '10 years'::interval AS job_interval,
    '10 years'::interval AS operation_interval,
    false AS distributed;
COMMENT ON VIEW idpsync.store_info IS 'version and random id of the store, lengths of its partitions, do its tables belong to Citus';
CREATE TABLE idpsync.store_setting (
    name text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL
);
COMMENT ON TABLE idpsync.store_setting IS 'what binds every caller of the store, set by idpsync.configure_store()';
COMMENT ON COLUMN idpsync.store_setting.name IS 'name of the setting';
COMMENT ON COLUMN idpsync.store_setting.value IS 'its value, where it is not the default';
CREATE VIEW idpsync.targets WITH (security_invoker='true') AS
 SELECT t.instance_id,
    t.target_type,
    t.target_id,
    t.jobs,
    t.last_status,
    t.last_start_time,
    t.last_success,
    count(f.job_id) AS consecutive_failures
   FROM (( SELECT j.tenant_id AS instance_id,
            j.target_type,
            j.target_id,
            count(*) AS jobs,
            (array_agg(j.status ORDER BY j.start_time DESC, j.job_id DESC))[1] AS last_status,
            max(j.start_time) AS last_start_time,
            max(j.end_time) FILTER (WHERE (j.status = 'success'::idpsync.job_status)) AS last_success,
            max(j.start_time) FILTER (WHERE (j.status = ANY (ARRAY['success'::idpsync.job_status, 'partial_success'::idpsync.job_status]))) AS last_not_failed
           FROM idpsync.job j
          GROUP BY j.tenant_id, j.target_type, j.target_id) t
     LEFT JOIN idpsync.job f ON ((((f.tenant_id)::text = (t.instance_id)::text) AND (f.target_type = t.target_type) AND ((f.target_id)::text = (t.target_id)::text) AND (f.status = 'failed'::idpsync.job_status) AND (f.start_time > COALESCE(t.last_not_failed, '-infinity'::timestamp with time zone)))))
  GROUP BY t.instance_id, t.target_type, t.target_id, t.jobs, t.last_status, t.last_start_time, t.last_success;
COMMENT ON VIEW idpsync.targets IS 'what jobs synchronize with: last status, last success, failures since';
COMMENT ON COLUMN idpsync.targets.jobs IS 'number of its jobs';
COMMENT ON COLUMN idpsync.targets.last_status IS 'status of the job that started last';
COMMENT ON COLUMN idpsync.targets.last_start_time IS 'when that job started';
COMMENT ON COLUMN idpsync.targets.last_success IS 'when a job last ended with status success';
COMMENT ON COLUMN idpsync.targets.consecutive_failures IS 'failed jobs since the last one that succeeded at least in part';
ALTER TABLE ONLY idpsync.job ATTACH PARTITION idpsync.job_20261101 FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2036-11-01 00:00:00+00');
ALTER TABLE ONLY idpsync.job ATTACH PARTITION idpsync.job_20361101 FOR VALUES FROM ('2036-11-01 00:00:00+00') TO ('2046-11-01 00:00:00+00');
ALTER TABLE ONLY idpsync.job ATTACH PARTITION idpsync.job_20461101 FOR VALUES FROM ('2046-11-01 00:00:00+00') TO ('2056-11-01 00:00:00+00');
ALTER TABLE ONLY idpsync.job ATTACH PARTITION idpsync.job_first FOR VALUES FROM (MINVALUE) TO ('2026-11-01 00:00:00+00');
ALTER TABLE ONLY idpsync.job ATTACH PARTITION idpsync.job_last FOR VALUES FROM ('2056-11-01 00:00:00+00') TO (MAXVALUE);
ALTER TABLE ONLY idpsync.operation ATTACH PARTITION idpsync.operation_20261101 FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2036-11-01 00:00:00+00');
ALTER TABLE ONLY idpsync.operation ATTACH PARTITION idpsync.operation_20361101 FOR VALUES FROM ('2036-11-01 00:00:00+00') TO ('2046-11-01 00:00:00+00');
ALTER TABLE ONLY idpsync.operation ATTACH PARTITION idpsync.operation_20461101 FOR VALUES FROM ('2046-11-01 00:00:00+00') TO ('2056-11-01 00:00:00+00');
ALTER TABLE ONLY idpsync.operation ATTACH PARTITION idpsync.operation_first FOR VALUES FROM (MINVALUE) TO ('2026-11-01 00:00:00+00');
ALTER TABLE ONLY idpsync.operation ATTACH PARTITION idpsync.operation_last FOR VALUES FROM ('2056-11-01 00:00:00+00') TO (MAXVALUE);
ALTER TABLE ONLY idpsync.descriptor
    ADD CONSTRAINT descriptor_pkey PRIMARY KEY (name);
ALTER TABLE ONLY idpsync.foreign_id
    ADD CONSTRAINT foreign_id_pkey PRIMARY KEY (id, kind, tenant_id);
ALTER TABLE ONLY idpsync.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (key, tenant_id);
ALTER TABLE ONLY idpsync.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (job_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.job_20261101
    ADD CONSTRAINT job_20261101_pkey PRIMARY KEY (job_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.job_20361101
    ADD CONSTRAINT job_20361101_pkey PRIMARY KEY (job_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.job_20461101
    ADD CONSTRAINT job_20461101_pkey PRIMARY KEY (job_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.job_count_delta
    ADD CONSTRAINT job_count_delta_pkey PRIMARY KEY (tenant_id, delta_id);
ALTER TABLE ONLY idpsync.job_count
    ADD CONSTRAINT job_count_pkey PRIMARY KEY (tenant_id, grain, target_id, period, target_type, direction, status, partition_start);
ALTER TABLE ONLY idpsync.job_first
    ADD CONSTRAINT job_first_pkey PRIMARY KEY (job_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.job_last
    ADD CONSTRAINT job_last_pkey PRIMARY KEY (job_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.maintenance_log
    ADD CONSTRAINT maintenance_log_pkey PRIMARY KEY (log_id);
ALTER TABLE ONLY idpsync.operation
    ADD CONSTRAINT operation_pkey PRIMARY KEY (operation_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.operation_20261101
    ADD CONSTRAINT operation_20261101_pkey PRIMARY KEY (operation_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.operation_20361101
    ADD CONSTRAINT operation_20361101_pkey PRIMARY KEY (operation_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.operation_20461101
    ADD CONSTRAINT operation_20461101_pkey PRIMARY KEY (operation_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.operation_first
    ADD CONSTRAINT operation_first_pkey PRIMARY KEY (operation_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.operation_last
    ADD CONSTRAINT operation_last_pkey PRIMARY KEY (operation_id, tenant_id, created_at);
ALTER TABLE ONLY idpsync.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (session_id, tenant_id);
ALTER TABLE ONLY idpsync.store_setting
    ADD CONSTRAINT store_setting_pkey PRIMARY KEY (name);
CREATE INDEX job_list ON ONLY idpsync.job USING btree (tenant_id, created_at, job_id) INCLUDE (start_time);
COMMENT ON INDEX idpsync.job_list IS 'serves the pages of list_synchronization_jobs()';
CREATE INDEX job_20261101_tenant_id_created_at_job_id_start_time_idx ON idpsync.job_20261101 USING btree (tenant_id, created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_list_by_class ON ONLY idpsync.job USING btree (tenant_id, idpsync.job_class(target_type, direction, status), created_at, job_id);
COMMENT ON INDEX idpsync.job_list_by_class IS 'serves the pages of chosen target types, directions and status';
CREATE INDEX job_20261101_tenant_id_job_class_created_at_job_id_idx ON idpsync.job_20261101 USING btree (tenant_id, idpsync.job_class(target_type, direction, status), created_at, job_id);
CREATE INDEX job_list_by_start ON ONLY idpsync.job USING btree (tenant_id, start_time, created_at) WHERE (NOT idpsync.job_started_soon(created_at, start_time));
COMMENT ON INDEX idpsync.job_list_by_start IS 'serves the pages of a time of start: the jobs whose creation does not tell it';
CREATE INDEX job_20261101_tenant_id_start_time_created_at_idx ON idpsync.job_20261101 USING btree (tenant_id, start_time, created_at) WHERE (NOT idpsync.job_started_soon(created_at, start_time));
CREATE INDEX job_list_by_target ON ONLY idpsync.job USING btree (tenant_id, target_id, ((idpsync.job_class(target_type, direction, status))::integer), created_at, job_id) INCLUDE (start_time);
COMMENT ON INDEX idpsync.job_list_by_target IS 'serves the pages of chosen targets';
CREATE INDEX job_20261101_tenant_id_target_id_job_class_created_at_job_i_idx ON idpsync.job_20261101 USING btree (tenant_id, target_id, ((idpsync.job_class(target_type, direction, status))::integer), created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_20361101_tenant_id_created_at_job_id_start_time_idx ON idpsync.job_20361101 USING btree (tenant_id, created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_20361101_tenant_id_job_class_created_at_job_id_idx ON idpsync.job_20361101 USING btree (tenant_id, idpsync.job_class(target_type, direction, status), created_at, job_id);
CREATE INDEX job_20361101_tenant_id_start_time_created_at_idx ON idpsync.job_20361101 USING btree (tenant_id, start_time, created_at) WHERE (NOT idpsync.job_started_soon(created_at, start_time));
CREATE INDEX job_20361101_tenant_id_target_id_job_class_created_at_job_i_idx ON idpsync.job_20361101 USING btree (tenant_id, target_id, ((idpsync.job_class(target_type, direction, status))::integer), created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_20461101_tenant_id_created_at_job_id_start_time_idx ON idpsync.job_20461101 USING btree (tenant_id, created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_20461101_tenant_id_job_class_created_at_job_id_idx ON idpsync.job_20461101 USING btree (tenant_id, idpsync.job_class(target_type, direction, status), created_at, job_id);
CREATE INDEX job_20461101_tenant_id_start_time_created_at_idx ON idpsync.job_20461101 USING btree (tenant_id, start_time, created_at) WHERE (NOT idpsync.job_started_soon(created_at, start_time));
CREATE INDEX job_20461101_tenant_id_target_id_job_class_created_at_job_i_idx ON idpsync.job_20461101 USING btree (tenant_id, target_id, ((idpsync.job_class(target_type, direction, status))::integer), created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_first_tenant_id_created_at_job_id_start_time_idx ON idpsync.job_first USING btree (tenant_id, created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_first_tenant_id_job_class_created_at_job_id_idx ON idpsync.job_first USING btree (tenant_id, idpsync.job_class(target_type, direction, status), created_at, job_id);
CREATE INDEX job_first_tenant_id_start_time_created_at_idx ON idpsync.job_first USING btree (tenant_id, start_time, created_at) WHERE (NOT idpsync.job_started_soon(created_at, start_time));
CREATE INDEX job_first_tenant_id_target_id_job_class_created_at_job_id_s_idx ON idpsync.job_first USING btree (tenant_id, target_id, ((idpsync.job_class(target_type, direction, status))::integer), created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_last_tenant_id_created_at_job_id_start_time_idx ON idpsync.job_last USING btree (tenant_id, created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_last_tenant_id_job_class_created_at_job_id_idx ON idpsync.job_last USING btree (tenant_id, idpsync.job_class(target_type, direction, status), created_at, job_id);
CREATE INDEX job_last_tenant_id_start_time_created_at_idx ON idpsync.job_last USING btree (tenant_id, start_time, created_at) WHERE (NOT idpsync.job_started_soon(created_at, start_time));
CREATE INDEX job_last_tenant_id_target_id_job_class_created_at_job_id_st_idx ON idpsync.job_last USING btree (tenant_id, target_id, ((idpsync.job_class(target_type, direction, status))::integer), created_at, job_id) INCLUDE (start_time);
CREATE INDEX operation_list ON ONLY idpsync.operation USING btree (tenant_id, created_at, operation_id);
COMMENT ON INDEX idpsync.operation_list IS 'serves the pages of list_operations()';
CREATE INDEX operation_20261101_tenant_id_created_at_operation_id_idx ON idpsync.operation_20261101 USING btree (tenant_id, created_at, operation_id);
CREATE INDEX operation_20361101_tenant_id_created_at_operation_id_idx ON idpsync.operation_20361101 USING btree (tenant_id, created_at, operation_id);
CREATE INDEX operation_20461101_tenant_id_created_at_operation_id_idx ON idpsync.operation_20461101 USING btree (tenant_id, created_at, operation_id);
CREATE INDEX operation_first_tenant_id_created_at_operation_id_idx ON idpsync.operation_first USING btree (tenant_id, created_at, operation_id);
CREATE INDEX operation_last_tenant_id_created_at_operation_id_idx ON idpsync.operation_last USING btree (tenant_id, created_at, operation_id);
CREATE INDEX session_completed ON idpsync.session USING btree (tenant_id, session_type, sync_mode, created_at) WHERE (status = 'COMPLETED'::idpsync.session_status);
COMMENT ON INDEX idpsync.session_completed IS 'finds completed sessions for sync_mode and session_interval';
CREATE INDEX session_list ON idpsync.session USING btree (tenant_id, created_at, session_id);
COMMENT ON INDEX idpsync.session_list IS 'serves the pages of list_sessions()';
CREATE UNIQUE INDEX session_open ON idpsync.session USING btree (tenant_id, session_type) WHERE (status = ANY (ARRAY['OPENED'::idpsync.session_status, 'PENDING'::idpsync.session_status]));
COMMENT ON INDEX idpsync.session_open IS 'one open session a container and type';
ALTER INDEX idpsync.job_pkey ATTACH PARTITION idpsync.job_20261101_pkey;
ALTER INDEX idpsync.job_list ATTACH PARTITION idpsync.job_20261101_tenant_id_created_at_job_id_start_time_idx;
ALTER INDEX idpsync.job_list_by_class ATTACH PARTITION idpsync.job_20261101_tenant_id_job_class_created_at_job_id_idx;
ALTER INDEX idpsync.job_list_by_start ATTACH PARTITION idpsync.job_20261101_tenant_id_start_time_created_at_idx;
ALTER INDEX idpsync.job_list_by_target ATTACH PARTITION idpsync.job_20261101_tenant_id_target_id_job_class_created_at_job_i_idx;
ALTER INDEX idpsync.job_pkey ATTACH PARTITION idpsync.job_20361101_pkey;
ALTER INDEX idpsync.job_list ATTACH PARTITION idpsync.job_20361101_tenant_id_created_at_job_id_start_time_idx;
ALTER INDEX idpsync.job_list_by_class ATTACH PARTITION idpsync.job_20361101_tenant_id_job_class_created_at_job_id_idx;
ALTER INDEX idpsync.job_list_by_start ATTACH PARTITION idpsync.job_20361101_tenant_id_start_time_created_at_idx;
ALTER INDEX idpsync.job_list_by_target ATTACH PARTITION idpsync.job_20361101_tenant_id_target_id_job_class_created_at_job_i_idx;
ALTER INDEX idpsync.job_pkey ATTACH PARTITION idpsync.job_20461101_pkey;
ALTER INDEX idpsync.job_list ATTACH PARTITION idpsync.job_20461101_tenant_id_created_at_job_id_start_time_idx;
ALTER INDEX idpsync.job_list_by_class ATTACH PARTITION idpsync.job_20461101_tenant_id_job_class_created_at_job_id_idx;
ALTER INDEX idpsync.job_list_by_start ATTACH PARTITION idpsync.job_20461101_tenant_id_start_time_created_at_idx;
ALTER INDEX idpsync.job_list_by_target ATTACH PARTITION idpsync.job_20461101_tenant_id_target_id_job_class_created_at_job_i_idx;
ALTER INDEX idpsync.job_pkey ATTACH PARTITION idpsync.job_first_pkey;
ALTER INDEX idpsync.job_list ATTACH PARTITION idpsync.job_first_tenant_id_created_at_job_id_start_time_idx;
ALTER INDEX idpsync.job_list_by_class ATTACH PARTITION idpsync.job_first_tenant_id_job_class_created_at_job_id_idx;
ALTER INDEX idpsync.job_list_by_start ATTACH PARTITION idpsync.job_first_tenant_id_start_time_created_at_idx;
ALTER INDEX idpsync.job_list_by_target ATTACH PARTITION idpsync.job_first_tenant_id_target_id_job_class_created_at_job_id_s_idx;
ALTER INDEX idpsync.job_pkey ATTACH PARTITION idpsync.job_last_pkey;
ALTER INDEX idpsync.job_list ATTACH PARTITION idpsync.job_last_tenant_id_created_at_job_id_start_time_idx;
ALTER INDEX idpsync.job_list_by_class ATTACH PARTITION idpsync.job_last_tenant_id_job_class_created_at_job_id_idx;
ALTER INDEX idpsync.job_list_by_start ATTACH PARTITION idpsync.job_last_tenant_id_start_time_created_at_idx;
ALTER INDEX idpsync.job_list_by_target ATTACH PARTITION idpsync.job_last_tenant_id_target_id_job_class_created_at_job_id_st_idx;
ALTER INDEX idpsync.operation_pkey ATTACH PARTITION idpsync.operation_20261101_pkey;
ALTER INDEX idpsync.operation_list ATTACH PARTITION idpsync.operation_20261101_tenant_id_created_at_operation_id_idx;
ALTER INDEX idpsync.operation_pkey ATTACH PARTITION idpsync.operation_20361101_pkey;
ALTER INDEX idpsync.operation_list ATTACH PARTITION idpsync.operation_20361101_tenant_id_created_at_operation_id_idx;
ALTER INDEX idpsync.operation_pkey ATTACH PARTITION idpsync.operation_20461101_pkey;
ALTER INDEX idpsync.operation_list ATTACH PARTITION idpsync.operation_20461101_tenant_id_created_at_operation_id_idx;
ALTER INDEX idpsync.operation_pkey ATTACH PARTITION idpsync.operation_first_pkey;
ALTER INDEX idpsync.operation_list ATTACH PARTITION idpsync.operation_first_tenant_id_created_at_operation_id_idx;
ALTER INDEX idpsync.operation_pkey ATTACH PARTITION idpsync.operation_last_pkey;
ALTER INDEX idpsync.operation_list ATTACH PARTITION idpsync.operation_last_tenant_id_created_at_operation_id_idx;
CREATE TRIGGER check_store_setting BEFORE INSERT OR UPDATE ON idpsync.store_setting FOR EACH ROW EXECUTE FUNCTION idpsync.check_store_setting();
COMMENT ON TRIGGER check_store_setting ON idpsync.store_setting IS 'refuses settings that configure_store() would refuse';
CREATE TRIGGER descriptor_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON idpsync.descriptor FOR EACH STATEMENT EXECUTE FUNCTION idpsync.store_setting_changed();
ALTER TABLE idpsync.descriptor ENABLE ALWAYS TRIGGER descriptor_changed;
COMMENT ON TRIGGER descriptor_changed ON idpsync.descriptor IS 'makes every backend read the types anew';
CREATE TRIGGER job_count_delete AFTER DELETE ON idpsync.job REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_delete ON idpsync.job IS 'takes away the jobs a statement deletes';
CREATE TRIGGER job_count_delete AFTER DELETE ON idpsync.job_20261101 REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_delete ON idpsync.job_20261101 IS 'takes away the jobs a statement deletes';
CREATE TRIGGER job_count_delete AFTER DELETE ON idpsync.job_20361101 REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_delete ON idpsync.job_20361101 IS 'takes away the jobs a statement deletes';
CREATE TRIGGER job_count_delete AFTER DELETE ON idpsync.job_20461101 REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_delete ON idpsync.job_20461101 IS 'takes away the jobs a statement deletes';
CREATE TRIGGER job_count_delete AFTER DELETE ON idpsync.job_first REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_delete ON idpsync.job_first IS 'takes away the jobs a statement deletes';
CREATE TRIGGER job_count_delete AFTER DELETE ON idpsync.job_last REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_delete ON idpsync.job_last IS 'takes away the jobs a statement deletes';
CREATE TRIGGER job_count_insert AFTER INSERT ON idpsync.job REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_insert ON idpsync.job IS 'counts the jobs a statement brings';
CREATE TRIGGER job_count_insert AFTER INSERT ON idpsync.job_20261101 REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_insert ON idpsync.job_20261101 IS 'counts the jobs a statement brings';
CREATE TRIGGER job_count_insert AFTER INSERT ON idpsync.job_20361101 REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_insert ON idpsync.job_20361101 IS 'counts the jobs a statement brings';
CREATE TRIGGER job_count_insert AFTER INSERT ON idpsync.job_20461101 REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_insert ON idpsync.job_20461101 IS 'counts the jobs a statement brings';
CREATE TRIGGER job_count_insert AFTER INSERT ON idpsync.job_first REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_insert ON idpsync.job_first IS 'counts the jobs a statement brings';
CREATE TRIGGER job_count_insert AFTER INSERT ON idpsync.job_last REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_insert ON idpsync.job_last IS 'counts the jobs a statement brings';
CREATE TRIGGER job_count_truncate AFTER TRUNCATE ON idpsync.job_20261101 FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_truncate ON idpsync.job_20261101 IS 'takes away the jobs of a truncated partition';
CREATE TRIGGER job_count_truncate AFTER TRUNCATE ON idpsync.job_20361101 FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_truncate ON idpsync.job_20361101 IS 'takes away the jobs of a truncated partition';
CREATE TRIGGER job_count_truncate AFTER TRUNCATE ON idpsync.job_20461101 FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_truncate ON idpsync.job_20461101 IS 'takes away the jobs of a truncated partition';
CREATE TRIGGER job_count_truncate AFTER TRUNCATE ON idpsync.job_first FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_truncate ON idpsync.job_first IS 'takes away the jobs of a truncated partition';
CREATE TRIGGER job_count_truncate AFTER TRUNCATE ON idpsync.job_last FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_truncate ON idpsync.job_last IS 'takes away the jobs of a truncated partition';
CREATE TRIGGER job_count_update AFTER UPDATE ON idpsync.job REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_update ON idpsync.job IS 'counts the jobs a statement changes';
CREATE TRIGGER job_count_update AFTER UPDATE ON idpsync.job_20261101 REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_update ON idpsync.job_20261101 IS 'counts the jobs a statement changes';
CREATE TRIGGER job_count_update AFTER UPDATE ON idpsync.job_20361101 REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_update ON idpsync.job_20361101 IS 'counts the jobs a statement changes';
CREATE TRIGGER job_count_update AFTER UPDATE ON idpsync.job_20461101 REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_update ON idpsync.job_20461101 IS 'counts the jobs a statement changes';
CREATE TRIGGER job_count_update AFTER UPDATE ON idpsync.job_first REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_update ON idpsync.job_first IS 'counts the jobs a statement changes';
CREATE TRIGGER job_count_update AFTER UPDATE ON idpsync.job_last REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
COMMENT ON TRIGGER job_count_update ON idpsync.job_last IS 'counts the jobs a statement changes';
CREATE TRIGGER job_status_change BEFORE UPDATE OF status ON idpsync.job FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION idpsync.check_job_change();
COMMENT ON TRIGGER job_status_change ON idpsync.job IS 'refuses status changes the states of a job forbid';
CREATE TRIGGER operation_change BEFORE UPDATE ON idpsync.operation FOR EACH ROW WHEN (old.done) EXECUTE FUNCTION idpsync.check_operation_change();
COMMENT ON TRIGGER operation_change ON idpsync.operation IS 'refuses to change an operation that is done';
CREATE TRIGGER session_status_change BEFORE UPDATE OF status ON idpsync.session FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION idpsync.check_session_change();
COMMENT ON TRIGGER session_status_change ON idpsync.session IS 'refuses status changes the documented states forbid';
CREATE TRIGGER store_setting_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON idpsync.store_setting FOR EACH STATEMENT EXECUTE FUNCTION idpsync.store_setting_changed();
ALTER TABLE idpsync.store_setting ENABLE ALWAYS TRIGGER store_setting_changed;
COMMENT ON TRIGGER store_setting_changed ON idpsync.store_setting IS 'makes every backend read the settings anew';
ALTER TABLE idpsync.job_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE idpsync.job_count_delta ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees_all_jobs ON idpsync.job_count FOR SELECT USING (( SELECT (NOT row_security_active(('idpsync.job'::regclass)::oid))));
COMMENT ON POLICY sees_all_jobs ON idpsync.job_count IS 'for whom no policy on idpsync.job binds';
CREATE POLICY sees_all_jobs ON idpsync.job_count_delta FOR SELECT USING (( SELECT (NOT row_security_active(('idpsync.job'::regclass)::oid))));
COMMENT ON POLICY sees_all_jobs ON idpsync.job_count_delta IS 'for whom no policy on idpsync.job binds';
GRANT SELECT ON TABLE idpsync.store_info TO PUBLIC;
