/*
 * partitions.c: the partitions of job and operation by created_at.
 *
 * There is no default partition: it would make every list a merge and forbid
 * a concurrent detach. The first begins at MINVALUE, the last ends at MAXVALUE.
 */
#include "store/partitions.h"

#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"

#include "base/catalog.h"

#include "base/compat.h"

static void
check_interval(const char *table, const Interval *interval)
{
	bool		months = interval->month > 0 && interval->day == 0 && interval->time == 0;
	/* the first conditions keep the sum from overflowing */
	bool		hours = interval->month == 0 &&
		interval->day >= 0 && interval->day <= 3660 &&
		interval->time >= 0 && interval->time <= 3660 * USECS_PER_DAY &&
		interval->day * USECS_PER_DAY + interval->time >= USECS_PER_HOUR &&
		interval->day * USECS_PER_DAY + interval->time <= 3660 * USECS_PER_DAY;

	if (!(months && interval->month <= 120) && !hours)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid %s_interval: \"%s\"", table,
						DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(interval)))),
				 errdetail("Partitions are of 1 to 120 whole months, or of 1 hour to 3660 days.")));
}

pg_noreturn static void
refuse_bound(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("timestamp out of range")));
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
		refuse_bound();
	if (interval->month > 0)
		tm.tm_mday = 1;
	if (interval->month > 0 || interval->time % USECS_PER_DAY == 0)
		tm.tm_hour = 0;
	tm.tm_min = tm.tm_sec = 0;
	if (tm2timestamp(&tm, 0, &zone, &bound) != 0)
		refuse_bound();
	return bound;
}

TimestampTz
next_bound(TimestampTz bound, const Interval *interval)
{
	return DatumGetTimestampTz(DirectFunctionCall2(timestamp_pl_interval, TimestampTzGetDatum(bound), IntervalPGetDatum(interval)));
}

void
format_bound(TimestampTz bound, char literal[BOUND_SIZE], char suffix[BOUND_SIZE])
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(bound, NULL, &tm, &fsec, NULL, NULL) != 0)
		refuse_bound();
	snprintf(literal, BOUND_SIZE, "'%04d-%02d-%02d %02d:%02d:%02d.%06d+00'",
			 tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fsec);
	if (tm.tm_hour == 0 && tm.tm_min == 0)
		snprintf(suffix, BOUND_SIZE, "%04d%02d%02d", tm.tm_year, tm.tm_mon, tm.tm_mday);
	else
		snprintf(suffix, BOUND_SIZE, "%04d%02d%02d_%02d%02d", tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min);
}

/* the triggers that count jobs, for the table as %1$s; see count_triggers.c */
static const struct
{
	const char *name;
	const char *ddl;
}			count_triggers[] = {
	{"job_count_insert",
		"CREATE TRIGGER job_count_insert AFTER INSERT ON %1$s REFERENCING NEW TABLE AS added"
		" FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();"
	"COMMENT ON TRIGGER job_count_insert ON %1$s IS 'counts the jobs a statement brings'"},
	{"job_count_update",
		"CREATE TRIGGER job_count_update AFTER UPDATE ON %1$s REFERENCING OLD TABLE AS removed NEW TABLE AS added"
		" FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();"
	"COMMENT ON TRIGGER job_count_update ON %1$s IS 'counts the jobs a statement changes'"},
	{"job_count_delete",
		"CREATE TRIGGER job_count_delete AFTER DELETE ON %1$s REFERENCING OLD TABLE AS removed"
		" FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();"
	"COMMENT ON TRIGGER job_count_delete ON %1$s IS 'takes away the jobs a statement deletes'"},
	/* of partitions alone: a statement that truncates job truncates, and fires, its partitions */
	{"job_count_truncate",
		"CREATE TRIGGER job_count_truncate AFTER TRUNCATE ON %1$s"
		" FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();"
	"COMMENT ON TRIGGER job_count_truncate ON %1$s IS 'takes away the jobs of a truncated partition'"}
};

static void
run_ddl(const char *ddl)
{
	if (SPI_execute(ddl, false, 0) < 0)
		elog(ERROR, "could not run: %s", ddl);
}

void
make_count_triggers(Oid relid)
{
	const char *table = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));

	for (int i = 0; i < lengthof(count_triggers); i++)
	{
		if (strcmp(count_triggers[i].name, "job_count_truncate") == 0 && !get_rel_relispartition(relid))
			continue;
		if (!OidIsValid(get_trigger_oid(relid, count_triggers[i].name, true)))
			run_ddl(psprintf(count_triggers[i].ddl, table));
	}
}

static void
count_table(const char *table)
{
	make_count_triggers(get_relname_relid(table, idpsync_namespace()));
}

void
create_partition(const char *table, const char *suffix, const char *from, const char *to, bool with_triggers)
{
	char	   *name = psprintf("%s_%s", table, suffix);

	run_ddl(psprintf("CREATE TABLE idpsync.%1$s PARTITION OF idpsync.%2$s FOR VALUES FROM (%3$s) TO (%4$s);"
					 "COMMENT ON TABLE idpsync.%1$s IS 'partition of idpsync.%2$s by created_at'",
					 name, table, from, to));
	if (with_triggers && strcmp(table, "job") == 0)
		count_table(name);
}

void
create_first_partitions(const char *table, const Interval *interval)
{
	TimestampTz bound;
	char		from[BOUND_SIZE];
	char		suffix[BOUND_SIZE];

	check_interval(table, interval);
	if (strcmp(table, "job") == 0)
		count_table(table);
	bound = first_bound(interval);
	format_bound(bound, from, suffix);
	create_partition(table, "first", "MINVALUE", from, true);
	for (int i = 0; i < PARTITIONS_AHEAD; i++)
	{
		char		to[BOUND_SIZE];
		char		next_suffix[BOUND_SIZE];

		bound = next_bound(bound, interval);
		format_bound(bound, to, next_suffix);
		create_partition(table, suffix, from, to, true);
		strcpy(from, to);
		strcpy(suffix, next_suffix);
	}
	create_partition(table, "last", from, "MAXVALUE", true);
}
