/*
 * operation_message.c: the direct writers of operations against protobuf-c.
 */
#include "tests.h"

#include "google/longrunning/operations.pb-c.h"
#include "yandex/cloud/operation/operation.pb-c.h"

#include "wire/operation_message.h"
#include "wire/wire_check.h"

static void
random_any(AnyBytes *any, char *value)
{
	any->type_url = "type.googleapis.com/google.protobuf.Empty";
	any->type_url_len = strlen(any->type_url);
	any->value = value;
	any->value_len = random_number(3) == 0 ? 0 : random_number(200);
}

/* does protobuf-c read the bytes and pack them to the same ones? */
static bool
packs_again(const ProtobufCMessageDescriptor *descriptor, const ProtoWriter *w)
{
	size_t		len = proto_writer_len(w);
	ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, NULL, len, w->cur);
	uint8_t    *again = malloc(len + 1);
	bool		rewrite;
	bool		same = message != NULL && wire_check(descriptor, w->cur, len, &rewrite) == WIRE_OK &&
		protobuf_c_message_pack(message, again) == len && memcmp(again, w->cur, len) == 0;

	free(again);
	if (message)
		protobuf_c_message_free_unpacked(message, NULL);
	return same;
}

void
test_operations(void)
{
	bool		same = true;
	bool		same_fields = true;
	static char value[200] = "\x0a\x01s";
	static uint8_t buffer[4096];

	for (int i = 0; i < 20000; i++)
	{
		AnyBytes	metadata;
		AnyBytes	response;
		AnyBytes	details[3];
		OperationFields fields = {
			.id = "op_1",
			.description = random_number(2) ? "d" : NULL,
			.created_at = (int64_t) random_number(UINT64_C(1) << 50),
			.created_by = "who",
			.modified_at = -(int64_t) random_number(UINT64_C(1) << 50),
			.done = random_number(2)
		};
		Yandex__Cloud__Operation__Operation *operation;
		ProtoWriter w;

		random_any(&metadata, value);
		random_any(&response, value);
		if (random_number(2))
			fields.metadata = &metadata;
		if (random_number(2))
			fields.response = &response;
		else if (random_number(2))
		{
			fields.has_error = true;
			fields.error_code = (int) random_number(17);
			fields.error_message = random_number(2) ? "m" : NULL;
			fields.n_error_details = (int) random_number(4);
			fields.error_details = details;
			for (int d = 0; d < fields.n_error_details; d++)
				random_any(&details[d], value);
		}
		proto_writer_init(&w, buffer, operation_message_bound(&fields));
		operation_message_write(&w, &fields);
		same &= w.cur >= buffer && packs_again(&yandex__cloud__operation__operation__descriptor, &w);
		operation = yandex__cloud__operation__operation__unpack(NULL, proto_writer_len(&w), w.cur);
		same_fields &= operation->done == fields.done && (operation->metadata != NULL) == (fields.metadata != NULL) &&
			operation->result_case == (fields.response ? 9 : fields.has_error ? 8 : 0) &&
			(!fields.has_error || (operation->error->code == fields.error_code &&
								   operation->error->n_details == (size_t) fields.n_error_details)) &&
			strcmp(operation->id, "op_1") == 0 && strcmp(operation->created_by, "who") == 0;
		yandex__cloud__operation__operation__free_unpacked(operation, NULL);

		proto_writer_init(&w, buffer, operation_message_bound(&fields));
		longrunning_message_write(&w, &fields);
		same &= w.cur >= buffer && packs_again(&google__longrunning__operation__descriptor, &w);
	}
	ok(same, "operations of both services are as protobuf-c packs them");
	ok(same_fields, "with the fields they were given");
}
