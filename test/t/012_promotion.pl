# A standby takes over in the middle of the stress: what the primary had answered is there, and the
# clients go on with it. SEED says what they choose.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../stress";
use IdpsyncTest qw(kill_all);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Stress;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1, extra => ['--data-checksums']);
$primary->append_conf('postgresql.conf', "log_statement = none\nmax_connections = 50\n");
$primary->start;

my $server = $primary;
my $stress = Stress->new(crash => 1, $ENV{SEED} ? (seed => $ENV{SEED}) : (),
    connect => sub { DBI->connect('dbi:Pg:dbname=postgres;host=' . $server->host . ';port=' . $server->port, undef, undef, Stress::options()) });
note "SEED=$stress->{seed}";
$stress->prepare;

$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;
# an answer is one that the standby could give too
$primary->append_conf('postgresql.conf', "synchronous_standby_names = '*'\nsynchronous_commit = remote_apply\n");
$primary->reload;
$primary->poll_query_until('postgres', q{SELECT sync_state = 'sync' FROM pg_stat_replication}) or die 'the standby does not follow';

ok(!$stress->run(4, sub { kill_all($primary) }), 'clients were cut off');
$standby->promote;
$server = $standby;
my $fates = $stress->recover;
note join ', ', map { "$fates->{$_} $_" } sort keys %$fates;
ok($stress->run(0), 'calls that nobody heard of are made again');
foreach my $when ('after the promotion', 'later') {
    foreach my $result ($stress->verify) {
        my ($holds, $what, @details) = @$result;
        ok($holds, "$when: $what") or diag join "\n", @details;
    }
    ok($stress->run(2), "$when: clients go on");
}
note $_ foreach $stress->summary;
$_->{dbh}->disconnect foreach @{ $stress->{clients} };

$standby->command_ok([ 'pg_amcheck', '--install-missing', '--heapallindexed', '--parent-check', 'postgres' ], 'pg_amcheck finds tables and indexes sound');
unlike(slurp_file($standby->logfile), qr/deadlock detected|PANIC|TRAP:|checksum/, 'nothing worse in the standby\'s log');
$standby->stop;
command_ok([ 'pg_checksums', '--check', '-D', $standby->data_dir ], 'so are the checksums');
done_testing();
