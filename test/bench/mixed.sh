# Totals while eight writers write, with maintain() every second; then the same while an old snapshot is open.
. "$here/year.sh"
say 'counts while eight write'
mixed_seconds=$((round_seconds * 8))
statistics=$(value 'SELECT statistics FROM bench.result WHERE n = 7')
sql -c 'CREATE TABLE bench.lock_sample (locktype text, of regclass)'
printf '%s\n' "INSERT INTO bench.lock_sample SELECT locktype, relation FROM pg_locks WHERE NOT granted;" > "$work/locks.sql"

# meanwhile KEY: 8 writers, maintain(), and readers that note the milliseconds of their counts under KEY, in order
meanwhile() {
    local jobs_of reader=() sampler
    start_folding
    pgbench -n -c 1 -R 50 -T $mixed_seconds -f "$work/locks.sql" > /dev/null 2>&1 &
    sampler=$!
    for jobs_of in jobs 1; do
        echo "SELECT idpsync.count_synchronization_jobs('instance-$jobs_of');" > "$work/count_$jobs_of.sql"
        pgbench -n -c 1 -R 10 -T $mixed_seconds -l --log-prefix="$work/$1_$jobs_of" -f "$work/count_$jobs_of.sql" > /dev/null 2>&1 &
        reader[${#reader[@]}]=$!
    done
    round_seconds=$mixed_seconds bench "$1 writes" -f "$here/job/idpsync.sql" -D targets=20 -D "statistics=$statistics"
    wait $sampler "${reader[@]}"
    stop_folding
    for jobs_of in jobs 1; do
        # latency less the wait for the schedule, in ms
        awk '{print ($3 - $7) / 1000}' "$work/$1_$jobs_of".* | sort -g > "$work/latencies"
        note "$1 $jobs_of" "$(awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}' "$work/latencies")"
        note "$1 $jobs_of p99" "$(awk '{v[NR] = $1} END {print v[int(NR * 0.99)]}' "$work/latencies")"
    done
}
meanwhile mixed
fact "while 8 clients wrote $(rounded 'mixed writes') jobs/s for $mixed_seconds s: $(value "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") deadlocks; of $((mixed_seconds * 50)) looks at pg_locks $(value "SELECT count(*) FILTER (WHERE locktype <> 'extend') FROM bench.lock_sample") found somebody waiting for another's row, key or transaction, $(value "SELECT count(*) FILTER (WHERE locktype = 'extend' AND of::text ~ 'count') FROM bench.lock_sample") for room in a table of counts, $(value "SELECT count(*) FILTER (WHERE locktype = 'extend' AND of::text !~ 'count') FROM bench.lock_sample") in another"
[ "$(value "SELECT idpsync.count_synchronization_jobs('instance-jobs')")" = "$(value "SELECT count(*) FROM idpsync.job WHERE tenant_id = 'instance-jobs'")" ] || fail 'counts differ after the mixed run'
row limit 'total count while 8 write, of the instance written to' ms 'mixed jobs' '' '' 5
row limit 'the 99th percentile' ms 'mixed jobs p99' '' '' ''
row limit 'total count while 8 write, of the largest instance' ms 'mixed 1' '' '' 5
row limit 'the 99th percentile' ms 'mixed 1 p99' '' '' ''

say 'counts while an old snapshot is open'
sql -c "CALL idpsync.maintain('1 hour')" -c 'VACUUM idpsync.job_count, idpsync.job_count_delta'
left() { value "SELECT format('%s rows of job_count and %s of job_count_delta are dead', sum(n_dead_tup) FILTER (WHERE relname = 'job_count'), sum(n_dead_tup) FILTER (WHERE relname = 'job_count_delta')) FROM pg_stat_user_tables WHERE relname ~ '^job_count'"; }
coproc OLD { exec psql -X -q -At; }
echo "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM idpsync.job WHERE tenant_id = 'instance-jobs';" >&"${OLD[1]}"
read -r was <&"${OLD[0]}"
calls 'old before' "SELECT idpsync.count_synchronization_jobs('instance-jobs')"
meanwhile old
sql -c "CALL idpsync.maintain('1 hour')" -c 'VACUUM idpsync.job_count, idpsync.job_count_delta'
calls 'old open' "SELECT idpsync.count_synchronization_jobs('instance-jobs')"
calls 'old other' "SELECT idpsync.count_synchronization_jobs('instance-1')"
dead=$(left)
echo "SELECT idpsync.count_synchronization_jobs('instance-jobs');" >&"${OLD[1]}"
read -r is <&"${OLD[0]}"
[ "$is" = "$was" ] || fail "the old snapshot counted $was, then $is"
echo 'COMMIT; SELECT 1;' >&"${OLD[1]}"
read -r _ <&"${OLD[0]}"
sql -c 'VACUUM idpsync.job_count, idpsync.job_count_delta'
calls 'old closed' "SELECT idpsync.count_synchronization_jobs('instance-jobs')"
fact "a REPEATABLE READ snapshot open while 8 clients wrote $(rounded 'old writes') jobs/s for $mixed_seconds s: $dead, and cannot go; it counted $was jobs before and after"
row limit 'total count of the instance written to, nothing left to fold' ms 'old before' '' '' ''
row limit 'the same behind an old snapshot that is still open' ms 'old open' '' '' ''
row limit 'of the largest instance meanwhile' ms 'old other' '' '' ''
row limit 'the same when it has closed, and VACUUM' ms 'old closed' '' '' ''
