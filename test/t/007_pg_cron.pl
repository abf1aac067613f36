# maintain() as the README schedules it: by pg_cron, every minute, for an owner who is no superuser,
# over a connection of its own and in a background worker.
use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my ($libraries) = run_command([ 'pg_config', '--pkglibdir' ]);
plan skip_all => 'this PostgreSQL has no pg_cron' unless -e "$libraries/pg_cron.so";

my ($readme) = grep { -e } "$FindBin::Bin/README.md", "$FindBin::Bin/../../README.md";
my @lines = grep { /^SELECT cron\.schedule/ } split /\n/, slurp_file($readme);
is(scalar @lines, 1, 'the README schedules maintain() once');

my %nodes;
foreach my $workers ('off', 'on') {
    my $node = $nodes{$workers} = PostgreSQL::Test::Cluster->new("workers_$workers");
    $node->init;
    $node->append_conf('postgresql.conf', <<"CONF");
shared_preload_libraries = 'pg_cron'
cron.host = '@{[ $node->host ]}'
cron.use_background_workers = $workers
CONF
    $node->start;
    $node->safe_psql('postgres', 'CREATE EXTENSION pg_cron; CREATE ROLE corp_owner LOGIN; CREATE DATABASE corp OWNER corp_owner');
    $node->safe_psql('corp', <<'SQL', extra_params => [ '-U', 'corp_owner' ]);
CREATE EXTENSION idpsync;
SELECT FROM idpsync.create_store();
SELECT FROM idpsync.open_session('corp', 'agent', 'AD_SYNC');
UPDATE idpsync.session SET expires_at = clock_timestamp();
SELECT idpsync.run_synchronization_job('corp', 'application', 'target') FROM generate_series(1, 100);
SQL
    $node->safe_psql('postgres', $lines[0]);
}

# What there is to see: is it stored that a session has expired, deltas left, steps that were logged without an error.
my $look = q{SELECT (SELECT status FROM idpsync.session), (SELECT count(*) FROM idpsync.job_count_delta), (SELECT string_agg(step, ' ' ORDER BY log_id) FROM idpsync.maintenance_log WHERE detail IS NULL)};
my $until = time + 90;
foreach my $workers (sort keys %nodes) {
    my $node = $nodes{$workers};
    my $name = $workers eq 'on' ? 'in a background worker' : 'over a connection';
    my $seen;
    do { sleep 0.5; $seen = $node->safe_psql('corp', $look) } until $seen =~ /fold_counts/ || time > $until;
    is($seen, 'EXPIRED|0|expire_sessions fold_counts', "$name: what was due is done within a minute");
    is($node->safe_psql('corp', 'SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok'), '', "$name: check_store() is content");
    $node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM cron.job_run_details WHERE status NOT IN ('starting', 'running'))});
    is($node->safe_psql('postgres', q{SELECT DISTINCT d.status, d.username, d.database, r.rolsuper FROM cron.job_run_details AS d JOIN pg_roles AS r ON r.rolname = d.username WHERE d.status NOT IN ('starting', 'running')}),
        'succeeded|corp_owner|corp|f', "$name: it succeeded, as the owner");
}

done_testing();
