# A million jobs at once, into a partition of their own, while jobs are counted and while they are not.
. "$here/year.sh"
bulk_jobs=$((year_jobs < 1000000 ? year_jobs : 1000000))
say "bulk: $bulk_jobs jobs"
sql > /dev/null <<Q
CREATE UNLOGGED TABLE bench.bulk AS SELECT * FROM bench.year_of_jobs(1, $bulk_jobs, now() - '3 years'::interval, '365 days'::interval * ($year_jobs / $bulk_jobs));
CREATE UNLOGGED TABLE bench.bulk_one AS SELECT * FROM bench.bulk;
UPDATE bench.bulk_one SET tenant_id = 'instance-bulk', target_id = 'target-' || (hashtext(job_id) & 15);
VACUUM bench.bulk_one;
COPY bench.bulk TO '$work/bulk';
Q
bulk() {
    sql -c "CALL bench.count_by('$1')" -c CHECKPOINT
    clock "$2 $1" "$3"
    sql -c 'TRUNCATE idpsync.job_first' -c "CALL idpsync.maintain('1 hour')"
}
# takes minutes a round
for ((round = 0; round < rounds && round < 2; round++)); do
    for side in nobody idpsync; do
        bulk $side 'bulk copy' "COPY idpsync.job FROM '$work/bulk'"
        bulk $side 'bulk insert' 'INSERT INTO idpsync.job SELECT * FROM bench.bulk'
        bulk $side 'bulk one' 'INSERT INTO idpsync.job SELECT * FROM bench.bulk_one'
    done
done
number=$(sed ':a;s/\B[0-9]\{3\}\>/,&/;ta' <<< $bulk_jobs)
row cost "COPY of $number jobs, 200 instances" ms 'bulk copy idpsync' 'bulk copy nobody' 'jobs are not counted' 1.5
row cost "INSERT ... SELECT of them" ms 'bulk insert idpsync' 'bulk insert nobody' 'jobs are not counted' 1.5
row cost 'the same, one instance, 16 targets' ms 'bulk one idpsync' 'bulk one nobody' 'jobs are not counted' 1.5
