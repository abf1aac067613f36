# What clients do, by chance: each operation is a function that gives the steps for it, nothing where
# there is nothing to do it with. Writers first, then hand-written SQL, then looks.
package Operations;
use strict;
use warnings;
use JSON::PP;
use List::Util qw(first max sum);

my @TENANTS = map { "tenant $_" } 1 .. 3;
my @SESSION_TYPES = qw(AD_SYNC AD_PASSWORD_HASH);
my @TARGETS = map { "target $_" } 1 .. 3;
my $PUSHED = '{"UserStatistics": {"Pushed": {"Total": %d, "Success": %d}}}';

# What no snapshot may show.
our $COUNTS_DISAGREE = <<'SQL';
SELECT format('%s: %s counted, %s there', tenant_id, idpsync.count_synchronization_jobs(tenant_id), count(*))
FROM idpsync.job GROUP BY tenant_id HAVING idpsync.count_synchronization_jobs(tenant_id) <> count(*)
SQL
our $HALF_STEPS = <<'SQL';
SELECT format('job %s has ended: %s, its operation is done: %s', job_id, j.end_time IS NOT NULL, o.done)
FROM idpsync.job AS j JOIN idpsync.operation AS o USING (tenant_id, operation_id) WHERE o.done <> (j.end_time IS NOT NULL)
UNION ALL
SELECT format('%s sessions of %s %s are open', count(*), tenant_id, session_type)
FROM idpsync.session WHERE status IN ('OPENED', 'PENDING') GROUP BY tenant_id, session_type HAVING count(*) > 1
UNION ALL
SELECT format('%s: %s sessions were closed, by %s operations', tenant_id, sessions, operations)
FROM (SELECT tenant_id, count(*) AS sessions FROM idpsync.session WHERE status IN ('COMPLETED', 'FAILED') GROUP BY tenant_id) AS s
FULL JOIN (SELECT tenant_id, count(*) AS operations FROM idpsync.operation WHERE method = 'CloseSession' GROUP BY tenant_id) AS o USING (tenant_id)
WHERE sessions IS DISTINCT FROM operations
SQL

# A call that may have an idempotency key, which is then its last argument.
sub call {
    my ($client, %step) = @_;
    my $stress = $client->{stress};
    my $n = @{ $step{args} } + 1;
    $step{key} = 'key ' . ++$stress->{keys} if $stress->{crash} || $client->chance(40);
    $step{sql} =~ s/KEY/idempotency_key => \$$n/;
    $step{args} = [ @{ $step{args} }, $step{key} ];
    return \%step;
}

sub tenant { my ($client) = @_; return $client->one_of(@TENANTS) }

# ---- sessions

sub opening {
    my ($client, $name, $agent) = @_;
    my $model = $client->{model};
    my ($tenant, $type) = (tenant($client), $client->one_of(@SESSION_TYPES));
    my $arguments = $agent ? '$1, $3, $2' : '$1, $2';
    return call($client, name => $name, order => "1 $tenant $type 9", same => 3,
        sql => "SELECT operation_id, result, session_id, agent_id FROM idpsync.$name($arguments, KEY)",
        args => [ $tenant, $type, $agent // () ],
        answer => sub {
            my ($operation, $result, $id, $holder) = @{ $_[0] };
            return sub {
                $model->operation($operation, 1);
                $model->session($id, $tenant, $type);
                $model->opened($id, $agent) if $agent && $result eq 'SUCCESS';
            };
        });
}
sub open_session { my ($client) = @_; return opening($client, 'open_session', 'agent ' . $client->{number}) }
sub request_session { my ($client) = @_; return opening($client, 'request_session') }

# Mostly the latest session of a tenant and type; now and then an old one.
sub some_session {
    my ($client) = @_;
    my $model = $client->{model};
    my $id = $model->{latest}{ tenant($client) . ' ' . $client->one_of(@SESSION_TYPES) } or return;
    if ($client->chance(5)) {
        my @ids = sort keys %{ $model->{sessions} };
        $id = $client->one_of(@ids);
    }
    return $model->{sessions}{$id};
}

# A session refuses what comes behind its end, or before an agent has taken it: does the model know of
# an end, beside the call itself, or not know that it was open when the call was sent?
sub session_refuses {
    my ($client, $session, $ends) = @_;
    my $was_open = $session->{opened};
    return { 55000 => sub { $session->{closing} > $ends || !$was_open || $client->{model}{short_leases} } };
}

sub heartbeat {
    my ($client) = @_;
    my $session = some_session($client) or return;
    my $model = $client->{model};
    my $step = call($client, name => 'heartbeat', order => "1 $session->{tenant} $session->{type} 1 $session->{id}", same => 2,
        sql => 'SELECT operation_id, session_id FROM idpsync.heartbeat($1, KEY)', args => [ $session->{id} ],
        refused => session_refuses($client, $session, 0));
    # of those without a key no operation is kept
    $step->{answer} = sub { my ($operation) = @{ $_[0] }; return sub { $model->operation($operation, 1) if $step->{key} } };
    return $step;
}

# Users are counted by what is added, groups by how far the session is: so either commutes.
sub report_session_progress {
    my ($client) = @_;
    my $session = some_session($client) or return;
    my $model = $client->{model};
    my ($field, $mode, $amount, $entry) = $client->chance(70) ? ('users', 'delta', 1 + $client->throw(9), '"USER", "change_info": [{"change_type": "CREATE", "successful": %d}]')
        : ('groups', 'cumulative', 1 + $client->throw(100000), '"GROUP", "change_info": [{"change_type": "UPDATE", "failed": %d}]');
    my $least;
    return call($client, name => 'report_session_progress', order => "1 $session->{tenant} $session->{type} 1 $session->{id}", same => 2,
        sql => q{SELECT operation_id, session_id, coalesce(idpsync.counter(progress_entries, 'USER', 'CREATE', 'successful'), 0),
            coalesce(idpsync.counter(progress_entries, 'GROUP', 'UPDATE', 'failed'), 0) FROM idpsync.report_session_progress($1, $2, $3, KEY)},
        args => [ $session->{id}, sprintf("[{\"object_type\": $entry}]", $amount), $mode ],
        refused => session_refuses($client, $session, 0),
        sent => sub { $least //= Model::least($session, 'users', 'groups') },
        answer => sub {
            my ($operation, $id, $users, $groups) = @{ $_[0] };
            return sub {
                $model->seen("report on $id", $session, $least, { users => $users, groups => $groups });
                $session->{users} += $amount if $field eq 'users';
                $session->{groups} = max($session->{groups}, $amount) if $field eq 'groups';
                $model->operation($operation, 1);
            };
        });
}

sub close_session {
    my ($client) = @_;
    my $session = some_session($client) or return;
    my $model = $client->{model};
    my $failed = $client->chance(30) ? 1 : 0;
    return call($client, name => 'close_session', order => "1 $session->{tenant} $session->{type} 1 $session->{id}", same => 2,
        sql => 'SELECT operation_id, session_id FROM idpsync.close_session($1, $2, KEY)', args => [ $session->{id}, $failed ],
        sent => sub { $session->{closing}++ }, refused => session_refuses($client, $session, 1),
        # a request that nobody took can be closed as failed
        answer => sub { my ($operation) = @{ $_[0] };
            return sub { $model->operation($operation, 1); $model->closed($session->{id}, $failed ? 'FAILED' : 'COMPLETED') } });
}

# ---- jobs

sub run_synchronization_job {
    my ($client) = @_;
    my $model = $client->{model};
    my ($tenant, $target, $type) = (tenant($client), $client->one_of(@TARGETS), $client->one_of('application', 'identity_provider'));
    return call($client, name => 'run_synchronization_job', order => '2', same => 2,
        sql => 'SELECT operation_id, synchronization_job_id FROM idpsync.run_synchronization_job($1, $2, $3, KEY)', args => [ $tenant, $type, $target ],
        answer => sub { my ($operation, $id) = @{ $_[0] };
            return sub { $model->operation($operation, 0); $model->job($id, tenant => $tenant, operation => $operation) } });
}

# One of the latest jobs, that is at most so far as asked for.
sub some_job {
    my ($client, $rank, $by_hand) = @_;
    my $model = $client->{model};
    my @jobs = grep { !$_->{deleted} && $_->{rank} <= $rank } map { $model->{jobs}{$_} } @{ $model->{recent}{ $by_hand ? 'jobs by hand' : 'jobs' } };
    return @jobs ? $client->one_of(@jobs) : undef;
}

sub job_refuses {
    my ($job, $reason) = @_;
    my $was_started = $job->{started};
    return { 55000 => sub { $reason->($was_started) }, P0002 => sub { $job->{deleting} } };
}

sub start_synchronization_job {
    my ($client) = @_;
    my $job = some_job($client, 0) or return;
    my $model = $client->{model};
    return call($client, name => 'start_synchronization_job', order => "4 $job->{id}", same => 1,
        sql => 'SELECT synchronization_job_id FROM idpsync.start_synchronization_job($1, KEY)', args => [ $job->{id} ],
        sent => sub { $job->{starting}++ }, refused => job_refuses($job, sub { $job->{starting} > 1 || $job->{ending} }),
        answer => sub { return sub { $model->started($job->{id}) } });
}

sub report_job_statistics {
    my ($client) = @_;
    my $job = some_job($client, 1) or return;
    my $model = $client->{model};
    my $amount = 1 + $client->throw(9);
    my $least;
    return call($client, name => 'report_job_statistics', order => "4 $job->{id}", same => 1,
        sql => q{SELECT synchronization_job_id, idpsync.counter(statistics, 'User', 'Pushed', 'Total')
            FROM idpsync.report_job_statistics($1, $2, 'delta', KEY)}, args => [ $job->{id}, sprintf $PUSHED, $amount, $amount ],
        sent => sub { $least //= Model::least($job, 'pushed') },
        refused => job_refuses($job, sub { my ($was_started) = @_; !$was_started || $job->{ending} }),
        answer => sub { my ($id, $pushed) = @{ $_[0] };
            return sub { $model->seen("report on $id", $job, $least, { pushed => $pushed }); $job->{pushed} += $amount } });
}

sub finish_synchronization_job {
    my ($client) = @_;
    my $job = some_job($client, 1) or return;
    my $model = $client->{model};
    my $status = $client->one_of('success', 'failed', 'partial_success');
    my $amount = $client->throw(9);
    return call($client, name => 'finish_synchronization_job', order => "4 $job->{id}", same => 1,
        sql => q{SELECT synchronization_job_id FROM idpsync.finish_synchronization_job($1, $2, $3, progress_mode => 'delta', KEY)},
        args => [ $job->{id}, sprintf($PUSHED, $amount, $amount), $status ],
        sent => sub { $job->{ending}++ }, refused => job_refuses($job, sub { my ($was_started) = @_; !$was_started || $job->{ending} > 1 }),
        answer => sub { return sub { $model->ended($job->{id}, $status); $job->{pushed} += $amount } });
}

sub cancel_operation {
    my ($client) = @_;
    my $job = some_job($client, 2) or return;
    return if !$job->{operation};
    my $model = $client->{model};
    return call($client, name => 'cancel_operation', order => "4 $job->{id}", same => 1,
        sql => 'SELECT operation_id, error_code FROM idpsync.cancel_operation($1, KEY)', args => [ $job->{operation} ],
        sent => sub { $job->{ending}++ },
        answer => sub { my ($id, $code) = @{ $_[0] }; return sub { $model->ended($job->{id}, 'cancelled') if ($code // 0) == 1 } });
}

# Documents that overlap: whose jobs are of long ago, or of now; or jobs of 2018, each of which comes in
# once.
sub import_synchronization_jobs {
    my ($client) = @_;
    my ($model, $stress) = @$client{qw(model stress)};
    my $tenant = tenant($client);
    my $kind = $client->one_of('old', 'new', 'new', 'apart');
    $tenant = 'tenant apart' if $kind eq 'apart';
    my $value = ++$stress->{imported};
    my %ids = map { ("$kind " . ($kind eq 'apart' ? ++$stress->{apart} : $client->throw(12))) => 1 } 0 .. $client->throw(4);
    my @jobs = map { my ($n) = /(\d+)/;
        my $start = 1000 * ($kind eq 'old' ? 1_500_000_000 + $n * 86_400 : $kind eq 'apart' ? 1_520_000_000 + $n : $stress->{began} - $n * 3600);
        { SynchronizationJobId => $_, TargetType => 'application', TargetId => 'target ' . $n % 3, Direction => 'egress', TriggerType => 'auto',
          Status => 'success', StartTime => $start, EndTime => $start + 1000,
          Result => { UserStatistics => { Pushed => { Total => $value, Success => $value } } } } } sort keys %ids;
    my $sent;
    return call($client, name => 'import_synchronization_jobs', order => "3 $tenant", same => 0,
        sql => 'SELECT inserted + updated + unchanged + skipped FROM idpsync.import_synchronization_jobs($1, $2, KEY)',
        args => [ $tenant, encode_json([ { SynchronizationJobs => \@jobs } ]) ],
        sent => sub { $sent //= $model->{tick} },
        # their partition may be away
        refused => { 23514 => sub { $kind eq 'old' }, P0002 => sub { $kind eq 'old' } },
        answer => sub { return sub { $model->imported("$tenant $_", $value, $sent) foreach sort keys %ids } });
}

# A job of 2015 or 2016, whose partition may be retired meanwhile, or has been; each comes in once.
sub import_retiring_job {
    my ($client) = @_;
    my ($model, $stress) = @$client{qw(model stress)};
    return if !$stress->{retires};
    my $number = ++$stress->{retiring};
    my $start = 1000 * (1_420_070_400 + $client->throw(730 * 86_400));
    return call($client, name => 'import of a retiring job', order => '3 tenant retired', same => 0,
        sql => q{SELECT inserted, skipped FROM idpsync.import_synchronization_jobs('tenant retired', $1, KEY)},
        args => [ encode_json([ { SynchronizationJobs => [ { SynchronizationJobId => "retiring $number", TargetType => 'application', TargetId => 'target ' . $number % 3,
            Direction => 'egress', TriggerType => 'auto', Status => 'success', StartTime => $start, EndTime => $start + 1000,
            Result => { UserStatistics => { Pushed => { Total => $number, Success => $number } } } } ] } ]) ],
        # a repetition, which may be answered first, says neither
        answer => sub { my ($inserted, $skipped) = @{ $_[0] };
            return sub { $model->{retiring}{"retiring $number"} = { start => $start, value => $number, inserted => $inserted, skipped => $skipped } } });
}

# ---- operations of callers' own

sub create_operation {
    my ($client) = @_;
    my $model = $client->{model};
    my $tenant = tenant($client);
    return call($client, name => 'create_operation', order => '2', same => 1,
        sql => q{SELECT operation_id FROM idpsync.create_operation($1, 'Stress', KEY)}, args => [$tenant],
        answer => sub { my ($id) = @{ $_[0] }; return sub { $model->operation($id, 0)->{tenant} = $tenant; $model->recently('own operations' => $id) } });
}

sub some_operation {
    my ($client) = @_;
    my $model = $client->{model};
    my @ids = grep { !$model->{operations}{$_}{deleted} } @{ $model->{recent}{'own operations'} };
    return @ids ? $client->one_of(@ids) : undef;
}

sub finish_operation {
    my ($client) = @_;
    my $id = some_operation($client) or return;
    my $model = $client->{model};
    my $operation = $model->{operations}{$id};
    my $call = $client->chance(50) ? 'finish_operation($1, KEY)' : 'fail_operation($1, 13, KEY)';
    return call($client, name => 'finish_operation', order => "5 $id", same => 1, sql => "SELECT operation_id FROM idpsync.$call", args => [$id],
        sent => sub { $operation->{ending}++ },
        refused => { 55000 => sub { $operation->{ending} > 1 }, P0002 => sub { $operation->{deleting} } },
        answer => sub { return sub { $model->must(!$operation->{finished}++, "operation $id was finished twice"); $model->operation($id, 1) } });
}

sub delete_operation {
    my ($client) = @_;
    my $id = some_operation($client) or return;
    my $operation = $client->{model}{operations}{$id};
    return call($client, name => 'delete_operation', order => "5 $id", same => 1,
        sql => 'SELECT operation_id FROM idpsync.delete_operation($1, $2, KEY)', args => [ $id, $operation->{tenant} ],
        sent => sub { $operation->{deleting}++ }, refused => { P0002 => sub { $operation->{deleting} > 1 } },
        answer => sub { return sub { $operation->{deleted} = 1 } });
}

# ---- a call once more

# The answer is what it was the first time.
sub repeat {
    my ($client) = @_;
    my $model = $client->{model};
    my @keys = @{ $model->{recent}{keys} // [] } or return;
    my $step = $model->{keys}{ $client->one_of(@keys) }{step};
    $step = { %$step, name => $step->{name} =~ s/( again)?$/ again/r };
    # it may be refused if what it is about is gone, and not for any state
    my $gone = $step->{name} =~ /^(create_operation|run_)/ ? sub { 1 } : $step->{refused}{P0002};
    $step->{refused} = $gone ? { P0002 => $gone } : {};
    return $step;
}

# Two at once, or nearly.
sub echo {
    my ($client) = @_;
    my @steps = grep { $_ && $_->{key} && $_->{name} !~ / again$/ } map { $_->{under_way} } @{ $client->{stress}{clients} };
    return if !@steps;
    my $step = $client->one_of(@steps);
    return { %$step, name => "$step->{name} again" };
}

# ---- by hand; always in a transaction, since these have no key

sub insert_job {
    my ($client) = @_;
    my $model = $client->{model};
    my $tenant = tenant($client);
    return { name => 'INSERT job', order => '2', args => [ $tenant, $client->one_of(@TARGETS), 1 + $client->throw(3) ], sql => <<'SQL',
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', at), $1, 'application', $2, 'egress', 'auto', 'running', at, at, '{}'
FROM date_trunc('milliseconds', now()) AS at, generate_series(1, $3::int) RETURNING job_id
SQL
        answer => sub { my @ids = map { $_->[0] } @_;
            return sub { $model->job($_, tenant => $tenant, by_hand => 1, started => 1, rank => 1) foreach @ids } } };
}

sub copy_job {
    my ($client) = @_;
    my $model = $client->{model};
    my $tenant = tenant($client);
    my @columns;
    my $make = { name => 'create_id', order => '2', sql => q{SELECT idpsync.create_id('sync_', at), at FROM date_trunc('milliseconds', now()) AS at},
        answer => sub { @columns = @{ $_[0] }; return () } };
    my $copy = { name => 'COPY job', order => '2',
        sql => 'COPY idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics) FROM STDIN',
        answer => sub { my $id = $columns[0]; return sub { $model->job($id, tenant => $tenant, by_hand => 1, started => 1, rank => 1) } } };
    $copy->{sent} = sub { $copy->{copy} = join("\t", $columns[0], $tenant, 'application', 'target 1', 'egress', 'auto', 'running', @columns[ 1, 1 ], '{}') . "\n" };
    return ({ name => 'SET', order => '2', sql => q{SET LOCAL lock_timeout = '50ms'} }, $make, $copy);
}

sub update_job {
    my ($client) = @_;
    my $job = some_job($client, 1, 1) or return;
    my $amount = 1 + $client->throw(9);
    my ($where, $status) = ('job_id = $1 AND created_at = idpsync.id_time($1)', $client->chance(20) ? 'failed' : undef);
    return { name => 'UPDATE job', order => "4 $job->{id}", args => [ $job->{id}, sprintf($PUSHED, $amount, $amount) ],
        sql => 'UPDATE idpsync.job SET statistics = statistics OPERATOR(idpsync.+) $2::idpsync.job_statistics, '
            . ($status ? q{status = 'failed', end_time = clock_timestamp()} : q{start_time = start_time - interval '1 day'}) . " WHERE $where RETURNING job_id",
        sent => sub { $job->{ending}++ if $status }, refused => { 55000 => sub { $job->{ending} > ($status ? 1 : 0) } },
        answer => sub {
            return @_ ? sub { $job->{pushed} += $amount; @$job{qw(end rank)} = ('failed', 2) if $status }
                : sub { $client->{model}->must($job->{deleting}, "job $job->{id} was not there to be updated") };
        } };
}

sub delete_job {
    my ($client) = @_;
    my $job = some_job($client, 2, $client->chance(70)) or return;
    return { name => 'DELETE job', order => "4 $job->{id}", args => [ $job->{id} ],
        # whose operation goes on, is not to be deleted
        sql => 'DELETE FROM idpsync.job WHERE job_id = $1 AND created_at = idpsync.id_time($1) AND (end_time IS NOT NULL OR operation_id IS NULL) RETURNING job_id',
        sent => sub { $job->{deleting}++ }, answer => sub { return @_ ? sub { $job->{deleted} = 1 } : () } };
}

# ---- transactions

my @IN_TRANSACTIONS = (\&open_session, \&open_session, \&heartbeat, (\&report_session_progress) x 4, \&close_session,
    \&run_synchronization_job, (\&start_synchronization_job) x 2, (\&report_job_statistics) x 3, \&finish_synchronization_job, \&cancel_operation,
    \&import_synchronization_jobs, \&create_operation, \&finish_operation, \&insert_job, \&insert_job, \&copy_job, (\&update_job) x 3, \&delete_job);

# Some writes that stand or fall together, with a witness that tells after a crash which it was. They
# are put into one order, so that no two transactions wait for each other.
sub transaction {
    my ($client) = @_;
    my $stress = $client->{stress};
    my $repeatable = $client->chance(15);
    my @steps;
    foreach my $operation (map { $client->one_of(@IN_TRANSACTIONS) } 0 .. $client->throw(4)) {
        my @more = $operation->($client);
        next if !@more || !defined $more[0];
        push @steps, \@more;
    }
    return if !@steps;
    @steps = map { @$_ } sort { $a->[0]{order} cmp $b->[0]{order} } @steps;
    splice @steps, $client->throw(scalar @steps), 0, { name => 'SAVEPOINT', sql => 'SAVEPOINT s' } if $client->chance(30);
    push @steps, { name => 'ROLLBACK TO', sql => 'ROLLBACK TO SAVEPOINT s' } if $client->chance(40) && grep { $_->{name} eq 'SAVEPOINT' } @steps;
    return ({ name => 'BEGIN', sql => 'BEGIN' . ($repeatable ? ' ISOLATION LEVEL REPEATABLE READ' : '') }, @steps,
        $client->chance(20) ? { name => 'ROLLBACK', sql => 'ROLLBACK' }
        : ({ name => 'witness', sql => 'INSERT INTO committed VALUES ($1)', args => [ ++$stress->{witnesses} ] }, { name => 'COMMIT', sql => 'COMMIT' }));
}

# Statements that may be cut off anywhere.
sub hurried {
    my ($client) = @_;
    my @steps = $client->one_of(\&open_session, \&report_session_progress, \&finish_synchronization_job, \&import_synchronization_jobs, \&cancel_operation)->($client) or return;
    return if !$steps[0];
    my $timeout = 1 + $client->throw(4);
    return ({ name => 'SET', sql => "SET statement_timeout = '${timeout}ms'" }, @steps, { name => 'SET', sql => 'RESET statement_timeout', always => 1 });
}

# ---- looks

sub get_session {
    my ($client) = @_;
    my $session = some_session($client) or return;
    my $model = $client->{model};
    my $least;
    return { name => 'get_session', args => [ $session->{id} ], sql => q{SELECT status, coalesce(idpsync.counter(progress_entries, 'USER', 'CREATE', 'successful'), 0),
            coalesce(idpsync.counter(progress_entries, 'GROUP', 'UPDATE', 'failed'), 0) FROM idpsync.get_session($1)},
        sent => sub { $least //= Model::least($session, qw(rank users groups)) },
        answer => sub { my ($status, $users, $groups) = @{ $_[0] };
            return sub { $model->seen("session $session->{id}", $session, $least, { rank => $Model::RANK{$status}, users => $users, groups => $groups }) } } };
}

sub get_job {
    my ($client) = @_;
    my $job = some_job($client, 2, $client->chance(30)) or return;
    my $model = $client->{model};
    my $least;
    return { name => 'get_synchronization_job', args => [ $job->{id} ],
        sql => q{SELECT status, idpsync.counter(statistics, 'User', 'Pushed', 'Total') FROM idpsync.get_synchronization_job($1)},
        sent => sub { $least //= Model::least($job, qw(rank pushed)) }, refused => { P0002 => sub { $job->{deleting} } },
        answer => sub { my ($status, $pushed) = @{ $_[0] };
            return sub { $model->seen("job $job->{id}", $job, $least, { rank => $Model::RANK{$status}, pushed => $pushed }) } } };
}

sub get_operation {
    my ($client) = @_;
    my $model = $client->{model};
    my @ids = @{ $model->{recent}{operations} // [] } or return;
    my $id = $client->one_of(@ids);
    my $operation = $model->{operations}{$id};
    my $call = $client->chance(10) ? q{wait_operation($1, '0.05 s')} : 'get_operation($1)';
    my $least;
    return { name => 'get_operation', args => [$id], sql => "SELECT done::int FROM idpsync.$call",
        sent => sub { $least //= Model::least($operation, 'done') }, refused => { P0002 => sub { $operation->{deleting} } },
        answer => sub { my ($done) = @{ $_[0] }; return sub { $model->seen("operation $id", $operation, $least, { done => $done }) } } };
}

# Turns some pages: what was there at the first is shown, and once. Ids sort as the list does.
sub list_jobs {
    my ($client) = @_;
    my $model = $client->{model};
    my $tenant = tenant($client);
    my @there = sort grep { $model->{jobs}{$_}{tenant} eq $tenant && !$model->{jobs}{$_}{deleting} } keys %{ $model->{jobs} };
    my %shown;
    my ($size, $pages) = (10 + $client->throw(91), 5);
    my $page;
    $page = sub {
        my ($token) = @_;
        return { name => 'list_synchronization_jobs', args => [ $tenant, $size, $token ],
            sql => 'SELECT synchronization_job_id, next_token FROM idpsync.list_synchronization_jobs($1, max_results => $2, next_token => $3, with_total_count => false)',
            answer => sub {
                my (@rows) = @_;
                return sub {
                    $model->must(!$shown{ $_->[0] }++, "job $_->[0] was listed twice") foreach @rows;
                    if ($pages-- && @rows && defined $rows[0][1]) { unshift @{ $client->{queue} }, $page->($rows[0][1]) }
                    else {
                        my ($last) = sort grep { /^sync_/ } keys %shown;
                        $model->must($shown{$_} || $model->{jobs}{$_}{deleting}, "job $_ was not listed") foreach grep { $_ gt ($last // '~') } @there;
                    }
                };
            } };
    };
    return $page->(undef);
}

sub list_others {
    my ($client) = @_;
    return { name => 'list', args => [ tenant($client) ], sql => $client->one_of(
        q{SELECT count(*) FROM idpsync.list_sessions($1, page_size => 50, filter => 'status = "OPENED"')},
        q{SELECT count(*) FROM idpsync.list_operations($1, page_size => 50, filter => 'done = false')},
        q{SELECT count(*) FROM idpsync.list_synchronization_jobs($1, page_number => 2, status => 'failed')}) };
}

# Two ways to one number, in one snapshot.
sub count_jobs {
    my ($client) = @_;
    my $model = $client->{model};
    my $tenant = tenant($client);
    my (@arguments, @conditions);
    if ($client->chance(40)) { my $status = $client->one_of(qw(pending running failed success)); push @arguments, "status => '$status'"; push @conditions, "status = '$status'" }
    if ($client->chance(40)) { my $target = $client->one_of(@TARGETS); push @arguments, "target_ids => '{$target}'"; push @conditions, "target_id = '$target'" }
    if ($client->chance(30)) { my $hours = $client->throw(2000); my $time = "date_trunc('milliseconds', now()) - interval '$hours hours'";
        push @arguments, "start_time => $time"; push @conditions, "start_time >= $time" }
    my $list = join '', map { ", $_" } @arguments;
    my $detaches;
    return { name => 'count_synchronization_jobs', args => [$tenant],
        # a partition that is attached while the statement runs is not yet among those it reads itself
        sent => sub { $detaches = $model->{detached} ? -1 : $model->{detaches} },
        sql => "SELECT idpsync.count_synchronization_jobs(\$1$list), count(*) FROM idpsync.job WHERE " . join(' AND ', 'tenant_id = $1', @conditions),
        answer => sub { my ($counted, $there) = @{ $_[0] };
            return sub { $model->must($detaches != $model->{detaches} || $counted == $there, "$tenant$list: $counted counted, $there there") } } };
}

sub sum_jobs {
    my ($client) = @_;
    my $model = $client->{model};
    my $tenant = tenant($client);
    my $bucket = $client->one_of('NULL', q{'day'}, q{'month'});
    my $detaches;
    return { name => 'synchronization_job_statistics', args => [$tenant], sql => <<"SQL",
SELECT (SELECT format('%s in %s jobs', coalesce(idpsync.counter(idpsync.sum(statistics), 'User', 'Pushed', 'Success'), 0), coalesce(sum(job_count), 0))
    FROM idpsync.synchronization_job_statistics(\$1, bucket => $bucket)),
    format('%s in %s jobs', coalesce(idpsync.counter(idpsync.sum(statistics), 'User', 'Pushed', 'Success'), 0), count(*)) FROM idpsync.job WHERE tenant_id = \$1
SQL
        # of what is detached the statistics stay
        sent => sub { $detaches = $model->{detached} ? -1 : $model->{detaches} },
        answer => sub { my ($kept, $there) = @{ $_[0] };
            return sub { $model->must($detaches != $model->{detaches} || $kept eq $there, "$tenant: statistics are $kept, not $there") } } };
}

sub half_steps {
    my ($client) = @_;
    my $model = $client->{model};
    return { name => 'look for half steps', sql => $HALF_STEPS, answer => sub { my @rows = @_; return sub { $model->must(0, $_->[0]) foreach @rows } } };
}

# ---- the owner

sub maintain { return { name => 'maintain', sql => q{CALL idpsync.maintain('2 s')} } }

# The first partition is away for a while, in a transaction or for everybody, and then a day may pass for what maintain()
# does once a day.
sub detach {
    my ($client) = @_;
    my $model = $client->{model};
    my @while = $client->chance(50) ? { name => 'sleep', sql => 'SELECT pg_sleep(0.05)' }
        : ({ name => 'a day passes', sql => q{UPDATE idpsync.maintenance_log SET finished_at = finished_at - interval '1 day' WHERE step = 'purge_foreign_ids'} }, maintain());
    my @between = $client->chance(50) ? () : ({ name => 'COMMIT', sql => 'COMMIT' }, @while, { name => 'BEGIN', sql => 'BEGIN' });
    return ({ name => 'BEGIN', sql => 'BEGIN', sent => sub { $model->{detached} = 1; $model->{detaches}++ } },
        { name => 'DETACH', sql => 'ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_first' }, @between, attach($client),
        { name => 'COMMIT', sql => 'COMMIT' });
}

sub attach {
    my ($client) = @_;
    return { name => 'ATTACH', answer => sub { return sub { $client->{model}{detached} = 0 } }, sql => <<'SQL' };
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = 'idpsync.job_first'::regclass) THEN
        EXECUTE format('ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_first FOR VALUES FROM (MINVALUE) TO (%L)',
            (SELECT min(idpsync.partition_start(inhrelid)) FROM pg_inherits WHERE inhparent = 'idpsync.job'::regclass));
    END IF;
END $$
SQL
}

# The partition of 2018 loses all its rows, and their ids are free again.
sub truncate {
    my ($client) = @_;
    my $model = $client->{model};
    return ({ name => 'BEGIN', sql => 'BEGIN' }, { name => 'LOCK', sql => 'LOCK TABLE idpsync.job_2018 IN ACCESS EXCLUSIVE MODE' },
        { name => 'look', sql => q{SELECT tenant_id || ' ' || job_id FROM idpsync.job_2018}, answer => sub { my @ids = map { $_->[0] } @_;
            return sub { $model->{dropped}{$_} = 1 foreach @ids } } },
        { name => 'DELETE foreign_id', sql => 'DELETE FROM idpsync.foreign_id AS f USING idpsync.job_2018 AS j WHERE f.id = j.job_id AND f.tenant_id = j.tenant_id' },
        { name => 'TRUNCATE', sql => 'TRUNCATE idpsync.job_2018' },
        { name => 'witness', sql => 'INSERT INTO committed VALUES ($1)', args => [ ++$client->{stress}{witnesses} ] }, { name => 'COMMIT', sql => 'COMMIT' });
}

# The next one to three months of 2015 and 2016 are past their retention.
sub retire {
    my ($client) = @_;
    my $stress = $client->{stress};
    my $months = $stress->{retired_months} = ($stress->{retired_months} // 0) + 1 + $client->throw(3);
    return maintain() if $months > 24;
    return ({ name => 'configure_store', args => [$months], sql => <<'SQL' }, { name => 'maintain that retires', sql => q{CALL idpsync.maintain('5 s')} });
SELECT FROM idpsync.configure_store('job_retention', extract(day FROM now() - (timestamptz '2015-01-01 00:00+00' + $1::int * interval '1 month')) || ' days')
SQL
}

# From here on leases are short.
sub shorten_leases {
    my ($client) = @_;
    return { name => 'configure_store', sql => q{SELECT FROM idpsync.configure_store('session_ttl', '1 second')}, sent => sub { $client->{model}{short_leases} = 1 } };
}

# How often each is chosen, of all together.
my @CHOICES = (
    [ 60, \&open_session ], [ 10, \&request_session ], [ 40, \&heartbeat ], [ 160, \&report_session_progress ], [ 50, \&close_session ],
    [ 50, \&run_synchronization_job ], [ 60, \&start_synchronization_job ], [ 90, \&report_job_statistics ], [ 50, \&finish_synchronization_job ],
    [ 20, \&cancel_operation ], [ 25, \&import_synchronization_jobs ], [ 25, \&import_retiring_job ],
    [ 20, \&create_operation ], [ 15, \&finish_operation ], [ 10, \&delete_operation ], [ 40, \&repeat ], [ 30, \&echo ],
    [ 150, \&transaction ], [ 20, \&hurried ],
    [ 40, \&get_session ], [ 40, \&get_job ], [ 40, \&get_operation ], [ 10, \&list_jobs ], [ 20, \&list_others ],
    [ 40, \&count_jobs ], [ 10, \&sum_jobs ], [ 2, \&half_steps ]);
# What one client does beside: two that maintain, one that changes partitions or has them retired.
my %SPECIAL = (1 => [ [ 40, \&maintain ] ], 2 => [ [ 10, \&maintain ] ]);
my @PARTITIONS = ([ [ 5, \&detach ], [ 5, \&truncate ] ], [ [ 15, \&retire ] ]);

# What a client has to see to before anything else: what it left behind when it was cut off.
sub resume {
    my ($client) = @_;
    return $client->{number} == 3 && $client->{model}{detached} ? attach($client) : ();
}

sub choose {
    my ($client) = @_;
    my $stress = $client->{stress};
    my @left = resume($client);
    return @left if @left;
    return shorten_leases($client) if $client->{number} == 1 && $stress->wants_short_leases;
    my @choices = (@CHOICES, @{ $client->{number} == 3 ? $PARTITIONS[ $stress->{retires} ] : $SPECIAL{ $client->{number} } // [] });
    my $all = sum(map { $_->[0] } @choices);
    while (1) {
        my $point = $client->throw($all);
        my $choice = first { ($point -= $_->[0]) < 0 } @choices;
        my @steps = $choice->[1]->($client);
        return @steps if @steps && $steps[0];
    }
}

1;
