\set n random(1, 1000)
\set op :op + 1
BEGIN;
INSERT INTO bench.job_bytes (created_at, start_time, target_type, direction, trigger_type, status, job_id, tenant_id, target_id, operation_id)
VALUES (clock_timestamp(), clock_timestamp(), 'identity_provider', 'ingress', 'manual', 'pending',
        :run || :client_id || '_' || :op, 'instance-jobs', 'target-' || :n, :run || :client_id || '_' || :op);
INSERT INTO bench.operation_bytes (created_at, modified_at, done, operation_id, tenant_id, method, created_by, metadata)
VALUES (clock_timestamp(), clock_timestamp(), false, :run || :client_id || '_' || :op, 'instance-jobs',
        'RunSynchronizationJob', current_user, :metadata);
COMMIT;
UPDATE bench.job_bytes SET status = 'running', start_time = clock_timestamp()
 WHERE job_id = :run || :client_id || '_' || :op AND status = 'pending'
 RETURNING status;
BEGIN;
UPDATE bench.job_bytes SET status = 'partial_success', end_time = clock_timestamp(), statistics = :packed
 WHERE job_id = :run || :client_id || '_' || :op AND status = 'running'
 RETURNING status;
UPDATE bench.operation_bytes SET done = true, modified_at = clock_timestamp(), response = :response
 WHERE operation_id = :run || :client_id || '_' || :op AND tenant_id = 'instance-jobs' AND NOT done;
COMMIT;
