/*
 * run_job.c: a job's life: run, started, reported on, finished.
 *
 * One operation stands for the whole life of a job; starting and reporting
 * leave none of their own.
 */
#include "job/job.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "counters/counters.h"
#include "job/count_calls.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(run_synchronization_job);
PG_FUNCTION_INFO_V1(start_synchronization_job);
PG_FUNCTION_INFO_V1(report_job_statistics);
PG_FUNCTION_INFO_V1(finish_synchronization_job);

#define SESSION_ID_MAX 50

static Statement insert_job = {
	"INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, description,"
	" created_at, start_time, statistics, session_id, operation_id)"
	" VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $8, '{}', $9, $10) RETURNING " JOB_COLUMNS_SQL,
	10, {ARG_TEXT, ARG_TEXT, ARG_ENUM + JOB_TARGET_TYPE, ARG_TEXT, ARG_ENUM + JOB_DIRECTION,
	ARG_ENUM + JOB_TRIGGER_TYPE, ARG_TEXT, ARG_TIME, ARG_TEXT, ARG_TEXT}
};

static Statement update_started = {
	"UPDATE idpsync.job SET status = 'running', start_time = greatest($4, created_at)"
	" WHERE job_id" EQUALS "$1 AND created_at" EQUALS "$2 AND tenant_id" EQUALS "$3 RETURNING " JOB_COLUMNS_SQL,
	4, {ARG_TEXT, ARG_TIME, ARG_TEXT, ARG_TIME}
};

static Statement update_statistics = {
	"UPDATE idpsync.job SET statistics = $4"
	" WHERE job_id" EQUALS "$1 AND created_at" EQUALS "$2 AND tenant_id" EQUALS "$3 RETURNING " JOB_COLUMNS_SQL,
	4, {ARG_TEXT, ARG_TIME, ARG_TEXT, ARG_STATISTICS}
};

void
run_job(Call *call, const JobOrder *order, Job *job)
{
	Values		values = {0};
	int			direction = order->direction;
	char	   *job_id;
	TimestampTz created_at;

	if (direction == 0)
		direction = order->target_type == TARGET_IDENTITY_PROVIDER ? JOB_INGRESS : JOB_EGRESS;
	call->method = JOB_METHOD;
	call->request_hash = request_hash_int(request_hash_start(call->method), order->target_type);
	call->request_hash = request_hash_text(call->request_hash, order->target_id);
	call->request_hash = request_hash_text(call->request_hash, order->description);
	call->request_hash = request_hash_int(call->request_hash, direction);
	call->request_hash = request_hash_int(call->request_hash, order->trigger_type);
	call->request_hash = request_hash_text(call->request_hash, order->session_id);
	if (begin_call(call))
	{
		answer_again(call, OP_METADATA);
		find_job(call->tenant_id, any_read_job_metadata(call->answer.values[OP_METADATA]), false, false, job);
		return;
	}

	job_id = make_id("sync_", GetCurrentTimestamp(), &created_at);
	bind_text(&values, job_id);
	bind_text(&values, call->tenant_id);
	bind_enum(&values, JOB_TARGET_TYPE, order->target_type);
	bind_text(&values, order->target_id);
	bind_enum(&values, JOB_DIRECTION, direction);
	bind_enum(&values, JOB_TRIGGER_TYPE, order->trigger_type);
	bind_text(&values, order->description);
	bind_time(&values, created_at);
	bind_text(&values, order->session_id);
	bind_text(&values, call->operation_id);
	write_row(&insert_job, &values);
	result_copy(0, JOB_LAYOUT, job->values, job->nulls);
	count_changed_job(NULL, job);
	make_operation(call, true, order->description, any_of_job_metadata(job_id), false, (Datum) 0);
}

/*
 * run_synchronization_job(instance_id text, target_type, target_id text,
 * description text, direction, trigger_type, session_id text,
 * idempotency_key text): a pending job and its operation
 * (RunSynchronizationJob).
 *
 * Lengths in characters: instance_id and target_id 1-64, description up to
 * 256, session_id up to 50. direction NULL: ingress from an identity provider,
 * egress to an application. Errors: 22023 and 22001 for arguments, 23505 for a
 * key of another request.
 */
Datum
run_synchronization_job(PG_FUNCTION_ARGS)
{
	Call		call = {0};
	JobOrder	order = {0};
	Job			job;

	connect_to_write(fcinfo);
	call.tenant_id = required_text(fcinfo, 0, "instance_id", INSTANCE_ID_MAX);
	order.target_type = required_enum(fcinfo, 1, "target_type", JOB_TARGET_TYPE);
	order.target_id = required_text(fcinfo, 2, "target_id", TARGET_ID_MAX);
	order.description = optional_text(fcinfo, 3, "description", DESCRIPTION_MAX);
	order.direction = optional_enum(fcinfo, 4, JOB_DIRECTION);
	order.trigger_type = required_enum(fcinfo, 5, "trigger_type", JOB_TRIGGER_TYPE);
	order.session_id = optional_text(fcinfo, 6, "session_id", SESSION_ID_MAX);
	call.key = optional_text(fcinfo, 7, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	run_job(&call, &order, &job);
	SPI_finish();
	return return_job(fcinfo, &job);
}

/* locks the job a call is about and begins the call; true if it is a repetition */
static bool
begin_job_call(Call *call, FunctionCallInfo fcinfo, uint64 request_hash, int tenant_argument, int key_argument, Job *job)
{
	char	   *job_id = required_text(fcinfo, 0, "synchronization_job_id", JOB_ID_MAX);
	char	   *tenant_id = optional_text(fcinfo, tenant_argument, "instance_id", INSTANCE_ID_MAX);

	find_job(tenant_id, job_id, true, false, job);
	call->tenant_id = job_text(job, J_TENANT);
	call->key = optional_text(fcinfo, key_argument, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	call->operation_id = job->nulls[J_OPERATION_ID] ? pstrdup("") : job_text(job, J_OPERATION_ID);
	call->request_hash = request_hash_text(request_hash, job_id);
	return begin_call(call);
}

static void
bind_job_key(Values *values, const Job *job)
{
	bind_datum(values, job->values[J_ID], false);
	bind_datum(values, job->values[J_CREATED_AT], false);
	bind_datum(values, job->values[J_TENANT], false);
}

/*
 * start_synchronization_job(synchronization_job_id text, instance_id text,
 * idempotency_key text): a pending job runs from now on.
 *
 * Errors: P0002 unknown, 55000 not pending, 21000 where two instances have the
 * id, 23505 for a key of another request.
 */
Datum
start_synchronization_job(PG_FUNCTION_ARGS)
{
	Call		call = {.method = "StartSynchronizationJob"};
	Values		values = {0};
	Job			job;

	connect_to_write(fcinfo);
	if (!begin_job_call(&call, fcinfo, request_hash_start(call.method), 1, 2, &job))
	{
		if (job_status(&job) != JOB_PENDING)
			refuse_job(&job, "pending");
		bind_job_key(&values, &job);
		bind_time(&values, GetCurrentTimestamp());
		change_job(&update_started, &values, &job);
	}
	SPI_finish();
	return return_job(fcinfo, &job);
}

/* the statistics of a job joined with a report, NULL for none */
static void
join_statistics(const Job *job, const JobCells *report, ProgressMode mode, JobCells *cells)
{
	job_statistics_read(job->values[J_STATISTICS], cells);
	if (report == NULL)
		return;
	if (mode == PROGRESS_DELTA)
		job_cells_add(cells, report);
	else
		job_cells_max(cells, report);
}

/*
 * report_job_statistics(synchronization_job_id text, statistics, progress_mode
 * text, instance_id text, idempotency_key text): joins a report to the
 * statistics of a running job.
 *
 * progress_mode: cumulative (the larger of stored and reported counts) or
 * delta (their sum); NULL: the setting idpsync.progress_mode. Errors: 55000
 * not running, 22003 where a sum leaves bigint, otherwise as
 * start_synchronization_job.
 */
Datum
report_job_statistics(PG_FUNCTION_ARGS)
{
	Call		call = {.method = "ReportJobStatistics"};
	ProgressMode mode;
	Values		values = {0};
	Job			job;
	JobCells	report;
	JobCells	cells;
	uint64		hash;

	connect_to_write(fcinfo);
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("statistics is required")));
	mode = progress_mode_argument(fcinfo, 2);
	job_statistics_read(PG_GETARG_DATUM(1), &report);
	hash = request_hash_datum(request_hash_start(call.method), job_statistics_make(&report), false);
	hash = request_hash_int(hash, mode);
	if (!begin_job_call(&call, fcinfo, hash, 3, 4, &job))
	{
		if (job_status(&job) != JOB_RUNNING)
			refuse_job(&job, "running");
		join_statistics(&job, &report, mode, &cells);
		bind_job_key(&values, &job);
		bind_datum(&values, job_statistics_make(&cells), false);
		change_job(&update_statistics, &values, &job);
	}
	SPI_finish();
	return return_job(fcinfo, &job);
}

/* how a job ended, where the caller does not say: by its errors and failures */
static int
status_from_cells(const JobCells *cells, const char *error_code)
{
	bool		failures = false;
	bool		successes = false;

	for (int i = 0; i < JOB_CELLS; i++)
	{
		if (cells->present & (UINT32_C(1) << i))
		{
			failures |= cells->value[i][JOB_FAILURES] > 0;
			successes |= cells->value[i][JOB_SUCCEEDED] > 0;
		}
	}
	if (error_code || (failures && !successes))
		return JOB_FAILED;
	return failures ? JOB_PARTIAL_SUCCESS : JOB_SUCCESS;
}

/*
 * finish_synchronization_job(synchronization_job_id text, statistics, status,
 * error_code text, error_message text, progress_mode text, instance_id text,
 * idempotency_key text): ends a job and its operation.
 *
 * statistics: a last report, joined as report_job_statistics does. status
 * NULL: failed if there is an error_code, or failures and no success;
 * partial_success if there are both; else success. A pending job can only
 * fail. Lengths in characters: error_code up to 256, error_message up to
 * 10,000. Errors: 55000 ended already, or pending and not failed; 22023 for a
 * status that is no end; otherwise as report_job_statistics.
 */
Datum
finish_synchronization_job(PG_FUNCTION_ARGS)
{
	Call		call = {.method = "FinishSynchronizationJob"};
	ProgressMode mode;
	Job			job;
	JobCells	report;
	JobCells	cells;
	bool		reported = !PG_ARGISNULL(1);
	int			status;
	char	   *error_code;
	char	   *error_message;
	uint64		hash;

	connect_to_write(fcinfo);
	status = optional_enum(fcinfo, 2, JOB_STATUS);
	if (status != 0 && !job_has_ended(status))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a job cannot be finished as %s", enum_label(JOB_STATUS, status)),
				 errhint("Available values: failed, partial_success, success.")));
	error_code = optional_text(fcinfo, 3, "error_code", ERROR_CODE_MAX);
	error_message = optional_text(fcinfo, 4, "error_message", ERROR_MESSAGE_MAX);
	mode = progress_mode_argument(fcinfo, 5);
	hash = request_hash_int(request_hash_start(call.method), status);
	hash = request_hash_text(hash, error_code);
	hash = request_hash_text(hash, error_message);
	hash = request_hash_int(hash, mode);
	if (reported)
	{
		job_statistics_read(PG_GETARG_DATUM(1), &report);
		hash = request_hash_datum(hash, job_statistics_make(&report), false);
	}
	if (!begin_job_call(&call, fcinfo, hash, 6, 7, &job))
	{
		if (job_has_ended(job_status(&job)))
			refuse_job(&job, "running");
		join_statistics(&job, reported ? &report : NULL, mode, &cells);
		if (status == 0)
			status = status_from_cells(&cells, error_code);
		if (job_status(&job) == JOB_PENDING && status != JOB_FAILED)
			refuse_job(&job, "running");
		end_job(&job, status, error_code, error_message, &cells, true);
	}
	SPI_finish();
	return return_job(fcinfo, &job);
}
