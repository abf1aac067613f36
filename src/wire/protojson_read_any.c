/*
 * protojson_read_any.c: google.protobuf.Any from ProtoJSON.
 */
#include "wire/protojson_input.h"

#include "wire/json_keys.h"
#include "wire/message_types.h"
#include "wire/wire_check.h"

static bool
copy_value(JsonInput *in, StringInfo out)
{
	char	   *text;
	size_t		len;

	switch (in->json.type)
	{
		case JSON_OBJECT:
		case JSON_ARRAY:
			{
				bool		is_array = in->json.type == JSON_ARRAY;
				PointerList keys = {0};
				bool		first = true;

				appendStringInfoChar(out, is_array ? '[' : '{');
				for (;;)
				{
					if (!input_next(in))
						return false;
					if (in->json.type == JSON_ARRAY_END || in->json.type == JSON_OBJECT_END)
						break;
					if (!first)
						appendStringInfoString(out, ", ");
					first = false;
					if (!is_array)
					{
						if (!input_count(in) || !input_text(in, &text, &len))
							return false;
						append_pointer(&keys, text);
						append_json_string(out, text, len, false);
						appendStringInfoString(out, ": ");
						if (!input_next(in))
							return false;
					}
					if (!copy_value(in, out))
						return false;
				}
				appendStringInfoChar(out, is_array ? ']' : '}');
				if (has_duplicate((const char *const *) keys.items, keys.count))
					return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "a key occurs twice.");
				return true;
			}
		case JSON_STRING:
			if (!input_text(in, &text, &len))
				return false;
			append_json_string(out, text, len, false);
			pfree(text);
			return true;
		default:
			appendBinaryStringInfo(out, in->json.token, in->json.token_len);
			return true;
	}
}

/* the members of an Any of a type that is not known, but "@type" */
static bool
keep_members(JsonInput *in, AnyParts *any)
{
	StringInfoData out;
	PointerList keys = {0};
	char	   *key;
	size_t		len;

	initStringInfo(&out);
	for (;;)
	{
		if (!input_next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			break;
		if (!input_count(in) || !input_text(in, &key, &len) || !input_next(in))
			return false;
		if (strcmp(key, "@type") == 0)
			continue;
		append_pointer(&keys, key);
		if (out.len > 0)
			appendStringInfoString(&out, ", ");
		append_json_string(&out, key, len, false);
		appendStringInfoString(&out, ": ");
		if (!copy_value(in, &out))
			return false;
	}
	if (has_duplicate((const char *const *) keys.items, keys.count))
		return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "a key occurs twice.");
	if (out.len > WIRE_MAX_LEN)
		return input_refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "the fields are longer than 16 MB.");
	any->value = out.data;
	any->value_len = out.len;
	any->is_json = true;
	return true;
}

/* an Any that has nothing but "@type" and one other key */
static bool
read_single_member(JsonInput *in, const ProtobufCMessageDescriptor *type, AnyParts *any, bool is_raw)
{
	for (;;)
	{
		bool		is_type;

		if (!input_next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			return true;
		is_type = json_token_is(&in->json, "@type");
		if (!input_next(in))
			return false;
		if (is_type)
			continue;
		if (is_raw)
		{
			uint8_t    *data;

			if (!input_bytes(in, &data, &any->value_len))
				return false;
			if (any->value_len > WIRE_MAX_LEN)
				return input_refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "the message is longer than 16 MB.");
			any->value = (const char *) data;
		}
		else
		{
			ProtobufCMessage *message;

			if (!input_message(in, type, &message) ||
				!input_pack(in, message, &any->value, &any->value_len))
				return false;
		}
	}
}

/* what an Any's members are, found without reading them */
typedef struct AnyShape
{
	int			members;		/* beside "@type" */
	bool		has_value;		/* one is "value" */
	bool		value_is_string;
	bool		has_raw_value;	/* one is "@value" */
} AnyShape;

/* looks ahead for "@type", which may come last */
static bool
scan_any(JsonInput *in, AnyParts *any, AnyShape *shape)
{
	JsonReader	start = in->json;
	bool		has_type = false;
	char	   *url;

	memset(any, 0, sizeof(*any));
	memset(shape, 0, sizeof(*shape));
	for (;;)
	{
		bool		is_value;

		if (!input_next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			break;
		if (json_token_is(&in->json, "@type"))
		{
			if (has_type)
				return input_refuse_duplicate(in);
			has_type = true;
			if (!input_next(in))
				return false;
			if (in->json.type != JSON_STRING)
				return input_refuse_value(in, "a type URL in a string");
			if (!input_text(in, &url, &any->type_url_len))
				return false;
			any->type_url = url;
			if (any->type_url_len > TYPE_URL_MAX_LEN)
				return input_refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "\"@type\" is longer than %d bytes.",
									TYPE_URL_MAX_LEN);
			if (!type_url_is_valid(url, any->type_url_len))
				return input_refuse(in, ERRCODE_INVALID_PARAMETER_VALUE, "\"@type\" names no type.");
			continue;
		}
		shape->members++;
		is_value = json_token_is(&in->json, "value");
		shape->has_raw_value |= json_token_is(&in->json, "@value");
		if (!input_next(in))
			return false;
		if (is_value)
		{
			shape->has_value = true;
			shape->value_is_string = in->json.type == JSON_STRING;
		}
		if (!json_skip(&in->json))
			return input_refuse_syntax(in);
	}
	in->json = start;
	return true;
}

bool
input_any(JsonInput *in, AnyParts *any, bool nested)
{
	const ProtobufCMessageDescriptor *type;
	AnyShape	shape;
	bool		in_value;
	int			depth = in->depth;

	if (in->json.type != JSON_OBJECT)
		return input_refuse_value(in, "an object with \"@type\"");
	if (!scan_any(in, any, &shape))
		return false;
	if (any->type_url == NULL)
	{
		if (!nested || shape.members > 0)
			return input_refuse(in, ERRCODE_INVALID_PARAMETER_VALUE, "\"@type\" is missing.");
		any->type_url = "";
		return input_next(in);
	}

	type = find_any_type(in->types, any->type_url, any->type_url_len);
	in_value = type != NULL && message_form(type) != FORM_FIELDS;

	/* the message is packed by itself */
	in->depth = 0;
	if (in_value)
	{
		if (shape.members != 1 || !(shape.has_value || shape.has_raw_value))
			return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION,
								"an Any of %s has one key beside \"@type\", \"value\".", type->short_name);
		if (!read_single_member(in, type, any, shape.has_raw_value))
			return false;
	}
	else if (shape.members == 1 && (type != NULL && has_value_field(type) ? shape.has_raw_value : shape.value_is_string))
	{
		if (!read_single_member(in, type, any, true))
			return false;
	}
	else if (type != NULL)
	{
		ProtobufCMessage *message;

		in->values += WIRE_FIELDS_OF_STRUCT(type);
		if (in->values > WIRE_MAX_FIELDS)
			return input_refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "more than %d fields.", WIRE_MAX_FIELDS);
		message = make_message(type);
		in->depth++;
		if (!input_fields(in, message, true) ||
			!input_pack(in, message, &any->value, &any->value_len))
			return false;
	}
	else if (shape.members == 0)
	{
		/* no bytes: to the brace behind "@type" */
		any->value = "";
		if (!input_next(in) || !input_next(in) || !input_next(in))
			return false;
	}
	else if (nested)
		return input_refuse(in, ERRCODE_INVALID_PARAMETER_VALUE,
							"the type \"%s\" is not known, so its fields cannot be serialized.", any->type_url);
	else if (!keep_members(in, any))
		return false;
	in->depth = depth;
	return true;
}
