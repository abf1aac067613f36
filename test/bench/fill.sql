-- The same :jobs jobs in idpsync.job and in the tables they are measured against:
-- one instance, 20 targets, the 90 days before now, 8 of the 24 documented cells each.
SET synchronous_commit = off;
SET work_mem = '256MB';

CREATE TABLE bench.cell AS
SELECT (o.n - 1) * 6 + c.n - 1 AS cell, (o.n - 1)::smallint AS object, (c.n - 1)::smallint AS change, o.name AS object_name, c.name AS change_name
  FROM unnest('{UserStatistics,OrganizationalUnitStatistics,GroupStatistics,GroupMemberStatistics}'::text[]) WITH ORDINALITY o(name, n),
       unnest('{Created,Updated,Binded,Deleted,Same,Pushed}'::text[]) WITH ORDINALITY c(name, n);

-- Rows a job and cell: what the others are made from, and a rival itself. Pseudo-random and the
-- same every time: one success in seven is in the thousands, a quarter of the cells have failures,
-- a quarter something skipped.
CREATE TABLE bench.child (
    job bigint NOT NULL,
    total bigint NOT NULL,
    success bigint NOT NULL,
    failed bigint NOT NULL,
    skipped bigint NOT NULL,
    object smallint NOT NULL,
    change smallint NOT NULL);
INSERT INTO bench.child
SELECT n, v.success + v.failed + v.skipped, v.success, v.failed, v.skipped, v.cell / 6, v.cell % 6
  FROM generate_series(1, :jobs::bigint) n,
       LATERAL (SELECT hashint8extended(n, 0) & 9007199254740991 AS h) a,
       generate_series(0, 7) k,
       LATERAL (SELECT hashint8extended(n * 8 + k, 1) & 9007199254740991 AS r) b,
       LATERAL (SELECT (h % 24 + k * ('{1,5,7,11,13,17,19,23}'::int[])[1 + (h >> 16) % 8]) % 24 AS cell,
                       CASE WHEN r % 7 = 0 THEN 1000 + (r >> 8) % 99000 ELSE 1 + (r >> 8) % 250 END AS success,
                       CASE WHEN (r >> 24) % 4 = 0 THEN 1 + (r >> 26) % 20 ELSE 0 END AS failed,
                       CASE WHEN (r >> 32) % 4 = 0 THEN 1 + (r >> 34) % 50 ELSE 0 END AS skipped) v;

-- The documented JSON of each, without what is zero.
CREATE UNLOGGED TABLE bench.source AS
SELECT job, '{' || string_agg(cells, ', ') || '}' AS statistics
  FROM (SELECT d.job, '"' || c.object_name || '": {' ||
               string_agg(format('"%s": {"Total": %s, "Success": %s', c.change_name, d.total, d.success) ||
                                                                CASE WHEN d.failed > 0 THEN ', "Failed": ' || d.failed ELSE '' END ||
                                                                CASE WHEN d.skipped > 0 THEN ', "Skipped": ' || d.skipped ELSE '' END || '}', ', ') ||
               '}' AS cells
          FROM bench.child d JOIN bench.cell c USING (object, change)
         GROUP BY d.job, c.object_name) o
 GROUP BY job;

INSERT INTO idpsync.job (created_at, start_time, end_time, target_type, direction, trigger_type, status, statistics, job_id, tenant_id, target_id, operation_id)
SELECT idpsync.id_time(id), idpsync.id_time(id), idpsync.id_time(id) + interval '90 seconds', 'identity_provider', 'ingress', 'auto', 'success',
       statistics, id, 'instance-1', 'target-' || job % 20, operation_id
  FROM (SELECT job, statistics::idpsync.job_statistics AS statistics,
               idpsync.create_id('sync_', moment) AS id, idpsync.create_id('op_', moment) AS operation_id
          FROM (SELECT job, statistics, now() - interval '90 days' + job * (interval '90 days' / :jobs) AS moment FROM bench.source ORDER BY job OFFSET 0) s
        OFFSET 0) s;

-- The other columns of a job, and in each table after the fixed-width ones the statistics in another form.
CREATE TABLE bench.sum_none AS
SELECT created_at, start_time, end_time, target_type, direction, trigger_type, status, job_id, tenant_id, target_id, description, session_id, operation_id, error_code, error_message
  FROM idpsync.job ORDER BY created_at, job_id;
CREATE TABLE bench.sum_jsonb_sparse AS
SELECT created_at, start_time, end_time, target_type, direction, trigger_type, status, s.statistics::jsonb AS statistics,
       job_id, tenant_id, target_id, description, session_id, operation_id, error_code, error_message
  FROM (SELECT *, row_number() OVER () AS job FROM bench.sum_none) j JOIN bench.source s USING (job) ORDER BY job;
CREATE TABLE bench.sum_jsonb_full AS
SELECT created_at, start_time, end_time, target_type, direction, trigger_type, status, statistics::text::jsonb AS statistics,
       job_id, tenant_id, target_id, description, session_id, operation_id, error_code, error_message
  FROM idpsync.job ORDER BY created_at, job_id;
SELECT format('CREATE TABLE bench.sum_columns AS
    SELECT created_at, start_time, end_time, target_type, direction, trigger_type, status, %s,
           job_id, tenant_id, target_id, description, session_id, operation_id, error_code, error_message
      FROM (SELECT *, row_number() OVER () AS job FROM bench.sum_none) j
      JOIN (SELECT job, %s FROM bench.child GROUP BY job) c USING (job) ORDER BY job',
    string_agg(format('c%s_%s', cell, counter), ', ' ORDER BY cell, n),
    string_agg(format('coalesce(sum(%I) FILTER (WHERE object = %s AND change = %s), 0)::bigint AS c%s_%s', counter, object, change, cell, counter), ', ' ORDER BY cell, n))
  FROM bench.cell, unnest('{total,success,failed,skipped}'::text[]) WITH ORDINALITY c(counter, n)
\gexec
ALTER TABLE bench.child ADD PRIMARY KEY (job, object, change);
