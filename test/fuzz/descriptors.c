/*
 * descriptors.c: types described at run time, and an Any of one of them.
 *
 * Two bytes give the length of a FileDescriptorSet; it follows, then the JSON.
 */
#include "protojson.h"

#include "wire/type_registry.h"
#include "wire/wire_check.h"

typedef struct Case
{
	const char *set;
	size_t		set_len;
	const char *json;
	size_t		json_len;
	TypeRegistry *types;
	AnyParts	any;
	StringInfoData written;
} Case;

static void
build(void *arg)
{
	Case	   *c = arg;
	DescriptorFile *files;
	int			n = read_descriptor_set(c->set, c->set_len, &files);

	for (int i = 0; i < n; i++)
	{
		bool		is_left_out;
		const char *name = descriptor_file_name(&files[i], &is_left_out);

		HOLDS(utf8_is_valid((const uint8_t *) name, strlen(name)));
	}
	c->types = build_type_registry(files, n);
	HOLDS(registered_messages(c->types) <= REGISTRY_MAX_TYPES);
}

static void
there_and_back(void *arg)
{
	Case	   *c = arg;
	AnyParts	again;

	if (!protojson_read_any(c->json, c->json_len, "protobuf_any", c->types, &c->any, NULL))
		return;
	initStringInfo(&c->written);
	protojson_write_any(&c->written, &c->any, c->types);
	HOLDS(utf8_is_valid((uint8_t *) c->written.data, c->written.len));
	/* it need not give the same bytes, but reads */
	protojson_read_any(c->written.data, c->written.len, "protobuf_any", c->types, &again, NULL);
	c->json = NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Case		c = {NULL};
	char	   *set;

	if (size < 2)
		return 0;
	c.set_len = Min(size - 2, (size_t) data[0] << 8 | data[1]);
	/* a block of its size */
	c.set = set = malloc(c.set_len);
	memcpy(set, data + 2, c.set_len);
	c.json = (const char *) data + 2 + c.set_len;
	c.json_len = size - 2 - c.set_len;

	server_encoding = PG_UTF8;
	if (try_call(build, &c) == 0 && utf8_is_valid((const uint8_t *) c.json, c.json_len))
	{
		int			state = try_call(there_and_back, &c);

		/* what was read is written, and read again */
		HOLDS(state == 0 ? c.json == NULL : c.written.data == NULL);
	}
	free(set);
	forget_all();
	return 0;
}
