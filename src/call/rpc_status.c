/*
 * rpc_status.c: SQLSTATEs as google.rpc.Code, errors as google.rpc.Status.
 */
#include "call/method.h"

#include "utils/builtins.h"

#include "wire/message_types.h"
#include "wire/wire.h"

PG_FUNCTION_INFO_V1(rpc_code);
PG_FUNCTION_INFO_V1(rpc_status);

/* google.rpc.Code */
enum
{
	RPC_OK = 0,
	RPC_CANCELLED = 1,
	RPC_INVALID_ARGUMENT = 3,
	RPC_NOT_FOUND = 5,
	RPC_ALREADY_EXISTS = 6,
	RPC_PERMISSION_DENIED = 7,
	RPC_RESOURCE_EXHAUSTED = 8,
	RPC_FAILED_PRECONDITION = 9,
	RPC_ABORTED = 10,
	RPC_UNIMPLEMENTED = 12,
	RPC_INTERNAL = 13,
	RPC_UNAVAILABLE = 14
};

typedef struct CodeOfState
{
	const char *sqlstate;		/* how it begins */
	int			code;
} CodeOfState;

/* the first that fits counts */
static const CodeOfState codes[] = {
	{"00000", RPC_OK},
	{"23505", RPC_ALREADY_EXISTS},
	{"21000", RPC_INVALID_ARGUMENT},
	{"22", RPC_INVALID_ARGUMENT},
	{"23", RPC_INVALID_ARGUMENT},
	{"P0002", RPC_NOT_FOUND},
	{"55000", RPC_FAILED_PRECONDITION},
	{"25006", RPC_FAILED_PRECONDITION},
	{"42501", RPC_PERMISSION_DENIED},
	{"40001", RPC_ABORTED},
	{"40P01", RPC_ABORTED},
	{"55P03", RPC_ABORTED},
	{"53", RPC_RESOURCE_EXHAUSTED},
	{"54", RPC_RESOURCE_EXHAUSTED},
	{"57014", RPC_CANCELLED},
	{"0A000", RPC_UNIMPLEMENTED},
	{"57P0", RPC_UNAVAILABLE},
	{"08", RPC_UNAVAILABLE},
};

/* what an error's detail begins with where a field is to blame: "At path: " */
#define FIELD_PREFIX "At "
#define FIELD_END ": "

#define BAD_REQUEST_URL TYPE_URL_PREFIX "google.rpc.BadRequest"

/* ERROR 22023 where it is no SQLSTATE */
static int
code_of_state(const char *sqlstate)
{
	if (strlen(sqlstate) != 5 || strspn(sqlstate, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid SQLSTATE: \"%s\"", sqlstate),
				 errdetail("It has five digits and upper-case letters.")));
	for (int i = 0; i < lengthof(codes); i++)
	{
		if (strncmp(sqlstate, codes[i].sqlstate, strlen(codes[i].sqlstate)) == 0)
			return codes[i].code;
	}
	return RPC_INTERNAL;
}

/*
 * rpc_code(sqlstate text) -> int: the google.rpc.Code an error is answered
 * with on the wire. Errors: 22023 for what is no SQLSTATE.
 */
Datum
rpc_code(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(code_of_state(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

/* takes a detail apart; false where no field is to blame */
static bool
read_field(const char *detail, char **field, const char **description)
{
	const char *path = detail + strlen(FIELD_PREFIX);
	const char *end;

	if (strncmp(detail, FIELD_PREFIX, strlen(FIELD_PREFIX)) != 0)
		return false;
	end = strstr(path, FIELD_END);
	if (end == NULL)
		return false;
	*description = end + strlen(FIELD_END);
	/* the paths of JSON documents begin at their root */
	if (path[0] == '$')
		path++;
	if (path[0] == '.')
		path++;
	*field = pnstrdup(path, end - path);
	return true;
}

/* a google.rpc.BadRequest in an Any, as field 3 of a Status */
static void
put_violation(ProtoWriter *w, const char *field, const char *description)
{
	const uint8_t *behind_any = w->cur;

	proto_put_string(w, 2, description);
	proto_put_string(w, 1, field);
	proto_put_message(w, 1, behind_any);	/* the only field_violations */
	proto_put_message(w, 2, behind_any);	/* value */
	proto_put_string(w, 1, BAD_REQUEST_URL);
	proto_put_message(w, 3, behind_any);
}

/*
 * rpc_status(sqlstate text, message text, detail text) -> bytea: an error as
 * a serialized google.rpc.Status.
 *
 * A detail that begins with "At path: " and belongs to INVALID_ARGUMENT becomes
 * a google.rpc.BadRequest that blames the field; any other is left out, since
 * it may tell of rows. Errors: 22023 for what is no SQLSTATE.
 */
Datum
rpc_status(PG_FUNCTION_ARGS)
{
	const char *message = PG_ARGISNULL(1) ? NULL : to_utf8(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	const char *detail = PG_ARGISNULL(2) ? "" : to_utf8(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	const char *description;
	char	   *field;
	int			code;
	ProtoWriter w;
	Answer		status;
	bytea	   *result;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sqlstate is required")));
	code = code_of_state(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	w = start_answer(proto_string_bound(message) + proto_string_bound(detail) + strlen(BAD_REQUEST_URL) +
					 PROTO_VARINT_BOUND + 8 * PROTO_LENGTH_BOUND);
	if (code == RPC_INVALID_ARGUMENT && read_field(detail, &field, &description))
		put_violation(&w, field, description);
	proto_put_string(&w, 2, message);
	proto_put_int(&w, 1, code);
	end_answer(&w, &status);
	result = palloc(VARHDRSZ + status.len);
	SET_VARSIZE(result, VARHDRSZ + status.len);
	memcpy(VARDATA(result), status.data, status.len);
	PG_RETURN_BYTEA_P(result);
}
