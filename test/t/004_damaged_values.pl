# Stored values that no function of their type has made, as a damaged disk would give: an error, never
# a crash. Only a superuser can make such values, which is why pg_regress does not.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', q{
    CREATE EXTENSION idpsync;
    CREATE CAST (bytea AS idpsync.protobuf_any) WITHOUT FUNCTION;
    ALTER EXTENSION idpsync DROP CAST (bytea AS idpsync.session_progress);
    ALTER EXTENSION idpsync DROP CAST (bytea AS idpsync.job_statistics);
    DROP CAST (bytea AS idpsync.session_progress);
    DROP CAST (bytea AS idpsync.job_statistics);
    CREATE CAST (bytea AS idpsync.session_progress) WITHOUT FUNCTION;
    CREATE CAST (bytea AS idpsync.job_statistics) WITHOUT FUNCTION;
});

# empty, another version, reserved bits, cut short, random
my %damaged = (
    protobuf_any     => [ '', '2203', '1403', '12ff', '1005', '1085', '108585' ],
    session_progress => [ '', '10', '20010203', '1f', '10ffffff', '1001020304ffffff', '10ffffffffffffffffffffff' ],
    job_statistics   => [ '', '20', '1f', '10ffffffff', '1001020304ffffffff', '10ffffffffffffffffffffffffffff' ],
);
# what reads a value beside its text form
my %readers = (
    protobuf_any     => [ 'idpsync.type_url(v)', 'idpsync.value(v)' ],
    session_progress => [ 'idpsync.sum(v)', 'v OPERATOR(idpsync.+) v', q{idpsync.counter(v, NULL, NULL, 'failed')} ],
    job_statistics   => [ 'idpsync.sum(v)', 'v OPERATOR(idpsync.+) v', 'idpsync.is_balanced(v)' ],
);

for my $type (sort keys %damaged) {
    for my $bytes (@{ $damaged{$type} }) {
        for my $read ('v::text', @{ $readers{$type} }) {
            my ($status, $out, $err) = $node->psql('postgres',
                qq{SELECT $read FROM (SELECT '\\x$bytes'::bytea::idpsync.$type) AS d (v)}, extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
            like($err, qr/^(psql:<stdin>:1: )?ERROR:  XX001$/, "$read of $type \\x$bytes is refused");
        }
    }
}
unlike(slurp_file($node->logfile), qr/terminated by signal/, 'no backend crashed');
done_testing();
