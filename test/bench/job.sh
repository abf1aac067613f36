# A job's life: run, start, finish with statistics of 8 cells; three calls, one unit.
say 'run, start and finish a job'
statistics='{"UserStatistics": {"Created": {"Total": 12, "Success": 11, "Failed": 1, "Skipped": 0}, "Updated": {"Total": 300, "Success": 300, "Failed": 0, "Skipped": 0}, "Same": {"Total": 41000, "Success": 41000, "Failed": 0, "Skipped": 0}, "Deleted": {"Total": 3, "Success": 2, "Failed": 0, "Skipped": 1}}, "GroupStatistics": {"Created": {"Total": 2, "Success": 2, "Failed": 0, "Skipped": 0}, "Same": {"Total": 812, "Success": 812, "Failed": 0, "Skipped": 0}}, "GroupMemberStatistics": {"Created": {"Total": 55, "Success": 55, "Failed": 0, "Skipped": 0}, "Same": {"Total": 90210, "Success": 90210, "Failed": 0, "Skipped": 0}}}'
IFS='|' read -r packed_bytes metadata_bytes response_bytes <<< "$(value "
    SET client_min_messages = error;
    CREATE TEMP TABLE one AS SELECT (idpsync.run_synchronization_job('instance-size', 'identity_provider', 'target-1', NULL, 'ingress')).synchronization_job_id AS id;
    DO \$\$BEGIN PERFORM idpsync.start_synchronization_job(id), idpsync.finish_synchronization_job(id, '$statistics') FROM one; END\$\$;
    SELECT pg_column_size(j.statistics) - 1, pg_column_size(o.metadata) - 1, pg_column_size(o.response) - CASE WHEN pg_column_size(o.response) > 127 THEN 4 ELSE 1 END
      FROM one JOIN idpsync.job j ON j.job_id = one.id JOIN idpsync.operation o USING (operation_id)")"
bytes() { printf '\\x'; head -c "$1" /dev/zero | tr '\0' x | sed 's/x/a5/g'; }
fact "a job that ran stores $packed_bytes bytes of statistics, its operation $metadata_bytes of metadata and $response_bytes of response; the rivals' raw bytes are as many"
job_bench() {
    bench "$2" -f "$here/job/$1.sql" -D targets=1000 -D "statistics=$statistics" \
        -D "packed=$(bytes "$packed_bytes")" -D "metadata=$(bytes "$metadata_bytes")" -D "response=$(bytes "$response_bytes")"
}
sides="idpsync client cte plpgsql"
for commit in on off; do
    export PGOPTIONS="-c synchronous_commit=$commit"
    value CHECKPOINT
    [ $size = small ] || (round_seconds=1; for side in $sides; do job_bench $side warm; done)
    for ((round = 0; round < rounds; round++)); do
        for side in $sides; do
            job_bench $side "job $side $commit"
        done
    done
done
unset PGOPTIONS
for commit in on off; do
    title='job: run, start, finish, durable'
    [ $commit = on ] || title='the same, synchronous_commit off'
    row rate "$title" jobs/s "job idpsync $commit" "job client $commit" 'client: transactions of INSERT and UPDATE, raw bytes' ''
    row rate "$title" jobs/s "job idpsync $commit" "job cte $commit" 'a data-modifying CTE a call, raw bytes' ''
    row rate "$title" jobs/s "job idpsync $commit" "job plpgsql $commit" 'PL/pgSQL functions, jsonb' ''
done
value "DELETE FROM idpsync.job WHERE tenant_id IN ('instance-jobs', 'instance-size')"
value 'VACUUM idpsync.job'
