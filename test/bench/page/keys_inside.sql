SELECT count(synchronization_job_id), max(created_at)
  FROM idpsync.list_synchronization_jobs('instance-1', :size, :token, with_total_count => false);
