/*
 * session_progress.c: the type session_progress: what it is, and its functions for SQL.
 *
 * How they work is in counter_type.c and counter_rows.c.
 */
#include "postgres.h"
#include "fmgr.h"

#include "base/catalog.h"
#include "counters/counter_type.h"
#include "counters/counters.h"
#include "counters/counters_json.h"

PG_FUNCTION_INFO_V1(session_progress_in);
PG_FUNCTION_INFO_V1(session_progress_out);
PG_FUNCTION_INFO_V1(session_progress_recv);
PG_FUNCTION_INFO_V1(session_progress_from_bytea);
PG_FUNCTION_INFO_V1(session_progress_to_json);
PG_FUNCTION_INFO_V1(session_progress_add);
PG_FUNCTION_INFO_V1(session_progress_pointwise_max);
PG_FUNCTION_INFO_V1(session_progress_accum);
PG_FUNCTION_INFO_V1(session_progress_entries);
PG_FUNCTION_INFO_V1(session_progress_counter);
PG_FUNCTION_INFO_V1(session_progress_collect);

static const char *const counter_names[SESSION_COUNTERS] = {"successful", "failed"};

static const char *
object_label(int object)
{
	return enum_label(RELATED_OBJECT_TYPE, object + 1);
}

static const char *
change_label(int change)
{
	return enum_label(CHANGE_TYPE, change);
}

static Datum
object_datum(int object)
{
	return ObjectIdGetDatum(enum_label_oid(RELATED_OBJECT_TYPE, object + 1));
}

static Datum
change_datum(int change)
{
	return ObjectIdGetDatum(enum_label_oid(CHANGE_TYPE, change));
}

static int
object_argument(FunctionCallInfo fcinfo)
{
	return enum_number(RELATED_OBJECT_TYPE, PG_GETARG_OID(1)) - 1;
}

static int
change_argument(FunctionCallInfo fcinfo)
{
	return enum_number(CHANGE_TYPE, PG_GETARG_OID(2));
}

const CounterType session_progress_type = {
	.name = "session_progress",
	.shape = &session_shape,
	.changes = SESSION_CHANGES,
	.counter_names = counter_names,
	.parse = session_progress_parse,
	.write = session_progress_write,
	.object_label = object_label,
	.change_label = change_label,
	.object_datum = object_datum,
	.change_datum = change_datum,
	.object_argument = object_argument,
	.change_argument = change_argument
};

Datum
session_progress_make(const SessionCells *cells)
{
	return counter_type_make(&session_progress_type, cells);
}

void
session_progress_read(Datum datum, SessionCells *cells)
{
	counter_type_read(&session_progress_type, datum, cells);
}

void
session_cells_add(SessionCells *a, const SessionCells *b)
{
	counter_type_add_cells(&session_progress_type, a, b);
}

void
session_cells_max(SessionCells *a, const SessionCells *b)
{
	counter_type_max_cells(&session_progress_type, a, b);
}

/*
 * session_progress_in(cstring) -> session_progress: the documented JSON, or
 * ProtoJSON. Errors 22P02, 22003, 22023 and 54000 name the path; soft where asked.
 */
Datum
session_progress_in(PG_FUNCTION_ARGS)
{
	return counter_type_in(&session_progress_type, fcinfo);
}

/* session_progress_out(session_progress) -> cstring: the documented JSON */
Datum
session_progress_out(PG_FUNCTION_ARGS)
{
	return counter_type_out(&session_progress_type, fcinfo);
}

/*
 * session_progress_recv(internal) -> session_progress: the packed bytes, checked; ERROR
 * 22P03 if they are no packed value.
 */
Datum
session_progress_recv(PG_FUNCTION_ARGS)
{
	return counter_type_recv(&session_progress_type, fcinfo);
}

/*
 * session_progress(bytea) -> session_progress: the same from bytea; the cast.
 */
Datum
session_progress_from_bytea(PG_FUNCTION_ARGS)
{
	return counter_type_from_bytea(&session_progress_type, fcinfo);
}

/* to_json(session_progress) -> json: the documented JSON; also the cast */
Datum
session_progress_to_json(PG_FUNCTION_ARGS)
{
	return counter_type_to_json(&session_progress_type, fcinfo);
}

/* session_progress_add(a, b) -> session_progress: operator +; ERROR 22003 beyond int64 */
Datum
session_progress_add(PG_FUNCTION_ARGS)
{
	return counter_type_add(&session_progress_type, fcinfo);
}

/* pointwise_max(a, b) -> session_progress: every counter the larger of both */
Datum
session_progress_pointwise_max(PG_FUNCTION_ARGS)
{
	return counter_type_pointwise_max(&session_progress_type, fcinfo);
}

/*
 * session_progress_accum(state, value) -> session_progress: transition and combine
 * function of sum(); ERROR 22003 beyond int64. The sums it leaves behind an
 * error are wrong, but then nobody sees them any more.
 */
Datum
session_progress_accum(PG_FUNCTION_ARGS)
{
	return counter_type_accum(&session_progress_type, fcinfo);
}

/*
 * entries(session_progress) -> (object_type, change_type, successful, failed):
 * a row a reported change, in the order of the enums. API: ProgressEntry.
 */
Datum
session_progress_entries(PG_FUNCTION_ARGS)
{
	return counter_type_entries(&session_progress_type, fcinfo);
}

/*
 * counter(session_progress, object_type, change_type, counter text) -> bigint:
 * one counter, 0 where nothing was reported; a NULL type means all of them,
 * added up. ERROR 22023 for an unknown counter, 22003 beyond int64.
 */
Datum
session_progress_counter(PG_FUNCTION_ARGS)
{
	return counter_type_counter(&session_progress_type, fcinfo);
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
	return counter_type_collect(&session_progress_type, fcinfo);
}
