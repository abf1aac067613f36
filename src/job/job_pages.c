/*
 * job_pages.c: a page of jobs, each read through the index that serves its
 * filters.
 *
 * A page is put together from reads, each of them newest first. Without
 * filters there is one. Filters by target type, direction and status make one
 * of each class of jobs they let through (job_class), those by target one of
 * each target and class: the jobs of such a branch lie side by side in an index,
 * in the order of the list. A read goes no further back than the page reaches
 * with what has been read before it.
 *
 * A branch costs a look into each partition, also where it is empty. So, where there
 * are many, the list itself is walked first, for as many jobs as cost less than they.
 *
 * A filter by start time is one by creation for the jobs that started within
 * an hour from it; the others have an index of their own.
 */
#include "job/job.h"

#include "catalog/pg_type.h"
#include "lib/qunique.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "store/page.h"

/* the text of a statement depends on these */
#define READ_CLASSES 1
#define READ_TARGETS 2
#define READ_BEFORE 4
#define READ_START 8
#define READ_END 16
#define READ_SHAPES 32

static Statement reads[READ_SHAPES];
static Statement walks[JOB_FILTER_SHAPES][2];
static Statement strayed_reads[JOB_FILTER_SHAPES][2];

/* branches of the first read, and how many times more each of the next has */
#define FIRST_BRANCHES 1
#define MORE_BRANCHES 4

/* jobs of the list that are walked, for each branch this may spare */
#define WALK_PER_BRANCH 2

/* jobs that are passed over at once, where a page is asked for by its number */
#define SKIP_AT_ONCE 1000

/* which part of the list is read: jobs behind a position, created from an instant on */
typedef struct Range
{
	bool		after;
	TimestampTz created_at;
	const char *id;
	TimestampTz from;
} Range;

typedef struct Branches
{
	int			n;				/* 0: neither classes nor targets are chosen */
	int			n_targets;		/* 0: any */
	Datum		classes[JOB_CLASSES];
	Datum	   *targets;
} Branches;

/* keeps a statement's text, and how its values are bound */
static void
keep_text(Statement *statement, const StringInfoData *sql, const int *args, int n_args)
{
	if (statement->sql)
		return;
	statement->ordered = true;
	statement->n_args = n_args;
	memcpy(statement->args, args, sizeof(int) * n_args);
	statement->sql = MemoryContextStrdup(TopMemoryContext, sql->data);
}

static void
append_position(StringInfo sql, int *args, Values *values, const Range *range)
{
	int			n = values->n;

	if (!range->after)
		return;
	args[n] = ARG_TIME;
	bind_time(values, range->created_at);
	args[n + 1] = ARG_TEXT;
	bind_text(values, range->id);
	/* the row comparison alone prunes no partition */
	appendStringInfo(sql, " AND created_at <= $%d AND (created_at, job_id) OPERATOR(pg_catalog.<) ($%d, $%d)", n + 1, n + 1, n + 2);
}

static void
append_from(StringInfo sql, int *args, Values *values, TimestampTz from)
{
	args[values->n] = ARG_TIME;
	bind_datum(values, TimestampTzGetDatum(from), false);
	appendStringInfo(sql, " AND created_at >= $%d", values->n);
}

static bool
filters_times(const JobFilter *filter)
{
	return filter->start != DT_NOBEGIN || filter->end != DT_NOBEGIN;
}

/* by start time, of the jobs whose creation tells it */
static void
append_soon(StringInfo sql, const JobFilter *filter)
{
	if (filters_times(filter))
		appendStringInfoString(sql, " AND idpsync.job_started_soon(created_at, start_time)");
}

static void
append_order(StringInfo sql, int limit_argument)
{
	appendStringInfo(sql, " ORDER BY created_at DESC, job_id DESC LIMIT $%d", limit_argument);
}

/* the rows of the last statement, which stay when the next one runs */
static PageRows
keep_rows(void)
{
	PageRows	rows = page_read(JOB_LAYOUT);

	SPI_tuptable = NULL;
	return rows;
}

/* so many of the branches, from the given one on, as rows of class and target: all targets of a class, then the next class */
static void
append_branches(StringInfo sql, int *args, Values *values, const Branches *branches, int first, int n)
{
	int			n_targets = Max(branches->n_targets, 1);
	Datum	   *items = palloc(sizeof(Datum) * n);

	for (int i = 0; i < n; i++)
		items[i] = branches->classes[(first + i) / n_targets];
	args[values->n] = ARG_INT_ARRAY;
	bind_datum(values, PointerGetDatum(construct_array(items, n, INT4OID, sizeof(int32), true, TYPALIGN_INT)), false);
	if (branches->n_targets == 0)
	{
		appendStringInfo(sql, "pg_catalog.unnest($%d) AS branch (class)", values->n);
		return;
	}
	for (int i = 0; i < n; i++)
		items[i] = branches->targets[(first + i) % n_targets];
	args[values->n] = ARG_TEXT_ARRAY;
	bind_datum(values, PointerGetDatum(construct_array(items, n, TEXTOID, -1, false, TYPALIGN_INT)), false);
	appendStringInfo(sql, "ROWS FROM (pg_catalog.unnest($%d), pg_catalog.unnest($%d)) AS branch (class, target)",
					 values->n - 1, values->n);
}

/* reads so many of the branches, from the given one on; without any, the list itself */
static PageRows
read_branches(const JobFilter *filter, const Range *range, const Branches *branches, int first, int n, int64 limit)
{
	bool		by_class = branches->n > 0;
	bool		by_target = branches->n_targets > 0;
	Statement  *statement = &reads[(by_class ? READ_CLASSES : 0) | (by_target ? READ_TARGETS : 0) |
								   (range->after ? READ_BEFORE : 0) |
								   (filter->start != DT_NOBEGIN ? READ_START : 0) | (filter->end != DT_NOBEGIN ? READ_END : 0)];
	StringInfoData sql;
	int			args[MAX_ARGS] = {ARG_TEXT, ARG_BIGINT};
	Values		values = {0};

	initStringInfo(&sql);
	bind_text(&values, filter->tenant_id);
	bind_bigint(&values, limit);
	appendStringInfoString(&sql, "SELECT " JOB_COLUMNS_SQL " FROM ");
	if (by_class)
	{
		append_branches(&sql, args, &values, branches, first, n);
		appendStringInfoString(&sql, " CROSS JOIN LATERAL (SELECT " JOB_COLUMNS_SQL " FROM ");
	}
	appendStringInfoString(&sql, "idpsync.job WHERE tenant_id" EQUALS "$1");
	/* as the indexes have it: without the cast the planner could take the index of classes alone for a target */
	if (by_target)
		appendStringInfoString(&sql, " AND target_id" EQUALS "branch.target"
							   " AND idpsync.job_class(target_type, direction, status)::pg_catalog.int4" EQUALS "branch.class");
	else if (by_class)
		appendStringInfoString(&sql, " AND idpsync.job_class(target_type, direction, status)" EQUALS "branch.class");
	append_from(&sql, args, &values, range->from);
	append_position(&sql, args, &values, range);
	append_job_times(&sql, args, &values, filter);
	append_soon(&sql, filter);
	append_order(&sql, 2);
	if (by_class)
	{
		appendStringInfoString(&sql, ") AS job");
		append_order(&sql, 2);
	}

	keep_text(statement, &sql, args, values.n);
	run_statement(statement, &values, true);
	return keep_rows();
}

/* what passes the filters of so many jobs of the list */
static PageRows
walk(const JobFilter *filter, const Range *range, int64 length, int64 limit)
{
	Statement  *statement = &walks[job_filter_shape(filter)][range->after];
	JobFilter	but_targets = *filter;
	StringInfoData sql;
	int			args[MAX_ARGS] = {ARG_TEXT, ARG_BIGINT, ARG_TEXT_ARRAY, ARG_BIGINT};
	Values		values = {0};

	initStringInfo(&sql);
	bind_text(&values, filter->tenant_id);
	bind_bigint(&values, limit);
	bind_datum(&values, filter->target_ids, false);
	bind_bigint(&values, length);
	appendStringInfoString(&sql, "SELECT " JOB_COLUMNS_SQL " FROM (SELECT " JOB_COLUMNS_SQL " FROM idpsync.job"
						   " WHERE tenant_id" EQUALS "$1");
	append_from(&sql, args, &values, range->from);
	append_position(&sql, args, &values, range);
	append_order(&sql, 4);
	/* IS TRUE keeps the planner from a join, which would lose the order: it looks the targets up in a hash table */
	appendStringInfoString(&sql, ") AS job WHERE (target_id" EQUALS "ANY (SELECT pg_catalog.unnest($3))) IS TRUE");
	but_targets.no_target_ids = true;
	append_job_filter(&sql, args, &values, &but_targets);
	append_soon(&sql, filter);
	append_order(&sql, 2);

	keep_text(statement, &sql, args, values.n);
	run_statement(statement, &values, true);
	return keep_rows();
}

/*
 * The jobs that did not start within an hour from their creation, and did in
 * the time asked for. They are sorted: OFFSET 0 keeps the planner from walking
 * the list instead, in which there may be none of them.
 */
static PageRows
read_strayed(const JobFilter *filter, const Range *range, int64 limit)
{
	Statement  *statement = &strayed_reads[job_filter_shape(filter)][range->after];
	StringInfoData sql;
	int			args[MAX_ARGS] = {ARG_TEXT, ARG_BIGINT};
	Values		values = {0};

	initStringInfo(&sql);
	bind_text(&values, filter->tenant_id);
	bind_bigint(&values, limit);
	appendStringInfoString(&sql, "SELECT " JOB_COLUMNS_SQL " FROM (SELECT " JOB_COLUMNS_SQL " FROM idpsync.job"
						   " WHERE tenant_id" EQUALS "$1 AND NOT idpsync.job_started_soon(created_at, start_time)");
	append_job_filter(&sql, args, &values, filter);
	append_from(&sql, args, &values, range->from);
	append_position(&sql, args, &values, range);
	appendStringInfoString(&sql, " OFFSET 0) AS job");
	append_order(&sql, 2);

	keep_text(statement, &sql, args, values.n);
	run_statement(statement, &values, true);
	return keep_rows();
}

/* does a row come before another in the list? */
static bool
is_newer(const Datum *a, const Datum *b)
{
	TimestampTz a_time = DatumGetTimestampTz(a[J_CREATED_AT]);
	TimestampTz b_time = DatumGetTimestampTz(b[J_CREATED_AT]);
	text	   *a_id;
	text	   *b_id;
	size_t		a_len;
	size_t		b_len;
	int			order;

	if (a_time != b_time)
		return a_time > b_time;
	a_id = DatumGetTextPP(a[J_ID]);
	b_id = DatumGetTextPP(b[J_ID]);
	a_len = VARSIZE_ANY_EXHDR(a_id);
	b_len = VARSIZE_ANY_EXHDR(b_id);
	order = memcmp(VARDATA_ANY(a_id), VARDATA_ANY(b_id), Min(a_len, b_len));
	return order > 0 || (order == 0 && a_len > b_len);
}

/* the newest of two reads, up to so many */
static PageRows
merge_reads(const PageRows *a, const PageRows *b, uint64 limit)
{
	PageRows	merged;
	uint64		i = 0;
	uint64		j = 0;

	if (a->n == 0)
		return *b;
	if (b->n == 0)
		return *a;
	merged = page_alloc(a->n_columns, Min(a->n + b->n, limit));
	for (uint64 n = 0; n < merged.n; n++)
	{
		bool		from_a = j == b->n || (i < a->n && is_newer(page_values(a, i), page_values(b, j)));
		const PageRows *source = from_a ? a : b;
		uint64		row = from_a ? i++ : j++;

		memcpy(page_values(&merged, n), page_values(source, row), sizeof(Datum) * merged.n_columns);
		memcpy(page_nulls(&merged, n), page_nulls(source, row), sizeof(bool) * merged.n_columns);
	}
	return merged;
}

/* what is older than a full page need not be read */
static void
narrow(Range *range, const PageRows *rows, uint64 limit)
{
	if (rows->n == limit)
		range->from = Max(range->from, DatumGetTimestampTz(page_values(rows, limit - 1)[J_CREATED_AT]));
}

/* where the jobs were created that started in the time asked for, within an hour from it */
static void
narrow_by_times(Range *range, const JobFilter *filter)
{
	if (filter->start != DT_NOBEGIN)
		range->from = Max(range->from, filter->start - JOB_STARTS_WITHIN);
	if (filter->end != DT_NOBEGIN && (!range->after || filter->end <= range->created_at))
	{
		range->after = true;
		range->created_at = filter->end;
		range->id = "";
	}
}

static int
compare_texts(const void *a, const void *b)
{
	text	   *x = DatumGetTextPP(*(const Datum *) a);
	text	   *y = DatumGetTextPP(*(const Datum *) b);
	size_t		x_len = VARSIZE_ANY_EXHDR(x);
	size_t		y_len = VARSIZE_ANY_EXHDR(y);

	if (x_len != y_len)
		return x_len < y_len ? -1 : 1;
	return memcmp(VARDATA_ANY(x), VARDATA_ANY(y), x_len);
}

/* the branches of a list, those that usually have most jobs first */
static void
find_branches(const JobFilter *filter, Branches *branches)
{
	int			classes[JOB_CLASSES];

	memset(branches, 0, sizeof(*branches));
	if (filter->no_target_ids && filter->target_type == 0 && filter->direction == 0 && filter->status == 0)
		return;
	branches->n = job_filter_classes(filter, classes);
	for (int i = 0; i < branches->n; i++)
		branches->classes[i] = Int32GetDatum(classes[i]);
	if (!filter->no_target_ids)
	{
		int			n;

		deconstruct_array(DatumGetArrayTypeP(filter->target_ids), TEXTOID, -1, false, TYPALIGN_INT,
						  &branches->targets, NULL, &n);
		qsort(branches->targets, n, sizeof(Datum), compare_texts);
		branches->n_targets = qunique(branches->targets, n, sizeof(Datum), compare_texts);
		branches->n *= branches->n_targets;
	}
}

/* the page as far as it can be read in the order of the list */
static PageRows
read_in_order(const JobFilter *filter, Range range, int64 limit)
{
	Branches	branches;
	PageRows	rows = {0};
	int			first = 0;
	int			n = FIRST_BRANCHES;

	narrow_by_times(&range, filter);
	find_branches(filter, &branches);
	if (branches.n_targets > 0 && WALK_PER_BRANCH * branches.n > limit)
	{
		rows = walk(filter, &range, WALK_PER_BRANCH * branches.n, limit);
		if (rows.n == limit)
			return rows;
		rows.n = 0;
	}
	do
	{
		PageRows	more;

		n = Min(n, branches.n - first);
		more = read_branches(filter, &range, &branches, first, n, limit);
		rows = merge_reads(&rows, &more, limit);
		narrow(&range, &rows, limit);
		first += n;
		n *= MORE_BRANCHES;
	} while (first < branches.n);
	return rows;
}

PageRows
read_job_page(const JobFilter *filter, const ListPage *page)
{
	Range		range = {page->after, page->created_at, page->id, DT_NOBEGIN};
	int64		limit = page->size + 1; /* tells whether there is a next page */
	PageRows	rows = read_in_order(filter, range, limit);

	if (filters_times(filter))
	{
		PageRows	strayed;

		narrow(&range, &rows, limit);
		strayed = read_strayed(filter, &range, limit);
		rows = merge_reads(&rows, &strayed, limit);
	}
	return rows;
}

bool
skip_jobs(const JobFilter *filter, ListPage *page, int64 n)
{
	MemoryContext context = CurrentMemoryContext;

	while (n > 0)
	{
		ListPage	skipped = *page;
		PageRows	rows;

		skipped.size = Min(n, SKIP_AT_ONCE);
		/* SPI_finish() frees what was read */
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		rows = read_job_page(filter, &skipped);
		page->after = rows.n > (uint64) skipped.size;
		if (page->after)
		{
			Datum	   *last = page_values(&rows, skipped.size - 1);

			page->created_at = DatumGetTimestampTz(last[J_CREATED_AT]);
			page->id = MemoryContextStrdup(context, TextDatumGetCString(last[J_ID]));
		}
		SPI_finish();
		if (!page->after)
			return false;
		n -= skipped.size;
	}
	return true;
}
