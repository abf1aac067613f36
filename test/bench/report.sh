# report_session_progress: one of 1000 sessions at random a call. Reports of 2 or 3 entries and 5 to 8
# changes; expects the helpers of run.
say 'report_session_progress'
[ -n "$sessions" ] || . "$here/sessions.sh"

# The raw bytes of the rivals are as many as idpsync stores, so that both write the same log.
IFS='|' read -r progress_bytes metadata_bytes response_bytes <<< "$(value "
    SELECT pg_column_size(s.progress) - 1, pg_column_size(o.metadata) - 1, pg_column_size(o.response) - CASE WHEN pg_column_size(o.response) > 127 THEN 4 ELSE 1 END
      FROM idpsync.session s, (SELECT * FROM idpsync.operation ORDER BY operation_id DESC LIMIT 1) o
     WHERE s.progress IS NOT NULL")"
bytes() { printf '\\x'; head -c "$1" /dev/zero | tr '\0' x | sed 's/x/a5/g'; }
variables+=(-D "progress=$(bytes "$progress_bytes")" -D "metadata=$(bytes "$metadata_bytes")" -D "response=$(bytes "$response_bytes")")
fact "a report stores $progress_bytes bytes of progress, $metadata_bytes of metadata and $response_bytes of response; the rivals' raw bytes are as many"

# One script a report, of which pgbench picks one at random.
report_bench() {
    local side=$1 key=$2 k scripts=()
    for k in 0 1 2 3 4 5 6 7; do
        sed "s/:report\>/:report$k/" "$here/report/$side.sql" > "$work/$side.$k.sql"
        scripts+=(-f "$work/$side.$k.sql")
    done
    bench "$key" "${variables[@]}" "${scripts[@]}"
}

sides="idpsync client cte plpgsql"
[ $size = small ] || sides+=" idpsync_tenant"
for commit in on off; do
    export PGOPTIONS="-c synchronous_commit=$commit"
    value CHECKPOINT
    [ $size = small ] || (round_seconds=1; for side in $sides; do report_bench $side warm; done)
    for ((round = 0; round < rounds; round++)); do
        for side in $sides; do
            report_bench $side "report $side $commit"
        done
    done
done
unset PGOPTIONS

for commit in on off; do
    if [ $commit = on ]; then
        title='report_session_progress, durable' goals=(1.5 0.95 1.4)
    else
        title='the same, synchronous_commit off' goals=(1.9 '' 1.7)
    fi
    row rate "$title" calls/s "report idpsync $commit" "report client $commit" 'client: BEGIN; UPDATE; INSERT; COMMIT' "${goals[0]}"
    row rate "$title" calls/s "report idpsync $commit" "report cte $commit" 'one data-modifying CTE, raw bytes' "${goals[1]}"
    row rate "$title" calls/s "report idpsync $commit" "report plpgsql $commit" 'PL/pgSQL function, jsonb' "${goals[2]}"
    row rate "$title" calls/s "report idpsync_tenant $commit" "report idpsync $commit" 'with the container named : by session_id alone' ''
done
