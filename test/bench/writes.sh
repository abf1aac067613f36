# A job's life by eight writers, three calls a job, while jobs are counted and while they are not.
. "$here/year.sh"
say 'writes'

# writes SIDE TARGETS KEY: folded is idpsync with maintain() every second meanwhile, else it comes by after the round
writes() {
    sql -c "CALL bench.count_by('${1/folded/idpsync}')"
    [ "$1" != folded ] || start_folding
    bench "$3" -f "$here/job/idpsync.sql" -D "targets=$2" -D "statistics=$statistics"
    [ "$1" != folded ] || stop_folding
    sql -c "CALL idpsync.maintain('1 hour')"
}
statistics=$(value 'SELECT statistics FROM bench.result WHERE n = 7')
for targets_written in 1 20; do
    [ $size = small ] || writes nobody $targets_written warm
    for ((round = 0; round < rounds; round++)); do
        for side in nobody idpsync folded hourly; do
            writes $side $targets_written "writes $side $targets_written"
        done
    done
    title="job: run, start, finish, durable, 8 writers on $targets_written target$([ $targets_written = 1 ] || echo s)"
    row rate "$title" jobs/s "writes idpsync $targets_written" "writes nobody $targets_written" 'jobs are not counted' 0.85
    row rate "$title" jobs/s "writes idpsync $targets_written" "writes hourly $targets_written" 'table of hours, PL/pgSQL trigger' ''
    row rate "$title, maintain() every second" jobs/s "writes folded $targets_written" "writes nobody $targets_written" 'jobs are not counted' 0.85
done
sql -c "CALL bench.count_by('idpsync')" -c 'SELECT idpsync.rebuild_counts()' > /dev/null
