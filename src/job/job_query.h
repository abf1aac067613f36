/*
 * job_query.h: a query over the jobs of a filter, or over their counts, as it
 * is put together: its text, and what is bound.
 */
#ifndef IDPSYNC_JOB_QUERY_H
#define IDPSYNC_JOB_QUERY_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "job/job.h"
#include "store/statement.h"

typedef struct JobQuery
{
	StringInfoData sql;
	int			args[MAX_ARGS];
	Values		values;
	const char *filters;		/* " AND ..." by target_type, direction and status */
	const char *targets;		/* " AND ..." by target_id; empty where there is none */
	int			target_ids;		/* number of their parameter; 0 where there is none */
} JobQuery;

/* begins a query without text: the tenant is bound as $1, then the filters by anything but time */
extern void begin_job_query(JobQuery *query, const JobFilter *filter);

/* binds a value and returns the number of its parameter */
extern int	query_arg(JobQuery *query, int type, Datum value);

/* the same for a time, as "$n"; NULL where it is DT_NOBEGIN, which is open */
extern char *query_time(JobQuery *query, TimestampTz time);

#endif
