# Sums over all jobs, and what their statistics weigh.
. "$here/fill.sh"
say 'sums'
quick=('idpsync' 'count' 'idpsync by day and target' 'count by day and target')
slow=('96 columns' 'child rows' 'jsonb sparse' 'jsonb sparse by key' 'jsonb full')
sum_clock() { clock "$2sum $1" "$(value "SELECT query FROM bench.sum_query WHERE name = '$1'")"; }
for name in "${quick[@]}"; do
    sum_clock "$name" 'warm '
done
for ((round = 0; round < rounds; round++)); do
    for name in "${quick[@]}" "${slow[@]}"; do
        # jsonb takes most of the run and varies least beside its ratio
        [ "$round" -ge 2 ] && [ "${name#jsonb}" != "$name" ] || sum_clock "$name" ''
    done
done
count="$(value 'SELECT count(*) FROM idpsync.job' | sed ':a;s/\B[0-9]\{3\}\>/,&/;ta')"
row cost "sum of all counters, $count jobs" ms 'sum idpsync' 'sum count' 'count(*) of the same table' 2.2
row cost 'the same by UTC day and target' ms 'sum idpsync by day and target' 'sum count by day and target' 'count(*) grouped alike' 1.5
row faster "sum of all counters, $count jobs" ms 'sum idpsync' 'sum jsonb full' 'jsonb, whole document, jsonb_each()' 251
row faster '' ms 'sum idpsync' 'sum jsonb sparse' 'jsonb, without what is zero, jsonb_each()' 57
row faster '' ms 'sum idpsync' 'sum jsonb sparse by key' 'jsonb, without what is zero, 96 expressions' ''
row faster '' ms 'sum idpsync' 'sum 96 columns' '96 bigint columns' 10.7
row faster '' ms 'sum idpsync' 'sum child rows' 'child rows, a row a cell' 11.7

# weight KEY TABLE: its heap (and TOAST) a job, beyond the same table without statistics
none=$(value "SELECT pg_table_size('bench.sum_none')")
weight() { note "weight $1" "$(value "SELECT round((($2) - $none)::numeric / $jobs, 1)")"; }
weight idpsync "SELECT sum(pg_table_size(relid)) FROM pg_partition_tree('idpsync.job') WHERE isleaf"
weight 'jsonb full' "pg_table_size('bench.sum_jsonb_full')"
weight 'jsonb sparse' "pg_table_size('bench.sum_jsonb_sparse')"
weight '96 columns' "pg_table_size('bench.sum_columns')"
weight 'child rows' "$none + pg_table_size('bench.child')"
weight 'child rows and key' "$none + pg_total_relation_size('bench.child')"
note 'datum idpsync' "$(value 'SELECT round(avg(pg_column_size(statistics)), 1) FROM idpsync.job')"
note 'datum jsonb full' "$(value 'SELECT round(avg(pg_column_size(statistics)), 1) FROM bench.sum_jsonb_full')"
note 'datum jsonb sparse' "$(value 'SELECT round(avg(pg_column_size(statistics)), 1) FROM bench.sum_jsonb_sparse')"
row limit 'statistics of a job (8 cells), heap' bytes 'weight idpsync' '' '' 33
row faster '' bytes 'weight idpsync' 'weight jsonb full' 'jsonb, whole document' ''
row faster '' bytes 'weight idpsync' 'weight jsonb sparse' 'jsonb, without what is zero' ''
row faster '' bytes 'weight idpsync' 'weight 96 columns' '96 bigint columns' ''
row faster '' bytes 'weight idpsync' 'weight child rows' 'child rows, heap' ''
row faster '' bytes 'weight idpsync' 'weight child rows and key' 'child rows, heap and primary key' ''
row faster 'the same, pg_column_size' bytes 'datum idpsync' 'datum jsonb full' 'jsonb, whole document' ''
row faster '' bytes 'datum idpsync' 'datum jsonb sparse' 'jsonb, without what is zero' ''
