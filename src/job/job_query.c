/*
 * job_query.c: a query over the jobs of a filter, or over their counts, as it
 * is put together.
 */
#include "job/job_query.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

int
query_arg(JobQuery *query, int type, Datum value)
{
	query->args[query->values.n] = type;
	bind_datum(&query->values, value, false);
	return query->values.n;
}

char *
query_time(JobQuery *query, TimestampTz time)
{
	return time == DT_NOBEGIN ? NULL : psprintf("$%d", query_arg(query, ARG_TIME, TimestampTzGetDatum(time)));
}

void
begin_job_query(JobQuery *query, const JobFilter *filter)
{
	JobFilter	timeless = *filter;
	StringInfoData filters;

	memset(query, 0, sizeof(*query));
	initStringInfo(&query->sql);
	initStringInfo(&filters);
	query_arg(query, ARG_TEXT, CStringGetTextDatum(filter->tenant_id));
	timeless.start = timeless.end = DT_NOBEGIN;
	timeless.no_target_ids = true;
	append_job_filter(&filters, query->args, &query->values, &timeless);
	query->filters = filters.data;
	query->targets = "";
	if (!filter->no_target_ids)
	{
		query->target_ids = query_arg(query, ARG_TEXT_ARRAY, filter->target_ids);
		query->targets = psprintf(" AND target_id" EQUALS "ANY ($%d)", query->target_ids);
	}
}
