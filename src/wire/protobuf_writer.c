/*
 * protobuf_writer.c: writes a protobuf message from its end, pure C.
 */
#include "wire/protobuf_writer.h"

#include <string.h>

/* 2000-01-01 in seconds since 1970 */
#define EPOCH_2000 INT64_C(946684800)
#define MICROSECONDS INT64_C(1000000)

void
proto_writer_init(ProtoWriter *w, uint8_t *buffer, size_t size)
{
	w->cur = w->end = buffer + size;
}

size_t
proto_writer_len(const ProtoWriter *w)
{
	return (size_t) (w->end - w->cur);
}

size_t
proto_varint_size(uint64_t value)
{
	size_t		size = 1;

	while (value >= 0x80)
	{
		value >>= 7;
		size++;
	}
	return size;
}

uint8_t *
proto_varint_write(uint8_t *out, uint64_t value)
{
	while (value >= 0x80)
	{
		*out++ = (uint8_t) (value | 0x80);
		value >>= 7;
	}
	*out++ = (uint8_t) value;
	return out;
}

void
proto_put_long_varint(ProtoWriter *w, uint64_t value)
{
	w->cur = proto_varint_before(w->cur, value);
}

void
proto_put_bytes(ProtoWriter *w, uint32_t field, const char *data, size_t len)
{
	if (len == 0)
		return;
	w->cur -= len;
	memcpy(w->cur, data, len);
	proto_put_varint(w, len);
	proto_put_varint(w, (uint64_t) field << 3 | PROTO_LENGTH);
}

void
proto_put_string(ProtoWriter *w, uint32_t field, const char *string)
{
	if (string != NULL)
		proto_put_bytes(w, field, string, strlen(string));
}

void
proto_put_timestamp(ProtoWriter *w, uint32_t field, int64_t microseconds)
{
	const uint8_t *behind = w->cur;
	int64_t		seconds = microseconds / MICROSECONDS;
	int64_t		rest = microseconds % MICROSECONDS;

	/* nanos always count forward, so seconds are rounded down */
	if (rest < 0)
	{
		rest += MICROSECONDS;
		seconds--;
	}
	w->cur = proto_int_before(w->cur, 2, (uint64_t) rest * 1000);
	w->cur = proto_int_before(w->cur, 1, (uint64_t) (seconds + EPOCH_2000));
	proto_put_message(w, field, behind);
}

size_t
proto_string_bound(const char *string)
{
	return string == NULL ? 0 : PROTO_LENGTH_BOUND + strlen(string);
}
