# What the store was told, as far as it has answered: the sessions, jobs, operations and keys that must
# be there, and what a look at them may show. Effects come in whatever order answers come in, so they
# are made to commute: sums, largest values, and ends of which there is one.
package Model;
use strict;
use warnings;
use List::Util qw(max sum0);

our %RANK = (PENDING => 0, OPENED => 1, COMPLETED => 2, FAILED => 2, EXPIRED => 2,
    pending => 0, running => 1, failed => 2, partial_success => 2, success => 2);

sub new {
    return bless { map({ $_ => {} } qw(sessions latest jobs imports dropped retiring operations keys recent)), faults => [], tick => 0, detaches => 0, short_leases => 0 }, shift;
}

sub must {
    my ($self, $holds, $what) = @_;
    push @{ $self->{faults} }, $what unless $holds;
    return $holds;
}

# Remembers the latest of a kind, that clients go on with.
sub recently {
    my ($self, $kind, $id) = @_;
    my $recent = $self->{recent}{$kind} //= [];
    push @$recent, $id;
    shift @$recent if @$recent > 50;
}

# Whether an answer that a key brought is the first; the others must be the same.
sub first_answer {
    my ($self, $key, $step, $answer) = @_;
    my $first = $self->{keys}{$key};
    if ($first) {
        $self->must($first->{answer} eq $answer, "$step->{name}: key \"$key\" was answered \"$first->{answer}\", then \"$answer\"");
        return 0;
    }
    $self->{keys}{$key} = { step => $step, answer => $answer };
    $self->recently(keys => $key);
    return 1;
}

sub session {
    my ($self, $id, $tenant, $type) = @_;
    if (!$self->{sessions}{$id}) {
        $self->{sessions}{$id} = { id => $id, tenant => $tenant, type => $type, rank => 0, users => 0, groups => 0, opened => 0, closing => 0 };
        my $latest = \$self->{latest}{"$tenant $type"};
        $$latest = $id if ($$latest // '') lt $id;
    }
    return $self->{sessions}{$id};
}

sub opened {
    my ($self, $id, $agent) = @_;
    my $session = $self->{sessions}{$id};
    $self->must(!$session->{opened}++, "session $id was opened twice");
    $session->{rank} = max($session->{rank}, 1);
    $session->{agent} = $agent;
}

sub closed {
    my ($self, $id, $status) = @_;
    my $session = $self->{sessions}{$id};
    $self->must(!$session->{end}, "session $id was closed twice");
    $session->{end} = $status;
    $session->{rank} = 2;
}

sub job {
    my ($self, $id, %columns) = @_;
    $self->recently($columns{by_hand} ? 'jobs by hand' : 'jobs', $id);
    return $self->{jobs}{$id} = { id => $id, rank => 0, pushed => 0, starting => 0, ending => 0, deleting => 0, %columns };
}

sub started {
    my ($self, $id) = @_;
    my $job = $self->{jobs}{$id};
    $self->must(!$job->{started}++, "job $id was started twice");
    $job->{rank} = max($job->{rank}, 1);
}

# A job ends once; cancelling what is cancelled answers the same.
sub ended {
    my ($self, $id, $end) = @_;
    my $job = $self->{jobs}{$id};
    $self->must(!$job->{end} || $end eq 'cancelled' && $job->{end} eq $end, "job $id ended as " . ($job->{end} // '') . " and as $end");
    $job->{end} = $end;
    $job->{rank} = 2;
    $self->operation($job->{operation}, 1) if $job->{operation};
}

# An import replaces what imports had brought that were answered before it was sent; of two at once
# either may be the later.
sub imported {
    my ($self, $id, $value, $sent) = @_;
    my $job = $self->{imports}{$id} //= [];
    @$job = ((grep { $_->{answered} > $sent } @$job), { value => $value, answered => ++$self->{tick} });
}

sub operation {
    my ($self, $id, $done) = @_;
    if (!$self->{operations}{$id}) {
        $self->{operations}{$id} = { done => 0, ending => 0, deleting => 0 };
        $self->recently(operations => $id);
    }
    $self->{operations}{$id}{done} ||= $done;
    return $self->{operations}{$id};
}

# Before a look: the least it may show. After it: it showed that, and later looks show no less.
sub least {
    my ($thing, @fields) = @_;
    return { map { $_ => $thing->{$_} } @fields };
}

sub seen {
    my ($self, $what, $thing, $least, $shown) = @_;
    foreach my $field (sort keys %$least) {
        $self->must($shown->{$field} >= $least->{$field}, "$what went back: $field was $least->{$field} and is $shown->{$field}");
        $thing->{$field} = max($thing->{$field}, $shown->{$field}) if $field eq 'rank' || $field eq 'done';
    }
}

# Compares all of it with the store; the connection is at rest, and so is everybody else.
sub compare {
    my ($self, $dbh) = @_;
    my $rows = sub { my ($sql) = @_; my $rows = $dbh->selectall_arrayref($sql, { Slice => {} }) or die $dbh->errstr; return @$rows };
    my @faults;

    my %stored = map { $_->{session_id} => $_ } $rows->(<<'SQL');
SELECT session_id, tenant_id, session_type, agent_id, status, status = 'EXPIRED' AND closed_at IS DISTINCT FROM expires_at AS wrong_end,
    coalesce(idpsync.counter(progress, 'USER', 'CREATE', 'successful'), 0) AS users,
    coalesce(idpsync.counter(progress, 'GROUP', 'UPDATE', 'failed'), 0) AS groups FROM idpsync.session
SQL
    foreach my $id (sort keys %{ { %stored, %{ $self->{sessions} } } }) {
        my ($session, $row) = ($self->{sessions}{$id}, $stored{$id});
        if (!$session || !$row) { push @faults, "session $id is " . ($row ? 'in the store only' : 'lost'); next }
        my $status = $session->{end} // ($session->{opened} ? 'OPENED' : 'PENDING');
        $status = 'EXPIRED' if !$session->{end} && $self->{short_leases} && $row->{status} eq 'EXPIRED' && !$row->{wrong_end};
        my $expected = join ' ', $session->{tenant}, $session->{type}, $session->{agent} // '-', $status, $session->{users}, $session->{groups};
        my $found = join ' ', map { $_ // '-' } @$row{qw(tenant_id session_type agent_id status users groups)};
        push @faults, "session $id is $found, not $expected" if $found ne $expected;
    }

    %stored = map { $_->{job_id} => $_ } $rows->(<<'SQL');
SELECT CASE WHEN job_id ~ '^(old|new|apart) ' THEN tenant_id || ' ' || job_id ELSE job_id END AS job_id, tenant_id,
    CASE WHEN error_code = 'CANCELLED' THEN 'cancelled' ELSE status::text END AS status,
    idpsync.counter(statistics, 'User', 'Pushed', 'Total') AS pushed FROM idpsync.job WHERE tenant_id <> 'tenant retired'
SQL
    foreach my $id (sort keys %{ { %stored, %{ $self->{jobs} }, %{ $self->{imports} } } }) {
        my ($job, $import, $row) = ($self->{jobs}{$id}, $self->{imports}{$id}, $stored{$id});
        my $gone = $job && $job->{deleted} || $self->{dropped}{$id};
        next if $gone && !$row;
        if (!$row || $gone || !$job && !$import) {
            push @faults, "job $id is " . (!$row ? 'lost' : $gone ? 'gone, and is there' : 'in the store only');
        } elsif ($import) {
            push @faults, "imported job $id has $row->{pushed}, not " . join ' or ', map { $_->{value} } @$import
                unless grep { $_->{value} == $row->{pushed} } @$import;
        } else {
            my $expected = join ' ', $job->{tenant}, $job->{end} // ($job->{started} ? 'running' : 'pending'), $job->{pushed};
            my $found = join ' ', @$row{qw(tenant_id status pushed)};
            push @faults, "job $id is $found, not $expected" if $found ne $expected;
        }
    }

    %stored = map { $_->{operation_id} => $_ } $rows->('SELECT operation_id, done::int AS done FROM idpsync.operation');
    foreach my $id (sort keys %{ { %stored, %{ $self->{operations} } } }) {
        my ($operation, $row) = ($self->{operations}{$id}, $stored{$id});
        next if $operation && $operation->{deleted} && !$row;
        if (!$row || !$operation || $operation->{deleted}) {
            push @faults, "operation $id is " . (!$row ? 'lost' : $operation ? 'deleted, and is there' : 'in the store only');
        } elsif ($row->{done} != $operation->{done}) {
            push @faults, "operation $id is done: $row->{done}, not $operation->{done}";
        }
    }

    my %keys = map { $_->{key} => 1 } $rows->('SELECT key FROM idpsync.idempotency_key');
    push @faults, map { "key $_ is " . ($keys{$_} ? 'in the store only' : 'lost') }
        grep { !$keys{$_} || !$self->{keys}{$_} } sort keys %{ { %keys, %{ $self->{keys} } } };
    return @faults;
}

# What of the jobs that came in is there: those that began since the store has said it has retired all before.
# The statistics are of all but those that were skipped, which began before.
sub compare_retired {
    my ($self, $dbh) = @_;
    my ($until) = $dbh->selectrow_array(q{SELECT coalesce(1000 * extract(epoch FROM max(value::timestamptz)), 0) FROM idpsync.store_setting WHERE name = 'jobs_retired_until'});
    my %there = map { $_ => 1 } @{ $dbh->selectcol_arrayref(q{SELECT job_id FROM idpsync.job WHERE tenant_id = 'tenant retired'}) };
    my %sent = %{ $self->{retiring} };
    my @faults = map { "job $_ is " . ($there{$_} ? 'there' : 'gone') }
        grep { !$sent{$_} || ($there{$_} // 0) != ($sent{$_}{start} >= $until) } sort keys %{ { %there, %sent } };
    push @faults, map { "job $_ was skipped" } grep { $sent{$_}{skipped} && $sent{$_}{start} >= $until } sort keys %sent;
    my ($pushed) = $dbh->selectrow_array(q{SELECT coalesce(idpsync.counter(idpsync.sum(statistics), 'User', 'Pushed', 'Success'), 0)
        FROM idpsync.synchronization_job_statistics('tenant retired')});
    my $least = sum0(map { $_->{value} } grep { $_->{inserted} || $_->{start} >= $until } values %sent);
    my $most = sum0(map { $_->{value} } grep { !$_->{skipped} } values %sent);
    push @faults, "statistics are $pushed, not $least to $most" if $pushed < $least || $pushed > $most;
    $self->{retired} = sprintf '%d of %d', scalar(grep { $_->{start} < $until } values %sent), scalar keys %sent;
    return @faults;
}

1;
