/*
 * operation_store.c: the rows of operations: found, made and ended.
 */
#include "operation/operation.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/statement.h"
#include "store/store.h"

#define SELECT_OPERATION \
	"SELECT " OPERATION_COLUMNS " FROM idpsync.operation WHERE operation_id" EQUALS "$1 AND created_at" EQUALS "$2"

/* [with tenant][locked] */
static Statement select_operation[2][2] = {
	{{SELECT_OPERATION, 2, {ARG_TEXT, ARG_TIME}},
	{SELECT_OPERATION " FOR UPDATE", 2, {ARG_TEXT, ARG_TIME}}},
	{{SELECT_OPERATION " AND tenant_id" EQUALS "$3", 3, {ARG_TEXT, ARG_TIME, ARG_TEXT}},
	{SELECT_OPERATION " AND tenant_id" EQUALS "$3 FOR UPDATE", 3, {ARG_TEXT, ARG_TIME, ARG_TEXT}}}
};

/* the columns from OP_ID to OP_METADATA, and the response */
static Statement insert_operation = {
	"INSERT INTO idpsync.operation (operation_id, tenant_id, method, description, created_at, created_by,"
	" modified_at, done, metadata, response) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
	10, {ARG_TEXT, ARG_TEXT, ARG_TEXT, ARG_TEXT, ARG_TIME, ARG_TEXT, ARG_TIME, ARG_BOOL, ARG_ANY, ARG_ANY}
};

static Statement update_ended = {
	"UPDATE idpsync.operation SET done = true, modified_at = greatest($4, modified_at), response = $5"
	" WHERE operation_id" EQUALS "$1 AND created_at" EQUALS "$2 AND tenant_id" EQUALS "$3 AND NOT done",
	5, {ARG_TEXT, ARG_TIME, ARG_TEXT, ARG_TIME, ARG_ANY}
};

static Statement update_failed = {
	"UPDATE idpsync.operation SET done = true, modified_at = greatest($4, modified_at), error_code = $5, error_message = $6, error_details = $7"
	" WHERE operation_id" EQUALS "$1 AND created_at" EQUALS "$2 AND tenant_id" EQUALS "$3 RETURNING " OPERATION_COLUMNS,
	7, {ARG_TEXT, ARG_TIME, ARG_TEXT, ARG_TIME, ARG_INT, ARG_TEXT, ARG_ANY_ARRAY}
};

/* whom an operation names as its creator */
static const char *
caller(void)
{
	return idpsync_caller && idpsync_caller[0] ? idpsync_caller : GetUserNameFromId(GetUserId(), false);
}

static void
set_column(Operation *operation, int column, Datum value)
{
	operation->values[column] = value;
	operation->nulls[column] = false;
}

bool
needs_operation(const Call *call, bool is_kept)
{
	return is_kept || call->key != NULL || call->wants_answer;
}

void
make_operation(Call *call, bool is_kept, const char *description, Datum metadata,
			   bool has_response, Datum response)
{
	Operation  *answer = &call->answer;
	Values		values = {0};

	memset(answer->nulls, true, sizeof(answer->nulls));
	set_column(answer, OP_ID, CStringGetTextDatum(call->operation_id));
	set_column(answer, OP_TENANT, CStringGetTextDatum(call->tenant_id));
	set_column(answer, OP_METHOD, CStringGetTextDatum(call->method));
	if (description)
		set_column(answer, OP_DESCRIPTION, CStringGetTextDatum(description));
	set_column(answer, OP_CREATED_AT, TimestampTzGetDatum(call->created_at));
	set_column(answer, OP_CREATED_BY, CStringGetTextDatum(caller()));
	set_column(answer, OP_MODIFIED_AT, TimestampTzGetDatum(GetCurrentTimestamp()));
	set_column(answer, OP_DONE, BoolGetDatum(has_response));
	if (metadata != (Datum) 0)
		set_column(answer, OP_METADATA, metadata);
	if (has_response)
		set_column(answer, OP_RESPONSE, response);
	if (!is_kept && call->key == NULL)
		return;

	for (int i = OP_ID; i <= OP_METADATA; i++)
		bind_datum(&values, answer->values[i], answer->nulls[i]);
	bind_datum(&values, response, !has_response);
	write_row(&insert_operation, &values);
}

void
answer_again(Call *call, int column)
{
	if (call->operation_id == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("idempotency_key \"%s\" has no operation to answer with", call->key)));
	find_operation(call->tenant_id, call->operation_id, false, false, &call->answer);
	if (column >= 0 && call->answer.nulls[column])
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("operation \"%s\" is none that %s has made", call->operation_id, call->method)));
}

bool
try_find_operation(const char *tenant_id, const char *operation_id, bool lock, bool read_only, Operation *operation)
{
	TimestampTz created_at = id_created_at(operation_id);
	uint64		found = 0;

	/* Citus locks rows of one node only */
	if (tenant_id == NULL && lock && store_is_distributed())
	{
		find_operation(NULL, operation_id, false, read_only, operation);
		tenant_id = TextDatumGetCString(operation->values[OP_TENANT]);
	}
	if (created_at != DT_NOBEGIN)
	{
		Values		values = {0};

		bind_text(&values, operation_id);
		bind_time(&values, created_at);
		if (tenant_id)
			bind_text(&values, tenant_id);
		found = run_statement(&select_operation[tenant_id != NULL][lock], &values, read_only);
	}
	if (found == 0)
		return false;
	if (found > 1)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("operation \"%s\" exists for more than one tenant", operation_id),
				 errhint("Pass tenant_id.")));
	result_copy(0, OPERATION_LAYOUT, operation->values, operation->nulls);
	return true;
}

void
find_operation(const char *tenant_id, const char *operation_id, bool lock, bool read_only, Operation *operation)
{
	if (!try_find_operation(tenant_id, operation_id, lock, read_only, operation))
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("operation \"%s\" does not exist", operation_id)));
}

void
end_operation(const char *tenant_id, const char *operation_id, Datum response)
{
	Values		values = {0};

	bind_text(&values, operation_id);
	bind_time(&values, id_created_at(operation_id));
	bind_text(&values, tenant_id);
	bind_time(&values, GetCurrentTimestamp());
	bind_datum(&values, response, false);
	run_statement(&update_ended, &values, false);
}

void
fail_operation_row(Operation *operation, int code, const char *message, Datum details, bool no_details)
{
	Values		values = {0};

	bind_datum(&values, operation->values[OP_ID], false);
	bind_datum(&values, operation->values[OP_CREATED_AT], false);
	bind_datum(&values, operation->values[OP_TENANT], false);
	bind_time(&values, GetCurrentTimestamp());
	bind_datum(&values, Int32GetDatum(code), false);
	bind_text(&values, message);
	bind_datum(&values, details, no_details);
	write_row(&update_failed, &values);
	result_copy(0, OPERATION_LAYOUT, operation->values, operation->nulls);
}
