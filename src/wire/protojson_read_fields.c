/*
 * protojson_read_fields.c: messages whose ProtoJSON is an object of their fields.
 */
#include "wire/protojson_input.h"

#include "wire/json_keys.h"
#include "wire/map_entries.h"
#include "wire/message_pack.h"
#include "wire/message_types.h"
#include "wire/wire_check.h"

bool
input_value(JsonInput *in, const ProtobufCFieldDescriptor *field, void *member)
{
	int64		integer;

	if (!input_count(in))
		return false;

	switch (field->type)
	{
		case PROTOBUF_C_TYPE_INT32:
		case PROTOBUF_C_TYPE_SINT32:
		case PROTOBUF_C_TYPE_SFIXED32:
			if (!input_integer(in, PG_INT32_MIN, PG_INT32_MAX, &integer))
				return false;
			*(int32_t *) member = (int32_t) integer;
			return true;
		case PROTOBUF_C_TYPE_UINT32:
		case PROTOBUF_C_TYPE_FIXED32:
			if (!input_integer(in, 0, PG_UINT32_MAX, &integer))
				return false;
			*(uint32_t *) member = (uint32_t) integer;
			return true;
		case PROTOBUF_C_TYPE_INT64:
		case PROTOBUF_C_TYPE_SINT64:
		case PROTOBUF_C_TYPE_SFIXED64:
			if (!input_integer(in, PG_INT64_MIN, PG_INT64_MAX, &integer))
				return false;
			*(int64_t *) member = integer;
			return true;
		case PROTOBUF_C_TYPE_UINT64:
		case PROTOBUF_C_TYPE_FIXED64:
			{
				uint64		value;

				if (!input_uint64(in, &value))
					return false;
				*(uint64_t *) member = value;
				return true;
			}
		case PROTOBUF_C_TYPE_FLOAT:
			{
				double		value;

				if (!input_double(in, true, &value))
					return false;
				*(float *) member = (float) value;
				return true;
			}
		case PROTOBUF_C_TYPE_DOUBLE:
			return input_double(in, false, member);
		case PROTOBUF_C_TYPE_BOOL:
			if (in->json.type != JSON_TRUE && in->json.type != JSON_FALSE)
				return input_refuse_value(in, "true or false");
			*(protobuf_c_boolean *) member = in->json.type == JSON_TRUE;
			return true;
		case PROTOBUF_C_TYPE_ENUM:
			return input_enum(in, field->descriptor, member);
		case PROTOBUF_C_TYPE_STRING:
			{
				size_t		len;

				if (in->json.type != JSON_STRING)
					return input_refuse_value(in, "a string");
				return input_text(in, member, &len);
			}
		case PROTOBUF_C_TYPE_BYTES:
			{
				ProtobufCBinaryData *data = member;

				return input_bytes(in, &data->data, &data->len);
			}
		case PROTOBUF_C_TYPE_MESSAGE:
			return input_message(in, field->descriptor, member);
	}
	return false;
}

/* is null a value of this field, not its absence? */
static bool
takes_null(const ProtobufCFieldDescriptor *field)
{
	return field->type == PROTOBUF_C_TYPE_MESSAGE && message_form(field->descriptor) == FORM_VALUE;
}

static bool
read_repeated(JsonInput *in, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	size_t		size = message_member_size(field->type);
	char	   *items = NULL;
	size_t		count = 0;
	size_t		allocated = 0;

	if (in->json.type != JSON_ARRAY)
		return input_refuse_value(in, "an array");

	for (;;)
	{
		if (!input_next(in))
			return false;
		if (in->json.type == JSON_ARRAY_END)
			break;
		if (in->json.type == JSON_NULL && !takes_null(field))
			return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "an element must not be null.");
		if (count == allocated)
		{
			allocated = Max(allocated * 2, 8);
			items = items == NULL ? palloc(allocated * size) : repalloc(items, allocated * size);
		}
		if (!input_value(in, field, items + count * size))
			return false;
		count++;
	}
	*(size_t *) ((char *) message + field->quantifier_offset) = count;
	*(char **) ((char *) message + field->offset) = items;
	return true;
}

/* the current key of a map, as its field's type wants it */
static bool
read_map_key(JsonInput *in, const ProtobufCFieldDescriptor *field, void *member)
{
	bool		done;

	if (field->type == PROTOBUF_C_TYPE_BOOL)
	{
		if (!json_token_is(&in->json, "true") && !json_token_is(&in->json, "false"))
			return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "expected true or false as the key.");
		*(protobuf_c_boolean *) member = json_token_is(&in->json, "true");
		return true;
	}
	/* to what reads values a key is a string like any other */
	in->json.type = JSON_STRING;
	done = input_value(in, field, member);
	in->json.type = JSON_KEY;
	return done;
}

/* an object as the entries of a map */
static bool
read_map(JsonInput *in, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	const ProtobufCMessageDescriptor *entry_type = field->descriptor;
	PointerList entries = {0};

	if (in->json.type != JSON_OBJECT)
		return input_refuse_value(in, "an object");
	if (++in->depth > WIRE_MAX_DEPTH)
		return input_refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "messages are nested too deeply.");
	for (;;)
	{
		ProtobufCMessage *entry;

		if (!input_next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			break;
		entry = make_message(entry_type);
		if (!read_map_key(in, &entry_type->fields[0], (char *) entry + entry_type->fields[0].offset) || !input_next(in))
			return false;
		if (in->json.type == JSON_NULL && !takes_null(&entry_type->fields[1]))
			return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "a value of a map must not be null.");
		if (!input_value(in, &entry_type->fields[1], (char *) entry + entry_type->fields[1].offset))
			return false;
		append_pointer(&entries, entry);
	}
	in->depth--;
	if (drop_replaced_entries((ProtobufCMessage **) entries.items, entries.count) < entries.count)
		return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "a key occurs twice.");
	*(size_t *) ((char *) message + field->quantifier_offset) = entries.count;
	*(void ***) ((char *) message + field->offset) = entries.items;
	return true;
}

static bool
refuse_unknown(JsonInput *in, const ProtobufCMessageDescriptor *message)
{
	return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "%s has no field \"%s\".",
						message->short_name, input_quoted(in));
}

bool
input_fields(JsonInput *in, ProtobufCMessage *message, bool in_any)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	bool	   *seen = palloc0(descriptor->n_fields + 1);

	for (;;)
	{
		const ProtobufCFieldDescriptor *field;
		char	   *key;
		size_t		len;
		char	   *member;

		if (!input_next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			break;
		if (in_any && json_token_is(&in->json, "@type"))
		{
			if (!input_next(in))
				return false;
			continue;
		}

		if (!input_text(in, &key, &len))
			return false;
		field = field_of_key(descriptor, key);
		if (field == NULL)
			return refuse_unknown(in, descriptor);
		pfree(key);
		if (seen[field - descriptor->fields])
			return input_refuse_duplicate(in);
		seen[field - descriptor->fields] = true;

		if (!input_next(in))
			return false;
		/* null is unset, but where it is a value */
		if (in->json.type == JSON_NULL && (field->label == PROTOBUF_C_LABEL_REPEATED || !takes_null(field)))
			continue;
		if (field->label == PROTOBUF_C_LABEL_REPEATED)
		{
			bool		is_map = field->type == PROTOBUF_C_TYPE_MESSAGE && is_map_entry(field->descriptor);

			if (is_map ? !read_map(in, message, field) : !read_repeated(in, message, field))
				return false;
			continue;
		}
		if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		{
			uint32_t   *which = (uint32_t *) ((char *) message + field->quantifier_offset);

			if (*which != 0)
				return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION,
									"another field of the same oneof is set.");
			*which = field->id;
		}
		member = (char *) message + field->offset;
		if (!input_value(in, field, member))
			return false;
	}
	pfree(seen);
	return true;
}
