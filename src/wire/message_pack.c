/*
 * message_pack.c: protobuf-c's structs as bytes, pure C.
 */
#include "wire/message_pack.h"

#include <string.h>

/* the exported ones are not inlined here */
static inline size_t
member_size(ProtobufCType type)
{
	switch (type)
	{
		case PROTOBUF_C_TYPE_INT64:
		case PROTOBUF_C_TYPE_SINT64:
		case PROTOBUF_C_TYPE_SFIXED64:
		case PROTOBUF_C_TYPE_UINT64:
		case PROTOBUF_C_TYPE_FIXED64:
		case PROTOBUF_C_TYPE_DOUBLE:
			return 8;
		case PROTOBUF_C_TYPE_BOOL:
			return sizeof(protobuf_c_boolean);
		case PROTOBUF_C_TYPE_STRING:
		case PROTOBUF_C_TYPE_MESSAGE:
			return sizeof(void *);
		case PROTOBUF_C_TYPE_BYTES:
			return sizeof(ProtobufCBinaryData);
		default:
			return 4;
	}
}

/* of a repeated field the number of its elements, of a oneof that of the field which is there */
static inline const void *
quantifier(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	return (const char *) message + field->quantifier_offset;
}

static inline bool
is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	const char *member = (const char *) message + field->offset;
	uint64_t	bits = 0;

	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return *(const size_t *) quantifier(message, field) > 0;
	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		return *(const uint32_t *) quantifier(message, field) == field->id;
	if (field->type == PROTOBUF_C_TYPE_STRING)
		return *(const char *const *) member != NULL && **(const char *const *) member != '\0';
	if (field->type == PROTOBUF_C_TYPE_BYTES)
		return ((const ProtobufCBinaryData *) member)->len > 0;
	/* compared by its bits a negative zero is none */
	if (member_size(field->type) == sizeof(bits))
		memcpy(&bits, member, sizeof(bits));
	else
		memcpy(&bits, member, sizeof(uint32_t));
	return bits != 0;
}

bool
message_field_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	return is_set(message, field);
}

size_t
message_member_size(ProtobufCType type)
{
	return member_size(type);
}

/* the elements of a field that is set, one where it is not repeated */
static inline const char *
elements_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t *count)
{
	const char *member = (const char *) message + field->offset;

	*count = 1;
	if (field->label != PROTOBUF_C_LABEL_REPEATED)
		return member;
	*count = *(const size_t *) quantifier(message, field);
	return *(const char *const *) member;
}

static size_t
element_bound(ProtobufCType type, const char *element)
{
	switch (type)
	{
		case PROTOBUF_C_TYPE_STRING:
			return PROTO_LENGTH_BOUND + strlen(*(const char *const *) element);
		case PROTOBUF_C_TYPE_BYTES:
			return PROTO_LENGTH_BOUND + ((const ProtobufCBinaryData *) element)->len;
		case PROTOBUF_C_TYPE_MESSAGE:
			return PROTO_LENGTH_BOUND + message_pack_bound(*(const ProtobufCMessage *const *) element);
		default:
			return PROTO_VARINT_BOUND;
	}
}

size_t
message_pack_bound(const ProtobufCMessage *message)
{
	size_t		bound = 0;

	for (unsigned i = 0; i < message->descriptor->n_fields; i++)
	{
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
		const char *element;
		size_t		count;

		if (!is_set(message, field))
			continue;
		element = elements_of(message, field, &count);
		for (; count > 0; count--, element += member_size(field->type))
			bound += element_bound(field->type, element);
		bound += PROTO_LENGTH_BOUND;
	}
	for (unsigned i = 0; i < message->n_unknown_fields; i++)
		bound += PROTO_LENGTH_BOUND + message->unknown_fields[i].len;
	return bound;
}

static void
put_raw(ProtoWriter *w, const void *data, size_t len)
{
	w->cur -= len;
	if (len > 0)
		memcpy(w->cur, data, len);
}

/* little-endian on every machine */
static void
put_fixed(ProtoWriter *w, uint64_t value, int bytes)
{
	w->cur -= bytes;
	for (int i = 0; i < bytes; i++)
		w->cur[i] = (uint8_t) (value >> (8 * i));
}

static void
put_with_length(ProtoWriter *w, const void *data, size_t len)
{
	put_raw(w, data, len);
	proto_put_varint(w, len);
}

/* a value without its tag; returns its wire type */
static unsigned
put_element(ProtoWriter *w, ProtobufCType type, const char *element)
{
	const uint8_t *behind = w->cur;
	uint32_t	word = 0;
	uint64_t	long_word = 0;

	/* the bits of a scalar; of what is none they are not looked at */
	if (member_size(type) == sizeof(long_word))
		memcpy(&long_word, element, sizeof(long_word));
	else
		memcpy(&word, element, sizeof(word));
	switch (type)
	{
		case PROTOBUF_C_TYPE_INT32:
		case PROTOBUF_C_TYPE_ENUM:
			proto_put_varint(w, (uint64_t) (int64_t) (int32_t) word);
			return PROTO_VARINT;
		case PROTOBUF_C_TYPE_SINT32:
			proto_put_varint(w, word << 1 ^ -(word >> 31));
			return PROTO_VARINT;
		case PROTOBUF_C_TYPE_UINT32:
			proto_put_varint(w, word);
			return PROTO_VARINT;
		case PROTOBUF_C_TYPE_BOOL:
			proto_put_varint(w, *(const protobuf_c_boolean *) element != 0);
			return PROTO_VARINT;
		case PROTOBUF_C_TYPE_INT64:
		case PROTOBUF_C_TYPE_UINT64:
			proto_put_varint(w, long_word);
			return PROTO_VARINT;
		case PROTOBUF_C_TYPE_SINT64:
			proto_put_varint(w, long_word << 1 ^ -(long_word >> 63));
			return PROTO_VARINT;
		case PROTOBUF_C_TYPE_SFIXED32:
		case PROTOBUF_C_TYPE_FIXED32:
		case PROTOBUF_C_TYPE_FLOAT:
			put_fixed(w, word, 4);
			return PROTO_32BIT;
		case PROTOBUF_C_TYPE_SFIXED64:
		case PROTOBUF_C_TYPE_FIXED64:
		case PROTOBUF_C_TYPE_DOUBLE:
			put_fixed(w, long_word, 8);
			return PROTO_64BIT;
		case PROTOBUF_C_TYPE_STRING:
			put_with_length(w, *(const char *const *) element, strlen(*(const char *const *) element));
			return PROTO_LENGTH;
		case PROTOBUF_C_TYPE_BYTES:
			put_with_length(w, ((const ProtobufCBinaryData *) element)->data,
							((const ProtobufCBinaryData *) element)->len);
			return PROTO_LENGTH;
		case PROTOBUF_C_TYPE_MESSAGE:
			message_pack(w, *(const ProtobufCMessage *const *) element);
			proto_put_varint(w, (uint64_t) (behind - w->cur));
			return PROTO_LENGTH;
	}
	return PROTO_LENGTH;
}

static void
put_tag(ProtoWriter *w, uint32_t number, unsigned wire_type)
{
	proto_put_varint(w, (uint64_t) number << 3 | wire_type);
}

void
message_pack(ProtoWriter *w, const ProtobufCMessage *message)
{
	for (unsigned i = message->n_unknown_fields; i-- > 0;)
	{
		const ProtobufCMessageUnknownField *unknown = &message->unknown_fields[i];

		put_raw(w, unknown->data, unknown->len);
		put_tag(w, unknown->tag, unknown->wire_type);
	}
	for (unsigned i = message->descriptor->n_fields; i-- > 0;)
	{
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
		size_t		size = member_size(field->type);
		const uint8_t *behind = w->cur;
		const char *elements;
		size_t		count;

		if (!is_set(message, field))
			continue;
		elements = elements_of(message, field, &count);
		while (count-- > 0)
		{
			unsigned	wire_type = put_element(w, field->type, elements + count * size);

			if (!(field->flags & PROTOBUF_C_FIELD_FLAG_PACKED))
				put_tag(w, field->id, wire_type);
		}
		if (field->flags & PROTOBUF_C_FIELD_FLAG_PACKED)
			proto_put_message(w, field->id, behind);
	}
}
