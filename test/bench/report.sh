# report_session_progress: 1000 open sessions, one of them at random a call. Reports of 2 or 3
# entries and 5 to 8 changes; expects the helpers of run.
say 'report_session_progress'
sessions=1000
first=100000
sql -c "SELECT idpsync.configure_store('session_ttl', '1 day')" > /dev/null

# Ids that pgbench can put together: ids of ours, with six digits in their random part.
id=$(value "SELECT idpsync.create_id('ses_')")
head=${id:0:18} tail=${id:24}
sql -v head="$head" -v tail="$tail" -v first=$first -v sessions=$sessions > /dev/null <<'Q'
INSERT INTO idpsync.session (created_at, expires_at, session_type, sync_mode, status, session_id, tenant_id, agent_id)
SELECT idpsync.id_time(id), now() + interval '1 day', 'AD_SYNC', 'FULL_SYNC', 'OPENED', id, 'container-' || n, 'agent-1.example.com'
  FROM (SELECT n, :'head' || n || :'tail' AS id FROM generate_series(:first, :first + :sessions - 1) n) s;
INSERT INTO bench.session_bytes (created_at, expires_at, session_type, sync_mode, status, session_id, tenant_id, agent_id)
SELECT created_at, expires_at, session_type, sync_mode, status, session_id, tenant_id, agent_id FROM idpsync.session;
INSERT INTO bench.session_json (created_at, expires_at, session_type, sync_mode, status, session_id, tenant_id, agent_id)
SELECT created_at, expires_at, session_type, sync_mode, status, session_id, tenant_id, agent_id FROM idpsync.session;
Q

# entry OBJECT K CHANGE...: an entry of a report, its numbers growing with K
entry() {
    local object=$1 k=$2 change comma=
    shift 2
    printf '{"object_type": "%s", "change_info": [' "$object"
    for change in "$@"; do
        printf '%s{"change_type": "%s", "successful": %d, "failed": %d}' "$comma" "$change" $(((k + 1) * (30 + 7 * ${#change}))) $((k * ${#change} / 4))
        comma=', '
    done
    printf ']}'
}
report() {
    printf '['
    entry USER "$1" CREATE UPDATE DELETE
    printf ', '
    entry GROUP "$1" CREATE UPDATE
    if [ $(($1 % 2)) = 1 ]; then
        printf ', '
        entry MEMBERSHIP "$1" CREATE DELETE PASSWORD_HASH_UPDATE
    fi
    printf ']'
}
variables=(-D "head=$head" -D "tail=$tail" -D "last_session=$((first + sessions - 1))")
for k in 0 1 2 3 4 5 6 7; do
    variables+=(-D "report$k=$(report $k)")
    sql -c "SELECT idpsync.report_session_progress('$head$first$tail', '$(report $k)')" > /dev/null
done

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
