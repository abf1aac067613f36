/*
 * session_progress.c: the type session_progress: input and output, arithmetic, sum().
 */
#include "postgres.h"

#include "common/int.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/catalog.h"
#include "counters/aggregate_state.h"
#include "counters/counters.h"
#include "counters/counters_json.h"
#include "counters/packed.h"

PG_FUNCTION_INFO_V1(session_progress_in);
PG_FUNCTION_INFO_V1(session_progress_out);
PG_FUNCTION_INFO_V1(session_progress_recv);
PG_FUNCTION_INFO_V1(session_progress_from_bytea);
PG_FUNCTION_INFO_V1(session_progress_to_json);
PG_FUNCTION_INFO_V1(session_progress_add);
PG_FUNCTION_INFO_V1(session_progress_pointwise_max);
PG_FUNCTION_INFO_V1(session_progress_accum);

/* sums as an expanded object */
typedef struct ExpandedSessionSums
{
	ExpandedObjectHeader header;
	SessionSums sums;
} ExpandedSessionSums;

static void
report_overflow(int cell, int counter)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("sum of session_progress is out of range"),
			 errdetail("Counter %s of %s %s is greater than 9223372036854775807.",
					   counter == SUCCESSFUL ? "successful" : "failed",
					   enum_label(RELATED_OBJECT_TYPE, cell / SESSION_CHANGES + 1),
					   enum_label(CHANGE_TYPE, cell % SESSION_CHANGES))));
}

static void
report_malformed(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("a stored value of type session_progress is damaged")));
}

/* ERROR unless values were added up: XX001 for a damaged value, 22003 beyond int64 */
static inline void
check_added(PackedResult result, const SessionSums *sums)
{
	if (likely(result == PACKED_OK))
		return;
	if (result == PACKED_MALFORMED)
		report_malformed();
	for (int cell = 0; cell < SESSION_CELLS; cell++)
	{
		for (int i = 0; i < SESSION_COUNTERS; i++)
		{
			if (sums->cells.value[cell][i] < 0)
				report_overflow(cell, i);
		}
	}
}

/* the cells of an expanded object, with all that was added */
static SessionCells *
settled_cells(ExpandedObjectHeader *header)
{
	SessionSums*sums = &((ExpandedSessionSums *) header)->sums;

	check_added(session_sums_settle(sums), sums);
	return &sums->cells;
}

static Size
get_flat_size(ExpandedObjectHeader *header)
{
	uint8_t		packed[SESSION_PACKED_MAX];

	return VARHDRSZ + session_pack(settled_cells(header), packed);
}

static void
flatten_into(ExpandedObjectHeader *header, void *result, Size allocated_size)
{
	uint8_t		packed[SESSION_PACKED_MAX];
	size_t		len = session_pack(settled_cells(header), packed);

	Assert(allocated_size == VARHDRSZ + len);
	SET_VARSIZE(result, VARHDRSZ + len);
	memcpy(VARDATA(result), packed, len);
}

static const ExpandedObjectMethods methods = {get_flat_size, flatten_into};

/* the expanded object behind a pointer to one */
static inline ExpandedSessionSums *
expanded_sums(Datum datum)
{
	ExpandedObjectHeader *header = DatumGetEOHP(datum);

	if (header->eoh_methods != &methods)
		elog(ERROR, "expanded object is no session_progress");
	return (ExpandedSessionSums *) header;
}

Datum
session_progress_make(const SessionCells *cells)
{
	uint8_t		packed[SESSION_PACKED_MAX];
	size_t		len = session_pack(cells, packed);
	struct varlena *value;

	if (len == 0)
		elog(ERROR, "cells are no session_progress");
	value = palloc(VARHDRSZ + len);
	SET_VARSIZE(value, VARHDRSZ + len);
	memcpy(VARDATA(value), packed, len);
	return PointerGetDatum(value);
}

void
session_progress_read(Datum datum, SessionCells *cells)
{
	struct varlena *value;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
	{
		*cells = *settled_cells(&expanded_sums(datum)->header);
		return;
	}
	value = PG_DETOAST_DATUM_PACKED(datum);
	if (!session_unpack((uint8_t *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), cells))
		report_malformed();
}

void
session_cells_add(SessionCells *a, const SessionCells *b)
{
	for (int cell = 0; cell < SESSION_CELLS; cell++)
	{
		if (!(b->present & (1U << cell)))
			continue;
		for (int i = 0; i < SESSION_COUNTERS; i++)
		{
			if (pg_add_s64_overflow(a->value[cell][i], b->value[cell][i], &a->value[cell][i]))
				report_overflow(cell, i);
		}
	}
	a->present |= b->present;
}

void
session_cells_max(SessionCells *a, const SessionCells *b)
{
	for (int cell = 0; cell < SESSION_CELLS; cell++)
	{
		for (int i = 0; i < SESSION_COUNTERS; i++)
			a->value[cell][i] = Max(a->value[cell][i], b->value[cell][i]);
	}
	a->present |= b->present;
}

/*
 * session_progress_in(cstring) -> session_progress: the documented JSON, or
 * ProtoJSON. Errors 22P02, 22003, 22023 and 54000 name the path; soft where asked.
 */
Datum
session_progress_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	SessionCells cells;

	if (!session_progress_parse(text, strlen(text), &cells, SOFT_ERROR_CONTEXT(fcinfo)))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(session_progress_make(&cells));
}

/* session_progress_out(session_progress) -> cstring: the documented JSON */
Datum
session_progress_out(PG_FUNCTION_ARGS)
{
	SessionCells cells;
	char		text[SESSION_TEXT_MAX];

	session_progress_read(PG_GETARG_DATUM(0), &cells);
	PG_RETURN_CSTRING(pnstrdup(text, session_progress_write(&cells, text)));
}

/* to_json(session_progress) -> json: the documented JSON; also the cast */
Datum
session_progress_to_json(PG_FUNCTION_ARGS)
{
	SessionCells cells;
	char		text[SESSION_TEXT_MAX];

	session_progress_read(PG_GETARG_DATUM(0), &cells);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text, session_progress_write(&cells, text)));
}

/* a datum of bytes from outside; ERROR 22P03 if they are no packed value */
static Datum
from_bytes(const char *bytes, size_t len)
{
	const char *fault = session_check((const uint8_t *) bytes, len);
	struct varlena *value;

	if (fault)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary representation of type session_progress"),
				 errdetail("Of %zu bytes: %s.", len, fault)));
	value = palloc(VARHDRSZ + len);
	SET_VARSIZE(value, VARHDRSZ + len);
	memcpy(VARDATA(value), bytes, len);
	return PointerGetDatum(value);
}

/*
 * session_progress_recv(internal) -> session_progress: the packed bytes, checked; ERROR
 * 22P03 if they are no packed value.
 */
Datum
session_progress_recv(PG_FUNCTION_ARGS)
{
	StringInfo	in = (StringInfo) PG_GETARG_POINTER(0);
	int			len = in->len - in->cursor;

	PG_RETURN_DATUM(from_bytes(pq_getmsgbytes(in, len), len));
}

/*
 * session_progress(bytea) -> session_progress: the same from bytea; the cast.
 */
Datum
session_progress_from_bytea(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_DATUM(from_bytes(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)));
}

/* session_progress_add(a, b) -> session_progress: operator +; ERROR 22003 beyond int64 */
Datum
session_progress_add(PG_FUNCTION_ARGS)
{
	SessionCells a;
	SessionCells b;

	session_progress_read(PG_GETARG_DATUM(0), &a);
	session_progress_read(PG_GETARG_DATUM(1), &b);
	session_cells_add(&a, &b);
	PG_RETURN_DATUM(session_progress_make(&a));
}

/* pointwise_max(a, b) -> session_progress: every counter the larger of both */
Datum
session_progress_pointwise_max(PG_FUNCTION_ARGS)
{
	SessionCells a;
	SessionCells b;

	session_progress_read(PG_GETARG_DATUM(0), &a);
	session_progress_read(PG_GETARG_DATUM(1), &b);
	session_cells_max(&a, &b);
	PG_RETURN_DATUM(session_progress_make(&a));
}

SessionSums *
session_progress_state(FunctionCallInfo fcinfo, Datum *state)
{
	MemoryContext parent;
	MemoryContext context;
	ExpandedSessionSums *expanded;

	if (!AggCheckCallContext(fcinfo, &parent))
		parent = CurrentMemoryContext;
	else if (!PG_ARGISNULL(0) && VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(PG_GETARG_DATUM(0))))
	{
		*state = PG_GETARG_DATUM(0);
		return &expanded_sums(*state)->sums;
	}

	/* one block holds the context and the object */
	context = AllocSetContextCreate(parent, "session_progress", 0, 1536, 8192);
	expanded = MemoryContextAllocZero(context, sizeof(ExpandedSessionSums));
	EOH_init_header(&expanded->header, &methods, context);
	if (!PG_ARGISNULL(0))
		session_progress_read(PG_GETARG_DATUM(0), &expanded->sums.cells);
	*state = EOHPGetRWDatum(&expanded->header);
	return &expanded->sums;
}

/*
 * session_progress_accum(state, value) -> session_progress: transition and combine
 * function of sum(); ERROR 22003 beyond int64. The sums it leaves behind an
 * error are wrong, but then nobody sees them any more.
 */
Datum
session_progress_accum(PG_FUNCTION_ARGS)
{
	Datum		state;
	SessionSums*sums = session_progress_state(fcinfo, &state);
	struct varlena *value;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(PG_GETARG_DATUM(1))))
	{
		session_cells_add(&sums->cells, settled_cells(&expanded_sums(PG_GETARG_DATUM(1))->header));
		PG_RETURN_DATUM(state);
	}
	value = PG_GETARG_VARLENA_PP(1);
	check_added(session_sums_add(sums, (uint8_t *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)), sums);
	PG_RETURN_DATUM(state);
}
