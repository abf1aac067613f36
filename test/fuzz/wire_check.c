/*
 * wire_check.c: bytes as a message: checked, rewritten where that is needed, unpacked, packed.
 *
 * The first byte is the type.
 */
#include "wire/wire_check.h"
#include "fuzz.h"
#include "wire/message_pack.h"

/* a message's bytes as they are packed */
static uint8_t *
pack(const ProtobufCMessage *message, size_t *len)
{
	size_t		bound = message_pack_bound(message);
	uint8_t    *buffer = malloc(bound);
	uint8_t    *packed;
	ProtoWriter w;

	proto_writer_init(&w, buffer, bound);
	message_pack(&w, message);
	HOLDS(w.cur >= buffer);
	*len = proto_writer_len(&w);
	packed = memcpy(malloc(*len), w.cur, *len);
	free(buffer);
	return packed;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const ProtobufCMessageDescriptor *type = size > 0 ? message_type(data[0]) : NULL;
	size_t		len = size - 1;
	size_t		packed_len,
				again_len;
	uint8_t    *bytes,
			   *packed,
			   *again;
	ProtobufCMessage *message;
	WireResult	result;
	bool		rewrite;

	if (type == NULL)
		return 0;
	result = wire_check(type, data + 1, len, &rewrite);
	HOLDS(wire_result_text(result) != NULL);
	if (result == WIRE_BAD_STRING)
	{
		const ProtobufCFieldDescriptor *field = wire_bad_string(type, data + 1, len);

		HOLDS(field == NULL || field->type == PROTOBUF_C_TYPE_STRING);
	}
	if (result != WIRE_OK)
		return 0;

	bytes = malloc(len);
	if (rewrite)
	{
		HOLDS(wire_rewrite(type, data + 1, len, &plain_allocator, bytes, &len));
		HOLDS(len <= size - 1);
		/* afterwards there is nothing more to do */
		HOLDS(wire_check(type, bytes, len, &rewrite) == WIRE_OK && !rewrite);
	}
	else
		memcpy(bytes, data + 1, len);

	/* what passed is unpacked, and packed it means the same: packed again it does not change */
	message = protobuf_c_message_unpack(type, NULL, len, bytes);
	HOLDS(message != NULL);
	packed = pack(message, &packed_len);
	protobuf_c_message_free_unpacked(message, NULL);
	HOLDS(wire_check(type, packed, packed_len, &rewrite) == WIRE_OK && !rewrite);
	message = protobuf_c_message_unpack(type, NULL, packed_len, packed);
	HOLDS(message != NULL);
	again = pack(message, &again_len);
	protobuf_c_message_free_unpacked(message, NULL);
	HOLDS(again_len == packed_len && memcmp(again, packed, packed_len) == 0);

	free(bytes);
	free(packed);
	free(again);
	return 0;
}
