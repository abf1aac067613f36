-- Exact counts of jobs and sums of their statistics.

CREATE FUNCTION idpsync.count_plan(
    instance_id text,
    target_type idpsync.job_target_type DEFAULT NULL, target_ids text[] DEFAULT NULL,
    start_time timestamptz DEFAULT NULL, end_time timestamptz DEFAULT NULL,
    direction idpsync.job_direction DEFAULT NULL, status idpsync.job_status DEFAULT NULL,
    OUT source text, OUT part text, OUT range_start timestamptz, OUT range_end timestamptz,
    OUT rows_read bigint, OUT jobs bigint)
    RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE ROWS 6 COST 10000
    AS 'MODULE_PATHNAME', 'count_plan';
COMMENT ON FUNCTION idpsync.count_plan(text, idpsync.job_target_type, text[], timestamptz, timestamptz, idpsync.job_direction, idpsync.job_status) IS
    'how count_synchronization_jobs() comes to its answer, a row a part';

CREATE FUNCTION idpsync.rebuild_counts(forget_history boolean DEFAULT false)
    RETURNS bigint
    LANGUAGE C VOLATILE PARALLEL UNSAFE STRICT COST 1000000
    AS 'MODULE_PATHNAME', 'rebuild_counts';
COMMENT ON FUNCTION idpsync.rebuild_counts(boolean) IS
    'counts all jobs anew, while nobody can write them';

CREATE FUNCTION idpsync.count_job_changes()
    RETURNS trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'count_job_changes';
COMMENT ON FUNCTION idpsync.count_job_changes() IS
    'appends what a statement changes in the counts of jobs to job_count_delta';
