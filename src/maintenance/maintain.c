/*
 * maintain.c: maintain(): what a store needs from time to time, in short
 * transactions of its own.
 */
#include "postgres.h"
#include "fmgr.h"

#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/guc.h"
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
#include "store/turn.h"

PG_FUNCTION_INFO_V1(maintain);

/* check_store() knows this word: it passes */
#define BUSY "busy"

/* as rebuild_counts() does: the deltas first, then what they are folded into */
static StepResult
fold(void)
{
	StepResult	result = {0};

	lock_at_once(get_relname_relid("job_count_delta", idpsync_namespace()));
	result.rows = fold_counts(&result.more);
	return result;
}

static const struct
{
	const char *name;
	StepResult	(*run) (void);
	int			share;			/* it may take this part of what is left of max_duration; 0: all */
}			steps[] = {
	{"expire_sessions", expire_sessions},
	{"extend_jobs", extend_jobs},
	{"extend_operations", extend_operations},
	{"fold_counts", fold, 2},
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

#define LOCK_TIMEOUT "500ms"

/* Citus tells other nodes what is set in this transaction by a statement, once it is told to */
static const char wait_briefly_elsewhere[] =
"SET LOCAL citus.propagate_set_commands = 'local'; SET LOCAL lock_timeout = '" LOCK_TIMEOUT "'";

/*
 * Goes on as the owner of the store, who waits for nobody for long. What he
 * deferred to the end of the transaction would run as the caller: it is not
 * deferred here.
 */
static void
be_brief_owner(Caller *caller)
{
	ConstraintsSetStmt at_once = {.type = T_ConstraintsSetStmt};

	be_restricted_owner(caller);
	(void) set_config_option("lock_timeout", LOCK_TIMEOUT, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	AfterTriggerSetState(&at_once);
	if (store_is_distributed())
		run_isolated(wait_briefly_elsewhere, false);
}

/* a step that runs, or what is to be said of it */
typedef struct Run
{
	int			step;
	TimestampTz start;
	StepResult	result;
} Run;

/*
 * Does a piece of work in a subtransaction: that a lock was not to be had, or
 * that somebody's table stands in the way, keeps no other from being done. What
 * cancels the call cancels it here too. NULL, or the error.
 */
static ErrorData *
try_work(void (*work) (Run *run), Run *run)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		Caller		caller;

		be_brief_owner(&caller);
		work(run);
		be_caller(&caller);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (error->sqlerrcode == ERRCODE_QUERY_CANCELED || error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN)
			ReThrowError(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return error;
}

static void
warn(const char *message, const char *hint, const ErrorData *error)
{
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("%s: %s", message, error->message),
			 error->detail ? errdetail_internal("%s", error->detail) : 0,
			 errhint("%s", hint)));
}

static void
run_step(Run *run)
{
	run->result = steps[run->step].run();
}

/*
 * What an error says of the objects that are in the way. The log is not divided
 * by tenants, and the details of constraints tell values of rows.
 */
static char *
describe_error(const ErrorData *error)
{
	char	   *text = psprintf("%s: %s", unpack_sql_state(error->sqlerrcode), error->message);
	bool		is_of_constraint = strncmp(text, "23", 2) == 0;

	if (!is_of_constraint)
		return error->detail ? psprintf("%s: %s", text, error->detail) : text;
	return error->table_name ? psprintf("%s: of table %s.%s", text, error->schema_name, error->table_name) : text;
}

/* where a lock was not to be had on another node, Citus warns of it, and then ends with an error of its own */
static bool
is_busy(const ErrorData *error)
{
	static const char of_citus[] = "failure on connection marked as essential";

	return error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		(store_is_distributed() && strncmp(error->message, of_citus, strlen(of_citus)) == 0);
}

/* an error is what keeps the step from its work */
static void
try_step(Run *run)
{
	ErrorData  *error = try_work(run_step, run);

	if (error == NULL)
		return;
	run->result = (StepResult) {.is_blocked = true, .detail = BUSY ", tried again the next time"};
	if (is_busy(error))
		return;
	run->result.detail = describe_error(error);
	warn(psprintf("step %s of maintain() failed", steps[run->step].name),
		 "The other steps go on, and this one is tried again the next time.", error);
}

/* how a detail begins that tells what keeps a step from its work, as check_store() knows it */
#define BLOCKED "blocked: "
#define IS_BLOCKED "pg_catalog.starts_with(detail, '" BLOCKED "')"

static Statement told_blocked = {
	"SELECT FROM idpsync.maintenance_log WHERE step" EQUALS "$1 AND " IS_BLOCKED,
	1, {ARG_TEXT}
};

/* what was in its way no longer is, or something else */
static Statement unblock = {
	"UPDATE idpsync.maintenance_log SET detail = 'was ' OPERATOR(pg_catalog.||) detail WHERE step" EQUALS "$1 AND " IS_BLOCKED,
	1, {ARG_TEXT}
};

/* a step that changes nothing, and says what it said the last time */
static Statement say_again = {
	"UPDATE idpsync.maintenance_log SET finished_at = $3 WHERE rows" EQUALS "0 AND detail" EQUALS "$2"
	" AND log_id" EQUALS "(SELECT pg_catalog.max(log_id) FROM idpsync.maintenance_log WHERE step" EQUALS "$1)",
	3, {ARG_TEXT, ARG_TEXT, ARG_TIME}
};

static Statement write_log = {
	"INSERT INTO idpsync.maintenance_log (log_id, started_at, finished_at, step, rows, detail)"
	" SELECT coalesce(pg_catalog.max(log_id), 0) OPERATOR(pg_catalog.+) 1, $1, $2, $3, $4, $5"
	" FROM idpsync.maintenance_log ON CONFLICT (log_id) DO NOTHING",
	5, {ARG_TIME, ARG_TIME, ARG_TEXT, ARG_BIGINT, ARG_TEXT}
};

static Statement shorten_log = {
	"DELETE FROM idpsync.maintenance_log WHERE coalesce(NOT " IS_BLOCKED ", true) AND log_id OPERATOR(pg_catalog.<=)"
	" (SELECT pg_catalog.max(log_id) OPERATOR(pg_catalog.-) 1000 FROM idpsync.maintenance_log)"
};

/* tries to find a number that no other call takes at the same time */
#define TRIES 10

static bool
has_news(const StepResult *result)
{
	return result->rows > 0 || result->detail;
}

static void
log_step(Run *run)
{
	const char *name = steps[run->step].name;
	const StepResult *result = &run->result;
	Values		none = {0};
	Values		step = {0};
	Values		last = {0};
	Values		row = {0};

	bind_text(&last, name);
	bind_text(&last, result->detail);
	bind_time(&last, GetCurrentTimestamp());
	if (result->rows == 0 && result->detail && run_statement(&say_again, &last, false) > 0)
		return;
	bind_text(&step, name);
	if (run_statement(&told_blocked, &step, false) > 0)
		run_statement(&unblock, &step, false);
	if (!has_news(result))
		return;

	bind_time(&row, run->start);
	bind_time(&row, GetCurrentTimestamp());
	bind_text(&row, name);
	bind_bigint(&row, result->rows);
	bind_text(&row, result->detail);
	for (int i = 0; i < TRIES && run_statement(&write_log, &row, false) == 0; i++)
		CHECK_FOR_INTERRUPTS();
	run_statement(&shorten_log, &none, false);
}

static void
report_step(Run *run)
{
	const StepResult *result = &run->result;
	ErrorData  *error;

	if (result->is_blocked)
		run->result.detail = psprintf(BLOCKED "%s", result->detail);
	if (has_news(result))
		ereport(NOTICE,
				(errmsg("%s: " INT64_FORMAT " in %.1f ms%s%s", steps[run->step].name, result->rows,
						(GetCurrentTimestamp() - run->start) / 1000.0,
						result->detail ? ", " : "", result->detail ? result->detail : "")));
	error = try_work(log_step, run);
	if (error && has_news(result))
		warn("idpsync.maintenance_log was not written", "What was done stays done.", error);
}

/* a step, batch by batch, and what it did in all */
static void
do_step(int step, TimestampTz end)
{
	Run			run = {.step = step, .start = GetCurrentTimestamp()};
	int64		rows = 0;
	const char *detail = NULL;
	bool		more;

	if (steps[step].share)
		end = run.start + (end - run.start) / steps[step].share;
	do
	{
		next_transaction();
		try_step(&run);
		rows += run.result.rows;
		if (run.result.detail)
			detail = run.result.detail;
		more = run.result.more;
		if (!run.result.whole && more && GetCurrentTimestamp() < end)
			continue;
		run.result.rows = rows;
		run.result.detail = detail;
		if (more && detail == NULL)
			run.result.detail = "there is more to do, the next time";
		report_step(&run);
		rows = 0;
		detail = NULL;
		run.start = GetCurrentTimestamp();
	} while (more && GetCurrentTimestamp() < end);
}

/*
 * maintain(max_duration interval): does what is due in the store, until
 * max_duration is over: stores what has expired, makes partitions, folds
 * counts, drops and deletes what is past its retention. Reports each step that
 * did something, or could not, as a NOTICE and in maintenance_log. Whatever the
 * owner put on the tables runs with his rights, and not the caller's. Errors:
 * 42501 for a caller who is no operator, 25001 inside a transaction block, 22023
 * for a duration that is not positive or more than a day, 25006 on a standby.
 */
Datum
maintain(PG_FUNCTION_ARGS)
{
	TimestampTz end = deadline(fcinfo);
	Caller		caller;

	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) || castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("maintain() cannot run inside a transaction block"),
				 errdetail("It works in transactions of its own.")));
	connect_as_store_owner(&caller);
	SPI_finish();
	be_caller(&caller);
	check_caller();

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");
	for (int step = 0; step < lengthof(steps) && GetCurrentTimestamp() < end; step++)
		do_step(step, end);
	next_transaction();
	SPI_finish();
	PG_RETURN_VOID();
}
