/*
 * idempotency.c: calls that write may carry a key; repeated, they answer.
 *
 * The key's row is the first write of its call and stands or falls with it. A
 * second call with the key waits for the first, then finds the row.
 */
#include "operation/operation.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/hash64.h"
#include "store/statement.h"
#include "store/store.h"

/* a key deleted between our insert and our look is free again */
#define MAX_TRIES 10

static Statement insert_key = {
	"INSERT INTO idpsync.idempotency_key (tenant_id, key, method, request_hash, operation_id, created_at)"
	" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key, tenant_id) DO NOTHING",
	6, {ARG_TEXT, ARG_TEXT, ARG_TEXT, ARG_BIGINT, ARG_TEXT, ARG_TIME}
};

static Statement select_key = {
	"SELECT method, request_hash, operation_id FROM idpsync.idempotency_key WHERE tenant_id" EQUALS "$1 AND key" EQUALS "$2",
	2, {ARG_TEXT, ARG_TEXT}
};

uint64
request_hash_start(const char *method)
{
	return request_hash_text(HASH64_START, method);
}

uint64
request_hash_text(uint64 hash, const char *text)
{
	return hash64_field(hash, text, text ? strlen(text) : 0);
}

uint64
request_hash_datum(uint64 hash, Datum varlena, bool isnull)
{
	struct varlena *value;

	if (isnull)
		return hash64_field(hash, NULL, 0);
	value = PG_DETOAST_DATUM_PACKED(varlena);
	return hash64_field(hash, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

uint64
request_hash_int(uint64 hash, int64 number)
{
	return hash64_int(hash, number);
}

/* the row of a key that is taken: is it this request's? */
static void
check_key(const Call *call)
{
	bool		isnull;
	char	   *method = result_text(0, 1);
	uint64		hash = (uint64) DatumGetInt64(result_datum(0, 2, &isnull));

	if (strcmp(method, call->method) != 0 || hash != call->request_hash)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("idempotency_key \"%s\" was used for another request", call->key),
				 strcmp(method, call->method) != 0 ?
				 errdetail("It belongs to a call of %s.", method) :
				 errdetail("It belongs to a call of %s with other arguments.", method)));
}

bool
begin_call(Call *call)
{
	/* the caller may have named the operation of a row it belongs to */
	if (call->operation_id == NULL)
		call->operation_id = make_id("op_", GetCurrentTimestamp(), &call->created_at);
	if (call->key == NULL)
		return false;

	for (int i = 0; i < MAX_TRIES; i++)
	{
		Values		insert = {0};
		Values		select = {0};

		bind_text(&insert, call->tenant_id);
		bind_text(&insert, call->key);
		bind_text(&insert, call->method);
		bind_bigint(&insert, (int64) call->request_hash);
		bind_text(&insert, call->operation_id[0] ? call->operation_id : NULL);
		bind_time(&insert, GetCurrentTimestamp());
		if (run_statement(&insert_key, &insert, false) == 1)
			return false;

		bind_text(&select, call->tenant_id);
		bind_text(&select, call->key);
		if (run_statement(&select_key, &select, false) == 1)
		{
			check_key(call);
			call->operation_id = result_text(0, 3);
			return true;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not get hold of idempotency_key \"%s\"", call->key),
			 errhint("Call again.")));
}
