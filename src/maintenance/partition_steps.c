/*
 * partition_steps.c: steps that make partitions ahead of time and drop those
 * past their retention.
 *
 * Each is one short transaction. Nobody queues behind it for longer than it may
 * wait for a lock itself; what is busy is tried again the next time.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "job/count_deltas.h"
#include "maintenance/steps.h"
#include "store/job_counts_scan.h"
#include "store/partition_bounds.h"
#include "store/partitions.h"
#include "store/settings.h"
#include "store/statement.h"
#include "store/store.h"
#include "store/turn.h"

/* rows from the future that are moved */
#define MOST_MOVED 10000

/* one statement: Citus passes on the whole text of several */
static void
run_ddl(const char *ddl)
{
	run_isolated(ddl, false);
}

bool
query_is_true(const char *sql)
{
	char	   *value;

	run_isolated(sql, false);
	value = result_text(0, 1);
	return value && strcmp(value, "t") == 0;
}

bool
lock_partitions(void)
{
	return take_turn("maintenance_log_pkey");
}

static char *
name_of(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
}

static char *
literal_of(TimestampTz bound)
{
	char	   *literal = palloc(BOUND_SIZE);
	char		suffix[BOUND_SIZE];

	if (bound == DT_NOBEGIN)
		return "MINVALUE";
	if (bound == DT_NOEND)
		return "MAXVALUE";
	format_bound(bound, literal, suffix);
	return literal;
}

static void
make_partition(const char *table, const char *suffix, const char *from, const char *to)
{
	create_partition(table, suffix, from, to, !store_is_distributed());
}

static Interval *
partition_interval(const char *table)
{
	run_isolated(psprintf("SELECT %s_interval::text FROM idpsync.store_info", table), true);
	return DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(result_text(0, 1)),
												 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

/* how far it reaches where maintenance is in time */
static TimestampTz
reach(TimestampTz from, const Interval *interval)
{
	for (int i = 1; i < PARTITIONS_AHEAD; i++)
		from = next_bound(from, interval);
	return from;
}

/* the bound of an interval that is after a time, counted from where the last partition begins */
static TimestampTz
bound_after(TimestampTz time, TimestampTz start, const Interval *interval)
{
	TimestampTz bound = next_bound(start, interval);

	while (bound <= time)
	{
		CHECK_FOR_INTERRUPTS();
		bound = next_bound(bound, interval);
	}
	return bound;
}

/* a partition from start to end, and those that follow, until it reaches far enough */
static TimestampTz
create_ahead(const char *table, TimestampTz start, TimestampTz end, TimestampTz until, const Interval *interval, int64 *made)
{
	while (start <= until)
	{
		char		literal[BOUND_SIZE];
		char		suffix[BOUND_SIZE];

		format_bound(start, literal, suffix);
		make_partition(table, suffix, literal, literal_of(end));
		(*made)++;
		start = end;
		end = next_bound(end, interval);
	}
	return start;
}

/* the last is empty: it goes aside, and comes back behind the new ones */
static void
make_room(const char *table, const Partition *last, TimestampTz until, const Interval *interval, StepResult *result)
{
	char	   *name = name_of(last->relid);
	TimestampTz start;

	run_ddl(psprintf("ALTER TABLE idpsync.%s DETACH PARTITION %s", table, name));
	start = create_ahead(table, last->start, bound_after(GetCurrentTimestamp(), last->start, interval), until, interval, &result->rows);
	run_ddl(psprintf("ALTER TABLE idpsync.%s ATTACH PARTITION %s FOR VALUES FROM (%s) TO (MAXVALUE)", table, name, literal_of(start)));
}

/* names of the columns of a table, as a list */
static char *
column_list(const char *table)
{
	run_isolated(psprintf("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
						  " WHERE attrelid = 'idpsync.%s'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''", table), true);
	return result_text(0, 1);
}

/* jobs have gone from the partition that begins at %s to where they are now; triggers tell so themselves */
static const char count_moved[] =
"INSERT INTO idpsync.job_count_delta (delta_id, " COUNT_COLUMNS_SQL ")"
" SELECT %lld + row_number() OVER (), m.tenant_id, 'f', m.target_id, (m.start_time AT TIME ZONE 'UTC')::date, m.target_type,"
" m.direction, m.status, s.partition_start, s.sign, CASE WHEN s.sign > 0 THEN m.statistics ELSE '{}' END,"
" CASE WHEN s.sign > 0 THEN '{}' ELSE m.statistics END FROM idpsync.job_moved AS m CROSS JOIN LATERAL (VALUES (timestamptz %s, -1),"
" ((SELECT max(start) FROM " LIVE_PARTITIONS " AS live WHERE start <= m.created_at), 1)) AS s (partition_start, sign)";

/*
 * What of the user's would take a row that moves for one that is deleted, or
 * change it: foreign keys, triggers and rules; NULL: nothing.
 */
static const char onlookers[] =
"WITH moving AS (SELECT unnest(ARRAY['idpsync.%1$s', %2$s]::regclass[]) AS id)"
" SELECT string_agg(what, ', ' ORDER BY what) FROM ("
" SELECT format('foreign key %%I of %%s', conname, conrelid::regclass) AS what FROM pg_constraint"
" WHERE contype = 'f' AND conparentid = 0 AND confrelid IN (SELECT id FROM moving)"
" UNION ALL SELECT format('trigger %%I of %%s', t.tgname, t.tgrelid::regclass) FROM pg_trigger AS t"
" WHERE t.tgrelid IN (SELECT id FROM moving) AND NOT t.tgisinternal AND t.tgparentid = 0 AND NOT EXISTS (SELECT FROM pg_depend AS d"
" JOIN pg_extension AS e ON e.oid = d.refobjid WHERE d.classid = 'pg_proc'::regclass AND d.objid = t.tgfoid"
" AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'idpsync')"
" UNION ALL SELECT format('rule %%I of %%s', rulename, ev_class::regclass) FROM pg_rewrite WHERE ev_class IN (SELECT id FROM moving)) AS w";

/* what keeps so many rows from the future where they are; NULL: nothing */
static char *
why_not_moved(const char *table, const Partition *last, int64 rows)
{
	char	   *seen_by;

	if (rows > MOST_MOVED)
		return psprintf("the last partition holds " INT64_FORMAT " rows from the future, too many to be moved:"
						" partitions cannot be made before them until they are deleted", rows);
	run_isolated(psprintf(onlookers, table, quote_literal_cstr(name_of(last->relid))), true);
	seen_by = result_text(0, 1);
	return seen_by == NULL ? NULL :
		psprintf("the last partition holds " INT64_FORMAT " rows from the future, not to be moved because of %s:"
				 " partitions cannot be made before them until either is gone", rows, seen_by);
}

/* rows from the future are put aside until there is a place for them */
static void
set_aside(const char *table, const char *columns, const char *partition, const char *from)
{
	run_ddl(psprintf("CREATE UNLOGGED TABLE idpsync.%s_moved AS SELECT %s FROM %s WHERE created_at >= %s", table, columns, partition, from));
	run_isolated(psprintf("DELETE FROM %s WHERE created_at >= %s", partition, from), false);
}

/* the rows that were set aside come back */
static void
put_back(const char *table, const char *columns, const char *was_in)
{
	run_isolated(psprintf("INSERT INTO idpsync.%1$s (%2$s) SELECT %2$s FROM idpsync.%1$s_moved", table, columns), false);
	if (store_is_distributed() && strcmp(table, "job") == 0)
		run_isolated(psprintf(count_moved, (long long) random_delta_id(), was_in), false);
	run_ddl(psprintf("DROP TABLE idpsync.%s_moved", table));
}

/*
 * Maintenance was late and the last holds rows: it gets an upper bound where
 * it is, and a new one follows. No row moves, but the few that come from the
 * future (an import believes its StartTime), which would hold up all others.
 */
static void
close_last(const char *table, const Partition *last, TimestampTz newest, int64 from_future, TimestampTz until,
		   const Interval *interval, StepResult *result)
{
	TimestampTz end = bound_after(Max(newest, GetCurrentTimestamp()), last->start, interval);
	char	   *name = name_of(last->relid);
	char	   *columns = column_list(table);
	char	   *from = literal_of(last->start);
	char	   *to = literal_of(end);
	char		literal[BOUND_SIZE];
	char		suffix[BOUND_SIZE];
	char	   *closed;
	TimestampTz start;

	format_bound(last->start, literal, suffix);
	closed = psprintf("%s_%s", table, suffix);
	if (from_future > 0)
		set_aside(table, columns, name, to);
	/* with the constraint, attaching it reads no row a second time */
	run_ddl(psprintf("ALTER TABLE %s ADD CONSTRAINT idpsync_bound CHECK (created_at IS NOT NULL AND created_at >= %s AND created_at < %s)",
					 name, from, to));
	run_ddl(psprintf("ALTER TABLE idpsync.%s DETACH PARTITION %s", table, name));
	run_ddl(psprintf("ALTER TABLE %s RENAME TO %s", name, closed));
	name = name_of(last->relid);
	run_ddl(psprintf("ALTER TABLE idpsync.%s ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)", table, name, from, to));
	run_ddl(psprintf("ALTER TABLE %s DROP CONSTRAINT idpsync_bound", name));
	result->rows++;
	start = create_ahead(table, end, next_bound(end, interval), until, interval, &result->rows);
	make_partition(table, "last", literal_of(start), "MAXVALUE");
	if (from_future > 0)
		put_back(table, columns, from);
	result->detail = psprintf("%s held rows and now ends at %s", closed, to);
}

static StepResult
extend(const char *table)
{
	StepResult	result = {0};
	Interval   *interval = partition_interval(table);
	TimestampTz until = reach(GetCurrentTimestamp(), interval);
	int			n;
	Partition  *partitions;
	Partition  *last;
	TimestampTz horizon;
	TimestampTz newest;
	int64		rows;
	int64		from_future;

	if (!lock_partitions())
		return result;
	partitions = list_partitions(table, &n);
	last = &partitions[n - 1];
	if (n == 0 || last->end != DT_NOEND)
	{
		result.detail = "no partition ends at MAXVALUE";
		result.is_blocked = true;
		return result;
	}
	horizon = reach(until, interval);
	run_isolated(psprintf("SELECT count(*), max(created_at) FILTER (WHERE created_at < %s), count(*) FILTER (WHERE created_at >= %s) FROM %s",
						  literal_of(horizon), literal_of(horizon), name_of(last->relid)), false);
	rows = result_int64(0, 1);
	newest = result_text(0, 2) ? result_int64(0, 2) : DT_NOBEGIN;
	from_future = result_int64(0, 3);
	/* rows from the future are well where they are, as long as no others are due */
	if (newest == DT_NOBEGIN && last->start > until)
		return result;
	result.detail = rows > 0 && from_future > 0 ? why_not_moved(table, last, from_future) : NULL;
	result.is_blocked = result.detail != NULL;
	if (result.is_blocked)
		return result;
	run_ddl(psprintf("LOCK TABLE ONLY idpsync.%s IN ACCESS EXCLUSIVE MODE", table));
	/* one may have come before the lock did */
	if (rows == 0 && !query_is_true(psprintf("SELECT EXISTS (SELECT 1 FROM %s)", name_of(last->relid))))
		make_room(table, last, until, interval, &result);
	else
		close_last(table, last, newest, from_future, until, interval, &result);
	return result;
}

StepResult
extend_jobs(void)
{
	return extend("job");
}

StepResult
extend_operations(void)
{
	return extend("operation");
}

/*
 * Are there rows that keep a partition, as %1$s, from being dropped? Jobs are
 * asked of the index on their class, a look a tenant: classes of those that
 * have not ended come first.
 */
static const char open_jobs[] =
"WITH RECURSIVE lowest AS ("
" (SELECT tenant_id, idpsync.job_class(target_type, direction, status) AS class FROM %1$s ORDER BY 1, 2 LIMIT 1)"
" UNION ALL SELECT next.* FROM lowest AS l CROSS JOIN LATERAL ("
"SELECT tenant_id, idpsync.job_class(target_type, direction, status) FROM %1$s WHERE tenant_id > l.tenant_id ORDER BY 1, 2 LIMIT 1) AS next)"
" SELECT EXISTS (SELECT FROM lowest WHERE class <= idpsync.job_class('application', 'egress', 'running'))";

/* Citus plans no recursion over a distributed table */
static const char distributed_open_jobs[] =
"SELECT EXISTS (SELECT 1 FROM %1$s WHERE status IN ('pending', 'running'))";

static const char open_operations[] =
"SELECT EXISTS (SELECT 1 FROM %1$s AS o WHERE NOT o.done)"
" OR EXISTS (SELECT 1 FROM idpsync.idempotency_key AS k JOIN %1$s AS o ON o.operation_id = k.operation_id AND o.tenant_id = k.tenant_id)";

/* The counts of the first partition would be those of the one that takes its place. */
static const char first_to_history[] =
"WITH c AS MATERIALIZED (SELECT " COUNT_COLUMNS_SQL " FROM idpsync.job_count WHERE partition_start = '-infinity' AND grain IN ('d', 't')"
" UNION ALL SELECT " COUNT_COLUMNS_SQL " FROM idpsync.job_count_delta WHERE partition_start = '-infinity')"
" INSERT INTO idpsync.job_count_delta (delta_id, " COUNT_COLUMNS_SQL ")"
" SELECT %lld + row_number() OVER (), c.tenant_id, c.grain, c.target_id, c.period, c.target_type, c.direction, c.status,"
" s.partition_start, c.jobs * s.sign, CASE WHEN s.sign > 0 THEN c.added ELSE c.removed END, CASE WHEN s.sign > 0 THEN c.removed ELSE c.added END"
" FROM c CROSS JOIN (VALUES (timestamptz 'infinity', 1), ('-infinity', -1)) AS s (partition_start, sign)";

/* which of two partitions holds rows that keep it; NULL: neither */
static const char *
kept_partition(const char *open_rows, const char *first, const char *second)
{
	if (query_is_true(psprintf(open_rows, first)))
		return first;
	return query_is_true(psprintf(open_rows, second)) ? second : NULL;
}

/*
 * Drops the first two partitions, where the second is past its retention, and
 * makes a new first one in their place, and in that of any between them that
 * somebody has taken away.
 *
 * Only who writes to these two waits while their rows are looked at, and their
 * counts moved; the rest of the table is locked for as long as detaching and
 * dropping them takes. A writer who waits here holds what that needs: the
 * lock_timeout, shorter than that of deadlocks, lets him go on, and the
 * partitions wait for the next time.
 */
static StepResult
retire(const char *table, int64 retention, const char *open_rows, const char *kept)
{
	StepResult	result = {0};
	TimestampTz before = GetCurrentTimestamp() - retention;
	int			n;
	Partition  *partitions;
	char	   *first;
	char	   *second;
	const char *keeps;

	if (!lock_partitions())
		return result;
	partitions = list_partitions(table, &n);
	if (n > 0 && partitions[0].start != DT_NOBEGIN)
	{
		result.detail = "no partition begins at MINVALUE";
		result.is_blocked = true;
	}
	if (n < 2 || result.is_blocked || partitions[1].end > before)
		return result;
	first = name_of(partitions[0].relid);
	second = name_of(partitions[1].relid);
	keeps = kept_partition(open_rows, first, second);
	if (keeps == NULL)
	{
		run_ddl(psprintf("LOCK TABLE %s, %s IN SHARE ROW EXCLUSIVE MODE", first, second));
		keeps = kept_partition(open_rows, first, second);
	}
	if (keeps)
	{
		result.detail = psprintf("%s holds %s", keeps, kept);
		return result;
	}
	if (strcmp(table, "job") == 0)
	{
		run_isolated(psprintf(first_to_history, (long long) random_delta_id()), false);
		remember_retired_jobs(partitions[1].end);
	}
	/* detached, nothing asks for them any more but rows of other tables that name one of theirs */
	run_ddl(psprintf("ALTER TABLE idpsync.%s DETACH PARTITION %s", table, first));
	run_ddl(psprintf("ALTER TABLE idpsync.%s DETACH PARTITION %s", table, second));
	run_ddl(psprintf("DROP TABLE %s, %s", first, second));
	make_partition(table, "first", "MINVALUE", literal_of(partitions[1].end));
	/* whoever is looking at them has the table, and has ended before it could be detached */
	if (strcmp(table, "job") == 0)
		look_at_foreign_ids_again();
	result.rows = 1;
	result.more = true;
	result.whole = true;
	result.detail = psprintf("dropped all before %s", literal_of(partitions[1].end));
	return result;
}

StepResult
retire_jobs(void)
{
	return retire("job", store_settings()->job_retention, store_is_distributed() ? distributed_open_jobs : open_jobs, "jobs that have not ended");
}

StepResult
retire_operations(void)
{
	return retire("operation", store_settings()->operation_retention, open_operations,
				  "operations that are not done, or have an idempotency key");
}
