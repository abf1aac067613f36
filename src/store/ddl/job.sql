-- Jobs, by range of created_at; create_store() adds the first partitions.
CREATE TABLE idpsync.job (
    created_at timestamptz NOT NULL,
    start_time timestamptz NOT NULL,
    end_time timestamptz,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    trigger_type idpsync.job_trigger_type NOT NULL,
    status idpsync.job_status NOT NULL,
    statistics idpsync.job_statistics NOT NULL,
    job_id idpsync.job_id NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id idpsync.target_id NOT NULL,
    description idpsync.description,
    session_id idpsync.session_id,
    operation_id idpsync.operation_id,
    error_code idpsync.job_error_code,
    error_message idpsync.error_message,
    imported_at timestamptz,
    CONSTRAINT job_pkey PRIMARY KEY (job_id, tenant_id, created_at),
    CONSTRAINT job_created_at_is_id_time CHECK (created_at = idpsync.id_time(job_id)),
    CONSTRAINT job_fits_status CHECK (idpsync.job_fits_status(status, end_time))
) PARTITION BY RANGE (created_at);
CREATE INDEX job_list ON idpsync.job (tenant_id, created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_list_by_class ON idpsync.job (tenant_id, idpsync.job_class(target_type, direction, status), created_at, job_id);
CREATE INDEX job_list_by_target ON idpsync.job
    (tenant_id, target_id, (idpsync.job_class(target_type, direction, status)::integer), created_at, job_id) INCLUDE (start_time);
CREATE INDEX job_list_by_start ON idpsync.job (tenant_id, start_time, created_at) WHERE NOT idpsync.job_started_soon(created_at, start_time);
CREATE TRIGGER job_status_change
    BEFORE UPDATE OF status ON idpsync.job
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION idpsync.check_job_change();

COMMENT ON TABLE idpsync.job IS 'synchronization jobs with their result';
COMMENT ON COLUMN idpsync.job.created_at IS 'when the job was made, in whole milliseconds: the time its id carries; for an imported job the StartTime it first came with';
COMMENT ON COLUMN idpsync.job.start_time IS 'when it started, its creation until then';
COMMENT ON COLUMN idpsync.job.end_time IS 'when it ended';
COMMENT ON COLUMN idpsync.job.target_type IS 'kind of the target';
COMMENT ON COLUMN idpsync.job.direction IS 'into the instance or out of it';
COMMENT ON COLUMN idpsync.job.trigger_type IS 'what started it';
COMMENT ON COLUMN idpsync.job.status IS 'pending, running, and how it ended';
COMMENT ON COLUMN idpsync.job.statistics IS 'result counters by object and change';
COMMENT ON COLUMN idpsync.job.job_id IS 'SynchronizationJobId, unique with tenant_id';
COMMENT ON COLUMN idpsync.job.tenant_id IS 'InstanceId of the API';
COMMENT ON COLUMN idpsync.job.target_id IS 'what was synchronized with';
COMMENT ON COLUMN idpsync.job.description IS 'words of whoever ran it';
COMMENT ON COLUMN idpsync.job.session_id IS 'the session it belongs to, if any';
COMMENT ON COLUMN idpsync.job.operation_id IS 'the operation that is done when it ends';
COMMENT ON COLUMN idpsync.job.error_code IS 'ErrorCode of the result';
COMMENT ON COLUMN idpsync.job.error_message IS 'ErrorMessage of the result';
COMMENT ON COLUMN idpsync.job.imported_at IS 'when an import first brought the job, NULL for others';
COMMENT ON INDEX idpsync.job_list IS 'serves the pages of list_synchronization_jobs()';
COMMENT ON INDEX idpsync.job_list_by_class IS 'serves the pages of chosen target types, directions and status';
COMMENT ON INDEX idpsync.job_list_by_target IS 'serves the pages of chosen targets';
COMMENT ON INDEX idpsync.job_list_by_start IS 'serves the pages of a time of start: the jobs whose creation does not tell it';
COMMENT ON TRIGGER job_status_change ON idpsync.job IS 'refuses status changes the states of a job forbid';
