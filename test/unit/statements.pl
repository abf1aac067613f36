# Every SQL statement in the sources on a table of tenants says whose rows it is about, so that in a
# distributed store it goes to one node: it compares tenant_id with a bound value, or inserts one. Those
# that cannot are listed here, with the reason; what is listed and not there any more fails too. None says
# what Citus refuses: a subquery on a table without a column, and a volatile function in an UPDATE.
# Prints TAP.
use strict;
use warnings;

my $tables = 'session|job|operation|job_count|job_count_delta|idempotency_key|foreign_id';

# file => { what the statement begins with => why }
my $by_id = 'an id without its tenant: the look-up that tells it';
my $all = 'all tenants at once';
my $elsewhere = 'never run in a distributed store';
my %exceptions = (
    'session/session_row.c' => { 'SELECT session_id, tenant_id' => $by_id },
    'job/job_row.c' => { 'SELECT job_id, tenant_id' => $by_id, 'SELECT f.tenant_id' => $by_id },
    'operation/operation_store.c' => { 'SELECT operation_id, tenant_id' => $by_id },
    'job/sum_query.c' => { 'r.sign' => 'its condition on the tenant is the next piece' },
    'job/count_access.c' => { 'WITH policy' => 'reads the catalog alone' },
    'job/fold_counts.c' => {
        'DELETE FROM idpsync.job_count_delta WHERE ctid' => $elsewhere,
        'SELECT DISTINCT tenant_id' => 'finds the tenants'
    },
    'job/rebuild_counts.c' => {
        'LOCK TABLE' => $all, 'DELETE FROM idpsync.job_count' => $all, 'SELECT coalesce(sum(jobs), 0)' => $all
    },
    'maintenance/purge_rows.c' => {
        'UPDATE idpsync.session SET status' => $elsewhere, 'DELETE FROM' => $elsewhere,
        'SELECT DISTINCT o.tenant_id' => 'finds the tenants', 'SELECT EXISTS (SELECT 1 FROM idpsync.foreign_id)' => $all,
        'LOCK TABLE' => $all
    },
    'maintenance/partition_steps.c' => { 'SELECT EXISTS' => $all, 'WITH c AS' => $all }
);

# what is no call: definitions, checks of the whole store, rights
my %others = map { $_ => 1 } qw(store/create_store.c store/check_store.c store/distribute_store.c store/grant_access.c);

my $string = qr/"(?:[^"\\]|\\.)*"/;
my $arguments = qr/(\((?:[^()"]|$string|(?-1))*\))/;
my %macros;                     # name => [body, parameter...]

sub read_source {
    my ($path) = @_;
    local $/;
    open my $file, '<', $path or die "$path: $!";
    my $text = <$file>;
    $text =~ s{/\*.*?\*/}{}gs;
    $text =~ s/\\\n/ /g;
    return $text;
}

# puts the arguments of a macro, as text in parentheses, in the places of its parameters
sub expand {
    my ($name, $given) = @_;
    my ($body, @parameters) = @{ $macros{$name} };
    return $body unless @parameters;
    my @values = substr($given, 1, -1) =~ /\s*((?:[^,()"]|$string|$arguments)+),?/g;
    @values = @values[ grep { $_ % 2 == 0 } 0 .. $#values ];
    my %value;
    @value{@parameters} = @values;
    $body =~ s/($string)|\b(\w+)\b/defined $1 ? $1 : $value{$2} \/\/ $2/ge;
    return $body;
}

# all macros that hold strings, in their places
sub expand_all {
    my ($text) = @_;
    for (1 .. 8) {
        my $changed = $text =~ s/($string)|\b([A-Z]\w+)\b(\s*$arguments)?/
            defined $1 ? $1 : !exists $macros{$2} ? $2 . ($3 \/\/ '') :
            @{ $macros{$2} } > 1 && defined $3 ? ' ' . expand($2, $4) . ' ' : ' ' . $macros{$2}[0] . ' ' . ($3 \/\/ '')/ge;
        last unless $changed;
    }
    return $text;
}

my @files = sort map { chomp; $_ } `find src -name '*.[ch]'`;
for my $path (@files) {
    my $text = read_source($path);
    while ($text =~ /^#define\s+(\w+)(?:\(([^)]*)\))?[ \t]+([^\n]*"[^\n]*)$/mg) {
        my ($name, $parameters, $body) = ($1, $2, $3);
        $macros{$name} = [ $body, defined $parameters ? map { s/^\s+|\s+$//gr } split /,/, $parameters : () ];
    }
}

my ($n, $failed) = (0, 0);
my %used;

sub test {
    my ($ok, $what) = @_;
    printf "%sok %d - %s\n", $ok ? '' : 'not ', ++$n, $what;
    $failed++ unless $ok;
}

for my $path (@files) {
    next unless $path =~ /\.c$/;
    (my $name = $path) =~ s{^src/}{};
    next if $others{$name};
    (my $text = read_source($path)) =~ s/^#[^\n]*$//mg;
    $text = expand_all($text);
    while ($text =~ /($string(?:\s*$string|\s+CppAsString2\s*\(\w+\)|\s+\w+\s*\(\w+\)(?=\s*"))*)/g) {
        my $sql = join '', map { substr($_, 1, -1) } $1 =~ /($string)/g;
        (my $short = substr($sql, 0, 80)) =~ s/\s+/ /g;
        test($sql !~ /\(SELECT FROM (?:idpsync\b|%)/, "$name: $short... has a column in each subquery") if $sql =~ /\bEXISTS \(/;
        test($sql !~ /clock_timestamp/, "$name: $short... asks for no time that it could be given") if $sql =~ /^\s*UPDATE idpsync\./;
        next unless $sql =~ /\bidpsync\.(?:$tables)\b/ && $sql =~ /\b(?:SELECT|FROM|INTO|UPDATE|JOIN|LOCK TABLE|WHERE)\b/;
        my $bound = $sql =~ /tenant_id OPERATOR\(pg_catalog\.=\) \$/ || $sql =~ /^\s*INSERT INTO idpsync\.\w+ (?:AS \w+ )?\([^)]*\btenant_id\b/;
        my ($listed) = grep { index($sql, $_) == 0 } sort keys %{ $exceptions{$name} || {} };
        $used{$name}{$listed} = 1 if defined $listed && !$bound;
        test($bound || defined $listed, "$name: $short" . ($bound || !defined $listed ? '' : "... ($exceptions{$name}{$listed})"));
    }
}
for my $name (sort keys %exceptions) {
    test($used{$name}{$_}, "$name still has an exception that begins with $_") for sort keys %{ $exceptions{$name} };
}
test($n > 80, 'statements were found');
print "1..$n\n";
exit($failed > 0);
