# 1000 open sessions and eight reports for them, of 2 or 3 entries and 5 to 8 changes; expects the helpers
# of run. For report.sh and wire.sh, whichever comes first.
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
