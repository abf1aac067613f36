/*
 * wire_check.c: looks bytes over before protobuf-c reads them, pure C.
 */
#include "wire/wire_check.h"

#include <string.h>

#define WIRE_VARINT 0
#define WIRE_64BIT 1
#define WIRE_LENGTH 2
#define WIRE_32BIT 5

#define MAX_TAG_BYTES 5
#define MAX_VARINT_BYTES 10

/* fields of a message that can be told apart by the check for repetition */
#define TRACKED_FIELDS 64

typedef struct Cursor
{
	const uint8_t *cur;
	const uint8_t *end;
} Cursor;

static WireResult
read_varint(Cursor *c, int max_bytes, uint64_t *value)
{
	uint64_t	sum = 0;

	for (int i = 0; i < max_bytes; i++)
	{
		uint8_t		byte;

		if (c->cur == c->end)
			return WIRE_TRUNCATED;
		byte = *c->cur++;
		sum |= (uint64_t) (byte & 0x7F) << (7 * i);
		if (!(byte & 0x80))
		{
			*value = sum;
			return WIRE_OK;
		}
	}
	return WIRE_BAD_VARINT;
}

static const ProtobufCFieldDescriptor *
find_field(const ProtobufCMessageDescriptor *message, uint32_t number)
{
	for (unsigned i = 0; i < message->n_fields; i++)
	{
		if (message->fields[i].id == number)
			return &message->fields[i];
	}
	return NULL;
}

/* how a type goes over the wire by itself */
static unsigned
wire_type_of(ProtobufCType type)
{
	switch (type)
	{
		case PROTOBUF_C_TYPE_SFIXED64:
		case PROTOBUF_C_TYPE_FIXED64:
		case PROTOBUF_C_TYPE_DOUBLE:
			return WIRE_64BIT;
		case PROTOBUF_C_TYPE_SFIXED32:
		case PROTOBUF_C_TYPE_FIXED32:
		case PROTOBUF_C_TYPE_FLOAT:
			return WIRE_32BIT;
		case PROTOBUF_C_TYPE_STRING:
		case PROTOBUF_C_TYPE_BYTES:
		case PROTOBUF_C_TYPE_MESSAGE:
			return WIRE_LENGTH;
		default:
			return WIRE_VARINT;
	}
}

/* the elements of a repeated field that come packed into one */
static WireResult
check_packed(unsigned wire_type, Cursor packed, int *fields)
{
	size_t		len = (size_t) (packed.end - packed.cur);

	if (wire_type == WIRE_64BIT)
		return len % 8 == 0 ? WIRE_OK : WIRE_TRUNCATED;
	if (wire_type == WIRE_32BIT)
		return len % 4 == 0 ? WIRE_OK : WIRE_TRUNCATED;
	while (packed.cur < packed.end)
	{
		uint64_t	value;
		WireResult	result = read_varint(&packed, MAX_VARINT_BYTES, &value);

		if (result != WIRE_OK)
			return result;
		if (++*fields > WIRE_MAX_FIELDS)
			return WIRE_TOO_MANY;
	}
	return WIRE_OK;
}

static WireResult
check_message(const ProtobufCMessageDescriptor *message, Cursor c, int depth, int *fields)
{
	uint64_t	seen = 0;

	if (depth > WIRE_MAX_DEPTH)
		return WIRE_TOO_DEEP;
	*fields += WIRE_FIELDS_OF_STRUCT(message);
	if (*fields > WIRE_MAX_FIELDS)
		return WIRE_TOO_MANY;

	while (c.cur < c.end)
	{
		const ProtobufCFieldDescriptor *field;
		uint64_t	tag;
		uint64_t	len;
		unsigned	wire_type;
		WireResult	result;
		Cursor		inner;

		if (++*fields > WIRE_MAX_FIELDS)
			return WIRE_TOO_MANY;

		result = read_varint(&c, MAX_TAG_BYTES, &tag);
		if (result != WIRE_OK)
			return result;
		if (tag > UINT32_MAX || tag >> 3 == 0)
			return WIRE_BAD_FIELD_NUMBER;
		wire_type = tag & 7;

		switch (wire_type)
		{
			case WIRE_VARINT:
				result = read_varint(&c, MAX_VARINT_BYTES, &len);
				if (result != WIRE_OK)
					return result;
				len = 0;
				break;
			case WIRE_64BIT:
				len = 8;
				break;
			case WIRE_32BIT:
				len = 4;
				break;
			case WIRE_LENGTH:
				result = read_varint(&c, MAX_TAG_BYTES, &len);
				if (result != WIRE_OK)
					return result;
				break;
			default:
				return WIRE_BAD_WIRE_TYPE;
		}
		if (len > (uint64_t) (c.end - c.cur))
			return WIRE_TRUNCATED;
		inner.cur = c.cur;
		inner.end = c.cur + len;
		c.cur = inner.end;

		field = find_field(message, (uint32_t) (tag >> 3));
		if (field == NULL)
			continue;

		if (wire_type != wire_type_of(field->type))
		{
			if (wire_type != WIRE_LENGTH || field->label != PROTOBUF_C_LABEL_REPEATED)
				return WIRE_BAD_WIRE_TYPE;
			result = check_packed(wire_type_of(field->type), inner, fields);
			if (result != WIRE_OK)
				return result;
		}
		else if (field->type == PROTOBUF_C_TYPE_STRING)
		{
			if (!utf8_is_valid(inner.cur, len))
				return WIRE_BAD_STRING;
		}
		else if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		{
			if (field->label != PROTOBUF_C_LABEL_REPEATED)
			{
				size_t		index = (size_t) (field - message->fields);

				if (index < TRACKED_FIELDS)
				{
					if (seen & UINT64_C(1) << index)
						return WIRE_REPEATED_MESSAGE;
					seen |= UINT64_C(1) << index;
				}
			}
			result = check_message(field->descriptor, inner, depth + 1, fields);
			if (result != WIRE_OK)
				return result;
		}
	}
	return WIRE_OK;
}

WireResult
wire_check(const ProtobufCMessageDescriptor *message, const uint8_t *data, size_t len)
{
	int			fields = 0;
	Cursor		c = {data, data + len};

	if (len > WIRE_MAX_LEN)
		return WIRE_TOO_LONG;
	if (len == 0)
		return WIRE_OK;
	return check_message(message, c, 1, &fields);
}

const char *
wire_result_text(WireResult result)
{
	switch (result)
	{
		case WIRE_OK:
			break;
		case WIRE_TOO_LONG:
			return "it is longer than 16 MB";
		case WIRE_TOO_DEEP:
			return "it is nested too deeply";
		case WIRE_TOO_MANY:
			return "it has too many fields";
		case WIRE_TRUNCATED:
			return "it ends inside a field";
		case WIRE_BAD_VARINT:
			return "a varint is too long";
		case WIRE_BAD_FIELD_NUMBER:
			return "a field number is out of range";
		case WIRE_BAD_WIRE_TYPE:
			return "a field has the wrong wire type";
		case WIRE_REPEATED_MESSAGE:
			return "a message field that is not repeated occurs twice";
		case WIRE_BAD_STRING:
			return "a string is not UTF-8 or holds a NUL";
	}
	return "nothing is wrong";
}

static bool
is_continuation(uint8_t byte)
{
	return (byte & 0xC0) == 0x80;
}

/* are these eight bytes ASCII without a NUL? */
static bool
is_plain(const uint8_t *p)
{
	uint64_t	word;

	memcpy(&word, p, sizeof(word));
	return ((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) == 0;
}

bool
utf8_is_valid(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;

	while (p < end)
	{
		if (end - p >= 8 && is_plain(p))
		{
			p += 8;
			continue;
		}
		if (*p < 0x80)
		{
			if (*p == 0)
				return false;
			p++;
		}
		else if (*p < 0xE0)
		{
			if (*p < 0xC2 || end - p < 2 || !is_continuation(p[1]))
				return false;
			p += 2;
		}
		else if (*p < 0xF0)
		{
			if (end - p < 3 || !is_continuation(p[1]) || !is_continuation(p[2]))
				return false;
			/* neither longer than needed nor half a surrogate pair */
			if ((*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] >= 0xA0))
				return false;
			p += 3;
		}
		else
		{
			if (*p > 0xF4 || end - p < 4 ||
				!is_continuation(p[1]) || !is_continuation(p[2]) || !is_continuation(p[3]))
				return false;
			/* U+10000 to U+10FFFF */
			if ((*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] >= 0x90))
				return false;
			p += 4;
		}
	}
	return true;
}
