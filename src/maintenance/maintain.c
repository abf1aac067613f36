/*
 * maintain.c: maintain(): what a store needs from time to time, in short
 * transactions of its own.
 */
#include "postgres.h"
#include "fmgr.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "base/catalog.h"
#include "base/compat.h"
#include "job/fold_counts.h"
#include "maintenance/steps.h"
#include "store/statement.h"
#include "store/store.h"
#include "store/store_owner.h"

PG_FUNCTION_INFO_V1(maintain);

static StepResult
fold(void)
{
	StepResult	result = {0};

	result.rows = fold_counts(&result.more);
	return result;
}

static const struct
{
	const char *name;
	StepResult	(*run) (void);
}			steps[] = {
	{"expire_sessions", expire_sessions},
	{"fold_counts", fold},
	{"extend_jobs", extend_jobs},
	{"extend_operations", extend_operations},
	{"retire_jobs", retire_jobs},
	{"retire_operations", retire_operations},
	{"purge_idempotency_keys", purge_idempotency_keys},
	{"purge_sessions", purge_sessions},
	{"purge_foreign_ids", purge_foreign_ids}
};

static TimestampTz
deadline(FunctionCallInfo fcinfo)
{
	Interval   *duration;
	int64		length;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_duration is required")));
	duration = PG_GETARG_INTERVAL_P(0);
	length = duration->time + duration->day * USECS_PER_DAY;
	if (duration->month != 0 || duration->day < 0 || duration->day > 1 || length <= 0 || length > USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_duration must be positive and at most a day")));
	return GetCurrentTimestamp() + length;
}

/* who may delete jobs may do all that this does */
static void
check_caller(void)
{
	Oid			job = get_relname_relid("job", idpsync_namespace());

	if (pg_class_aclcheck(job, GetUserId(), ACL_DELETE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to maintain the store"),
				 errhint("SELECT idpsync.grant_access(role, 'operator'); grants it.")));
}

/*
 * A transaction of its own, at READ COMMITTED whatever the default is: a step
 * reads what its lock lets it see, not a snapshot from before.
 */
static void
next_transaction(void)
{
	SPI_commit();
	XactIsoLevel = XACT_READ_COMMITTED;
	PreventCommandIfReadOnly("maintain()");
	CHECK_FOR_INTERRUPTS();
}

/*
 * Runs a step in a subtransaction: that a lock was not to be had, or that
 * somebody's table stands in the way, keeps none of the other steps from being
 * done. What cancels the call cancels it here too.
 */
static StepResult
run_step(int step)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	StepResult	result = {0};

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		Caller		caller;

		be_store_owner(&caller);
		result = steps[step].run();
		be_caller(&caller);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (error->sqlerrcode == ERRCODE_QUERY_CANCELED || error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN)
			ReThrowError(error);
		result.rows = 0;
		result.more = false;
		result.detail = error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ? "busy, tried again the next time" :
			psprintf("%s: %s", unpack_sql_state(error->sqlerrcode), error->message);
		if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
			ereport(WARNING,
					(errcode(error->sqlerrcode),
					 errmsg("step %s of maintain() failed: %s", steps[step].name, error->message),
					 error->detail ? errdetail_internal("%s", error->detail) : 0,
					 errhint("The other steps go on, and this one is tried again the next time.")));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return result;
}

static Statement write_log = {
	"INSERT INTO idpsync.maintenance_log (log_id, started_at, finished_at, step, rows, detail)"
	" SELECT coalesce(pg_catalog.max(log_id), 0) OPERATOR(pg_catalog.+) 1, $1, pg_catalog.clock_timestamp(), $2, $3, $4"
	" FROM idpsync.maintenance_log ON CONFLICT (log_id) DO NOTHING",
	4, {ARG_TIME, ARG_TEXT, ARG_BIGINT, ARG_TEXT}
};

static Statement shorten_log = {
	"DELETE FROM idpsync.maintenance_log WHERE log_id OPERATOR(pg_catalog.<=)"
	" (SELECT pg_catalog.max(log_id) OPERATOR(pg_catalog.-) 1000 FROM idpsync.maintenance_log)"
};

static void
report_step(const char *step, TimestampTz start, const StepResult *result)
{
	Values		values = {0};
	Values		none = {0};
	Caller		caller;

	ereport(NOTICE,
			(errmsg("%s: " INT64_FORMAT " in %.1f ms%s%s", step, result->rows, (GetCurrentTimestamp() - start) / 1000.0,
					result->detail ? ", " : "", result->detail ? result->detail : "")));
	bind_time(&values, start);
	bind_text(&values, step);
	bind_bigint(&values, result->rows);
	bind_text(&values, result->detail);
	be_store_owner(&caller);
	run_statement(&write_log, &values, false);
	run_statement(&shorten_log, &none, false);
	be_caller(&caller);
}

/* a step, batch by batch, and what it did in all */
static void
do_step(int step, TimestampTz end)
{
	TimestampTz start = GetCurrentTimestamp();
	StepResult	all = {0};
	StepResult	result;

	do
	{
		next_transaction();
		result = run_step(step);
		all.rows += result.rows;
		if (result.detail)
			all.detail = result.detail;
		if (result.whole)
		{
			report_step(steps[step].name, start, &all);
			all = (StepResult) {0};
			start = GetCurrentTimestamp();
		}
	} while (result.more && GetCurrentTimestamp() < end);
	if (all.rows > 0 || all.detail)
		report_step(steps[step].name, start, &all);
}

/*
 * maintain(max_duration interval): does what is due in the store, until
 * max_duration is over: stores what has expired, folds counts, makes
 * partitions, drops and deletes what is past its retention. Reports each step
 * that did something as a NOTICE and in maintenance_log. Errors: 42501 for a caller who is no
 * operator, 25001 inside a transaction block, 22023 for a duration that is not
 * positive or more than a day, 25006 on a standby.
 */
Datum
maintain(PG_FUNCTION_ARGS)
{
	TimestampTz end = deadline(fcinfo);

	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) || castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("maintain() cannot run inside a transaction block"),
				 errdetail("It works in transactions of its own.")));
	connect_store();
	SPI_finish();
	check_caller();

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");
	for (int step = 0; step < lengthof(steps) && GetCurrentTimestamp() < end; step++)
		do_step(step, end);
	next_transaction();
	SPI_finish();
	PG_RETURN_VOID();
}
