# Statistics of a year, beside the same sums over jsonb rows of just the columns it takes.
. "$here/year.sh"
say 'statistics'
sql > /dev/null <<'Q'
CREATE TABLE bench.year_jsonb AS
SELECT j.start_time, j.target_id, r.statistics::jsonb AS statistics
  FROM (SELECT start_time, target_id, statistics FROM idpsync.job WHERE tenant_id = 'instance-1') j
  JOIN (SELECT p.statistics AS packed, r.statistics::jsonb FROM bench.packed p JOIN bench.result r USING (n)) r ON r.packed OPERATOR(idpsync.=) j.statistics;
VACUUM (FREEZE, ANALYZE) bench.year_jsonb;
Q
buckets=('by month' 'by day' 'by target and month')
arguments=("bucket => 'month'" "bucket => 'day'" "bucket => 'month', by_target => true")
keys=("date_trunc('month', start_time, 'UTC'), NULL" "date_trunc('day', start_time, 'UTC'), NULL" "date_trunc('month', start_time, 'UTC'), target_id")
for i in "${!buckets[@]}"; do
    query="SELECT * FROM idpsync.synchronization_job_statistics('instance-1', ${arguments[i]})"
    for ((round = 0; round < rounds; round++)); do
        calls "statistics $i idpsync" "$query"
    done
    # takes about a minute, and its ratio hundreds: once
    clock "statistics $i jsonb" "SELECT ${keys[i]}, o.key, c.key, sum((c.value -> 'Total')::bigint), sum((c.value -> 'Success')::bigint), sum((c.value -> 'Failed')::bigint), sum((c.value -> 'Skipped')::bigint)
        FROM bench.year_jsonb, jsonb_each(statistics) o, jsonb_each(o.value) c GROUP BY 1, 2, 3, 4"
    title="statistics of a year ${buckets[i]}, $(value "SELECT count(*) FROM ($query) s") rows"
    row limit "$title" ms "statistics $i idpsync" '' '' 50
    row faster "$title" ms "statistics $i idpsync" "statistics $i jsonb" 'jsonb, without what is zero, jsonb_each()' 500
done
