/*
 * maintain.c: maintain(): what a store needs from time to time, in short
 * transactions of its own.
 */
#include "postgres.h"
#include "fmgr.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/catalog.h"
#include "job/fold_counts.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(maintain);

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
 * A transaction of its own, at READ COMMITTED whatever the default is: a fold
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
 * maintain(max_duration interval): folds what jobs have changed into their
 * counts, until nothing is left or max_duration is over. Errors: 42501 for a
 * caller who is no operator, 25001 inside a transaction block, 22023 for a
 * duration that is not positive or more than a day, 25006 on a standby.
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
	do
		next_transaction();
	while (fold_counts() == FOLD_BATCH && GetCurrentTimestamp() < end);
	SPI_finish();
	PG_RETURN_VOID();
}
