/*
 * row_arguments.c: what the functions between counter types and rows share.
 */
#include "counters/row_arguments.h"

#include "common/int.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"

#include "base/compat.h"

TupleDesc
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

int
take_cell(uint32_t *present)
{
	int			cell = pg_rightmost_one_pos32(*present);

	*present &= *present - 1;
	return cell;
}

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

int64
counter_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	int64		counter = PG_ARGISNULL(argument) ? 0 : PG_GETARG_INT64(argument);

	if (counter < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("counter %s must not be negative", name)));
	return counter;
}

int64
sum_counters(const int64_t *values, int objects, int changes, int counters,
			 int object, int change, int counter)
{
	int64		sum = 0;

	for (int cell = 0; cell < objects * changes; cell++)
	{
		if ((object >= 0 && cell / changes != object) || (change >= 0 && cell % changes != change))
			continue;
		if (pg_add_s64_overflow(sum, values[cell * counters + counter], &sum))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("sum of counters is out of range")));
	}
	return sum;
}
