/*
 * operation_methods.c: the methods of the two services for operations.
 *
 * google.longrunning names operations "operations/{id}", or
 * "{tenant}/operations/{id}" where the caller knows the tenant, and lists those
 * of "{tenant}/operations".
 */
#include "call/method.h"

#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "google/longrunning/operations.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "yandex/cloud/operation/operation_service.pb-c.h"

#include "job/job.h"
#include "store/filter.h"
#include "wire/operation_message.h"
#include "wire/wire.h"

typedef Yandex__Cloud__Operation__GetOperationRequest GetRequest;
typedef Yandex__Cloud__Operation__CancelOperationRequest CancelRequest;
typedef Google__Longrunning__GetOperationRequest GetOperationRequest;
typedef Google__Longrunning__ListOperationsRequest ListOperationsRequest;
typedef Google__Longrunning__CancelOperationRequest CancelOperationRequest;
typedef Google__Longrunning__DeleteOperationRequest DeleteOperationRequest;
typedef Google__Longrunning__WaitOperationRequest WaitOperationRequest;

#define COLLECTION "operations"
/* a tenant, the collection, an id and what is between them */
#define NAME_MAX_CHARACTERS (TENANT_ID_MAX + OPERATION_ID_MAX + 16)

/* how long WaitOperation waits where it is not told, and at most */
#define DEFAULT_WAIT INT64CONST(60000)
#define LONGEST_WAIT INT64CONST(86400000)

static const char *
column_text(const Datum *values, const bool *nulls, int column)
{
	return nulls[column] ? NULL : to_utf8(TextDatumGetCString(values[column]));
}

static const AnyBytes *
column_any(const Datum *values, const bool *nulls, int column)
{
	AnyBytes   *any;

	if (nulls[column])
		return NULL;
	any = palloc(sizeof(AnyBytes));
	*any = any_on_wire(values[column]);
	return any;
}

static void
error_details(Datum details, OperationFields *fields)
{
	ArrayType  *array = DatumGetArrayTypeP(details);
	int16		typlen;
	bool		typbyval;
	char		typalign;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	AnyBytes   *anys;

	get_typlenbyvalalign(ARR_ELEMTYPE(array), &typlen, &typbyval, &typalign);
	deconstruct_array(array, ARR_ELEMTYPE(array), typlen, typbyval, typalign, &elements, &nulls, &n);
	anys = palloc(sizeof(AnyBytes) * (n + 1));
	for (int i = 0; i < n; i++)
	{
		if (!nulls[i])
			anys[fields->n_error_details++] = any_on_wire(elements[i]);
	}
	fields->error_details = anys;
}

/* a row of OPERATION_COLUMNS as the fields of a message */
static OperationFields
operation_fields(const Datum *values, const bool *nulls)
{
	OperationFields fields = {
		.id = column_text(values, nulls, OP_ID),
		.description = column_text(values, nulls, OP_DESCRIPTION),
		.created_at = DatumGetTimestampTz(values[OP_CREATED_AT]),
		.created_by = column_text(values, nulls, OP_CREATED_BY),
		.modified_at = DatumGetTimestampTz(values[OP_MODIFIED_AT]),
		.done = DatumGetBool(values[OP_DONE]),
		.metadata = column_any(values, nulls, OP_METADATA),
		.has_error = !nulls[OP_ERROR_CODE],
		.error_code = nulls[OP_ERROR_CODE] ? 0 : DatumGetInt32(values[OP_ERROR_CODE]),
		.error_message = column_text(values, nulls, OP_ERROR_MESSAGE),
		.response = column_any(values, nulls, OP_RESPONSE)
	};

	if (!nulls[OP_ERROR_DETAILS])
		error_details(values[OP_ERROR_DETAILS], &fields);
	return fields;
}

void
answer_operation(const Operation *operation, Answer *answer)
{
	OperationFields fields = operation_fields(operation->values, operation->nulls);
	ProtoWriter w = start_answer(operation_message_bound(&fields));

	operation_message_write(&w, &fields);
	end_answer(&w, answer);
}

static void
answer_longrunning(const Operation *operation, Answer *answer)
{
	OperationFields fields = operation_fields(operation->values, operation->nulls);
	ProtoWriter w = start_answer(operation_message_bound(&fields));

	longrunning_message_write(&w, &fields);
	end_answer(&w, answer);
}

static void
answer_empty(Answer *answer)
{
	answer->data = "";
	answer->len = 0;
}

/*
 * Takes a name apart: the collection at its end (and, of an operation, the id
 * behind it) and the tenant before that, NULL if there is none.
 */
static void
read_name(const Request *request, const char *utf8, char **tenant_id, const char **operation_id)
{
	char	   *name = required_string(request, utf8, "name", NAME_MAX_CHARACTERS);
	char	   *end = name + strlen(name);
	size_t		collection_len = strlen(COLLECTION);
	char	   *collection;

	if (operation_id)
	{
		char	   *slash = strrchr(name, '/');

		end = slash ? slash : name;
		*operation_id = slash ? slash + 1 : name;
	}
	collection = end - collection_len;
	if (end - name < (ptrdiff_t) collection_len || memcmp(collection, COLLECTION, collection_len) != 0 ||
		collection == name + 1 || (collection > name && collection[-1] != '/') ||
		(operation_id && (*operation_id)[0] == '\0'))
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, "name",
					 operation_id ? "it does not end in operations/ and an id" : "it must be a tenant and /operations, as corp/operations");
	*tenant_id = collection > name ? pnstrdup(name, collection - name - 1) : NULL;
}

void
handle_get(const Request *request, Answer *answer)
{
	const GetRequest *message = request_message(request);
	Operation	operation;

	find_operation(NULL, required_string(request, message->operation_id, "operation_id", OPERATION_ID_MAX),
				   false, true, &operation);
	answer_operation(&operation, answer);
}

void
handle_cancel(const Request *request, Answer *answer)
{
	const CancelRequest *message = request_message(request);
	Call		call = start_call(request);

	call.operation_id = required_string(request, message->operation_id, "operation_id", OPERATION_ID_MAX);
	cancel_operation_of(&call);
	answer_operation(&call.answer, answer);
}

void
handle_get_operation(const Request *request, Answer *answer)
{
	const GetOperationRequest *message = request_message(request);
	char	   *tenant_id;
	const char *operation_id;
	Operation	operation;

	read_name(request, message->name, &tenant_id, &operation_id);
	find_operation(tenant_id, operation_id, false, true, &operation);
	answer_longrunning(&operation, answer);
}

void
handle_list_operations(const Request *request, Answer *answer)
{
	const ListOperationsRequest *message = request_message(request);
	char	   *filter = optional_string(request, message->filter, "filter", FILTER_MAX_LENGTH);
	char	   *token = optional_string(request, message->page_token, "page_token", PAGE_TOKEN_MAX_CHARACTERS);
	ListPage	page = {.size = message->page_size};
	char	   *tenant_id;
	PageRows	rows;
	int			n;
	OperationFields *fields;
	char	   *next;
	size_t		bound;
	ProtoWriter w;

	read_name(request, message->name, &tenant_id, NULL);
	if (tenant_id == NULL)
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, "name", "it must be a tenant and /operations, as corp/operations");
	if (message->return_partial_success)
		refuse_field(request, ERRCODE_FEATURE_NOT_SUPPORTED, "return_partial_success", "it is not supported");
	rows = list_operation_page(tenant_id, filter, token, &page, NULL);

	n = (int) page_row_count(&page, &rows);
	fields = palloc(sizeof(OperationFields) * (n + 1));
	next = page_next_token(&page, &rows, OP_ID, OP_CREATED_AT);
	bound = proto_string_bound(next);
	for (int i = 0; i < n; i++)
	{
		fields[i] = operation_fields(page_values(&rows, i), page_nulls(&rows, i));
		bound += operation_message_bound(&fields[i]) + PROTO_LENGTH_BOUND;
	}
	w = start_answer(bound);
	proto_put_string(&w, 2, next);
	for (int i = n - 1; i >= 0; i--)
	{
		const uint8_t *behind = w.cur;

		longrunning_message_write(&w, &fields[i]);
		proto_put_message(&w, 1, behind);
	}
	end_answer(&w, answer);
}

void
handle_cancel_operation(const Request *request, Answer *answer)
{
	const CancelOperationRequest *message = request_message(request);
	Call		call = start_call(request);
	char	   *tenant_id;

	read_name(request, message->name, &tenant_id, &call.operation_id);
	call.tenant_id = tenant_id;
	cancel_operation_of(&call);
	answer_empty(answer);
}

void
handle_delete_operation(const Request *request, Answer *answer)
{
	const DeleteOperationRequest *message = request_message(request);
	Call		call = start_call(request);
	char	   *tenant_id;
	const char *operation_id;

	read_name(request, message->name, &tenant_id, &operation_id);
	call.tenant_id = tenant_id;
	forget_operation(&call, operation_id);
	answer_empty(answer);
}

/* the timeout in milliseconds */
static int64
read_timeout(const Request *request, const Google__Protobuf__Duration *timeout)
{
	if (timeout == NULL)
		return DEFAULT_WAIT;
	if (timeout->seconds < 0 || timeout->nanos < 0 || timeout->nanos > 999999999 ||
		timeout->seconds > LONGEST_WAIT / 1000 ||
		timeout->seconds * 1000 + timeout->nanos / 1000000 > LONGEST_WAIT)
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, "timeout", "it is not from 0 to 1 day");
	return timeout->seconds * 1000 + timeout->nanos / 1000000;
}

void
handle_wait_operation(const Request *request, Answer *answer)
{
	const WaitOperationRequest *message = request_message(request);
	int64		timeout = read_timeout(request, message->timeout);
	char	   *tenant_id;
	const char *operation_id;
	Operation	operation;

	read_name(request, message->name, &tenant_id, &operation_id);
	wait_for_operation(tenant_id, operation_id, timeout, &operation);
	answer_longrunning(&operation, answer);
}
