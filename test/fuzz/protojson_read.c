/*
 * protojson_read.c: ProtoJSON as a message. What is read is a right message, and
 * its own JSON reads the same.
 *
 * The first byte is the type, or none for an Any; the second chooses the server's encoding.
 */
#include "protojson.h"

#include "wire/wire_check.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Message		first = {NULL};
	Message		second;
	int			state;

	/* texts come in a valid encoding */
	if (size < 2 || !utf8_is_valid(data + 2, size - 2))
		return 0;
	first.type = message_type(data[0]);
	first.json = (const char *) data + 2;
	first.json_len = size - 2;
	server_encoding = data[1] & 1 ? PG_LATIN1 : PG_UTF8;

	state = read_message(&first);
	HOLDS(first.done == (state == 0));
	if (first.done)
	{
		bool		rewrite;

		if (first.type != NULL)
			HOLDS(wire_check(first.type, (uint8_t *) first.bytes, first.bytes_len, &rewrite) == WIRE_OK && !rewrite);
		second = first;
		HOLDS(write_message(&second) == 0);
		if (second.done)
			HOLDS(read_message(&second) == 0 && second.done && same_message(&first, &second));
	}
	forget_all();
	return 0;
}
