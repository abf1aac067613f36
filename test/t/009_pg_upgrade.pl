# pg_upgrade takes filled stores, a current one and one of 0.1.0, to another major version of PostgreSQL.
# IDPSYNC_OLD_SERVER names the folder of an older server (with bin and lib in it) that idpsync is installed into as
# well; without it there is nothing to upgrade from.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IdpsyncStores qw(fill_store make_store_1 store_rows store_faults);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $folder = $ENV{IDPSYNC_OLD_SERVER} or plan skip_all => 'IDPSYNC_OLD_SERVER names no older server';

my $old = PostgreSQL::Test::Cluster->new('old', install_path => $folder);
my $new = PostgreSQL::Test::Cluster->new('new');
$_->init(extra => ['--data-checksums']) foreach $old, $new;
cmp_ok($old->pg_version, '<', $new->pg_version, $old->pg_version . ' is older than ' . $new->pg_version);

$_->start foreach $old, $new;
# PostgreSQL 15.20 notes something in the options of every column it makes. To majors whose minor release is older
# than that, none of its tables can go, whoever made it: they refuse that option. Tables of before 15.20 have none and
# can, so there the stores are given the look of those.
my $options = $old->safe_psql('postgres', 'CREATE TABLE plain (x integer); SELECT array_to_string(attoptions, $$, $$) FROM pg_attribute WHERE attrelid = $$plain$$::regclass AND attnum = 1; DROP TABLE plain');
my $refused = $options ne '' && $new->psql('postgres', "CREATE TEMPORARY TABLE plain (x integer); ALTER TABLE plain ALTER x SET ($options)");
note $new->pg_version . " refuses tables as " . $old->pg_version . " makes them, with $options: that is taken away first" if $refused;
$new->stop;

$old->safe_psql('postgres', 'CREATE ROLE store_owner LOGIN; CREATE ROLE agent LOGIN');
$old->safe_psql('postgres', "CREATE DATABASE $_ OWNER store_owner") foreach qw(current older);
my (%rows, %faults, %info);
{
    local $ENV{PGUSER} = 'store_owner';
    $old->safe_psql('current', 'CREATE EXTENSION idpsync; SELECT FROM idpsync.create_store()');
    make_store_1($old, 'older');
    foreach my $database (qw(current older)) {
        fill_store($old, $database);
        $old->safe_psql($database, <<'SQL');
SELECT idpsync.grant_access('agent', 'agent');
ALTER TABLE idpsync.job ADD COLUMN cost numeric DEFAULT 1.5;
CREATE INDEX job_by_cost ON idpsync.job (cost);
ALTER TABLE idpsync.session ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON idpsync.session TO agent USING (tenant_id <> 'hidden');
CREATE VIEW idpsync.job_rows AS SELECT * FROM idpsync.jobs;
CALL idpsync.maintain();
SQL
        $rows{$database} = store_rows($old, $database);
        $faults{$database} = store_faults($old, $database);
        $info{$database} = $old->safe_psql($database, 'SELECT *, (SELECT extversion FROM pg_extension WHERE extname = $$idpsync$$) FROM idpsync.store_info');
    }
}
if ($refused) {
    $old->safe_psql($_, 'UPDATE pg_attribute SET attoptions = NULL WHERE attrelid >= 16384') foreach qw(current older);
}
is($faults{current}, '', 'a current store');
like($faults{older}, qr/\Aversion\|the store has version 1,.*\Z/, 'and an older one');
$old->stop;

chdir PostgreSQL::Test::Utils::tempdir();
$new->command_ok([ 'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $old->config_data('--bindir'), '-B', $new->config_data('--bindir'),
    '-s', $new->host, '-p', $old->port, '-P', $new->port ], 'pg_upgrade');
$new->start;

local $ENV{PGUSER} = 'store_owner';
foreach my $database (qw(current older)) {
    is($new->safe_psql($database, 'SELECT *, (SELECT extversion FROM pg_extension WHERE extname = $$idpsync$$) FROM idpsync.store_info'), $info{$database}, "$database: the same store");
    is(store_rows($new, $database), $rows{$database}, "$database: the same rows");
    is(store_faults($new, $database), $faults{$database}, "$database: check_store() says what it said");
    is($new->safe_psql($database, q{SELECT has_table_privilege('agent', 'idpsync.job', 'INSERT'), (SELECT count(*) FROM pg_policy WHERE polname = 'everything'),
        to_regclass('idpsync.job_by_cost'), (SELECT count(*) = 46 FROM idpsync.job_rows)}), 't|1|idpsync.job_by_cost|t', "$database: with what was on it");
}
{
    # pg_upgrade gives extensions to the superuser
    local $ENV{PGUSER} = getpwuid($<);
    $new->safe_psql('older', 'ALTER EXTENSION idpsync UPDATE');
}
$new->safe_psql('older', 'SELECT idpsync.upgrade_store()');
foreach my $database (qw(current older)) {
    is($new->safe_psql($database, q{SELECT status FROM idpsync.finish_synchronization_job((SELECT job_id FROM idpsync.job WHERE target_id = 'running'))}), 'partial_success', "$database: a job finishes");
    is($new->safe_psql($database, q{SELECT result, sync_mode FROM idpsync.open_session('completed', 'agent', 'AD_SYNC')}), 'SUCCESS|DELTA', "$database: the next session opens");
    is($new->safe_psql($database, q{SELECT inserted FROM idpsync.import_synchronization_jobs('instance', '{"SynchronizationJobs": [{"SynchronizationJobId": "new",
        "TargetType": "application", "TargetId": "t", "Direction": "egress", "TriggerType": "auto", "Status": "running", "StartTime": 1500086400000}]}')}), '1', "$database: a job is imported");
    $new->safe_psql($database, 'CALL idpsync.maintain()');
    is(store_faults($new, $database), '', "$database: check_store() is content");
}

unlike(slurp_file($new->logfile), qr/terminated by signal|TRAP:/, 'no backend crashed');
done_testing();
