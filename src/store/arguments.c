/*
 * arguments.c: the checks and conversions that the arguments of all calls share.
 */
#include "store/store.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/catalog.h"

static char *
check_length(char *value, const char *name, int max)
{
	int			length = pg_mbstrlen(value);

	if (length > max)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("%s is too long", name),
				 errdetail("It has %d characters, at most %d are allowed.", length, max)));
	return value;
}

char *
optional_text(FunctionCallInfo fcinfo, int n, const char *name, int max)
{
	char	   *value;

	if (PG_ARGISNULL(n))
		return NULL;
	value = text_to_cstring(PG_GETARG_TEXT_PP(n));
	return value[0] == '\0' ? NULL : check_length(value, name, max);
}

char *
required_text(FunctionCallInfo fcinfo, int n, const char *name, int max)
{
	char	   *value = optional_text(fcinfo, n, name, max);

	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is required", name),
				 errdetail("It must have 1 to %d characters.", max)));
	return value;
}

int
optional_enum(FunctionCallInfo fcinfo, int n, int kind)
{
	return PG_ARGISNULL(n) ? 0 : enum_number((EnumKind) kind, PG_GETARG_OID(n));
}

int
required_enum(FunctionCallInfo fcinfo, int n, const char *name, int kind)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is required", name)));
	return optional_enum(fcinfo, n, kind);
}

/* how a report is joined: the argument, else the setting */
ProgressMode
progress_mode_argument(FunctionCallInfo fcinfo, int n)
{
	char	   *mode = optional_text(fcinfo, n, "progress_mode", 64);

	if (mode == NULL)
		return idpsync_progress_mode;
	if (strcmp(mode, "cumulative") == 0)
		return PROGRESS_CUMULATIVE;
	if (strcmp(mode, "delta") == 0)
		return PROGRESS_DELTA;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid progress_mode: \"%s\"", mode),
			 errhint("Available modes: cumulative, delta.")));
}

/*
 * The row type of a function, kept for the backend: making one costs as much
 * as a look-up in a table. A function's row type never changes: another one
 * takes another function, with another oid.
 */
static TupleDesc
row_type(FunctionCallInfo fcinfo)
{
	static struct
	{
		Oid			function;
		TupleDesc	desc;
	}			kept[32];
	static int	n_kept = 0;
	Oid			function = fcinfo->flinfo->fn_oid;
	TupleDesc	desc;
	MemoryContext context;

	for (int i = 0; i < n_kept; i++)
	{
		if (kept[i].function == function)
			return kept[i].desc;
	}
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		return NULL;
	context = MemoryContextSwitchTo(TopMemoryContext);
	desc = BlessTupleDesc(CreateTupleDescCopy(desc));
	MemoryContextSwitchTo(context);
	if (n_kept == lengthof(kept))
		n_kept = 0;				/* functions made anew again and again */
	kept[n_kept].function = function;
	kept[n_kept++].desc = desc;
	return desc;
}

int
row_columns(FunctionCallInfo fcinfo)
{
	TupleDesc	desc = row_type(fcinfo);

	return desc ? desc->natts : 0;
}

Datum
return_row(FunctionCallInfo fcinfo, int n, const Datum *values, const bool *nulls)
{
	TupleDesc	desc = row_type(fcinfo);

	if (desc == NULL || desc->natts != n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
				 errmsg("the declaration of function %u does not fit the library", fcinfo->flinfo->fn_oid),
				 errhint("Run ALTER EXTENSION idpsync UPDATE.")));
	return HeapTupleGetDatum(heap_form_tuple(desc, (Datum *) values, (bool *) nulls));
}
