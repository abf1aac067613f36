/*
 * session_progress_rows.c: between session_progress and rows of counters.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/catalog.h"
#include "base/compat.h"
#include "counters/aggregate_state.h"
#include "counters/counters.h"
#include "counters/row_arguments.h"

PG_FUNCTION_INFO_V1(session_progress_entries);
PG_FUNCTION_INFO_V1(session_progress_counter);
PG_FUNCTION_INFO_V1(session_progress_collect);

static const char *const counter_names[] = {"successful", "failed"};

/*
 * entries(session_progress) -> (object_type, change_type, successful, failed):
 * a row a reported change, in the order of the enums. API: ProgressEntry.
 */
Datum
session_progress_entries(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	SessionCells *cells;
	int			cell;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (SRF_IS_FIRSTCALL())
	{
		call = SRF_FIRSTCALL_INIT();
		call->user_fctx = MemoryContextAlloc(call->multi_call_memory_ctx, sizeof(SessionCells));
		session_progress_read(PG_GETARG_DATUM(0), call->user_fctx);
		call->tuple_desc = row_type(fcinfo, call->multi_call_memory_ctx);
	}
	call = SRF_PERCALL_SETUP();
	cells = call->user_fctx;
	if (cells->present == 0)
		SRF_RETURN_DONE(call);

	cell = take_cell(&cells->present);
	values[0] = ObjectIdGetDatum(enum_label_oid(RELATED_OBJECT_TYPE, cell / SESSION_CHANGES + 1));
	values[1] = ObjectIdGetDatum(enum_label_oid(CHANGE_TYPE, cell % SESSION_CHANGES));
	values[2] = Int64GetDatum(cells->value[cell][SUCCESSFUL]);
	values[3] = Int64GetDatum(cells->value[cell][FAILED]);
	SRF_RETURN_NEXT(call, HeapTupleGetDatum(heap_form_tuple(call->tuple_desc, values, nulls)));
}

/*
 * counter(session_progress, object_type, change_type, counter text) -> bigint:
 * one counter, 0 where nothing was reported; a NULL type means all of them,
 * added up. ERROR 22023 for an unknown counter, 22003 beyond int64.
 */
Datum
session_progress_counter(PG_FUNCTION_ARGS)
{
	SessionCells cells;
	int			object = -1;
	int			change = -1;
	int			counter;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	session_progress_read(PG_GETARG_DATUM(0), &cells);
	if (!PG_ARGISNULL(1))
		object = enum_number(RELATED_OBJECT_TYPE, PG_GETARG_OID(1)) - 1;
	if (!PG_ARGISNULL(2))
		change = enum_number(CHANGE_TYPE, PG_GETARG_OID(2));
	counter = name_argument(fcinfo, 3, "counter", counter_names, lengthof(counter_names));
	PG_RETURN_INT64(sum_counters(cells.value[0], SESSION_OBJECTS, SESSION_CHANGES, SESSION_COUNTERS,
								 object, change, counter));
}

/*
 * session_progress_collect(state, object_type, change_type, successful bigint,
 * failed bigint) -> session_progress: transition function of
 * session_progress_agg(). Rows without a type are left out, as those of an outer
 * join; a NULL counter is 0; the same types twice add up. ERROR 22023 for a
 * negative counter, 22003 beyond int64.
 */
Datum
session_progress_collect(PG_FUNCTION_ARGS)
{
	SessionCells row = {0};
	Datum		state;
	int			cell;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	cell = SESSION_CELL(enum_number(RELATED_OBJECT_TYPE, PG_GETARG_OID(1)),
						enum_number(CHANGE_TYPE, PG_GETARG_OID(2)));
	row.present = 1U << cell;
	for (int i = 0; i < SESSION_COUNTERS; i++)
		row.value[cell][i] = counter_argument(fcinfo, 3 + i, counter_names[i]);
	session_cells_add(&session_progress_state(fcinfo, &state)->cells, &row);
	PG_RETURN_DATUM(state);
}
