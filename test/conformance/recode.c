/*
 * recode.c: what a message means to us: read as the server reads it (checked,
 * rewritten where that is needed, unpacked) and packed again.
 *
 * recode TYPE < bytes > bytes; says what is wrong and exits with 1 where the
 * bytes are refused.
 */
#include "postgres.h"

#undef printf
#undef fprintf

#include <stdio.h>
#include <stdlib.h>

#include "wire/message_pack.h"
#include "wire/message_types.h"
#include "wire/wire_check.h"

static void *
allocate(void *data, size_t size)
{
	return malloc(size);
}

static void
release(void *data, void *pointer)
{
	free(pointer);
}

int
main(int argc, char **argv)
{
	static uint8_t data[WIRE_MAX_LEN + 1];
	ProtobufCAllocator allocator = {allocate, release, NULL};
	const ProtobufCMessageDescriptor *type = argc == 2 ? find_message_type(argv[1], strlen(argv[1])) : NULL;
	size_t		len = fread(data, 1, sizeof(data), stdin);
	uint8_t    *bytes = malloc(len + 1);
	uint8_t    *packed;
	bool		rewrite;
	WireResult	result;
	ProtobufCMessage *message;
	ProtoWriter writer;

	if (type == NULL)
	{
		fprintf(stderr, "no such message type\n");
		return 2;
	}
	result = wire_check(type, data, len, &rewrite);
	if (result != WIRE_OK)
	{
		fprintf(stderr, "%s\n", wire_result_text(result));
		return 1;
	}
	if (rewrite)
		wire_rewrite(type, data, len, &allocator, bytes, &len);
	else
		memcpy(bytes, data, len);
	message = protobuf_c_message_unpack(type, NULL, len, bytes);
	if (message == NULL)
	{
		fprintf(stderr, "it passed the check and was not unpacked\n");
		return 2;
	}
	len = message_pack_bound(message);
	packed = malloc(len + 1);
	proto_writer_init(&writer, packed, len);
	message_pack(&writer, message);
	fwrite(writer.cur, 1, proto_writer_len(&writer), stdout);
	protobuf_c_message_free_unpacked(message, NULL);
	free(bytes);
	free(packed);
	return 0;
}
