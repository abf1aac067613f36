# Pages of list_synchronization_jobs by token, the first and the deepest; totals.
. "$here/fill.sh"
say 'pages'
page_sizes='20 100'
[ $size = 1m ] || page_sizes=100

# Where page number $deepest begins, with pages of $1: its token, and the last row before it.
walk() {
    sql -At > /dev/null <<Q
CREATE TABLE bench.place_$1 (page int, token text, at timestamptz, id text);
DO \$\$
DECLARE
    token text;
    at timestamptz;
    id text;
BEGIN
    FOR page IN 2 .. $deepest LOOP
        SELECT next_token, synchronization_job_id, created_at INTO token, id, at
          FROM idpsync.list_synchronization_jobs('instance-1', $1, token, with_total_count => false)
         ORDER BY created_at, synchronization_job_id LIMIT 1;
        IF page IN (2, $deepest) THEN
            INSERT INTO bench.place_$1 VALUES (page, token, at, id);
        END IF;
    END LOOP;
END\$\$;
Q
}
for page_size in $page_sizes; do
    walk $page_size
done

# page_bench SIDE SIZE PAGE KEY; a side that ends in _generic keeps its plan, where the planner
# would rather plan each page anew
page_bench() {
    local side=${1%_generic} page_size=$2 page=$3 key=$4 token=none at id=none
    cp "$here/page/$side.sql" "$work/page.sql"
    if [ "$page" = 1 ]; then
        sed -i 's/:token/NULL/; /:at/d' "$work/page.sql"
    else
        IFS='|' read -r at id token <<< "$(value "SELECT at, id, token FROM bench.place_$page_size WHERE page = $page")"
    fi
    if [ "$side" != "$1" ]; then
        local -x PGOPTIONS='-c plan_cache_mode=force_generic_plan'
    fi
    bench "$key" -f "$work/page.sql" -D "size=$page_size" -D "token=$token" -D "at=${at:-none}" -D "id=$id" -D "offset=$(((page - 1) * page_size))"
}
sides_of() { [ $1 = 20 ] && echo keys all index_only || echo keys all index_only index_only_generic jsonb keys_inside text_inside index_only_inside_generic; }
sql -c 'CREATE INDEX ON bench.sum_jsonb_full (tenant_id, created_at, job_id)' -c 'ANALYZE bench.sum_jsonb_full'
for ((round = 0; round < rounds; round++)); do
    for page_size in $page_sizes; do
        for page in 1 $deepest; do
            for side in $(sides_of $page_size); do
                page_bench $side $page_size $page "page $side $page_size $page"
            done
        done
    done
done
page_bench offset 100 $deepest "page offset 100 $deepest"

number=$(sed ':a;s/\B[0-9]\{3\}\>/,&/;ta' <<< $deepest)
page_row() { row cost_rate "$1" pages/s "page $2 $page_size $page" "page $3 $page_size $page" "$4" "$5"; }
for page_size in $page_sizes; do
    if [ $page_size = 100 ]; then goals=(1.4 2.0 1.1); else goals=('' '' ''); fi
    for page in 1 $deepest; do
        title="page $([ $page = 1 ] && echo 1 || echo $number) of $page_size jobs"
        page_row "$title, keys" keys index_only 'index-only scan of the same keys' "${goals[0]}"
        page_row "$title, keys" keys index_only_generic 'the same with its plan kept' ''
        page_row "$title, everything" all index_only 'index-only scan of the same keys' "${goals[1]}"
        page_row "$title, everything" all jsonb 'the same page of jsonb rows, keyset' ''
        page_row "$title, keys, nothing sent" keys_inside index_only_inside_generic 'index-only scan, plan kept, nothing sent' ''
        page_row "$title, statistics as text, nothing sent" text_inside index_only_inside_generic 'index-only scan, plan kept, nothing sent' ''
    done
    for side in keys all; do
        row cost_rate "page $number of $page_size jobs, $([ $side = keys ] && echo keys || echo everything)" pages/s \
            "page $side $page_size $deepest" "page $side $page_size 1" 'page 1 of it' "${goals[2]}"
    done
done
row rate "page $number of 100 jobs, keys" pages/s "page keys 100 $deepest" "page offset 100 $deepest" 'OFFSET over the same index' ''

say 'totals'
for ((round = 0; round < rounds; round++)); do
    clock 'total idpsync' "SELECT idpsync.count_synchronization_jobs('instance-1')"
    clock 'total count' "SELECT count(*) FROM idpsync.job WHERE tenant_id = 'instance-1'"
    clock 'filtered total idpsync' "SELECT idpsync.count_synchronization_jobs('instance-1', target_ids => '{target-3}')"
    clock 'filtered total count' "SELECT count(*) FROM idpsync.job WHERE tenant_id = 'instance-1' AND target_id = 'target-3'"
done
row cost 'total count of an instance' ms 'total idpsync' 'total count' 'count(*), index-only' 1
row cost 'total count of one of its 20 targets' ms 'filtered total idpsync' 'filtered total count' 'count(*), index-only' 1
