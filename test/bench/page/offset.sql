SELECT job_id, created_at
  FROM idpsync.job
 WHERE tenant_id = 'instance-1'
 ORDER BY created_at DESC, job_id DESC
 LIMIT :size OFFSET :offset;
