# Counts stay exact where no transaction watches over them: when the server is killed, and when a
# store is dumped, restored and its partitions taken away.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IdpsyncTest qw(start_after_kill);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "log_statement = none\n");
$node->start;

my $create = 'CREATE EXTENSION idpsync; SELECT FROM idpsync.create_store();';
my $faults = 'SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok';

# Counts that are not what a scan says, each way of asking once.
my $differences = <<'SQL';
SELECT tenant_id, status, target_id, count(*), idpsync.count_synchronization_jobs(tenant_id, status => status, target_ids => ARRAY[target_id])
FROM idpsync.job GROUP BY 1, 2, 3 HAVING count(*) <> idpsync.count_synchronization_jobs(tenant_id, status => status, target_ids => ARRAY[target_id])
UNION ALL
SELECT tenant_id, status, NULL, count(*), idpsync.count_synchronization_jobs(tenant_id, status => status)
FROM idpsync.job GROUP BY 1, 2 HAVING count(*) <> idpsync.count_synchronization_jobs(tenant_id, status => status)
UNION ALL
SELECT t.tenant_id, NULL, NULL, count(j), idpsync.count_synchronization_jobs(t.tenant_id)
FROM (SELECT DISTINCT tenant_id FROM idpsync.job_count) AS t LEFT JOIN idpsync.job AS j USING (tenant_id)
GROUP BY 1 HAVING count(j) <> idpsync.count_synchronization_jobs(t.tenant_id)
SQL

sub is_exact {
    my ($database, $name) = @_;
    is($node->safe_psql($database, $differences), '', "$name: counts are what a scan says");
    is($node->safe_psql($database, $faults), '', "$name: check_store() is content");
}

# What a client does over and over, and what is at it meanwhile.
my $folder = PostgreSQL::Test::Utils::tempdir();
append_to_file("$folder/jobs.sql", <<'SQL');
\set tenant random(1, 3)
\set target random(1, 4)
\set ending random(1, 4)
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('tenant ' || :tenant, 'application', 'target ' || :target) \gset
SELECT FROM idpsync.start_synchronization_job(':job');
SELECT FROM idpsync.report_job_statistics(':job', '{"UserStatistics": {"Created": {"Total": 7, "Success": 7}}}', 'delta');
\if :ending < 3
SELECT FROM idpsync.finish_synchronization_job(':job', '{"UserStatistics": {"Created": {"Total": 1, "Failed": 1}}}', progress_mode => 'delta');
\elif :ending = 3
BEGIN;
DELETE FROM idpsync.operation WHERE operation_id = (SELECT operation_id FROM idpsync.job WHERE job_id = ':job');
DELETE FROM idpsync.job WHERE job_id = ':job';
COMMIT;
\endif
SQL
append_to_file("$folder/maintain.sql", "CALL idpsync.maintain();\n");

$node->safe_psql('postgres', $create);
foreach my $round (1 .. 3) {
    my @clients = map {
        my ($script, $number) = @$_;
        IPC::Run::start([ 'pgbench', '-n', '-T', 60, '-c', $number, '-f', "$folder/$script.sql", $node->connstr('postgres') ],
            '<', '/dev/null', '>', \my $out, '2>', \my $err, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
    } ([ 'jobs', 8 ], [ 'maintain', 2 ]);
    sleep 2;
    $node->kill9;
    ok(start_after_kill($node), "killed while folding, $round: the server is back");
    foreach my $client (@clients) { eval { $client->finish } }
    is_exact('postgres', "killed while folding, $round");
    $node->safe_psql('postgres', 'CALL idpsync.maintain()');
    is_exact('postgres', "killed while folding, $round, after a fold");
}
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM idpsync.job'), '>', 100, 'there are jobs');
unlike(slurp_file($node->logfile), qr/deadlock detected|PANIC|TRAP:/, 'nothing worse in the server\'s log');

# A store with jobs in the first and in the last partition, some counts folded and some not.
# Jobs that count, jobs in all sums, their counter, and whether the counts agree with the jobs.
my $sums = <<'SQL';
SELECT idpsync.count_synchronization_jobs('tenant'), s.job_count, idpsync.counter(s.statistics, 'User', 'Created', 'Total'), c.ok
FROM idpsync.synchronization_job_statistics('tenant') AS s, idpsync.check_store() AS c WHERE c.check_name = 'counts'
SQL
$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('source', $create . <<'SQL');
CREATE FUNCTION import_jobs(name text, year int) RETURNS bigint LANGUAGE sql AS $$
    SELECT inserted FROM idpsync.import_synchronization_jobs('tenant', (SELECT json_build_object('SynchronizationJobs', json_agg(json_build_object(
        'SynchronizationJobId', name || n, 'TargetType', 'application', 'TargetId', 'target', 'Direction', 'egress', 'TriggerType', 'auto', 'Status', 'success',
        'StartTime', extract(epoch FROM make_timestamptz(year, 1 + n % 2, n, 0, 0, 0, 'UTC'))::bigint * 1000, 'EndTime', 9900000000000,
        'Result', json_build_object('UserStatistics', json_build_object('Created', json_build_object('Total', n))))))
        FROM generate_series(1, 20) AS n))
$$;
-- no import takes jobs from the future
CREATE FUNCTION insert_jobs(year int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, end_time, statistics)
    SELECT idpsync.create_id('sync_', at), 'tenant', 'application', 'target', 'egress', 'auto', 'success', at, at, at,
        json_build_object('UserStatistics', json_build_object('Created', json_build_object('Total', n)))::text::idpsync.job_statistics
    FROM generate_series(1, 20) AS n, LATERAL (SELECT make_timestamptz(year, 1 + n % 2, n, 0, 0, 0, 'UTC') AS at) AS t
$$;
SELECT import_jobs('a', 2020), insert_jobs(2200);
CALL idpsync.maintain();
SELECT import_jobs('c', 2020), insert_jobs(2200);
UPDATE idpsync.job SET statistics = '{}' WHERE job_id = 'a20';
SQL
is($node->safe_psql('source', $sums), '80|80|820|t', 'a store with two partitions in use');

# Of a partition that goes the sums stay, and its jobs no longer count.
$node->safe_psql('source', 'DROP TABLE idpsync.job_last');
is($node->safe_psql('source', $sums), '40|80|820|t', 'a partition was dropped by hand');
my $bound = $node->safe_psql('source', q{SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = 'idpsync.job_first'::regclass});
$node->safe_psql('source', 'ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_first');
is($node->safe_psql('source', $sums), '0|80|820|t', 'a partition was detached by hand');
$node->safe_psql('source', 'CALL idpsync.maintain()');
is($node->safe_psql('source', $sums), '0|80|820|t', 'its counts were folded meanwhile');
$node->safe_psql('source', "ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_first $bound");
is($node->safe_psql('source', $sums), '40|80|820|t', 'it was attached again');

# Counts and deltas are rows like others. Triggers that are on while rows come in again count them again.
$node->safe_psql('source', q{UPDATE idpsync.job SET statistics = '{"UserStatistics": {"Created": {"Total": 100}}}' WHERE job_id = 'a20'});
my $dump = "$folder/dump";
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('source') ], 'dumped');
my %restore = (
    whole => { steps => [ [] ], sums => '40|80|920|t' },
    silent => { steps => [ [ '--schema-only' ], [ '--data-only', '--disable-triggers' ] ], sums => '40|80|920|t' },
    counting => { steps => [ [ '--schema-only' ], [ '--data-only' ] ], sums => '80|120|1420|f' });
foreach my $target (sort keys %restore) {
    $node->safe_psql('postgres', "CREATE DATABASE $target");
    $node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr($target), @$_, $dump ], "$target: restored @$_")
        foreach @{ $restore{$target}{steps} };
    is($node->safe_psql($target, $sums), $restore{$target}{sums}, "$target: counts, and what check_store() says of them");
    is($node->safe_psql($target, 'SELECT idpsync.rebuild_counts()'), '40', "$target: counted anew");
    is($node->safe_psql($target, $sums), '40|80|920|t', "$target: counts agree");
}
is($node->safe_psql('whole', 'SELECT idpsync.rebuild_counts(forget_history => true)'), '40', 'history is forgotten');
is($node->safe_psql('whole', $sums), '40|40|500|t', 'what is left is what is there');

done_testing();
