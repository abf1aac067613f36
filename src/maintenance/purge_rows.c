/*
 * purge_rows.c: steps that work on the rows of tables without partitions, a
 * batch at a time. Rows that somebody else has locked are left for later.
 */
#include "postgres.h"

#include "access/table.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "maintenance/steps.h"
#include "store/partition_bounds.h"
#include "store/statement.h"
#include "store/store.h"

#define BATCH 5000
#define TENANTS 100

/* a change of rows, a batch at a time; $1 is a tenant, where there is one */
typedef struct BatchChange
{
	Statement	any;			/* the first rows, of whatever tenants */
	Statement	tenants;		/* who has such rows: some of them */
	Statement	of_tenant;		/* the first rows of one */
} BatchChange;

/*
 * All of these find the places of a batch, by an index where there is one, and then go
 * there. A join could be planned for a table that was small once, and kept
 * when it has grown. In a distributed store the rows of one tenant are on one
 * node, and are looked for there: all of the statement has to say so. A
 * condition is a macro, of how it names the tenant.
 */
#define BATCH_CHANGE(change, table, condition, n, ...) { \
	.any = {.ordered = true, .n_args = n, .args = {__VA_ARGS__}, .sql = \
		change " WHERE ctid" EQUALS "ANY (ARRAY(SELECT o.ctid FROM " table " AS o WHERE " condition("o.tenant_id") \
		" LIMIT " CppAsString2(BATCH) " FOR UPDATE SKIP LOCKED))"}, \
	.tenants = {.n_args = n, .args = {__VA_ARGS__}, .sql = \
		"SELECT DISTINCT o.tenant_id FROM " table " AS o WHERE " condition("o.tenant_id") \
		" LIMIT " CppAsString2(TENANTS)}, \
	.of_tenant = {.n_args = n, .args = {__VA_ARGS__}, .sql = \
		change " WHERE tenant_id" EQUALS "$1 AND ctid" EQUALS "ANY (ARRAY(SELECT o.ctid FROM " table " AS o WHERE o.tenant_id" EQUALS "$1" \
		" AND " condition("$1") " LIMIT " CppAsString2(BATCH) "))"} \
}

static StepResult
change_tenants(BatchChange *change, Values *values)
{
	int			n = (int) run_statement(&change->tenants, values, false);
	char	  **tenants = palloc(sizeof(char *) * (n + 1));
	bool		was_cut = n == TENANTS;
	StepResult	result = {0};

	for (int i = 0; i < n; i++)
		tenants[i] = result_text(i, 1);
	for (int i = 0; i < n; i++)
	{
		uint64		rows;

		values->datum[0] = CStringGetTextDatum(tenants[i]);
		values->null[0] = ' ';
		rows = run_statement(&change->of_tenant, values, false);
		was_cut |= rows == BATCH;
		result.rows += (int64) rows;
	}
	/* where others were quicker, nothing may have come of it */
	result.more = was_cut && result.rows > 0;
	return result;
}

/* the first value is kept for the tenant */
static StepResult
change_batch(BatchChange *change, Values *values)
{
	StepResult	result = {0};

	if (store_is_distributed())
		return change_tenants(change, values);
	result.rows = (int64) run_statement(&change->any, values, false);
	result.more = result.rows == BATCH;
	return result;
}

#define IS_OVER(tenant) "o.status OPERATOR(pg_catalog.=) ANY ('{OPENED,PENDING}') AND o.expires_at OPERATOR(pg_catalog.<=) $2"

static BatchChange store_expired = BATCH_CHANGE(
	"UPDATE idpsync.session SET status = 'EXPIRED', closed_at = expires_at", "idpsync.session", IS_OVER, 2, ARG_TEXT, ARG_TIME);

StepResult
expire_sessions(void)
{
	Values		values = {0};

	bind_text(&values, NULL);
	bind_time(&values, GetCurrentTimestamp());
	return change_batch(&store_expired, &values);
}

#define IS_OLD(tenant) "o.created_at OPERATOR(pg_catalog.<) $2"

static BatchChange delete_keys = BATCH_CHANGE(
	"DELETE FROM idpsync.idempotency_key", "idpsync.idempotency_key", IS_OLD, 2, ARG_TEXT, ARG_TIME);

StepResult
purge_idempotency_keys(void)
{
	Values		values = {0};

	bind_text(&values, NULL);
	bind_time(&values, GetCurrentTimestamp() - store_settings()->idempotency_key_retention);
	return change_batch(&delete_keys, &values);
}

/*
 * Ids sort by creation, so that the primary key finds the old. The last
 * session of a container, type and mode that has completed stays: the next
 * one's mode and earliest opening depend on it.
 */
#define HAS_GONE_BY(tenant) \
	"o.session_id OPERATOR(pg_catalog.<) $2::pg_catalog.text" \
	" AND o.status OPERATOR(pg_catalog.<>) ALL ('{OPENED,PENDING}') AND o.closed_at OPERATOR(pg_catalog.<) $3" \
	" AND (o.status OPERATOR(pg_catalog.<>) 'COMPLETED' OR EXISTS (SELECT 1 FROM idpsync.session AS later" \
	" WHERE later.tenant_id" EQUALS tenant " AND later.session_type" EQUALS "o.session_type AND later.sync_mode" EQUALS "o.sync_mode" \
	" AND later.status" EQUALS "'COMPLETED' AND later.created_at OPERATOR(pg_catalog.>) o.created_at))"

static BatchChange delete_sessions = BATCH_CHANGE(
	"DELETE FROM idpsync.session", "idpsync.session", HAS_GONE_BY, 3, ARG_TEXT, ARG_TEXT, ARG_TIME);

StepResult
purge_sessions(void)
{
	TimestampTz before = GetCurrentTimestamp() - store_settings()->session_retention;
	TimestampTz created_at;
	Values		values = {0};

	/* no id is of before 1970, and no session */
	if (before < -UNIX_EPOCH_SHIFT)
		return (StepResult) {0};
	bind_text(&values, NULL);
	bind_text(&values, make_id("ses_", before, &created_at));
	bind_time(&values, before);
	return change_batch(&delete_sessions, &values);
}

#define ALL_LOOKED_AT "every id that is left has its job"
#define LOOKED_AT_TO_GAP "every id from before a gap between partitions has its job"
#define IS_LOOKED_AT "step = 'purge_foreign_ids' AND detail IN ('" ALL_LOOKED_AT "', '" LOOKED_AT_TO_GAP "')"

/*
 * After jobs were retired, and else once a day: partitions may have been dropped
 * by hand.
 */
static const char ids_are_due[] =
"SELECT EXISTS (SELECT 1 FROM idpsync.foreign_id) AND NOT EXISTS (SELECT 1 FROM idpsync.maintenance_log"
" WHERE " IS_LOOKED_AT " AND finished_at > clock_timestamp() - interval '1 day')";

void
look_at_foreign_ids_again(void)
{
	run_isolated("UPDATE idpsync.maintenance_log SET detail = replace(detail, ' has its job', ' had its job') WHERE " IS_LOOKED_AT, false);
}

/*
 * A partition that is detached for a while comes back with its jobs, and an
 * import that did not know their ids would want to insert them again. So all
 * ids from the first gap on stay, until it is closed or retired.
 */
static TimestampTz
first_gap(void)
{
	TimestampTz reached = store_settings()->jobs_retired_until;
	int			n;
	Partition  *partitions;

	/* nobody detaches one meanwhile, concurrently neither */
	table_close(open_partitioned("job", ShareUpdateExclusiveLock), NoLock);
	partitions = list_partitions("job", &n);
	for (int i = 0; i < n && partitions[i].start <= reached; i++)
		reached = Max(reached, partitions[i].end);
	return reached;
}

#define HAS_NO_JOB(tenant) \
	"o.kind" EQUALS "'job' AND o.created_at OPERATOR(pg_catalog.<) $2 AND NOT EXISTS (SELECT 1 FROM idpsync.job AS j" \
	" WHERE j.job_id" EQUALS "o.id AND j.tenant_id" EQUALS tenant " AND j.created_at" EQUALS "o.created_at OFFSET 0)"

static BatchChange delete_foreign_ids = BATCH_CHANGE(
	"DELETE FROM idpsync.foreign_id", "idpsync.foreign_id", HAS_NO_JOB, 2, ARG_TEXT, ARG_TIME);

/* an import that has found an id without a job brings that job back, and holds the lock of who has inserted here */
static const char keep_imports_out[] = "LOCK TABLE idpsync.foreign_id IN SHARE ROW EXCLUSIVE MODE";

StepResult
purge_foreign_ids(void)
{
	StepResult	result = {0};
	Values		values = {0};
	TimestampTz gap;

	/* one at a time: ids that another has locked are passed over, and he may still give them back */
	if (!query_is_true(ids_are_due) || !lock_partitions())
		return result;
	gap = first_gap();
	bind_text(&values, NULL);
	bind_time(&values, gap);
	if (run_statement(&delete_foreign_ids.tenants, &values, false) > 0)
	{
		run_isolated(keep_imports_out, false);
		result = change_batch(&delete_foreign_ids, &values);
	}
	if (!result.more)
		result.detail = gap == DT_NOEND ? ALL_LOOKED_AT : LOOKED_AT_TO_GAP;
	return result;
}
