-- Jobs know when they were imported. The views are locked first, as by their readers, and with them their tables.
-- Days are there whatever their sums; sessions are the same without subqueries that Citus cannot plan.
LOCK TABLE idpsync.job_statistics_days, idpsync.jobs, idpsync.sessions, idpsync.store_setting, idpsync.descriptor IN ACCESS EXCLUSIVE MODE;
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
       CASE WHEN NOT isfinite(j.start_time) OR NOT isfinite(j.end_time) THEN NULL
            WHEN j.end_time IS NOT NULL THEN j.end_time - j.start_time
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
CREATE OR REPLACE VIEW idpsync.sessions WITH (security_invoker = true) AS
SELECT s.session_id,
       s.tenant_id AS subject_container_id,
       s.agent_id,
       s.session_type,
       s.sync_mode,
       CASE WHEN s.expired THEN 'EXPIRED' ELSE s.status END AS status,
       s.created_at,
       s.expires_at,
       s.heartbeat_at,
       CASE WHEN s.expired THEN s.expires_at ELSE s.closed_at END AS closed_at,
       CASE WHEN isfinite(s.until) AND isfinite(s.created_at) THEN s.until - s.created_at END AS duration,
       c.successful,
       c.failed,
       s.fail_reason,
       s.progress AS progress_entries
FROM (SELECT *, CASE WHEN e.expired THEN e.expires_at ELSE coalesce(e.closed_at, clock_timestamp()) END AS until
      FROM (SELECT *, status IN ('OPENED', 'PENDING') AND expires_at <= clock_timestamp() AS expired FROM idpsync.session) AS e) AS s
CROSS JOIN LATERAL (SELECT sum(p.successful) AS successful, sum(p.failed) AS failed FROM idpsync.entries(s.progress) AS p) AS c;
CREATE OR REPLACE VIEW idpsync.job_statistics_days WITH (security_invoker = true) AS
SELECT d.instance_id,
       d.target_type,
       d.target_id,
       d.day,
       d.jobs,
       d.failed_jobs,
       CASE WHEN d.statistics IS NOT NULL AND coalesce(c.success, 0) <= 9223372036854775807 THEN coalesce(c.success, 0)::bigint END AS success,
       CASE WHEN d.statistics IS NOT NULL AND coalesce(c.failed, 0) <= 9223372036854775807 THEN coalesce(c.failed, 0)::bigint END AS failed,
       CASE WHEN d.statistics IS NOT NULL AND coalesce(c.skipped, 0) <= 9223372036854775807 THEN coalesce(c.skipped, 0)::bigint END AS skipped,
       d.statistics
FROM (SELECT j.tenant_id AS instance_id,
             j.target_type,
             j.target_id,
             (j.start_time AT TIME ZONE 'UTC')::date AS day,
             count(*) AS jobs,
             count(*) FILTER (WHERE j.status = 'failed') AS failed_jobs,
             idpsync.sum_or_null(j.statistics) AS statistics
      FROM idpsync.job AS j
      GROUP BY 1, 2, 3, 4) AS d
CROSS JOIN LATERAL (SELECT sum(e.success) AS success, sum(e.failed) AS failed, sum(e.skipped) AS skipped
                    FROM idpsync.entries(d.statistics) AS e) AS c;
COMMENT ON VIEW idpsync.job_statistics_days IS 'numbers and statistics of jobs by target and UTC day of start_time, without retired jobs';
-- Triggers of rows, which logical replication fires, in place of those of statements. A distributed store has none.
DO $$
BEGIN
    IF (SELECT distributed FROM idpsync.store_info) THEN
        RETURN;
    END IF;
    CREATE OR REPLACE TRIGGER store_setting_changed
        AFTER INSERT OR UPDATE OR DELETE ON idpsync.store_setting
        FOR EACH ROW EXECUTE FUNCTION idpsync.store_setting_changed();
    CREATE OR REPLACE TRIGGER store_setting_truncated
        AFTER TRUNCATE ON idpsync.store_setting
        FOR EACH STATEMENT EXECUTE FUNCTION idpsync.store_setting_changed();
    CREATE OR REPLACE TRIGGER descriptor_changed
        AFTER INSERT OR UPDATE OR DELETE ON idpsync.descriptor
        FOR EACH ROW EXECUTE FUNCTION idpsync.store_setting_changed();
    CREATE OR REPLACE TRIGGER descriptor_truncated
        AFTER TRUNCATE ON idpsync.descriptor
        FOR EACH STATEMENT EXECUTE FUNCTION idpsync.store_setting_changed();
    ALTER TABLE idpsync.store_setting ENABLE ALWAYS TRIGGER store_setting_changed;
    ALTER TABLE idpsync.store_setting ENABLE ALWAYS TRIGGER store_setting_truncated;
    ALTER TABLE idpsync.descriptor ENABLE ALWAYS TRIGGER descriptor_changed;
    ALTER TABLE idpsync.descriptor ENABLE ALWAYS TRIGGER descriptor_truncated;
    COMMENT ON TRIGGER store_setting_changed ON idpsync.store_setting IS 'makes every backend read the settings anew';
    COMMENT ON TRIGGER store_setting_truncated ON idpsync.store_setting IS 'makes every backend read the settings anew';
    COMMENT ON TRIGGER descriptor_changed ON idpsync.descriptor IS 'makes every backend read the types anew';
    COMMENT ON TRIGGER descriptor_truncated ON idpsync.descriptor IS 'makes every backend read the types anew';
END $$;
