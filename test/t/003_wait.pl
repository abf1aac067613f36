# wait_operation() sees the commit of another session within a moment, ends at its timeout, and can
# be interrupted.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION idpsync; SELECT FROM idpsync.create_store()');

sub new_operation { return $node->safe_psql('postgres', q{SELECT operation_id FROM idpsync.create_operation('tenant', 'Test')}) }

# Starts a statement in a session of its own; call the result with what to do while it runs, for its output.
sub in_background {
    my ($sql) = @_;
    my ($out, $err) = ('', '');
    my $psql = IPC::Run::start([ 'psql', '-XAtq', '-v', 'VERBOSITY=sqlstate', '-d', $node->connstr('postgres'),
        '-c', "SET application_name = 'waiter'", '-c', $sql ], '<', '/dev/null', '>', \$out, '2>', \$err,
        IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
    $node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'waiter'
        AND state = 'active' AND query LIKE '%wait_operation%' AND query_start < clock_timestamp() - interval '0.2 second')})
        or die 'the waiting session did not start';
    return sub {
        my ($then) = @_;
        $then->();
        $psql->finish;
        chomp($out, $err);
        return $out . $err;
    };
}

# The first column is whether it is done; the second, whether that was noticed within a second.
my $wait = q{SELECT done, clock_timestamp() - modified_at < interval '1 second' FROM idpsync.wait_operation('%s', '%s')};

my $id = new_operation();
is(in_background(sprintf $wait, $id, '1 minute')->(sub { $node->safe_psql('postgres', "SELECT FROM idpsync.finish_operation('$id')") }),
    't|t', 'a finished operation is noticed within a moment');
is($node->safe_psql('postgres', "SELECT done FROM idpsync.wait_operation('$id', '1 minute')"), 't', 'a done operation answers at once');

$id = new_operation();
is(in_background(sprintf $wait, $id, '1 minute')->(sub { $node->safe_psql('postgres', "SELECT FROM idpsync.fail_operation('$id', 13)") }),
    't|t', 'so is a failed one');

my ($job, $operation) = split /\|/, $node->safe_psql('postgres',
    q{SELECT synchronization_job_id, operation_id FROM idpsync.run_synchronization_job('tenant', 'application', 'target')});
is(in_background(sprintf $wait, $operation, '1 minute')->(sub { $node->safe_psql('postgres',
    "SELECT FROM idpsync.start_synchronization_job('$job'); SELECT FROM idpsync.finish_synchronization_job('$job')") }),
    't|t', 'and the operation of a job that ends');

# not before it is committed, and not at all when it is rolled back
$id = new_operation();
is(in_background(sprintf $wait, $id, '1 second')->(sub { $node->safe_psql('postgres',
    "BEGIN; SELECT FROM idpsync.finish_operation('$id'); SELECT pg_sleep(1.5); ROLLBACK") }),
    'f|f', 'an uncommitted end is not noticed, and does not hold up the timeout');

my $timed = q{SELECT w.done, clock_timestamp() - statement_timestamp() BETWEEN interval '%s' AND interval '%s' FROM idpsync.wait_operation('%s', '%s') AS w};
is($node->safe_psql('postgres', sprintf $timed, '0.7 s', '5 s', $id, '0.7 s'), 'f|t', 'the timeout ends it');
is($node->safe_psql('postgres', sprintf $timed, '0 s', '1 s', $id, '0 s'), 'f|t', 'a timeout of nothing answers at once');
is($node->safe_psql('postgres', 'BEGIN ISOLATION LEVEL REPEATABLE READ; ' . sprintf($timed, '0 s', '1 s', $id, '1 minute') . '; COMMIT'),
    'f|t', 'so does a transaction that could not see the change');

my ($status, $out, $err) = $node->psql('postgres', "SET statement_timeout = '300ms'; SELECT FROM idpsync.wait_operation('$id', '1 minute')");
like($err, qr/canceling statement due to statement timeout/, 'statement_timeout interrupts it');
my $signal = sub { my ($function) = @_; return sub {
    $node->safe_psql('postgres', "SELECT $function(pid) FROM pg_stat_activity WHERE application_name = 'waiter'") } };
is(in_background(sprintf $wait, $id, '1 minute')->($signal->('pg_cancel_backend')), 'ERROR:  57014', 'a cancel request interrupts it');
like(in_background(sprintf $wait, $id, '1 minute')->($signal->('pg_terminate_backend')), qr/^FATAL:  57P01/, 'an end of the session interrupts it');

($status, $out, $err) = $node->psql('postgres', q{\set VERBOSITY sqlstate
    SELECT FROM idpsync.wait_operation('op_unknown', '1 minute')});
like($err, qr/P0002/, 'an unknown operation is not waited for');
is(in_background(sprintf $wait, $id, '1 minute')->(sub { $node->safe_psql('postgres', "SELECT FROM idpsync.delete_operation('$id')") }),
    'ERROR:  P0002', 'nor one that is deleted meanwhile');

done_testing();
