/*
 * job_statistics.c: the type job_statistics: what it is, and its functions for SQL.
 *
 * How they work is in counter_type.c and counter_rows.c.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "common/int.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "counters/counter_type.h"
#include "counters/counters.h"
#include "counters/counters_json.h"

PG_FUNCTION_INFO_V1(job_statistics_in);
PG_FUNCTION_INFO_V1(job_statistics_out);
PG_FUNCTION_INFO_V1(job_statistics_recv);
PG_FUNCTION_INFO_V1(job_statistics_from_bytea);
PG_FUNCTION_INFO_V1(job_statistics_to_json);
PG_FUNCTION_INFO_V1(job_statistics_add);
PG_FUNCTION_INFO_V1(job_statistics_pointwise_max);
PG_FUNCTION_INFO_V1(job_statistics_accum);
PG_FUNCTION_INFO_V1(job_statistics_entries);
PG_FUNCTION_INFO_V1(job_statistics_counter);
PG_FUNCTION_INFO_V1(job_statistics_collect);
PG_FUNCTION_INFO_V1(add_or_null);
PG_FUNCTION_INFO_V1(is_balanced);

static const char *const object_kinds[JOB_OBJECTS] = {
	"User", "OrganizationalUnit", "Group", "GroupMember"
};

static const char *
object_label(int object)
{
	return job_object_keys[object];
}

static const char *
change_label(int change)
{
	return job_change_keys[change];
}

static Datum
object_datum(int object)
{
	return CStringGetTextDatum(object_kinds[object]);
}

static Datum
change_datum(int change)
{
	return CStringGetTextDatum(job_change_keys[change]);
}

static int
object_argument(FunctionCallInfo fcinfo)
{
	return name_argument(fcinfo, 1, "object kind", object_kinds, JOB_OBJECTS);
}

static int
change_argument(FunctionCallInfo fcinfo)
{
	return name_argument(fcinfo, 2, "change kind", job_change_keys, JOB_CHANGES);
}

const CounterType job_statistics_type = {
	.name = "job_statistics",
	.shape = &job_shape,
	.changes = JOB_CHANGES,
	.counter_names = job_counter_keys,
	.parse = job_statistics_parse,
	.write = job_statistics_write,
	.object_label = object_label,
	.change_label = change_label,
	.object_datum = object_datum,
	.change_datum = change_datum,
	.object_argument = object_argument,
	.change_argument = change_argument
};

Datum
job_statistics_make(const JobCells *cells)
{
	return counter_type_make(&job_statistics_type, cells);
}

void
job_statistics_read(Datum datum, JobCells *cells)
{
	counter_type_read(&job_statistics_type, datum, cells);
}

bool
job_statistics_is_empty(Datum datum)
{
	/* a cell takes its control byte at least */
	return toast_raw_datum_size(datum) - VARHDRSZ == 1 + job_shape.bitmap_bytes;
}

void
job_cells_add(JobCells *a, const JobCells *b)
{
	counter_type_add_cells(&job_statistics_type, a, b);
}

bool
job_cells_try_add(JobCells *a, const JobCells *b)
{
	int64_t    *sums = cells_counters(a);
	const int64_t *values = cells_counters(b);

	for (int i = 0; i < JOB_CELLS * JOB_COUNTERS; i++)
	{
		if (pg_add_s64_overflow(sums[i], values[i], &sums[i]))
			return false;
	}
	a->present |= b->present;
	return true;
}

void
job_cells_max(JobCells *a, const JobCells *b)
{
	counter_type_max_cells(&job_statistics_type, a, b);
}

/*
 * job_statistics_in(cstring) -> job_statistics: the documented JSON, or
 * ProtoJSON. Errors 22P02, 22003, 22023 and 54000 name the path; soft where asked.
 */
Datum
job_statistics_in(PG_FUNCTION_ARGS)
{
	return counter_type_in(&job_statistics_type, fcinfo);
}

/* job_statistics_out(job_statistics) -> cstring: the documented JSON */
Datum
job_statistics_out(PG_FUNCTION_ARGS)
{
	return counter_type_out(&job_statistics_type, fcinfo);
}

/*
 * job_statistics_recv(internal) -> job_statistics: the packed bytes, checked; ERROR
 * 22P03 if they are no packed value.
 */
Datum
job_statistics_recv(PG_FUNCTION_ARGS)
{
	return counter_type_recv(&job_statistics_type, fcinfo);
}

/*
 * job_statistics(bytea) -> job_statistics: the same from bytea; the cast.
 */
Datum
job_statistics_from_bytea(PG_FUNCTION_ARGS)
{
	return counter_type_from_bytea(&job_statistics_type, fcinfo);
}

/* to_json(job_statistics) -> json: the documented JSON; also the cast */
Datum
job_statistics_to_json(PG_FUNCTION_ARGS)
{
	return counter_type_to_json(&job_statistics_type, fcinfo);
}

/* job_statistics_add(a, b) -> job_statistics: operator +; ERROR 22003 beyond int64 */
Datum
job_statistics_add(PG_FUNCTION_ARGS)
{
	return counter_type_add(&job_statistics_type, fcinfo);
}

/* pointwise_max(a, b) -> job_statistics: every counter the larger of both */
Datum
job_statistics_pointwise_max(PG_FUNCTION_ARGS)
{
	return counter_type_pointwise_max(&job_statistics_type, fcinfo);
}

/* add_or_null(a, b): the sum, counter by counter; NULL where one leaves bigint. */
Datum
add_or_null(PG_FUNCTION_ARGS)
{
	JobCells	a = {0};
	JobCells	b = {0};

	job_statistics_read(PG_GETARG_DATUM(0), &a);
	job_statistics_read(PG_GETARG_DATUM(1), &b);
	if (!job_cells_try_add(&a, &b))
		PG_RETURN_NULL();
	return job_statistics_make(&a);
}

/*
 * job_statistics_accum(state, value) -> job_statistics: transition and combine
 * function of sum(); ERROR 22003 beyond int64. The sums it leaves behind an
 * error are wrong, but then nobody sees them any more.
 */
Datum
job_statistics_accum(PG_FUNCTION_ARGS)
{
	return counter_type_accum(&job_statistics_type, fcinfo);
}

/*
 * entries(job_statistics) -> (object_kind, change_kind, total, success, failed,
 * skipped): a row a cell that is not all zero, in the documented order.
 */
Datum
job_statistics_entries(PG_FUNCTION_ARGS)
{
	return counter_type_entries(&job_statistics_type, fcinfo);
}

/*
 * counter(job_statistics, object_kind text, change_kind text, counter text) ->
 * bigint: one counter; a NULL kind means all of them, added up. ERROR 22023 for
 * an unknown name, 22003 beyond int64.
 */
Datum
job_statistics_counter(PG_FUNCTION_ARGS)
{
	return counter_type_counter(&job_statistics_type, fcinfo);
}

/*
 * job_statistics_collect(state, object_kind text, change_kind text, total
 * bigint, success bigint, failed bigint, skipped bigint) -> job_statistics:
 * transition function of job_statistics_agg(). Rows without a kind are left
 * out, as those of an outer join; a NULL counter is 0; the same kinds twice add
 * up. ERROR 22023 for an unknown kind and a negative counter, 22003 beyond int64.
 */
Datum
job_statistics_collect(PG_FUNCTION_ARGS)
{
	return counter_type_collect(&job_statistics_type, fcinfo);
}

/*
 * is_balanced(job_statistics) -> boolean: is Total = Success + Failed + Skipped
 * in every cell?
 */
Datum
is_balanced(PG_FUNCTION_ARGS)
{
	JobCells	cells;

	job_statistics_read(PG_GETARG_DATUM(0), &cells);
	for (int cell = 0; cell < JOB_CELLS; cell++)
	{
		const int64_t *value = cells.value[cell];
		int64_t		rest = value[JOB_TOTAL];

		/* taken away one by one, no difference can leave int64 before it is negative */
		for (int i = JOB_SUCCEEDED; i <= JOB_SKIPPED; i++)
		{
			rest -= value[i];
			if (rest < 0)
				PG_RETURN_BOOL(false);
		}
		if (rest != 0)
			PG_RETURN_BOOL(false);
	}
	PG_RETURN_BOOL(true);
}
