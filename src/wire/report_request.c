/*
 * report_request.c: bytes of ReportSessionProgressRequest straight into
 * counters, pure C.
 *
 * Reports are most of what arrives, so no tree of messages is built for them.
 * What is accepted and what it means is held equal to protobuf-c's by
 * test/unit/report_test.c.
 */
#include "wire/report_request.h"

#include <string.h>

#define WIRE_VARINT 0
#define WIRE_64BIT 1
#define WIRE_LENGTH 2
#define WIRE_32BIT 5

#define MAX_TAG_BYTES 5
#define MAX_VARINT_BYTES 10

#define TAG(field, wire_type) ((field) << 3 | (wire_type))

/* the bytes of one message that are still to be read */
typedef struct Cursor
{
	const uint8_t *cur;
	const uint8_t *end;
} Cursor;

/* a change as received */
typedef struct Change
{
	uint32_t	type;
	int64_t		counter[SESSION_COUNTERS];
} Change;

/* a varint of more than a byte, or none: then its value is 0 */
static WireResult
read_long_varint(Cursor *c, int max_bytes, uint64_t *value)
{
	uint64_t	sum = 0;

	*value = 0;
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

static inline WireResult
read_varint(Cursor *c, int max_bytes, uint64_t *value)
{
	if (c->cur < c->end && *c->cur < 0x80)
	{
		*value = *c->cur++;
		return WIRE_OK;
	}
	return read_long_varint(c, max_bytes, value);
}

/* the bytes of a field of wire type 2 */
static inline WireResult
read_length(Cursor *c, Cursor *inner)
{
	uint64_t	len;
	WireResult	result = read_varint(c, MAX_TAG_BYTES, &len);

	if (result != WIRE_OK)
		return result;
	if (len > (uint64_t) (c->end - c->cur))
		return WIRE_TRUNCATED;
	inner->cur = c->cur;
	inner->end = c->cur += len;
	return WIRE_OK;
}

/* a field that is none of the message's first known ones, behind its tag */
static WireResult
skip_field(Cursor *c, uint64_t tag, unsigned known)
{
	uint64_t	value;
	Cursor		inner;
	size_t		len;

	if (tag > UINT32_MAX || tag >> 3 == 0)
		return WIRE_BAD_FIELD_NUMBER;
	/* a known number that comes here has another wire type than its own */
	if (tag >> 3 <= known && (tag & 7) <= WIRE_32BIT)
	{
		WireResult	result = skip_field(c, TAG((uint64_t) known + 1, tag & 7), known);

		return result == WIRE_OK ? WIRE_BAD_WIRE_TYPE : result;
	}
	switch (tag & 7)
	{
		case WIRE_VARINT:
			return read_varint(c, MAX_VARINT_BYTES, &value);
		case WIRE_LENGTH:
			return read_length(c, &inner);
		case WIRE_64BIT:
		case WIRE_32BIT:
			len = (tag & 7) == WIRE_64BIT ? 8 : 4;
			if (len > (size_t) (c->end - c->cur))
				return WIRE_TRUNCATED;
			c->cur += len;
			return WIRE_OK;
		default:
			return WIRE_BAD_WIRE_TYPE;
	}
}

static WireResult
read_change(Cursor c, Change *change)
{
	change->type = 0;
	change->counter[SUCCESSFUL] = change->counter[FAILED] = 0;
	while (c.cur < c.end)
	{
		uint64_t	tag;
		uint64_t	value;
		WireResult	result = read_varint(&c, MAX_TAG_BYTES, &tag);

		if (result != WIRE_OK)
			return result;
		switch (tag)
		{
			case TAG(1, WIRE_VARINT):
				result = read_varint(&c, MAX_VARINT_BYTES, &value);
				change->type = (uint32_t) value;
				break;
			case TAG(2, WIRE_VARINT):
				result = read_varint(&c, MAX_VARINT_BYTES, &value);
				change->counter[SUCCESSFUL] = (int64_t) value;
				break;
			case TAG(3, WIRE_VARINT):
				result = read_varint(&c, MAX_VARINT_BYTES, &value);
				change->counter[FAILED] = (int64_t) value;
				break;
			default:
				result = skip_field(&c, tag, 3);
		}
		if (result != WIRE_OK)
			return result;
	}
	return WIRE_OK;
}

/* an entry's fields; count counts all changes, of which those that fit are kept */
static WireResult
read_entry(Cursor c, uint32_t *object, Change *changes, int *count)
{
	*object = 0;
	*count = 0;
	while (c.cur < c.end)
	{
		uint64_t	tag;
		uint64_t	value;
		WireResult	result = read_varint(&c, MAX_TAG_BYTES, &tag);

		if (result != WIRE_OK)
			return result;
		if (tag == TAG(2, WIRE_LENGTH))
		{
			Cursor		inner;
			Change		excess;
			bool		fits = *count < REPORT_MAX_CHANGES;

			result = read_length(&c, &inner);
			if (result == WIRE_OK)
				result = read_change(inner, fits ? &changes[*count] : &excess);
			if (*count <= REPORT_MAX_CHANGES)
				++*count;
		}
		else if (tag == TAG(1, WIRE_VARINT))
		{
			result = read_varint(&c, MAX_VARINT_BYTES, &value);
			*object = (uint32_t) value;
		}
		else
			result = skip_field(&c, tag, 2);
		if (result != WIRE_OK)
			return result;
	}
	return WIRE_OK;
}

/* puts an entry's changes into the cells */
static ReportProblem
take_entry(ReportRequest *request, uint32_t object, const Change *changes, int count)
{
	if (object == 0)
		return REPORT_NO_OBJECT_TYPE;
	if (object > SESSION_OBJECTS)
		return REPORT_UNKNOWN_OBJECT_TYPE;
	if (count == 0)
		return REPORT_NO_CHANGE;
	if (count > REPORT_MAX_CHANGES)
		return REPORT_MANY_CHANGES;
	for (int i = 0; i < count; i++)
	{
		const Change *change = &changes[i];
		uint32_t	cell;

		request->change = i;
		if (change->type >= SESSION_CHANGES)
			return REPORT_UNKNOWN_CHANGE_TYPE;
		if (change->counter[SUCCESSFUL] < 0)
			return REPORT_NEGATIVE_SUCCESSFUL;
		if (change->counter[FAILED] < 0)
			return REPORT_NEGATIVE_FAILED;
		cell = SESSION_CELL(object, change->type);
		if (request->cells.present & UINT32_C(1) << cell)
			return REPORT_CHANGE_TWICE;
		request->cells.present |= UINT32_C(1) << cell;
		memcpy(request->cells.value[cell], change->counter, sizeof(change->counter));
	}
	return REPORT_OK;
}

ReportProblem
report_request_read(const uint8_t *data, size_t len, ReportRequest *request)
{
	Cursor		c = {data, data + len};
	ReportProblem problem = REPORT_OK;
	int			entries = 0;

	memset(request, 0, sizeof(*request));
	if (len > WIRE_MAX_LEN)
	{
		request->wire = WIRE_TOO_LONG;
		return REPORT_MALFORMED;
	}
	while (c.cur < c.end)
	{
		uint64_t	tag;
		Cursor		inner;
		WireResult	result = read_varint(&c, MAX_TAG_BYTES, &tag);

		if (result == WIRE_OK && tag == TAG(2, WIRE_LENGTH))
		{
			uint32_t	object;
			Change		changes[REPORT_MAX_CHANGES];
			int			count;

			result = read_length(&c, &inner);
			if (result == WIRE_OK)
				result = read_entry(inner, &object, changes, &count);
			/* bytes that are no message are told before a message that is refused */
			if (result == WIRE_OK && problem == REPORT_OK)
			{
				request->entry = entries;
				problem = entries == REPORT_MAX_ENTRIES ? REPORT_MANY_ENTRIES :
					take_entry(request, object, changes, count);
				entries++;
			}
		}
		else if (result == WIRE_OK && tag == TAG(1, WIRE_LENGTH))
		{
			result = read_length(&c, &inner);
			if (result == WIRE_OK)
			{
				request->session_id = (const char *) inner.cur;
				request->session_id_len = (size_t) (inner.end - inner.cur);
				if (!utf8_is_valid(inner.cur, request->session_id_len))
					result = WIRE_BAD_STRING;
			}
		}
		else if (result == WIRE_OK)
			result = skip_field(&c, tag, 2);
		if (result != WIRE_OK)
		{
			request->wire = result;
			return REPORT_MALFORMED;
		}
	}
	return problem == REPORT_OK && entries == 0 ? REPORT_NO_ENTRY : problem;
}
