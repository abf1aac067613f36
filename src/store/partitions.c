/*
 * partitions.c: the partitions of job and operation by created_at.
 *
 * There is no default partition: it would make every list a merge and forbid
 * a concurrent detach. The first begins at MINVALUE, the last ends at MAXVALUE.
 */
#include "store/partitions.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(partition_start);

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

/* the triggers that count jobs, for the table as %1$s; see count_triggers.c */
static const char count_triggers[] =
"CREATE TRIGGER job_count_insert AFTER INSERT ON idpsync.%1$s REFERENCING NEW TABLE AS added"
" FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();"
"CREATE TRIGGER job_count_update AFTER UPDATE ON idpsync.%1$s REFERENCING OLD TABLE AS removed NEW TABLE AS added"
" FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();"
"CREATE TRIGGER job_count_delete AFTER DELETE ON idpsync.%1$s REFERENCING OLD TABLE AS removed"
" FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();"
"COMMENT ON TRIGGER job_count_insert ON idpsync.%1$s IS 'counts the jobs a statement brings';"
"COMMENT ON TRIGGER job_count_update ON idpsync.%1$s IS 'counts the jobs a statement changes';"
"COMMENT ON TRIGGER job_count_delete ON idpsync.%1$s IS 'takes away the jobs a statement deletes'";

/* a statement that truncates job truncates, and fires, its partitions */
static const char truncate_trigger[] =
"CREATE TRIGGER job_count_truncate AFTER TRUNCATE ON idpsync.%1$s"
" FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();"
"COMMENT ON TRIGGER job_count_truncate ON idpsync.%1$s IS 'takes away the jobs of a truncated partition'";

static void
run_ddl(const char *ddl)
{
	if (SPI_execute(ddl, false, 0) < 0)
		elog(ERROR, "could not run: %s", ddl);
}

static void
create_partition(const char *table, const char *suffix, const char *from, const char *to)
{
	char	   *name = psprintf("%s_%s", table, suffix);

	run_ddl(psprintf("CREATE TABLE idpsync.%1$s PARTITION OF idpsync.%2$s FOR VALUES FROM (%3$s) TO (%4$s);"
					 "COMMENT ON TABLE idpsync.%1$s IS 'partition of idpsync.%2$s by created_at'",
					 name, table, from, to));
	if (strcmp(table, "job") == 0)
	{
		run_ddl(psprintf(count_triggers, name));
		run_ddl(psprintf(truncate_trigger, name));
	}
}

void
create_first_partitions(const char *table, const Interval *interval)
{
	TimestampTz bound;
	char		from[64];
	char		suffix[64];

	check_interval(table, interval);
	if (strcmp(table, "job") == 0)
		run_ddl(psprintf(count_triggers, table));
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

bool
partition_begins(Oid relid, TimestampTz *start)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	PartitionBoundSpec *bound = NULL;
	bool		isnull = true;
	Datum		datum;

	if (!HeapTupleIsValid(tuple))
		return false;
	datum = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relpartbound, &isnull);
	if (!isnull)
		bound = stringToNode(TextDatumGetCString(datum));
	ReleaseSysCache(tuple);
	if (bound && bound->strategy == PARTITION_STRATEGY_RANGE && !bound->is_default && list_length(bound->lowerdatums) == 1)
	{
		PartitionRangeDatum *lower = linitial_node(PartitionRangeDatum, bound->lowerdatums);

		if (lower->kind == PARTITION_RANGE_DATUM_MINVALUE)
		{
			*start = DT_NOBEGIN;
			return true;
		}
		if (IsA(lower->value, Const) && castNode(Const, lower->value)->consttype == TIMESTAMPTZOID)
		{
			*start = DatumGetTimestampTz(castNode(Const, lower->value)->constvalue);
			return true;
		}
	}
	return false;
}

/*
 * partition_start(partition regclass): where a partition of job or operation
 * begins, -infinity for the first; NULL for any other table.
 */
Datum
partition_start(PG_FUNCTION_ARGS)
{
	TimestampTz start;

	if (!partition_begins(PG_GETARG_OID(0), &start))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(start);
}

/* the bounds of its partitions, in order */
static PartitionBoundInfo
partition_bounds(Relation table)
{
	PartitionKey key = table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ? RelationGetPartitionKey(table) : NULL;

	if (key == NULL || key->strategy != PARTITION_STRATEGY_RANGE || key->partnatts != 1 || key->parttypid[0] != TIMESTAMPTZOID)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" is not partitioned by range of created_at", RelationGetRelationName(table))));
	return RelationGetPartitionDesc(table, true)->boundinfo;
}

static TimestampTz
bound_time(PartitionBoundInfo bounds, int i)
{
	switch (bounds->kind[i][0])
	{
		case PARTITION_RANGE_DATUM_MINVALUE:
			return DT_NOBEGIN;
		case PARTITION_RANGE_DATUM_MAXVALUE:
			return DT_NOEND;
		default:
			return DatumGetTimestampTz(bounds->datums[i][0]);
	}
}

/* MAXVALUE is after infinity too */
static bool
is_bound_after(PartitionBoundInfo bounds, int i, TimestampTz time)
{
	return bounds->kind[i][0] == PARTITION_RANGE_DATUM_MAXVALUE || bound_time(bounds, i) > time;
}

void
find_partition(Relation table, TimestampTz created_at, TimestampTz *start, TimestampTz *end)
{
	PartitionBoundInfo bounds = partition_bounds(table);
	int			low = 0;
	int			high = bounds->ndatums - 1;

	/* the last bound that is not after it */
	while (low < high)
	{
		int			middle = (low + high + 1) / 2;

		if (is_bound_after(bounds, middle, created_at))
			high = middle - 1;
		else
			low = middle;
	}
	*start = bound_time(bounds, low);
	*end = low + 1 < bounds->ndatums ? bound_time(bounds, low + 1) : DT_NOEND;
}

TimestampTz *
partition_starts(Relation table, int *n)
{
	PartitionBoundInfo bounds = partition_bounds(table);
	TimestampTz *starts;

	*n = 0;
	if (bounds == NULL)
		return NULL;
	starts = palloc(sizeof(TimestampTz) * bounds->ndatums);
	for (int i = 0; i < bounds->ndatums; i++)
	{
		/* indexes[i + 1] is what begins there, and none where there is a gap */
		if (bounds->indexes[i + 1] >= 0)
			starts[(*n)++] = bound_time(bounds, i);
	}
	return starts;
}
