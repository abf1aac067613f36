# A store that an earlier release has made works under this library, is brought to its version with all that is in
# it and on it, and is then what a fresh installation makes.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IdpsyncStores qw(fill_store make_store_1 store_rows store_structure store_faults extension_members differences);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE store_owner LOGIN CREATEDB; CREATE ROLE agent LOGIN; CREATE ROLE reader LOGIN');
$node->safe_psql('postgres', "CREATE DATABASE $_ OWNER store_owner") foreach qw(empty filled fresh restored rights);
local $ENV{PGUSER} = 'store_owner';

my $version = q{SELECT extversion, (SELECT version FROM idpsync.store_info) FROM pg_extension WHERE extname = 'idpsync'};
my $newest = $node->safe_psql('fresh',
    q{CREATE EXTENSION idpsync; SELECT FROM idpsync.create_store('120 months', '120 months');} . $version);
make_store_1($node, $_) foreach qw(empty filled);
is($node->safe_psql('filled', $version), '0.1.0|1', 'an extension of 0.1.0 and a store of version 1');
isnt($newest, '0.1.0|1', 'which is not the newest');
my $store_id = $node->safe_psql('filled', 'SELECT store_id, job_interval, operation_interval FROM idpsync.store_info');

# Every function that 0.1.0 declares, with a value for each argument and with none, and nothing stays of it.
# What takes or gives what SQL has no values of is called by the types, indexes and casts it belongs to.
my $call_all = <<'SQL';
CREATE FUNCTION pg_temp.sample(type regtype, name text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN type::text LIKE 'idpsync.%' AND EXISTS (SELECT FROM pg_enum WHERE enumtypid = type)
                THEN format('%L::%s', (SELECT min(enumlabel) FROM pg_enum WHERE enumtypid = type), type)
                WHEN type::text LIKE '%[]' THEN format('%L::%s', '{}', type)
                ELSE coalesce((SELECT format('%L::%s', value, type) FROM (VALUES ('text', 'x'), ('name', 'reader'), ('cstring', 'x'), ('json', '{}'), ('jsonb', '{}'),
                        ('bytea', '\x00'), ('interval', '1 hour'), ('integer', '1'), ('bigint', '1'), ('boolean', 'true'), ('timestamp with time zone', '2026-01-01'),
                        ('date', '2026-01-01'), ('regclass', 'idpsync.job_first'), ('idpsync.session_progress', '[]'), ('idpsync.job_statistics', '{}'),
                        ('idpsync.protobuf_any', '{"@type": "type.googleapis.com/google.protobuf.Empty"}')) AS s (t, value) WHERE t = type::text), 'NULL') END
$$;
CREATE FUNCTION pg_temp.answer(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE call;
    RAISE EXCEPTION USING ERRCODE = 'UNDO1';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || CASE WHEN SQLSTATE <> 'UNDO1' THEN ' ' || SQLERRM ELSE '' END;
END $$;
CREATE TEMP TABLE calls AS
SELECT format(CASE prokind WHEN 'p' THEN 'CALL %s(%s)' ELSE 'SELECT * FROM (SELECT %s(%s)) AS answer' END, p.oid::regproc, a.arguments) AS call
FROM pg_depend AS d JOIN pg_proc AS p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
CROSS JOIN LATERAL (
    SELECT coalesce(string_agg(pg_temp.sample(t.type, ''), ', ' ORDER BY t.place), '') FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (type, place)
    UNION
    SELECT coalesce(string_agg(format('NULL::%s', t.type::regtype), ', ' ORDER BY t.place), '') FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (type, place)
    ) AS a (arguments)
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'idpsync')
  AND 'internal'::regtype <> ALL (p.proargtypes::oid[]);
CREATE TEMP TABLE answers AS SELECT call, pg_temp.answer(call) AS answer FROM calls;
SQL
# without an answer, and without a word that its caller can act upon
my $bad = q{SELECT call, answer FROM answers WHERE answer ~ '^(XX|42883|42P01|42703|42804|58)' AND answer !~ '^XX000 .*called in non-aggregate context'};

sub calls_answer {
    my ($database, $name) = @_;
    my ($n, @faults) = split /\n/, $node->safe_psql($database, "$call_all SELECT count(*) > 150 FROM answers; $bad");
    is($n, 't', "$name: every function was called");
    is(join("\n", @faults), '', "$name: and answered, or said why not");
}
calls_answer('filled', 'a library newer than both');

# What its users have put in and on it.
fill_store($node, 'filled');
$node->safe_psql('filled', <<'SQL');
SELECT idpsync.grant_access('agent', 'agent'), idpsync.grant_access('reader', 'reader');
ALTER TABLE idpsync.job ADD COLUMN cost numeric DEFAULT 1.5;
COMMENT ON COLUMN idpsync.job.cost IS 'what it cost us';
CREATE INDEX job_by_cost ON idpsync.job (cost) WHERE cost > 1;
ALTER TABLE idpsync.session ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON idpsync.session TO agent, reader USING (true);
GRANT SELECT (store_id) ON idpsync.store_info TO reader;
CREATE VIEW idpsync.job_days AS SELECT created_at::date AS day, count(*) AS jobs, sum(users_success) AS users FROM idpsync.jobs GROUP BY 1;
CREATE VIEW idpsync.job_rows AS SELECT * FROM idpsync.jobs;
CREATE VIEW idpsync.listed AS SELECT * FROM idpsync.list_synchronization_jobs('instance');
CALL idpsync.maintain();
SQL
my $import = sub {
    return qq{SELECT inserted FROM idpsync.import_synchronization_jobs('imported', '{"SynchronizationJobs": [{"SynchronizationJobId": "$_[0]",
        "TargetType": "application", "TargetId": "t", "Direction": "egress", "TriggerType": "auto", "Status": "running", "StartTime": 1500086400000}]}')};
};
my $other = $node->background_psql('filled', on_error_stop => 0);
is($other->query_safe($import->('before')), '1', 'a session imports');
my $faults = store_faults($node, 'filled');
like($faults, qr/^version\|the store has version 1, the library version \d+: idpsync\.upgrade_store\(\) brings it there$/, 'check_store() finds nothing but the version');
my $row = q{(to_jsonb(t) - 'imported_at')::text};
my $rows = store_rows($node, 'filled', $row);
my $structure = store_structure($node, 'filled');
my $lists = join ';', map { "SELECT * FROM idpsync.$_" } "listed", "list_sessions('expired')", "list_operations('tenant')", 'job_days',
    "count_synchronization_jobs('instance')", "synchronization_job_statistics('instance')";
my $listed = $node->safe_psql('filled', $lists);

# a dump of it, for later
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('filled') ], 'dumped');

# The extension first: what it declares is what a fresh one does, and the store is as it was.
foreach my $database (qw(empty filled)) {
    $node->safe_psql($database, 'ALTER EXTENSION idpsync UPDATE');
    is(differences(extension_members($node, $database), extension_members($node, 'fresh')), '', "$database: the updated extension is a fresh one");
}
is(differences(store_structure($node, 'filled'), $structure), '', 'the store is as it was');
is(store_rows($node, 'filled', $row), $rows, 'with all its rows');
calls_answer('filled', 'an old store');

# Who may import stays as it was, though the function tells more: what it has skipped, of which the older one gives notice.
{
    my $skipped = $import->('retired') =~ s/SELECT inserted/SELECT */r;
    my $may = q{SELECT string_agg(rolname, ',' ORDER BY rolname) FROM pg_roles WHERE rolname IN ('agent', 'reader')
        AND has_function_privilege(rolname, 'idpsync.import_synchronization_jobs(text, json, text)', 'EXECUTE')};
    $node->safe_psql('rights', q{CREATE EXTENSION idpsync VERSION '0.1.0'; SELECT idpsync.create_store(), idpsync.configure_store('jobs_retired_until', '2020-01-01')});
    my (undef, $answer, $notice) = $node->psql('rights', $skipped);
    is($answer, '0|0|0', 'retired jobs are skipped under the older declaration');
    like($notice, qr/1 jobs were skipped since they are retired/, 'and told of');
    $node->safe_psql('rights', 'ALTER EXTENSION idpsync UPDATE');
    is($node->safe_psql('rights', $may), 'agent,reader', 'anybody may call it');
    is($node->safe_psql('rights', $skipped), '0|0|0|1', 'and is told in a column');
    $node->safe_psql('rights', q{SELECT idpsync.drop_store(); DROP EXTENSION idpsync; DROP SCHEMA idpsync; CREATE EXTENSION idpsync VERSION '0.1.0'});
    $ENV{PGUSER} = (getpwuid($<))[0];
    $node->safe_psql('rights', q{REVOKE EXECUTE ON FUNCTION idpsync.import_synchronization_jobs FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION idpsync.import_synchronization_jobs TO agent WITH GRANT OPTION});
    $ENV{PGUSER} = 'store_owner';
    $node->safe_psql('rights', 'ALTER EXTENSION idpsync UPDATE');
    is($node->safe_psql('rights', $may), 'agent', 'or who was granted it alone');
}

# Then the store. Only its owner may, and only once.
{
    local $ENV{PGUSER} = 'agent';
    my (undef, undef, $error) = $node->psql('filled', 'SELECT idpsync.upgrade_store()', extra_params => [ '-v', 'VERBOSITY=verbose' ]);
    like($error, qr/42501: must be owner of the store to upgrade it/, 'another may not');
}
is($node->safe_psql($_, "SELECT idpsync.upgrade_store() = version FROM idpsync.store_info; SELECT idpsync.upgrade_store() = version FROM idpsync.store_info"), "f\nt", "$_: upgraded")
    foreach qw(empty filled);
is($node->safe_psql('filled', $version), $newest, 'versions are the newest');
is($node->safe_psql('filled', 'SELECT store_id, job_interval, operation_interval FROM idpsync.store_info'), $store_id, 'the store is the same one');
is(store_faults($node, $_), '', "$_: check_store() finds nothing") foreach qw(empty filled);
is(store_rows($node, 'filled', $row), $rows, 'every table holds the same rows');
is($node->safe_psql('filled', $lists), $listed, 'lists, counts and views give what they gave');

# Without what a user has added the store is what a fresh one is, but for its id and the month it was made in.
sub as_of_any_month {
    my ($structure) = @_;
    $structure =~ s/\b(job|operation)_\d{8}/$1_DATE/g;
    $structure =~ s/'\d{4}-\d\d-01 00:00:00\+00'/'DATE'/g;
    $structure =~ s/'[0-9a-f]{16}'::text AS store_id/ID/;
    return $structure;
}
is(differences(as_of_any_month(store_structure($node, 'empty')), as_of_any_month(store_structure($node, 'fresh'))), '', 'the upgraded store is a fresh one');

# With it, nothing has gone but the views that say more now.
my %after = map { $_ => 1 } split /\n/, store_structure($node, 'filled');
is(join("\n", map { /^(class\|\w+)/ } grep { !$after{$_} } split /\n/, $structure), "class|job_statistics_days\nclass|jobs\nclass|sessions\nclass|store_info", 'what was on the store is on it');

# It goes on, in sessions that knew the old one too, with the rights that were given before.
is($other->query_safe($import->('by another session')), '1', 'a session that knew the old store imports');
$other->quit;
{
    local $ENV{PGUSER} = 'agent';
    is($node->safe_psql('filled', $import->('by an agent')), '1', 'an agent imports');
    is($node->safe_psql('filled', q{SELECT synchronization_job_id, imported_at > now() - interval '1 hour' FROM idpsync.jobs WHERE instance_id = 'imported' ORDER BY 1}),
        "before|\nby an agent|t\nby another session|t", 'and when is told');
}
fill_store($node, 'empty');
is(store_faults($node, 'empty'), '', 'it is filled as any other');
calls_answer('empty', 'an upgraded store');

# A dump of the old store brings it back as it was, below the new extension, from where it goes the same way.
$node->command_ok([ 'pg_restore', '--exit-on-error', '--jobs=2', '-d', $node->connstr('restored'), $dump ], 'the dump was restored');
is($node->safe_psql('restored', $version), $newest =~ s/\d+$/1/r, 'a new extension with the old store');
is(differences(store_structure($node, 'restored'), $structure), '', 'restored as it was');
is(store_rows($node, 'restored', $row), $rows, 'with all its rows');
is(store_faults($node, 'restored'), $faults, 'check_store() says the same of it');
$node->safe_psql('restored', 'SELECT idpsync.upgrade_store()');
is(differences(store_structure($node, 'restored'), store_structure($node, 'filled')), '', 'upgraded like the other');
is(store_faults($node, 'restored'), '', 'and well');

# A library that is older than the store says so, to whoever calls what.
$node->safe_psql('restored', <<'SQL');
DO $$ BEGIN EXECUTE (SELECT 'CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS '
    || replace(pg_get_viewdef('idpsync.store_info'), version || ' AS version', version + 1 || ' AS version') FROM idpsync.store_info); END $$;
SQL
my (undef, undef, $error) = $node->psql('restored', q{SELECT FROM idpsync.list_sessions('expired')}, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($error, qr/55000: the store has version \d+, this library knows versions up to \d+\n.*HINT:  Install the idpsync that made the store, or a newer one/s, 'a newer store is refused');
calls_answer('restored', 'a newer store');
is($node->safe_psql('restored', q{SELECT count(*) FROM idpsync.session}), $node->safe_psql('filled', q{SELECT count(*) FROM idpsync.session}), 'and nothing in it changed');

unlike(slurp_file($node->logfile), qr/terminated by signal|TRAP:/, 'no backend crashed');
done_testing();
