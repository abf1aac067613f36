# Totals by filter, beside count(*) of a copy of just the columns that filters name, through an index
# for that very filter; beside its scan; and beside a table of hours.
. "$here/year.sh"
say 'counts: the rivals'
sql <<'Q'
SET maintenance_work_mem = '1GB';
CREATE TABLE bench.year_job AS SELECT start_time, target_type, direction, status, tenant_id::text COLLATE "C", target_id::text COLLATE "C" FROM idpsync.job;
CREATE INDEX by_tenant ON bench.year_job (tenant_id);
CREATE INDEX by_status ON bench.year_job (tenant_id, status, start_time);
CREATE INDEX by_target ON bench.year_job (tenant_id, target_id, start_time);
CREATE INDEX by_type ON bench.year_job (tenant_id, target_type, direction);
CREATE INDEX by_time ON bench.year_job (tenant_id, start_time);
INSERT INTO bench.job_hour (tenant_id, target_id, hour, target_type, direction, status, jobs)
SELECT tenant_id, target_id, date_trunc('hour', start_time, 'UTC') AS hour, target_type, direction, status, count(*)
  FROM bench.year_job WHERE tenant_id = 'instance-1' GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3;
VACUUM (FREEZE, ANALYZE) bench.year_job;
VACUUM (FREEZE, ANALYZE) bench.job_hour;
Q
fact "the hourly table has $(value "SELECT count(*) FROM bench.job_hour") rows for the $(value "SELECT sum(jobs) FROM bench.job_hour") jobs of that instance"

# literals of the ranges: months, days, and one ragged at both ends; till is what the API ends with
IFS='|' read -r month_from month_to day_from day_to time_from time_to <<< "$(value "
    SELECT m, n, m + '4 days'::interval, n + '9 days'::interval, m + '4 days 07:13:05.25'::interval, n + '9 days 10:47:31.5'::interval
      FROM (SELECT date_trunc('month', now()) - '9 months'::interval AS m, date_trunc('month', now()) - '2 months'::interval AS n) a")"
ours_in() { echo "start_time => '$1', end_time => '$2'::timestamptz - '1 ms'::interval"; }
theirs_in() { echo "start_time >= '$1' AND start_time < '$2'"; }
targets_of() { seq -s , -f 'target-%g' 2 $1 | sed 's/.*/{&}/'; }
titles=() ours=() theirs=() indexes=() hours=()
filter() { titles+=("$1"); indexes+=("$2"); hours+=("$3"); ours+=("$4"); theirs+=("$5"); }
filter 'no filter' by_tenant yes '' ''
filter 'status failed' by_status yes "status => 'failed'" "status = 'failed'"
filter 'status success' by_status '' "status => 'success'" "status = 'success'"
filter 'one target' by_target yes "target_ids => '{target-1}'" "target_id = 'target-1'"
filter '10 targets' by_target '' "target_ids => '$(targets_of 11)'" "target_id = ANY ('$(targets_of 11)')"
filter '100 targets' by_target '' "target_ids => '$(targets_of 101)'" "target_id = ANY ('$(targets_of 101)')"
filter 'type and direction' by_type '' "target_type => 'identity_provider', direction => 'ingress'" "target_type = 'identity_provider' AND direction = 'ingress'"
filter 'months' by_time yes "$(ours_in "$month_from" "$month_to")" "$(theirs_in "$month_from" "$month_to")"
filter 'days' by_time '' "$(ours_in "$day_from" "$day_to")" "$(theirs_in "$day_from" "$day_to")"
filter 'ragged range' by_time '' "$(ours_in "$time_from" "$time_to")" "$(theirs_in "$time_from" "$time_to")"
filter 'ragged range, status failed' by_status '' "$(ours_in "$time_from" "$time_to"), status => 'failed'" "$(theirs_in "$time_from" "$time_to") AND status = 'failed'"
filter 'ragged range, status success' by_status '' "$(ours_in "$time_from" "$time_to"), status => 'success'" "$(theirs_in "$time_from" "$time_to") AND status = 'success'"
filter 'ragged range, one target' by_target '' "$(ours_in "$time_from" "$time_to"), target_ids => '{target-1}'" "$(theirs_in "$time_from" "$time_to") AND target_id = 'target-1'"
ours_of() { echo "SELECT idpsync.count_synchronization_jobs('instance-1'${ours[$1]:+, ${ours[$1]}})"; }
theirs_of() { echo "SELECT $1 WHERE tenant_id = 'instance-1'${theirs[$2]:+ AND ${theirs[$2]}}"; }

# The rival is free to take any index; that it took the one it has for this filter is looked at.
say 'counts'
for i in "${!titles[@]}"; do
    query=$(theirs_of 'count(*) FROM bench.year_job' $i)
    [ "$(value "$(ours_of $i)")" = "$(value "$query")" ] || fail "counts differ: ${titles[i]}"
    [ $size = small ] || value "EXPLAIN $query" | grep -q "${indexes[i]}" || say "count(*) with ${titles[i]} does not use ${indexes[i]}"
done
for ((round = 0; round < rounds; round++)); do
    for i in "${!titles[@]}"; do
        calls "count $i idpsync" "$(ours_of $i)"
        value "$(theirs_of 'count(*) FROM bench.year_job' $i)" > /dev/null
        clock "count $i index" "$(theirs_of 'count(*) FROM bench.year_job' $i)"
        [ -z "${hours[i]}" ] || clock "count $i hours" "$(theirs_of 'sum(jobs) FROM bench.job_hour' $i | sed 's/start_time/hour/g')"
    done
    for i in 0 1 9; do
        PGOPTIONS='-c enable_indexscan=off -c enable_indexonlyscan=off -c enable_bitmapscan=off' clock "count $i scan" "$(theirs_of 'count(*) FROM bench.year_job' $i)"
    done
    clock 'count first' "$(ours_of 11)"
done

# What single writers leave behind before maintain() comes by: a job each, a twentieth of the asking tenant's.
deltas=$((year_jobs < 100000 ? year_jobs : 100000))
say "counts with $deltas changes that are not folded"
sql -c 'VACUUM idpsync.job_count_delta'
# a session that has planned its counts when there were none
coproc EARLY { exec psql -X -q -At; }
early() { printf '%s\n' "$1" >&"${EARLY[1]}"; read -r answer <&"${EARLY[0]}"; }
early "$(ours_of 0);"
sql > /dev/null <<Q
DO \$\$
DECLARE
    j idpsync.job;
BEGIN
    FOR j IN WITH spread AS MATERIALIZED (SELECT * FROM bench.year_of_jobs(1, $deltas * 5 / 4, length => '365 days'::interval * ($year_jobs / ($deltas * 5 / 4.0))))
             (SELECT * FROM spread WHERE tenant_id <> 'instance-1' LIMIT $deltas * 19 / 20) UNION ALL (SELECT * FROM spread WHERE tenant_id = 'instance-1' LIMIT $deltas / 20) LOOP
        INSERT INTO idpsync.job VALUES (j.*);
    END LOOP;
END\$\$;
Q
printf '\\timing on\n' >&"${EARLY[1]}"
for ((n = 0; n < 5; n++)); do
    early "$(ours_of 0);"
    read -r answer <&"${EARLY[0]}"
    note 'count early' "$(awk '{print $2}' <<< "$answer")"
done
printf '\\q\n' >&"${EARLY[1]}"
wait "${EARLY_PID:-}" || true
[ "$(value 'SELECT count(*) FROM idpsync.job_count_delta')" = $deltas ] || fail "there are not $deltas deltas"
for i in "${!titles[@]}"; do
    [ "$(value "$(ours_of $i)")" = "$(value "$(theirs_of 'count(*) FROM idpsync.job' $i)")" ] || fail "counts with deltas differ: ${titles[i]}"
done
for ((round = 0; round < rounds; round++)); do
    for i in "${!titles[@]}"; do
        calls "count $i deltas" "$(ours_of $i)"
    done
done
clock 'count fold' "CALL idpsync.maintain('1 hour')"
sql -c 'VACUUM idpsync.job_count_delta'
fact "maintain() folds $deltas changes in $(rounded "count fold") ms; the first count of a session takes $(rounded "count first") ms"

row limit 'total count, in a session that counted before the changes came' ms 'count early' '' '' 5
for i in "${!titles[@]}"; do
    title="total count, ${titles[i]}"
    row limit "$title" ms "count $i idpsync" '' '' 5
    row faster "$title" ms "count $i idpsync" "count $i index" 'count(*), index for this filter' "$(awk -v ms="$(median "count $i index")" 'BEGIN {print (ms > 500 ? 100 : 1)}')"
    row faster "$title" ms "count $i idpsync" "count $i scan" 'count(*), sequential scan' ''
    row faster "$title" ms "count $i idpsync" "count $i hours" 'table of hours, PL/pgSQL trigger' ''
    row limit "the same, $deltas changes not folded" ms "count $i deltas" '' '' 5
    printf '%s\t%s\t%s\t%s\n' "${titles[i]}" "$(median "count $i idpsync")" "$(median "count $i deltas")" "$(median "count $i index")" >> "$work/plot"
done
