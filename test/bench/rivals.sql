-- What idpsync is measured against: the same books kept as one would without it.
-- "bytes" tables serve the client's own SQL and the data-modifying CTE: counters as raw
-- bytes that nobody checks or merges. "json" tables serve the PL/pgSQL functions. Limits are kept by
-- idpsync's own domains, which cost less than the CHECKs one would write.
CREATE SCHEMA bench;

CREATE TABLE bench.session_bytes (
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    heartbeat_at timestamptz,
    closed_at timestamptz,
    session_type idpsync.session_type NOT NULL,
    sync_mode idpsync.sync_mode NOT NULL,
    status idpsync.session_status NOT NULL,
    progress bytea,
    session_id idpsync.session_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    agent_id idpsync.agent_id,
    fail_reason idpsync.fail_reason,
    PRIMARY KEY (session_id, tenant_id),
    CHECK (idpsync.session_fits_status(status, agent_id, closed_at, fail_reason, tenant_id))
);
CREATE UNIQUE INDEX ON bench.session_bytes (tenant_id, session_type) WHERE status IN ('OPENED', 'PENDING');
CREATE INDEX ON bench.session_bytes (tenant_id, session_type, sync_mode, created_at) WHERE status = 'COMPLETED';
CREATE INDEX ON bench.session_bytes (tenant_id, created_at, session_id);

CREATE TABLE bench.operation_bytes (
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    error_code idpsync.operation_error_code,
    done boolean NOT NULL,
    operation_id idpsync.operation_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    method idpsync.method NOT NULL,
    created_by text NOT NULL,
    description idpsync.description,
    metadata bytea,
    error_message idpsync.error_message,
    response bytea,
    PRIMARY KEY (operation_id, tenant_id),
    CHECK (done OR (error_code IS NULL AND response IS NULL)),
    CHECK (error_code IS NULL OR response IS NULL),
    CHECK (error_code IS NOT NULL OR error_message IS NULL)
);
CREATE INDEX ON bench.operation_bytes (tenant_id, created_at, operation_id);

CREATE TABLE bench.job_bytes (
    created_at timestamptz NOT NULL,
    start_time timestamptz NOT NULL,
    end_time timestamptz,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    trigger_type idpsync.job_trigger_type NOT NULL,
    status idpsync.job_status NOT NULL,
    statistics bytea,
    job_id idpsync.job_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id idpsync.target_id NOT NULL,
    description idpsync.description,
    session_id idpsync.session_id,
    operation_id idpsync.operation_id,
    error_code idpsync.job_error_code,
    error_message idpsync.error_message,
    PRIMARY KEY (job_id, tenant_id),
    CHECK (idpsync.job_fits_status(status, end_time))
);
CREATE INDEX ON bench.job_bytes (tenant_id, created_at, job_id);
CREATE INDEX ON bench.job_bytes (tenant_id, target_id, created_at, job_id);

CREATE TABLE bench.session_json (LIKE bench.session_bytes INCLUDING ALL);
ALTER TABLE bench.session_json ALTER progress TYPE jsonb USING NULL;
CREATE TABLE bench.operation_json (LIKE bench.operation_bytes INCLUDING ALL);
ALTER TABLE bench.operation_json ALTER metadata TYPE jsonb USING NULL, ALTER response TYPE jsonb USING NULL;
CREATE TABLE bench.job_json (LIKE bench.job_bytes INCLUDING ALL);
ALTER TABLE bench.job_json ALTER statistics TYPE jsonb USING NULL;
ALTER TABLE bench.session_bytes SET (fillfactor = 50);
ALTER TABLE bench.session_json SET (fillfactor = 50);

-- ReportSessionProgress. Progress is kept by object and change, {"USER": {"CREATE": [successful, failed]}},
-- so that joining is a lookup by key; counters become the larger of the stored and the reported.
CREATE FUNCTION bench.report(p_session_id text, p_entries jsonb,
    OUT operation_id text, OUT status idpsync.session_status, OUT expires_at timestamptz, OUT progress jsonb)
    LANGUAGE plpgsql AS
$$
DECLARE
    moment timestamptz := clock_timestamp();
    s bench.session_json;
BEGIN
    IF jsonb_typeof(p_entries) <> 'array' OR jsonb_array_length(p_entries) NOT BETWEEN 1 AND 3 THEN
        RAISE 'progress_entries: 1 to 3 entries are wanted' USING ERRCODE = '22023';
    END IF;
    SELECT * INTO s FROM bench.session_json t WHERE t.session_id = p_session_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE 'session % does not exist', p_session_id USING ERRCODE = 'P0002';
    END IF;
    IF s.status <> 'OPENED' OR s.expires_at <= moment THEN
        RAISE 'session % is not open', p_session_id USING ERRCODE = '55000';
    END IF;
    UPDATE bench.session_json t
       SET progress = (
               SELECT jsonb_object_agg(o.object_type, o.changes)
                 FROM (SELECT u.object_type, jsonb_object_agg(u.change_type, jsonb_build_array(u.successful, u.failed)) AS changes
                         FROM (SELECT c.object_type, c.change_type, max(c.successful) AS successful, max(c.failed) AS failed
                                 FROM (SELECT e.key AS object_type, k.key AS change_type,
                                              (k.value ->> 0)::bigint AS successful, (k.value ->> 1)::bigint AS failed
                                         FROM jsonb_each(s.progress) e, jsonb_each(e.value) k
                                       UNION ALL
                                       SELECT (e.value ->> 'object_type')::idpsync.related_object_type::text,
                                              (k.value ->> 'change_type')::idpsync.change_type::text,
                                              coalesce((k.value ->> 'successful')::bigint, 0), coalesce((k.value ->> 'failed')::bigint, 0)
                                         FROM jsonb_array_elements(p_entries) e, jsonb_array_elements(e.value -> 'change_info') k) c
                                GROUP BY c.object_type, c.change_type) u
                        GROUP BY u.object_type) o),
           expires_at = moment + interval '1 day',
           heartbeat_at = moment
     WHERE t.session_id = s.session_id AND t.tenant_id = s.tenant_id
     RETURNING * INTO s;
    status := s.status;
    expires_at := s.expires_at;
    progress := s.progress;
    INSERT INTO bench.operation_json (created_at, modified_at, done, operation_id, tenant_id, method, created_by, metadata, response)
    VALUES (moment, moment, true, idpsync.create_id('op_'), s.tenant_id, 'ReportSessionProgress', current_user,
            jsonb_build_object('session_id', s.session_id),
            jsonb_build_object('session_id', s.session_id, 'agent_id', s.agent_id, 'created_at', s.created_at, 'expires_at', s.expires_at,
                               'sync_mode', s.sync_mode, 'status', s.status, 'progress_entries', s.progress, 'session_type', s.session_type))
    RETURNING operation_json.operation_id INTO operation_id;
END
$$;

-- RunSynchronizationJob, and what moves a job on.
CREATE FUNCTION bench.run_job(p_tenant_id text, p_target_type idpsync.job_target_type, p_target_id text)
    RETURNS text
    LANGUAGE plpgsql AS
$$
DECLARE
    moment timestamptz := clock_timestamp();
    job text := idpsync.create_id('sync_');
    operation text := idpsync.create_id('op_');
BEGIN
    INSERT INTO bench.job_json (created_at, start_time, target_type, direction, trigger_type, status, job_id, tenant_id, target_id, operation_id)
    VALUES (moment, moment, p_target_type, 'ingress', 'manual', 'pending', job, p_tenant_id, p_target_id, operation);
    INSERT INTO bench.operation_json (created_at, modified_at, done, operation_id, tenant_id, method, created_by, metadata)
    VALUES (moment, moment, false, operation, p_tenant_id, 'RunSynchronizationJob', current_user,
            jsonb_build_object('synchronization_job_id', job));
    RETURN job;
END
$$;

CREATE FUNCTION bench.start_job(p_job_id text)
    RETURNS idpsync.job_status
    LANGUAGE plpgsql AS
$$
DECLARE
    j bench.job_json;
BEGIN
    UPDATE bench.job_json SET status = 'running', start_time = clock_timestamp()
     WHERE job_id = p_job_id AND status = 'pending'
     RETURNING * INTO j;
    IF NOT FOUND THEN
        RAISE 'job % is not pending', p_job_id USING ERRCODE = '55000';
    END IF;
    RETURN j.status;
END
$$;

-- The status follows from the counters: failed, partial_success or success.
CREATE FUNCTION bench.finish_job(p_job_id text, p_statistics jsonb)
    RETURNS idpsync.job_status
    LANGUAGE plpgsql AS
$$
DECLARE
    moment timestamptz := clock_timestamp();
    successes bigint;
    failures bigint;
    j bench.job_json;
BEGIN
    SELECT coalesce(sum((c.value ->> 'Success')::bigint), 0), coalesce(sum((c.value ->> 'Failed')::bigint), 0)
      INTO successes, failures
      FROM jsonb_each(p_statistics) o, jsonb_each(o.value) c;
    UPDATE bench.job_json
       SET status = CASE WHEN failures = 0 THEN 'success' WHEN successes > 0 THEN 'partial_success' ELSE 'failed' END::idpsync.job_status,
           end_time = moment, statistics = p_statistics
     WHERE job_id = p_job_id AND status = 'running'
     RETURNING * INTO j;
    IF NOT FOUND THEN
        RAISE 'job % is not running', p_job_id USING ERRCODE = '55000';
    END IF;
    UPDATE bench.operation_json SET done = true, modified_at = moment, response = to_jsonb(j)
     WHERE operation_id = j.operation_id AND tenant_id = j.tenant_id AND NOT done;
    RETURN j.status;
END
$$;
