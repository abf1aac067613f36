/*
 * partitions.c: the partitions of job and operation by created_at.
 *
 * There is no default partition: it would make every list a merge and forbid
 * a concurrent detach. The first begins at MINVALUE, the last ends at MAXVALUE.
 */
#include "store/partitions.h"

#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

/* partitions made ahead: the current interval and the following ones */
#define PARTITIONS_AHEAD 3

static void
check_interval(const char *table, const Interval *interval)
{
	bool		months = interval->month > 0 && interval->day == 0 && interval->time == 0;
	bool		hours = interval->month == 0 &&
		interval->day >= 0 && interval->day <= 3660 &&
		interval->time >= 0 && interval->time <= 3660 * USECS_PER_DAY &&
		interval->day * USECS_PER_DAY + interval->time >= USECS_PER_HOUR;

	if (!(months && interval->month <= 120) && !hours)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid %s_interval: \"%s\"", table,
						DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(interval)))),
				 errdetail("Partitions are of 1 to 120 whole months, or of 1 hour to 3660 days.")));
}

/* the start of the month, day or hour of now in UTC, whichever suits the interval */
static TimestampTz
first_bound(const Interval *interval)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			zone = 0;
	TimestampTz bound;

	if (timestamp2tm(GetCurrentTimestamp(), NULL, &tm, &fsec, NULL, NULL) != 0)
		elog(ERROR, "current time out of range");
	if (interval->month > 0)
		tm.tm_mday = 1;
	if (interval->month > 0 || interval->time % USECS_PER_DAY == 0)
		tm.tm_hour = 0;
	tm.tm_min = tm.tm_sec = 0;
	if (tm2timestamp(&tm, 0, &zone, &bound) != 0)
		elog(ERROR, "partition bound out of range");
	return bound;
}

/* a bound as literal and as part of a name, both in UTC */
static void
format_bound(TimestampTz bound, char *literal, char *suffix, size_t size)
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(bound, NULL, &tm, &fsec, NULL, NULL) != 0)
		elog(ERROR, "partition bound out of range");
	snprintf(literal, size, "'%04d-%02d-%02d %02d:%02d:%02d+00'",
			 tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	if (tm.tm_hour == 0 && tm.tm_min == 0)
		snprintf(suffix, size, "%04d%02d%02d", tm.tm_year, tm.tm_mon, tm.tm_mday);
	else
		snprintf(suffix, size, "%04d%02d%02d_%02d%02d", tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min);
}

static void
create_partition(const char *table, const char *suffix, const char *from, const char *to)
{
	char	   *ddl = psprintf("CREATE TABLE idpsync.%s_%s PARTITION OF idpsync.%s FOR VALUES FROM (%s) TO (%s);"
							   "COMMENT ON TABLE idpsync.%s_%s IS 'partition of idpsync.%s by created_at'",
							   table, suffix, table, from, to, table, suffix, table);

	if (SPI_execute(ddl, false, 0) < 0)
		elog(ERROR, "could not create a partition of %s", table);
}

void
create_first_partitions(const char *table, const Interval *interval)
{
	TimestampTz bound;
	char		from[64];
	char		suffix[64];

	check_interval(table, interval);
	bound = first_bound(interval);
	format_bound(bound, from, suffix, sizeof(from));
	create_partition(table, "first", "MINVALUE", from);
	for (int i = 0; i < PARTITIONS_AHEAD; i++)
	{
		char		to[64];
		char		next_suffix[64];

		bound = DatumGetTimestampTz(DirectFunctionCall2(timestamp_pl_interval,
														TimestampTzGetDatum(bound),
														IntervalPGetDatum(interval)));
		format_bound(bound, to, next_suffix, sizeof(to));
		create_partition(table, suffix, from, to);
		strcpy(from, to);
		strcpy(suffix, next_suffix);
	}
	create_partition(table, "last", from, "MAXVALUE");
}
