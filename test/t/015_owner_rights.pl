# Who owns the store gains nothing where somebody of more rights maintains it: whatever he put on its
# tables runs with his own rights, and at once.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION idpsync;
CREATE ROLE corp_owner LOGIN;
GRANT CREATE, USAGE ON SCHEMA idpsync TO corp_owner;
CREATE SCHEMA corp AUTHORIZATION corp_owner;
SET SESSION AUTHORIZATION corp_owner;
SELECT FROM idpsync.create_store();
CREATE TABLE corp.ran (role name, what text);
GRANT INSERT, SELECT ON corp.ran TO PUBLIC;
CREATE FUNCTION corp.climb() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO corp.ran VALUES (current_user, format('%s %s', TG_OP, TG_RELNAME));
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        ALTER ROLE corp_owner SUPERUSER;
    END IF;
    RETURN NULL;
END $$;
SQL

# one at the end of the transaction, on each table that is maintained
$node->safe_psql('postgres', <<'SQL');
SET SESSION AUTHORIZATION corp_owner;
CREATE CONSTRAINT TRIGGER climb AFTER UPDATE OR DELETE ON idpsync.session DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION corp.climb();
CREATE CONSTRAINT TRIGGER climb AFTER DELETE ON idpsync.idempotency_key DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION corp.climb();
CREATE CONSTRAINT TRIGGER climb AFTER INSERT ON idpsync.maintenance_log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION corp.climb();
CREATE CONSTRAINT TRIGGER climb AFTER INSERT OR UPDATE OR DELETE ON idpsync.job_count DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION corp.climb();
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at)
SELECT idpsync.create_id('ses_', at), 'corp', 'a', 'AD_SYNC', 'DELTA', 'OPENED', at, at FROM (SELECT date_trunc('milliseconds', now()) AS at) AS a;
INSERT INTO idpsync.idempotency_key (created_at, request_hash, key, tenant_id, method) VALUES (now() - interval '1 year', 0, 'old', 'corp', 'm');
SELECT FROM idpsync.run_synchronization_job('corp', 'application', 'target');
SQL
my $is_super = "SELECT rolsuper FROM pg_roles WHERE rolname = 'corp_owner'";
$node->safe_psql('postgres', 'CALL idpsync.maintain()');
is($node->safe_psql('postgres', $is_super), 'f', 'triggers deferred during maintain() do not run as its caller');
is($node->safe_psql('postgres', 'SELECT role, count(DISTINCT what) FROM corp.ran GROUP BY 1'), 'corp_owner|4', 'they run as the owner, each of them');

# an owner may defer none of what others do with his rights outside of maintain()
my ($code, $out, $err) = $node->psql('postgres', 'SELECT idpsync.rebuild_counts()');
like($err, qr/cannot fire deferred trigger within security-restricted operation/, 'rebuild_counts() refuses to leave one to its caller');
is($node->safe_psql('postgres', $is_super), 'f', 'and runs none of them as him');
$node->safe_psql('postgres', 'DROP TRIGGER climb ON idpsync.job_count');
is($node->safe_psql('postgres', 'SELECT idpsync.rebuild_counts()'), '1', 'without it a superuser rebuilds the counts');

# an owner whom policies bind, too, counts as before: whoever changes jobs may not be held up by them
$node->safe_psql('postgres', <<'SQL');
SET SESSION AUTHORIZATION corp_owner;
ALTER TABLE idpsync.job_count FORCE ROW LEVEL SECURITY;
ALTER TABLE idpsync.job_count_delta FORCE ROW LEVEL SECURITY;
SELECT FROM idpsync.run_synchronization_job('corp', 'application', 'target');
CALL idpsync.maintain();
ALTER TABLE idpsync.job_count NO FORCE ROW LEVEL SECURITY;
ALTER TABLE idpsync.job_count_delta NO FORCE ROW LEVEL SECURITY;
SQL
is($node->safe_psql('postgres', q{SELECT jobs FROM idpsync.job_count WHERE grain = 'm'}), '2', 'policies forced on the owner keep no job from being counted');

# what is read first is the owner's as well
$node->safe_psql('postgres', <<'SQL');
SET SESSION AUTHORIZATION corp_owner;
TRUNCATE corp.ran;
CREATE FUNCTION corp.version() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO corp.ran VALUES (current_user, 'view');
    RETURN 1;
END $$;
DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS ' ||
    regexp_replace(pg_get_viewdef('idpsync.store_info'::regclass), '(\d+) AS version', 'CASE WHEN corp.version() > 0 THEN \1 END AS version'); END $$;
SQL
$node->psql('postgres', 'CALL idpsync.maintain()');
$node->psql('postgres', "SELECT idpsync.$_") foreach 'rebuild_counts()', 'upgrade_store()', 'check_store()', "configure_store('session_ttl', '1 hour')", "grant_access('pg_monitor', 'reader')";
is($node->safe_psql('postgres', 'SELECT DISTINCT role FROM corp.ran'), 'corp_owner', 'nor does the view that tells of the store run as the caller');
# nor where the table is missing whose owner is taken for that of the store
$node->safe_psql('postgres', 'SET SESSION AUTHORIZATION corp_owner; TRUNCATE corp.ran; DROP TABLE idpsync.job_count_delta CASCADE');
# a connection of its own, which has not read the view yet
($code, $out, $err) = $node->psql('postgres', "SELECT detail FROM idpsync.check_store() WHERE check_name = 'columns'");
is($out . $err, 'table job_count_delta is missing', 'check_store() tells that job_count_delta is missing');
is($node->safe_psql('postgres', 'SELECT DISTINCT role FROM corp.ran'), 'corp_owner', 'and does not read the view as the caller then either');

$node->stop;
done_testing();
