/*
 * count_changes.h: what a statement, or a number of deltas, changes in the
 * counts of jobs: a sum a key, gathered in memory.
 */
#ifndef IDPSYNC_COUNT_CHANGES_H
#define IDPSYNC_COUNT_CHANGES_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/date.h"

#include "store/statement.h"

/* column grain of job_count and job_count_delta */
#define GRAIN_FULL 'f'			/* a day and target; counts in all of the others */
#define GRAIN_DAY 'd'
#define GRAIN_MONTH 'm'
#define GRAIN_TARGET 't'		/* a month and target */

/* a key of job_count or job_count_delta */
typedef struct CountKey
{
	const char *tenant_id;		/* without NUL, likewise target_id */
	const char *target_id;
	int			tenant_len;
	int			target_len;
	TimestampTz partition_start;
	DateADT		period;
	int			target_type;	/* numbers of the labels */
	int			direction;
	int			status;
	char		grain;
} CountKey;

/* jobs and statistics to be added to a key */
typedef struct CountChange
{
	int64		jobs;
	Datum		added;			/* 0: none */
	Datum		removed;
	bool		overflowed;		/* a sum of statistics has left bigint, and is lost */
} CountChange;

typedef struct CountChanges CountChanges;

/* sets the texts of a key, which stay where they are */
extern void count_key_texts(CountKey *key, Datum tenant_id, Datum target_id);

/* empty, in a memory context of its own below the current one */
extern CountChanges *make_count_changes(void);
extern void free_count_changes(CountChanges *changes);

/* copies what it keeps of key and change */
extern void add_count_change(CountChanges *changes, const CountKey *key, const CountChange *change);

/* keys held */
extern int	count_changes_held(const CountChanges *changes);

/* adds what is held at grain f to grains d and t, and with months to m; what is of d counts in m likewise */
extern CountChanges *coarser_count_changes(const CountChanges *changes, bool months);

/*
 * Binds what is not zero as COUNT_COLUMNS arrays, in the order of the primary
 * key of job_count, and returns how many rows that is.
 */
extern int	bind_count_changes(const CountChanges *changes, Values *values);

/* the same for up to max rows as single values; false where there are more */
extern bool bind_few_count_changes(const CountChanges *changes, Values *values, int max, int *rows);

#define COUNT_COLUMNS 11
#define COUNT_KEY_COLUMNS 8

/* the keys of the rows that bind_count_changes() has bound, by column and row */
extern void unbind_count_keys(const Values *rows, Datum *columns[COUNT_KEY_COLUMNS]);

#define COUNT_COLUMNS_SQL \
	"tenant_id, grain, target_id, period, target_type, direction, status, partition_start, jobs, added, removed"
#define COUNT_ARRAYS \
	ARG_TEXT_ARRAY, ARG_CHAR_ARRAY, ARG_TEXT_ARRAY, ARG_DATE_ARRAY, ARG_ENUM_ARRAY + JOB_TARGET_TYPE, \
	ARG_ENUM_ARRAY + JOB_DIRECTION, ARG_ENUM_ARRAY + JOB_STATUS, ARG_TIME_ARRAY, ARG_BIGINT_ARRAY, \
	ARG_STATISTICS_ARRAY, ARG_STATISTICS_ARRAY
#define COUNT_KEY \
	ARG_TEXT, ARG_CHAR, ARG_TEXT, ARG_DATE, ARG_ENUM + JOB_TARGET_TYPE, \
	ARG_ENUM + JOB_DIRECTION, ARG_ENUM + JOB_STATUS, ARG_TIME
#define COUNT_SCALARS COUNT_KEY, ARG_BIGINT, ARG_STATISTICS, ARG_STATISTICS

/* the first date there is: the month it is in begins before it */
#define FIRST_DATE (DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE)

/* the day in UTC an instant is in, and the first of its month */
extern DateADT utc_day(TimestampTz time);
extern DateADT first_of_month(DateADT day);

#endif
