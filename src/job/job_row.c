/*
 * job_row.c: a job's row: found, locked, ended, shown as a message.
 */
#include "job/job.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "counters/counters.h"
#include "job/count_calls.h"
#include "store/store.h"

#define SELECT_JOB "SELECT " JOB_COLUMNS_SQL " FROM idpsync.job WHERE job_id" EQUALS "$1 AND created_at" EQUALS "$2"

/* [with tenant][locked] */
static Statement select_job[2][2] = {
	{{SELECT_JOB, 2, {ARG_TEXT, ARG_TIME}},
	{SELECT_JOB " FOR NO KEY UPDATE", 2, {ARG_TEXT, ARG_TIME}}},
	{{SELECT_JOB " AND tenant_id" EQUALS "$3", 3, {ARG_TEXT, ARG_TIME, ARG_TEXT}},
	{SELECT_JOB " AND tenant_id" EQUALS "$3 FOR NO KEY UPDATE", 3, {ARG_TEXT, ARG_TIME, ARG_TEXT}}}
};

#define SELECT_FOREIGN "SELECT f.tenant_id, f.created_at FROM idpsync.foreign_id AS f" \
	" WHERE f.id" EQUALS "$1 AND f.kind" EQUALS "'job'"

/*
 * Without the tenant only jobs that the caller may see count, or 21000 would
 * tell of another's. OFFSET 0: as a join it would look for the id in all
 * partitions.
 */
static Statement select_foreign[2] = {
	{SELECT_FOREIGN " AND EXISTS (SELECT 1 FROM idpsync.job AS j WHERE j.job_id" EQUALS "f.id AND j.tenant_id" EQUALS "f.tenant_id"
	" AND j.created_at" EQUALS "f.created_at OFFSET 0)", 1, {ARG_TEXT}},
	{SELECT_FOREIGN " AND f.tenant_id" EQUALS "$2", 2, {ARG_TEXT, ARG_TEXT}}
};

static Statement update_ended = {
	"UPDATE idpsync.job SET status = $4, end_time = greatest($5, start_time), statistics = $6, error_code = $7, error_message = $8"
	" WHERE job_id" EQUALS "$1 AND created_at" EQUALS "$2 AND tenant_id" EQUALS "$3 RETURNING " JOB_COLUMNS_SQL,
	8, {ARG_TEXT, ARG_TIME, ARG_TEXT, ARG_ENUM + JOB_STATUS, ARG_TIME, ARG_STATISTICS, ARG_TEXT, ARG_TEXT}
};

int
job_status(const Job *job)
{
	return enum_number(JOB_STATUS, DatumGetObjectId(job->values[J_STATUS]));
}

bool
job_has_ended(int status)
{
	return status == JOB_FAILED || status == JOB_PARTIAL_SUCCESS || status == JOB_SUCCESS;
}

char *
job_text(const Job *job, int column)
{
	return job->nulls[column] ? NULL : TextDatumGetCString(job->values[column]);
}

/* the tenant and created_at of a job whose id was made elsewhere; number found */
static uint64
find_foreign(const char **tenant_id, const char *job_id, TimestampTz *created_at, bool read_only)
{
	Values		values = {0};
	uint64		found;

	bind_text(&values, job_id);
	if (*tenant_id)
		bind_text(&values, *tenant_id);
	found = run_statement(&select_foreign[*tenant_id != NULL], &values, read_only);
	if (found == 1)
	{
		*tenant_id = result_text(0, 1);
		*created_at = result_int64(0, 2);
	}
	return found;
}

bool
try_find_job(const char *tenant_id, const char *job_id, bool lock, bool read_only, Job *job)
{
	TimestampTz created_at = id_created_at(job_id);
	uint64		found = 1;

	/* Citus locks rows of one node only */
	if (tenant_id == NULL && lock && store_is_distributed())
	{
		if (!try_find_job(NULL, job_id, false, read_only, job))
			return false;
		tenant_id = job_text(job, J_TENANT);
	}
	if (created_at == DT_NOBEGIN)
		found = find_foreign(&tenant_id, job_id, &created_at, read_only);
	if (found == 1)
	{
		Values		values = {0};

		bind_text(&values, job_id);
		bind_time(&values, created_at);
		if (tenant_id)
			bind_text(&values, tenant_id);
		found = run_statement(&select_job[tenant_id != NULL][lock], &values, read_only);
	}
	if (found > 1)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("synchronization job \"%s\" exists for more than one instance", job_id),
				 errhint("Pass instance_id.")));
	if (found == 1)
		result_copy(0, JOB_LAYOUT, job->values, job->nulls);
	return found == 1;
}

void
find_job(const char *tenant_id, const char *job_id, bool lock, bool read_only, Job *job)
{
	if (!try_find_job(tenant_id, job_id, lock, read_only, job))
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("synchronization job \"%s\" does not exist", job_id)));
}

void
refuse_job(const Job *job, const char *wanted)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("synchronization job \"%s\" is not %s", job_text(job, J_ID), wanted),
			 errdetail("Its status is %s.", enum_label(JOB_STATUS, job_status(job))),
			 job_status(job) == JOB_PENDING ? errhint("It runs from start_synchronization_job() on; finish_synchronization_job(..., status => 'failed') gives it up.") : 0));
}

Datum
any_of_job_row(const Job *job)
{
	JobCells	cells;
	JobFields	fields = {
		.job_id = job_text(job, J_ID),
		.instance_id = job_text(job, J_TENANT),
		.target_type = enum_number(JOB_TARGET_TYPE, DatumGetObjectId(job->values[J_TARGET_TYPE])),
		.target_id = job_text(job, J_TARGET_ID),
		.direction = enum_number(JOB_DIRECTION, DatumGetObjectId(job->values[J_DIRECTION])),
		.trigger_type = enum_number(JOB_TRIGGER_TYPE, DatumGetObjectId(job->values[J_TRIGGER_TYPE])),
		.status = job_status(job),
		.description = job_text(job, J_DESCRIPTION),
		.created_at = DatumGetTimestampTz(job->values[J_CREATED_AT]),
		.start_time = DatumGetTimestampTz(job->values[J_START_TIME]),
		.end_time = job->nulls[J_END_TIME] ? DT_NOBEGIN : DatumGetTimestampTz(job->values[J_END_TIME]),
		.statistics = &cells,
		.error_code = job_text(job, J_ERROR_CODE),
		.error_message = job_text(job, J_ERROR_MESSAGE),
		.session_id = job_text(job, J_SESSION_ID),
		.operation_id = job_text(job, J_OPERATION_ID)
	};

	job_statistics_read(job->values[J_STATISTICS], &cells);
	return any_of_job(&fields);
}

void
change_job(Statement *statement, Values *values, Job *job)
{
	Job			before = *job;

	write_row(statement, values);
	result_copy(0, JOB_LAYOUT, job->values, job->nulls);
	count_changed_job(&before, job);
}

void
end_job(Job *job, int status, const char *error_code, const char *error_message,
		const JobCells *cells, bool operation_too)
{
	Values		values = {0};

	bind_datum(&values, job->values[J_ID], false);
	bind_datum(&values, job->values[J_CREATED_AT], false);
	bind_datum(&values, job->values[J_TENANT], false);
	bind_enum(&values, JOB_STATUS, status);
	bind_time(&values, GetCurrentTimestamp());
	bind_datum(&values, job_statistics_make(cells), false);
	bind_text(&values, error_code);
	bind_text(&values, error_message);
	change_job(&update_ended, &values, job);

	if (operation_too && !job->nulls[J_OPERATION_ID])
		end_operation(job_text(job, J_TENANT), job_text(job, J_OPERATION_ID), any_of_job_row(job));
}

Datum
return_job(FunctionCallInfo fcinfo, const Job *job)
{
	return return_row(fcinfo, J_COLUMNS, job->values, job->nulls);
}
