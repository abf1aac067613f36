-- Views for reports. Each is security_invoker, or it would read past the policies of its tables.
-- Counters of a row are added up as numeric, so that one row cannot make the view fail for all.
-- Their columns only grow, at the end: what stands on a view survives upgrade_store().

CREATE VIEW idpsync.sessions WITH (security_invoker = true) AS
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
COMMENT ON VIEW idpsync.sessions IS 'sessions with their effective status, duration and totals';
COMMENT ON COLUMN idpsync.sessions.status IS 'effective status: EXPIRED as soon as the lease is over';
COMMENT ON COLUMN idpsync.sessions.duration IS 'from opening to end, or until now';
COMMENT ON COLUMN idpsync.sessions.successful IS 'successful changes of all kinds';
COMMENT ON COLUMN idpsync.sessions.failed IS 'failed changes of all kinds';

CREATE VIEW idpsync.stalled_sessions WITH (security_invoker = true) AS
SELECT s.session_id,
       s.tenant_id AS subject_container_id,
       s.agent_id,
       s.session_type,
       s.status,
       s.created_at,
       l.last_sign,
       c.now - l.last_sign AS silent_for,
       s.expires_at,
       r.ends_at - c.now AS expires_in
FROM idpsync.session AS s
CROSS JOIN LATERAL (SELECT CASE WHEN isfinite(s.heartbeat_at) THEN s.heartbeat_at WHEN isfinite(s.created_at) THEN s.created_at END AS last_sign) AS l
CROSS JOIN LATERAL (SELECT CASE WHEN isfinite(s.expires_at) THEN s.expires_at END AS ends_at) AS r
CROSS JOIN LATERAL (SELECT clock_timestamp() AS now) AS c
WHERE s.status IN ('OPENED', 'PENDING') AND s.expires_at > c.now AND c.now - l.last_sign > (r.ends_at - l.last_sign) / 2;
COMMENT ON VIEW idpsync.stalled_sessions IS 'open sessions that have been silent for more than half their lease';
COMMENT ON COLUMN idpsync.stalled_sessions.last_sign IS 'last heartbeat or report, else creation';
COMMENT ON COLUMN idpsync.stalled_sessions.silent_for IS 'time since';
COMMENT ON COLUMN idpsync.stalled_sessions.expires_in IS 'rest of its lease';

CREATE VIEW idpsync.session_progress_entries WITH (security_invoker = true) AS
SELECT s.session_id,
       s.tenant_id AS subject_container_id,
       s.session_type,
       s.created_at,
       e.object_type,
       e.change_type,
       e.successful,
       e.failed
FROM idpsync.session AS s
CROSS JOIN LATERAL idpsync.entries(s.progress) AS e;
COMMENT ON VIEW idpsync.session_progress_entries IS 'progress of sessions, a row an object type and change type that was reported';
COMMENT ON COLUMN idpsync.session_progress_entries.successful IS 'successful changes';
COMMENT ON COLUMN idpsync.session_progress_entries.failed IS 'failed changes';

CREATE VIEW idpsync.jobs WITH (security_invoker = true) AS
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
COMMENT ON VIEW idpsync.jobs IS 'jobs with their duration and counters by object kind';
COMMENT ON COLUMN idpsync.jobs.duration IS 'from start to end, while it runs until now; NULL where there is no start or no end';
COMMENT ON COLUMN idpsync.jobs.imported_at IS 'when an import first brought the job, NULL for others';

CREATE VIEW idpsync.job_statistics_entries WITH (security_invoker = true) AS
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
FROM idpsync.job AS j
CROSS JOIN LATERAL idpsync.entries(j.statistics) AS e;
COMMENT ON VIEW idpsync.job_statistics_entries IS 'statistics of jobs, a row an object kind and change kind that is not zero';

CREATE VIEW idpsync.job_statistics_days WITH (security_invoker = true) AS
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
COMMENT ON COLUMN idpsync.job_statistics_days.success IS 'successful changes of all kinds';
COMMENT ON COLUMN idpsync.job_statistics_days.failed IS 'failed changes of all kinds';
COMMENT ON COLUMN idpsync.job_statistics_days.skipped IS 'skipped changes of all kinds';

CREATE VIEW idpsync.targets WITH (security_invoker = true) AS
SELECT t.instance_id,
       t.target_type,
       t.target_id,
       t.jobs,
       t.last_status,
       t.last_start_time,
       t.last_success,
       count(f.job_id) AS consecutive_failures
FROM (SELECT j.tenant_id AS instance_id,
             j.target_type,
             j.target_id,
             count(*) AS jobs,
             (array_agg(j.status ORDER BY j.start_time DESC, j.job_id DESC))[1] AS last_status,
             max(j.start_time) AS last_start_time,
             max(j.end_time) FILTER (WHERE j.status = 'success') AS last_success,
             max(j.start_time) FILTER (WHERE j.status IN ('success', 'partial_success')) AS last_not_failed
      FROM idpsync.job AS j
      GROUP BY 1, 2, 3) AS t
LEFT JOIN idpsync.job AS f
       ON f.tenant_id = t.instance_id AND f.target_type = t.target_type AND f.target_id = t.target_id
      AND f.status = 'failed' AND f.start_time > coalesce(t.last_not_failed, '-infinity')
GROUP BY 1, 2, 3, 4, 5, 6, 7;
COMMENT ON VIEW idpsync.targets IS 'what jobs synchronize with: last status, last success, failures since';
COMMENT ON COLUMN idpsync.targets.jobs IS 'number of its jobs';
COMMENT ON COLUMN idpsync.targets.last_status IS 'status of the job that started last';
COMMENT ON COLUMN idpsync.targets.last_start_time IS 'when that job started';
COMMENT ON COLUMN idpsync.targets.last_success IS 'when a job last ended with status success';
COMMENT ON COLUMN idpsync.targets.consecutive_failures IS 'failed jobs since the last one that succeeded at least in part';

CREATE VIEW idpsync.operations WITH (security_invoker = true) AS
SELECT o.operation_id,
       o.tenant_id,
       o.method,
       o.description,
       o.created_at,
       o.created_by,
       o.modified_at,
       o.done,
       CASE WHEN NOT o.done THEN 'running' WHEN o.error_code IS NULL THEN 'succeeded'
            WHEN o.error_code = 1 THEN 'cancelled' ELSE 'failed' END AS state,
       o.error_code,
       o.error_message,
       idpsync.to_json(o.metadata) AS metadata,
       idpsync.to_json(o.response) AS response
FROM idpsync.operation AS o;
COMMENT ON VIEW idpsync.operations IS 'operations with their messages as ProtoJSON';
COMMENT ON COLUMN idpsync.operations.state IS 'running, succeeded, cancelled or failed';
