
-- Synchronization jobs (ListSynchronizationJobs, GetSynchronizationJob, RunSynchronizationJob).

CREATE FUNCTION idpsync.run_synchronization_job(
    instance_id text, target_type idpsync.job_target_type, target_id text,
    description text DEFAULT NULL, direction idpsync.job_direction DEFAULT NULL,
    trigger_type idpsync.job_trigger_type DEFAULT 'manual', session_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'run_synchronization_job';
COMMENT ON FUNCTION idpsync.run_synchronization_job(text, idpsync.job_target_type, text, text, idpsync.job_direction, idpsync.job_trigger_type, text, text) IS
    'makes a pending job and the operation that is done when it ends (RunSynchronizationJob)';

CREATE FUNCTION idpsync.start_synchronization_job(
    synchronization_job_id text, instance_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'start_synchronization_job';
COMMENT ON FUNCTION idpsync.start_synchronization_job(text, text, text) IS
    'a pending job runs from now on';

CREATE FUNCTION idpsync.report_job_statistics(
    synchronization_job_id text, statistics idpsync.job_statistics, progress_mode text DEFAULT NULL,
    instance_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'report_job_statistics';
COMMENT ON FUNCTION idpsync.report_job_statistics(text, idpsync.job_statistics, text, text, text) IS
    'joins a report to the statistics of a running job';

CREATE FUNCTION idpsync.finish_synchronization_job(
    synchronization_job_id text, statistics idpsync.job_statistics DEFAULT NULL, status idpsync.job_status DEFAULT NULL,
    error_code text DEFAULT NULL, error_message text DEFAULT NULL, progress_mode text DEFAULT NULL,
    instance_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'finish_synchronization_job';
COMMENT ON FUNCTION idpsync.finish_synchronization_job(text, idpsync.job_statistics, idpsync.job_status, text, text, text, text, text) IS
    'ends a job, and its operation with it; without a status the statistics and the error decide';

CREATE FUNCTION idpsync.import_synchronization_jobs(
    instance_id text, document json, idempotency_key text DEFAULT NULL,
    OUT inserted bigint, OUT updated bigint, OUT unchanged bigint, OUT skipped bigint)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000
    AS 'MODULE_PATHNAME', 'import_synchronization_jobs';
COMMENT ON FUNCTION idpsync.import_synchronization_jobs(text, json, text) IS
    'stores the jobs of a documented ListSynchronizationJobs response, or of an array of them';

CREATE FUNCTION idpsync.get_synchronization_job(
    synchronization_job_id text, instance_id text DEFAULT NULL,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text)
    LANGUAGE C STABLE PARALLEL UNSAFE COST 500
    AS 'MODULE_PATHNAME', 'get_synchronization_job';
COMMENT ON FUNCTION idpsync.get_synchronization_job(text, text) IS
    'one job (GetSynchronizationJob)';

CREATE FUNCTION idpsync.list_synchronization_jobs(
    instance_id text,
    max_results integer DEFAULT NULL, next_token text DEFAULT NULL, page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
    target_type idpsync.job_target_type DEFAULT NULL, target_ids text[] DEFAULT NULL,
    start_time timestamptz DEFAULT NULL, end_time timestamptz DEFAULT NULL,
    direction idpsync.job_direction DEFAULT NULL, status idpsync.job_status DEFAULT NULL,
    with_total_count boolean DEFAULT true,
    OUT synchronization_job_id text, OUT instance_id text, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT direction idpsync.job_direction, OUT trigger_type idpsync.job_trigger_type, OUT status idpsync.job_status,
    OUT description text, OUT created_at timestamptz, OUT start_time timestamptz, OUT end_time timestamptz,
    OUT statistics idpsync.job_statistics, OUT error_code text, OUT error_message text, OUT session_id text, OUT operation_id text,
    OUT next_token text, OUT total_count bigint)
    RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 20 COST 10000
    AS 'MODULE_PATHNAME', 'list_synchronization_jobs';
COMMENT ON FUNCTION idpsync.list_synchronization_jobs(text, integer, text, integer, integer, idpsync.job_target_type, text[], timestamptz, timestamptz, idpsync.job_direction, idpsync.job_status, boolean) IS
    'a page of an instance''s jobs, newest first (ListSynchronizationJobs)';

CREATE FUNCTION idpsync.count_synchronization_jobs(
    instance_id text,
    target_type idpsync.job_target_type DEFAULT NULL, target_ids text[] DEFAULT NULL,
    start_time timestamptz DEFAULT NULL, end_time timestamptz DEFAULT NULL,
    direction idpsync.job_direction DEFAULT NULL, status idpsync.job_status DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C STABLE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'count_synchronization_jobs';
COMMENT ON FUNCTION idpsync.count_synchronization_jobs(text, idpsync.job_target_type, text[], timestamptz, timestamptz, idpsync.job_direction, idpsync.job_status) IS
    'how many jobs of an instance pass the filters (TotalCount)';

CREATE FUNCTION idpsync.synchronization_job_statistics(
    instance_id text, start_time timestamptz DEFAULT NULL, end_time timestamptz DEFAULT NULL,
    bucket text DEFAULT NULL, time_zone text DEFAULT 'UTC', by_target boolean DEFAULT false,
    target_type idpsync.job_target_type DEFAULT NULL, target_ids text[] DEFAULT NULL,
    direction idpsync.job_direction DEFAULT NULL, status idpsync.job_status DEFAULT NULL,
    OUT bucket_start timestamptz, OUT target_type idpsync.job_target_type, OUT target_id text,
    OUT job_count bigint, OUT statistics idpsync.job_statistics)
    RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 100 COST 100000
    AS 'MODULE_PATHNAME', 'synchronization_job_statistics';
COMMENT ON FUNCTION idpsync.synchronization_job_statistics(text, timestamptz, timestamptz, text, text, boolean, idpsync.job_target_type, text[], idpsync.job_direction, idpsync.job_status) IS
    'numbers of jobs and sums of their statistics, by bucket of time and by target where asked';

CREATE FUNCTION idpsync.check_job_change()
    RETURNS trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'check_job_change';
COMMENT ON FUNCTION idpsync.check_job_change() IS
    'refuses what the states of a synchronization job forbid';

-- Here and not with the other operations, since the operation of a job takes its job along.
CREATE FUNCTION idpsync.cancel_operation(
    operation_id text, tenant_id text DEFAULT NULL, idempotency_key text DEFAULT NULL,
    OUT operation_id text, OUT tenant_id text, OUT method text, OUT description text, OUT created_at timestamptz,
    OUT created_by text, OUT modified_at timestamptz, OUT done boolean, OUT metadata idpsync.protobuf_any,
    OUT error_code integer, OUT error_message text, OUT error_details idpsync.protobuf_any[], OUT response idpsync.protobuf_any)
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'cancel_operation';
COMMENT ON FUNCTION idpsync.cancel_operation(text, text, text) IS
    'ends an operation with error code 1 (CANCELLED) and fails its job, if it has one; leaves a done one as it is';

CREATE FUNCTION idpsync.job_fits_status(status idpsync.job_status, end_time timestamptz)
    RETURNS boolean
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2
    AS 'MODULE_PATHNAME', 'job_fits_status';
COMMENT ON FUNCTION idpsync.job_fits_status(idpsync.job_status, timestamptz) IS
    'has a job an end only if its status is one';

CREATE FUNCTION idpsync.job_class(target_type idpsync.job_target_type, direction idpsync.job_direction, status idpsync.job_status)
    RETURNS smallint
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10000
    AS 'MODULE_PATHNAME', 'job_class';
COMMENT ON FUNCTION idpsync.job_class(idpsync.job_target_type, idpsync.job_direction, idpsync.job_status) IS
    'target type, direction and status as one number, for the indexes of lists';

CREATE FUNCTION idpsync.job_started_soon(created_at timestamptz, start_time timestamptz)
    RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10000
    AS 'MODULE_PATHNAME', 'job_started_soon';
COMMENT ON FUNCTION idpsync.job_started_soon(timestamptz, timestamptz) IS
    'did a job start within an hour from its creation?';
