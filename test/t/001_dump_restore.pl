# A filled store goes through pg_dump and back and is the same: every row, the structure, the ids,
# the page tokens. Once as superuser and once as a database owner who is none.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE store_owner LOGIN CREATEDB');

# Every kind of row there is: each status of each resource, rows with everything set and with the least.
my $fill = <<'SQL';
CREATE EXTENSION idpsync;
SELECT FROM idpsync.create_store();
SELECT FROM idpsync.configure_store('session_ttl', '20 minutes');
SELECT FROM idpsync.configure_store('keep_operations', 'all');

CREATE FUNCTION report(change text, amount bigint) RETURNS json LANGUAGE sql AS $$
    SELECT json_build_array(json_build_object('object_type', 'USER', 'change_info',
        json_build_array(json_build_object('change_type', change, 'successful', amount, 'failed', 1))));
$$;
SELECT session_id FROM idpsync.open_session('completed', 'agent', 'AD_SYNC') \gset
SELECT FROM idpsync.heartbeat(:'session_id');
SELECT FROM idpsync.report_session_progress(:'session_id', report('CREATE', 9223372036854775807));
SELECT FROM idpsync.close_session(:'session_id');
SELECT session_id FROM idpsync.open_session('failed', 'agent', 'AD_PASSWORD_HASH', idempotency_key => 'a key') \gset
SELECT FROM idpsync.report_session_progress(:'session_id', report('CHANGE_TYPE_UNSPECIFIED', 0));
SELECT FROM idpsync.close_session(:'session_id', true, E'it''s\na "reason" \\ with ünusual characters');
SELECT session_id FROM idpsync.open_session('expired', 'agent', 'AD_SYNC') \gset
UPDATE idpsync.session SET expires_at = clock_timestamp() - interval '1 second' WHERE session_id = :'session_id';
SELECT FROM idpsync.open_session('expired', 'another agent', 'AD_SYNC');
SELECT FROM idpsync.request_session('pending', 'AD_USER_CONTROL');
SELECT FROM generate_series(1, 7) AS n, LATERAL idpsync.open_session('container ' || n, 'agent', 'AD_SYNC');

SELECT FROM idpsync.run_synchronization_job('instance', 'application', 'pending');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('instance', 'application', 'running', 'words', 'ingress', 'auto', 'a session') \gset
SELECT FROM idpsync.start_synchronization_job(:'job');
SELECT FROM idpsync.report_job_statistics(:'job', '{"UserStatistics": {"Created": {"Total": 9, "Success": 1, "Failed": 2, "Skipped": 3}}}');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('instance', 'identity_provider', 'success') \gset
SELECT FROM idpsync.start_synchronization_job(:'job');
SELECT FROM idpsync.finish_synchronization_job(:'job', '{"GroupStatistics": {"Same": {"Total": 9223372036854775807, "Success": 9223372036854775807}}}');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('instance', 'identity_provider', 'partial') \gset
SELECT FROM idpsync.start_synchronization_job(:'job');
SELECT FROM idpsync.finish_synchronization_job(:'job', '{"UserStatistics": {"Exported": {"Total": 2, "Success": 1, "Failed": 1}}}');
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('instance', 'identity_provider', 'failed') \gset
SELECT FROM idpsync.finish_synchronization_job(:'job', error_code => 'ErrorCodeNotFound', error_message => 'not found');
SELECT operation_id FROM idpsync.run_synchronization_job('instance', 'application', 'cancelled') \gset
SELECT FROM idpsync.cancel_operation(:'operation_id');
SELECT FROM idpsync.import_synchronization_jobs('instance', (SELECT json_build_object('SynchronizationJobs', json_agg(json_build_object(
    'SynchronizationJobId', 'imported ' || n, 'TargetType', 'application', 'TargetId', 'target', 'Direction', 'egress',
    'TriggerType', 'auto', 'Status', 'success', 'StartTime', 1500000000000 + n * 86400000, 'EndTime', 1500000001000 + n * 86400000)))
    FROM generate_series(1, 40::bigint) AS n));

SELECT FROM idpsync.create_operation('tenant', 'Open', 'words', '{"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1.5s"}');
SELECT operation_id FROM idpsync.create_operation('tenant', 'Finished', metadata => '{"@type": "types.example.com/standard/id", "id": 1234}') \gset
SELECT FROM idpsync.finish_operation(:'operation_id');
SELECT operation_id FROM idpsync.create_operation('tenant', 'Failed') \gset
SELECT FROM idpsync.fail_operation(:'operation_id', 5, 'not found', ARRAY['{"@type": "type.googleapis.com/google.protobuf.Empty"}',
    '{"@type": "types.example.com/detail", "why": ["a", null, 1e3]}']::idpsync.protobuf_any[]);
SELECT operation_id FROM idpsync.create_operation('tenant', 'Cancelled') \gset
SELECT FROM idpsync.cancel_operation(:'operation_id');
SQL

# One line for each table, with a hash over its rows as text; the partitions show up by themselves.
my $contents = <<'SQL';
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")) FROM ONLY %s AS t', c.oid::regclass, c.oid::regclass)
FROM pg_class AS c WHERE relnamespace = 'idpsync'::regnamespace AND relkind = 'r' ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SQL

# What is there, by name: tables, views, indexes, constraints, triggers, comments, owners, grants.
my $structure = <<'SQL';
SELECT 'class', c.relname, c.relkind, pg_get_userbyid(c.relowner), c.relacl, c.reloptions, pg_get_expr(c.relpartbound, c.oid),
       CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) END,
       obj_description(c.oid, 'pg_class')
FROM pg_class AS c WHERE c.relnamespace = 'idpsync'::regnamespace ORDER BY c.relname COLLATE "C";
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 ORDER BY c.relname COLLATE "C", a.attnum;
SELECT 'constraint', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'idpsync'::regnamespace ORDER BY conrelid::regclass::text COLLATE "C", conname COLLATE "C";
SELECT 'trigger', tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(t.oid), obj_description(t.oid, 'pg_trigger')
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = tgrelid
WHERE c.relnamespace = 'idpsync'::regnamespace ORDER BY tgrelid::regclass::text COLLATE "C", tgname COLLATE "C";
SQL

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
    $node->safe_psql($source, $fill);

    is($node->safe_psql($source, 'SELECT * FROM idpsync.check_store() WHERE NOT ok'), '', "$user: the filled store is sound");
    my $rows = $node->safe_psql($source, $contents);
    like($rows, qr/^idpsync\.session\|1[0-9]\|/m, "$user: it holds rows");
    my $objects = $node->safe_psql($source, $structure);
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

        is($node->safe_psql($target, $contents), $rows, "$name: every table holds the same rows");
        is($node->safe_psql($target, $structure), $objects, "$name: the same structure");
        is($node->safe_psql($target, 'SELECT * FROM idpsync.check_store() WHERE NOT ok'), '', "$name: check_store() is content");
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
