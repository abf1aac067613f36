/*
 * create_store.c: create_store() and drop_store().
 *
 * The store belongs to whoever makes it and is no member of the extension:
 * dumps, policies, indexes and owners are his, as with any table.
 */
#include "store/store.h"

#include "catalog/namespace.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/catalog.h"
#include "store/partitions.h"
#include "store/statement.h"
#include "store/store_info.h"
#include "store_ddl.h"

PG_FUNCTION_INFO_V1(create_store);
PG_FUNCTION_INFO_V1(drop_store);

/*
 * The objects of the store; the order drops without CASCADE. IF EXISTS, so that
 * what DROP EXTENSION ... CASCADE has left can be cleared away.
 */
static const char drop_ddl[] =
"DROP VIEW IF EXISTS idpsync.store_info, idpsync.operations, idpsync.targets, idpsync.job_statistics_days,"
" idpsync.job_statistics_entries, idpsync.jobs, idpsync.session_progress_entries, idpsync.stalled_sessions, idpsync.sessions;"
"DROP TABLE IF EXISTS idpsync.foreign_id, idpsync.idempotency_key, idpsync.operation, idpsync.job, idpsync.job_count, idpsync.job_count_delta, idpsync.session, idpsync.store_setting, idpsync.descriptor, idpsync.maintenance_log;"
"DROP DOMAIN IF EXISTS idpsync.session_id, idpsync.agent_id, idpsync.fail_reason, idpsync.job_id,"
" idpsync.target_id, idpsync.job_error_code, idpsync.error_message, idpsync.description,"
" idpsync.operation_id, idpsync.tenant_id, idpsync.method, idpsync.operation_error_code, idpsync.idempotency_key_text;";

static bool
store_exists(void)
{
	return OidIsValid(get_relname_relid("store_info", idpsync_namespace()));
}

static void
connect(void)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

static char *
interval_text(Interval *interval)
{
	return DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(interval)));
}

/*
 * create_store(job_interval interval, operation_interval interval): makes the
 * store in schema idpsync, owned by the caller, with partitions of these
 * lengths. Errors: 42710 where there is one, 22023 for an interval that is not
 * of whole months or of at least an hour.
 */
Datum
create_store(PG_FUNCTION_ARGS)
{
	uint64		id;
	StoreInfo	info = {.version = STORE_VERSION};

	refuse_read_only(fcinfo);
	connect();
	if (store_exists())
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("idpsync has a store in this database already"),
				 errhint("SELECT * FROM idpsync.check_store(); tells whether it is well.")));
	for (int i = 0; i < 2; i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s is required", i == 0 ? "job_interval" : "operation_interval")));
	}
	if (!pg_strong_random(&id, sizeof(id)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("could not generate random values")));

	run_isolated(store_ddl, false);
	create_first_partitions("job", PG_GETARG_INTERVAL_P(0));
	create_first_partitions("operation", PG_GETARG_INTERVAL_P(1));

	info.store_id = psprintf("%016llx", (unsigned long long) id);
	info.job_interval = interval_text(PG_GETARG_INTERVAL_P(0));
	info.operation_interval = interval_text(PG_GETARG_INTERVAL_P(1));
	write_store_info(&info);
	run_isolated("COMMENT ON VIEW idpsync.store_info IS 'version and random id of the store, lengths of its partitions, do its tables belong to Citus';"
				 "GRANT SELECT ON idpsync.store_info TO PUBLIC", false);

	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * drop_store(): drops the store with everything in it. Errors: 55000 where
 * there is none, 2BP01 where something of the caller's depends on it.
 */
Datum
drop_store(PG_FUNCTION_ARGS)
{
	refuse_read_only(fcinfo);
	connect();
	if (!store_exists())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("idpsync has no store in this database")));
	run_isolated(drop_ddl, false);
	SPI_finish();
	PG_RETURN_VOID();
}
