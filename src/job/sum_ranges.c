/*
 * sum_ranges.c: which parts of a range of time the counts can sum, bucket by
 * bucket, and which edges have to be summed from the jobs.
 *
 * A bucket of another time zone does not begin with a day of UTC, so each has
 * edges of some hours, and whole days between them.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "job/sum_ranges.h"

/* a range with more buckets is summed from the jobs */
#define MAX_BUCKETS 10000

TimestampTz
bucket_start(const Bucket *bucket, TimestampTz time)
{
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_trunc_zone, CStringGetTextDatum(bucket->name),
												   TimestampTzGetDatum(time), CStringGetTextDatum(bucket->time_zone)));
}

/* an instant that is in the next bucket: a day of 23 hours is the shortest, one of 25 the longest */
static TimestampTz
after_bucket(const Bucket *bucket, TimestampTz start)
{
	int64		most = strcmp(bucket->name, "month") == 0 ? 32 * 24 : strcmp(bucket->name, "week") == 0 ? 8 * 24 : 26;

	return start + most * USECS_PER_HOUR;
}

static void
add_range(DayRange *ranges, int *n, const DayRange *range, bool months)
{
	int64		next = *n == 0 ? 0 : months ? next_month(ranges[*n - 1].last) : ranges[*n - 1].last + 1;

	if (*n > 0 && range->first == next)
		ranges[*n - 1].last = range->last;
	else
		ranges[(*n)++] = *range;
}

static void
add_edge(SumRanges *ranges, const EdgeRange *edge)
{
	EdgeRange  *last = ranges->n_edges > 0 ? &ranges->edges[ranges->n_edges - 1] : NULL;

	if (last && last->end == edge->start && last->sign == edge->sign)
		last->end = edge->end;
	else
		ranges->edges[ranges->n_edges++] = *edge;
}

static void
add_cover(SumRanges *ranges, const CountCover *cover)
{
	if (cover->n_months > 0)
		add_range(ranges->months, &ranges->n_months, &cover->months, true);
	for (int i = 0; i < cover->n_days; i++)
		add_range(ranges->days, &ranges->n_days, &cover->days[i], false);
	for (int i = 0; i < cover->n_edges; i++)
		add_edge(ranges, &cover->edges[i]);
}

static void
make_room(SumRanges *ranges, int covers)
{
	memset(ranges, 0, sizeof(*ranges));
	ranges->months = palloc(sizeof(DayRange) * covers);
	ranges->days = palloc(sizeof(DayRange) * covers * 2);
	ranges->edges = palloc(sizeof(EdgeRange) * covers * 2);
}

/* the starts of the buckets from start to before end, or NULL where there are too many */
static TimestampTz *
bucket_starts(const Bucket *bucket, TimestampTz start, TimestampTz end, int *n)
{
	TimestampTz *starts = palloc(sizeof(TimestampTz) * MAX_BUCKETS);
	TimestampTz at = bucket_start(bucket, start);

	for (*n = 0; at < end; (*n)++)
	{
		if (*n == MAX_BUCKETS)
			return NULL;
		starts[*n] = at;
		at = bucket_start(bucket, after_bucket(bucket, at));
	}
	return starts;
}

bool
divide_range(const JobFilter *filter, const Bucket *bucket, DateADT first, DateADT last, bool by_day, SumRanges *ranges)
{
	TimestampTz start = filter->start;
	TimestampTz end = filter->end;
	CountCover	cover;
	TimestampTz *starts;
	int			n;

	if (bucket->name == NULL)
	{
		make_room(ranges, 1);
		cover_range(filter->start == DT_NOBEGIN ? COVER_OPEN_START : filter->start,
					filter->end == DT_NOBEGIN ? COVER_OPEN_END : filter->end, by_day, true, &cover);
		add_cover(ranges, &cover);
		return ranges->n_months + ranges->n_days > 0;
	}
	if (strcmp(bucket->name, "hour") == 0 || DATE_NOT_FINITE(first) || DATE_NOT_FINITE(last))
		return false;
	/* where the range is open, no month is cut */
	if (start == DT_NOBEGIN)
		start = month_of_day(first) * USECS_PER_DAY;
	if (end == DT_NOBEGIN)
		end = next_month(month_of_day(last)) * USECS_PER_DAY;
	starts = bucket_starts(bucket, start, end, &n);
	if (starts == NULL)
		return false;
	make_room(ranges, n + 1);
	for (int i = 0; i < n; i++)
	{
		TimestampTz from = Max(starts[i], start);
		TimestampTz to = i + 1 < n ? Min(starts[i + 1], end) : end;

		cover_range(from, to, by_day, false, &cover);
		add_cover(ranges, &cover);
	}
	return ranges->n_months + ranges->n_days > 0;
}
