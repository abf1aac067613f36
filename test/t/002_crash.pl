# The server is killed while clients write. Afterwards every answer that a client got is there, and
# the store is sound.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IdpsyncTest qw(start_after_kill);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "log_statement = none\nrestart_after_crash = on\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION idpsync;
SELECT FROM idpsync.create_store();
CREATE TABLE answer (kind text, id text, amount bigint);
SQL

# What a client does over and over; \echo writes down what it was answered, after the answer.
sub agent {
    my ($name) = @_;
    return join '', map { <<"SQL" } 1 .. 3000;
SELECT session_id FROM idpsync.open_session('container', '$name', '$name', idempotency_key => :'round' || ' $name $_') \\gset
\\echo opened :session_id 0
SELECT session_id FROM idpsync.report_session_progress(:'session_id', '[{"object_type":"USER","change_info":[{"change_type":"CREATE","successful":$_}]}]') \\gset
\\echo reported :session_id $_
SELECT session_id FROM idpsync.heartbeat(:'session_id') \\gset
SELECT operation_id FROM idpsync.close_session(:'session_id') \\gset
\\echo closed :session_id 0
\\echo done :operation_id 0
SQL
}

sub runner {
    my ($name) = @_;
    return join '', map { <<"SQL" } 1 .. 3000;
SELECT synchronization_job_id AS job, operation_id FROM idpsync.run_synchronization_job('instance', 'application', '$name') \\gset
\\echo run :job 0
SELECT FROM idpsync.start_synchronization_job(:'job');
SELECT FROM idpsync.report_job_statistics(:'job', '{"UserStatistics": {"Pushed": {"Total": $_, "Success": $_}}}');
\\echo counted :job $_
SELECT synchronization_job_id AS job FROM idpsync.finish_synchronization_job(:'job') \\gset
\\echo finished :job 0
\\echo done :operation_id 0
SQL
}

# Cancels what others are about to finish: each of the two may come first, and neither may hang.
sub canceller {
    return join '', map { <<'SQL' } 1 .. 3000;
SELECT operation_id FROM idpsync.cancel_operation((SELECT operation_id FROM idpsync.job WHERE status IN ('pending', 'running')
    AND target_id = 'cancelled' ORDER BY created_at DESC LIMIT 1)) WHERE operation_id IS NOT NULL \gset
SELECT pg_sleep(0.01);
SQL
}

my %scripts = (
    agent_1 => agent('AD_SYNC'), agent_2 => agent('AD_PASSWORD_HASH'),
    runner_1 => runner('target'), runner_2 => runner('cancelled'), canceller => canceller());
my $folder = PostgreSQL::Test::Utils::tempdir();
append_to_file("$folder/$_.sql", $scripts{$_}) foreach keys %scripts;

my %crash = (
    '1: an immediate stop' => sub { $node->stop('immediate'); $node->start(fail_ok => 1) },
    '2: kill -9 of the postmaster' => sub { $node->kill9; start_after_kill($node) },
    '3: kill -9 of a client\'s process' => sub {
        my $pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'writer' ORDER BY pid LIMIT 1});
        my $checkpointer = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'});
        kill 'KILL', $pid;
        # it goes on for a moment before it begins anew, with all processes
        $node->poll_query_until('postgres', "SELECT NOT pg_is_in_recovery() AND EXISTS
            (SELECT FROM pg_stat_activity WHERE backend_type = 'checkpointer' AND pid <> $checkpointer)");
    });

foreach my $crash (sort keys %crash) {
    my (@clients, %answers);
    local $ENV{PGAPPNAME} = 'writer';
    foreach my $name (sort keys %scripts) {
        push @clients, IPC::Run::start([ 'psql', '-XAtq', '-v', "round=$crash", '-d', $node->connstr('postgres'), '-f', "$folder/$name.sql" ],
            '<', '/dev/null', '>', \$answers{$name}, '2>', \my $ignored, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
    }
    # the clients are read while they run, or they would wait for it
    my $end = Time::HiRes::time() + 2.5;
    while (Time::HiRes::time() < $end) {
        $_->pump_nb foreach @clients;
        sleep 0.01;
    }
    ok($crash{$crash}->(), "$crash: the server is back");
    foreach my $client (@clients) { eval { $client->finish } }

    # The last line is an answer too, unless it was cut: psql wrote it before it noticed the end.
    my @lines = grep { /^\w+ \S+ \d+$/ } map { split /\n/ } values %answers;
    cmp_ok(scalar @lines, '>', 100, "$crash: the clients got answers");
    $node->safe_psql('postgres', "TRUNCATE answer; COPY answer FROM STDIN WITH (DELIMITER ' ');\n" . join("\n", @lines) . "\n\\.\n");
    is($node->safe_psql('postgres', <<'SQL'), '', "$crash: every answer is there");
SELECT a.* FROM answer AS a
LEFT JOIN idpsync.session AS s ON s.session_id = a.id
LEFT JOIN idpsync.job AS j ON j.job_id = a.id
LEFT JOIN idpsync.operation AS o ON o.operation_id = a.id
WHERE NOT coalesce(CASE kind
    WHEN 'opened' THEN s.session_id IS NOT NULL
    WHEN 'reported' THEN idpsync.counter(s.progress, 'USER', 'CREATE', 'successful') >= amount
    WHEN 'closed' THEN s.status = 'COMPLETED'
    WHEN 'run' THEN j.job_id IS NOT NULL
    -- a cancelled job may have ended before its report, which then was refused
    WHEN 'counted' THEN idpsync.counter(j.statistics, 'User', 'Pushed', 'Total') >= amount OR j.error_code = 'CANCELLED'
    WHEN 'finished' THEN j.status = 'success' OR j.error_code = 'CANCELLED'
    WHEN 'done' THEN o.done
END, false)
SQL
    is($node->safe_psql('postgres', 'SELECT * FROM idpsync.check_store() WHERE NOT ok AND check_name <> $$maintenance$$'), '', "$crash: check_store() is content");
    is($node->safe_psql('postgres', <<'SQL'), '0', "$crash: a job and its operation have ended together");
SELECT count(*) FROM idpsync.job AS j LEFT JOIN idpsync.operation AS o USING (tenant_id, operation_id)
WHERE o.done IS DISTINCT FROM (j.end_time IS NOT NULL)
SQL
}

unlike(slurp_file($node->logfile), qr/deadlock detected|PANIC|TRAP:/, 'nothing worse in the server\'s log');
done_testing();
