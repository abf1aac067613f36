/*
 * protojson.c: reading and writing ProtoJSON, errors caught.
 */
#include "protojson.h"

static void
read_json(void *arg)
{
	Message    *m = arg;

	m->done = m->type == NULL ?
		protojson_read_any(m->json, m->json_len, "protobuf_any", NULL, &m->any, NULL) :
		protojson_read(m->json, m->json_len, "protobuf_any", m->type, NULL, &m->bytes, &m->bytes_len, NULL);
}

static void
write_json(void *arg)
{
	Message    *m = arg;
	StringInfoData out;

	initStringInfo(&out);
	m->done = true;
	if (m->type == NULL)
		protojson_write_any(&out, &m->any, NULL);
	else
		m->done = protojson_write(&out, m->type, m->bytes, m->bytes_len, NULL);
	/* in a block of its size */
	m->json = pnstrdup(out.data, out.len);
	m->json_len = out.len;
	HOLDS(strlen(m->json) == m->json_len);
	for (size_t i = 0; i < m->json_len && server_encoding != PG_UTF8; i++)
		HOLDS(!IS_HIGHBIT_SET(m->json[i]));
}

int
read_message(Message *message)
{
	message->done = false;
	return try_call(read_json, message);
}

int
write_message(Message *message)
{
	message->done = false;
	return try_call(write_json, message);
}

bool
same_message(const Message *a, const Message *b)
{
	if (a->type != NULL)
		return a->bytes_len == b->bytes_len && memcmp(a->bytes, b->bytes, a->bytes_len) == 0;
	return a->any.type_url_len == b->any.type_url_len && a->any.value_len == b->any.value_len &&
		a->any.is_json == b->any.is_json && memcmp(a->any.type_url, b->any.type_url, a->any.type_url_len) == 0 &&
		memcmp(a->any.value, b->any.value, a->any.value_len) == 0;
}
