# The stress goes on over crashes: the server is killed under its load, again and again, and the model
# that knows what was answered stays the same. ROUNDS says how often, SEED what the clients choose.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../stress";
use IdpsyncTest qw(kill_all start_after_kill);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Stress;
use Test::More;

my $rounds = $ENV{ROUNDS} || 2;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => ['--data-checksums']);
$node->append_conf('postgresql.conf', "log_statement = none\nmax_connections = 50\ncheckpoint_timeout = 30s\nfull_page_writes = on\n");
$node->start;

my $stress = Stress->new(crash => 1, $ENV{SEED} ? (seed => $ENV{SEED}) : (),
    connect => sub { DBI->connect('dbi:Pg:dbname=postgres;host=' . $node->host . ';port=' . $node->port, undef, undef, Stress::options()) });
note "SEED=$stress->{seed}";
$stress->prepare;

foreach my $round (1 .. $rounds) {
    my ($how, $kill) = $round % 2 ? ('kill -9 of the postmaster', sub { $node->kill9 }) : ('kill -9 of all processes', sub { kill_all($node) });
    ok(!$stress->run(1 + rand 2, $kill), "$round, $how: clients were cut off");
    ok(start_after_kill($node), "$round: the server is back");
    my $fates = $stress->recover;
    note join ', ', map { "$fates->{$_} $_" } sort keys %$fates;
    ok($stress->run(0), "$round: calls that nobody heard of are made again");
    foreach my $result ($stress->verify) {
        my ($holds, $what, @details) = @$result;
        ok($holds, "$round: $what") or diag join "\n", @details;
    }
}
note $_ foreach $stress->summary;
$_->{dbh}->disconnect foreach @{ $stress->{clients} };

$node->command_ok([ 'pg_amcheck', '--install-missing', '--heapallindexed', '--parent-check', 'postgres' ], 'pg_amcheck finds tables and indexes sound');
unlike(slurp_file($node->logfile), qr/deadlock detected|PANIC|TRAP:|checksum/, 'nothing worse in the server\'s log');
$node->stop;
command_ok([ 'pg_checksums', '--check', '-D', $node->data_dir ], 'so are the checksums');
done_testing();
