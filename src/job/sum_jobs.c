/*
 * sum_jobs.c: numbers of jobs and sums of their statistics, by time and target.
 */
#include "job/job.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/store.h"

PG_FUNCTION_INFO_V1(synchronization_job_statistics);

#define SUM_COLUMNS 5

static void
check_bucket(const char *bucket)
{
	static const char *const buckets[] = {"hour", "day", "week", "month"};

	for (int i = 0; i < lengthof(buckets); i++)
	{
		if (strcmp(bucket, buckets[i]) == 0)
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid bucket: \"%s\"", bucket),
			 errhint("Available buckets: hour, day, week, month.")));
}

/* a time zone without a bucket is of no use, but of the same errors */
static void
check_time_zone(const char *time_zone)
{
	(void) DirectFunctionCall3(timestamptz_trunc_zone, CStringGetTextDatum("day"),
							   TimestampTzGetDatum(GetCurrentTimestamp()), CStringGetTextDatum(time_zone));
}

/*
 * synchronization_job_statistics(instance_id text, start_time, end_time,
 * bucket text, time_zone text, by_target boolean, target_type, target_ids
 * text[], direction, status): how many jobs, and the sum of their statistics.
 *
 * bucket: hour, day, week or month of start_time in time_zone; NULL: all time
 * in one. by_target: a row a target. Filters as list_synchronization_jobs.
 * Errors: 22023 for a bucket or time zone that is none, 22003 where a sum
 * leaves bigint.
 */
Datum
synchronization_job_statistics(PG_FUNCTION_ARGS)
{
	static const JobFilterArguments arguments = {6, 7, 1, 2, 8, 9};
	JobFilter	filter;
	StringInfoData sql;
	int			args[MAX_ARGS] = {ARG_TEXT};
	Values		values = {0};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *bucket;
	char	   *time_zone;
	bool		by_target = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);
	uint64		n;
	Datum	  (*rows)[SUM_COLUMNS];
	bool	  (*nulls)[SUM_COLUMNS];

	connect_store();
	read_job_filter(fcinfo, &arguments, &filter);
	bucket = optional_text(fcinfo, 3, "bucket", 64);
	time_zone = required_text(fcinfo, 4, "time_zone", 64);
	if (bucket)
		check_bucket(bucket);
	else
		check_time_zone(time_zone);

	initStringInfo(&sql);
	bind_text(&values, filter.tenant_id);
	if (bucket)
	{
		args[values.n] = ARG_TEXT;
		bind_text(&values, bucket);
		args[values.n] = ARG_TEXT;
		bind_text(&values, time_zone);
	}
	appendStringInfo(&sql, "SELECT %s, %s, pg_catalog.count(*), coalesce(idpsync.sum(statistics), '{}')"
					 " FROM idpsync.job WHERE tenant_id" EQUALS "$1",
					 bucket ? "pg_catalog.date_trunc($2, start_time, $3)" : "NULL::timestamptz",
					 by_target ? "target_type, target_id" : "NULL::idpsync.job_target_type, NULL::text");
	append_job_filter(&sql, args, &values, &filter);
	if (bucket || by_target)
	{
		const char *columns = bucket && by_target ? "1, 2, 3" : bucket ? "1" : "2, 3";

		appendStringInfo(&sql, " GROUP BY %s ORDER BY %s", columns, columns);
	}
	n = run_once(sql.data, args, &values, true, 0);
	rows = palloc(sizeof(*rows) * (n + 1));
	nulls = palloc(sizeof(*nulls) * (n + 1));
	for (uint64 i = 0; i < n; i++)
		result_copy(i, SUM_COLUMNS, rows[i], nulls[i]);
	SPI_finish();

	InitMaterializedSRF(fcinfo, 0);
	for (uint64 i = 0; i < n; i++)
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, rows[i], nulls[i]);
	return (Datum) 0;
}
