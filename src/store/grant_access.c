/*
 * grant_access.c: what a role's work needs of the store.
 */
#include "store/store.h"
#include "store/store_owner.h"

#include "executor/spi.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "store/statement.h"

PG_FUNCTION_INFO_V1(grant_access);

#define RELATIONS \
	"idpsync.store_setting, idpsync.session, idpsync.job, idpsync.job_count, idpsync.job_count_delta, idpsync.operation," \
	" idpsync.idempotency_key, idpsync.foreign_id, idpsync.descriptor, idpsync.maintenance_log, idpsync.sessions, idpsync.stalled_sessions, idpsync.session_progress_entries," \
	" idpsync.jobs, idpsync.job_statistics_entries, idpsync.job_statistics_days, idpsync.targets," \
	" idpsync.operations"

/* what a role may, it may by the last call alone */
#define REVOKE_ALL "REVOKE ALL ON " RELATIONS " FROM %s"
#define GRANT_USAGE "GRANT USAGE ON SCHEMA idpsync TO %s"
#define GRANT_SELECT "GRANT SELECT ON " RELATIONS " TO %s"
/* where no trigger counts jobs */
#define COUNT_AS_CALLER "GRANT INSERT ON idpsync.job_count_delta TO %s"

/* statements, the role as %s */
static const struct
{
	const char *access;
	const char *statements[5];
	bool		writes;
}			accesses[] = {
	{"none", {
		REVOKE_ALL,
		"REVOKE USAGE ON SCHEMA idpsync FROM %s"
	}},
	{"reader", {
		REVOKE_ALL,
		GRANT_USAGE,
		GRANT_SELECT
	}},
	{"agent", {
		REVOKE_ALL,
		GRANT_USAGE,
		GRANT_SELECT,
		"GRANT INSERT, UPDATE ON idpsync.session, idpsync.job, idpsync.operation TO %s",
		"GRANT INSERT ON idpsync.idempotency_key, idpsync.foreign_id TO %s"
	}, true},
	{"operator", {
		REVOKE_ALL,
		GRANT_USAGE,
		GRANT_SELECT,
		"GRANT INSERT, UPDATE, DELETE ON idpsync.session, idpsync.job, idpsync.operation TO %s",
		"GRANT INSERT, DELETE ON idpsync.idempotency_key, idpsync.foreign_id TO %s"
	}, true}
};

static void
grant(const char *statement, const char *role)
{
	if (SPI_execute(psprintf(statement, quote_identifier(role)), false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not change access");
}

/*
 * grant_access(role name, access text): grants a role what it needs of the
 * store, and takes back what an earlier call gave: a reader reads, an agent
 * also calls what writes, an operator may also delete; none is left with none.
 *
 * Errors: 22023 for another access, 42704 for an unknown role, 42501 for a
 * caller who does not own the store.
 */
Datum
grant_access(PG_FUNCTION_ARGS)
{
	char	   *role = NameStr(*PG_GETARG_NAME(0));
	char	   *access = text_to_cstring(PG_GETARG_TEXT_PP(1));
	int			found = -1;
	Caller		caller;

	for (int i = 0; i < lengthof(accesses); i++)
	{
		if (strcmp(access, accesses[i].access) == 0)
			found = i;
	}
	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized access \"%s\"", access),
				 errhint("Available values: none, reader, agent, operator.")));
	(void) get_role_oid(role, false);

	/* GRANT itself only warns a caller who holds privileges without the right to grant them */
	refuse_read_only(fcinfo);
	connect_as_store_owner(&caller);
	insist_on_owner(&caller, "grant access to it");
	for (int i = 0; i < lengthof(accesses[found].statements) && accesses[found].statements[i]; i++)
		grant(accesses[found].statements[i], role);
	if (accesses[found].writes && store_is_distributed())
		grant(COUNT_AS_CALLER, role);
	be_caller(&caller);
	SPI_finish();
	PG_RETURN_VOID();
}
