# A hot standby answers every question as its primary does, refuses every change with 25006, knows at
# once what changed on the primary, and carries on once it is promoted.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IdpsyncTest qw(open_psql ask);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', "timezone = UTC\n");
$primary->start;

my $types = '/yandex.cloud.organizationmanager.v1.idp.';
my $sessions = "${types}SynchronizationSessionService/";

# A FileDescriptorSet: package t, message M { string file = 1; } in t.proto.
sub bytes { my ($tag, $value) = @_; return chr($tag) . chr(length $value) . $value }
my $field = bytes(0x0a, 'file') . "\x18\x01\x20\x01\x28\x09" . bytes(0x52, 'file');
my $file = bytes(0x0a, 't.proto') . bytes(0x12, 't') . bytes(0x22, bytes(0x0a, 'M') . bytes(0x12, $field)) . bytes(0x62, 'proto3');
my $descriptors = unpack 'H*', bytes(0x0a, $file);

$primary->safe_psql('postgres', 'CREATE EXTENSION idpsync; SELECT FROM idpsync.create_store(); CREATE DATABASE empty');
$primary->safe_psql('empty', 'CREATE EXTENSION idpsync');
$primary->safe_psql('postgres', <<'SQL');
-- sessions of all kinds
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at, closed_at, progress)
SELECT idpsync.create_id('ses_', at), 'corp', 'agent', 'AD_SYNC', 'DELTA', CASE WHEN n > 1 THEN 'COMPLETED' ELSE 'OPENED' END::idpsync.session_status, at, at + '1 hour',
    CASE WHEN n > 1 THEN at + interval '1 minute' END, format('[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": %s}]}]', n)::idpsync.session_progress
FROM generate_series(1, 30) AS n, LATERAL (SELECT date_trunc('milliseconds', now() - interval '2 days' - n * interval '1 hour') AS at) AS a;
SELECT FROM idpsync.open_session('labs', 'agent', 'AD_SYNC', idempotency_key => 'labs 1');
-- jobs of two years, some imported; half of the counts folded
CREATE FUNCTION import_jobs(name text, from_day int, to_day int) RETURNS bigint LANGUAGE sql AS $$
    SELECT inserted FROM idpsync.import_synchronization_jobs('corp', (SELECT json_build_object('SynchronizationJobs', json_agg(json_build_object(
        'SynchronizationJobId', name || n, 'TargetType', (ARRAY['application', 'identity_provider'])[n % 2 + 1], 'TargetId', 't' || n % 5, 'Direction', (ARRAY['egress', 'ingress'])[n % 3 / 2 + 1],
        'TriggerType', 'auto', 'Status', (ARRAY['success', 'failed', 'partial_success'])[n % 7 % 3 + 1], 'StartTime', 1735689600000 + n * 86400000::bigint, 'EndTime', 1735689600000 + n * 86400000::bigint + 1000,
        'Result', json_build_object('UserStatistics', json_build_object('Created', json_build_object('Total', n, 'Success', n)))))) FROM generate_series(from_day, to_day) AS n))
$$;
SELECT import_jobs('a', 1, 300);
CALL idpsync.maintain();
SELECT import_jobs('b', 301, 600);
SELECT FROM idpsync.run_synchronization_job('corp', 'application', 't1', 'nightly') AS j, idpsync.start_synchronization_job(j.synchronization_job_id);
SELECT FROM idpsync.create_operation('corp', 'Mine', metadata => '{"@type": "type.example.com/t.M", "value": "CgV1c2Vycw=="}');
SELECT FROM idpsync.create_operation('corp', 'Yours');
SELECT FROM idpsync.operation AS o, idpsync.finish_operation(o.operation_id) WHERE o.method = 'Yours';
SQL

$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;
sub catch_up { $primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert')) }
catch_up();

sub one { return $primary->safe_psql('postgres', shift) }
my $session = one(q{SELECT session_id FROM idpsync.session WHERE tenant_id = 'labs'});
my $job = one(q{SELECT job_id FROM idpsync.job WHERE status = 'running'});
my $mine = one(q{SELECT operation_id FROM idpsync.operation WHERE method = 'Mine'});
my $yours = one(q{SELECT operation_id FROM idpsync.operation WHERE method = 'Yours'});

# Questions, by the function they are put to. Those to call_json() are one a method.
my $filters = join ' UNION ALL ', map {
    my $n = $_;
    my $filter = join '', map { ", $_" } (
        ($n & 1 ? q{target_type => 'application'} : ()), ($n & 2 ? q{direction => 'egress'} : ()), ($n & 4 ? q{status => 'failed'} : ()),
        ($n & 8 ? q{target_ids => '{t1,t3}'} : ()), ($n & 16 ? q{start_time => '2025-03-01'} : ()), ($n & 32 ? q{end_time => '2026-02-03 04:05'} : ()));
    qq{SELECT $n, (SELECT string_agg(synchronization_job_id || total_count, ',') FROM idpsync.list_synchronization_jobs('corp', 100$filter)),
        (SELECT string_agg(synchronization_job_id, ',') FROM idpsync.list_synchronization_jobs('corp', page_number => 2, page_size => 7$filter)),
        idpsync.count_synchronization_jobs('corp'$filter), (SELECT string_agg(p::text, ';') FROM idpsync.count_plan('corp'$filter) AS p),
        (SELECT s::text FROM idpsync.synchronization_job_statistics('corp'$filter) AS s)}
} 0 .. 63;
my %asked_json = (
    "${sessions}GetSession" => qq({"sessionId": "$session"}),
    "${sessions}ListSessions" => '{"subjectContainerId": "corp", "pageSize": "7", "filter": "status = \"COMPLETED\""}',
    '/yandex.cloud.operation.OperationService/Get' => qq({"operationId": "$mine"}),
    '/google.longrunning.Operations/GetOperation' => qq({"name": "operations/$mine"}),
    '/google.longrunning.Operations/ListOperations' => '{"name": "corp/operations", "filter": "done = true"}',
    '/google.longrunning.Operations/WaitOperation' => qq({"name": "operations/$yours", "timeout": "1s"}),
    'ListSynchronizationJobs' => '{"InstanceId": "corp", "MaxResults": 5, "Status": "failed"}',
    'GetSynchronizationJob' => qq({"InstanceId": "corp", "SynchronizationJobId": "$job"}));
my %questions = (
    get_session => [ "SELECT * FROM idpsync.get_session('$session')", "SELECT * FROM idpsync.get_session('$session', 'labs')" ],
    list_sessions => [ map { "SELECT * FROM idpsync.list_sessions('corp', 9$_)" } '', q{, filter => 'status = "EXPIRED"'}, q{, filter => 'created_at < "2100-01-01T00:00:00Z"', with_total_count => false} ],
    get_synchronization_job => [ "SELECT * FROM idpsync.get_synchronization_job('$job')", q{SELECT * FROM idpsync.get_synchronization_job('a7', 'corp')} ],
    list_synchronization_jobs => [ $filters ],
    count_synchronization_jobs => [ q{SELECT idpsync.count_synchronization_jobs('corp')} ],
    count_plan => [ q{SELECT * FROM idpsync.count_plan('corp', start_time => '2025-01-15', end_time => '2026-02-03')} ],
    synchronization_job_statistics => [ map { "SELECT * FROM idpsync.synchronization_job_statistics('corp', bucket => '$_')" } 'day', 'month', q{week', by_target => true, time_zone => 'Europe/Berlin} ],
    get_operation => [ "SELECT * FROM idpsync.get_operation('$mine')" ],
    list_operations => [ map { "SELECT * FROM idpsync.list_operations('corp'$_)" } '', q{, filter => 'done = true', page_size => 1} ],
    wait_operation => [ "SELECT * FROM idpsync.wait_operation('$yours', '1 minute')", "SELECT * FROM idpsync.wait_operation('$mine', '10 ms')" ],
    check_store => [ 'SELECT * FROM idpsync.check_store()' ],
    upgrade_store => [ 'SELECT idpsync.upgrade_store()' ],
    partition_start => [ q{SELECT idpsync.partition_start(inhrelid) FROM pg_inherits WHERE inhparent = 'idpsync.job'::regclass} ],
    to_json => [ "SELECT idpsync.to_json(metadata) FROM idpsync.get_operation('$mine')" ],
    from_json => [ q{SELECT idpsync.from_json('{"@type": "type.googleapis.com/google.protobuf.Empty"}')} ],
    call => [ "SELECT idpsync.call('${sessions}GetSession', '\\x0a' || set_byte('\\x00', 0, length('$session')) || convert_to('$session', 'UTF8'))" ],
    call_json => [ map { "SELECT idpsync.call_json('$_', '$asked_json{$_}')::jsonb - 'RequestId'" } sort keys %asked_json ],
    views => [
        q{SELECT session_id, status, closed_at, successful FROM idpsync.sessions ORDER BY 1}, q{SELECT * FROM idpsync.session_progress_entries ORDER BY 1, 2, 3, 4, 5, 6},
        q{SELECT synchronization_job_id, status, users_success FROM idpsync.jobs ORDER BY 1}, q{SELECT * FROM idpsync.job_statistics_entries ORDER BY 1},
        q{SELECT * FROM idpsync.job_statistics_days ORDER BY 1, 2, 3, 4}, q{SELECT * FROM idpsync.targets ORDER BY 1, 2, 3}, q{SELECT * FROM idpsync.operations ORDER BY 1},
        q{SELECT * FROM idpsync.store_info}, q{SELECT count(*) FROM idpsync.stalled_sessions} ]);

my $report = q{'[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]'};
my %changes = (
    request_session => [ q{SELECT FROM idpsync.request_session('new', 'AD_SYNC')} ],
    open_session => [ q{SELECT FROM idpsync.open_session('new', 'agent', 'AD_SYNC')}, q{SELECT FROM idpsync.open_session('corp', 'agent', 'AD_SYNC')}, q{SELECT FROM idpsync.open_session('labs', 'agent', 'AD_SYNC', idempotency_key => 'labs 1')} ],
    heartbeat => [ "SELECT FROM idpsync.heartbeat('$session')", "SELECT FROM idpsync.heartbeat('$session', idempotency_key => 'new')" ],
    report_session_progress => [ "SELECT FROM idpsync.report_session_progress('$session', $report)" ],
    close_session => [ "SELECT FROM idpsync.close_session('$session')" ],
    run_synchronization_job => [ q{SELECT FROM idpsync.run_synchronization_job('corp', 'application', 't1')} ],
    start_synchronization_job => [ "SELECT FROM idpsync.start_synchronization_job('$job')" ],
    report_job_statistics => [ "SELECT FROM idpsync.report_job_statistics('$job', '{}')" ],
    finish_synchronization_job => [ "SELECT FROM idpsync.finish_synchronization_job('$job')" ],
    import_synchronization_jobs => [ q{SELECT import_jobs('c', 1, 5)}, q{SELECT import_jobs('a', 1, 5)} ],
    create_operation => [ q{SELECT FROM idpsync.create_operation('corp', 'Mine')} ],
    finish_operation => [ "SELECT FROM idpsync.finish_operation('$mine')" ],
    fail_operation => [ "SELECT FROM idpsync.fail_operation('$mine', 13)" ],
    cancel_operation => [ "SELECT FROM idpsync.cancel_operation('$mine')", "SELECT FROM idpsync.cancel_operation((SELECT operation_id FROM idpsync.job WHERE job_id = '$job'))" ],
    delete_operation => [ "SELECT FROM idpsync.delete_operation('$mine')" ],
    register_descriptors => [ "SELECT idpsync.register_descriptors('\\x$descriptors')" ],
    configure_store => [ q{SELECT idpsync.configure_store('session_ttl', '1 hour')}, q{SELECT idpsync.configure_store('session_ttl', NULL)} ],
    rebuild_counts => [ 'SELECT idpsync.rebuild_counts()' ],
    grant_access => [ q{SELECT idpsync.grant_access(CURRENT_USER, 'agent')} ],
    maintain => [ 'CALL idpsync.maintain()' ],
    drop_store => [ 'SELECT idpsync.drop_store()' ],
    call => [ "SELECT idpsync.call('${sessions}Heartbeat', '\\x0a' || set_byte('\\x00', 0, length('$session')) || convert_to('$session', 'UTF8'))" ],
    call_json => [ qq{SELECT idpsync.call_json('${sessions}CloseSession', '{"sessionId": "$session"}')}, q{SELECT idpsync.call_json('RunSynchronizationJob', '{"InstanceId": "corp", "TargetType": "application", "TargetId": "t"}')} ]);

# Nothing is forgotten: every function that looks at the store (distribute_store() wants Citus), and every method that reads.
is(one(sprintf q{SELECT string_agg(DISTINCT proname, ', ') FROM pg_proc WHERE pronamespace = 'idpsync'::regnamespace
        AND provolatile <> 'i' AND prorettype <> 'trigger'::regtype AND proname <> ALL ('{create_id,create_store,distribute_store,%s}')},
        join ',', keys %questions, keys %changes), '', 'every function is asked');
is(one(sprintf q{SELECT string_agg(method, ', ') FROM idpsync.rpc_methods() WHERE NOT writes AND method <> ALL ('{"%s"}')}, join '","', keys %asked_json), '', 'every method that reads is called');

foreach my $name (sort keys %questions) {
    foreach my $question (@{ $questions{$name} }) {
        my $expected = $primary->safe_psql('postgres', $question);
        my ($status, $out, $err) = $standby->psql('postgres', $question);
        is($out . $err, $expected, "$name: as on the primary");
        isnt($expected, '', "$name: is an answer");
    }
}
# A refusal names what was called, not a statement inside.
sub is_refused {
    my ($node, $database, $change, $name) = @_;
    my ($status, $out, $err) = $node->psql($database, "$change;\n\\echo :LAST_ERROR_SQLSTATE", on_error_stop => 0);
    is($out, '25006', "$name: refused");
    like($err, qr/^psql:<stdin>:1: ERROR:  cannot execute \Q$name\E in a read-only transaction$/m, "$name: is named");
    unlike($err, qr/SQL statement/, "$name: alone");
}
foreach my $name (sort keys %changes) {
    foreach my $change (@{ $changes{$name} }) {
        my ($called) = $change =~ m{idpsync\.call\w*\('(?:.*?/)?(\w+)'};
        is_refused($standby, 'postgres', $change, $called // "$name()");
    }
}
is_refused($standby, 'empty', 'SELECT idpsync.create_store()', 'create_store()');

# Pages that begin on one of the two go on on the other.
foreach my $list ([ 'list_synchronization_jobs', 'synchronization_job_id', 'next_token', q{'corp', 100, %s} ], [ 'list_sessions', 'session_id', 'next_page_token', q{'corp', 10, %s} ]) {
    my ($function, $id, $next, $arguments) = @$list;
    my ($token, @ids, @nodes) = ('NULL');
    for (my $page = 0; $token ne q{''} && $page < 20; $page++) {
        my $rows = ($page % 2 ? $standby : $primary)->safe_psql('postgres', sprintf "SELECT $id, $next FROM idpsync.$function($arguments)", $token);
        push @ids, map { (split /\|/)[0] } split /\n/, $rows;
        $token = "'" . ((split /\|/, (split /\n/, $rows)[0], -1)[1]) . "'";
    }
    my $table = $function =~ /jobs/ ? [ 'job', 'job_id' ] : [ 'session', 'session_id' ];
    is(join(',', @ids), one("SELECT string_agg($table->[1], ',' ORDER BY created_at DESC, $table->[1] DESC) FROM idpsync.$table->[0] WHERE tenant_id = 'corp'"), "$function: a list read from both in turn");
}

# A lease that ends shows there too, and nobody has written anything.
one("UPDATE idpsync.session SET expires_at = clock_timestamp() + interval '4 seconds' WHERE session_id = '$session'");
catch_up();
my $look = qq{SELECT g.status, v.status, l.status, s.status FROM idpsync.get_session('$session') AS g, idpsync.sessions AS v,
    idpsync.list_sessions('labs', filter => 'session_id = "$session"') AS l, idpsync.session AS s WHERE v.session_id = '$session' AND s.session_id = '$session'};
is($standby->safe_psql('postgres', $look), 'OPENED|OPENED|OPENED|OPENED', 'a lease that is about to end');
$standby->poll_query_until('postgres', 'SELECT clock_timestamp() >= expires_at FROM idpsync.session WHERE session_id = ' . "'$session'");
is($standby->safe_psql('postgres', $look), 'EXPIRED|EXPIRED|EXPIRED|OPENED', 'it ended, for all but the row');
one("UPDATE idpsync.session SET expires_at = clock_timestamp() + interval '10 minutes' WHERE session_id = '$session'");

# An operation that ends on the primary is noticed by who waits on the standby.
my $waiter = open_psql($standby, 'postgres');
my $op = one(q{SELECT operation_id FROM idpsync.create_operation('corp', 'Waited')});
catch_up();
${ $waiter->{in} } .= "SELECT done, clock_timestamp() - modified_at < '10 seconds' FROM idpsync.wait_operation('$op', '1 minute');\n";
$waiter->{psql}->pump_nb;
$standby->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%wait_operation%' AND state = 'active' AND pid <> pg_backend_pid())});
one("SELECT FROM idpsync.finish_operation('$op')");
is(ask($waiter, ''), 't|t', 'an operation that is waited for on the standby');

# What a backend of the standby keeps is dropped when the primary changes it: message types here. Settings only calls that
# write read, so this backend is asked again after the promotion.
is(ask($waiter, "SELECT metadata FROM idpsync.operations WHERE operation_id = '$mine';"), '{"@type": "type.example.com/t.M", "value": "CgV1c2Vycw=="}', 'a message of an unknown type');
one("SELECT idpsync.register_descriptors('\\x$descriptors')");
one(q{SELECT idpsync.configure_store('session_ttl', '3 hours')});
catch_up();
is(ask($waiter, "SELECT metadata FROM idpsync.operations WHERE operation_id = '$mine';"), '{"@type": "type.example.com/t.M", "file": "users"}', 'its type was registered on the primary');

my @before = map { one($_) } q{SELECT count(*) FROM idpsync.job}, q{SELECT idpsync.count_synchronization_jobs('corp')};
$primary->stop;
$standby->promote;
is(ask($waiter, "SELECT expires_at - heartbeat_at FROM idpsync.report_session_progress('$session', $report);"), '03:00:00', 'promoted: a backend from before knows the setting');
$waiter->{psql}->finish;
is($standby->safe_psql('postgres', q{
    CALL idpsync.maintain();
    SELECT result FROM idpsync.open_session('new', 'agent', 'AD_SYNC');
    SELECT f.status FROM idpsync.run_synchronization_job('corp', 'application', 't1') AS r, idpsync.start_synchronization_job(r.synchronization_job_id) AS s, idpsync.finish_synchronization_job(s.synchronization_job_id) AS f;
}), "SUCCESS\nsuccess", 'promoted: it is written to');
is($standby->safe_psql('postgres', q{SELECT idpsync.count_synchronization_jobs('corp')}), $before[1] + 1, 'promoted: counts go on');
is($standby->safe_psql('postgres', 'SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok'), '', 'promoted: check_store() is content');
unlike(slurp_file($standby->logfile), qr/PANIC|TRAP:|server process .* was terminated/, 'nothing worse in the server\'s log');

done_testing();
