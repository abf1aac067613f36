/*
 * job_statistics_rows.c: between job_statistics and rows of counters.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "counters/aggregate_state.h"
#include "counters/counters.h"
#include "counters/row_arguments.h"

PG_FUNCTION_INFO_V1(job_statistics_entries);
PG_FUNCTION_INFO_V1(job_statistics_counter);
PG_FUNCTION_INFO_V1(job_statistics_collect);

static const char *const object_kinds[JOB_OBJECTS] = {
	"User", "OrganizationalUnit", "Group", "GroupMember"
};

/*
 * entries(job_statistics) -> (object_kind, change_kind, total, success, failed,
 * skipped): a row a cell that is not all zero, in the documented order.
 */
Datum
job_statistics_entries(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	JobCells   *cells;
	int			cell;
	Datum		values[2 + JOB_COUNTERS];
	bool		nulls[2 + JOB_COUNTERS] = {false};

	if (SRF_IS_FIRSTCALL())
	{
		call = SRF_FIRSTCALL_INIT();
		call->user_fctx = MemoryContextAlloc(call->multi_call_memory_ctx, sizeof(JobCells));
		job_statistics_read(PG_GETARG_DATUM(0), call->user_fctx);
		call->tuple_desc = row_type(fcinfo, call->multi_call_memory_ctx);
	}
	call = SRF_PERCALL_SETUP();
	cells = call->user_fctx;
	if (cells->present == 0)
		SRF_RETURN_DONE(call);

	cell = take_cell(&cells->present);
	values[0] = CStringGetTextDatum(object_kinds[cell / JOB_CHANGES]);
	values[1] = CStringGetTextDatum(job_change_keys[cell % JOB_CHANGES]);
	for (int i = 0; i < JOB_COUNTERS; i++)
		values[2 + i] = Int64GetDatum(cells->value[cell][i]);
	SRF_RETURN_NEXT(call, HeapTupleGetDatum(heap_form_tuple(call->tuple_desc, values, nulls)));
}

/*
 * counter(job_statistics, object_kind text, change_kind text, counter text) ->
 * bigint: one counter; a NULL kind means all of them, added up. ERROR 22023 for
 * an unknown name, 22003 beyond int64.
 */
Datum
job_statistics_counter(PG_FUNCTION_ARGS)
{
	JobCells	cells;
	int			object = -1;
	int			change = -1;
	int			counter;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	job_statistics_read(PG_GETARG_DATUM(0), &cells);
	if (!PG_ARGISNULL(1))
		object = name_argument(fcinfo, 1, "object kind", object_kinds, JOB_OBJECTS);
	if (!PG_ARGISNULL(2))
		change = name_argument(fcinfo, 2, "change kind", job_change_keys, JOB_CHANGES);
	counter = name_argument(fcinfo, 3, "counter", job_counter_keys, JOB_COUNTERS);
	PG_RETURN_INT64(sum_counters(cells.value[0], JOB_OBJECTS, JOB_CHANGES, JOB_COUNTERS,
								 object, change, counter));
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
	JobCells	row = {0};
	int64_t		any = 0;
	Datum		state;
	int			cell;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	cell = name_argument(fcinfo, 1, "object kind", object_kinds, JOB_OBJECTS) * JOB_CHANGES +
		name_argument(fcinfo, 2, "change kind", job_change_keys, JOB_CHANGES);
	for (int i = 0; i < JOB_COUNTERS; i++)
	{
		row.value[cell][i] = counter_argument(fcinfo, 3 + i, job_counter_keys[i]);
		any |= row.value[cell][i];
	}
	if (any != 0)
		row.present = 1U << cell;
	job_cells_add(&job_statistics_state(fcinfo, &state)->cells, &row);
	PG_RETURN_DATUM(state);
}
