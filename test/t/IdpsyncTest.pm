# What more than one of the tests needs.
package IdpsyncTest;
use strict;
use warnings;
use Exporter 'import';
use Time::HiRes qw(sleep);

our @EXPORT_OK = qw(start_after_kill);

# A killed postmaster's processes need a moment, and it leaves its lock files; where nobody collects
# the dead, as in some containers, the process id in them stays taken.
sub start_after_kill {
    my ($node) = @_;
    my $folder = $node->data_dir;
    foreach (1 .. 300) {
        last unless grep { (readlink($_) // '') eq $folder } glob '/proc/[0-9]*/cwd';
        sleep 0.1;
    }
    unlink "$folder/postmaster.pid", $node->host . '/.s.PGSQL.' . $node->port . '.lock';
    return $node->start(fail_ok => 1);
}

1;
