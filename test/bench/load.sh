# Documented JSON in: pages of 100 jobs with all 24 cells, as ListSynchronizationJobs answers, a page a
# call or ten. The rival's rows have the same indexes but one: foreign_id's, which it can do without.
. "$here/fill.sh"
results=$((documents * 400 < 20000 ? documents * 400 : 20000))
say 'load'
sql -v documents=$documents -v results=$results > /dev/null <<'Q'
CREATE TABLE bench.document AS
SELECT n, json_build_object('RequestId', 'request-' || n, 'TotalCount', 100 * :documents, 'SynchronizationJobs', json_agg(
           json_build_object('SynchronizationJobId', 'job-' || n || '-' || row_number, 'TargetType', target_type, 'TargetId', target_id, 'Direction', direction,
               'StartTime', (extract(epoch FROM start_time) * 1000)::bigint, 'EndTime', (extract(epoch FROM end_time) * 1000)::bigint,
               'TriggerType', trigger_type, 'Status', status, 'Result', statistics::text::json) ORDER BY row_number)) AS document
  FROM (SELECT *, row_number / 100 + 1 AS n FROM (SELECT *, row_number() OVER () - 1 AS row_number FROM (SELECT * FROM idpsync.job ORDER BY created_at, job_id LIMIT 100 * :documents) j) j) j
 GROUP BY n;
CREATE TABLE bench.documents AS
SELECT (n - 1) / 10 AS n, json_agg(document ORDER BY n) AS document FROM bench.document GROUP BY 1;
CREATE TABLE bench.document_jsonb (
    created_at timestamptz NOT NULL,
    job_id text COLLATE "C" NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    target_id text COLLATE "C" NOT NULL,
    document jsonb NOT NULL,
    PRIMARY KEY (job_id, tenant_id));
CREATE INDEX ON bench.document_jsonb (tenant_id, created_at, job_id);
CREATE INDEX ON bench.document_jsonb (tenant_id, target_id, created_at, job_id);
CREATE UNLOGGED TABLE bench.result AS
SELECT statistics::text AS document FROM idpsync.job LIMIT :results;
VACUUM ANALYZE bench.document, bench.documents, bench.result;
Q
for ((round = 0; round < rounds; round++)); do
    value CHECKPOINT
    clock 'load idpsync' "SELECT count(idpsync.import_synchronization_jobs('load-$round', document)) FROM bench.document"
    clock 'load idpsync 10' "SELECT count(idpsync.import_synchronization_jobs('load-10-$round', document)) FROM bench.documents"
    clock 'load jsonb' "INSERT INTO bench.document_jsonb
        SELECT to_timestamp((j ->> 'StartTime')::bigint / 1000.0), j ->> 'SynchronizationJobId', 'load-$round', j ->> 'TargetId', j
          FROM bench.document d, jsonb_array_elements(d.document::jsonb -> 'SynchronizationJobs') j
            ON CONFLICT (job_id, tenant_id) DO UPDATE SET document = excluded.document"
    clock 'column idpsync' "CREATE TABLE bench.column_idpsync AS SELECT document::idpsync.job_statistics FROM bench.result"
    clock 'column jsonb' "CREATE TABLE bench.column_jsonb AS SELECT document::jsonb FROM bench.result"
    value 'DROP TABLE bench.column_idpsync, bench.column_jsonb'
done
row faster "import $((documents * 100)) documented jobs, a page a call" ms 'load idpsync' 'load jsonb' 'the same documents as jsonb rows, same indexes' 5
row faster "import $((documents * 100)) documented jobs, ten pages a call" ms 'load idpsync 10' 'load jsonb' 'the same documents as jsonb rows, same indexes' 5
row faster "$results documented results into a column" ms 'column idpsync' 'column jsonb' 'into a jsonb column' 5
