# Clients that do random things to one store at the same time, and the model that knows what must come
# of it. The seed decides what each client chooses, not when the server answers.
package Stress;
use strict;
use warnings;
use DBI;
use Time::HiRes qw(time);
use Client;
use Model;
use Operations;

# What may happen to anybody: timeouts, and REPEATABLE READ's refusals.
my %HARMLESS = map { $_ => 1 } qw(57014 55P03 40001);

# new(connect => a function that gives a connection, clients, seed): crash tells that the server
# is going to be killed, so that every call outside a transaction needs a key; shorten, that leases be
# short in the last part of a run. Partitions are detached and truncated by hand where the seed is even, retired by
# maintain() where it is odd.
sub new {
    my ($class, %arguments) = @_;
    my $self = bless { clients => 16, seed => int rand 1_000_000, crash => 0, %arguments, model => Model->new,
        began => int time, done => {}, unexpected => [], ending => 0 }, $class;
    $self->{retires} = $self->{seed} % 2;
    $self->{clients} = [ map { Client->new($self, $_) } 1 .. $self->{clients} ];
    return $self;
}

# The options of every connection of the stress.
sub options { return { AutoCommit => 1, RaiseError => 0, PrintError => 0, PrintWarn => 0, pg_enable_utf8 => 1 } }

# Makes the store, in the database that connect leads to.
sub prepare {
    my ($self) = @_;
    my $dbh = $self->{connect}->() or die "cannot connect: $DBI::errstr";
    # Partitions of the months of 2015 and 2016, which are retired; one of 2018, which only imports of that year write
    # to. What began in 2017 stays in the first, or in one before it.
    foreach my $sql ('SET client_min_messages = warning', 'CREATE EXTENSION idpsync', 'SELECT FROM idpsync.create_store()', <<"SQL",
DO \$\$
DECLARE
    bound text := (SELECT min(idpsync.partition_start(inhrelid)) FROM pg_inherits WHERE inhparent = 'idpsync.job'::regclass AND inhrelid <> 'idpsync.job_first'::regclass);
BEGIN
    ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_first;
    IF $self->{retires} = 1 THEN
        ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_first FOR VALUES FROM (MINVALUE) TO ('2015-01-01 00:00+00');
        FOR n IN 0 .. 23 LOOP
            EXECUTE format('CREATE TABLE idpsync.job_month_%s PARTITION OF idpsync.job FOR VALUES FROM (%L) TO (%L)',
                n, timestamp '2015-01-01' + n * interval '1 month' || '+00', timestamp '2015-01-01' + (n + 1) * interval '1 month' || '+00');
        END LOOP;
        CREATE TABLE idpsync.job_2017 PARTITION OF idpsync.job FOR VALUES FROM ('2017-01-01 00:00+00') TO ('2018-01-01 00:00+00');
    ELSE
        ALTER TABLE idpsync.job ATTACH PARTITION idpsync.job_first FOR VALUES FROM (MINVALUE) TO ('2018-01-01 00:00+00');
    END IF;
    CREATE TABLE idpsync.job_2018 PARTITION OF idpsync.job FOR VALUES FROM ('2018-01-01 00:00+00') TO ('2019-01-01 00:00+00');
    EXECUTE format('CREATE TABLE idpsync.job_2019 PARTITION OF idpsync.job FOR VALUES FROM (''2019-01-01 00:00+00'') TO (%L)', bound);
END \$\$
SQL
        'SELECT FROM idpsync.rebuild_counts()', q{SELECT FROM idpsync.configure_store('job_retention', '10000 days')},
        q{SELECT FROM idpsync.configure_store('session_ttl', '1 hour')}, 'CREATE TABLE committed (witness bigint PRIMARY KEY)') {
        $dbh->do($sql) or die $dbh->errstr;
    }
    foreach my $client (@{ $self->{clients} }) { $client->connect or die "cannot connect: $DBI::errstr" }
}

sub choose { my ($self, $client) = @_; return Operations::choose($client) }
sub resume { my ($self, $client) = @_; return Operations::resume($client) }

# Runs for some seconds; what has begun is then brought to its end. With $kill, which ends the server,
# clients go on until they have lost their connection. Gives false where one has.
sub run {
    my ($self, $seconds, $kill) = @_;
    my ($end, $lost) = (time + $seconds, 0);
    $self->{shorten_at} = $self->{shorten} ? time + 0.7 * $seconds : 0;
    my @alive = @{ $self->{clients} };
    $self->{ending} = 0;
    while (@alive) {
        if (time >= $end) {
            $self->{ending} = !$kill;
            $kill->() if $kill;
            ($kill, $end) = (undef, time + 30);
        }
        my $before = @alive;
        @alive = grep { $_->is_busy || $_->go_on } @alive;
        my $wanted = '';
        vec($wanted, $_->socket, 1) = 1 foreach grep { $_->is_busy } @alive;
        select my $readable = $wanted, undef, undef, 0.1;
        @alive = grep { !$_->is_busy || !vec($readable, $_->socket, 1) || $_->receive } @alive;
        $lost += $before - @alive;
        @alive = grep { $_->is_busy || @{ $_->{queue} } } @alive if $self->{ending};
    }
    return !$lost;
}

# Whether it is time for that, which it is once.
sub wants_short_leases {
    my ($self) = @_;
    return 0 if !$self->{shorten_at} || time < $self->{shorten_at};
    $self->{shorten_at} = 0;
    return 1;
}

# Goes on behind a crash; says what became of what was under way.
sub recover {
    my ($self) = @_;
    my %fates;
    $fates{ $_->recover }++ foreach @{ $self->{clients} };
    return \%fates;
}

sub count {
    my ($self, $step, $state) = @_;
    $self->{done}{ $step->{name} }{ $state || 'ok' }++;
}

sub judge_error {
    my ($self, $step, $state, $message) = @_;
    return if $HARMLESS{$state};
    my $reason = $step->{refused}{$state};
    return if $reason && $reason->();
    push @{ $self->{unexpected} }, "$step->{name}: $state $message";
}

# What must hold when everybody rests: [whether it does, what, details].
sub verify {
    my ($self) = @_;
    my $dbh = $self->{connect}->() or return [ 0, 'the server can be reached', $DBI::errstr ];
    my $list = sub { my $rows = $dbh->selectcol_arrayref(shift); return $rows ? @$rows : $dbh->errstr };
    $dbh->do('SET client_min_messages = error');
    my @results;
    my $expect_none = sub { my ($what, @found) = @_; push @results, [ !@found, $what, @found ] };

    $expect_none->('no call was refused without a reason, and none met a deadlock', splice @{ $self->{unexpected} });
    $expect_none->('no look went back behind an answer', splice @{ $self->{model}{faults} });
    $expect_none->('model and store agree', $self->{model}->compare($dbh));
    foreach my $when ('before', 'after') {
        $expect_none->("counts are those of the jobs, $when a fold", $list->($Operations::COUNTS_DISAGREE));
        # a statement of its own: it cannot run inside a transaction block
        $dbh->do('CALL idpsync.maintain()') or push @results, [ 0, "maintain() $when that", $dbh->errstr ];
    }
    if ($self->{retires}) {
        my @faults = $self->{model}->compare_retired($dbh);
        $expect_none->("jobs that were retired, $self->{model}{retired}, are gone, and their statistics stay", @faults);
    }
    $expect_none->('nothing was done by halves', $list->($Operations::HALF_STEPS));
    $expect_none->('check_store() is content', $list->(q{SELECT check_name || ': ' || detail FROM idpsync.check_store() WHERE NOT ok}));
    return @results;
}

sub summary {
    my ($self) = @_;
    my @lines = map {
        my $name = $_;
        my %counts = %{ $self->{done}{$name} };
        my $ok = delete $counts{ok} // 0;
        sprintf '%-24s %7d%s', $name, $ok, join '', map { "  $_: $counts{$_}" } sort keys %counts;
    } sort keys %{ $self->{done} };
    return @lines;
}

1;
