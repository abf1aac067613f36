SELECT count(job_id), max(created_at)
  FROM (SELECT job_id, created_at
          FROM idpsync.job
         WHERE tenant_id = 'instance-1'
           AND created_at <= :at AND (created_at, job_id) < (:at, :id)
         ORDER BY created_at DESC, job_id DESC
         LIMIT :size) page;
