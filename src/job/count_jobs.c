/*
 * count_jobs.c: how many jobs pass the filters, from the counts and what has
 * not been folded into them, and from the jobs at the edges of a range of time.
 *
 * It is one statement, since two would see two snapshots where the calling
 * query is volatile.
 */
#include "job/count_jobs.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "job/count_changes.h"
#include "job/count_partitions.h"
#include "job/job_query.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(count_synchronization_jobs);
PG_FUNCTION_INFO_V1(count_plan);

/* with more changes than that to read for a tenant, counting the jobs may be quicker */
#define MAX_CHANGES 20000
#define CHANGES_LIMIT CppAsString2(MAX_CHANGES) " OPERATOR(pg_catalog.+) 1"

/* filters x months x days x edges */
#define SHAPES (JOB_FILTER_SHAPES * 2 * 3 * 3)

typedef enum CountSource
{
	FROM_MONTHS,
	FROM_DAYS,
	FROM_CHANGES,
	FROM_EDGE,
	FROM_JOBS
} CountSource;

/* a part of the answer */
typedef struct CountPart
{
	CountSource source;
	TimestampTz start;			/* DT_NOBEGIN = open */
	TimestampTz end;			/* DT_NOEND = open */
	int64		rows;
	int64		jobs;
} CountPart;

#define MAX_PARTS 6

typedef struct CountAnswer
{
	const char *why;			/* the jobs were counted one by one, NULL where not */
	int			n_parts;
	CountPart	parts[MAX_PARTS];
	int64		jobs;
} CountAnswer;

typedef struct CountQuery
{
	JobQuery	job;
	int			live;			/* number of the parameter that has the partitions */
	CountAnswer *answer;
} CountQuery;

static Statement statements[SHAPES];
static Statement scans[JOB_FILTER_SHAPES];

DateADT
cover_date(int64 day)
{
	return day == COVER_OPEN_START ? DATEVAL_NOBEGIN : day == COVER_OPEN_END ? DATEVAL_NOEND : (DateADT) day;
}

/* begins a part's SELECT, to be gone on with by its numbers of rows and jobs */
static void
add_part(CountQuery *query, CountSource source, TimestampTz start, TimestampTz end)
{
	CountPart  *part = &query->answer->parts[query->answer->n_parts++];

	part->source = source;
	part->start = start;
	part->end = end;
	appendStringInfo(&query->job.sql, "%sSELECT %d::bigint, ", query->answer->n_parts > 1 ? " UNION ALL " : "", query->answer->n_parts - 1);
}

static TimestampTz
day_start(int64 day)
{
	return day == COVER_OPEN_START ? DT_NOBEGIN : day * USECS_PER_DAY;
}

/* where the range of days, or of months, ends */
static TimestampTz
range_end(const DayRange *range, bool months)
{
	if (range->last == COVER_OPEN_END)
		return DT_NOEND;
	return (months ? next_month(range->last) : range->last + 1) * USECS_PER_DAY;
}

static void
add_counts(CountQuery *query, const DayRange *range, bool months)
{
	char		grain = query->job.target_ids ? GRAIN_TARGET : months ? GRAIN_MONTH : GRAIN_DAY;
	int			first = query_arg(&query->job, ARG_DATE, DateADTGetDatum(cover_date(range->first)));
	int			last = query_arg(&query->job, ARG_DATE, DateADTGetDatum(cover_date(range->last)));

	add_part(query, months ? FROM_MONTHS : FROM_DAYS, day_start(range->first), range_end(range, months));
	appendStringInfoString(&query->job.sql, "pg_catalog.count(*), coalesce(pg_catalog.sum(c.jobs), 0)::bigint FROM ");
	/* target by target: the planner would rather read those of all targets and filter them */
	if (query->job.target_ids)
		appendStringInfo(&query->job.sql, "(SELECT DISTINCT pg_catalog.unnest($%d) AS id OFFSET 0) AS t CROSS JOIN LATERAL ", query->job.target_ids);
	appendStringInfo(&query->job.sql,
					 "(SELECT jobs FROM idpsync.job_count WHERE tenant_id" EQUALS "$1 AND grain" EQUALS "'%c' AND target_id" EQUALS "%s"
					 " AND period >= $%d AND period <= $%d AND partition_start" EQUALS "ANY ($%d)%s%s) AS c",
					 grain, query->job.target_ids ? "t.id" : "''", first, last, query->live, query->job.filters, query->job.target_ids ? " OFFSET 0" : "");
}

/* what has not been folded, in all of the ranges */
static void
add_changes(CountQuery *query, const CountCover *cover)
{
	/* IS TRUE keeps it from becoming a join: targets are looked up in a hash table */
	char	   *targets = query->job.target_ids ?
		psprintf(" AND (target_id" EQUALS "ANY (SELECT pg_catalog.unnest($%d))) IS TRUE", query->job.target_ids) : "";

	add_part(query, FROM_CHANGES, DT_NOBEGIN, DT_NOEND);
	appendStringInfo(&query->job.sql,
					 "pg_catalog.count(*), coalesce(pg_catalog.sum(c.jobs), 0)::bigint"
					 " FROM (SELECT jobs FROM idpsync.job_count_delta WHERE tenant_id" EQUALS "$1"
					 " AND grain" EQUALS "ANY ('{%c,%c}')%s AND partition_start" EQUALS "ANY ($%d)%s AND (false",
					 GRAIN_FULL, query->job.target_ids ? GRAIN_TARGET : GRAIN_DAY, targets, query->live, query->job.filters);
	for (int i = 0; i < cover->n_months + cover->n_days; i++)
	{
		const DayRange *range = i < cover->n_months ? &cover->months : &cover->days[i - cover->n_months];
		int64		last_day = i < cover->n_months && range->last != COVER_OPEN_END ? next_month(range->last) - 1 : range->last;
		int			first = query_arg(&query->job, ARG_DATE, DateADTGetDatum(cover_date(range->first)));
		int			last = query_arg(&query->job, ARG_DATE, DateADTGetDatum(cover_date(last_day)));

		appendStringInfo(&query->job.sql, " OR period >= $%d AND period <= $%d", first, last);
	}
	appendStringInfoString(&query->job.sql, ") LIMIT " CHANGES_LIMIT ") AS c");
}

/* appends the number of jobs that started from start to before end, either DT_NOBEGIN where open */
static void
append_started_count(CountQuery *query, TimestampTz start, TimestampTz end)
{
	char	   *created_from = query_time(&query->job, start == DT_NOBEGIN ? DT_NOBEGIN : start - JOB_STARTS_WITHIN);
	char	   *from = query_time(&query->job, start);
	char	   *to = query_time(&query->job, end);

	for (int soon = 1; soon >= 0; soon--)
	{
		appendStringInfo(&query->job.sql, "%s(SELECT pg_catalog.count(*) FROM idpsync.job WHERE tenant_id" EQUALS "$1%s%s",
						 soon ? "" : " OPERATOR(pg_catalog.+) ", query->job.targets, query->job.filters);
		append_started(&query->job.sql, soon, from, created_from, to);
		appendStringInfoChar(&query->job.sql, ')');
	}
}

static void
add_edge(CountQuery *query, const EdgeRange *edge)
{
	int			sign = query_arg(&query->job, ARG_BIGINT, Int64GetDatum(edge->sign));

	add_part(query, FROM_EDGE, edge->start, edge->end);
	appendStringInfo(&query->job.sql, "e.jobs, e.jobs OPERATOR(pg_catalog.*) $%d FROM (SELECT ", sign);
	append_started_count(query, edge->start, edge->end);
	appendStringInfoString(&query->job.sql, " AS jobs) AS e");
}

/* runs the query, keeping its plan in statement; counts are read by their keys */
static void
run_query(CountQuery *query, Statement *statement, bool counted)
{
	CountAnswer *answer = query->answer;

	if (statement->sql == NULL)
	{
		statement->n_args = query->job.values.n;
		statement->replans = !counted;
		statement->ordered = counted;
		memcpy(statement->args, query->job.args, sizeof(int) * query->job.values.n);
		statement->sql = MemoryContextStrdup(TopMemoryContext, query->job.sql.data);
	}
	if (run_statement(statement, &query->job.values, true) != answer->n_parts)
		elog(ERROR, "a count has another number of parts");
	answer->jobs = 0;
	for (int row = 0; row < answer->n_parts; row++)
	{
		CountPart  *part = &answer->parts[result_int64(row, 1)];

		part->rows = result_int64(row, 2);
		part->jobs = result_int64(row, 3);
		answer->jobs += part->jobs;
	}
}

static void
begin_query(CountQuery *query, const JobFilter *filter, CountAnswer *answer)
{
	memset(answer, 0, sizeof(*answer));
	query->answer = answer;
	begin_job_query(&query->job, filter);
}

/* counts the jobs themselves */
static void
scan_jobs(const JobFilter *filter, const char *why, CountAnswer *answer)
{
	CountQuery	query;

	begin_query(&query, filter, answer);
	answer->why = why;
	add_part(&query, FROM_JOBS, filter->start, filter->end == DT_NOBEGIN ? DT_NOEND : filter->end);
	appendStringInfoString(&query.job.sql, "e.jobs, e.jobs FROM (SELECT ");
	if (filter->start == DT_NOBEGIN && filter->end == DT_NOBEGIN)
		appendStringInfo(&query.job.sql, "pg_catalog.count(*) AS jobs FROM idpsync.job WHERE tenant_id" EQUALS "$1%s%s) AS e",
						 query.job.targets, query.job.filters);
	else
	{
		append_started_count(&query, filter->start, filter->end);
		appendStringInfoString(&query.job.sql, " AS jobs) AS e");
	}
	run_query(&query, &scans[job_filter_shape(filter)], false);
}

static int
count_shape(const JobFilter *filter, const CountCover *cover)
{
	JobFilter	timeless = *filter;

	timeless.start = timeless.end = DT_NOBEGIN;
	return ((job_filter_shape(&timeless) * 2 + cover->n_months) * 3 + cover->n_days) * 3 + cover->n_edges;
}

static void
read_counts(const JobFilter *filter, const CountCover *cover, Datum live, CountAnswer *answer)
{
	CountQuery	query;
	CountPart  *changes;

	begin_query(&query, filter, answer);
	query.live = query_arg(&query.job, ARG_TIME_ARRAY, live);
	if (cover->n_months > 0)
		add_counts(&query, &cover->months, true);
	for (int i = 0; i < cover->n_days; i++)
		add_counts(&query, &cover->days[i], false);
	changes = &answer->parts[answer->n_parts];
	add_changes(&query, cover);
	for (int i = 0; i < cover->n_edges; i++)
		add_edge(&query, &cover->edges[i]);
	run_query(&query, &statements[count_shape(filter, cover)], true);
	if (changes->rows > MAX_CHANGES)
		scan_jobs(filter, "more than " CppAsString2(MAX_CHANGES) " changes wait for idpsync.maintain()", answer);
}

static void
answer_count(const JobFilter *filter, CountAnswer *answer)
{
	CountCover	cover;
	LivePartitions live;
	const char *why;

	cover_range(filter->start == DT_NOBEGIN ? COVER_OPEN_START : filter->start,
				filter->end == DT_NOBEGIN ? COVER_OPEN_END : filter->end, filter->no_target_ids, true, &cover);
	if (cover.n_months + cover.n_days == 0)
		scan_jobs(filter, filter->no_target_ids ? "the range has no whole day" : "the range has no whole month", answer);
	else if ((why = why_not_counted()) != NULL)
		scan_jobs(filter, why, answer);
	else
	{
		find_live_partitions(&live);
		if (live.n_younger > 0)
			scan_jobs(filter, "partitions of job are newer than the snapshot", answer);
		else
			read_counts(filter, &cover, live.starts, answer);
	}
}

int64
count_jobs(const JobFilter *filter)
{
	CountAnswer answer;

	answer_count(filter, &answer);
	return answer.jobs;
}

static const JobFilterArguments arguments = {1, 2, 3, 4, 5, 6};

/*
 * count_synchronization_jobs(instance_id text, target_type, target_ids text[],
 * start_time, end_time, direction, status): how many jobs pass the filters of
 * list_synchronization_jobs (TotalCount). Errors: as there.
 */
Datum
count_synchronization_jobs(PG_FUNCTION_ARGS)
{
	JobFilter	filter;
	int64		count;

	connect_store();
	read_job_filter(fcinfo, &arguments, &filter);
	count = count_jobs(&filter);
	SPI_finish();
	PG_RETURN_INT64(count);
}

static Datum
time_or_null(TimestampTz time, bool *isnull)
{
	*isnull = TIMESTAMP_NOT_FINITE(time);
	return TimestampTzGetDatum(time);
}

/*
 * count_plan(instance_id text, target_type, target_ids text[], start_time,
 * end_time, direction, status): the same count in its parts, a row each: which
 * table it was read from, for which times of start_time (NULL: open), from how
 * many rows, and why not from the counts. Errors: as there.
 */
Datum
count_plan(PG_FUNCTION_ARGS)
{
	static const char *const sources[] = {
		[FROM_MONTHS] = "job_count", [FROM_DAYS] = "job_count", [FROM_CHANGES] = "job_count_delta",
		[FROM_EDGE] = "job", [FROM_JOBS] = "job"
	};
	static const char *const reasons[] = {
		[FROM_MONTHS] = "whole months", [FROM_DAYS] = "whole days", [FROM_CHANGES] = "changes not folded yet",
		[FROM_EDGE] = "an edge of the range"
	};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	JobFilter	filter;
	CountAnswer answer;

	connect_store();
	read_job_filter(fcinfo, &arguments, &filter);
	answer_count(&filter, &answer);
	SPI_finish();
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < answer.n_parts; i++)
	{
		const CountPart *part = &answer.parts[i];
		bool		nulls[6] = {false};
		Datum		values[6] = {
			CStringGetTextDatum(sources[part->source]),
			CStringGetTextDatum(part->source == FROM_JOBS ? answer.why : reasons[part->source]),
			time_or_null(part->start, &nulls[2]), time_or_null(part->end, &nulls[3]),
			Int64GetDatum(part->rows), Int64GetDatum(part->jobs)
		};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
