/*
 * operation.c: operations of callers' own making: created, finished, failed,
 * deleted, read and waited for.
 */
#include "operation/operation.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "store/statement.h"
#include "store/store.h"
#include "wire/wire.h"

PG_FUNCTION_INFO_V1(create_operation);
PG_FUNCTION_INFO_V1(finish_operation);
PG_FUNCTION_INFO_V1(fail_operation);
PG_FUNCTION_INFO_V1(delete_operation);
PG_FUNCTION_INFO_V1(get_operation);
PG_FUNCTION_INFO_V1(wait_operation);

#define METHOD_MAX 256
#define ERROR_MESSAGE_MAX 10000
#define RPC_CODE_MAX 16

/* wait_operation looks again after this many milliseconds, doubled up to the second number */
#define FIRST_WAIT 2
#define LONGEST_WAIT 200

static Datum
answer(FunctionCallInfo fcinfo, Operation *operation)
{
	SPI_finish();
	return return_row(fcinfo, OP_COLUMNS, operation->values, operation->nulls);
}

static Datum
answer_stored(FunctionCallInfo fcinfo, Call *call)
{
	answer_again(call, -1);
	return answer(fcinfo, &call->answer);
}

/* locks an operation that is to be ended by its maker */
static void
lock_open_operation(const char *tenant_id, const char *operation_id, Operation *operation)
{
	char	   *method;

	find_operation(tenant_id, operation_id, true, false, operation);
	method = TextDatumGetCString(operation->values[OP_METHOD]);
	if (strcmp(method, "RunSynchronizationJob") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("operation \"%s\" belongs to a synchronization job", operation_id),
				 errhint("It ends with its job: see finish_synchronization_job().")));
}

/* to be asked once a repeated call has been answered */
static void
require_open(const Operation *operation, const char *operation_id)
{
	if (DatumGetBool(operation->values[OP_DONE]))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("operation \"%s\" is done already", operation_id)));
}

/*
 * create_operation(tenant_id text, method text, description text,
 * metadata protobuf_any, idempotency_key text): opens an operation.
 *
 * Lengths in characters: tenant_id 1-64, method 1-256, description up to 256.
 * Errors: 22023 and 22001 for arguments, 23505 for a key of another request.
 */
Datum
create_operation(PG_FUNCTION_ARGS)
{
	Call		call = {0};
	char	   *description;
	Datum		metadata = PG_ARGISNULL(3) ? (Datum) 0 : PG_GETARG_DATUM(3);

	connect_to_write(fcinfo);
	call.tenant_id = required_text(fcinfo, 0, "tenant_id", TENANT_ID_MAX);
	call.method = required_text(fcinfo, 1, "method", METHOD_MAX);
	description = optional_text(fcinfo, 2, "description", DESCRIPTION_MAX);
	call.key = optional_text(fcinfo, 4, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	if (strcmp(call.method, "RunSynchronizationJob") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("method \"%s\" is kept for run_synchronization_job()", call.method)));

	call.request_hash = request_hash_text(request_hash_start(call.method), description);
	call.request_hash = request_hash_datum(call.request_hash, metadata, metadata == (Datum) 0);
	if (begin_call(&call))
		return answer_stored(fcinfo, &call);
	make_operation(&call, true, description, metadata, false, (Datum) 0);
	return answer(fcinfo, &call.answer);
}

/*
 * finish_operation(operation_id text, response protobuf_any, tenant_id text,
 * idempotency_key text): ends an operation with a response, Empty if NULL.
 *
 * Errors: P0002 unknown, 55000 done already or a job's, 21000 where two
 * tenants have the id, 23505 for a key of another request.
 */
Datum
finish_operation(PG_FUNCTION_ARGS)
{
	static Statement update_finished = {
		"UPDATE idpsync.operation SET done = true, modified_at = greatest($4, modified_at), response = $5"
		" WHERE operation_id" EQUALS "$1 AND created_at" EQUALS "$2 AND tenant_id" EQUALS "$3 RETURNING " OPERATION_COLUMNS,
		5, {ARG_TEXT, ARG_TIME, ARG_TEXT, ARG_TIME, ARG_ANY}
	};
	Call		call = {.method = "FinishOperation"};
	Operation	operation;
	Values		values = {0};
	Datum		response;

	connect_to_write(fcinfo);
	call.operation_id = required_text(fcinfo, 0, "operation_id", OPERATION_ID_MAX);
	response = PG_ARGISNULL(1) ? any_of_empty() : PG_GETARG_DATUM(1);
	lock_open_operation(optional_text(fcinfo, 2, "tenant_id", TENANT_ID_MAX), call.operation_id, &operation);
	call.tenant_id = TextDatumGetCString(operation.values[OP_TENANT]);
	call.key = optional_text(fcinfo, 3, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	call.request_hash = request_hash_text(request_hash_start(call.method), call.operation_id);
	call.request_hash = request_hash_datum(call.request_hash, response, false);
	if (begin_call(&call))
		return answer_stored(fcinfo, &call);

	require_open(&operation, call.operation_id);
	bind_text(&values, call.operation_id);
	bind_datum(&values, operation.values[OP_CREATED_AT], false);
	bind_text(&values, call.tenant_id);
	bind_time(&values, GetCurrentTimestamp());
	bind_datum(&values, response, false);
	write_row(&update_finished, &values);
	result_copy(0, OPERATION_LAYOUT, operation.values, operation.nulls);
	return answer(fcinfo, &operation);
}

/*
 * fail_operation(operation_id text, error_code int, error_message text,
 * error_details protobuf_any[], tenant_id text, idempotency_key text): ends an
 * operation with an error.
 *
 * error_code: google.rpc.Code, 1 to 16. Errors as finish_operation, and 22023
 * for another code.
 */
Datum
fail_operation(PG_FUNCTION_ARGS)
{
	Call		call = {.method = "FailOperation"};
	Operation	operation;
	char	   *message;
	bool		no_details = PG_ARGISNULL(3);
	Datum		details = no_details ? (Datum) 0 : PG_GETARG_DATUM(3);
	int			code = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);

	connect_to_write(fcinfo);
	call.operation_id = required_text(fcinfo, 0, "operation_id", OPERATION_ID_MAX);
	if (code < 1 || code > RPC_CODE_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("error_code must be a google.rpc.Code from 1 to %d", RPC_CODE_MAX)));
	message = optional_text(fcinfo, 2, "error_message", ERROR_MESSAGE_MAX);
	lock_open_operation(optional_text(fcinfo, 4, "tenant_id", TENANT_ID_MAX), call.operation_id, &operation);
	call.tenant_id = TextDatumGetCString(operation.values[OP_TENANT]);
	call.key = optional_text(fcinfo, 5, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	call.request_hash = request_hash_text(request_hash_start(call.method), call.operation_id);
	call.request_hash = request_hash_int(call.request_hash, code);
	call.request_hash = request_hash_text(call.request_hash, message);
	call.request_hash = request_hash_datum(call.request_hash, details, no_details);
	if (begin_call(&call))
		return answer_stored(fcinfo, &call);

	require_open(&operation, call.operation_id);
	fail_operation_row(&operation, code, message, details, no_details);
	return answer(fcinfo, &operation);
}

void
forget_operation(Call *call, const char *operation_id)
{
	static Statement delete_row = {
		"DELETE FROM idpsync.operation WHERE operation_id" EQUALS "$1 AND created_at" EQUALS "$2 AND tenant_id" EQUALS "$3",
		3, {ARG_TEXT, ARG_TIME, ARG_TEXT}
	};
	Operation	operation;
	Values		values = {0};

	call->method = "DeleteOperation";
	call->operation_id = pstrdup("");
	call->request_hash = request_hash_text(request_hash_start(call->method), operation_id);
	if (call->tenant_id == NULL)
	{
		find_operation(NULL, operation_id, true, false, &operation);
		call->tenant_id = TextDatumGetCString(operation.values[OP_TENANT]);
	}
	/* its row is locked before the key's, if it is there: a repeated call finds it gone */
	else if (call->key)
		(void) try_find_operation(call->tenant_id, operation_id, true, false, &operation);
	if (begin_call(call))
		return;
	find_operation(call->tenant_id, operation_id, true, false, &operation);
	bind_text(&values, operation_id);
	bind_datum(&values, operation.values[OP_CREATED_AT], false);
	bind_datum(&values, operation.values[OP_TENANT], false);
	run_statement(&delete_row, &values, false);
}

/*
 * delete_operation(operation_id text, tenant_id text, idempotency_key text):
 * forgets an operation, whose work goes on (DeleteOperation).
 *
 * Errors: P0002 (not for a call repeated with its key and tenant), 21000,
 * 23505 for a key of another request.
 */
Datum
delete_operation(PG_FUNCTION_ARGS)
{
	Call		call = {0};
	char	   *operation_id;

	connect_to_write(fcinfo);
	operation_id = required_text(fcinfo, 0, "operation_id", OPERATION_ID_MAX);
	call.tenant_id = optional_text(fcinfo, 1, "tenant_id", TENANT_ID_MAX);
	call.key = optional_text(fcinfo, 2, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	forget_operation(&call, operation_id);
	SPI_finish();
	PG_RETURN_TEXT_P(cstring_to_text(operation_id));
}

/*
 * get_operation(operation_id text, tenant_id text): one operation (Get,
 * GetOperation). Errors: P0002, 21000.
 */
Datum
get_operation(PG_FUNCTION_ARGS)
{
	Operation	operation;
	char	   *operation_id = required_text(fcinfo, 0, "operation_id", OPERATION_ID_MAX);
	char	   *tenant_id = optional_text(fcinfo, 1, "tenant_id", TENANT_ID_MAX);

	connect_store();
	find_operation(tenant_id, operation_id, false, true, &operation);
	return answer(fcinfo, &operation);
}

/* a timeout in milliseconds */
static int64
wait_timeout(FunctionCallInfo fcinfo)
{
	Interval   *interval;
	int64		microseconds;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("timeout is required")));
	interval = PG_GETARG_INTERVAL_P(1);
	/* the first conditions keep the sum from overflowing */
	if (interval->month != 0 || interval->day < 0 || interval->day > 1 ||
		interval->time < 0 || interval->time > USECS_PER_DAY ||
		interval->day * USECS_PER_DAY + interval->time > USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("timeout must be from 0 to 1 day")));
	microseconds = interval->day * USECS_PER_DAY + interval->time;
	return microseconds / 1000;
}

void
wait_for_operation(const char *tenant_id, const char *operation_id, int64 timeout, Operation *operation)
{
	TimestampTz end = GetCurrentTimestamp() + timeout * 1000;
	long		wait = FIRST_WAIT;
	MemoryContext look;			/* what one look at the operation takes */

	look = AllocSetContextCreate(CurrentMemoryContext, "wait_operation", ALLOCSET_SMALL_SIZES);
	for (;;)
	{
		MemoryContext context = MemoryContextSwitchTo(look);
		long		left;

		find_operation(tenant_id, operation_id, false, false, operation);
		MemoryContextSwitchTo(context);
		left = (long) ((end - GetCurrentTimestamp() + 999) / 1000);
		if (DatumGetBool(operation->values[OP_DONE]) || left <= 0 || IsolationUsesXactSnapshot())
			break;
		MemoryContextReset(look);

		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Min(wait, left), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		wait = Min(wait * 2, LONGEST_WAIT);
	}
}

/*
 * wait_operation(operation_id text, timeout interval, tenant_id text): one
 * operation as soon as it is done, at the latest after the timeout
 * (WaitOperation).
 *
 * Every look takes a fresh snapshot, which only READ COMMITTED allows: in
 * other transactions the first answer stands. Errors: P0002, 21000, 22023.
 */
Datum
wait_operation(PG_FUNCTION_ARGS)
{
	Operation	operation;
	char	   *operation_id = required_text(fcinfo, 0, "operation_id", OPERATION_ID_MAX);
	int64		timeout = wait_timeout(fcinfo);
	char	   *tenant_id = optional_text(fcinfo, 2, "tenant_id", TENANT_ID_MAX);

	connect_store();
	wait_for_operation(tenant_id, operation_id, timeout, &operation);
	return answer(fcinfo, &operation);
}
