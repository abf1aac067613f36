# maintain() is stopped at any point, over and over, while others write and while another one is at work:
# what it had done stays done, nothing is half done, and the next one does the rest.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $rounds = 50;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "log_statement = none\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION idpsync;
SELECT FROM idpsync.create_store('1 hour', '1 hour');
SELECT idpsync.configure_store(name || '_retention', '1 day') FROM unnest('{job,operation,session,idempotency_key}'::text[]) AS name;

-- from 2020 on there is a gap between the first partition and today's, for those that are made to be retired
CREATE PROCEDURE make_gap(tab text) LANGUAGE plpgsql AS $$
DECLARE
    upper text := substring(pg_get_expr(relpartbound, oid) FROM 'TO \((.*)\)') FROM pg_class WHERE oid = format('idpsync.%s_first', tab)::regclass;
BEGIN
    EXECUTE format('ALTER TABLE idpsync.%1$s DETACH PARTITION idpsync.%1$s_first;
        ALTER TABLE idpsync.%1$s ATTACH PARTITION idpsync.%1$s_first FOR VALUES FROM (MINVALUE) TO (%2$L)', tab, '2020-01-01');
    CALL make_partition(tab, 'gap', format('FROM (%L) TO (%s)', '2020-01-01', upper));
END $$;
CREATE PROCEDURE make_partition(tab text, suffix text, bounds text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE idpsync.%1$s_%2$s PARTITION OF idpsync.%1$s FOR VALUES %3$s', tab, suffix, bounds);
    IF tab = 'job' THEN
        EXECUTE (SELECT string_agg(replace(pg_get_triggerdef(oid), 'job_first', 'job_' || suffix), ';') FROM pg_trigger
            WHERE tgrelid = 'idpsync.job_first'::regclass AND tgname LIKE 'job_count%');
    END IF;
END $$;
CALL make_gap('job');
CALL make_gap('operation');

-- Something to do for each step: a partition of long ago with its counts and ids from elsewhere, and none ahead.
CREATE PROCEDURE make_work(round int) LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := timestamptz '2020-01-01' + (round - 1) * interval '1 day';
    tab text;
    part regclass;
    bound text;
BEGIN
    COMMENT ON INDEX idpsync.maintenance_log_pkey IS 'takes the lock that partitions are made with';
    FOREACH tab IN ARRAY ARRAY['job', 'operation'] LOOP
        EXECUTE format('LOCK TABLE idpsync.%s IN ACCESS EXCLUSIVE MODE', tab);
        bound := substring(pg_get_expr(relpartbound, oid) FROM 'TO \((.*)\)') FROM pg_class WHERE oid = format('idpsync.%s_gap', tab)::regclass;
        EXECUTE format('ALTER TABLE idpsync.%1$s DETACH PARTITION idpsync.%1$s_gap;
            ALTER TABLE idpsync.%1$s ATTACH PARTITION idpsync.%1$s_gap FOR VALUES FROM (%2$L) TO (%3$s)', tab, at + interval '1 day', bound);
        CALL make_partition(tab, 'old' || round, format('FROM (%L) TO (%L)', at, at + interval '1 day'));
        -- from the last on backwards
        bound := NULL;
        FOR part, bound IN SELECT c.oid, substring(pg_get_expr(relpartbound, c.oid) FROM 'FROM \((.*)\) TO') FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                WHERE i.inhparent = format('idpsync.%s', tab)::regclass AND idpsync.partition_start(c.oid) > clock_timestamp() ORDER BY idpsync.partition_start(c.oid) DESC LOOP
            EXECUTE CASE WHEN part::text LIKE '%\_last' THEN format('ALTER TABLE idpsync.%s DETACH PARTITION %s', tab, part) ELSE format('DROP TABLE %s', part) END;
        END LOOP;
        IF bound IS NOT NULL THEN
            EXECUTE format('ALTER TABLE idpsync.%1$s ATTACH PARTITION idpsync.%1$s_last FOR VALUES FROM (%2$s) TO (MAXVALUE)', tab, bound);
        END IF;
    END LOOP;
    INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
    SELECT 'old ' || round || ' ' || n, 'old', 'application', 't' || n % 5, 'egress', 'auto', 'success', at, at, '{"UserStatistics": {"Created": {"Total": 1}}}' FROM generate_series(1, 300) AS n;
    INSERT INTO idpsync.foreign_id (created_at, id, kind, tenant_id) SELECT created_at, job_id, 'job', tenant_id FROM idpsync.job WHERE job_id LIKE 'old ' || round || ' %';
    INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at)
    SELECT idpsync.create_id('ses_', at), format('old %s %s', round, n), 'a', 'AD_SYNC', 'DELTA', 'OPENED', at, at + interval '1 hour' FROM generate_series(1, 300) AS n;
    INSERT INTO idpsync.idempotency_key (created_at, request_hash, key, tenant_id, method) SELECT at, 0, format('%s %s', round, n), 'old', 'm' FROM generate_series(1, 300) AS n;
END $$;
SQL

# Clients that run jobs, and one more maintain().
my $folder = PostgreSQL::Test::Utils::tempdir();
append_to_file("$folder/jobs.sql", <<'SQL');
\set target random(1, 4)
SELECT synchronization_job_id AS job FROM idpsync.run_synchronization_job('new', 'application', 'target ' || :target, idempotency_key => gen_random_uuid()::text) \gset
SELECT FROM idpsync.start_synchronization_job(':job');
SELECT FROM idpsync.finish_synchronization_job(':job', '{"UserStatistics": {"Created": {"Total": 1, "Success": 1}}}');
\sleep 2 ms
SQL
append_to_file("$folder/maintain.sql", "SET client_min_messages = error;\nCALL idpsync.maintain();\n\\sleep 100 ms\n");
my @clients = map {
    my ($script, $number) = @$_;
    my $out;
    { out => \$out, pgbench => IPC::Run::start([ 'pgbench', '-n', '-T', 600, '-c', $number, '-f', "$folder/$script.sql", $node->connstr('postgres') ],
        '<', '/dev/null', '>&', \$out, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default * 4)) }
} ([ 'jobs', 2 ], [ 'maintain', 1 ]);

my $exact = q{SELECT tenant_id FROM (SELECT tenant_id, count(*) FROM idpsync.job GROUP BY 1) AS j (tenant_id, jobs) WHERE jobs <> idpsync.count_synchronization_jobs(tenant_id)};
my %ended;
my $inexact = '';
srand(7);
foreach my $round (1 .. $rounds) {
    $node->safe_psql('postgres', "CALL make_work($round)");
    my $timeout = 1 + int rand($round % 2 ? 40 : 250);
    my (undef, undef, $err) = $node->psql('postgres', "SET client_min_messages = error; SET statement_timeout = $timeout; CALL idpsync.maintain();", extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
    $ended{ $err =~ /ERROR: +(\S+)/ ? $1 : $err eq '' ? 'done' : $err }++;
    $inexact .= $node->safe_psql('postgres', $exact);
}
note(join ', ', map { "$_: $ended{$_}" } sort keys %ended);
is(join(' ', grep { !/^(57014|done)$/ } keys %ended), '', 'it was stopped, or done, and nothing else');
cmp_ok($ended{57014} // 0, '>=', $rounds / 5, 'it was stopped often');
is($inexact, '', 'counts were exact at each of these moments');
foreach my $client (@clients) {
    $client->{pgbench}->signal('INT');
    eval { $client->{pgbench}->finish };
    unlike(${ $client->{out} }, qr/error:|aborted/, 'nobody failed meanwhile');
}
$node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())});
cmp_ok($node->safe_psql('postgres', q{SELECT idpsync.count_synchronization_jobs('new', status => 'success')}), '>', 100, 'jobs were run meanwhile');

$node->safe_psql('postgres', "SET client_min_messages = error; CALL idpsync.maintain('5 minutes')");
is($node->safe_psql('postgres', 'SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok'), '', 'check_store() is content');
is($node->safe_psql('postgres', $exact), '', 'counts are exact');
is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM idpsync.session), (SELECT count(*) FROM idpsync.job WHERE tenant_id = 'old'), (SELECT count(*) FROM idpsync.foreign_id),
    (SELECT count(*) FROM idpsync.idempotency_key WHERE tenant_id = 'old'), (SELECT count(*) FROM idpsync.job_count_delta)}), '0|0|0|0|0', 'all that was due is done');
is($node->safe_psql('postgres', q{SELECT s.job_count, idpsync.counter(s.statistics, 'User', 'Created', 'Total') FROM idpsync.synchronization_job_statistics('old') AS s}),
    300 * $rounds . '|' . 300 * $rounds, 'each job that is gone stands once in history');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT step, ' ' ORDER BY step) FROM idpsync.maintenance_log WHERE rows > 0}),
    'expire_sessions extend_jobs extend_operations fold_counts purge_foreign_ids purge_idempotency_keys purge_sessions retire_jobs retire_operations', 'every step had something to do');
unlike(slurp_file($node->logfile), qr/deadlock detected|PANIC|TRAP:|was terminated by signal/, 'nothing worse in the server\'s log');

done_testing();
