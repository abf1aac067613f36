\set n random(1, 1000)
SELECT bench.run_job('instance-jobs', 'identity_provider', 'target-' || :n) AS job \gset
SELECT bench.start_job(:job);
SELECT bench.finish_job(:job, :statistics);
