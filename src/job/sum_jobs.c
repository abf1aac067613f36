/*
 * sum_jobs.c: numbers of jobs and sums of their statistics, by time and target.
 *
 * From the counts where they are fine enough, and from the jobs where not. The
 * counts also know jobs whose partition has gone; what would need more of
 * those than the counts keep is refused.
 */
#include "job/job.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "counters/counters.h"
#include "counters/packed.h"
#include "job/count_changes.h"
#include "job/count_jobs.h"
#include "job/sum_query.h"
#include "job/sum_ranges.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(synchronization_job_statistics);

/* columns that the function returns, and those of a sum that stand behind them */
#define SUM_COLUMNS 5
#define SUMMED_COLUMNS 7

static void
check_bucket(const Bucket *bucket)
{
	static const char *const names[] = {"hour", "day", "week", "month"};
	Bucket		any = {"day", bucket->time_zone};

	/* a time zone without a bucket is of no use, but of the same errors */
	(void) bucket_start(&any, GetCurrentTimestamp());
	for (int i = 0; bucket->name && i < lengthof(names); i++)
	{
		if (strcmp(bucket->name, names[i]) == 0)
			return;
	}
	if (bucket->name)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid bucket: \"%s\"", bucket->name),
				 errhint("Available buckets: hour, day, week, month.")));
}

/*
 * What was added less what was removed, as one value. Neither can be lost, nor
 * the second the larger, but where somebody wrote the tables by hand.
 */
static Datum
net_statistics(Datum added, Datum removed, bool lost)
{
	JobCells	sum = {0};
	JobCells	less = {0};

	if (lost)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of job_statistics out of range"),
				 errdetail("A counter left bigint."),
				 errhint("Once it fits again, SELECT idpsync.rebuild_counts(); gives it back.")));
	if (job_statistics_is_empty(removed))
		return added;
	job_statistics_read(added, &sum);
	job_statistics_read(removed, &less);
	for (int i = 0; i < JOB_CELLS * JOB_COUNTERS; i++)
	{
		cells_counters(&sum)[i] -= cells_counters(&less)[i];
		if (cells_counters(&sum)[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the counts of jobs do not agree with the jobs"),
					 errhint("SELECT idpsync.rebuild_counts(); counts them anew.")));
	}
	return job_statistics_make(&sum);
}

/* the rows of the query, summed up, as the function's result; ends SPI */
static void
return_sums(FunctionCallInfo fcinfo, uint64 n)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum	  (*rows)[SUMMED_COLUMNS] = palloc(sizeof(*rows) * (n + 1));
	bool	  (*nulls)[SUMMED_COLUMNS] = palloc(sizeof(*nulls) * (n + 1));

	for (uint64 i = 0; i < n; i++)
	{
		result_copy(i, "84v8VV1", rows[i], nulls[i]);
		rows[i][4] = net_statistics(rows[i][4], rows[i][5], DatumGetBool(rows[i][6]));
	}
	SPI_finish();
	InitMaterializedSRF(fcinfo, 0);
	for (uint64 i = 0; i < n; i++)
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, rows[i], nulls[i]);
}

/*
 * Sums what the caller may see of the counts. False where they do not help,
 * or not him.
 */
static bool
sum_counts(const JobFilter *filter, const Bucket *bucket, bool by_target, uint64 *n)
{
	bool		by_day = filter->no_target_ids && !by_target;
	SumRanges	ranges;
	DateADT		first;
	DateADT		last;

	if (why_not_counted() != NULL)
		return false;
	counted_days(filter, &first, &last);
	if (!divide_range(filter, bucket, first, last, by_day, &ranges))
	{
		refuse_history(filter, NULL, by_day);
		return false;
	}
	refuse_history(filter, &ranges, by_day);
	*n = query_counts(filter, bucket, by_target, &ranges);
	return true;
}

/*
 * synchronization_job_statistics(instance_id text, start_time, end_time,
 * bucket text, time_zone text, by_target boolean, target_type, target_ids
 * text[], direction, status): how many jobs, and the sum of their statistics.
 *
 * bucket: hour, day, week or month of start_time in time_zone; NULL: all time
 * in one. by_target: a row a target. Filters as list_synchronization_jobs.
 * Jobs whose partition was dropped stay in the sums, as long as the kept days
 * (or, by target, months) of UTC give them exactly. Errors: 22023 for a bucket
 * or time zone that is none, 0A000 where they do not, 22003 where a sum leaves
 * bigint.
 */
Datum
synchronization_job_statistics(PG_FUNCTION_ARGS)
{
	static const JobFilterArguments arguments = {6, 7, 1, 2, 8, 9};
	JobFilter	filter;
	Bucket		bucket;
	bool		by_target = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);
	uint64		n;

	connect_store();
	read_job_filter(fcinfo, &arguments, &filter);
	bucket.name = optional_text(fcinfo, 3, "bucket", 64);
	bucket.time_zone = required_text(fcinfo, 4, "time_zone", 64);
	check_bucket(&bucket);
	if (!sum_counts(&filter, &bucket, by_target, &n))
		n = query_jobs_sums(&filter, &bucket, by_target);
	return_sums(fcinfo, n);
	return (Datum) 0;
}
