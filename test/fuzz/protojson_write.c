/*
 * protojson_write.c: bytes as ProtoJSON. What is written reads as these bytes,
 * and an Any of them is always written.
 *
 * The first byte is the type, and chooses the server's encoding.
 */
#include "protojson.h"

#include "wire/message_types.h"

#define PREFIX TYPE_URL_PREFIX

static void
there_and_back(Message *first)
{
	Message		second;

	HOLDS(write_message(first) == 0);
	if (first->done)
	{
		second = *first;
		HOLDS(read_message(&second) == 0 && second.done && same_message(first, &second));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Message		message = {NULL};
	char		url[200];

	message.type = size > 0 ? message_type(data[0] & 0x7F) : NULL;
	if (message.type == NULL)
		return 0;
	server_encoding = data[0] & 0x80 ? PG_LATIN1 : PG_UTF8;
	message.bytes = (char *) data + 1;
	message.bytes_len = size - 1;
	there_and_back(&message);

	snprintf(url, sizeof(url), PREFIX "%s", message.type->name);
	message.type = NULL;
	message.any.type_url = url;
	message.any.type_url_len = strlen(url);
	message.any.value = (char *) data + 1;
	message.any.value_len = size - 1;
	there_and_back(&message);
	HOLDS(message.done);
	forget_all();
	return 0;
}
