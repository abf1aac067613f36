/*
 * job_filter.c: what list, count and statistics of jobs filter by.
 */
#include "job/job.h"

#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/store.h"

/* start of the millisecond an instant is in */
static TimestampTz
floor_millisecond(TimestampTz time)
{
	int64		rest = time % 1000;

	return time - (rest < 0 ? rest + 1000 : rest);
}

static TimestampTz
optional_time(FunctionCallInfo fcinfo, int n, const char *name)
{
	TimestampTz time;

	if (PG_ARGISNULL(n))
		return DT_NOBEGIN;
	time = PG_GETARG_TIMESTAMPTZ(n);
	if (TIMESTAMP_NOT_FINITE(time))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be finite", name)));
	return time;
}

/* the ids, NULL where there are none to filter by */
static void
read_target_ids(FunctionCallInfo fcinfo, int n, JobFilter *filter)
{
	ArrayType  *ids;
	int			count;

	filter->no_target_ids = true;
	if (PG_ARGISNULL(n))
		return;
	ids = PG_GETARG_ARRAYTYPE_P(n);
	count = ArrayGetNItems(ARR_NDIM(ids), ARR_DIMS(ids));
	if (ARR_NDIM(ids) > 1 || array_contains_nulls(ids) || count > JOB_MAX_TARGET_IDS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("target_ids must be a list of up to %d ids without NULL", JOB_MAX_TARGET_IDS)));
	filter->target_ids = PointerGetDatum(ids);
	filter->no_target_ids = count == 0;
}

void
filter_job_times(JobFilter *filter, TimestampTz start, TimestampTz end)
{
	filter->start = start == DT_NOBEGIN ? DT_NOBEGIN : floor_millisecond(start);
	filter->end = end == DT_NOBEGIN ? DT_NOBEGIN : floor_millisecond(end);
	if (filter->start != DT_NOBEGIN && filter->end != DT_NOBEGIN && filter->start > filter->end)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("start_time must not be after end_time")));
	if (filter->end != DT_NOBEGIN)
		filter->end += 1000;
}

void
read_job_filter(FunctionCallInfo fcinfo, const JobFilterArguments *arguments, JobFilter *filter)
{
	filter->tenant_id = required_text(fcinfo, 0, "instance_id", INSTANCE_ID_MAX);
	filter->target_type = optional_enum(fcinfo, arguments->target_type, JOB_TARGET_TYPE);
	read_target_ids(fcinfo, arguments->target_ids, filter);
	filter_job_times(filter, optional_time(fcinfo, arguments->start_time, "start_time"),
					 optional_time(fcinfo, arguments->end_time, "end_time"));
	filter->direction = optional_enum(fcinfo, arguments->direction, JOB_DIRECTION);
	filter->status = optional_enum(fcinfo, arguments->status, JOB_STATUS);
}

int
job_filter_shape(const JobFilter *filter)
{
	return (filter->target_type != 0) | (!filter->no_target_ids) << 1 |
		(filter->start != DT_NOBEGIN) << 2 | (filter->end != DT_NOBEGIN) << 3 |
		(filter->direction != 0) << 4 | (filter->status != 0) << 5;
}

static void
append_enum(StringInfo sql, int *args, Values *values, const char *condition, EnumKind kind, int number)
{
	if (number == 0)
		return;
	args[values->n] = ARG_ENUM + kind;
	bind_enum(values, kind, number);
	appendStringInfo(sql, condition, values->n);
}

static void
append_time(StringInfo sql, int *args, Values *values, const char *condition, TimestampTz time)
{
	if (time == DT_NOBEGIN)
		return;
	args[values->n] = ARG_TIME;
	bind_time(values, time);
	appendStringInfo(sql, condition, values->n);
}

void
append_job_times(StringInfo sql, int *args, Values *values, const JobFilter *filter)
{
	append_time(sql, args, values, " AND start_time >= $%d", filter->start);
	append_time(sql, args, values, " AND start_time < $%d", filter->end);
}

void
append_started(StringInfo sql, bool soon, const char *start, const char *created_from, const char *end)
{
	if (soon && start)
		appendStringInfo(sql, " AND created_at > %s", created_from);
	if (soon && end)
		appendStringInfo(sql, " AND created_at < %s", end);
	appendStringInfo(sql, " AND %sidpsync.job_started_soon(created_at, start_time)", soon ? "" : "NOT ");
	if (start)
		appendStringInfo(sql, " AND start_time >= %s", start);
	if (end)
		appendStringInfo(sql, " AND start_time < %s", end);
}

void
append_job_filter(StringInfo sql, int *args, Values *values, const JobFilter *filter)
{
	append_enum(sql, args, values, " AND target_type" EQUALS "$%d", JOB_TARGET_TYPE, filter->target_type);
	if (!filter->no_target_ids)
	{
		args[values->n] = ARG_TEXT_ARRAY;
		bind_datum(values, filter->target_ids, false);
		appendStringInfo(sql, " AND target_id" EQUALS "ANY ($%d)", values->n);
	}
	append_job_times(sql, args, values, filter);
	append_enum(sql, args, values, " AND direction" EQUALS "$%d", JOB_DIRECTION, filter->direction);
	append_enum(sql, args, values, " AND status" EQUALS "$%d", JOB_STATUS, filter->status);
}

uint64
hash_job_filter(uint64 hash, const JobFilter *filter)
{
	hash = request_hash_text(hash, filter->tenant_id);
	hash = request_hash_int(hash, filter->target_type);
	hash = request_hash_datum(hash, filter->target_ids, filter->no_target_ids);
	hash = request_hash_int(hash, filter->start);
	hash = request_hash_int(hash, filter->end);
	hash = request_hash_int(hash, filter->direction);
	return request_hash_int(hash, filter->status);
}
