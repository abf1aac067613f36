/*
 * report_request.c: bytes of ReportSessionProgressRequest straight into
 * counters, pure C.
 *
 * Reports are most of what arrives, so no tree of messages is built for them.
 * What is accepted and what it means is held equal to protobuf-c's by
 * test/unit/report_test.c. Entries as clients write them are read a change in
 * two words (read_plain_entry), all others field by field (read_entry).
 */
#include "wire/report_request.h"

#include <stdbool.h>

#include "base/little_endian.h"

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
 * A varint field of at most two bytes and a tag of one, as lowest bytes of a
 * word: sets *field to tag and varint as they are, and *bits to how many they
 * have. False where the word begins with another.
 */
static inline bool
short_field(uint64_t word, unsigned tag, uint64_t *field, unsigned *bits)
{
	/* the lowest of these ends the varint */
	uint64_t	ends = ~word & 0x808000;

	if ((word & 0xFF) != tag || ends == 0)
		return false;
	*field = word & (ends ^ (ends - 1));
	*bits = (unsigned) __builtin_ctzll(ends) + 1;
	return true;
}

/*
 * Changes as most are: all fields in order, but failed may be missing, and
 * numbers of at most two bytes. Puts them into the values of an object type, by
 * change type, and their types to those taken, which it gives; 0 where one is
 * another, or of a type that was taken. Of the room bytes at p, len are theirs;
 * the four before p are there, too.
 */
static __attribute__((noinline)) uint32_t
read_plain_changes(const uint8_t *p, size_t len, size_t room, uint32_t taken, int64_t (*value)[SESSION_COUNTERS])
{
	size_t		at = 0;

	while (at < len)
	{
		uint32_t	head;		/* tag, length, tag, type */
		uint64_t	word;		/* what follows, zeros behind the room */
		uint64_t	both;		/* a field a half */
		uint32_t	type;
		unsigned	bits;
		unsigned	due;

		if (at + 12 <= room)
			word = load64(p + at + 4);
		else if (at + 6 <= room)
			word = load64(p + room - 8) >> 8 * (at + 12 - room);
		else
			return 0;
		head = load32(p + at);
		type = head >> 24;
		/* in one go with the tags: is the type below 32? */
		if ((head & 0xE0FF00FF) != (TAG(1, WIRE_VARINT) << 16 | TAG(2, WIRE_LENGTH)) || (taken >> type & 1))
			return 0;
		taken |= UINT32_C(1) << type;
		due = 8 * p[at + 1] - 16;
		at += 2 + (size_t) p[at + 1];

		if (!short_field(word, TAG(2, WIRE_VARINT), &both, &bits))
			return 0;
		if (bits != due)
		{
			uint64_t	failed;
			unsigned	more;

			if (!short_field(word >> bits, TAG(3, WIRE_VARINT), &failed, &more) || bits + more != due)
				return 0;
			both |= failed << 32;
		}
		/* numbers: without the tags and the bits that continue, the second byte moved down to the first */
		both = both >> 8 & UINT64_C(0x7F7F00007F7F);
		both -= (both & UINT64_C(0x7F0000007F00)) >> 1;
		value[type][SUCCESSFUL] = (uint32_t) both;
		value[type][FAILED] = (int64_t) (both >> 32);
	}
	return at == len ? taken : 0;
}

/* types of plain changes: all but 0, which is not sent */
#define PLAIN_TYPES ((UINT32_C(1) << SESSION_CHANGES) - 2)

_Static_assert(SESSION_CHANGES - 1 <= REPORT_MAX_CHANGES, "so many plain changes are never too many");

/*
 * An entry as most are: its object type, then such changes. False where it is
 * another, or one to be refused; then no cell has become present. Bytes may be
 * looked at up to behind.
 */
static inline bool
read_plain_entry(const uint8_t *p, const uint8_t *end, const uint8_t *behind, SessionCells *cells)
{
	uint32_t	taken;
	unsigned	first;

	if (end - p <= 2 || p[0] != TAG(1, WIRE_VARINT) || (unsigned) p[1] - 1 >= SESSION_OBJECTS)
		return false;
	first = SESSION_CELL(p[1], 0);
	taken = read_plain_changes(p + 2, (size_t) (end - p) - 2, (size_t) (behind - p) - 2,
							   cells->present >> first | ~PLAIN_TYPES, cells->value + first);
	cells->present |= (taken & PLAIN_TYPES) << first;
	return taken != 0;
}

/* an entry's fields; count counts all changes, of which those that fit are kept */
static __attribute__((noinline)) WireResult
read_entry(const uint8_t *p, const uint8_t *end, uint32_t *object, Change *changes, int *count)
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
				WireResult	result = read_change(field.cur, field.cur + field.value, change);

				if (result != WIRE_OK)
					return result;
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

/* zeros for the counters of cells that are not present */
static inline void
clear_absent(SessionCells *cells)
{
	for (uint32_t absent = ~cells->present & ((UINT32_C(1) << SESSION_CELLS) - 1); absent != 0; absent &= absent - 1)
		memset(cells->value[__builtin_ctz(absent)], 0, sizeof(cells->value[0]));
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

	request->session_id = NULL;
	request->session_id_len = 0;
	request->cells.present = 0;	/* their values follow, and clear_absent */
	request->wire = WIRE_OK;
	request->entry = 0;
	request->change = 0;
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
				const uint8_t *behind_entry = field.cur + field.value;

				if (problem == REPORT_OK && entries < REPORT_MAX_ENTRIES &&
					read_plain_entry(field.cur, behind_entry, end, &request->cells))
					entries++;
				else
				{
					Change		changes[REPORT_MAX_CHANGES];
					uint32_t	object = 0;
					int			count = 0;

					request->wire = read_entry(field.cur, behind_entry, &object, changes, &count);
					if (request->wire != WIRE_OK)
						return REPORT_MALFORMED;

					/* bytes that are no message are told before a message that is refused */
					if (problem == REPORT_OK)
					{
						request->entry = entries;
						problem = entries == REPORT_MAX_ENTRIES ? REPORT_MANY_ENTRIES :
							take_entry(request, object, changes, count);
						entries++;
					}
				}
				field.cur = behind_entry;
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
	clear_absent(&request->cells);
	return problem == REPORT_OK && entries == 0 ? REPORT_NO_ENTRY : problem;
}
