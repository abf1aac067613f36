-- Exact counts of jobs and sums of their statistics. Writers append to job_count_delta, maintain()
-- folds that into job_count; an answer reads both. start_time gives day and month, in UTC. Rows say
-- in which partition of job their jobs are: when it goes, they stay as history and no longer count.
CREATE TABLE idpsync.job_count (
    partition_start timestamptz NOT NULL,
    jobs bigint NOT NULL,
    period date NOT NULL,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    status idpsync.job_status NOT NULL,
    grain "char" NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id text COLLATE "C" NOT NULL,
    added idpsync.job_statistics,
    removed idpsync.job_statistics,
    CONSTRAINT job_count_pkey PRIMARY KEY (tenant_id, grain, target_id, period, target_type, direction, status, partition_start)
) WITH (fillfactor = 80);
CREATE TABLE idpsync.job_count_delta (
    partition_start timestamptz NOT NULL,
    delta_id bigint NOT NULL,
    jobs bigint NOT NULL,
    period date NOT NULL,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    status idpsync.job_status NOT NULL,
    grain "char" NOT NULL,
    tenant_id idpsync.tenant_id NOT NULL,
    target_id text COLLATE "C" NOT NULL,
    added idpsync.job_statistics,
    removed idpsync.job_statistics,
    CONSTRAINT job_count_delta_pkey PRIMARY KEY (tenant_id, delta_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_insert_threshold = -1);

-- Whoever a policy on job binds sees no counts, until they are given policies of their own.
ALTER TABLE idpsync.job_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE idpsync.job_count_delta ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees_all_jobs ON idpsync.job_count FOR SELECT
    USING ((SELECT NOT row_security_active('idpsync.job'::regclass)));
CREATE POLICY sees_all_jobs ON idpsync.job_count_delta FOR SELECT
    USING ((SELECT NOT row_security_active('idpsync.job'::regclass)));
COMMENT ON POLICY sees_all_jobs ON idpsync.job_count IS 'for whom no policy on idpsync.job binds';
COMMENT ON POLICY sees_all_jobs ON idpsync.job_count_delta IS 'for whom no policy on idpsync.job binds';

COMMENT ON TABLE idpsync.job_count IS 'exact numbers of jobs and sums of their statistics, folded by idpsync.maintain()';
COMMENT ON COLUMN idpsync.job_count.partition_start IS 'where the partition of job that holds the jobs begins; where there is none any more, the row is history';
COMMENT ON COLUMN idpsync.job_count.jobs IS 'number of jobs; a part of it may be negative';
COMMENT ON COLUMN idpsync.job_count.period IS 'day of start_time in UTC, or the first of its month';
COMMENT ON COLUMN idpsync.job_count.target_type IS 'target_type of the jobs';
COMMENT ON COLUMN idpsync.job_count.direction IS 'direction of the jobs';
COMMENT ON COLUMN idpsync.job_count.status IS 'status of the jobs';
COMMENT ON COLUMN idpsync.job_count.grain IS 'd: of a day, m: of a month, t: of a month and target';
COMMENT ON COLUMN idpsync.job_count.tenant_id IS 'InstanceId of the jobs';
COMMENT ON COLUMN idpsync.job_count.target_id IS 'target_id of the jobs, empty where the row is of all targets';
COMMENT ON COLUMN idpsync.job_count.added IS 'sum of statistics that came, NULL where it left bigint';
COMMENT ON COLUMN idpsync.job_count.removed IS 'sum of statistics that went, NULL where it left bigint';
COMMENT ON TABLE idpsync.job_count_delta IS 'what statements changed in idpsync.job and idpsync.maintain() has not folded yet';
COMMENT ON COLUMN idpsync.job_count_delta.partition_start IS 'where the partition of job that holds the jobs begins';
COMMENT ON COLUMN idpsync.job_count_delta.delta_id IS 'random, unique with tenant_id';
COMMENT ON COLUMN idpsync.job_count_delta.jobs IS 'jobs that came less jobs that went';
COMMENT ON COLUMN idpsync.job_count_delta.period IS 'day of start_time in UTC, or the first of its month';
COMMENT ON COLUMN idpsync.job_count_delta.target_type IS 'target_type of the jobs';
COMMENT ON COLUMN idpsync.job_count_delta.direction IS 'direction of the jobs';
COMMENT ON COLUMN idpsync.job_count_delta.status IS 'status of the jobs';
COMMENT ON COLUMN idpsync.job_count_delta.grain IS 'f: of a day and target, and counts in every grain of job_count; d: of a day; t: of a month and target';
COMMENT ON COLUMN idpsync.job_count_delta.tenant_id IS 'InstanceId of the jobs';
COMMENT ON COLUMN idpsync.job_count_delta.target_id IS 'target_id of the jobs, empty where the row is of all targets';
COMMENT ON COLUMN idpsync.job_count_delta.added IS 'sum of statistics that came, NULL where it left bigint';
COMMENT ON COLUMN idpsync.job_count_delta.removed IS 'sum of statistics that went, NULL where it left bigint';
