\set n random(1, 1000)
\set op :op + 1
WITH o AS (
    INSERT INTO bench.operation_bytes (created_at, modified_at, done, operation_id, tenant_id, method, created_by, metadata)
    VALUES (clock_timestamp(), clock_timestamp(), false, :run || :client_id || '_' || :op, 'instance-jobs',
            'RunSynchronizationJob', current_user, :metadata)
    RETURNING operation_id)
INSERT INTO bench.job_bytes (created_at, start_time, target_type, direction, trigger_type, status, job_id, tenant_id, target_id, operation_id)
SELECT clock_timestamp(), clock_timestamp(), 'identity_provider', 'ingress', 'manual', 'pending',
       :run || :client_id || '_' || :op, 'instance-jobs', 'target-' || :n, operation_id
  FROM o
RETURNING job_id;
UPDATE bench.job_bytes SET status = 'running', start_time = clock_timestamp()
 WHERE job_id = :run || :client_id || '_' || :op AND status = 'pending'
 RETURNING status;
WITH j AS (
    UPDATE bench.job_bytes SET status = 'partial_success', end_time = clock_timestamp(), statistics = :packed
     WHERE job_id = :run || :client_id || '_' || :op AND status = 'running'
     RETURNING status, operation_id, tenant_id)
UPDATE bench.operation_bytes o SET done = true, modified_at = clock_timestamp(), response = :response
  FROM j
 WHERE o.operation_id = j.operation_id AND o.tenant_id = j.tenant_id AND NOT o.done
 RETURNING j.status;
