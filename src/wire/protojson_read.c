/*
 * protojson_read.c: messages from ProtoJSON.
 *
 * A message is built as protobuf-c's tree of structs, which keys may fill in
 * any order, and packed at the end. Each function here starts with its
 * value's first token current and leaves its last one current; false means
 * that an error was reported softly.
 */
#include "wire/protojson.h"

#include <errno.h>
#include <math.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"

#include "base/json_reader.h"
#include "wire/base64.h"
#include "wire/message_types.h"
#include "wire/time_text.h"
#include "wire/wire_check.h"

#define MAX_PATH 256
/* bytes of the input that an error may quote */
#define MAX_QUOTED 64

typedef struct Input
{
	JsonReader	json;
	const char *type_name;		/* what errors call it */
	const TypeRegistry *types;	/* known beside those compiled in, or NULL */
	IdpEscontext *escontext;
	MemoryContext caller;		/* errors are reported there, scratch is deleted */
	int			depth;			/* of messages in messages, as wire_check counts */
	int			values;			/* fields and elements so far */
} Input;

/* a growing array of pointers */
typedef struct PointerList
{
	void	  **items;
	size_t		count;
	size_t		allocated;
} PointerList;

static bool read_message(Input *in, const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message);
static bool read_any(Input *in, AnyParts *any, bool nested);
static bool refuse(Input *in, int sqlstate, const char *format,...) pg_attribute_printf(3, 4);

/* reports an error at the current place; always false */
static bool
refuse(Input *in, int sqlstate, const char *format,...)
{
	StringInfoData detail;
	char		path[MAX_PATH];
	char	   *text;
	MemoryContext scratch;

	initStringInfo(&detail);
	appendStringInfo(&detail, "At %s: ", json_path(&in->json, path, sizeof(path)));
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, format);
		needed = appendStringInfoVA(&detail, format, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&detail, needed);
	}

	scratch = MemoryContextSwitchTo(in->caller);
	text = pg_any_to_server(detail.data, detail.len, PG_UTF8);
	errsave(in->escontext,
			(errcode(sqlstate),
			 errmsg("invalid input syntax for type %s", in->type_name),
			 errdetail("%s", text)));
	MemoryContextSwitchTo(scratch);
	return false;
}

/* what the parser found wrong */
static bool
refuse_syntax(Input *in)
{
	return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "%s (byte %zu).",
				  in->json.error, in->json.offset + 1);
}

/* the current token as an error may quote it */
static char *
quoted_token(Input *in)
{
	size_t		len = in->json.token_len;

	if (len > MAX_QUOTED)
	{
		len = MAX_QUOTED;
		while (len > 0 && (in->json.token[len] & 0xC0) == 0x80)
			len--;
	}
	return pnstrdup(in->json.token, len);
}

static bool
refuse_value(Input *in, const char *expected)
{
	switch (in->json.type)
	{
		case JSON_OBJECT:
		case JSON_ARRAY:
			return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "expected %s, not an %s.",
						  expected, in->json.type == JSON_OBJECT ? "object" : "array");
		default:
			return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "expected %s, not \"%s\".",
						  expected, quoted_token(in));
	}
}

static bool
next(Input *in)
{
	return json_next(&in->json) != JSON_ERROR || refuse_syntax(in);
}

static bool
count_value(Input *in)
{
	if (++in->values > WIRE_MAX_FIELDS)
		return refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "more than %d fields.", WIRE_MAX_FIELDS);
	return true;
}

static void
append_pointer(PointerList *list, void *item)
{
	if (list->count == list->allocated)
	{
		list->allocated = Max(list->allocated * 2, 8);
		list->items = list->items == NULL ? palloc(list->allocated * sizeof(void *)) :
			repalloc(list->items, list->allocated * sizeof(void *));
	}
	list->items[list->count++] = item;
}

/* the current string or key without escapes, NUL-terminated */
static bool
token_text(Input *in, char **text, size_t *len)
{
	long		unescaped;

	*text = palloc(in->json.token_len + 1);
	unescaped = json_unescape(&in->json, *text);
	if (unescaped < 0)
		return refuse_syntax(in);
	if (!utf8_is_valid((const uint8_t *) *text, unescaped))
		return refuse(in, ERRCODE_CHARACTER_NOT_IN_REPERTOIRE, "the string is not UTF-8.");
	(*text)[unescaped] = '\0';
	*len = unescaped;
	return true;
}

static ProtobufCMessage *
make_message(const ProtobufCMessageDescriptor *descriptor)
{
	ProtobufCMessage *message = palloc(descriptor->sizeof_message);

	init_message(descriptor, message);
	return message;
}

static bool
read_integer(Input *in, int64 min, int64 max, int64 *value)
{
	switch (json_integer(&in->json, value))
	{
		case JSON_INTEGER_NOT_A_NUMBER:
		case JSON_INTEGER_FRACTION:
			return refuse_value(in, "an integer");
		case JSON_INTEGER_RANGE:
			break;
		case JSON_INTEGER_OK:
			if (*value >= min && *value <= max)
				return true;
			break;
	}
	return refuse(in, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "the integer \"%s\" is out of range.",
				  quoted_token(in));
}

static bool
read_uint64(Input *in, uint64 *value)
{
	int64		signed_value;
	const char *digits = in->json.token;
	size_t		len = in->json.token_len;

	/* only what is beyond int64 needs more than the parser offers */
	if (json_integer(&in->json, &signed_value) == JSON_INTEGER_RANGE &&
		len <= 20 && strspn(digits, "0123456789") >= len)
	{
		char	   *text = pnstrdup(digits, len);

		errno = 0;
		*value = strtoull(text, NULL, 10);
		if (errno == 0)
			return true;
	}
	if (!read_integer(in, 0, PG_INT64_MAX, &signed_value))
		return false;
	*value = signed_value;
	return true;
}

static bool
read_double(Input *in, bool single, double *value)
{
	JsonReader	number;
	char	   *text;

	if (in->json.type == JSON_STRING)
	{
		if (json_token_is(&in->json, "NaN"))
		{
			*value = get_float8_nan();
			return true;
		}
		if (json_token_is(&in->json, "Infinity") || json_token_is(&in->json, "-Infinity"))
		{
			*value = in->json.token[0] == '-' ? -get_float8_infinity() : get_float8_infinity();
			return true;
		}
		json_reader_init(&number, in->json.token, in->json.token_len);
		if (json_next(&number) != JSON_NUMBER || number.token_len != in->json.token_len)
			return refuse_value(in, "a number");
	}
	else if (in->json.type != JSON_NUMBER)
		return refuse_value(in, "a number");

	text = pnstrdup(in->json.token, in->json.token_len);
	*value = single ? strtof(text, NULL) : strtod(text, NULL);
	if (isinf(*value))
		return refuse(in, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "the number \"%s\" is out of range.",
					  quoted_token(in));
	pfree(text);
	return true;
}

static bool
read_bytes(Input *in, uint8_t **data, size_t *len)
{
	char	   *text;
	size_t		text_len;
	long		decoded = -1;

	if (in->json.type != JSON_STRING)
		return refuse_value(in, "base64 in a string");
	if (!token_text(in, &text, &text_len))
		return false;
	*data = palloc(text_len / 4 * 3 + 3);
	decoded = base64_decode(text, text_len, *data);
	if (decoded < 0)
		return refuse_value(in, "base64");
	pfree(text);
	*len = decoded;
	return true;
}

static bool
read_enum(Input *in, const ProtobufCEnumDescriptor *descriptor, int32_t *number)
{
	if (in->json.type == JSON_STRING)
	{
		const ProtobufCEnumValue *value;
		char	   *name;
		size_t		len;

		if (!token_text(in, &name, &len))
			return false;
		value = protobuf_c_enum_descriptor_get_value_by_name(descriptor, name);
		if (value == NULL)
			return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "\"%s\" is not a name of %s.",
						  quoted_token(in), descriptor->short_name);
		*number = value->value;
	}
	else
	{
		int64		value;

		if (!read_integer(in, PG_INT32_MIN, PG_INT32_MAX, &value))
			return false;
		*number = (int32_t) value;
	}
	return true;
}

/* one value of a field, not null, into the struct's member */
static bool
read_value(Input *in, const ProtobufCFieldDescriptor *field, void *member)
{
	int64		integer;

	if (!count_value(in))
		return false;

	switch (field->type)
	{
		case PROTOBUF_C_TYPE_INT32:
		case PROTOBUF_C_TYPE_SINT32:
		case PROTOBUF_C_TYPE_SFIXED32:
			if (!read_integer(in, PG_INT32_MIN, PG_INT32_MAX, &integer))
				return false;
			*(int32_t *) member = (int32_t) integer;
			return true;
		case PROTOBUF_C_TYPE_UINT32:
		case PROTOBUF_C_TYPE_FIXED32:
			if (!read_integer(in, 0, PG_UINT32_MAX, &integer))
				return false;
			*(uint32_t *) member = (uint32_t) integer;
			return true;
		case PROTOBUF_C_TYPE_INT64:
		case PROTOBUF_C_TYPE_SINT64:
		case PROTOBUF_C_TYPE_SFIXED64:
			if (!read_integer(in, PG_INT64_MIN, PG_INT64_MAX, &integer))
				return false;
			*(int64_t *) member = integer;
			return true;
		case PROTOBUF_C_TYPE_UINT64:
		case PROTOBUF_C_TYPE_FIXED64:
			{
				uint64		value;

				if (!read_uint64(in, &value))
					return false;
				*(uint64_t *) member = value;
				return true;
			}
		case PROTOBUF_C_TYPE_FLOAT:
			{
				double		value;

				if (!read_double(in, true, &value))
					return false;
				*(float *) member = (float) value;
				return true;
			}
		case PROTOBUF_C_TYPE_DOUBLE:
			return read_double(in, false, member);
		case PROTOBUF_C_TYPE_BOOL:
			if (in->json.type != JSON_TRUE && in->json.type != JSON_FALSE)
				return refuse_value(in, "true or false");
			*(protobuf_c_boolean *) member = in->json.type == JSON_TRUE;
			return true;
		case PROTOBUF_C_TYPE_ENUM:
			return read_enum(in, field->descriptor, member);
		case PROTOBUF_C_TYPE_STRING:
			{
				size_t		len;

				if (in->json.type != JSON_STRING)
					return refuse_value(in, "a string");
				return token_text(in, member, &len);
			}
		case PROTOBUF_C_TYPE_BYTES:
			{
				ProtobufCBinaryData *data = member;

				return read_bytes(in, &data->data, &data->len);
			}
		case PROTOBUF_C_TYPE_MESSAGE:
			return read_message(in, field->descriptor, member);
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
read_repeated(Input *in, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	size_t		size = element_size(field->type);
	char	   *items = NULL;
	size_t		count = 0;
	size_t		allocated = 0;

	if (in->json.type != JSON_ARRAY)
		return refuse_value(in, "an array");

	for (;;)
	{
		if (!next(in))
			return false;
		if (in->json.type == JSON_ARRAY_END)
			break;
		if (in->json.type == JSON_NULL && !takes_null(field))
			return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "an element must not be null.");
		if (count == allocated)
		{
			allocated = Max(allocated * 2, 8);
			items = items == NULL ? palloc(allocated * size) : repalloc(items, allocated * size);
		}
		if (!read_value(in, field, items + count * size))
			return false;
		count++;
	}
	*(size_t *) ((char *) message + field->quantifier_offset) = count;
	*(char **) ((char *) message + field->offset) = items;
	return true;
}

/* the current key of a map, as its field's type wants it */
static bool
read_map_key(Input *in, const ProtobufCFieldDescriptor *field, void *member)
{
	bool		done;

	if (field->type == PROTOBUF_C_TYPE_BOOL)
	{
		if (!json_token_is(&in->json, "true") && !json_token_is(&in->json, "false"))
			return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "expected true or false as the key.");
		*(protobuf_c_boolean *) member = json_token_is(&in->json, "true");
		return true;
	}
	/* to what reads values a key is a string like any other */
	in->json.type = JSON_STRING;
	done = read_value(in, field, member);
	in->json.type = JSON_KEY;
	return done;
}

/* an object as the entries of a map */
static bool
read_map(Input *in, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	const ProtobufCMessageDescriptor *entry_type = field->descriptor;
	PointerList entries = {0};
	PointerList keys = {0};

	if (in->json.type != JSON_OBJECT)
		return refuse_value(in, "an object");
	if (++in->depth > WIRE_MAX_DEPTH)
		return refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "messages are nested too deeply.");
	for (;;)
	{
		ProtobufCMessage *entry;
		char	   *key;
		size_t		len;

		if (!next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			break;
		entry = make_message(entry_type);
		if (!token_text(in, &key, &len) ||
			!read_map_key(in, &entry_type->fields[0], (char *) entry + entry_type->fields[0].offset) || !next(in))
			return false;
		if (in->json.type == JSON_NULL && !takes_null(&entry_type->fields[1]))
			return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "a value of a map must not be null.");
		if (!read_value(in, &entry_type->fields[1], (char *) entry + entry_type->fields[1].offset))
			return false;
		append_pointer(&entries, entry);
		append_pointer(&keys, key);
	}
	in->depth--;
	if (has_duplicate((const char *const *) keys.items, keys.count))
		return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "a key occurs twice.");
	*(size_t *) ((char *) message + field->quantifier_offset) = entries.count;
	*(void ***) ((char *) message + field->offset) = entries.items;
	return true;
}

/* is this key the field's name, or its name in lowerCamelCase? */
static bool
is_key_of(const char *key, const char *name)
{
	const char *k = key;
	bool		upper = false;

	if (strcmp(key, name) == 0)
		return true;
	for (; *name; name++)
	{
		if (*name == '_')
		{
			upper = true;
			continue;
		}
		if (*k++ != (upper ? (char) pg_ascii_toupper((unsigned char) *name) : *name))
			return false;
		upper = false;
	}
	return *k == '\0';
}

/* the field of the current key, NULL if the message has none */
static const ProtobufCFieldDescriptor *
find_key(const ProtobufCMessageDescriptor *message, const char *key)
{
	for (unsigned i = 0; i < message->n_fields; i++)
	{
		if (is_key_of(key, message->fields[i].name))
			return &message->fields[i];
	}
	return NULL;
}

static bool
refuse_unknown(Input *in, const ProtobufCMessageDescriptor *message)
{
	return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "%s has no field \"%s\".",
				  message->short_name, quoted_token(in));
}

static bool
refuse_duplicate(Input *in)
{
	return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "the key occurs twice.");
}

/* the members of an object, behind its opening brace; in_any: "@type" is none of them */
static bool
read_fields(Input *in, ProtobufCMessage *message, bool in_any)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	bool	   *seen = palloc0(descriptor->n_fields + 1);

	for (;;)
	{
		const ProtobufCFieldDescriptor *field;
		char	   *key;
		size_t		len;
		char	   *member;

		if (!next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			break;
		if (in_any && json_token_is(&in->json, "@type"))
		{
			if (!next(in))
				return false;
			continue;
		}

		if (!token_text(in, &key, &len))
			return false;
		field = find_key(descriptor, key);
		if (field == NULL)
			return refuse_unknown(in, descriptor);
		pfree(key);
		if (seen[field - descriptor->fields])
			return refuse_duplicate(in);
		seen[field - descriptor->fields] = true;

		if (!next(in))
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
				return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION,
							  "another field of the same oneof is set.");
			*which = field->id;
		}
		member = (char *) message + field->offset;
		if (!read_value(in, field, member))
			return false;
	}
	pfree(seen);
	return true;
}

static bool
read_struct(Input *in, Google__Protobuf__Struct *object)
{
	PointerList entries = {0};
	PointerList keys = {0};

	if (in->json.type != JSON_OBJECT)
		return refuse_value(in, "an object");
	in->depth++;				/* an entry is a message too */
	for (;;)
	{
		Google__Protobuf__Struct__FieldsEntry *entry;
		size_t		len;

		if (!next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			break;
		entry = (Google__Protobuf__Struct__FieldsEntry *)
			make_message(&google__protobuf__struct__fields_entry__descriptor);
		if (!count_value(in) || !token_text(in, &entry->key, &len) || !next(in) ||
			!read_message(in, &google__protobuf__value__descriptor, (ProtobufCMessage **) &entry->value))
			return false;
		append_pointer(&entries, entry);
		append_pointer(&keys, entry->key);
	}
	in->depth--;
	if (has_duplicate((const char *const *) keys.items, keys.count))
		return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "a key occurs twice.");
	object->n_fields = entries.count;
	object->fields = (Google__Protobuf__Struct__FieldsEntry **) entries.items;
	return true;
}

static bool
read_list(Input *in, Google__Protobuf__ListValue *list)
{
	PointerList values = {0};

	if (in->json.type != JSON_ARRAY)
		return refuse_value(in, "an array");
	for (;;)
	{
		ProtobufCMessage *value;

		if (!next(in))
			return false;
		if (in->json.type == JSON_ARRAY_END)
			break;
		if (!count_value(in) || !read_message(in, &google__protobuf__value__descriptor, &value))
			return false;
		append_pointer(&values, value);
	}
	list->n_values = values.count;
	list->values = (Google__Protobuf__Value **) values.items;
	return true;
}

static bool
read_json_value(Input *in, Google__Protobuf__Value *value)
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
			return read_double(in, false, &value->number_value);
		case JSON_STRING:
			value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE;
			return token_text(in, &value->string_value, &len);
		case JSON_TRUE:
		case JSON_FALSE:
			value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE;
			value->bool_value = in->json.type == JSON_TRUE;
			return true;
		case JSON_OBJECT:
			value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE;
			return read_message(in, &google__protobuf__struct__descriptor,
								(ProtobufCMessage **) &value->struct_value);
		case JSON_ARRAY:
			value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE;
			return read_message(in, &google__protobuf__list_value__descriptor,
								(ProtobufCMessage **) &value->list_value);
		default:
			return refuse_value(in, "a value");
	}
}

/* a Timestamp or a Duration, which have the same fields */
static bool
read_time(Input *in, MessageForm form, int64_t *seconds, int32_t *nanos)
{
	const char *expected = form == FORM_TIMESTAMP ?
		"an RFC 3339 time of the years 0001 to 9999" : "seconds such as \"1.5s\"";
	char	   *text;
	size_t		len;

	if (in->json.type != JSON_STRING)
		return refuse_value(in, expected);
	if (!token_text(in, &text, &len))
		return false;
	if (form == FORM_TIMESTAMP ? !timestamp_from_text(text, len, seconds, nanos) :
		!duration_from_text(text, len, seconds, nanos))
		return refuse(in, ERRCODE_INVALID_DATETIME_FORMAT, "expected %s, not \"%s\".",
					  expected, quoted_token(in));
	pfree(text);
	return true;
}

static bool
read_form(Input *in, ProtobufCMessage *message)
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
		case FORM_WRAPPER:
			{
				const ProtobufCFieldDescriptor *field = &message->descriptor->fields[0];

				return read_value(in, field, (char *) message + field->offset);
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

				if (!read_any(in, &parts, true))
					return false;
				any->type_url = (char *) parts.type_url;
				any->value.data = (uint8_t *) parts.value;
				any->value.len = parts.value_len;
				return true;
			}
		case FORM_FIELDS:
			if (in->json.type != JSON_OBJECT)
				return refuse_value(in, "an object");
			return read_fields(in, message, false);
	}
	return false;
}

static bool
read_message(Input *in, const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();

	if (++in->depth > WIRE_MAX_DEPTH)
		return refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "messages are nested too deeply.");
	in->values += WIRE_FIELDS_OF_STRUCT(descriptor);
	if (in->values > WIRE_MAX_FIELDS)
		return refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "more than %d fields.", WIRE_MAX_FIELDS);
	*message = make_message(descriptor);
	if (!read_form(in, *message))
		return false;
	in->depth--;
	return true;
}

static bool
pack_message(Input *in, const ProtobufCMessage *message, const char **data, size_t *len)
{
	*len = protobuf_c_message_get_packed_size(message);
	if (*len > WIRE_MAX_LEN)
		return refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "the message is longer than 16 MB.");
	*data = palloc(*len + 1);
	protobuf_c_message_pack(message, (uint8_t *) *data);
	return true;
}

/* a JSON value as it is, with white space and escapes normalized */
static bool
copy_value(Input *in, StringInfo out)
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
					if (!next(in))
						return false;
					if (in->json.type == JSON_ARRAY_END || in->json.type == JSON_OBJECT_END)
						break;
					if (!first)
						appendStringInfoString(out, ", ");
					first = false;
					if (!is_array)
					{
						if (!count_value(in) || !token_text(in, &text, &len))
							return false;
						append_pointer(&keys, text);
						append_json_string(out, text, len, false);
						appendStringInfoString(out, ": ");
						if (!next(in))
							return false;
					}
					if (!copy_value(in, out))
						return false;
				}
				appendStringInfoChar(out, is_array ? ']' : '}');
				if (has_duplicate((const char *const *) keys.items, keys.count))
					return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "a key occurs twice.");
				return true;
			}
		case JSON_STRING:
			if (!token_text(in, &text, &len))
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
keep_members(Input *in, AnyParts *any)
{
	StringInfoData out;
	PointerList keys = {0};
	char	   *key;
	size_t		len;

	initStringInfo(&out);
	for (;;)
	{
		if (!next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			break;
		if (!count_value(in) || !token_text(in, &key, &len) || !next(in))
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
		return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "a key occurs twice.");
	if (out.len > WIRE_MAX_LEN)
		return refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "the fields are longer than 16 MB.");
	any->value = out.data;
	any->value_len = out.len;
	any->is_json = true;
	return true;
}

/* an Any that has nothing but "@type" and one other key */
static bool
read_single_member(Input *in, const ProtobufCMessageDescriptor *type, AnyParts *any, bool is_raw)
{
	for (;;)
	{
		bool		is_type;

		if (!next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			return true;
		is_type = json_token_is(&in->json, "@type");
		if (!next(in))
			return false;
		if (is_type)
			continue;
		if (is_raw)
		{
			uint8_t    *data;

			if (!read_bytes(in, &data, &any->value_len))
				return false;
			if (any->value_len > WIRE_MAX_LEN)
				return refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "the message is longer than 16 MB.");
			any->value = (const char *) data;
		}
		else
		{
			ProtobufCMessage *message;

			if (!read_message(in, type, &message) ||
				!pack_message(in, message, &any->value, &any->value_len))
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
scan_any(Input *in, AnyParts *any, AnyShape *shape)
{
	JsonReader	start = in->json;
	bool		has_type = false;
	char	   *url;

	memset(any, 0, sizeof(*any));
	memset(shape, 0, sizeof(*shape));
	for (;;)
	{
		bool		is_value;

		if (!next(in))
			return false;
		if (in->json.type == JSON_OBJECT_END)
			break;
		if (json_token_is(&in->json, "@type"))
		{
			if (has_type)
				return refuse_duplicate(in);
			has_type = true;
			if (!next(in))
				return false;
			if (in->json.type != JSON_STRING)
				return refuse_value(in, "a type URL in a string");
			if (!token_text(in, &url, &any->type_url_len))
				return false;
			any->type_url = url;
			if (any->type_url_len > TYPE_URL_MAX_LEN)
				return refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "\"@type\" is longer than %d bytes.",
							  TYPE_URL_MAX_LEN);
			if (!type_url_is_valid(url, any->type_url_len))
				return refuse(in, ERRCODE_INVALID_PARAMETER_VALUE, "\"@type\" names no type.");
			continue;
		}
		shape->members++;
		is_value = json_token_is(&in->json, "value");
		shape->has_raw_value |= json_token_is(&in->json, "@value");
		if (!next(in))
			return false;
		if (is_value)
		{
			shape->has_value = true;
			shape->value_is_string = in->json.type == JSON_STRING;
		}
		if (!json_skip(&in->json))
			return refuse_syntax(in);
	}
	in->json = start;
	return true;
}

/*
 * An Any. Only one that is nested may be empty, and only one that is not can
 * keep fields as JSON, since there are no bytes for them.
 */
static bool
read_any(Input *in, AnyParts *any, bool nested)
{
	const ProtobufCMessageDescriptor *type;
	AnyShape	shape;
	bool		in_value;
	int			depth = in->depth;

	if (in->json.type != JSON_OBJECT)
		return refuse_value(in, "an object with \"@type\"");
	if (!scan_any(in, any, &shape))
		return false;
	if (any->type_url == NULL)
	{
		if (!nested || shape.members > 0)
			return refuse(in, ERRCODE_INVALID_PARAMETER_VALUE, "\"@type\" is missing.");
		any->type_url = "";
		return next(in);
	}

	type = find_any_type(in->types, any->type_url, any->type_url_len);
	in_value = type != NULL && message_form(type) != FORM_FIELDS;

	/* the message is packed by itself */
	in->depth = 0;
	if (in_value)
	{
		if (shape.members != 1 || !(shape.has_value || shape.has_raw_value))
			return refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION,
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
			return refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "more than %d fields.", WIRE_MAX_FIELDS);
		message = make_message(type);
		in->depth++;
		if (!read_fields(in, message, true) ||
			!pack_message(in, message, &any->value, &any->value_len))
			return false;
	}
	else if (shape.members == 0)
	{
		/* no bytes: to the brace behind "@type" */
		any->value = "";
		if (!next(in) || !next(in) || !next(in))
			return false;
	}
	else if (nested)
		return refuse(in, ERRCODE_INVALID_PARAMETER_VALUE,
					  "the type \"%s\" is not known, so its fields cannot be serialized.", any->type_url);
	else if (!keep_members(in, any))
		return false;
	in->depth = depth;
	return true;
}

static bool
start_input(Input *in, const char *text, size_t len, const char *type_name, const TypeRegistry *types,
			IdpEscontext *escontext)
{
	memset(in, 0, sizeof(*in));
	json_reader_init(&in->json, text, len);
	in->type_name = type_name;
	in->types = types;
	in->escontext = escontext;
	in->caller = CurrentMemoryContext;
	if (len > PROTOJSON_MAX_LEN)
		return refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "the text is longer than 64 MB.");
	MemoryContextSwitchTo(AllocSetContextCreate(CurrentMemoryContext, "idpsync ProtoJSON",
												ALLOCSET_DEFAULT_SIZES));
	return true;
}

/* deletes what was allocated on the way */
static void
end_input(Input *in)
{
	MemoryContext scratch = MemoryContextSwitchTo(in->caller);

	MemoryContextDelete(scratch);
}

static char *
copy_to_caller(Input *in, const char *data, size_t len)
{
	char	   *copy = MemoryContextAlloc(in->caller, len + 1);

	memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

bool
protojson_read(const char *text, size_t len, const char *type_name,
			   const ProtobufCMessageDescriptor *descriptor, const TypeRegistry *types,
			   char **data, size_t *data_len, IdpEscontext *escontext)
{
	Input		in;
	ProtobufCMessage *message;
	const char *packed = NULL;
	bool		done;

	if (!start_input(&in, text, len, type_name, types, escontext))
		return false;
	done = next(&in) && read_message(&in, descriptor, &message) && next(&in) &&
		pack_message(&in, message, &packed, data_len);
	if (done)
		*data = copy_to_caller(&in, packed, *data_len);
	end_input(&in);
	return done;
}

bool
protojson_read_any(const char *text, size_t len, const char *type_name,
				   const TypeRegistry *types, AnyParts *any, IdpEscontext *escontext)
{
	Input		in;
	bool		done;

	if (!start_input(&in, text, len, type_name, types, escontext))
		return false;
	done = next(&in) && read_any(&in, any, false) && next(&in);
	if (done)
	{
		any->type_url = copy_to_caller(&in, any->type_url, any->type_url_len);
		any->value = copy_to_caller(&in, any->value, any->value_len);
	}
	end_input(&in);
	return done;
}
