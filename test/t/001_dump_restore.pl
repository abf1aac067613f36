# A filled store goes through pg_dump and back and is the same: every row, the structure, the ids,
# the page tokens. Once as superuser and once as a database owner who is none.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IdpsyncStores qw(fill_store store_rows store_structure store_faults);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE store_owner LOGIN CREATEDB');

# The second page of each list, by the token of the first.
my %second_page = (
    sessions => [ q{SELECT next_page_token FROM idpsync.list_sessions('expired', page_size => 1) LIMIT 1},
        q{SELECT session_id, status, total_count FROM idpsync.list_sessions('expired', page_size => 1, page_token => '%s')} ],
    jobs => [ q{SELECT next_token FROM idpsync.list_synchronization_jobs('instance', max_results => 5) LIMIT 1},
        q{SELECT synchronization_job_id, statistics, total_count FROM idpsync.list_synchronization_jobs('instance', max_results => 5, next_token => '%s')} ],
    operations => [ q{SELECT next_page_token FROM idpsync.list_operations('tenant', page_size => 2) LIMIT 1},
        q{SELECT operation_id, metadata, response, total_count FROM idpsync.list_operations('tenant', page_size => 2, page_token => '%s')} ]);

foreach my $user (scalar getpwuid($<), 'store_owner') {
    # safe_psql runs as the user this variable names
    local $ENV{PGUSER} = $user;
    my $source = "source_of_$user";
    $node->safe_psql('postgres', "CREATE DATABASE $source");
    $node->safe_psql($source, 'CREATE EXTENSION idpsync; SELECT FROM idpsync.create_store()');
    fill_store($node, $source);

    is(store_faults($node, $source), '', "$user: the filled store is sound");
    my $rows = store_rows($node, $source);
    like($rows, qr/^idpsync\.session\|1[0-9]\|/m, "$user: it holds rows");
    my $objects = store_structure($node, $source);
    my (%token, %page);
    foreach my $list (sort keys %second_page) {
        $token{$list} = $node->safe_psql($source, $second_page{$list}[0]);
        $page{$list} = $node->safe_psql($source, sprintf $second_page{$list}[1], $token{$list});
        isnt($page{$list}, '', "$user: there is a second page of $list");
    }

    my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
    my %restore = (
        c => sub { [ 'pg_restore', '--exit-on-error', '--jobs=2', '-d', $node->connstr($_[0]), $dump ] },
        p => sub { [ 'psql', '-qXo', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($_[0]), '-f', $dump ] });
    foreach my $format (sort keys %restore) {
        my $target = "target_${format}_of_$user";
        my $name = "$user, pg_dump -F$format";
        $node->safe_psql('postgres', "CREATE DATABASE $target");
        $node->command_ok([ 'pg_dump', "-F$format", '-f', $dump, $node->connstr($source) ], "$name: dumped");
        $node->command_ok($restore{$format}->($target), "$name: restored");

        is(store_rows($node, $target), $rows, "$name: every table holds the same rows");
        is(store_structure($node, $target), $objects, "$name: the same structure");
        is(store_faults($node, $target), '', "$name: check_store() is content");
        foreach my $list (sort keys %second_page) {
            is($node->safe_psql($target, sprintf $second_page{$list}[1], $token{$list}), $page{$list},
                "$name: the token of a page of $list works on");
        }

        # it goes on from where it was
        is($node->safe_psql($target, q{
            SELECT o.session_id = s.session_id, o.operation_id = k.operation_id
            FROM idpsync.open_session('failed', 'agent', 'AD_PASSWORD_HASH', idempotency_key => 'a key') AS o
            JOIN idpsync.session AS s ON s.tenant_id = 'failed' JOIN idpsync.idempotency_key AS k ON k.key = 'a key'}),
            't|t', "$name: a repeated call is answered as before");
        is($node->safe_psql($target, q{SELECT result, sync_mode FROM idpsync.open_session('completed', 'agent', 'AD_SYNC')}),
            'SUCCESS|DELTA', "$name: the next session opens");
        is($node->safe_psql($target, q{
            SELECT status FROM idpsync.finish_synchronization_job((SELECT job_id FROM idpsync.job WHERE target_id = 'running'))}),
            'partial_success', "$name: a running job finishes");
        is($node->safe_psql($target, q{
            SELECT inserted, unchanged FROM idpsync.import_synchronization_jobs('instance', '{"SynchronizationJobs": [{"SynchronizationJobId": "imported 1",
                "TargetType": "application", "TargetId": "target", "Direction": "egress", "TriggerType": "auto", "Status": "success",
                "StartTime": 1500086400000, "EndTime": 1500086401000}]}')}),
            '0|1', "$name: an imported job is known");
    }
}

done_testing();
