# A month of jobs past its retention: maintain() drops its partition; the rivals DELETE it, from the same
# partition and from a plain table. Each round has a month of its own, in a database of its own; a month
# that old is in nobody's memory, so each side begins with none of it in the server's or the system's.
say 'retire'
psql -X -q -c 'CREATE DATABASE retire'
(
export PGDATABASE=retire
value "ALTER DATABASE retire SET timezone = 'UTC'"
sql -c 'CREATE EXTENSION idpsync' -c 'SELECT idpsync.create_store()' > /dev/null
# a few more than are written: the last of them have not ended
sql -v jobs=$((jobs + jobs / 1000 + 1)) -v targets=$([ $size = small ] && echo 100 || echo 1000) -f "$here/year.sql" > /dev/null
sql > /dev/null <<Q
SELECT idpsync.configure_store('job_retention', '36600 days');
CREATE UNLOGGED TABLE bench.month (LIKE idpsync.job);
CREATE TABLE bench.plain (LIKE idpsync.job, PRIMARY KEY (job_id, tenant_id, created_at), CHECK (created_at = idpsync.id_time(job_id)), CHECK (idpsync.job_fits_status(status, end_time)));
CREATE INDEX ON bench.plain (tenant_id, created_at, job_id);
CREATE INDEX ON bench.plain (tenant_id, target_id, created_at, job_id);
CREATE VIEW bench.history AS
SELECT t.tenant_id, s.* FROM (SELECT DISTINCT tenant_id FROM bench.month) t, LATERAL idpsync.synchronization_job_statistics(t.tenant_id, bucket => 'month', by_target => true) s;
Q

forget() {
    sql -c CHECKPOINT
    as_server "$PG_BIN/pg_ctl" -D "$work/data" -l "$work/server.log" -m fast -w restart > /dev/null
    find "$work/data/base" -type f -size +0 -exec dd if={} iflag=nocache count=0 status=none \;
    # what maintain() reads every minute is in memory
    sql -c 'SET client_min_messages = warning' -c 'CALL idpsync.maintain()' -c 'SELECT count(*) FROM idpsync.job_count' > /dev/null
}

# fill MONTH: its partition, as after a year: counted and vacuumed
fill() {
    sql > /dev/null <<Q
CALL bench.count_by('nobody');
INSERT INTO idpsync.job SELECT * FROM bench.month;
CALL bench.count_by('idpsync');
SET work_mem = '256MB';
SELECT idpsync.rebuild_counts();
VACUUM ANALYZE idpsync.$1;
Q
}
# a round takes minutes
for ((round = 0; round < rounds && round < 3; round++)); do
    IFS='|' read -r month start end <<< "$(value "SELECT to_char(m, '\"job_\"YYYYMMDD'), m, m + '1 month'::interval FROM (SELECT date_trunc('month', now() - '365 days'::interval) + $round * '1 month'::interval AS m) s")"
    past="created_at < '$end'"
    sql -c 'TRUNCATE bench.month' -c "INSERT INTO bench.month SELECT * FROM bench.year_of_jobs(1, $jobs, '$start', '28 days')" -c 'VACUUM ANALYZE bench.month'

    sql -c 'INSERT INTO bench.plain SELECT * FROM bench.month' -c 'VACUUM ANALYZE bench.plain'
    forget
    clock 'retire delete plain' "DELETE FROM bench.plain WHERE $past"
    clock 'retire vacuum plain' 'VACUUM bench.plain'

    fill "$month"
    forget
    clock 'retire delete' "DELETE FROM idpsync.job WHERE $past"
    clock 'retire vacuum' "VACUUM idpsync.$month"
    clock 'retire fold' 'SET client_min_messages = warning' "CALL idpsync.maintain('1 hour')"
    note 'retire delete in all' "$(tail -n 3 "$work/notes" | awk -F '\t' '{sum += $2} END {print sum}')"

    fill "$month"
    [ "$(value "SELECT sum(idpsync.count_synchronization_jobs(tenant_id)) FROM (SELECT DISTINCT tenant_id FROM bench.month) t")" = "$jobs" ] || fail "$month does not count $jobs jobs"
    sql -c 'CREATE TABLE bench.history_before AS TABLE bench.history'
    forget
    sql -c "SELECT idpsync.configure_store('job_retention', extract(day FROM now() - '$end') || ' days')" > /dev/null
    clock 'retire drop' 'SET client_min_messages = warning' "CALL idpsync.maintain('1 hour')"
    note 'retire step' "$(value "SELECT extract(epoch FROM finished_at - started_at) * 1000 FROM idpsync.maintenance_log WHERE step = 'retire_jobs' ORDER BY log_id DESC LIMIT 1")"
    [ "$(value "SELECT count(*) FROM idpsync.job WHERE $past")" = 0 ] || fail "$month was not retired"
    [ "$(value "SELECT coalesce(sum(idpsync.count_synchronization_jobs(tenant_id)), 0) FROM (SELECT DISTINCT tenant_id FROM bench.month) t")" = 0 ] || fail "$month still counts"
    [ "$(value 'SELECT count(*) FROM ((TABLE bench.history EXCEPT ALL TABLE bench.history_before) UNION ALL (TABLE bench.history_before EXCEPT ALL TABLE bench.history)) d')" = 0 ] ||
        fail "the statistics of $month are not what they were"
    kept=$(value 'SELECT count(*) FROM bench.history_before')
    value 'DROP TABLE bench.history_before'
    sql -c "SELECT idpsync.configure_store('job_retention', '36600 days')" -c 'TRUNCATE bench.plain' > /dev/null
done
fact "a retired month of $jobs jobs: no job and no count is left, and the same $kept rows of statistics by month and target as before"
)
psql -X -q -c 'DROP DATABASE retire'
title="retire $(sed ':a;s/\B[0-9]\{3\}\>/,&/;ta' <<< $jobs) jobs of a month: CALL maintain()"
row faster "$title" ms 'retire drop' 'retire delete' 'DELETE of them, which is counted' 100
row faster "$title" ms 'retire drop' 'retire delete in all' 'that DELETE, VACUUM, and the fold of what it changed' ''
row faster "$title" ms 'retire drop' 'retire delete plain' 'DELETE from a plain table with three indexes' ''
row limit 'of that the step that drops the partition' ms 'retire step' '' '' ''
row limit 'VACUUM after that DELETE' ms 'retire vacuum' '' '' ''
row limit 'and maintain(), which folds what it changed' ms 'retire fold' '' '' ''
row limit 'VACUUM after DELETE from the plain table' ms 'retire vacuum plain' '' '' ''
