# The jobs that sums and pages read; made once.
if [ -z "${filled:-}" ]; then
    say "filling $jobs jobs"
    sql -v jobs=$jobs -f "$here/fill.sql" > /dev/null
    sql -f "$here/sums.sql"
    # Without statistics on the expression the planner expects a group a job, and sorts.
    value "SELECT format('CREATE STATISTICS bench.%I ON ((created_at AT TIME ZONE ''UTC'')::date), target_id FROM %s;', 'by_day_' || c.oid, c.oid::regclass)
             FROM pg_class c WHERE c.oid IN (SELECT relid FROM pg_partition_tree('idpsync.job'))" | sql > /dev/null
    sql -c 'VACUUM (FREEZE, ANALYZE)' -c 'ANALYZE idpsync.job' -c CHECKPOINT
    filled=1
fi
