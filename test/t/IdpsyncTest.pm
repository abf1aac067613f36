# What more than one of the tests needs.
package IdpsyncTest;
use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(sleep);

our @EXPORT_OK = qw(kill_all start_after_kill open_psql ask);

# The processes of a server, alive or about to notice that its postmaster is gone.
sub processes {
    my ($node) = @_;
    my $folder = $node->data_dir;
    return grep { (readlink("/proc/$_/cwd") // '') eq $folder } map { m{(\d+)} } glob '/proc/[0-9]*';
}

# As if the machine had stopped: nobody gets to finish what he does.
sub kill_all {
    my ($node) = @_;
    my @processes = processes($node);
    $node->kill9;
    kill 'KILL', @processes;
}

# A killed postmaster's processes need a moment, and it leaves its lock files; where nobody collects
# the dead, as in some containers, the process id in them stays taken.
sub start_after_kill {
    my ($node) = @_;
    my $folder = $node->data_dir;
    foreach (1 .. 300) {
        last unless processes($node);
        sleep 0.1;
    }
    unlink "$folder/postmaster.pid", $node->host . '/.s.PGSQL.' . $node->port . '.lock';
    return $node->start(fail_ok => 1);
}

# A psql that stays connected.
sub open_psql {
    my ($node, $database) = @_;
    my ($in, $out) = ('', '');
    my $psql = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr($database) ], '<', \$in, '>&', \$out,
        IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
    return { psql => $psql, in => \$in, out => \$out };
}

# What it prints, errors included, for the lines it is given and those it was given before.
sub ask {
    my ($psql, $lines) = @_;
    ${ $psql->{in} } .= "$lines\n\\echo asked\n";
    $psql->{psql}->pump until ${ $psql->{out} } =~ s/^(.*?)\n?^asked\n//ms;
    return $1;
}

1;
