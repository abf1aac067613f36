/*
 * operation_message.c: operations as bytes of yandex.cloud.operation.Operation
 * and google.longrunning.Operation, pure C.
 */
#include "wire/operation_message.h"

#include <string.h>

static size_t
any_bound(const AnyBytes *any)
{
	return any == NULL ? 0 : 3 * PROTO_LENGTH_BOUND + any->type_url_len + any->value_len;
}

static void
put_any(ProtoWriter *w, uint32_t field, const AnyBytes *any)
{
	const uint8_t *behind = w->cur;

	if (any == NULL)
		return;
	proto_put_bytes(w, 2, any->value, any->value_len);
	proto_put_bytes(w, 1, any->type_url, any->type_url_len);
	proto_put_message(w, field, behind);
}

/* a google.rpc.Status */
static void
put_error(ProtoWriter *w, uint32_t field, const OperationFields *operation)
{
	const uint8_t *behind = w->cur;

	if (!operation->has_error)
		return;
	for (int i = operation->n_error_details - 1; i >= 0; i--)
		put_any(w, 3, &operation->error_details[i]);
	proto_put_string(w, 2, operation->error_message);
	proto_put_int(w, 1, operation->error_code);
	proto_put_message(w, field, behind);
}

size_t
operation_message_bound(const OperationFields *operation)
{
	size_t		bound = 2 * PROTO_TIMESTAMP_BOUND + 2 * PROTO_VARINT_BOUND + PROTO_LENGTH_BOUND;

	bound += proto_string_bound(operation->id) + strlen(OPERATION_NAME_PREFIX);
	bound += proto_string_bound(operation->description);
	bound += proto_string_bound(operation->created_by);
	bound += proto_string_bound(operation->error_message);
	bound += any_bound(operation->metadata) + any_bound(operation->response);
	for (int i = 0; i < operation->n_error_details; i++)
		bound += any_bound(&operation->error_details[i]);
	return bound;
}

void
operation_message_write(ProtoWriter *w, const OperationFields *operation)
{
	put_any(w, 9, operation->response);
	put_error(w, 8, operation);
	put_any(w, 7, operation->metadata);
	proto_put_int(w, 6, operation->done);
	proto_put_timestamp(w, 5, operation->modified_at);
	proto_put_string(w, 4, operation->created_by);
	proto_put_timestamp(w, 3, operation->created_at);
	proto_put_string(w, 2, operation->description);
	proto_put_string(w, 1, operation->id);
}

void
longrunning_message_write(ProtoWriter *w, const OperationFields *operation)
{
	const uint8_t *behind;
	size_t		id_len = strlen(operation->id);
	size_t		prefix_len = strlen(OPERATION_NAME_PREFIX);

	put_any(w, 5, operation->response);
	put_error(w, 4, operation);
	proto_put_int(w, 3, operation->done);
	put_any(w, 2, operation->metadata);
	behind = w->cur;
	w->cur -= id_len;
	memcpy(w->cur, operation->id, id_len);
	w->cur -= prefix_len;
	memcpy(w->cur, OPERATION_NAME_PREFIX, prefix_len);
	proto_put_message(w, 1, behind);
}
