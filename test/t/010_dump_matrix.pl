# A store with all that users put on it goes through pg_dump and pg_restore in each of their ways, as superuser and
# as a database owner who is none, and is the same: rows, structure, policies, grants, later partitions.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IdpsyncStores qw(fill_store store_rows store_structure store_faults differences);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE store_owner LOGIN CREATEDB; CREATE ROLE agent; CREATE ROLE "a reader"');
my $folder = PostgreSQL::Test::Utils::tempdir();

# What users add, a partition that maintain() made later, counts that are folded and counts that are not.
my $additions = <<'SQL';
SELECT idpsync.grant_access('agent', 'agent'), idpsync.grant_access('a reader', 'reader');
ALTER TABLE idpsync.session ADD COLUMN "Note" text COLLATE "C" DEFAULT 'none';
ALTER TABLE idpsync.job ADD COLUMN cost numeric(10, 2) NOT NULL DEFAULT 1.5, ADD CONSTRAINT job_cost CHECK (cost > 0);
COMMENT ON COLUMN idpsync.job.cost IS 'what it cost us';
CREATE INDEX job_by_cost ON idpsync.job (cost) WHERE cost > 1;
CREATE INDEX session_by_progress ON idpsync.session ((idpsync.counter(progress, NULL, NULL, 'failed')));
CREATE TABLE idpsync.team (tenant_id idpsync.tenant_id PRIMARY KEY, members name[]);
INSERT INTO idpsync.team VALUES ('instance', '{agent}');
ALTER TABLE idpsync.job ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_jobs ON idpsync.job TO agent, "a reader"
    USING (tenant_id IN (SELECT t.tenant_id FROM idpsync.team AS t WHERE current_user = ANY (t.members))) WITH CHECK (cost < 100);
GRANT SELECT (job_id, cost) ON idpsync.job TO PUBLIC;
CREATE VIEW idpsync.costs WITH (security_invoker = true) AS SELECT j.instance_id, t.cost, j.users_success FROM idpsync.jobs AS j JOIN idpsync.job AS t ON t.job_id = j.synchronization_job_id;
CALL idpsync.maintain();
DO $$
DECLARE
    last_start text = (SELECT substring(pg_get_expr(relpartbound, oid) FROM 'FROM \((.*)\) TO') FROM pg_class WHERE oid = 'idpsync.job_last'::regclass);
    part regclass = (SELECT inhrelid FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'idpsync.job'::regclass AND pg_get_expr(relpartbound, pg_class.oid) LIKE format('%%TO (%s)', last_start));
BEGIN
    last_start = (SELECT substring(pg_get_expr(relpartbound, oid) FROM 'FROM \((.*)\) TO') FROM pg_class WHERE oid = part);
    EXECUTE format('DROP TABLE %s', part);
    ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last;
    EXECUTE format('ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_last FOR VALUES FROM (%s) TO (MAXVALUE)', last_start);
END $$;
CALL idpsync.maintain();
SELECT FROM idpsync.run_synchronization_job('instance', 'application', 'not folded');
UPDATE idpsync.job SET statistics = '{"UserStatistics": {"Created": {"Total": 7, "Failed": 7}}}', cost = 3 WHERE job_id = 'imported 7';
SQL

# By whom, and name => what is run: %t is the new database, %d the dump, %l a list of what is
# in it but the schema: where the extension is there, so is its schema
my @restore = ('pg_restore', '--exit-on-error', '-d', '%t');
my @psql = ('psql', '-qXo', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', '%t');
my $superuser = getpwuid($<);
my %ways = (
    $superuser => {
        'custom, one transaction' => { dump => ['-Fc'], restore => [ [ @restore, '-1', '%d' ] ] },
        'folder, four at once' => { dump => [ '-Fd', '-j4' ], restore => [ [ @restore, '-j4', '%d' ] ] },
        'below an extension that was upgraded' => { dump => ['-Fc'], restore => [ [ @restore, '-L', '%l', '%d' ] ],
            before => q{CREATE EXTENSION idpsync VERSION '0.1.0'; ALTER EXTENSION idpsync UPDATE} },
        'schema, then data without triggers' => { dump => ['-Fc'], enables_triggers => 1,
            restore => [ [ @restore, '-s', '%d' ], [ @restore, '-a', '--disable-triggers', '%d' ] ] } },
    store_owner => {
        'custom, four at once' => { dump => ['-Fc'], restore => [ [ @restore, '-j4', '%d' ] ] },
        'folder, one transaction' => { dump => [ '-Fd', '-j4' ], restore => [ [ @restore, '-1', '%d' ] ] },
        'plain, one transaction' => { dump => ['-Fp'], restore => [ [ @psql, '-1', '-f', '%d' ] ] },
        'plain, as inserts' => { dump => [ '-Fp', '--rows-per-insert=10' ], restore => [ [ @psql, '-f', '%d' ] ] },
        'schema, then data' => { dump => ['-Fc'], counts_twice => 1, restore => [ [ @restore, '-s', '%d' ], [ @restore, '-a', '-j4', '%d' ] ] } });

foreach my $user (sort keys %ways) {
    local $ENV{PGUSER} = $user;
    my $source = "source_of_$user";
    $node->safe_psql('postgres', "CREATE DATABASE $source");
    $node->safe_psql($source, 'CREATE EXTENSION idpsync; SELECT FROM idpsync.create_store()');
    fill_store($node, $source);
    $node->safe_psql($source, $additions);
    is(store_faults($node, $source), '', "$user: the store is sound");
    my $rows = store_rows($node, $source);
    my $structure = store_structure($node, $source);
    cmp_ok(scalar(() = $structure =~ /^(?:policy\|idpsync\.job\|own_jobs|class\|costs|class\|job_by_cost|column\|job\w*\|cost)\|/mg), '>=', 9, "$user: with what was added");

    my ($n, %dumped) = (0);
    foreach my $name (sort keys %{ $ways{$user} }) {
        my $way = $ways{$user}{$name};
        my $test = "$user: $name";
        my $target = 'target_' . ++$n . "_of_$user";
        my $dump = $dumped{"@{$way->{dump}}"};
        if (!$dump) {
            $dump = $dumped{"@{$way->{dump}}"} = "$folder/$target";
            $node->command_ok([ 'pg_dump', @{ $way->{dump} }, '-f', $dump, $node->connstr($source) ], "$test: dumped");
        }
        $node->safe_psql('postgres', "CREATE DATABASE $target");
        if ($way->{before}) {
            $node->safe_psql($target, $way->{before});
            my ($list) = run_command([ 'pg_restore', '-l', $dump ]);
            append_to_file("$dump.list", join "\n", grep { !/ SCHEMA - idpsync / } split /\n/, $list);
        }
        $node->command_ok([ map { s/%t/$node->connstr($target)/er =~ s/%d/$dump/r =~ s/%l/$dump.list/r } @$_ ], "$test: restored") foreach @{ $way->{restore} };

        if ($way->{enables_triggers}) {
            # pg_restore enables what it disabled as ordinary triggers
            my $faults = store_faults($node, $target);
            like($faults, qr/\Atriggers\|descriptor_changed .*; store_setting_truncated [^|]*\Z/, "$test: check_store() tells of triggers");
            $node->safe_psql($target, $_) foreach $faults =~ /(ALTER TABLE [^;]+)/g;
        }
        is(differences(store_structure($node, $target), $structure), '', "$test: the same structure");
        if ($way->{counts_twice}) {
            # rows that come in are counted again by triggers that are on
            like(store_faults($node, $target), qr/\Acounts\|.*rebuild_counts\(\) mends it\Z/, "$test: check_store() tells of the counts");
            $node->safe_psql($target, 'SELECT idpsync.rebuild_counts()');
            is(without_counts(store_rows($node, $target)), without_counts($rows), "$test: the same rows but for counts");
        } else {
            is(store_rows($node, $target), $rows, "$test: the same rows");
        }
        is(store_faults($node, $target), '', "$test: check_store() is content");
        $node->safe_psql('postgres', "DROP DATABASE $target");
    }
}

sub without_counts {
    return join "\n", grep { !/^idpsync\.job_count(_delta)?\|/ } split /\n/, shift;
}

unlike(slurp_file($node->logfile), qr/terminated by signal|TRAP:/, 'no backend crashed');
done_testing();
