/*
 * protojson_write.c: messages as ProtoJSON.
 *
 * What is written must read back to exactly the bytes it was made of, since
 * dumps rely on it. So a message is unpacked, packed again and compared, and
 * whatever has no text of its own makes the whole message fall back to base64.
 */
#include "wire/protojson.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/field_mask.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"

#include "base/json_reader.h"
#include "wire/base64.h"
#include "wire/field_mask_text.h"
#include "wire/json_keys.h"
#include "wire/map_entries.h"
#include "wire/message_pack.h"
#include "wire/message_types.h"
#include "wire/message_unpack.h"
#include "wire/time_text.h"

typedef struct JsonWriter
{
	StringInfo	out;
	bool		ascii;			/* the server encoding is not UTF-8 */
	int			depth;			/* objects and arrays that are open */
	int			values;			/* fields and elements so far */
	bool		raw;			/* show every Any as base64 */
	const TypeRegistry *types;	/* known beside those compiled in, or NULL */
} JsonWriter;

static bool write_message(JsonWriter *w, const ProtobufCMessage *message);
static bool write_any(JsonWriter *w, const AnyParts *any);

/* false where a reader would find it nested too deeply */
static bool
open_level(JsonWriter *w, char bracket)
{
	if (w->depth == JSON_MAX_DEPTH)
		return false;
	w->depth++;
	appendStringInfoChar(w->out, bracket);
	return true;
}

static void
close_level(JsonWriter *w, char bracket)
{
	w->depth--;
	appendStringInfoChar(w->out, bracket);
}

/* false where a reader would find them too many */
static bool
count_value(JsonWriter *w)
{
	return ++w->values <= WIRE_MAX_FIELDS;
}

static void
write_base64(JsonWriter *w, const uint8_t *data, size_t len)
{
	appendStringInfoChar(w->out, '"');
	enlargeStringInfo(w->out, (len + 2) / 3 * 4);
	w->out->len += base64_encode(data, len, w->out->data + w->out->len);
	w->out->data[w->out->len] = '\0';
	appendStringInfoChar(w->out, '"');
}

/* its JSON name, or field_name as fieldName, in quotes, with the colon */
static void
write_key(JsonWriter *w, const ProtobufCFieldDescriptor *field)
{
	const char *json_name = own_json_name(field);
	bool		upper = false;

	if (json_name != NULL)
	{
		append_json_string(w->out, json_name, strlen(json_name), w->ascii);
		appendStringInfoString(w->out, ": ");
		return;
	}
	appendStringInfoChar(w->out, '"');
	for (const char *p = field->name; *p; p++)
	{
		if (*p == '_')
			upper = true;
		else
		{
			appendStringInfoCharMacro(w->out, upper ? pg_ascii_toupper(*p) : *p);
			upper = false;
		}
	}
	appendStringInfoString(w->out, "\": ");
}

static void
write_signed(JsonWriter *w, int64 value, bool quoted)
{
	char		digits[MAXINT8LEN + 1];

	pg_lltoa(value, digits);
	appendStringInfo(w->out, quoted ? "\"%s\"" : "%s", digits);
}

static void
write_unsigned(JsonWriter *w, uint64 value, bool quoted)
{
	appendStringInfo(w->out, quoted ? "\"" UINT64_FORMAT "\"" : UINT64_FORMAT, value);
}

/* shortest digits that read back, or a name in quotes for what is no number */
static bool
write_float(JsonWriter *w, double value, bool single)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	if (isnan(value))
	{
		double		nan = get_float8_nan();

		/* text that is to give the same bytes again has a name for one bit pattern only */
		if (w->types == NULL && memcmp(&value, &nan, sizeof(double)) != 0)
			return false;
		appendStringInfoString(w->out, "\"NaN\"");
		return true;
	}
	if (isinf(value))
	{
		appendStringInfoString(w->out, value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
		return true;
	}
	if (single)
		float_to_shortest_decimal_buf((float) value, digits);
	else
		double_to_shortest_decimal_buf(value, digits);
	appendStringInfoString(w->out, digits);
	return true;
}

/* values are sorted; protobuf-c's own search by ranges overflows at the largest number */
static const ProtobufCEnumValue *
find_enum_value(const ProtobufCEnumDescriptor *descriptor, int number)
{
	unsigned	low = 0;
	unsigned	high = descriptor->n_values;

	while (low < high)
	{
		unsigned	middle = low + (high - low) / 2;

		if (descriptor->values[middle].value == number)
			return &descriptor->values[middle];
		if (descriptor->values[middle].value < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static bool
write_value(JsonWriter *w, const ProtobufCFieldDescriptor *field, const void *member)
{
	if (!count_value(w))
		return false;

	switch (field->type)
	{
		case PROTOBUF_C_TYPE_INT32:
		case PROTOBUF_C_TYPE_SINT32:
		case PROTOBUF_C_TYPE_SFIXED32:
			write_signed(w, *(const int32_t *) member, false);
			return true;
		case PROTOBUF_C_TYPE_UINT32:
		case PROTOBUF_C_TYPE_FIXED32:
			write_unsigned(w, *(const uint32_t *) member, false);
			return true;
		case PROTOBUF_C_TYPE_INT64:
		case PROTOBUF_C_TYPE_SINT64:
		case PROTOBUF_C_TYPE_SFIXED64:
			write_signed(w, *(const int64_t *) member, true);
			return true;
		case PROTOBUF_C_TYPE_UINT64:
		case PROTOBUF_C_TYPE_FIXED64:
			write_unsigned(w, *(const uint64_t *) member, true);
			return true;
		case PROTOBUF_C_TYPE_FLOAT:
			return write_float(w, *(const float *) member, true);
		case PROTOBUF_C_TYPE_DOUBLE:
			return write_float(w, *(const double *) member, false);
		case PROTOBUF_C_TYPE_BOOL:
			appendStringInfoString(w->out, *(const protobuf_c_boolean *) member ? "true" : "false");
			return true;
		case PROTOBUF_C_TYPE_ENUM:
			{
				int32_t		number = *(const int32_t *) member;
				const ProtobufCEnumValue *value = find_enum_value(field->descriptor, number);

				if (number == 0 && is_null_enum(field->descriptor))
					appendStringInfoString(w->out, "null");
				else if (value != NULL)
					appendStringInfo(w->out, "\"%s\"", value->name);
				else
					write_signed(w, number, false);
				return true;
			}
		case PROTOBUF_C_TYPE_STRING:
			{
				const char *string = *(const char *const *) member;

				append_json_string(w->out, string, strlen(string), w->ascii);
				return true;
			}
		case PROTOBUF_C_TYPE_BYTES:
			{
				const ProtobufCBinaryData *data = member;

				write_base64(w, data->data, data->len);
				return true;
			}
		case PROTOBUF_C_TYPE_MESSAGE:
			return write_message(w, *(const ProtobufCMessage *const *) member);
	}
	return false;
}

/* a map's key: a scalar in quotes */
static void
write_map_key(JsonWriter *w, const ProtobufCFieldDescriptor *field, const void *member)
{
	StringInfo	out = w->out;
	int			start = out->len;

	write_value(w, field, member);
	if (out->data[start] == '"')
		return;
	appendStringInfoChar(out, '"');
	enlargeStringInfo(out, 1);
	memmove(out->data + start + 1, out->data + start, out->len - start + 1);
	out->data[start] = '"';
	out->len++;
}

/* a repeated field of map entries; one without a value has the default one */
static bool
write_map(JsonWriter *w, ProtobufCMessage **entries, size_t count)
{
	ProtobufCMessage *nothing = NULL;

	if (!open_level(w, '{'))
		return false;
	count = drop_replaced_entries(entries, count);
	for (size_t i = 0; i < count; i++)
	{
		const ProtobufCFieldDescriptor *fields = entries[i]->descriptor->fields;
		const char *value = (const char *) entries[i] + fields[1].offset;

		if (entries[i]->n_unknown_fields > 0)
			return false;
		if (i > 0)
			appendStringInfoString(w->out, ", ");
		write_map_key(w, &fields[0], (const char *) entries[i] + fields[0].offset);
		appendStringInfoString(w->out, ": ");
		if (fields[1].type == PROTOBUF_C_TYPE_MESSAGE && *(const void *const *) value == NULL)
		{
			if (nothing == NULL)
				nothing = make_message(fields[1].descriptor);
			value = (const char *) &nothing;
		}
		if (!write_value(w, &fields[1], value))
			return false;
	}
	close_level(w, '}');
	return true;
}

/* an object's members, behind others if not first */
static bool
write_fields(JsonWriter *w, const ProtobufCMessage *message, bool first)
{
	for (unsigned i = 0; i < message->descriptor->n_fields; i++)
	{
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
		const char *member = (const char *) message + field->offset;
		size_t		count;

		if (!message_field_is_set(message, field))
			continue;
		if (!first)
			appendStringInfoString(w->out, ", ");
		first = false;
		write_key(w, field);

		if (field->label != PROTOBUF_C_LABEL_REPEATED)
		{
			if (!write_value(w, field, member))
				return false;
			continue;
		}

		count = *(const size_t *) ((const char *) message + field->quantifier_offset);
		member = *(const char *const *) member;
		if (field->type == PROTOBUF_C_TYPE_MESSAGE && is_map_entry(field->descriptor))
		{
			if (!write_map(w, (ProtobufCMessage **) member, count))
				return false;
			continue;
		}
		if (!open_level(w, '['))
			return false;
		for (size_t j = 0; j < count; j++)
		{
			if (j > 0)
				appendStringInfoString(w->out, ", ");
			if (!write_value(w, field, member + j * message_member_size(field->type)))
				return false;
		}
		close_level(w, ']');
	}
	return true;
}

static bool
write_struct(JsonWriter *w, const Google__Protobuf__Struct *object)
{
	size_t		count = drop_replaced_entries((ProtobufCMessage **) object->fields, object->n_fields);

	/* text that is to give the same bytes again cannot show a key twice */
	if ((w->types == NULL && count < object->n_fields) || !open_level(w, '{'))
		return false;
	for (size_t i = 0; i < count; i++)
	{
		const Google__Protobuf__Struct__FieldsEntry *entry = object->fields[i];

		if (entry->base.n_unknown_fields > 0 || entry->value == NULL || !count_value(w))
			return false;
		if (i > 0)
			appendStringInfoString(w->out, ", ");
		append_json_string(w->out, entry->key, strlen(entry->key), w->ascii);
		appendStringInfoString(w->out, ": ");
		if (!write_message(w, &entry->value->base))
			return false;
	}
	close_level(w, '}');
	return true;
}

static bool
write_list(JsonWriter *w, const Google__Protobuf__ListValue *list)
{
	if (!open_level(w, '['))
		return false;
	for (size_t i = 0; i < list->n_values; i++)
	{
		if (i > 0)
			appendStringInfoString(w->out, ", ");
		if (!count_value(w) || !write_message(w, &list->values[i]->base))
			return false;
	}
	close_level(w, ']');
	return true;
}

static bool
write_json_value(JsonWriter *w, const Google__Protobuf__Value *value)
{
	switch (value->kind_case)
	{
		case GOOGLE__PROTOBUF__VALUE__KIND_NULL_VALUE:
			appendStringInfoString(w->out, "null");
			return value->null_value == GOOGLE__PROTOBUF__NULL_VALUE__NULL_VALUE;
		case GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE:
			/* JSON has no other numbers */
			return isfinite(value->number_value) && write_float(w, value->number_value, false);
		case GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE:
			append_json_string(w->out, value->string_value, strlen(value->string_value), w->ascii);
			return true;
		case GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE:
			appendStringInfoString(w->out, value->bool_value ? "true" : "false");
			return true;
		case GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE:
			return write_message(w, &value->struct_value->base);
		case GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE:
			return write_message(w, &value->list_value->base);
		default:
			return false;
	}
}

/* the paths in one string, with commas in between */
static bool
write_field_mask(JsonWriter *w, const Google__Protobuf__FieldMask *mask)
{
	StringInfoData text;

	initStringInfo(&text);
	for (size_t i = 0; i < mask->n_paths; i++)
	{
		if (i > 0)
			appendStringInfoChar(&text, ',');
		enlargeStringInfo(&text, (int) strlen(mask->paths[i]));
		if (!count_value(w) || !field_path_to_text(mask->paths[i], text.data + text.len))
			return false;
		text.len += (int) strlen(text.data + text.len);
	}
	append_json_string(w->out, text.data, text.len, w->ascii);
	pfree(text.data);
	return true;
}

static bool
write_message(JsonWriter *w, const ProtobufCMessage *message)
{
	char		text[TIME_TEXT_SIZE];

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();

	if (message->n_unknown_fields > 0)
		return false;

	switch (message_form(message->descriptor))
	{
		case FORM_TIMESTAMP:
			{
				const Google__Protobuf__Timestamp *time = (const Google__Protobuf__Timestamp *) message;

				if (!timestamp_to_text(time->seconds, time->nanos, text))
					return false;
				appendStringInfo(w->out, "\"%s\"", text);
				return true;
			}
		case FORM_DURATION:
			{
				const Google__Protobuf__Duration *span = (const Google__Protobuf__Duration *) message;

				if (!duration_to_text(span->seconds, span->nanos, text))
					return false;
				appendStringInfo(w->out, "\"%s\"", text);
				return true;
			}
		case FORM_FIELD_MASK:
			return write_field_mask(w, (const Google__Protobuf__FieldMask *) message);
		case FORM_WRAPPER:
			{
				const ProtobufCFieldDescriptor *field = &message->descriptor->fields[0];

				return write_value(w, field, (const char *) message + field->offset);
			}
		case FORM_STRUCT:
			return write_struct(w, (const Google__Protobuf__Struct *) message);
		case FORM_LIST:
			return write_list(w, (const Google__Protobuf__ListValue *) message);
		case FORM_VALUE:
			return write_json_value(w, (const Google__Protobuf__Value *) message);
		case FORM_ANY:
			{
				const Google__Protobuf__Any *any = (const Google__Protobuf__Any *) message;
				AnyParts	parts = {0};

				parts.type_url = any->type_url;
				parts.type_url_len = strlen(any->type_url);
				parts.value = (const char *) any->value.data;
				parts.value_len = any->value.len;
				return write_any(w, &parts);
			}
		case FORM_FIELDS:
			if (!open_level(w, '{') || !write_fields(w, message, true))
				return false;
			close_level(w, '}');
			return true;
	}
	return false;
}

static MemoryContext
enter_scratch(void)
{
	return MemoryContextSwitchTo(AllocSetContextCreate(CurrentMemoryContext, "idpsync ProtoJSON",
													   ALLOCSET_DEFAULT_SIZES));
}

static void
leave_scratch(MemoryContext caller)
{
	MemoryContext scratch = MemoryContextSwitchTo(caller);

	MemoryContextDelete(scratch);
}

/* the message if packing it gives these bytes again, else NULL */
static ProtobufCMessage *
unpack_exactly(const ProtobufCMessageDescriptor *descriptor, const char *data, size_t len)
{
	WireResult	result;
	ProtobufCMessage *message = unpack_message(descriptor, data, len, &result);
	uint8_t    *buffer;
	size_t		bound;
	ProtoWriter again;
	bool		same;

	if (message == NULL)
		return NULL;
	bound = message_pack_bound(message);
	buffer = palloc(bound + 1);
	proto_writer_init(&again, buffer, bound);
	message_pack(&again, message);
	same = proto_writer_len(&again) == len && (len == 0 || memcmp(again.cur, data, len) == 0);
	pfree(buffer);
	return same ? message : NULL;
}

static bool
write_any_message(JsonWriter *w, const ProtobufCMessageDescriptor *type, const AnyParts *any)
{
	WireResult	result;
	ProtobufCMessage *message;

	/* with a registry the text is for people: it need not give the same bytes again */
	message = w->types ? unpack_message(type, any->value, any->value_len, &result) :
		unpack_exactly(type, any->value, any->value_len);
	if (message == NULL)
		return false;
	w->values += WIRE_FIELDS_OF_STRUCT(type);
	if (w->values > WIRE_MAX_FIELDS)
		return false;
	if (message_form(type) == FORM_FIELDS)
		return message->n_unknown_fields == 0 && write_fields(w, message, false);
	appendStringInfoString(w->out, ", \"value\": ");
	return write_message(w, message);
}

/* the members of an Any behind "@type", or false; its memory is given back, since a message may hold many */
static bool
write_any_fields(JsonWriter *w, const ProtobufCMessageDescriptor *type, const AnyParts *any)
{
	MemoryContext caller = enter_scratch();
	bool		done = write_any_message(w, type, any);

	leave_scratch(caller);
	return done;
}

/* false only where it is nested too deeply or names no type */
static bool
write_any(JsonWriter *w, const AnyParts *any)
{
	const ProtobufCMessageDescriptor *type;
	int			len;
	int			depth;

	if (!open_level(w, '{'))
		return false;
	if (any->type_url_len == 0 && any->value_len == 0)
	{
		close_level(w, '}');
		return true;
	}
	if (!type_url_is_valid(any->type_url, any->type_url_len))
		return false;
	appendStringInfoString(w->out, "\"@type\": ");
	append_json_string(w->out, any->type_url, any->type_url_len, w->ascii);

	type = find_any_type(w->types, any->type_url, any->type_url_len);
	len = w->out->len;
	depth = w->depth;
	if (any->is_json)
	{
		appendStringInfoString(w->out, ", ");
		for (size_t i = 0; i < any->value_len;)
		{
			size_t		start = i;

			while (i < any->value_len && !(w->ascii && IS_HIGHBIT_SET(any->value[i])))
				i++;
			appendBinaryStringInfo(w->out, any->value + start, i - start);
			if (i < any->value_len)
				i += append_json_escape(w->out, any->value + i);
		}
	}
	else if (type == NULL ? any->value_len > 0 : w->raw || !write_any_fields(w, type, any))
	{
		w->out->len = len;
		w->out->data[len] = '\0';
		w->depth = depth;
		if (type != NULL && (message_form(type) != FORM_FIELDS || has_value_field(type)))
			appendStringInfoString(w->out, ", \"@value\": ");
		else
			appendStringInfoString(w->out, ", \"value\": ");
		write_base64(w, (const uint8_t *) any->value, any->value_len);
	}
	close_level(w, '}');
	return true;
}

bool
protojson_write(StringInfo out, const ProtobufCMessageDescriptor *descriptor,
				const char *data, size_t len, const TypeRegistry *types)
{
	JsonWriter	w = {out, GetDatabaseEncoding() != PG_UTF8, .types = types};
	int			start = out->len;
	MemoryContext caller = enter_scratch();
	ProtobufCMessage *message = unpack_exactly(descriptor, data, len);
	bool		done = message != NULL && write_message(&w, message);

	leave_scratch(caller);
	if (!done || out->len - start > PROTOJSON_MAX_LEN)
	{
		out->len = start;
		out->data[start] = '\0';
		return false;
	}
	return true;
}

void
protojson_write_any(StringInfo out, const AnyParts *any, const TypeRegistry *types)
{
	JsonWriter	w = {out, GetDatabaseEncoding() != PG_UTF8, .types = types};
	int			start = out->len;
	bool		done = write_any(&w, any);

	/* escapes can make a string six times as long */
	if (done && out->len - start > PROTOJSON_MAX_LEN)
	{
		out->len = start;
		w.raw = true;
		done = write_any(&w, any);
	}
	if (!done)
		elog(ERROR, "invalid type URL in a protobuf_any");
}
