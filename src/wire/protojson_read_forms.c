/*
 * protojson_read_forms.c: messages with a ProtoJSON form of their own.
 */
#include "wire/protojson_input.h"

#include "miscadmin.h"

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/field_mask.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"

#include "wire/field_mask_text.h"
#include "wire/map_entries.h"
#include "wire/message_types.h"
#include "wire/time_text.h"
#include "wire/wire_check.h"

static bool
read_struct(JsonInput *in, Google__Protobuf__Struct *object)
{
	PointerList entries = {0};

	if (in->json.type != JSON_OBJECT)
		return input_refuse_value(in, "an object");
	in->depth++;				/* an entry is a message too */
	for (;;)
	{
		Google__Protobuf__Struct__FieldsEntry *entry;
		size_t		len;

		if (!input_next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			break;
		entry = (Google__Protobuf__Struct__FieldsEntry *)
			make_message(&google__protobuf__struct__fields_entry__descriptor);
		if (!input_count(in) || !input_text(in, &entry->key, &len) || !input_next(in) ||
			!input_message(in, &google__protobuf__value__descriptor, (ProtobufCMessage **) &entry->value))
			return false;
		append_pointer(&entries, entry);
	}
	in->depth--;
	if (drop_replaced_entries((ProtobufCMessage **) entries.items, entries.count) < entries.count)
		return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "a key occurs twice.");
	object->n_fields = entries.count;
	object->fields = (Google__Protobuf__Struct__FieldsEntry **) entries.items;
	return true;
}

static bool
read_list(JsonInput *in, Google__Protobuf__ListValue *list)
{
	PointerList values = {0};

	if (in->json.type != JSON_ARRAY)
		return input_refuse_value(in, "an array");
	for (;;)
	{
		ProtobufCMessage *value;

		if (!input_next(in))
			return false;
		if (in->json.type == JSON_ARRAY_END)
			break;
		if (!input_count(in) || !input_message(in, &google__protobuf__value__descriptor, &value))
			return false;
		append_pointer(&values, value);
	}
	list->n_values = values.count;
	list->values = (Google__Protobuf__Value **) values.items;
	return true;
}

static bool
read_json_value(JsonInput *in, Google__Protobuf__Value *value)
{
	size_t		len;

	switch (in->json.type)
	{
		case JSON_NULL:
			value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NULL_VALUE;
			value->null_value = GOOGLE__PROTOBUF__NULL_VALUE__NULL_VALUE;
			return true;
		case JSON_NUMBER:
			value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE;
			return input_double(in, false, &value->number_value);
		case JSON_STRING:
			value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE;
			return input_text(in, &value->string_value, &len);
		case JSON_TRUE:
		case JSON_FALSE:
			value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE;
			value->bool_value = in->json.type == JSON_TRUE;
			return true;
		case JSON_OBJECT:
			value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE;
			return input_message(in, &google__protobuf__struct__descriptor,
								(ProtobufCMessage **) &value->struct_value);
		case JSON_ARRAY:
			value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE;
			return input_message(in, &google__protobuf__list_value__descriptor,
								(ProtobufCMessage **) &value->list_value);
		default:
			return input_refuse_value(in, "a value");
	}
}

/* a Timestamp or a Duration, which have the same fields */
static bool
read_time(JsonInput *in, MessageForm form, int64_t *seconds, int32_t *nanos)
{
	const char *expected = form == FORM_TIMESTAMP ?
		"an RFC 3339 time of the years 0001 to 9999" : "seconds such as \"1.5s\"";
	char	   *text;
	size_t		len;

	if (in->json.type != JSON_STRING)
		return input_refuse_value(in, expected);
	if (!input_text(in, &text, &len))
		return false;
	if (form == FORM_TIMESTAMP ? !timestamp_from_text(text, len, seconds, nanos) :
		!duration_from_text(text, len, seconds, nanos))
		return input_refuse(in, ERRCODE_INVALID_DATETIME_FORMAT, "expected %s, not \"%s\".",
							expected, input_quoted(in));
	pfree(text);
	return true;
}

static bool
read_field_mask(JsonInput *in, Google__Protobuf__FieldMask *mask)
{
	const char *expected = "field paths such as \"user.displayName,photo\"";
	PointerList paths = {0};
	char	   *text;
	size_t		len;

	if (in->json.type != JSON_STRING)
		return input_refuse_value(in, expected);
	if (!input_text(in, &text, &len))
		return false;
	for (const char *path = text; len > 0;)
	{
		size_t		path_len = strcspn(path, ",");
		char	   *name = palloc(path_len * 2 + 1);

		if (!input_count(in))
			return false;
		if (!field_path_from_text(path, path_len, name))
			return input_refuse_value(in, expected);
		append_pointer(&paths, name);
		if (path[path_len] == '\0')
			break;
		path += path_len + 1;
	}
	mask->n_paths = paths.count;
	mask->paths = (char **) paths.items;
	return true;
}

static bool
read_form(JsonInput *in, ProtobufCMessage *message)
{
	MessageForm form = message_form(message->descriptor);

	switch (form)
	{
		case FORM_TIMESTAMP:
			{
				Google__Protobuf__Timestamp *time = (Google__Protobuf__Timestamp *) message;

				return read_time(in, form, &time->seconds, &time->nanos);
			}
		case FORM_DURATION:
			{
				Google__Protobuf__Duration *span = (Google__Protobuf__Duration *) message;

				return read_time(in, form, &span->seconds, &span->nanos);
			}
		case FORM_FIELD_MASK:
			return read_field_mask(in, (Google__Protobuf__FieldMask *) message);
		case FORM_WRAPPER:
			{
				const ProtobufCFieldDescriptor *field = &message->descriptor->fields[0];

				return input_value(in, field, (char *) message + field->offset);
			}
		case FORM_STRUCT:
			return read_struct(in, (Google__Protobuf__Struct *) message);
		case FORM_LIST:
			return read_list(in, (Google__Protobuf__ListValue *) message);
		case FORM_VALUE:
			return read_json_value(in, (Google__Protobuf__Value *) message);
		case FORM_ANY:
			{
				Google__Protobuf__Any *any = (Google__Protobuf__Any *) message;
				AnyParts	parts;

				if (!input_any(in, &parts, true))
					return false;
				any->type_url = (char *) parts.type_url;
				any->value.data = (uint8_t *) parts.value;
				any->value.len = parts.value_len;
				return true;
			}
		case FORM_FIELDS:
			if (in->json.type != JSON_OBJECT)
				return input_refuse_value(in, "an object");
			return input_fields(in, message, false);
	}
	return false;
}

bool
input_message(JsonInput *in, const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();

	if (++in->depth > WIRE_MAX_DEPTH)
		return input_refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "messages are nested too deeply.");
	in->values += WIRE_FIELDS_OF_STRUCT(descriptor);
	if (in->values > WIRE_MAX_FIELDS)
		return input_refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "more than %d fields.", WIRE_MAX_FIELDS);
	*message = make_message(descriptor);
	if (!read_form(in, *message))
		return false;
	in->depth--;
	return true;
}
