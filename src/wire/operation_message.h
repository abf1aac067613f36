/*
 * operation_message.h: operations as bytes of yandex.cloud.operation.Operation
 * and google.longrunning.Operation, pure C. Strings are UTF-8 here.
 */
#ifndef IDPSYNC_OPERATION_MESSAGE_H
#define IDPSYNC_OPERATION_MESSAGE_H

#include <stdbool.h>

#include "wire/protobuf_writer.h"
#include "wire/wire.h"

typedef struct OperationFields
{
	const char *id;
	const char *description;	/* NULL = unset, likewise the other pointers */
	TimestampTz created_at;
	const char *created_by;
	TimestampTz modified_at;
	bool		done;
	const AnyBytes *metadata;
	bool		has_error;
	int			error_code;
	const char *error_message;
	const AnyBytes *error_details;
	int			n_error_details;
	const AnyBytes *response;
} OperationFields;

/* what stands before the id in a google.longrunning.Operation's name */
#define OPERATION_NAME_PREFIX "operations/"

/*
 * The writers put the message at the end of the writer's buffer, which must
 * have room for the bound, the same for both.
 */
extern size_t operation_message_bound(const OperationFields *operation);
extern void operation_message_write(ProtoWriter *w, const OperationFields *operation);
extern void longrunning_message_write(ProtoWriter *w, const OperationFields *operation);

#endif
