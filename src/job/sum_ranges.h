/*
 * sum_ranges.h: which parts of a range of time the counts can sum, bucket by
 * bucket, and which edges have to be summed from the jobs.
 */
#ifndef IDPSYNC_SUM_RANGES_H
#define IDPSYNC_SUM_RANGES_H

#include "postgres.h"

#include "job/count_cover.h"
#include "job/job.h"

/* hour, day, week or month of start_time in a time zone; name NULL: all time is one */
typedef struct Bucket
{
	const char *name;
	const char *time_zone;
} Bucket;

/* in order, what adjoins is one */
typedef struct SumRanges
{
	int			n_months;
	int			n_days;
	int			n_edges;
	DayRange   *months;
	DayRange   *days;
	EdgeRange  *edges;
} SumRanges;

/*
 * Divides the range of the filter, which first and last day stand in for where
 * it is open. by_day: there are counts of days, else of months alone. False
 * where the counts are of no use for the bucket.
 */
extern bool divide_range(const JobFilter *filter, const Bucket *bucket, DateADT first, DateADT last, bool by_day, SumRanges *ranges);

/* the start of the bucket an instant is in */
extern TimestampTz bucket_start(const Bucket *bucket, TimestampTz time);

#endif
