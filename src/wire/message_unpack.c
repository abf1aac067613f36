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

	*result = wire_check(descriptor, (const uint8_t *) data, len);
	if (*result != WIRE_OK)
		return NULL;
	message = protobuf_c_message_unpack(descriptor, &allocator, len, (const uint8_t *) data);
	if (message == NULL)
		*result = WIRE_BAD_WIRE_TYPE;
	return message;
}
