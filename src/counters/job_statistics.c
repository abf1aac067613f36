/*
 * job_statistics.c: the type job_statistics: input and output, arithmetic, sum().
 */
#include "postgres.h"

#include "common/int.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "counters/aggregate_state.h"
#include "counters/counters.h"
#include "counters/counters_json.h"
#include "counters/packed.h"

PG_FUNCTION_INFO_V1(job_statistics_in);
PG_FUNCTION_INFO_V1(job_statistics_out);
PG_FUNCTION_INFO_V1(job_statistics_recv);
PG_FUNCTION_INFO_V1(job_statistics_from_bytea);
PG_FUNCTION_INFO_V1(job_statistics_to_json);
PG_FUNCTION_INFO_V1(job_statistics_add);
PG_FUNCTION_INFO_V1(job_statistics_pointwise_max);
PG_FUNCTION_INFO_V1(job_statistics_accum);
PG_FUNCTION_INFO_V1(is_balanced);

/* sums as an expanded object */
typedef struct ExpandedJobSums
{
	ExpandedObjectHeader header;
	JobSums sums;
} ExpandedJobSums;

static void
report_overflow(int cell, int counter)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("sum of job_statistics is out of range"),
			 errdetail("Counter %s of %s %s is greater than 9223372036854775807.",
					   job_counter_keys[counter],
					   job_object_keys[cell / JOB_CHANGES],
					   job_change_keys[cell % JOB_CHANGES])));
}

static void
report_malformed(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("a stored value of type job_statistics is damaged")));
}

/* ERROR unless values were added up: XX001 for a damaged value, 22003 beyond int64 */
static inline void
check_added(PackedResult result, const JobSums *sums)
{
	if (likely(result == PACKED_OK))
		return;
	if (result == PACKED_MALFORMED)
		report_malformed();
	for (int cell = 0; cell < JOB_CELLS; cell++)
	{
		for (int i = 0; i < JOB_COUNTERS; i++)
		{
			if (sums->cells.value[cell][i] < 0)
				report_overflow(cell, i);
		}
	}
}

/* the cells of an expanded object, with all that was added */
static JobCells *
settled_cells(ExpandedObjectHeader *header)
{
	JobSums *sums = &((ExpandedJobSums *) header)->sums;

	check_added(job_sums_settle(sums), sums);
	return &sums->cells;
}

static Size
get_flat_size(ExpandedObjectHeader *header)
{
	uint8_t		packed[JOB_PACKED_MAX];

	return VARHDRSZ + job_pack(settled_cells(header), packed);
}

static void
flatten_into(ExpandedObjectHeader *header, void *result, Size allocated_size)
{
	uint8_t		packed[JOB_PACKED_MAX];
	size_t		len = job_pack(settled_cells(header), packed);

	Assert(allocated_size == VARHDRSZ + len);
	SET_VARSIZE(result, VARHDRSZ + len);
	memcpy(VARDATA(result), packed, len);
}

static const ExpandedObjectMethods methods = {get_flat_size, flatten_into};

/* the expanded object behind a pointer to one */
static inline ExpandedJobSums *
expanded_sums(Datum datum)
{
	ExpandedObjectHeader *header = DatumGetEOHP(datum);

	if (header->eoh_methods != &methods)
		elog(ERROR, "expanded object is no job_statistics");
	return (ExpandedJobSums *) header;
}

Datum
job_statistics_make(const JobCells *cells)
{
	uint8_t		packed[JOB_PACKED_MAX];
	size_t		len = job_pack(cells, packed);
	struct varlena *value;

	if (len == 0)
		elog(ERROR, "cells are no job_statistics");
	value = palloc(VARHDRSZ + len);
	SET_VARSIZE(value, VARHDRSZ + len);
	memcpy(VARDATA(value), packed, len);
	return PointerGetDatum(value);
}

void
job_statistics_read(Datum datum, JobCells *cells)
{
	struct varlena *value;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
	{
		*cells = *settled_cells(&expanded_sums(datum)->header);
		return;
	}
	value = PG_DETOAST_DATUM_PACKED(datum);
	if (!job_unpack((uint8_t *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), cells))
		report_malformed();
}

void
job_cells_add(JobCells *a, const JobCells *b)
{
	for (int cell = 0; cell < JOB_CELLS; cell++)
	{
		if (!(b->present & (1U << cell)))
			continue;
		for (int i = 0; i < JOB_COUNTERS; i++)
		{
			if (pg_add_s64_overflow(a->value[cell][i], b->value[cell][i], &a->value[cell][i]))
				report_overflow(cell, i);
		}
	}
	a->present |= b->present;
}

void
job_cells_max(JobCells *a, const JobCells *b)
{
	for (int cell = 0; cell < JOB_CELLS; cell++)
	{
		for (int i = 0; i < JOB_COUNTERS; i++)
			a->value[cell][i] = Max(a->value[cell][i], b->value[cell][i]);
	}
	a->present |= b->present;
}

/*
 * job_statistics_in(cstring) -> job_statistics: the documented JSON, or
 * ProtoJSON. Errors 22P02, 22003, 22023 and 54000 name the path; soft where asked.
 */
Datum
job_statistics_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	JobCells cells;

	if (!job_statistics_parse(text, strlen(text), &cells, SOFT_ERROR_CONTEXT(fcinfo)))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(job_statistics_make(&cells));
}

/* job_statistics_out(job_statistics) -> cstring: the documented JSON */
Datum
job_statistics_out(PG_FUNCTION_ARGS)
{
	JobCells cells;
	char		text[JOB_TEXT_MAX];

	job_statistics_read(PG_GETARG_DATUM(0), &cells);
	PG_RETURN_CSTRING(pnstrdup(text, job_statistics_write(&cells, text)));
}

/* to_json(job_statistics) -> json: the documented JSON; also the cast */
Datum
job_statistics_to_json(PG_FUNCTION_ARGS)
{
	JobCells cells;
	char		text[JOB_TEXT_MAX];

	job_statistics_read(PG_GETARG_DATUM(0), &cells);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text, job_statistics_write(&cells, text)));
}

/* a datum of bytes from outside; ERROR 22P03 if they are no packed value */
static Datum
from_bytes(const char *bytes, size_t len)
{
	const char *fault = job_check((const uint8_t *) bytes, len);
	struct varlena *value;

	if (fault)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary representation of type job_statistics"),
				 errdetail("Of %zu bytes: %s.", len, fault)));
	value = palloc(VARHDRSZ + len);
	SET_VARSIZE(value, VARHDRSZ + len);
	memcpy(VARDATA(value), bytes, len);
	return PointerGetDatum(value);
}

/*
 * job_statistics_recv(internal) -> job_statistics: the packed bytes, checked; ERROR
 * 22P03 if they are no packed value.
 */
Datum
job_statistics_recv(PG_FUNCTION_ARGS)
{
	StringInfo	in = (StringInfo) PG_GETARG_POINTER(0);
	int			len = in->len - in->cursor;

	PG_RETURN_DATUM(from_bytes(pq_getmsgbytes(in, len), len));
}

/*
 * job_statistics(bytea) -> job_statistics: the same from bytea; the cast.
 */
Datum
job_statistics_from_bytea(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_DATUM(from_bytes(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)));
}

/* job_statistics_add(a, b) -> job_statistics: operator +; ERROR 22003 beyond int64 */
Datum
job_statistics_add(PG_FUNCTION_ARGS)
{
	JobCells a;
	JobCells b;

	job_statistics_read(PG_GETARG_DATUM(0), &a);
	job_statistics_read(PG_GETARG_DATUM(1), &b);
	job_cells_add(&a, &b);
	PG_RETURN_DATUM(job_statistics_make(&a));
}

/* pointwise_max(a, b) -> job_statistics: every counter the larger of both */
Datum
job_statistics_pointwise_max(PG_FUNCTION_ARGS)
{
	JobCells a;
	JobCells b;

	job_statistics_read(PG_GETARG_DATUM(0), &a);
	job_statistics_read(PG_GETARG_DATUM(1), &b);
	job_cells_max(&a, &b);
	PG_RETURN_DATUM(job_statistics_make(&a));
}

JobSums *
job_statistics_state(FunctionCallInfo fcinfo, Datum *state)
{
	MemoryContext parent;
	MemoryContext context;
	ExpandedJobSums *expanded;

	if (!AggCheckCallContext(fcinfo, &parent))
		parent = CurrentMemoryContext;
	else if (!PG_ARGISNULL(0) && VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(PG_GETARG_DATUM(0))))
	{
		*state = PG_GETARG_DATUM(0);
		return &expanded_sums(*state)->sums;
	}

	/* one block holds the context and the object */
	context = AllocSetContextCreate(parent, "job_statistics", 0, 2560, 16384);
	expanded = MemoryContextAllocZero(context, sizeof(ExpandedJobSums));
	EOH_init_header(&expanded->header, &methods, context);
	if (!PG_ARGISNULL(0))
		job_statistics_read(PG_GETARG_DATUM(0), &expanded->sums.cells);
	*state = EOHPGetRWDatum(&expanded->header);
	return &expanded->sums;
}

/*
 * job_statistics_accum(state, value) -> job_statistics: transition and combine
 * function of sum(); ERROR 22003 beyond int64. The sums it leaves behind an
 * error are wrong, but then nobody sees them any more.
 */
Datum
job_statistics_accum(PG_FUNCTION_ARGS)
{
	Datum		state;
	JobSums *sums = job_statistics_state(fcinfo, &state);
	struct varlena *value;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(PG_GETARG_DATUM(1))))
	{
		job_cells_add(&sums->cells, settled_cells(&expanded_sums(PG_GETARG_DATUM(1))->header));
		PG_RETURN_DATUM(state);
	}
	value = PG_GETARG_VARLENA_PP(1);
	check_added(job_sums_add(sums, (uint8_t *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)), sums);
	PG_RETURN_DATUM(state);
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
