/*
 * counter_rows.c: between both counter types and rows of counters.
 */
#include "counters/counter_type.h"

#include "access/htup_details.h"
#include "common/int.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"

int
name_argument(FunctionCallInfo fcinfo, int argument, const char *what,
			  const char *const *names, int count)
{
	text	   *name = PG_GETARG_TEXT_PP(argument);
	const char *given = VARDATA_ANY(name);
	size_t		len = VARSIZE_ANY_EXHDR(name);
	StringInfoData known;

	for (int i = 0; i < count; i++)
	{
		if (strlen(names[i]) == len && memcmp(names[i], given, len) == 0)
			return i;
	}

	initStringInfo(&known);
	for (int i = 0; i < count; i++)
		appendStringInfo(&known, "%s%s", i == 0 ? "" : ", ", names[i]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s \"%.*s\"", what, pg_mbcliplen(given, len, 60), given),
			 errhint("There are: %s.", known.data)));
}

/* the row type of a set-returning function, in the given context */
static TupleDesc
row_type(FunctionCallInfo fcinfo, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	desc = BlessTupleDesc(desc);
	MemoryContextSwitchTo(old);
	return desc;
}

Datum
counter_type_entries(const CounterType *type, FunctionCallInfo fcinfo)
{
	FuncCallContext *call;
	AnyCells   *cells;
	uint32_t   *left;			/* of the cells; the bits of those shown are taken away */
	int			cell;
	Datum		values[2 + JOB_COUNTERS];
	bool		nulls[2 + JOB_COUNTERS] = {false};

	if (SRF_IS_FIRSTCALL())
	{
		call = SRF_FIRSTCALL_INIT();
		call->user_fctx = MemoryContextAlloc(call->multi_call_memory_ctx, sizeof(AnyCells));
		counter_type_read(type, PG_GETARG_DATUM(0), call->user_fctx);
		call->tuple_desc = row_type(fcinfo, call->multi_call_memory_ctx);
	}
	call = SRF_PERCALL_SETUP();
	cells = call->user_fctx;
	left = call->user_fctx;
	if (*left == 0)
		SRF_RETURN_DONE(call);

	cell = pg_rightmost_one_pos32(*left);
	*left &= *left - 1;
	values[0] = type->object_datum(cell / type->changes);
	values[1] = type->change_datum(cell % type->changes);
	for (int i = 0; i < type->shape->counters; i++)
		values[2 + i] = Int64GetDatum(cells_counters(cells)[cell * type->shape->counters + i]);
	SRF_RETURN_NEXT(call, HeapTupleGetDatum(heap_form_tuple(call->tuple_desc, values, nulls)));
}

Datum
counter_type_counter(const CounterType *type, FunctionCallInfo fcinfo)
{
	AnyCells	cells;
	int			object = -1;
	int			change = -1;
	int			counter;
	int64		sum = 0;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	counter_type_read(type, PG_GETARG_DATUM(0), &cells);
	if (!PG_ARGISNULL(1))
		object = type->object_argument(fcinfo);
	if (!PG_ARGISNULL(2))
		change = type->change_argument(fcinfo);
	counter = name_argument(fcinfo, 3, "counter", type->counter_names, type->shape->counters);

	for (int cell = 0; cell < type->shape->cells; cell++)
	{
		int64		value = cells_counters(&cells)[cell * type->shape->counters + counter];

		if ((object >= 0 && cell / type->changes != object) ||
			(change >= 0 && cell % type->changes != change))
			continue;
		if (pg_add_s64_overflow(sum, value, &sum))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("sum of counters is out of range")));
	}
	PG_RETURN_INT64(sum);
}

/* a bigint argument as a counter, NULL as 0; ERROR 22023 if it is negative */
static int64
counter_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	int64		counter = PG_ARGISNULL(argument) ? 0 : PG_GETARG_INT64(argument);

	if (counter < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("counter %s must not be negative", name)));
	return counter;
}

Datum
counter_type_collect(const CounterType *type, FunctionCallInfo fcinfo)
{
	AnyCells	row;
	Datum		state;
	int			cell;
	int64_t    *value;
	int64		any = 0;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	memset(&row, 0, sizeof(row));
	cell = type->object_argument(fcinfo) * type->changes;
	cell += type->change_argument(fcinfo);
	value = cells_counters(&row) + cell * type->shape->counters;
	for (int i = 0; i < type->shape->counters; i++)
	{
		value[i] = counter_argument(fcinfo, 3 + i, type->counter_names[i]);
		any |= value[i];
	}
	if (any != 0 || !type->shape->zeros_absent)
		*(uint32_t *) &row = 1U << cell;
	counter_type_add_cells(type, counter_type_state(type, fcinfo, &state), &row);
	PG_RETURN_DATUM(state);
}
