-- Jobs know when they were imported. The view is locked first, as by its readers, and with it its table.
LOCK TABLE idpsync.jobs IN ACCESS EXCLUSIVE MODE;
ALTER TABLE idpsync.job ADD COLUMN imported_at timestamptz;
COMMENT ON COLUMN idpsync.job.imported_at IS 'when an import first brought the job, NULL for others';
CREATE OR REPLACE VIEW idpsync.jobs WITH (security_invoker = true) AS
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
       CASE WHEN j.end_time IS NOT NULL THEN j.end_time - j.start_time
            WHEN j.status = 'running' THEN clock_timestamp() - j.start_time END AS duration,
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
       j.statistics,
       j.imported_at
FROM idpsync.job AS j
CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.success) FILTER (WHERE e.object_kind = 'User'), 0) AS users_success,
           coalesce(sum(e.failed) FILTER (WHERE e.object_kind = 'User'), 0) AS users_failed,
           coalesce(sum(e.success) FILTER (WHERE e.object_kind = 'OrganizationalUnit'), 0) AS organizational_units_success,
           coalesce(sum(e.failed) FILTER (WHERE e.object_kind = 'OrganizationalUnit'), 0) AS organizational_units_failed,
           coalesce(sum(e.success) FILTER (WHERE e.object_kind = 'Group'), 0) AS groups_success,
           coalesce(sum(e.failed) FILTER (WHERE e.object_kind = 'Group'), 0) AS groups_failed,
           coalesce(sum(e.success) FILTER (WHERE e.object_kind = 'GroupMember'), 0) AS group_members_success,
           coalesce(sum(e.failed) FILTER (WHERE e.object_kind = 'GroupMember'), 0) AS group_members_failed
    FROM idpsync.entries(j.statistics) AS e) AS c;
COMMENT ON COLUMN idpsync.jobs.imported_at IS 'when an import first brought the job, NULL for others';
COMMENT ON VIEW idpsync.job_statistics_days IS 'numbers and statistics of jobs by target and UTC day of start_time, without retired jobs';
