# A client: a connection that has one statement under way at a time, a queue of steps to come, and
# dice of its own. What a transaction has done counts in the model once its COMMIT is answered.
#
# A step is a hash:
#   name     what it counts as           sql, args   the statement
#   sent     is called when it is sent   answer      is called with the rows, gives effects on the model
#   same     the number of leading columns that a repetition with the same key must answer alike
#   key      its idempotency key         refused     SQLSTATE => whether the model sees why
#   always   it comes even if one before it fails
#   order    where transactions have it, so that no two lock crosswise
package Client;
use strict;
use warnings;
use DBD::Pg qw(:async);
use DBI;

sub new {
    my ($class, $stress, $number) = @_;
    return bless { stress => $stress, model => $stress->{model}, number => $number, queue => [],
        dice => $stress->{seed} * 1000 + $number }, $class;
}

# A number from 0 to below $sides.
sub throw {
    my ($self, $sides) = @_;
    use integer;
    $self->{dice} = $self->{dice} * 6364136223846793005 + 1442695040888963407;
    return (($self->{dice} >> 33) & 0x3fffffff) % $sides;
}

sub one_of { my ($self, @things) = @_; return $things[ $self->throw(scalar @things) ] }
sub chance { my ($self, $percent) = @_; return $self->throw(100) < $percent }

sub connect {
    my ($self) = @_;
    $self->{dbh} = $self->{stress}{connect}->() or return 0;
    return 1;
}

# Sends the next step, choosing what to do where nothing is left to do. False where the connection is
# lost, as with receive().
sub go_on {
    my ($self) = @_;
    @{ $self->{queue} } = $self->{stress}->choose($self) if !@{ $self->{queue} } && !$self->{stress}{ending};
    my $step = $self->{under_way} = shift @{ $self->{queue} } or return 1;
    $self->{model}{tick}++;
    $step->{sent}->($step) if $step->{sent};
    $self->{transaction} = { effects => [] } if $step->{name} eq 'BEGIN';
    if ($step->{copy}) {
        # not worth doing in the background: it waits for no lock longer than lock_timeout
        $self->{dbh}->do($step->{sql}) and $self->{dbh}->pg_putcopydata($step->{copy}) and $self->{dbh}->pg_putcopyend;
        return $self->settle($step, []);
    }
    $self->{statement} = $self->{dbh}->prepare($step->{sql}, { pg_async => PG_ASYNC, pg_server_prepare => 0, pg_placeholder_dollaronly => 1 });
    return $self->{statement}->execute(@{ $step->{args} // [] }) ? 1 : $self->settle($step, []);
}

sub is_busy { my ($self) = @_; return $self->{under_way} }
sub socket { my ($self) = @_; return $self->{dbh}{pg_socket} }

# Takes the answer, if it is there.
sub receive {
    my ($self) = @_;
    return 1 if !$self->{dbh}->pg_ready;
    my $rows = [];
    if (defined $self->{statement}->pg_result) {
        $rows = $self->{statement}->fetchall_arrayref if $self->{statement}{NUM_OF_FIELDS};
    }
    return $self->settle($self->{under_way}, $rows);
}

# What a step has come to. False where the connection is lost, and nobody knows.
sub settle {
    my ($self, $step, $rows) = @_;
    my ($state, $stress) = ($self->{dbh}->state, $self->{stress});
    # 22000 is what DBD::Pg says where libpq says nothing
    return 0 if ($state eq '22000' || $state !~ /^(|2.*|4.*|55.*|P0.*|57014)$/) && !$self->{dbh}->ping;

    $self->{under_way} = undef;
    $stress->count($step, $state);
    if ($state) {
        $stress->judge_error($step, $state, $self->{dbh}->errstr);
        $self->failed($step);
    } else {
        $self->done($step, $rows);
    }
    return 1;
}

# Goes back to the savepoint, if there is one, or to before the transaction.
sub failed {
    my ($self, $step) = @_;
    my ($transaction, $queue) = @$self{qw(transaction queue)};
    if (!$transaction) {
        @$queue = grep { $_->{always} } $step, @$queue;
    } elsif (defined $transaction->{savepoint} && $step->{name} !~ /^(ROLLBACK|COMMIT)/) {
        @$queue = ({ name => 'ROLLBACK TO', sql => 'ROLLBACK TO SAVEPOINT s' }, grep { $_->{name} =~ /^(witness|COMMIT|ROLLBACK)$/ } @$queue);
    } else {
        $self->{transaction} = undef;
        @$queue = ({ name => 'ROLLBACK', sql => 'ROLLBACK' });
    }
}

sub done {
    my ($self, $step, $rows) = @_;
    my $transaction = $self->{transaction};
    my @effects = $self->effects($step, $rows);
    return map { $_->() } @effects if !$transaction;

    push @{ $transaction->{effects} }, @effects;
    if ($step->{name} eq 'SAVEPOINT') {
        $transaction->{savepoint} = @{ $transaction->{effects} };
    } elsif ($step->{name} eq 'ROLLBACK TO') {
        splice @{ $transaction->{effects} }, $transaction->{savepoint};
    } elsif ($step->{name} eq 'witness') {
        $transaction->{witness} = $step->{args}[0];
    } elsif ($step->{name} eq 'COMMIT' || $step->{name} eq 'ROLLBACK') {
        $self->{transaction} = undef;
        if ($step->{name} eq 'COMMIT') { $_->() foreach @{ $transaction->{effects} } }
    }
}

# The first answer to a key has effects, and repetitions have none.
sub effects {
    my ($self, $step, $rows) = @_;
    my ($key, $model) = ($step->{key}, $self->{model});
    my @effects = $step->{answer} ? $step->{answer}->(@$rows) : ();
    return @effects if !$key;
    my $answer = join ' ', map { $_ // '-' } @{ $rows->[0] }[ 0 .. $step->{same} - 1 ];
    return sub {
        if ($model->first_answer($key, $step, $answer)) { $_->() foreach @effects }
    };
}

# After a crash: what was under way, and nobody has heard of. A transaction has happened if its witness
# is there, and then all of it; a call with a key is made again.
sub recover {
    my ($self) = @_;
    my ($step, $transaction) = @$self{qw(under_way transaction)};
    @$self{qw(under_way transaction statement)} = ();
    $self->{queue} = [ $self->{stress}->resume($self) ];
    $self->connect or die "cannot connect again: $DBI::errstr";
    if ($transaction) {
        if ($step && $step->{name} eq 'COMMIT'
            && $self->{dbh}->selectrow_array('SELECT count(*) FROM committed WHERE witness = ' . $transaction->{witness})) {
            $_->() foreach @{ $transaction->{effects} };
            return 'committed';
        }
        return 'rolled back';
    }
    return 'nothing' if !$step || !$step->{key};
    push @{ $self->{queue} }, $step;
    return 'repeated';
}

1;
