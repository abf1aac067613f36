SELECT job_id, tenant_id, target_type, target_id, direction, trigger_type, status, description, created_at,
       start_time, end_time, statistics, error_code, error_message, session_id, operation_id
  FROM bench.sum_jsonb_full
 WHERE tenant_id = 'instance-1'
   AND (created_at, job_id) < (:at, :id)
 ORDER BY created_at DESC, job_id DESC
 LIMIT :size;
