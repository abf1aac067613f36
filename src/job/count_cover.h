/*
 * count_cover.h: a range of time as whole months, whole days and what is left
 * at its edges, pure C. In UTC; times are microseconds from a midnight that
 * day 0 begins with (2000-01-01).
 */
#ifndef IDPSYNC_COUNT_COVER_H
#define IDPSYNC_COUNT_COVER_H

#include <stdbool.h>
#include <stdint.h>

/* stand for a range that is open at this end */
#define COVER_OPEN_START INT64_MIN
#define COVER_OPEN_END INT64_MAX

/* days from first to last; months are named by their first day */
typedef struct DayRange
{
	int64_t		first;
	int64_t		last;
} DayRange;

/* from start to before end, to be added (1) or taken away (-1) */
typedef struct EdgeRange
{
	int64_t		start;
	int64_t		end;
	int			sign;
} EdgeRange;

typedef struct CountCover
{
	int			n_months;		/* 0 or 1 range */
	int			n_days;
	int			n_edges;
	DayRange	months;
	DayRange	days[2];
	EdgeRange	edges[2];
} CountCover;

/*
 * Covers the times from start to before end. Without by_day there are no days.
 * With complements, an edge that is the greater part of its day (or month) is
 * that day less the rest of it.
 */
extern void cover_range(int64_t start, int64_t end, bool by_day, bool complements, CountCover *cover);

/* the first day of the month a day is in, and of the next one */
extern int64_t month_of_day(int64_t day);
extern int64_t next_month(int64_t first_day);

#endif
