/*
 * main.c: what the tests share, and what runs them; prints TAP.
 */
#include "tests.h"

#include "base/catalog.h"
#include "wire/wire_check.h"

static int	tests = 0;
static int	failures = 0;

void
ok(bool passed, const char *name)
{
	tests++;
	if (!passed)
		failures++;
	printf("%sok %d - %s\n", passed ? "" : "not ", tests, name);
}

/* the labels without the server's catalog */
const char *
enum_label(EnumKind kind, int number)
{
	static const char *const status[] = {NULL, "pending", "running", "failed", "partial_success", "success"};
	static const char *const target[] = {NULL, "identity_provider", "application"};
	static const char *const direction[] = {NULL, "ingress", "egress"};
	static const char *const trigger[] = {NULL, "auto", "manual"};

	switch (kind)
	{
		case JOB_STATUS:
			return status[number];
		case JOB_TARGET_TYPE:
			return target[number];
		case JOB_DIRECTION:
			return direction[number];
		default:
			return trigger[number];
	}
}

static uint64_t seed = 42;

uint64_t
random_number(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
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

ProtobufCAllocator allocator = {allocate, release, NULL};

uint8_t *
repack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t len, size_t *packed_len)
{
	ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, NULL, len, data);
	uint8_t    *packed;

	if (message == NULL)
		return NULL;
	packed = malloc(protobuf_c_message_get_packed_size(message) + 1);
	*packed_len = protobuf_c_message_pack(message, packed);
	protobuf_c_message_free_unpacked(message, NULL);
	return packed;
}

uint8_t *
rewrite_and_repack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t len, size_t *packed_len)
{
	uint8_t    *rewritten = malloc(len ? len : 1);
	uint8_t    *packed;

	wire_rewrite(descriptor, data, len, &allocator, rewritten, &len);
	packed = repack(descriptor, rewritten, len, packed_len);
	free(rewritten);
	return packed;
}

int
main(void)
{
	test_sessions();
	test_jobs();
	test_samples();
	test_refusals();
	test_rewriting();
	test_utf8();
	test_base64();
	test_times();
	test_operations();
	test_field_masks();
	printf("1..%d\n", tests);
	return failures > 0;
}
