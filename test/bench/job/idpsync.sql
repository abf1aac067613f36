\set n random(1, :targets)
SELECT synchronization_job_id AS job
  FROM idpsync.run_synchronization_job('instance-jobs', 'identity_provider', 'target-' || :n, NULL, 'ingress') \gset
SELECT status FROM idpsync.start_synchronization_job(:job);
SELECT status FROM idpsync.finish_synchronization_job(:job, :statistics);
