/*
 * report_request.c: bytes of ReportSessionProgressRequest straight into
 * counters, pure C.
 *
 * Reports are most of what arrives, so no tree of messages is built for them.
 * What is accepted and what it means is held equal to protobuf-c's by
 * test/unit/report_test.c.
 */
#include "wire/report_request.h"

#include <stdbool.h>
#include <string.h>

#define WIRE_VARINT 0
#define WIRE_64BIT 1
#define WIRE_LENGTH 2
#define WIRE_GROUP 3
#define WIRE_32BIT 5

#define MAX_TAG_BYTES 5
#define MAX_VARINT_BYTES 10

#define TAG(field, wire_type) ((field) << 3 | (wire_type))

/* how deep the messages are nested, as wire_check counts */
#define REQUEST_DEPTH 1
#define ENTRY_DEPTH 2
#define CHANGE_DEPTH 3

/* a change as received */
typedef struct Change
{
	uint32_t	type;
	int64_t		counter[SESSION_COUNTERS];
} Change;

/* a varint and what is behind it; cur NULL: none, then value is a WireResult */
typedef struct Varint
{
	const uint8_t *cur;
	uint64_t	value;
} Varint;

static Varint
read_long_varint(const uint8_t *p, const uint8_t *end, int max_bytes)
{
	Varint		varint = {p, 0};

	for (int i = 0; i < max_bytes; i++)
	{
		uint8_t		byte;

		if (varint.cur == end)
		{
			varint.cur = NULL;
			varint.value = WIRE_TRUNCATED;
			return varint;
		}
		byte = *varint.cur++;
		varint.value |= (uint64_t) (byte & 0x7F) << (7 * i);
		if (!(byte & 0x80))
			return varint;
	}
	varint.cur = NULL;
	varint.value = WIRE_BAD_VARINT;
	return varint;
}

/* nearly all have one byte or two */
static inline Varint
read_varint(const uint8_t *p, const uint8_t *end, int max_bytes)
{
	Varint		varint;

	if (p < end && p[0] < 0x80)
	{
		varint.cur = p + 1;
		varint.value = p[0];
		return varint;
	}
	if (end - p >= 2 && p[1] < 0x80)
	{
		varint.cur = p + 2;
		varint.value = (uint64_t) (p[0] & 0x7F) | (uint64_t) p[1] << 7;
		return varint;
	}
	return read_long_varint(p, end, max_bytes);
}

/* the length of a field of wire type 2, which is all there */
static inline Varint
read_length(const uint8_t *p, const uint8_t *end)
{
	Varint		length = read_varint(p, end, MAX_TAG_BYTES);

	if (length.cur != NULL && length.value > (uint64_t) (end - length.cur))
	{
		length.cur = NULL;
		length.value = WIRE_TRUNCATED;
	}
	return length;
}

/*
 * A field that is none of a message's known ones, behind its tag; one of a known
 * number has another wire type, and is unknown too. Likewise NULL and a WireResult.
 */
static Varint
skip_field(const uint8_t *p, const uint8_t *end, uint64_t tag, int depth)
{
	Varint		skipped = {NULL, WIRE_BAD_WIRE_TYPE};
	size_t		len;
	int			fields = 0;

	if (tag > UINT32_MAX || tag >> 3 == 0)
	{
		skipped.value = WIRE_BAD_FIELD_NUMBER;
		return skipped;
	}
	switch (tag & 7)
	{
		case WIRE_VARINT:
			skipped = read_varint(p, end, MAX_VARINT_BYTES);
			break;
		case WIRE_LENGTH:
			skipped = read_length(p, end);
			if (skipped.cur != NULL)
				skipped.cur += skipped.value;
			break;
		case WIRE_64BIT:
		case WIRE_32BIT:
			len = (tag & 7) == WIRE_64BIT ? 8 : 4;
			if (len <= (size_t) (end - p))
				skipped.cur = p + len;
			else
				skipped.value = WIRE_TRUNCATED;
			break;
		case WIRE_GROUP:
			skipped.value = wire_skip_group(&p, end, (uint32_t) (tag >> 3), depth + 1, &fields);
			if (skipped.value == WIRE_OK)
				skipped.cur = p;
			break;
	}
	return skipped;
}

static inline WireResult
read_change(const uint8_t *p, const uint8_t *end, Change *change)
{
	uint64_t	type = 0;
	uint64_t	successful = 0;
	uint64_t	failed = 0;

	while (p < end)
	{
		Varint		tag = read_varint(p, end, MAX_TAG_BYTES);
		Varint		field;

		if (tag.cur == NULL)
			return (WireResult) tag.value;
		switch (tag.value)
		{
			case TAG(1, WIRE_VARINT):
				field = read_varint(tag.cur, end, MAX_VARINT_BYTES);
				type = field.value;
				break;
			case TAG(2, WIRE_VARINT):
				field = read_varint(tag.cur, end, MAX_VARINT_BYTES);
				successful = field.value;
				break;
			case TAG(3, WIRE_VARINT):
				field = read_varint(tag.cur, end, MAX_VARINT_BYTES);
				failed = field.value;
				break;
			default:
				field = skip_field(tag.cur, end, tag.value, CHANGE_DEPTH);
		}
		if (field.cur == NULL)
			return (WireResult) field.value;
		p = field.cur;
	}
	change->type = (uint32_t) type;
	change->counter[SUCCESSFUL] = (int64_t) successful;
	change->counter[FAILED] = (int64_t) failed;
	return WIRE_OK;
}

/*
 * A change as most are: its fields in order, numbers of at most two bytes, all
 * in one word. False where it is another, which read_change then reads; p has
 * eight bytes behind it, len of them the change's.
 */
static inline bool
read_short_change(const uint8_t *p, uint64_t len, Change *change)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t	word;
	unsigned	wide;
	unsigned	used;

	memcpy(&word, p, sizeof(word));
	/* tag, type of one byte, tag */
	if ((word & 0xFF80FF) != (TAG(2, WIRE_VARINT) << 16 | TAG(1, WIRE_VARINT)))
		return false;
	change->type = (word >> 8) & 0x7F;
	word >>= 24;
	wide = (word >> 7) & 1;
	if (word & (uint64_t) wide << 15)
		return false;
	change->counter[SUCCESSFUL] = (int64_t) ((word & 0x7F) | ((word >> 1) & (0x3F80 & -(uint64_t) wide)));
	used = 4 + wide;
	change->counter[FAILED] = 0;
	if (used == len)
		return true;
	word >>= 8 + 8 * wide;
	wide = (word >> 15) & 1;
	if ((word & 0xFF) != TAG(3, WIRE_VARINT) || (word & (uint64_t) wide << 23))
		return false;
	change->counter[FAILED] = (int64_t) (((word >> 8) & 0x7F) | ((word >> 9) & (0x3F80 & -(uint64_t) wide)));
	return used + 2 + wide == len;
#else
	return false;
#endif
}

/* an entry's fields; count counts all changes, of which those that fit are kept; bytes may be looked at up to behind */
static inline WireResult
read_entry(const uint8_t *p, const uint8_t *end, const uint8_t *behind, uint32_t *object, Change *changes, int *count)
{
	Change		excess;
	uint32_t	object_type = 0;
	int			n = 0;

	while (p < end)
	{
		Varint		tag = read_varint(p, end, MAX_TAG_BYTES);
		Varint		field;

		if (tag.cur == NULL)
			return (WireResult) tag.value;
		if (tag.value == TAG(2, WIRE_LENGTH))
		{
			field = read_length(tag.cur, end);
			if (field.cur != NULL)
			{
				Change	   *change = n < REPORT_MAX_CHANGES ? &changes[n] : &excess;

				if (behind - field.cur < 8 || !read_short_change(field.cur, field.value, change))
				{
					WireResult	result = read_change(field.cur, field.cur + field.value, change);

					if (result != WIRE_OK)
						return result;
				}
				field.cur += field.value;
				if (n <= REPORT_MAX_CHANGES)
					n++;
			}
		}
		else if (tag.value == TAG(1, WIRE_VARINT))
		{
			field = read_varint(tag.cur, end, MAX_VARINT_BYTES);
			object_type = (uint32_t) field.value;
		}
		else
			field = skip_field(tag.cur, end, tag.value, ENTRY_DEPTH);
		if (field.cur == NULL)
			return (WireResult) field.value;
		p = field.cur;
	}
	*object = object_type;
	*count = n;
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

/* notes the session's id */
static Varint
read_session_id(const uint8_t *p, const uint8_t *end, ReportRequest *request)
{
	Varint		field = read_length(p, end);

	if (field.cur == NULL)
		return field;
	request->session_id = (const char *) field.cur;
	request->session_id_len = field.value;
	field.cur += field.value;
	if (!utf8_is_valid((const uint8_t *) request->session_id, request->session_id_len))
	{
		field.cur = NULL;
		field.value = WIRE_BAD_STRING;
	}
	return field;
}

ReportProblem
report_request_read(const uint8_t *data, size_t len, ReportRequest *request)
{
	const uint8_t *p = data;
	const uint8_t *end = data + len;
	ReportProblem problem = REPORT_OK;
	int			entries = 0;

	memset(request, 0, sizeof(*request));
	if (len > WIRE_MAX_LEN)
	{
		request->wire = WIRE_TOO_LONG;
		return REPORT_MALFORMED;
	}
	while (p < end)
	{
		Varint		field = read_varint(p, end, MAX_TAG_BYTES);

		if (field.cur != NULL && field.value == TAG(2, WIRE_LENGTH))
		{
			field = read_length(field.cur, end);
			if (field.cur != NULL)
			{
				uint32_t	object = 0;
				Change		changes[REPORT_MAX_CHANGES];
				int			count = 0;

				request->wire = read_entry(field.cur, field.cur + field.value, end, &object, changes, &count);
				if (request->wire != WIRE_OK)
					return REPORT_MALFORMED;
				field.cur += field.value;

				/* bytes that are no message are told before a message that is refused */
				if (problem == REPORT_OK)
				{
					request->entry = entries;
					problem = entries == REPORT_MAX_ENTRIES ? REPORT_MANY_ENTRIES :
						take_entry(request, object, changes, count);
					entries++;
				}
			}
		}
		else if (field.cur != NULL && field.value == TAG(1, WIRE_LENGTH))
			field = read_session_id(field.cur, end, request);
		else if (field.cur != NULL)
			field = skip_field(field.cur, end, field.value, REQUEST_DEPTH);
		if (field.cur == NULL)
		{
			request->wire = (WireResult) field.value;
			return REPORT_MALFORMED;
		}
		p = field.cur;
	}
	return problem == REPORT_OK && entries == 0 ? REPORT_NO_ENTRY : problem;
}
