/*
 * counter_type.c: both counter types: input and output, arithmetic, sum().
 */
#include "counters/counter_type.h"

#include "common/int.h"
#include "libpq/pqformat.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#include "counters/counters_json.h"
#include "counters/packed_sums.h"

/* sums as an expanded object */
typedef struct ExpandedSums
{
	ExpandedObjectHeader header;
	const CounterType *type;
	Lanes		lanes;
	AnyCells	cells;			/* allocated as far as the type's go */
} ExpandedSums;

static void
report_overflow(const CounterType *type, int cell, int counter)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("sum of %s is out of range", type->name),
			 errdetail("Counter %s of %s %s is greater than 9223372036854775807.",
					   type->counter_names[counter],
					   type->object_label(cell / type->changes),
					   type->change_label(cell % type->changes))));
}

static void
report_malformed(const CounterType *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("a stored value of type %s is damaged", type->name)));
}

/* ERROR unless values were added up: XX001 for a damaged value, 22003 beyond int64 */
static inline void
check_added(PackedResult result, const ExpandedSums *sums)
{
	const PackedShape *shape = sums->type->shape;
	const int64_t *values = cells_counters(&sums->cells);

	if (likely(result == PACKED_OK))
		return;
	if (result == PACKED_MALFORMED)
		report_malformed(sums->type);
	for (int i = 0; i < shape->cells * shape->counters; i++)
	{
		if (values[i] < 0)
			report_overflow(sums->type, i / shape->counters, i % shape->counters);
	}
}

/* the cells of an expanded object, with all that was added */
static void *
settled_cells(ExpandedSums *sums)
{
	check_added(settle_lanes(sums->type->shape, &sums->cells, &sums->lanes), sums);
	return &sums->cells;
}

static Size
get_flat_size(ExpandedObjectHeader *header)
{
	ExpandedSums *sums = (ExpandedSums *) header;
	uint8_t		packed[PACKED_MAX];

	return VARHDRSZ + pack_cells(sums->type->shape, settled_cells(sums), packed);
}

/* bytes as a datum, at result */
static Datum
set_bytes(void *result, const void *bytes, size_t len)
{
	SET_VARSIZE(result, VARHDRSZ + len);
	memcpy(VARDATA(result), bytes, len);
	return PointerGetDatum(result);
}

static void
flatten_into(ExpandedObjectHeader *header, void *result, Size allocated_size)
{
	ExpandedSums *sums = (ExpandedSums *) header;
	uint8_t		packed[PACKED_MAX];
	size_t		len = pack_cells(sums->type->shape, settled_cells(sums), packed);

	Assert(allocated_size == VARHDRSZ + len);
	set_bytes(result, packed, len);
}

static const ExpandedObjectMethods methods = {get_flat_size, flatten_into};

/* the expanded object behind a pointer to one */
static inline ExpandedSums *
expanded_sums(const CounterType *type, Datum datum)
{
	ExpandedSums *sums = (ExpandedSums *) DatumGetEOHP(datum);

	if (sums->header.eoh_methods != &methods || sums->type != type)
		elog(ERROR, "expanded object is no %s", type->name);
	return sums;
}

Datum
counter_type_make(const CounterType *type, const void *cells)
{
	uint8_t		packed[PACKED_MAX];
	size_t		len = pack_cells(type->shape, cells, packed);

	if (len == 0)
		elog(ERROR, "cells are no %s", type->name);
	return set_bytes(palloc(VARHDRSZ + len), packed, len);
}

void
counter_type_read(const CounterType *type, Datum datum, void *cells)
{
	struct varlena *value;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
	{
		memcpy(cells, settled_cells(expanded_sums(type, datum)), type->shape->cells_size);
		return;
	}
	value = PG_DETOAST_DATUM_PACKED(datum);
	if (!unpack_cells(type->shape, (uint8_t *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), cells))
		report_malformed(type);
}

void
counter_type_add_cells(const CounterType *type, void *a, const void *b)
{
	const PackedShape *shape = type->shape;
	int64_t    *sums = cells_counters(a);
	const int64_t *values = cells_counters(b);

	for (int cell = 0; cell < shape->cells; cell++)
	{
		if (!(cells_present(b) & (1U << cell)))
			continue;
		for (int i = 0; i < shape->counters; i++)
		{
			int			at = cell * shape->counters + i;
			int64		sum;

			if (pg_add_s64_overflow(sums[at], values[at], &sum))
				report_overflow(type, cell, i);
			sums[at] = sum;
		}
	}
	*(uint32_t *) a |= cells_present(b);
}

void
counter_type_max_cells(const CounterType *type, void *a, const void *b)
{
	int64_t    *largest = cells_counters(a);
	const int64_t *values = cells_counters(b);

	for (int i = 0; i < type->shape->cells * type->shape->counters; i++)
		largest[i] = Max(largest[i], values[i]);
	*(uint32_t *) a |= cells_present(b);
}

Datum
counter_type_in(const CounterType *type, FunctionCallInfo fcinfo)
{
	char	   *text = PG_GETARG_CSTRING(0);
	AnyCells	cells;

	if (!type->parse(text, strlen(text), &cells, SOFT_ERROR_CONTEXT(fcinfo)))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(counter_type_make(type, &cells));
}

Datum
counter_type_out(const CounterType *type, FunctionCallInfo fcinfo)
{
	AnyCells	cells;
	char		text[WRITTEN_TEXT_MAX];

	counter_type_read(type, PG_GETARG_DATUM(0), &cells);
	PG_RETURN_CSTRING(pnstrdup(text, type->write(&cells, text)));
}

Datum
counter_type_to_json(const CounterType *type, FunctionCallInfo fcinfo)
{
	AnyCells	cells;
	char		text[WRITTEN_TEXT_MAX];

	counter_type_read(type, PG_GETARG_DATUM(0), &cells);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text, type->write(&cells, text)));
}

/* a datum of bytes from outside; ERROR 22P03 if they are no packed value */
static Datum
from_bytes(const CounterType *type, const char *bytes, size_t len)
{
	const char *fault = check_packed(type->shape, (const uint8_t *) bytes, len);

	if (fault)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary representation of type %s", type->name),
				 errdetail("Of %zu bytes: %s.", len, fault)));
	return set_bytes(palloc(VARHDRSZ + len), bytes, len);
}

Datum
counter_type_recv(const CounterType *type, FunctionCallInfo fcinfo)
{
	StringInfo	in = (StringInfo) PG_GETARG_POINTER(0);
	int			len = in->len - in->cursor;

	PG_RETURN_DATUM(from_bytes(type, pq_getmsgbytes(in, len), len));
}

Datum
counter_type_from_bytea(const CounterType *type, FunctionCallInfo fcinfo)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_DATUM(from_bytes(type, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)));
}

/* both arguments joined to one value */
static Datum
joined(const CounterType *type, FunctionCallInfo fcinfo,
	   void (*join) (const CounterType *type, void *a, const void *b))
{
	AnyCells	a;
	AnyCells	b;

	counter_type_read(type, PG_GETARG_DATUM(0), &a);
	counter_type_read(type, PG_GETARG_DATUM(1), &b);
	join(type, &a, &b);
	PG_RETURN_DATUM(counter_type_make(type, &a));
}

Datum
counter_type_add(const CounterType *type, FunctionCallInfo fcinfo)
{
	return joined(type, fcinfo, counter_type_add_cells);
}

Datum
counter_type_pointwise_max(const CounterType *type, FunctionCallInfo fcinfo)
{
	return joined(type, fcinfo, counter_type_max_cells);
}

static inline ExpandedSums *
aggregate_state(const CounterType *type, FunctionCallInfo fcinfo, Datum *state)
{
	MemoryContext parent;
	MemoryContext context;
	ExpandedSums *sums;
	Size		size = offsetof(ExpandedSums, cells) + type->shape->cells_size;
	Size		block;

	if (!AggCheckCallContext(fcinfo, &parent))
		parent = CurrentMemoryContext;
	else if (!PG_ARGISNULL(0) && VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(PG_GETARG_DATUM(0))))
	{
		*state = PG_GETARG_DATUM(0);
		return expanded_sums(type, *state);
	}

	/* one block holds the context and the object, whose size is rounded up to a power of two */
	block = pg_nextpower2_size_t(size) + 512;
	context = AllocSetContextCreate(parent, "counter sums", 0, block, 8 * block);
	MemoryContextSetIdentifier(context, type->name);
	sums = MemoryContextAllocZero(context, size);
	EOH_init_header(&sums->header, &methods, context);
	sums->type = type;
	if (!PG_ARGISNULL(0))
		counter_type_read(type, PG_GETARG_DATUM(0), &sums->cells);
	*state = EOHPGetRWDatum(&sums->header);
	return sums;
}

void *
counter_type_state(const CounterType *type, FunctionCallInfo fcinfo, Datum *state)
{
	return &aggregate_state(type, fcinfo, state)->cells;
}

Datum
counter_type_accum(const CounterType *type, FunctionCallInfo fcinfo)
{
	Datum		state;
	ExpandedSums *sums = aggregate_state(type, fcinfo, &state);
	struct varlena *value;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(PG_GETARG_DATUM(1))))
	{
		counter_type_add_cells(type, &sums->cells, settled_cells(expanded_sums(type, PG_GETARG_DATUM(1))));
		PG_RETURN_DATUM(state);
	}
	value = PG_GETARG_VARLENA_PP(1);
	check_added(sum_packed(type->shape, (uint8_t *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
						   &sums->cells, &sums->lanes), sums);
	PG_RETURN_DATUM(state);
}
