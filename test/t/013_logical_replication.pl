# The whole store goes to a second server by logical replication, and is the same there: rows, counts, sums,
# settings, and what check_store() says. NEWER names the folder of another PostgreSQL with idpsync, which then
# is the second server.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $publisher = PostgreSQL::Test::Cluster->new('publisher');
$publisher->init(allows_streaming => 'logical');
$publisher->start;
my $subscriber = PostgreSQL::Test::Cluster->new('subscriber', $ENV{NEWER} ? (install_path => $ENV{NEWER}) : ());
$subscriber->init;
$subscriber->start;
note 'to version ' . $subscriber->safe_psql('postgres', 'SHOW server_version');

my $create = <<'SQL';
CREATE EXTENSION idpsync;
SELECT FROM idpsync.create_store();
SQL

# Rows of every table, each status there is; twice with different names.
my $fill = <<'SQL';
SELECT session_id FROM idpsync.open_session('closed NAME', 'agent', 'AD_SYNC', idempotency_key => 'key NAME') \gset
SELECT FROM idpsync.report_session_progress(:'session_id', '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 9223372036854775807}]}]');
SELECT FROM idpsync.close_session(:'session_id');
SELECT FROM idpsync.open_session('open NAME', 'agent', 'AD_PASSWORD_HASH');
SELECT FROM idpsync.import_synchronization_jobs('instance', (SELECT json_build_object('SynchronizationJobs', json_agg(json_build_object(
    'SynchronizationJobId', 'NAME ' || n, 'TargetType', 'application', 'TargetId', 'target ' || n % 3, 'Direction', 'egress',
    'TriggerType', 'auto', 'Status', 'success', 'StartTime', 1500000000000 + n * 86400000, 'EndTime', 1600000000000,
    'Result', json_build_object('UserStatistics', json_build_object('Created', json_build_object('Total', n))))))
    FROM generate_series(1, 60::bigint) AS n));
CREATE TEMPORARY TABLE ran AS SELECT r.* FROM generate_series(1, 20) AS n, LATERAL idpsync.run_synchronization_job('instance', 'application', 'target ' || n % 4) AS r;
SELECT count(r) FROM ran, LATERAL idpsync.start_synchronization_job(synchronization_job_id) AS r;
SELECT count(r) FROM (SELECT * FROM ran LIMIT 10) AS ran,
    LATERAL idpsync.finish_synchronization_job(synchronization_job_id, '{"GroupStatistics": {"Same": {"Total": 3, "Success": 3}}}') AS r;
SELECT FROM idpsync.cancel_operation((SELECT operation_id FROM ran OFFSET 10 LIMIT 1));
DELETE FROM idpsync.job WHERE job_id = (SELECT synchronization_job_id FROM ran LIMIT 1);
UPDATE idpsync.job SET target_id = 'moved' WHERE job_id = (SELECT synchronization_job_id FROM ran OFFSET 12 LIMIT 1);
SELECT FROM idpsync.create_operation('tenant', 'NAME', metadata => '{"@type": "types.example.com/app.M", "a": "text"}');
DROP TABLE ran;
SQL

# A hash of the rows of each table, whichever partition they are in.
my $contents = <<'SQL';
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")) FROM %s AS t', c.oid::regclass, c.oid::regclass)
FROM pg_class AS c WHERE relnamespace = 'idpsync'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SQL

# What is counted and summed up.
my $answers = <<'SQL';
SELECT idpsync.count_synchronization_jobs('instance'), count(*) FROM idpsync.job;
SELECT s, idpsync.count_synchronization_jobs('instance', status => s) FROM unnest(enum_range(NULL::idpsync.job_status)) AS s;
SELECT t, idpsync.count_synchronization_jobs('instance', target_ids => ARRAY[t]) FROM unnest(ARRAY['target 0', 'target 1', 'target 2', 'target 3', 'moved', 'late']) AS t;
SELECT job_count, statistics FROM idpsync.synchronization_job_statistics('instance');
SQL

my $faults = 'SELECT * FROM idpsync.check_store() WHERE NOT ok';

# What a backend of the subscriber keeps in memory: how long a lease is, and what a registered type looks like.
my $kept = <<'SQL';
BEGIN;
SELECT 'lease', date_trunc('minute', expires_at - created_at) FROM idpsync.open_session('kept', 'agent', 'AD_SYNC');
ROLLBACK;
SELECT 'type', idpsync.to_json(idpsync.protobuf_any('types.example.com/app.M', '\x0a0178'))->'a';
SQL
my $descriptors = '\x0a260a07662e70726f746f1203617070220e0a014d12090a0161180120012809620670726f746f33';

sub caught_up {
    my ($name) = @_;
    $subscriber->poll_query_until($name, q{SELECT count(*) = 0 FROM pg_subscription_rel WHERE srsubstate NOT IN ('r', 's')})
        or die "$name: tables are not synchronized";
    $publisher->wait_for_catchup($name);
}

sub is_same {
    my ($name, $when) = @_;
    caught_up($name);
    foreach my $of ([ rows => $contents ], [ 'counts and sums' => $answers ]) {
        is($subscriber->safe_psql($name, $of->[1]), $publisher->safe_psql($name, $of->[1]), "$name, $when: the same $of->[0]");
    }
    is($subscriber->safe_psql($name, $faults), '', "$name, $when: check_store() is content");
}

# The newest partition but the last, which begins where that one ended.
my $newest = <<'SQL';
SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'idpsync.job'::regclass AND inhrelid <> 'idpsync.job_last'::regclass
ORDER BY idpsync.partition_start(inhrelid) DESC LIMIT 1
SQL

# As if it were earlier: it is not there yet.
my $take_back = <<'SQL';
BEGIN;
SELECT idpsync.partition_start('NEWEST') AS start \gset
DROP TABLE NEWEST;
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last;
ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_last FOR VALUES FROM (:'start') TO (MAXVALUE);
COMMIT;
SQL

# What makes that partition, as statements.
my $repeat = <<'SQL';
SELECT string_agg(statement, '; ') FROM (
    SELECT 'ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last'
    UNION ALL SELECT 'CREATE TABLE NEWEST PARTITION OF idpsync.job ' || pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = 'NEWEST'::regclass
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'NEWEST'::regclass AND tgparentid = 0
    UNION ALL SELECT 'ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_last ' || pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = 'idpsync.job_last'::regclass
) AS s (statement)
SQL

my $late = <<'SQL';
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', at), 'instance', 'application', 'late', 'ingress', 'auto', 'running', at, at, '{}'
FROM generate_series(1, 7) AS n, LATERAL (SELECT idpsync.partition_start('NEWEST') + n * interval '1 second' AS at) AS t;
SQL

sub schema_of {
    my ($name) = @_;
    my $file = PostgreSQL::Test::Utils::tempdir() . '/schema';
    $publisher->run_log([ 'pg_dump', '--schema-only', '--no-publications', '-f', $file, $publisher->connstr($name) ]) or die 'pg_dump failed';
    return slurp_file($file);
}

# How it is published, and how the store of the subscriber is made.
my %way = (
    as_partitions => { publication => 'FOR ALL TABLES WITH (publish_via_partition_root = false)', store => \&schema_of },
    as_tables => { publication => 'FOR TABLES IN SCHEMA idpsync WITH (publish_via_partition_root = true)', store => sub { $create } });

foreach my $name (sort keys %way) {
    $_->safe_psql('postgres', "CREATE DATABASE $name") foreach $publisher, $subscriber;
    $publisher->safe_psql($name, $create . ($fill =~ s/NAME/first/gr) . 'CALL idpsync.maintain();' . ($fill =~ s/NAME/second/gr));
    $subscriber->safe_psql($name, $way{$name}{store}->($name));
    $publisher->safe_psql($name, "CREATE PUBLICATION idpsync $way{$name}{publication}");
    $subscriber->safe_psql($name, "CREATE SUBSCRIPTION $name CONNECTION '" . $publisher->connstr . " dbname=$name' PUBLICATION idpsync");
    is_same($name, 'copied');

    my ($in, $out) = ('', '');
    my $session = IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $subscriber->connstr($name) ],
        '<', \$in, '>', \$out, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
    my $answer = sub {
        $out = '';
        $in .= "$kept\\echo end\n";
        $session->pump until $out =~ s/^end\n//m;
        return $out;
    };
    is($answer->(), "lease|00:10:00\ntype|\n", "$name: what a session of the subscriber goes by");
    $publisher->safe_psql($name, "SELECT idpsync.configure_store('session_ttl', '20 minutes'), idpsync.register_descriptors('$descriptors')");
    caught_up($name);
    is($answer->(), "lease|00:20:00\ntype|\"x\"\n", "$name: new settings and types reach that session");
    $publisher->safe_psql($name, 'TRUNCATE idpsync.store_setting, idpsync.descriptor');
    caught_up($name);
    is($answer->(), "lease|00:10:00\ntype|\n", "$name: so does that they are gone");
    $session->finish;

    $publisher->safe_psql($name, $fill =~ s/NAME/third/gr);
    is_same($name, 'while it is written to');
    $publisher->safe_psql($name, 'CALL idpsync.maintain()');
    is_same($name, 'folded');

    # partitions are no rows: what maintain() makes of them is repeated on the subscriber
    my $later = $publisher->safe_psql($name, $newest);
    $_->safe_psql($name, $take_back =~ s/NEWEST/$later/gr) foreach $publisher, $subscriber;
    $publisher->safe_psql($name, 'CALL idpsync.maintain()');
    is($publisher->safe_psql($name, $newest), $later, "$name: the publisher has a later partition");
    $subscriber->safe_psql($name, $publisher->safe_psql($name, $repeat =~ s/NEWEST/$later/gr) . "; ALTER SUBSCRIPTION $name REFRESH PUBLICATION");
    $publisher->safe_psql($name, $late =~ s/NEWEST/$later/gr);
    is_same($name, 'with a later partition');

    # from here on the subscriber goes its own way
    $subscriber->safe_psql($name, "DROP SUBSCRIPTION $name");
    $subscriber->safe_psql($name, ($fill =~ s/NAME/own/gr) . 'CALL idpsync.maintain()');
    is($subscriber->safe_psql($name, $faults), '', "$name, promoted: check_store() is content");
    is($subscriber->safe_psql($name, 'SELECT count(*) - idpsync.count_synchronization_jobs(\'instance\') FROM idpsync.job'), '0', "$name, promoted: counts go on");
}

unlike(slurp_file($_->logfile), qr/PANIC|TRAP:|terminated by signal|conflict/, $_->name . ': nothing worse in the log') foreach $publisher, $subscriber;
done_testing();
