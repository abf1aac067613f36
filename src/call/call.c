/*
 * call.c: call(), call_json() and rpc_methods(): a documented request in, the
 * documented answer out.
 */
#include "call/method.h"

#include "executor/spi.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "store/descriptors.h"
#include "store/store.h"
#include "wire/protojson.h"

PG_FUNCTION_INFO_V1(call);
PG_FUNCTION_INFO_V1(call_json);
PG_FUNCTION_INFO_V1(rpc_methods);

#define METHOD_NAME_MAX 1000

/* the method, the request (argument 1, in whatever form) and the key of both functions */
static struct varlena *
read_arguments(FunctionCallInfo fcinfo, Request *request)
{
	struct varlena *argument;

	request->method = find_method(required_text(fcinfo, 0, "method", METHOD_NAME_MAX));
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("request is required")));
	argument = PG_GETARG_VARLENA_PP(1);
	request->data = VARDATA_ANY(argument);
	request->len = VARSIZE_ANY_EXHDR(argument);
	request->key = optional_text(fcinfo, 2, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	return argument;
}

static void
handle(const Request *request, Answer *answer)
{
	if (request->method->writes)
		PreventCommandIfReadOnly(method_short_name(request->method));
	connect_store();
	request->method->handle(request, answer);
	SPI_finish();
}

/*
 * call(method text, request bytea, idempotency_key text) -> bytea: answers a
 * serialized request of a gRPC method with its serialized response.
 *
 * method: the gRPC method path, as rpc_methods() lists it. idempotency_key: 1
 * to 64 characters, for methods that write. created_by of the operations that
 * a call leaves is the setting idpsync.caller, where set. Errors: 0A000 for a
 * method there is not; 22P03, 22021, 54000 for bytes that are no such message;
 * 22023, 22001, 22003 for a field, whose path the detail begins with, "At path:
 * "; otherwise those of the SQL function behind the method. rpc_status() makes
 * a google.rpc.Status of each.
 */
Datum
call(PG_FUNCTION_ARGS)
{
	Request		request;
	Answer		answer;
	bytea	   *result;

	read_arguments(fcinfo, &request);
	if (request.method->request == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("method \"%s\" has no messages in bytes", request.method->name),
				 errhint("Use call_json().")));
	handle(&request, &answer);
	result = palloc(VARHDRSZ + answer.len);
	SET_VARSIZE(result, VARHDRSZ + answer.len);
	memcpy(VARDATA(result), answer.data, answer.len);
	PG_RETURN_BYTEA_P(result);
}

/* the ProtoJSON of a gRPC method's response */
static void
answer_as_json(const Request *request, const Answer *answer, StringInfo json)
{
	if (!protojson_write(json, request->method->response, answer->data, answer->len, registered_types()))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the answer of %s is too long or too deep for JSON", method_short_name(request->method)),
				 errhint("Use call(), or ask for a smaller page.")));
}

/*
 * call_json(method text, request json, idempotency_key text) -> json: the same
 * in ProtoJSON, and the actions ListSynchronizationJobs, GetSynchronizationJob
 * and RunSynchronizationJob with their documented JSON.
 *
 * Errors: as call(); 22P02, 22003, 22007 for JSON that is no such message, with
 * the path of its place; 0A000 for a documented field that is not supported.
 */
Datum
call_json(PG_FUNCTION_ARGS)
{
	Request		request;
	Answer		answer;
	struct varlena *argument = read_arguments(fcinfo, &request);
	StringInfoData json;

	if (request.len > PROTOJSON_MAX_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the request is longer than 64 MB")));
	request.data = pg_server_to_any(request.data, request.len, PG_UTF8);
	if (request.data != VARDATA_ANY(argument))
		request.len = strlen(request.data);
	if (request.method->request)
	{
		char	   *bytes;

		protojson_read(request.data, request.len, request.method->request->short_name, request.method->request,
					   registered_types(), &bytes, &request.len, NULL);
		request.data = bytes;
	}
	handle(&request, &answer);
	if (request.method->request == NULL)
		PG_RETURN_TEXT_P(cstring_to_text_with_len(answer.data, answer.len));
	initStringInfo(&json);
	answer_as_json(&request, &answer, &json);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(json.data, json.len));
}

/*
 * rpc_methods(): a row a method of call() and call_json(): its name, the
 * messages it takes and gives (NULL for actions, which have JSON documents
 * only), and whether it writes and so honours an idempotency key.
 */
Datum
rpc_methods(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < method_count; i++)
	{
		const Method *method = &method_table[i];
		bool		is_action = method->request == NULL;
		bool		nulls[4] = {false, is_action, is_action, false};
		Datum		values[4] = {
			CStringGetTextDatum(method->name),
			is_action ? (Datum) 0 : CStringGetTextDatum(method->request->name),
			is_action ? (Datum) 0 : CStringGetTextDatum(method->response->name),
			BoolGetDatum(method->writes)
		};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
