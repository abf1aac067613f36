/*
 * sum_query.c: the statements behind synchronization_job_statistics().
 */
#include "job/sum_query.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "job/count_changes.h"
#include "job/count_jobs.h"
#include "job/count_partitions.h"
#include "job/job_query.h"

typedef struct SumQuery
{
	JobQuery	job;
	char	   *bucket;			/* the bucket of an instant, which it takes as %s */
	bool		by_target;
} SumQuery;

static uint64
run_query(SumQuery *query)
{
	return run_once(query->job.sql.data, query->job.args, &query->job.values, true, 0);
}

void
counted_days(const JobFilter *filter, DateADT *first, DateADT *last)
{
	SumQuery	query;
	Datum		days[2];
	bool		nulls[2];

	begin_job_query(&query.job, filter);
	appendStringInfo(&query.job.sql,
					 "SELECT pg_catalog.min(c.period), pg_catalog.max(c.period) FROM ("
					 "(SELECT period FROM idpsync.job_count WHERE tenant_id" EQUALS "$1 AND grain" EQUALS "'d' AND target_id" EQUALS "''%1$s"
					 " ORDER BY period LIMIT 1)"
					 " UNION ALL (SELECT period FROM idpsync.job_count WHERE tenant_id" EQUALS "$1 AND grain" EQUALS "'d' AND target_id" EQUALS "''%1$s"
					 " ORDER BY period DESC LIMIT 1)"
					 " UNION ALL SELECT period FROM idpsync.job_count_delta WHERE tenant_id" EQUALS "$1"
					 " AND grain" EQUALS "ANY ('{f,d}')%1$s) AS c", query.job.filters);
	run_query(&query);
	take_apart(0, "44", days, nulls);
	*first = nulls[0] ? DATEVAL_NOBEGIN : DatumGetDateADT(days[0]);
	*last = nulls[1] ? DATEVAL_NOEND : DatumGetDateADT(days[1]);
}

static int
bind_days(SumQuery *query, const DayRange *ranges, int n, bool ends)
{
	Datum	   *days = palloc(sizeof(Datum) * (n + 1));

	for (int i = 0; i < n; i++)
		days[i] = DateADTGetDatum(cover_date(ends ? ranges[i].last : ranges[i].first));
	return query_arg(&query->job, ARG_DATE_ARRAY, PointerGetDatum(construct_array(days, n, DATEOID, 4, true, TYPALIGN_INT)));
}

/* months as days, then days */
static DayRange *
all_days(const SumRanges *ranges)
{
	DayRange   *days = palloc(sizeof(DayRange) * (ranges->n_months + ranges->n_days + 1));

	for (int i = 0; i < ranges->n_months; i++)
	{
		days[i] = ranges->months[i];
		if (days[i].last != COVER_OPEN_END)
			days[i].last = next_month(days[i].last) - 1;
	}
	memcpy(days + ranges->n_months, ranges->days, sizeof(DayRange) * ranges->n_days);
	return days;
}

/* the days any edge touches */
static DayRange *
edge_days(const SumRanges *ranges)
{
	DayRange   *days = palloc(sizeof(DayRange) * (ranges->n_edges + 1));

	for (int i = 0; i < ranges->n_edges; i++)
	{
		days[i].first = utc_day(ranges->edges[i].start);
		days[i].last = utc_day(ranges->edges[i].end - 1);
	}
	return days;
}

/*
 * The first of these days that has jobs counted for partitions, whose start
 * compares so with starts, and the day after the last; NULL where none has.
 */
static char *
counted_at(const JobFilter *filter, const DayRange *days, int n, const char *partitions, Datum starts, DateADT *after)
{
	SumQuery	query;
	int			first;
	int			last;
	int			at;

	begin_job_query(&query.job, filter);
	first = bind_days(&query, days, n, false);
	last = bind_days(&query, days, n, true);
	at = query_arg(&query.job, ARG_TIME_ARRAY, starts);
	appendStringInfo(&query.job.sql,
					 "SELECT pg_catalog.min(d.period)::pg_catalog.text, pg_catalog.max(d.period) FROM ("
					 "SELECT c.period FROM ROWS FROM (pg_catalog.unnest($%1$d), pg_catalog.unnest($%2$d)) AS r (first, last)"
					 " CROSS JOIN LATERAL (SELECT period, jobs FROM idpsync.job_count WHERE tenant_id" EQUALS "$1 AND grain" EQUALS "'d'"
					 " AND target_id" EQUALS "'' AND period >= r.first AND period <= r.last AND partition_start %5$s ($%3$d)%4$s"
					 " UNION ALL SELECT period, jobs FROM idpsync.job_count_delta WHERE tenant_id" EQUALS "$1 AND grain" EQUALS "ANY ('{f,d}')"
					 " AND period >= r.first AND period <= r.last AND partition_start %5$s ($%3$d)%4$s) AS c"
					 " GROUP BY c.period HAVING pg_catalog.sum(c.jobs) <> 0) AS d",
					 first, last, at, query.job.filters, partitions);
	run_query(&query);
	*after = DATEVAL_NOEND;
	if (result_text(0, 1))
	{
		Datum		values[2];
		bool		nulls[2];

		take_apart(0, "v4", values, nulls);
		if (!DATE_NOT_FINITE(DatumGetDateADT(values[1])))
			*after = DatumGetDateADT(values[1]) + 1;
	}
	return result_text(0, 1);
}

/* a start_time after them, as a further sentence of the hint, where the range goes on after them */
static const char *
later_start(const JobFilter *filter, DateADT after)
{
	if (DATE_NOT_FINITE(after) || (filter->end != DT_NOBEGIN && after * USECS_PER_DAY >= filter->end))
		return "";
	return psprintf(" Jobs that are not retired can be had from start_time => '%s 00:00+00' on.",
					DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(after))));
}

void
refuse_history(const JobFilter *filter, const SumRanges *ranges, bool by_day)
{
	DayRange	whole = {COVER_OPEN_START, COVER_OPEN_END};
	const DayRange *days = ranges ? edge_days(ranges) : &whole;
	int			n = ranges ? ranges->n_edges : 1;
	LivePartitions live;
	DateADT		after;
	char	   *day;

	if (filter->start != DT_NOBEGIN)
		whole.first = utc_day(filter->start);
	if (filter->end != DT_NOBEGIN)
		whole.last = utc_day(filter->end - 1);
	if (n == 0)
		return;
	find_live_partitions(&live);
	if ((day = counted_at(filter, days, n, "OPERATOR(pg_catalog.<>) ALL", live.starts, &after)) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("statistics of retired jobs are not kept as finely as this"),
				 errdetail("Jobs of %s are retired. Of retired jobs, statistics are kept by %s in UTC.",
						   day, by_day ? "day" : "month and target"),
				 errhint("The finest bucket to be had is \"%s\" in time zone UTC, for a range of whole %ss.%s",
						 by_day ? "day" : "month", by_day ? "day" : "month", later_start(filter, after))));
	if (live.n_younger > 0 && (day = counted_at(filter, days, n, "OPERATOR(pg_catalog.=) ANY", live.younger, &after)) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not read the jobs of %s as the snapshot of this transaction has them", day),
				 errdetail("Their partition was made, attached or truncated since."),
				 errhint("Call again, in another transaction.")));
}

/* columns that all parts begin with: the bucket of an instant, and the target */
static void
append_head(SumQuery *query, const char *instant, const char *table)
{
	appendStringInfoString(&query->job.sql, "SELECT ");
	appendStringInfo(&query->job.sql, query->bucket, instant);
	if (query->by_target)
		appendStringInfo(&query->job.sql, " AS bucket, %s.target_type, %s.target_id::pg_catalog.text, ", table, table);
	else
		appendStringInfoString(&query->job.sql, " AS bucket, NULL::idpsync.job_target_type AS target_type, NULL::pg_catalog.text AS target_id, ");
}

static void
bind_bucket(SumQuery *query, const Bucket *bucket)
{
	if (bucket->name)
	{
		int			name = query_arg(&query->job, ARG_TEXT, CStringGetTextDatum(bucket->name));
		int			zone = query_arg(&query->job, ARG_TEXT, CStringGetTextDatum(bucket->time_zone));

		query->bucket = psprintf("pg_catalog.date_trunc($%d, %%s, $%d)", name, zone);
	}
	else
		query->bucket = "NULL::pg_catalog.timestamptz";
}

/* midnight in UTC of a day, as SQL */
#define DAY_START(day) "pg_catalog.timezone('UTC', " day "::timestamp)"

static void
append_counts(SumQuery *query, const DayRange *ranges, int n, char grain)
{
	int			first = bind_days(query, ranges, n, false);
	int			last = bind_days(query, ranges, n, true);

	append_head(query, DAY_START("c.period"), "c");
	appendStringInfo(&query->job.sql, "c.jobs, c.added, c.removed FROM ROWS FROM (pg_catalog.unnest($%d), pg_catalog.unnest($%d)) AS r (first, last)",
					 first, last);
	/* target by target: the planner would rather read those of all targets and filter them */
	if (query->job.target_ids)
		appendStringInfo(&query->job.sql, " CROSS JOIN (SELECT DISTINCT pg_catalog.unnest($%d) AS id OFFSET 0) AS t", query->job.target_ids);
	appendStringInfo(&query->job.sql,
					 " CROSS JOIN LATERAL (SELECT * FROM idpsync.job_count WHERE tenant_id" EQUALS "$1 AND grain" EQUALS "'%c'%s"
					 " AND period >= r.first AND period <= r.last%s OFFSET 0) AS c UNION ALL ",
					 grain, grain != GRAIN_TARGET ? " AND target_id" EQUALS "''" : query->job.target_ids ? " AND target_id" EQUALS "t.id" : "",
					 query->job.filters);
}

static void
append_changes(SumQuery *query, const SumRanges *ranges, char grain)
{
	DayRange   *days = all_days(ranges);
	int			n = ranges->n_months + ranges->n_days;
	int			first = bind_days(query, days, n, false);
	int			last = bind_days(query, days, n, true);

	append_head(query, DAY_START("d.period"), "d");
	appendStringInfo(&query->job.sql,
					 "d.jobs, d.added, d.removed FROM idpsync.job_count_delta AS d"
					 " WHERE tenant_id" EQUALS "$1 AND grain" EQUALS "ANY ('{%c,%c}')%s%s AND EXISTS"
					 " (SELECT FROM ROWS FROM (pg_catalog.unnest($%d), pg_catalog.unnest($%d)) AS r (first, last)"
					 " WHERE d.period >= r.first AND d.period <= r.last)",
					 GRAIN_FULL, grain, query->job.targets, query->job.filters, first, last);
}

static int
bind_times(SumQuery *query, const SumRanges *ranges, size_t offset, int64 shift)
{
	Datum	   *times = palloc(sizeof(Datum) * ranges->n_edges);

	for (int i = 0; i < ranges->n_edges; i++)
		times[i] = Int64GetDatum(*(const int64 *) ((const char *) &ranges->edges[i] + offset) - shift);
	return query_arg(&query->job, ARG_TIME_ARRAY, PointerGetDatum(construct_array(times, ranges->n_edges, TIMESTAMPTZOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)));
}

static int
bind_signs(SumQuery *query, const SumRanges *ranges)
{
	Datum	   *signs = palloc(sizeof(Datum) * ranges->n_edges);

	for (int i = 0; i < ranges->n_edges; i++)
		signs[i] = Int64GetDatum(ranges->edges[i].sign);
	return query_arg(&query->job, ARG_BIGINT_ARRAY, PointerGetDatum(construct_array(signs, ranges->n_edges, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)));
}

static void
append_edges(SumQuery *query, const SumRanges *ranges)
{
	int			created_from = bind_times(query, ranges, offsetof(EdgeRange, start), JOB_STARTS_WITHIN);
	int			start = bind_times(query, ranges, offsetof(EdgeRange, start), 0);
	int			end = bind_times(query, ranges, offsetof(EdgeRange, end), 0);
	int			sign = bind_signs(query, ranges);

	for (int soon = 1; soon >= 0; soon--)
	{
		appendStringInfoString(&query->job.sql, " UNION ALL ");
		append_head(query, "j.start_time", "j");
		appendStringInfo(&query->job.sql,
						 "r.sign, CASE WHEN r.sign > 0 THEN j.statistics ELSE '{}' END, CASE WHEN r.sign > 0 THEN '{}' ELSE j.statistics END"
						 " FROM ROWS FROM (pg_catalog.unnest($%d), pg_catalog.unnest($%d), pg_catalog.unnest($%d), pg_catalog.unnest($%d))"
						 " AS r (from_creation, from_start, until, sign) JOIN idpsync.job AS j ON true",
						 created_from, start, end, sign);
		append_started(&query->job.sql, soon, "r.from_start", "r.from_creation", "r.until");
		appendStringInfo(&query->job.sql, " WHERE tenant_id" EQUALS "$1%s%s", query->job.targets, query->job.filters);
	}
}

/* what the rows are grouped by, in their order */
static const char *
group_columns(const Bucket *bucket, bool by_target)
{
	return bucket->name && by_target ? "1, 2, 3" : bucket->name ? "1" : by_target ? "2, 3" : NULL;
}

/*
 * What is counted is found by keys, and its groups are sorted, since there are
 * as many as the planner would not guess: a hash table of sums that large would be written to disk.
 */
static uint64
run_by_keys(SumQuery *query)
{
	static const char *const settings[] = {"enable_hashagg", "enable_seqscan", "enable_bitmapscan", "jit"};
	int			nest_level = NewGUCNestLevel();
	uint64		n;

	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i], "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	n = run_query(query);
	AtEOXact_GUC(true, nest_level);
	return n;
}

uint64
query_counts(const JobFilter *filter, const Bucket *bucket, bool by_target, const SumRanges *ranges)
{
	const char *columns = group_columns(bucket, by_target);
	char		grain = by_target || !filter->no_target_ids ? GRAIN_TARGET : GRAIN_DAY;
	SumQuery	query;

	begin_job_query(&query.job, filter);
	query.by_target = by_target;
	bind_bucket(&query, bucket);
	appendStringInfo(&query.job.sql,
					 "SELECT %s, coalesce(pg_catalog.sum(s.jobs), 0)::bigint, coalesce(idpsync.sum(s.added), '{}'),"
					 " coalesce(idpsync.sum(s.removed) FILTER (WHERE s.removed OPERATOR(idpsync.<>) '{}'), '{}'), coalesce(pg_catalog.bool_or(s.added IS NULL OR s.removed IS NULL), false) FROM (",
					 columns ? "s.bucket, s.target_type, s.target_id" : "NULL::pg_catalog.timestamptz, NULL::idpsync.job_target_type, NULL::pg_catalog.text");
	if (ranges->n_months > 0)
		append_counts(&query, ranges->months, ranges->n_months, grain == GRAIN_TARGET ? GRAIN_TARGET : GRAIN_MONTH);
	if (ranges->n_days > 0)
		append_counts(&query, ranges->days, ranges->n_days, GRAIN_DAY);
	append_changes(&query, ranges, grain);
	if (ranges->n_edges > 0)
		append_edges(&query, ranges);
	appendStringInfoString(&query.job.sql, ") AS s");
	/* a key whose jobs have gone may be there with none */
	if (columns)
		appendStringInfo(&query.job.sql, " GROUP BY s.bucket, s.target_type, s.target_id HAVING pg_catalog.sum(s.jobs) <> 0 ORDER BY %s", columns);
	return run_by_keys(&query);
}

uint64
query_jobs_sums(const JobFilter *filter, const Bucket *bucket, bool by_target)
{
	const char *columns = group_columns(bucket, by_target);
	SumQuery	query = {0};
	char	   *created_from;
	char	   *start;
	char	   *end;

	begin_job_query(&query.job, filter);
	created_from = query_time(&query.job, filter->start == DT_NOBEGIN ? DT_NOBEGIN : filter->start - JOB_STARTS_WITHIN);
	start = query_time(&query.job, filter->start);
	end = query_time(&query.job, filter->end);
	query.by_target = by_target;
	bind_bucket(&query, bucket);
	append_head(&query, "j.start_time", "j");
	appendStringInfoString(&query.job.sql, "pg_catalog.count(*), coalesce(idpsync.sum(j.statistics), '{}'), '{}'::idpsync.job_statistics, false FROM (");
	for (int soon = 1; soon >= 0; soon--)
	{
		appendStringInfo(&query.job.sql, "SELECT start_time, target_type, target_id, statistics FROM idpsync.job WHERE tenant_id" EQUALS "$1%s%s",
						 query.job.targets, query.job.filters);
		if (start || end)
			append_started(&query.job.sql, soon, start, created_from, end);
		if (!(start || end))
			break;
		if (soon)
			appendStringInfoString(&query.job.sql, " UNION ALL ");
	}
	appendStringInfoString(&query.job.sql, ") AS j");
	if (columns)
		appendStringInfo(&query.job.sql, " GROUP BY %s ORDER BY %s", columns, columns);
	return run_query(&query);
}
