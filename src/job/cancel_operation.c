/*
 * cancel_operation.c: an operation is cancelled, and its job with it.
 *
 * A job's row is locked before its operation's, here as where a job is
 * finished, so that the two calls cannot block each other.
 */
#include "job/job.h"

#include "utils/builtins.h"

#include "counters/counters.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(cancel_operation);

#define RPC_CANCELLED 1

/* the job an operation stands for, NULL if for none */
static char *
job_of(const Operation *operation)
{
	if (operation->nulls[OP_METADATA] ||
		strcmp(TextDatumGetCString(operation->values[OP_METHOD]), JOB_METHOD) != 0)
		return NULL;
	return any_read_job_metadata(operation->values[OP_METADATA]);
}

void
cancel_operation_of(Call *call)
{
	Job			job;
	char	   *job_id;

	call->method = "CancelOperation";
	find_operation(call->tenant_id, call->operation_id, false, false, &call->answer);
	call->tenant_id = TextDatumGetCString(call->answer.values[OP_TENANT]);
	call->request_hash = request_hash_text(request_hash_start(call->method), call->operation_id);
	/* a job that was removed by hand leaves an operation that can be cancelled all the same */
	job_id = job_of(&call->answer);
	if (job_id && !try_find_job(call->tenant_id, job_id, true, false, &job))
		job_id = NULL;
	find_operation(call->tenant_id, call->operation_id, true, false, &call->answer);
	if (begin_call(call))
	{
		answer_again(call, -1);
		return;
	}
	if (DatumGetBool(call->answer.values[OP_DONE]))
		return;
	if (job_id && !job_has_ended(job_status(&job)))
	{
		JobCells	cells;

		job_statistics_read(job.values[J_STATISTICS], &cells);
		end_job(&job, JOB_FAILED, "CANCELLED", "The operation was cancelled.", &cells, false);
	}
	fail_operation_row(&call->answer, RPC_CANCELLED, "The operation was cancelled.", (Datum) 0, true);
}

/*
 * cancel_operation(operation_id text, tenant_id text, idempotency_key text):
 * ends an operation with error code 1 (Cancel, CancelOperation); a job it
 * stands for fails with error code CANCELLED.
 *
 * Best effort: one that is done stays as it is. Errors: P0002, 21000, 23505
 * for a key of another request.
 */
Datum
cancel_operation(PG_FUNCTION_ARGS)
{
	Call		call = {0};

	connect_to_write(fcinfo);
	call.operation_id = required_text(fcinfo, 0, "operation_id", OPERATION_ID_MAX);
	call.tenant_id = optional_text(fcinfo, 1, "tenant_id", TENANT_ID_MAX);
	call.key = optional_text(fcinfo, 2, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	cancel_operation_of(&call);
	SPI_finish();
	return return_row(fcinfo, OP_COLUMNS, call.answer.values, call.answer.nulls);
}
