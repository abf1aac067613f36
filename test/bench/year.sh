# The year of jobs that counts, statistics, deep, writes, bulk and mixed read and write, in a database
# of its own; made once.
if [ -z "${year_made:-}" ]; then
    say "filling $year_jobs jobs of a year"
    psql -X -q -c 'CREATE DATABASE year'
    export PGDATABASE=year
    value "ALTER DATABASE year SET timezone = 'UTC'"
    sql -c 'CREATE EXTENSION idpsync' -c 'SELECT idpsync.create_store()' > /dev/null
    sql -v jobs=$year_jobs -v targets=$targets -f "$here/year.sql" > /dev/null
    started=$(date +%s)
    sql -c "CALL bench.count_by('nobody')"
    for worker in 0 1; do
        for ((chunk = worker; chunk < 24; chunk += 2)); do
            sql -c "SET synchronous_commit = off" -c "INSERT INTO idpsync.job SELECT * FROM bench.year_of_jobs($((year_jobs * chunk / 24 + 1)), $((year_jobs * (chunk + 1) / 24)))"
        done &
        workers[worker]=$!
    done
    wait "${workers[0]}"
    wait "${workers[1]}"
    filled=$(date +%s)
    sql -c "CALL bench.count_by('idpsync')" -c "SET work_mem = '256MB'" -c 'SELECT idpsync.rebuild_counts()' > /dev/null
    counted=$(date +%s)
    vacuumdb --freeze --analyze -j 2 2> /dev/null > /dev/null
    sql -c 'ANALYZE idpsync.job' -c CHECKPOINT
    fact "$(value "SELECT count(*) FROM idpsync.job") jobs of a year in 200 instances, $(value "SELECT count(*) FROM idpsync.job WHERE tenant_id = 'instance-1'") in the one that is asked, by Zipf's law on its $(value "SELECT count(DISTINCT target_id) FROM idpsync.job WHERE tenant_id = 'instance-1'") targets; jobs in partitions by month; filled in $((filled - started)) s, counted by rebuild_counts() in $((counted - filled)) s"
    fact "$(value "SELECT format('jobs take %s, of that indexes %s; their counts are %s rows of %s with index',
        pg_size_pretty(sum(pg_total_relation_size(relid))), pg_size_pretty(sum(pg_indexes_size(relid))),
        (SELECT count(*) FROM idpsync.job_count), pg_size_pretty(pg_total_relation_size('idpsync.job_count'))) FROM pg_partition_tree('idpsync.job')")"
    year_made=1
fi

rounded() { median "$1" | awk '{printf "%.0f", $1}'; }

timings() { sql -c '\timing on' -c '\o /dev/null' "$@" | awk '/^Time: / {print $2}'; }

# calls KEY QUERY: the median milliseconds of a call in a session that has made such calls before, noted
# under KEY; of ten calls, of two where one takes longer than a tenth of a second
calls() {
    local n commands=()
    for ((n = 0; n < 15; n++)); do
        commands+=(-c "$2")
    done
    if [ "$(timings -c "$2" -c "$2" | awk '{n += $1 > 100} END {print n}')" = 2 ]; then
        commands=(-c "$2" -c "$2" -c "$2")
    fi
    note "$1" "$(timings "${commands[@]}" | tail -n +$((${#commands[@]} > 6 ? 6 : 2)) | sort -g | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}')"
}

# maintain() every second, until it is stopped; no call of it is left behind
start_folding() {
    rm -f "$work/enough"
    while [ ! -e "$work/enough" ]; do
        sql -c 'CALL idpsync.maintain()'
        sleep 1
    done &
    folder=$!
}
stop_folding() {
    touch "$work/enough"
    wait $folder
}
