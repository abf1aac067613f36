/*
 * purge_rows.c: steps that work on the rows of tables without partitions, a
 * batch at a time. Rows that somebody else has locked are left for later.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "maintenance/steps.h"
#include "store/statement.h"
#include "store/store.h"

#define BATCH 5000
#define LIMIT_BATCH " LIMIT " CppAsString2(BATCH) " FOR UPDATE SKIP LOCKED"

static StepResult
run_batch(Statement *statement, Values *values)
{
	StepResult	result = {0};

	result.rows = (int64) run_statement(statement, values, false);
	result.more = result.rows == BATCH;
	return result;
}

/*
 * All of these find the places of a batch, by an index where there is one, and then go
 * there. A join could be planned for a table that was small once, and kept
 * when it has grown.
 */
static Statement store_expired = {
	.ordered = true,
	.n_args = 1,
	.args = {ARG_TIME},
	.sql =
	"UPDATE idpsync.session SET status = 'EXPIRED', closed_at = expires_at WHERE ctid" EQUALS "ANY (ARRAY"
	"(SELECT ctid FROM idpsync.session WHERE status OPERATOR(pg_catalog.=) ANY ('{OPENED,PENDING}')"
	" AND expires_at OPERATOR(pg_catalog.<=) $1" LIMIT_BATCH "))"
};

StepResult
expire_sessions(void)
{
	Values		values = {0};

	bind_time(&values, GetCurrentTimestamp());
	return run_batch(&store_expired, &values);
}

static Statement delete_keys = {
	.ordered = true,
	.n_args = 1,
	.args = {ARG_TIME},
	.sql =
	"DELETE FROM idpsync.idempotency_key WHERE ctid" EQUALS "ANY (ARRAY"
	"(SELECT ctid FROM idpsync.idempotency_key WHERE created_at OPERATOR(pg_catalog.<) $1" LIMIT_BATCH "))"
};

StepResult
purge_idempotency_keys(void)
{
	Values		values = {0};

	bind_time(&values, GetCurrentTimestamp() - store_settings()->idempotency_key_retention);
	return run_batch(&delete_keys, &values);
}

/*
 * Ids sort by creation, so that the primary key finds the old. The last
 * session of a container, type and mode that has completed stays: the next
 * one's mode and earliest opening depend on it.
 */
static Statement delete_sessions = {
	.ordered = true,
	.n_args = 2,
	.args = {ARG_TEXT, ARG_TIME},
	.sql =
	"DELETE FROM idpsync.session WHERE ctid" EQUALS "ANY (ARRAY"
	"(SELECT o.ctid FROM idpsync.session AS o WHERE session_id OPERATOR(pg_catalog.<) $1::pg_catalog.text"
	" AND status OPERATOR(pg_catalog.<>) ALL ('{OPENED,PENDING}') AND closed_at OPERATOR(pg_catalog.<) $2"
	" AND (status OPERATOR(pg_catalog.<>) 'COMPLETED' OR EXISTS (SELECT FROM idpsync.session AS later"
	" WHERE later.tenant_id" EQUALS "o.tenant_id AND later.session_type" EQUALS "o.session_type AND later.sync_mode" EQUALS "o.sync_mode"
	" AND later.status" EQUALS "'COMPLETED' AND later.created_at OPERATOR(pg_catalog.>) o.created_at))" LIMIT_BATCH "))"
};

StepResult
purge_sessions(void)
{
	TimestampTz before = GetCurrentTimestamp() - store_settings()->session_retention;
	TimestampTz created_at;
	Values		values = {0};

	bind_text(&values, make_id("ses_", before, &created_at));
	bind_time(&values, before);
	return run_batch(&delete_sessions, &values);
}

/* after jobs were retired, once; the log knows */
static const char ids_are_due[] =
"SELECT max(finished_at) FILTER (WHERE step = 'retire_jobs' AND rows > 0) >"
" coalesce(max(finished_at) FILTER (WHERE step = 'purge_foreign_ids' AND detail = 'all'), '-infinity')"
" FROM idpsync.maintenance_log";

static Statement delete_foreign_ids = {
	.ordered = true,
	.sql =
	"DELETE FROM idpsync.foreign_id WHERE ctid" EQUALS "ANY (ARRAY"
	"(SELECT o.ctid FROM idpsync.foreign_id AS o WHERE kind" EQUALS "'job' AND NOT EXISTS (SELECT FROM idpsync.job AS j"
	" WHERE j.job_id" EQUALS "o.id AND j.tenant_id" EQUALS "o.tenant_id AND j.created_at" EQUALS "o.created_at OFFSET 0)" LIMIT_BATCH "))"
};

StepResult
purge_foreign_ids(void)
{
	StepResult	result = {0};
	Values		none = {0};

	if (!query_is_true(ids_are_due))
		return result;
	result = run_batch(&delete_foreign_ids, &none);
	if (!result.more)
		result.detail = "all";
	return result;
}
