# Page 1 and page 10,000 of the largest instance, by token, with and without filters.
. "$here/year.sh"
say 'deep pages'
far=$((year_jobs / 1000))
titles=() sizes=() filters=()
pages() { titles+=("of $1"); sizes+=("$2"); filters+=("${3:-}"); }
pages '20 jobs, no filter' 20
pages '10 jobs, one target' 10 ", target_ids => '{target-1}'"
pages '20 jobs, 10 targets' 20 ", target_ids => '$(seq -s , -f 'target-%g' 2 11 | sed 's/.*/{&}/')'"
pages '20 jobs, type and direction' 20 ", target_type => 'identity_provider', direction => 'ingress'"
pages '1 job, status failed' 1 ", status => 'failed'"
pages '20 jobs, the last 300 days' 20 ", start_time => date_trunc('day', now()) - '300 days'::interval"

# list SIZE FILTER TOKEN
list() { echo "idpsync.list_synchronization_jobs('instance-1', $1, $3, with_total_count => false$2)"; }

# The token of page $far, as a literal: in large steps, since a token does not mind the size of the page.
walk_far() {
    local rows=$(($1 * (far - 1)))
    sql -At <<Q
DO \$\$
DECLARE
    place text;
BEGIN
    FOR step IN 1 .. $rows / 100 LOOP
        SELECT max(next_token) INTO place FROM $(list 100 "$2" place);
    END LOOP;
    IF $rows % 100 > 0 THEN
        SELECT max(next_token) INTO place FROM $(list "$rows % 100" "$2" place);
    END IF;
    PERFORM set_config('bench.place', place, false);
END\$\$;
SELECT quote_literal(nullif(current_setting('bench.place'), ''));
Q
}
places=()
for i in "${!titles[@]}"; do
    places[i]=$(walk_far "${sizes[i]}" "${filters[i]}")
    [ -n "${places[i]}" ] || fail "the list ends before page $far ${titles[i]}"
done
whole_seconds=$round_seconds
round_seconds=$((round_seconds > 2 ? 2 : round_seconds))
for ((round = 0; round < rounds; round++)); do
    for i in "${!titles[@]}"; do
        for place in NULL "${places[i]}"; do
            echo "SELECT synchronization_job_id, created_at FROM $(list "${sizes[i]}" "${filters[i]}" "$place");" > "$work/page.sql"
            bench "deep $i $([ "$place" = NULL ] && echo 1 || echo far)" -f "$work/page.sql"
        done
    done
done
round_seconds=$whole_seconds
for i in "${!titles[@]}"; do
    row cost_rate "page $(sed ':a;s/\B[0-9]\{3\}\>/,&/;ta' <<< $far) ${titles[i]}" pages/s "deep $i far" "deep $i 1" 'page 1 of it' 1.1
done
