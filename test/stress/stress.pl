# One run of the stress on a database of its own, on the server that libpq's variables name. CLIENTS,
# TIME in seconds and SEED come from the environment; the answer is TAP.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use DBD::Pg;
use Stress;

my $stress = Stress->new(connect => sub { DBI->connect('dbi:Pg:dbname=idpsync_stress', '', '', Stress::options()) },
    clients => $ENV{CLIENTS} || 16, shorten => 1, $ENV{SEED} ? (seed => $ENV{SEED}) : ());
my $seconds = $ENV{TIME} || 60;
print "# $seconds seconds of stress; to choose the same again: SEED=$stress->{seed}\n";

my $server = DBI->connect('dbi:Pg:dbname=postgres', '', '', { RaiseError => 1 });
$server->do('CREATE DATABASE idpsync_stress');
$stress->prepare;
my @results = ([ $stress->run($seconds), 'no connection was lost' ], $stress->verify);
print "# $_\n" foreach $stress->summary;

my ($number, $failed) = (0, 0);
foreach my $result (@results) {
    my ($holds, $what, @details) = @$result;
    $failed ||= !$holds;
    printf "%s %d - %s\n", $holds ? 'ok' : 'not ok', ++$number, $what;
    print map { s/^/# /gmr . "\n" } splice @details, 0, 20;
    printf "# and %d more\n", scalar @details if @details;
}
print "1..$number\n";
undef $_->{dbh} foreach @{ $stress->{clients} };
$server->do('DROP DATABASE idpsync_stress WITH (FORCE)');
exit $failed;
