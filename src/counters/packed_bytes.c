/*
 * packed_bytes.c: what both counter types do with their packed bytes alone.
 *
 * A value has one packed form, so these functions serve both types.
 */
#include "postgres.h"

#include "fmgr.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"

#include "base/compat.h"

PG_FUNCTION_INFO_V1(counters_send);
PG_FUNCTION_INFO_V1(counters_eq);
PG_FUNCTION_INFO_V1(counters_ne);
PG_FUNCTION_INFO_V1(counters_hash);
PG_FUNCTION_INFO_V1(counters_hash_extended);

/*
 * session_progress_send, job_statistics_send (value) -> bytea: the binary form,
 * which is the packed bytes; also the cast to bytea.
 */
Datum
counters_send(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendbytes(&out, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

static bool
same_bytes(FunctionCallInfo fcinfo)
{
	struct varlena *a = PG_GETARG_VARLENA_PP(0);
	struct varlena *b = PG_GETARG_VARLENA_PP(1);

	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* session_progress_eq, job_statistics_eq (a, b) -> boolean: operator = */
Datum
counters_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_bytes(fcinfo));
}

/* session_progress_ne, job_statistics_ne (a, b) -> boolean: operator <> */
Datum
counters_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_bytes(fcinfo));
}

/* session_progress_hash, job_statistics_hash (value) -> integer: hash support 1 */
Datum
counters_hash(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);

	return hash_any((unsigned char *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

/*
 * session_progress_hash_extended, job_statistics_hash_extended (value, seed) ->
 * bigint: hash support 2
 */
Datum
counters_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);

	return hash_any_extended((unsigned char *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
							 PG_GETARG_INT64(1));
}
