/*
 * message_unpack.c: protobuf-c messages in a memory context.
 */
#include "wire/message_unpack.h"

static void *
context_alloc(void *data, size_t size)
{
	return MemoryContextAlloc((MemoryContext) data, size);
}

static void
context_free(void *data, void *pointer)
{
	if (pointer != NULL)
		pfree(pointer);
}

ProtobufCMessage *
unpack_message(const ProtobufCMessageDescriptor *descriptor,
			   const char *data, size_t len, WireResult *result)
{
	ProtobufCAllocator allocator = {context_alloc, context_free, CurrentMemoryContext};
	ProtobufCMessage *message;
	const uint8_t *bytes = (const uint8_t *) data;
	uint8_t    *rewritten = NULL;
	bool		rewrite;

	*result = wire_check(descriptor, bytes, len, &rewrite);
	if (*result != WIRE_OK)
		return NULL;
	if (rewrite)
	{
		rewritten = palloc(len);
		wire_rewrite(descriptor, bytes, len, &allocator, rewritten, &len);
		bytes = rewritten;
	}
	message = protobuf_c_message_unpack(descriptor, &allocator, len, bytes);
	if (message == NULL)
		*result = WIRE_BAD_WIRE_TYPE;
	if (rewritten)
		pfree(rewritten);
	return message;
}
