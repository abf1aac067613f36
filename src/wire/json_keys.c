/*
 * json_keys.c: the keys that ProtoJSON gives the fields of a message.
 *
 * protobuf-c's descriptors have no JSON names, but members that are left to
 * their owner: there a field keeps its JSON name, and a message its sorted keys.
 * In those that are compiled in they are NULL.
 */
#include "wire/json_keys.h"

typedef struct JsonKey
{
	const char *key;
	const ProtobufCFieldDescriptor *field;
} JsonKey;

typedef struct JsonKeys
{
	int			n;
	JsonKey		keys[FLEXIBLE_ARRAY_MEMBER];
} JsonKeys;

/* is this key the name in lowerCamelCase? */
static bool
is_camel_case_of(const char *key, const char *name)
{
	bool		upper = false;

	for (; *name; name++)
	{
		if (*name == '_')
		{
			upper = true;
			continue;
		}
		if (*key++ != (upper ? (char) pg_ascii_toupper((unsigned char) *name) : *name))
			return false;
		upper = false;
	}
	return *key == '\0';
}

static char *
camel_case_of(const char *name)
{
	char	   *key = palloc(strlen(name) + 1);
	char	   *end = key;
	bool		upper = false;

	for (; *name; name++)
	{
		if (*name != '_')
			*end++ = upper ? (char) pg_ascii_toupper((unsigned char) *name) : *name;
		upper = *name == '_';
	}
	*end = '\0';
	return key;
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(((const JsonKey *) a)->key, ((const JsonKey *) b)->key);
}

const ProtobufCFieldDescriptor *
field_of_key(const ProtobufCMessageDescriptor *message, const char *key)
{
	const JsonKeys *sorted = message->reserved2;

	if (sorted != NULL)
	{
		JsonKey		wanted = {.key = key};
		const JsonKey *found = bsearch(&wanted, sorted->keys, sorted->n, sizeof(JsonKey), compare_keys);

		return found ? found->field : NULL;
	}
	for (unsigned i = 0; i < message->n_fields; i++)
	{
		const char *name = message->fields[i].name;

		/* both begin alike, mostly in vain */
		if (*key != *name && *name != '_')
			continue;
		if (strcmp(key, name) == 0 || is_camel_case_of(key, name))
			return &message->fields[i];
	}
	return NULL;
}

const char *
own_json_name(const ProtobufCFieldDescriptor *field)
{
	return field->reserved2;
}

void
set_json_name(ProtobufCFieldDescriptor *field, const char *json_name)
{
	if (!is_camel_case_of(json_name, field->name))
		field->reserved2 = unconstify(char *, json_name);
}

const char *
index_json_keys(ProtobufCMessageDescriptor *message)
{
	JsonKeys   *sorted = palloc(offsetof(JsonKeys, keys) + sizeof(JsonKey) * 2 * (message->n_fields + 1));

	sorted->n = 0;
	for (unsigned i = 0; i < message->n_fields; i++)
	{
		const ProtobufCFieldDescriptor *field = &message->fields[i];
		const char *json_name = own_json_name(field) ? own_json_name(field) : camel_case_of(field->name);

		sorted->keys[sorted->n++] = (JsonKey) {field->name, field};
		if (strcmp(json_name, field->name) != 0)
			sorted->keys[sorted->n++] = (JsonKey) {json_name, field};
	}
	qsort(sorted->keys, sorted->n, sizeof(JsonKey), compare_keys);
	for (int i = 1; i < sorted->n; i++)
	{
		if (compare_keys(&sorted->keys[i - 1], &sorted->keys[i]) == 0)
			return sorted->keys[i].key;
	}
	message->reserved2 = sorted;
	return NULL;
}

bool
has_value_field(const ProtobufCMessageDescriptor *message)
{
	return field_of_key(message, "value") != NULL;
}
