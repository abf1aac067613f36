/*
 * wire_check.c: looks bytes over before protobuf-c reads them, pure C.
 */
#include "wire/wire_check.h"

#include <stdlib.h>
#include <string.h>

#include "wire/protobuf_writer.h"

#define WIRE_VARINT 0
#define WIRE_64BIT 1
#define WIRE_LENGTH 2
#define WIRE_GROUP 3
#define WIRE_END_GROUP 4
#define WIRE_32BIT 5

#define MAX_TAG_BYTES 5
#define MAX_VARINT_BYTES 10

/* message fields of a message that are watched for a second occurrence; any behind them counts as one */
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

static WireResult
read_tag(Cursor *c, uint64_t *tag)
{
	WireResult	result = read_varint(c, MAX_TAG_BYTES, tag);

	if (result == WIRE_OK && (*tag > UINT32_MAX || *tag >> 3 == 0))
		return WIRE_BAD_FIELD_NUMBER;
	return result;
}

/* a field's value of any wire type but a group's, behind its tag */
static WireResult
read_value(Cursor *c, unsigned wire_type, Cursor *value)
{
	uint64_t	len = 0;
	WireResult	result = WIRE_OK;

	value->cur = c->cur;
	switch (wire_type)
	{
		case WIRE_VARINT:
			result = read_varint(c, MAX_VARINT_BYTES, &len);
			value->end = c->cur;
			return result;
		case WIRE_64BIT:
			len = 8;
			break;
		case WIRE_32BIT:
			len = 4;
			break;
		case WIRE_LENGTH:
			result = read_varint(c, MAX_TAG_BYTES, &len);
			if (result != WIRE_OK)
				return result;
			value->cur = c->cur;
			break;
		default:
			return WIRE_BAD_WIRE_TYPE;
	}
	if (len > (uint64_t) (c->end - c->cur))
		return WIRE_TRUNCATED;
	c->cur += len;
	value->end = c->cur;
	return WIRE_OK;
}

/* the same where groups can be; those are skipped */
static WireResult
read_field(Cursor *c, uint64_t tag, int depth, int *fields, Cursor *value)
{
	WireResult	result;

	if ((tag & 7) != WIRE_GROUP)
		return read_value(c, tag & 7, value);
	value->cur = c->cur;
	result = wire_skip_group(&c->cur, c->end, (uint32_t) (tag >> 3), depth + 1, fields);
	value->end = c->cur;
	return result;
}

WireResult
wire_skip_group(const uint8_t **p, const uint8_t *end, uint32_t number, int depth, int *fields)
{
	uint32_t	open[WIRE_MAX_DEPTH];
	int			groups = 1;
	Cursor		c = {*p, end};

	if (depth > WIRE_MAX_DEPTH)
		return WIRE_TOO_DEEP;
	open[0] = number;
	while (groups > 0)
	{
		uint64_t	tag;
		Cursor		value;
		WireResult	result = read_tag(&c, &tag);

		if (result != WIRE_OK)
			return result;
		if (++*fields > WIRE_MAX_FIELDS)
			return WIRE_TOO_MANY;
		if ((tag & 7) == WIRE_GROUP)
		{
			if (depth + groups > WIRE_MAX_DEPTH)
				return WIRE_TOO_DEEP;
			open[groups++] = (uint32_t) (tag >> 3);
		}
		else if ((tag & 7) == WIRE_END_GROUP)
		{
			if (open[--groups] != tag >> 3)
				return WIRE_BAD_WIRE_TYPE;
		}
		else
		{
			result = read_value(&c, tag & 7, &value);
			if (result != WIRE_OK)
				return result;
		}
	}
	*p = c.cur;
	return WIRE_OK;
}

/* fields are sorted by number, and mostly numbered from 1 without gaps */
static const ProtobufCFieldDescriptor *
find_field(const ProtobufCMessageDescriptor *message, uint32_t number)
{
	const ProtobufCFieldDescriptor *fields = message->fields;
	unsigned	low = 0;
	unsigned	high = message->n_fields;

	if (number <= high && fields[number - 1].id == number)
		return &fields[number - 1];
	while (low < high)
	{
		unsigned	middle = low + (high - low) / 2;

		if (fields[middle].id == number)
			return &fields[middle];
		if (fields[middle].id < number)
			low = middle + 1;
		else
			high = middle;
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

/* may a field's value come like this? If not it is none of the field's, and unknown */
static bool
takes_wire_type(const ProtobufCFieldDescriptor *field, unsigned wire_type)
{
	return wire_type == wire_type_of(field->type) ||
		(wire_type == WIRE_LENGTH && field->label == PROTOBUF_C_LABEL_REPEATED);
}

static bool
is_single_message(const ProtobufCFieldDescriptor *field)
{
	return field->type == PROTOBUF_C_TYPE_MESSAGE && field->label != PROTOBUF_C_LABEL_REPEATED;
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
check_message(const ProtobufCMessageDescriptor *message, Cursor c, int depth, int *fields, bool *rewrite)
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
		unsigned	wire_type;
		WireResult	result;
		Cursor		inner;

		if (++*fields > WIRE_MAX_FIELDS)
			return WIRE_TOO_MANY;

		result = read_tag(&c, &tag);
		if (result != WIRE_OK)
			return result;
		result = read_field(&c, tag, depth, fields, &inner);
		if (result != WIRE_OK)
			return result;
		wire_type = tag & 7;
		if (wire_type == WIRE_GROUP)
			*rewrite = true;

		field = find_field(message, (uint32_t) (tag >> 3));
		if (field == NULL)
			continue;

		if (!takes_wire_type(field, wire_type))
			*rewrite = true;
		else if (wire_type != wire_type_of(field->type))
		{
			result = check_packed(wire_type_of(field->type), inner, fields);
			if (result != WIRE_OK)
				return result;
		}
		else if (field->type == PROTOBUF_C_TYPE_STRING)
		{
			if (!utf8_is_valid(inner.cur, (size_t) (inner.end - inner.cur)))
				return WIRE_BAD_STRING;
		}
		else if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		{
			if (is_single_message(field))
			{
				size_t		index = (size_t) (field - message->fields);

				if (index >= TRACKED_FIELDS || (seen & UINT64_C(1) << index))
					*rewrite = true;
				else
					seen |= UINT64_C(1) << index;
			}
			result = check_message(field->descriptor, inner, depth + 1, fields, rewrite);
			if (result != WIRE_OK)
				return result;
		}
	}
	return WIRE_OK;
}

WireResult
wire_check(const ProtobufCMessageDescriptor *message, const uint8_t *data, size_t len, bool *rewrite)
{
	int			fields = 0;

	*rewrite = false;
	if (len > WIRE_MAX_LEN)
		return WIRE_TOO_LONG;
	/* data may be NULL then */
	if (len == 0)
		return WIRE_OK;
	return check_message(message, (Cursor) {data, data + len}, 1, &fields, rewrite);
}

const ProtobufCFieldDescriptor *
wire_bad_string(const ProtobufCMessageDescriptor *message, const uint8_t *data, size_t len)
{
	Cursor		c = {data, data + len};
	int			fields = 0;

	while (c.cur < c.end)
	{
		const ProtobufCFieldDescriptor *field;
		uint64_t	tag;
		Cursor		value;

		if (read_tag(&c, &tag) != WIRE_OK || read_field(&c, tag, 1, &fields, &value) != WIRE_OK)
			break;
		field = find_field(message, (uint32_t) (tag >> 3));
		if (field != NULL && field->type == PROTOBUF_C_TYPE_STRING && takes_wire_type(field, tag & 7) &&
			!utf8_is_valid(value.cur, (size_t) (value.end - value.cur)))
			return field;
	}
	return NULL;
}

/*
 * Rewriting. A message is given in parts: the values of all occurrences of its
 * field, which put together are the merged message (that is how proto3 defines
 * merging). A nested message's length is not known before it is written, but
 * bounded by that of its parts; its varint is padded to the bound's size, so
 * nothing is moved afterwards, and what is written is never longer than what
 * was read.
 */
typedef struct Rewriter
{
	uint8_t    *cur;
	ProtobufCAllocator *allocator;
} Rewriter;

static bool rewrite_message(Rewriter *w, const ProtobufCMessageDescriptor *message, const Cursor *parts, size_t count);

static void
put_padded(uint8_t *out, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size; i++)
	{
		out[i] = (uint8_t) ((value & 0x7F) | (i + 1 < size ? 0x80 : 0));
		value >>= 7;
	}
}

static bool
rewrite_field(Rewriter *w, const ProtobufCFieldDescriptor *field, const Cursor *parts, size_t count)
{
	size_t		bound = 0;
	uint8_t    *length;
	size_t		size;

	for (size_t i = 0; i < count; i++)
		bound += (size_t) (parts[i].end - parts[i].cur);
	w->cur = proto_varint_write(w->cur, (uint64_t) field->id << 3 | WIRE_LENGTH);
	length = w->cur;
	size = proto_varint_size(bound);
	w->cur += size;
	if (!rewrite_message(w, field->descriptor, parts, count))
		return false;
	put_padded(length, size, (uint64_t) (w->cur - length) - size);
	return true;
}

/*
 * A value that another occurrence may follow: of a single message, or of any
 * member of a oneof, which throws the other members' away. place is the same
 * for those.
 */
typedef struct Occurrence
{
	const ProtobufCFieldDescriptor *field;
	unsigned	place;
	Cursor		value;
} Occurrence;

/* by place, then as they came: all point into the same bytes */
static int
compare_occurrences(const void *a, const void *b)
{
	const Occurrence *x = a;
	const Occurrence *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return x->value.cur < y->value.cur ? -1 : x->value.cur > y->value.cur;
}

/*
 * Copies what is no single message, in its order, and gives the occurrences;
 * with occurrences NULL it only counts them.
 */
static bool
take_fields(Rewriter *w, const ProtobufCMessageDescriptor *message, const Cursor *parts, size_t count,
			Occurrence *occurrences, size_t *found)
{
	int			fields = 0;

	*found = 0;
	for (size_t i = 0; i < count; i++)
	{
		Cursor		c = parts[i];

		while (c.cur < c.end)
		{
			const uint8_t *start = c.cur;
			const ProtobufCFieldDescriptor *field;
			uint64_t	tag = 0;
			Cursor		value;
			bool		in_oneof;

			/* all has been checked */
			read_tag(&c, &tag);
			read_field(&c, tag, 0, &fields, &value);
			if ((tag & 7) == WIRE_GROUP)
				continue;
			field = find_field(message, (uint32_t) (tag >> 3));
			if (field != NULL && !takes_wire_type(field, tag & 7))
				continue;
			in_oneof = field != NULL && (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
			if (in_oneof || (field != NULL && is_single_message(field)))
			{
				if (occurrences)
				{
					occurrences[*found].field = field;
					occurrences[*found].place = in_oneof ? field->quantifier_offset : field->offset;
					occurrences[*found].value = value;
				}
				++*found;
			}
			if (occurrences == NULL || (field != NULL && is_single_message(field)))
				continue;
			if (field == NULL || field->type != PROTOBUF_C_TYPE_MESSAGE)
			{
				memcpy(w->cur, start, (size_t) (c.cur - start));
				w->cur += c.cur - start;
			}
			else if (!rewrite_field(w, field, &value, 1))
				return false;
		}
	}
	return true;
}

/* writes those that count of occurrences at one place */
static bool
rewrite_place(Rewriter *w, const Occurrence *occurrences, size_t count)
{
	const ProtobufCFieldDescriptor *field = occurrences[count - 1].field;
	size_t		first = count - 1;
	Cursor	   *values;
	bool		done;

	/* a scalar of a oneof has been copied */
	if (!is_single_message(field))
		return true;
	while (first > 0 && occurrences[first - 1].field == field)
		first--;
	count -= first;
	values = w->allocator->alloc(w->allocator->allocator_data, count * sizeof(Cursor));
	if (values == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		values[i] = occurrences[first + i].value;
	done = rewrite_field(w, field, values, count);
	w->allocator->free(w->allocator->allocator_data, values);
	return done;
}

static bool
rewrite_message(Rewriter *w, const ProtobufCMessageDescriptor *message, const Cursor *parts, size_t count)
{
	size_t		found;
	Occurrence *occurrences;
	bool		done;

	take_fields(w, message, parts, count, NULL, &found);
	occurrences = w->allocator->alloc(w->allocator->allocator_data, (found + 1) * sizeof(Occurrence));
	if (occurrences == NULL)
		return false;
	done = take_fields(w, message, parts, count, occurrences, &found);
	qsort(occurrences, found, sizeof(Occurrence), compare_occurrences);
	for (size_t i = 0; i < found && done;)
	{
		size_t		next = i + 1;

		while (next < found && occurrences[next].place == occurrences[i].place)
			next++;
		done = rewrite_place(w, occurrences + i, next - i);
		i = next;
	}
	w->allocator->free(w->allocator->allocator_data, occurrences);
	return done;
}

bool
wire_rewrite(const ProtobufCMessageDescriptor *message, const uint8_t *data, size_t len,
			 ProtobufCAllocator *allocator, uint8_t *out, size_t *out_len)
{
	Rewriter	w = {out, allocator};
	Cursor		part = {data, data + len};

	if (!rewrite_message(&w, message, &part, 1))
		return false;
	*out_len = (size_t) (w.cur - out);
	return true;
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
			return "a wire type is none, or ends no group";
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
		if (end - p < 8 && len >= 8 && is_plain(end - 8))
			return true;
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
