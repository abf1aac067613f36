/*
 * fuzz.c: what the targets share.
 */
#include "fuzz.h"

#include <stdio.h>

static const char *const names[] = {
#include "types.h"
};

extern const ProtobufCMessageDescriptor *find_message_type(const char *name, size_t len);

void
broken(const char *promise, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, promise);
	abort();
}

const ProtobufCMessageDescriptor *
message_type(uint8_t number)
{
	const ProtobufCMessageDescriptor *type;

	if (number >= sizeof(names) / sizeof(names[0]))
		return NULL;
	type = find_message_type(names[number], strlen(names[number]));
	HOLDS(type != NULL);
	return type;
}

static void *
allocate(void *data, size_t size)
{
	(void) data;
	return malloc(size);
}

static void
release(void *data, void *pointer)
{
	(void) data;
	free(pointer);
}

ProtobufCAllocator plain_allocator = {allocate, release, NULL};
