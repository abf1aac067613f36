/*
 * operation.h: operations as the other rooms make and end them.
 */
#ifndef IDPSYNC_OPERATION_H
#define IDPSYNC_OPERATION_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/palloc.h"

#include "store/page.h"

#define OPERATION_ID_MAX 64
#define TENANT_ID_MAX 64
#define IDEMPOTENCY_KEY_MAX 64
#define DESCRIPTION_MAX 256

/* columns of an operation, in the order in which functions return them */
#define OPERATION_COLUMNS \
	"operation_id, tenant_id, method, description, created_at, created_by, modified_at, done, metadata," \
	" error_code, error_message, error_details, response"

#define OPERATION_LAYOUT "VVVv8V81v4vvv"

enum
{
	OP_ID,
	OP_TENANT,
	OP_METHOD,
	OP_DESCRIPTION,
	OP_CREATED_AT,
	OP_CREATED_BY,
	OP_MODIFIED_AT,
	OP_DONE,
	OP_METADATA,
	OP_ERROR_CODE,
	OP_ERROR_MESSAGE,
	OP_ERROR_DETAILS,
	OP_RESPONSE,
	OP_COLUMNS
};

typedef struct Operation
{
	Datum		values[OP_COLUMNS];
	bool		nulls[OP_COLUMNS];
} Operation;

/*
 * One call that writes: the operation it is answered with, and the key under
 * which it may be repeated.
 */
typedef struct Call
{
	const char *method;			/* such as OpenSession */
	const char *tenant_id;
	const char *key;			/* NULL = none */
	uint64		request_hash;	/* of the canonical arguments */
	const char *operation_id;	/* NULL = a new one is to be made, "" = it leaves none */
	TimestampTz created_at;		/* of the operation, where it is new */
	bool		wants_answer;	/* the caller wants the operation itself, kept or not */
	Operation	answer;			/* where it wants it */
} Call;

/* hash of a call's arguments: start, then one field after the other */
extern uint64 request_hash_start(const char *method);
extern uint64 request_hash_text(uint64 hash, const char *text);	/* NULL differs from empty */
extern uint64 request_hash_datum(uint64 hash, Datum varlena, bool isnull);
extern uint64 request_hash_int(uint64 hash, int64 number);

/*
 * Begins a call: true if it is a repetition, then operation_id is that of the
 * first call (NULL if that left none). ERROR 23505 where the key was used for
 * another request.
 */
extern bool begin_call(Call *call);

/* is there any use for the operation of a call, if the store keeps such ones or not? */
extern bool needs_operation(const Call *call, bool is_kept);

/*
 * Makes the operation of a call: done with this response, or open where
 * has_response is false; metadata 0 = none. It is stored if the store keeps
 * such ones or the call has a key, and always answered.
 */
extern void make_operation(Call *call, bool is_kept, const char *description, Datum metadata,
						   bool has_response, Datum response);

/*
 * Reads the operation of a repeated call into its answer, as it now is. ERROR
 * P0002 where it was deleted. column (an OP_ number, or -1) is one that the
 * caller reads on: ERROR 55000 where somebody made an operation without it.
 */
extern void answer_again(Call *call, int column);

/* ends an open operation that some other row stands behind; one that is gone or done is left alone */
extern void end_operation(const char *tenant_id, const char *operation_id, Datum response);

/*
 * One operation by id, tenant_id NULL where the caller did not give it; with
 * lock it cannot change until the transaction ends. ERROR P0002 where there is
 * none, 21000 where two tenants have it.
 */
extern void find_operation(const char *tenant_id, const char *operation_id, bool lock, bool read_only,
						   Operation *operation);

/* the same, but false where there is none */
extern bool try_find_operation(const char *tenant_id, const char *operation_id, bool lock, bool read_only,
						   Operation *operation);

/*
 * A page of a tenant's operations, newest first, and how many there are where
 * total is wanted; a page's size is given, 0 = the default, at most 1000.
 * ERROR 22023 for a size, filter or token that is none.
 */
extern PageRows list_operation_page(const char *tenant_id, const char *filter, const char *token,
									ListPage *page, int64 *total);

/* deletes an operation; the call brings tenant_id (NULL where the id is to say it) and key */
extern void forget_operation(Call *call, const char *operation_id);

/* reads an operation as soon as it is done, at the latest after so many milliseconds */
extern void wait_for_operation(const char *tenant_id, const char *operation_id, int64 timeout,
							   Operation *operation);

/* ends an operation with an error and reads it back */
extern void fail_operation_row(Operation *operation, int code, const char *message, Datum details, bool no_details);

#endif
