/*
 * distribute_store.c: the tables of the store are handed over to Citus.
 *
 * Every table of tenants is distributed by tenant_id, and the rows of a tenant
 * lie side by side; what belongs to no tenant is copied to every node. Citus
 * allows neither triggers on such tables nor policies with subqueries, and
 * looks through no constraint of a domain. Calls then count jobs themselves
 * (count_calls.c); what the other triggers refuse, only calls refuse any more.
 */
#include "store/store.h"

#include "commands/extension.h"
#include "executor/spi.h"

#include "store/statement.h"
#include "store/store_info.h"

PG_FUNCTION_INFO_V1(distribute_store);

static void
require_citus(void)
{
	if (!OidIsValid(get_extension_oid("citus", true)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("distribute_store() needs the extension citus in this database"),
				 errhint("Install Citus and idpsync on each node, and CREATE EXTENSION citus. A store on one server needs neither.")));
}

static void
require_owner(void)
{
	run_isolated("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('idpsync.session')", true);
	if (SPI_processed != 1 || strcmp(result_text(0, 1), "t") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of the store to distribute it")));
}

/* one statement, that a query puts together from the catalog */
static void
run_result_of(const char *query)
{
	char	   *sql;

	run_isolated(query, true);
	sql = result_text(0, 1);
	if (sql)
		run_isolated(sql, false);
}

static const char drop_triggers[] =
"SELECT string_agg(format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass), ';' ORDER BY t.oid)"
" FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid"
" WHERE c.relnamespace = 'idpsync'::regnamespace AND p.pronamespace = 'idpsync'::regnamespace AND t.tgparentid = 0";

/* as create_store() has them, but for the subquery; by name, since the table may be on a node only later */
static const char replace_policies[] =
"DROP POLICY IF EXISTS sees_all_jobs ON idpsync.job_count;"
"DROP POLICY IF EXISTS sees_all_jobs ON idpsync.job_count_delta;"
"CREATE POLICY sees_all_jobs ON idpsync.job_count FOR SELECT USING (NOT row_security_active('idpsync.job'::text));"
"CREATE POLICY sees_all_jobs ON idpsync.job_count_delta FOR SELECT USING (NOT row_security_active('idpsync.job'::text));"
"COMMENT ON POLICY sees_all_jobs ON idpsync.job_count IS 'for whom no policy on idpsync.job binds';"
"COMMENT ON POLICY sees_all_jobs ON idpsync.job_count_delta IS 'for whom no policy on idpsync.job binds'";

#define LIMIT_TENANT(table) \
	"ALTER TABLE idpsync." table " ADD CONSTRAINT " table "_tenant_id_length CHECK (char_length(tenant_id) BETWEEN 1 AND 64);"

/* a constant compared with a column of a domain that has a constraint is none to Citus */
static const char move_limit[] =
"ALTER DOMAIN idpsync.tenant_id DROP CONSTRAINT IF EXISTS tenant_id_length;"
LIMIT_TENANT("session") LIMIT_TENANT("job") LIMIT_TENANT("operation") LIMIT_TENANT("idempotency_key") LIMIT_TENANT("foreign_id");

/* calls count as their callers, who now need what the owner had that the triggers wrote as */
static const char let_callers_count[] =
"CREATE POLICY counted_by_callers ON idpsync.job_count_delta FOR INSERT WITH CHECK (true);"
"COMMENT ON POLICY counted_by_callers ON idpsync.job_count_delta IS 'calls append what they change as their callers'";

static const char grant_to_callers[] =
"SELECT string_agg(format('GRANT INSERT ON idpsync.job_count_delta TO %s',"
" CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END), ';')"
" FROM pg_class AS c CROSS JOIN aclexplode(c.relacl) AS a"
" WHERE c.oid = 'idpsync.job'::regclass AND a.privilege_type = 'INSERT' AND a.grantee <> c.relowner";

/* drops what Citus refuses, and says so in store_info; once */
static void
prepare_tables(void)
{
	StoreInfo	info;

	run_result_of(drop_triggers);
	run_isolated(replace_policies, false);
	run_isolated(let_callers_count, false);
	run_result_of(grant_to_callers);
	run_isolated(move_limit, false);
	read_store_info(&info);
	info.distributed = true;
	write_store_info(&info);
}

/*
 * What is not distributed yet: all of it at first, and again where a dump was
 * restored. Rows go along; those left behind are no longer seen, and truncated.
 */
static const char hand_over[] =
"SELECT string_agg(CASE WHEN t.is_copied THEN format('SELECT create_reference_table(%1$L)', t.name)"
" ELSE format('SELECT create_distributed_table(%1$L, %2$L, colocate_with => %3$L);"
"SELECT truncate_local_data_after_distributing_table(%1$L)', t.name, 'tenant_id',"
" CASE t.name WHEN 'idpsync.session' THEN 'none' ELSE 'idpsync.session' END) END, ';' ORDER BY t.n)"
" FROM (VALUES (1, 'idpsync.session', false), (2, 'idpsync.job', false), (3, 'idpsync.operation', false),"
" (4, 'idpsync.job_count', false), (5, 'idpsync.job_count_delta', false), (6, 'idpsync.idempotency_key', false),"
" (7, 'idpsync.foreign_id', false), (8, 'idpsync.store_setting', true), (9, 'idpsync.descriptor', true),"
" (10, 'idpsync.maintenance_log', true)) AS t (n, name, is_copied)"
" WHERE NOT EXISTS (SELECT FROM pg_dist_partition AS d WHERE d.logicalrelid = t.name::regclass)";

/*
 * distribute_store(): hands the tables over to Citus, with the rows that are in
 * them; does what is left of that when called again. Errors: 0A000 without
 * Citus, 42501 for a caller who does not own the store, and those of Citus.
 */
Datum
distribute_store(PG_FUNCTION_ARGS)
{
	connect_to_write(fcinfo);
	require_owner();
	require_citus();
	run_isolated("LOCK TABLE idpsync.session, idpsync.job, idpsync.operation, idpsync.job_count, idpsync.job_count_delta,"
				 " idpsync.idempotency_key, idpsync.foreign_id, idpsync.store_setting, idpsync.descriptor, idpsync.maintenance_log"
				 " IN ACCESS EXCLUSIVE MODE", false);
	if (!store_is_distributed())
		prepare_tables();
	run_result_of(hand_over);
	SPI_finish();
	PG_RETURN_VOID();
}
