/*
 * type_registry.c: messages that are known by registered descriptors.
 *
 * protobuf-c works on descriptors that protoc-c compiles. Here the same structs
 * are built at run time, so that one reader and writer serve both kinds.
 */
#include "wire/type_registry.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "google/protobuf/descriptor.pb-c.h"

#include "base/compat.h"
#include "wire/json_keys.h"
#include "wire/message_types.h"
#include "wire/message_unpack.h"

typedef Google__Protobuf__FileDescriptorProto FileProto;
typedef Google__Protobuf__DescriptorProto MessageProto;
typedef Google__Protobuf__FieldDescriptorProto FieldProto;
typedef Google__Protobuf__EnumDescriptorProto EnumProto;

#define LABEL_SINGULAR 1
#define LABEL_REPEATED 3
#define TYPE_MESSAGE 11
#define TYPE_ENUM 14
#define MAX_FIELD_NUMBER 536870911

/* room for any member, and for what says how many or which it is */
#define MEMBER_SIZE 16
#define QUANTIFIER_SIZE 8

StaticAssertDecl(sizeof(ProtobufCBinaryData) <= MEMBER_SIZE, "a member holds a bytes field");
StaticAssertDecl(sizeof(size_t) <= QUANTIFIER_SIZE, "a quantifier holds a count");

typedef struct RegisteredType
{
	const char *name;			/* full name, no dot in front */
	const MessageProto *message;	/* one of the three */
	const EnumProto *enumeration;
	const char *left_out_with;	/* the file it is in, which is not proto3 */
	bool		is_compiled_in; /* descriptor is not ours to fill */
	const void *descriptor;
} RegisteredType;

struct TypeRegistry
{
	int			n;
	int			messages;
	RegisteredType *types;		/* sorted by name */
};

/* the numbers of FieldDescriptorProto.Type; groups are not among them */
static const struct
{
	bool		is_type;
	ProtobufCType type;
}			field_types[] = {
	[1] = {true, PROTOBUF_C_TYPE_DOUBLE},
	[2] = {true, PROTOBUF_C_TYPE_FLOAT},
	[3] = {true, PROTOBUF_C_TYPE_INT64},
	[4] = {true, PROTOBUF_C_TYPE_UINT64},
	[5] = {true, PROTOBUF_C_TYPE_INT32},
	[6] = {true, PROTOBUF_C_TYPE_FIXED64},
	[7] = {true, PROTOBUF_C_TYPE_FIXED32},
	[8] = {true, PROTOBUF_C_TYPE_BOOL},
	[9] = {true, PROTOBUF_C_TYPE_STRING},
	[TYPE_MESSAGE] = {true, PROTOBUF_C_TYPE_MESSAGE},
	[12] = {true, PROTOBUF_C_TYPE_BYTES},
	[13] = {true, PROTOBUF_C_TYPE_UINT32},
	[TYPE_ENUM] = {true, PROTOBUF_C_TYPE_ENUM},
	[15] = {true, PROTOBUF_C_TYPE_SFIXED32},
	[16] = {true, PROTOBUF_C_TYPE_SFIXED64},
	[17] = {true, PROTOBUF_C_TYPE_SINT32},
	[18] = {true, PROTOBUF_C_TYPE_SINT64},
};

/* its address marks the entries of maps */
static char map_entry_mark;

/* ERROR at this name; descriptors are in UTF-8 */
pg_noreturn static void
refuse_as(int sqlstate, const char *message, const char *name, const char *problem)
{
	char	   *detail = psprintf("At %s: %s.", name, problem);

	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("%s", message),
			 errdetail_internal("%s", pg_any_to_server(detail, strlen(detail), PG_UTF8))));
}

/* ERROR: what is described under this name is no type */
pg_noreturn static void
refuse(const char *name, const char *problem)
{
	refuse_as(ERRCODE_INVALID_PARAMETER_VALUE, "invalid descriptors", name, problem);
}

/* a letter or underscore, then these and digits: what protoc takes, and JSON needs no escapes for */
static bool
is_identifier(const char *name)
{
	if (name == NULL || !(isalpha((unsigned char) name[0]) || name[0] == '_'))
		return false;
	for (const char *p = name; *p; p++)
	{
		if (IS_HIGHBIT_SET(*p) || !(isalnum((unsigned char) *p) || *p == '_'))
			return false;
	}
	return true;
}

/* a name behind that of what it is in */
static const char *
full_name(const char *scope, const char *name)
{
	if (!is_identifier(name))
		refuse(scope[0] ? scope : "file", "a name is missing, or no identifier");
	return scope[0] ? psprintf("%s.%s", scope, name) : pstrdup(name);
}

static void
add_type(TypeRegistry *types, const char *name, const MessageProto *message, const EnumProto *enumeration)
{
	RegisteredType *type;

	if (types->n == REGISTRY_MAX_TYPES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many registered types"),
				 errdetail("At most %d messages and enums are kept.", REGISTRY_MAX_TYPES)));
	type = &types->types[types->n++];
	memset(type, 0, sizeof(*type));
	type->name = name;
	type->message = message;
	type->enumeration = enumeration;
	if (enumeration != NULL)
		type->descriptor = palloc0(sizeof(ProtobufCEnumDescriptor));
	else if (message != NULL)
	{
		type->descriptor = find_message_type(name, strlen(name));
		type->is_compiled_in = type->descriptor != NULL;
		if (!type->is_compiled_in)
			type->descriptor = palloc0(sizeof(ProtobufCMessageDescriptor));
		types->messages++;
	}
}

static void
add_message(TypeRegistry *types, const char *scope, const MessageProto *message)
{
	const char *name = full_name(scope, message->name);

	check_stack_depth();
	add_type(types, name, message, NULL);
	for (size_t i = 0; i < message->n_nested_type; i++)
		add_message(types, name, message->nested_type[i]);
	for (size_t i = 0; i < message->n_enum_type; i++)
		add_type(types, full_name(name, message->enum_type[i]->name), NULL, message->enum_type[i]);
}

/* ERROR where the bytes are no such message */
static const void *
unpack(const ProtobufCMessageDescriptor *descriptor, const char *data, size_t len)
{
	WireResult	result;
	const void *message = unpack_message(descriptor, data, len, &result);

	if (message == NULL)
		ereport(ERROR,
				(errcode(result == WIRE_BAD_STRING ? ERRCODE_CHARACTER_NOT_IN_REPERTOIRE :
						 ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid descriptors"),
				 errdetail("The message is malformed: %s.", wire_result_text(result))));
	return message;
}

static const FileProto *
unpack_file(const DescriptorFile *file)
{
	return unpack(&google__protobuf__file_descriptor_proto__descriptor, file->data, file->len);
}

int
read_descriptor_set(const char *data, size_t len, DescriptorFile **files)
{
	const Google__Protobuf__FileDescriptorSet *set =
		unpack(&google__protobuf__file_descriptor_set__descriptor, data, len);

	*files = palloc(sizeof(DescriptorFile) * (set->n_file + 1));
	for (size_t i = 0; i < set->n_file; i++)
	{
		(*files)[i].data = (const char *) set->file[i].data;
		(*files)[i].len = set->file[i].len;
	}
	return (int) set->n_file;
}

static bool
is_proto3(const FileProto *file)
{
	return file->syntax != NULL && strcmp(file->syntax, "proto3") == 0;
}

const char *
descriptor_file_name(const DescriptorFile *bytes, bool *is_left_out)
{
	const FileProto *file = unpack_file(bytes);

	if (file->name == NULL || file->name[0] == '\0')
		refuse("file", "it has no name");
	*is_left_out = !is_proto3(file);
	return file->name;
}

/* names the types of a file */
static void
add_file(TypeRegistry *types, const DescriptorFile *bytes)
{
	const FileProto *file = unpack_file(bytes);
	const char *scope = file->package ? file->package : "";
	int			first = types->n;
	int			messages = types->messages;

	for (size_t i = 0; i < file->n_message_type; i++)
		add_message(types, scope, file->message_type[i]);
	for (size_t i = 0; i < file->n_enum_type; i++)
		add_type(types, full_name(scope, file->enum_type[i]->name), NULL, file->enum_type[i]);
	if (is_proto3(file))
		return;

	/* only their names are kept, to tell who refers to them */
	types->messages = messages;
	for (int i = first; i < types->n; i++)
		types->types[i] = (RegisteredType) {.name = types->types[i].name, .left_out_with = file->name};
}

static int
compare_types(const void *a, const void *b)
{
	return strcmp(((const RegisteredType *) a)->name, ((const RegisteredType *) b)->name);
}

static const RegisteredType *
find_type(const TypeRegistry *types, const char *name)
{
	RegisteredType key = {.name = name};

	return bsearch(&key, types->types, types->n, sizeof(RegisteredType), compare_types);
}

static const char *
short_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

static int
compare_values(const void *a, const void *b)
{
	int			x = ((const ProtobufCEnumValue *) a)->value;
	int			y = ((const ProtobufCEnumValue *) b)->value;

	return (x > y) - (x < y);
}

static int
compare_value_names(const void *a, const void *b)
{
	return strcmp(((const ProtobufCEnumValueIndex *) a)->name, ((const ProtobufCEnumValueIndex *) b)->name);
}

static void
fill_enum(const RegisteredType *type, ProtobufCEnumDescriptor *descriptor)
{
	const EnumProto *proto = type->enumeration;
	size_t		n = proto->n_value;
	ProtobufCEnumValue *values = palloc0(sizeof(ProtobufCEnumValue) * (n + 1));
	ProtobufCEnumValueIndex *names = palloc0(sizeof(ProtobufCEnumValueIndex) * (n + 1));
	ProtobufCIntRange *ranges = palloc0(sizeof(ProtobufCIntRange) * (n + 1));
	unsigned	distinct = 0;

	if (n == 0 || n > REGISTRY_MAX_VALUES)
		refuse(type->name, "it has no values, or too many");
	for (size_t i = 0; i < n; i++)
	{
		const char *name = proto->value[i]->name;

		if (!is_identifier(name))
			refuse(type->name, "a value has no name, or one that is no identifier");
		values[i].name = values[i].c_name = name;
		values[i].value = proto->value[i]->number;
	}
	/* two names of one number: which is shown does not matter, as long as it is one of them */
	qsort(values, n, sizeof(*values), compare_values);
	for (size_t i = 0; i < n; i++)
	{
		names[i].name = values[i].name;
		if (distinct == 0 || values[distinct - 1].value != values[i].value)
			values[distinct++] = values[i];
		names[i].index = distinct - 1;
	}
	qsort(names, n, sizeof(*names), compare_value_names);
	for (unsigned i = 0; i < distinct; i++)
	{
		ranges[i].start_value = values[i].value;
		ranges[i].orig_index = i;
	}
	ranges[distinct].orig_index = distinct;

	descriptor->magic = PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC;
	descriptor->name = type->name;
	descriptor->short_name = descriptor->c_name = short_name(type->name);
	descriptor->package_name = "";
	descriptor->n_values = distinct;
	descriptor->values = values;
	descriptor->n_value_names = n;
	descriptor->values_by_name = names;
	descriptor->n_value_ranges = distinct;
	descriptor->value_ranges = ranges;
}

/* the descriptor of a field's message or enum */
static const void *
resolve(const TypeRegistry *types, const char *where, const FieldProto *proto)
{
	const char *name = proto->type_name ? proto->type_name : "";
	const RegisteredType *type;

	if (name[0] == '.')
		name++;
	type = find_type(types, name);
	if (type != NULL && type->left_out_with == NULL && (type->message != NULL) == (proto->type == TYPE_MESSAGE))
		return type->descriptor;
	if (proto->type == TYPE_MESSAGE && find_message_type(name, strlen(name)) != NULL)
		return find_message_type(name, strlen(name));
	if (type != NULL && type->left_out_with != NULL)
		refuse_as(ERRCODE_FEATURE_NOT_SUPPORTED, "only descriptors of proto3 are supported", where,
				  psprintf("its type \"%s\" is in file \"%s\", which is not proto3", name, type->left_out_with));
	refuse(where, psprintf("no file describes %s \"%s\"", proto->type == TYPE_MESSAGE ? "a message" : "an enum", name));
}

static ProtobufCFieldDescriptor
make_field(const TypeRegistry *types, const RegisteredType *type, const FieldProto *proto)
{
	ProtobufCFieldDescriptor field = {0};
	const char *where = full_name(type->name, proto->name);

	if (proto->number < 1 || proto->number > MAX_FIELD_NUMBER)
		refuse(where, "its number is out of range");
	if (proto->type < 0 || proto->type >= lengthof(field_types) || !field_types[proto->type].is_type)
		refuse(where, "it has no type of proto3");
	if (proto->label != LABEL_SINGULAR && proto->label != LABEL_REPEATED)
		refuse(where, "it has no label of proto3");
	field.name = proto->name;
	if (proto->json_name != NULL)
	{
		/* an Any has keys of its own that begin so */
		if (proto->json_name[0] == '\0' || proto->json_name[0] == '@')
			refuse(where, "its JSON name is empty or begins with @");
		set_json_name(&field, proto->json_name);
	}
	field.id = proto->number;
	field.type = field_types[proto->type].type;
	field.label = proto->label == LABEL_REPEATED ? PROTOBUF_C_LABEL_REPEATED : PROTOBUF_C_LABEL_NONE;
	if (proto->type == TYPE_MESSAGE || proto->type == TYPE_ENUM)
		field.descriptor = resolve(types, where, proto);
	if (proto->has_oneof_index)
	{
		if (proto->oneof_index < 0 || proto->oneof_index >= type->message->n_oneof_decl ||
			field.label == PROTOBUF_C_LABEL_REPEATED)
			refuse(where, "it is in no oneof of its message");
		field.flags |= PROTOBUF_C_FIELD_FLAG_ONEOF;
	}
	else if (field.label == PROTOBUF_C_LABEL_NONE && field.type == PROTOBUF_C_TYPE_STRING)
		field.default_value = protobuf_c_empty_string;
	if (field.label == PROTOBUF_C_LABEL_REPEATED && field.type != PROTOBUF_C_TYPE_STRING &&
		field.type != PROTOBUF_C_TYPE_BYTES && field.type != PROTOBUF_C_TYPE_MESSAGE &&
		!(proto->options && proto->options->has_packed && !proto->options->packed))
		field.flags |= PROTOBUF_C_FIELD_FLAG_PACKED;
	return field;
}

static int
compare_fields(const void *a, const void *b)
{
	uint32_t	x = ((const ProtobufCFieldDescriptor *) a)->id;
	uint32_t	y = ((const ProtobufCFieldDescriptor *) b)->id;

	return (x > y) - (x < y);
}

/* the fields of a message with their places in its struct */
static void
fill_message(const TypeRegistry *types, const RegisteredType *type, ProtobufCMessageDescriptor *descriptor)
{
	const MessageProto *proto = type->message;
	size_t		n = proto->n_field;
	ProtobufCFieldDescriptor *fields = palloc0(sizeof(ProtobufCFieldDescriptor) * (n + 1));
	ProtobufCIntRange *ranges = palloc0(sizeof(ProtobufCIntRange) * (n + 1));
	unsigned   *by_name = palloc0(sizeof(unsigned) * (n + 1));
	const char *key;
	size_t		oneofs = MAXALIGN(sizeof(ProtobufCMessage));
	size_t		others = oneofs + proto->n_oneof_decl * (QUANTIFIER_SIZE + MEMBER_SIZE);

	if (n > REGISTRY_MAX_FIELDS || proto->n_oneof_decl > REGISTRY_MAX_FIELDS)
		refuse(type->name, "it has too many fields");
	for (size_t i = 0; i < n; i++)
	{
		const FieldProto *field = proto->field[i];
		size_t		place;

		fields[i] = make_field(types, type, field);
		/* the fields of a oneof share a place, and the number that says which one is there */
		if (field->has_oneof_index)
			place = oneofs + field->oneof_index * (QUANTIFIER_SIZE + MEMBER_SIZE);
		else
			place = others + i * (QUANTIFIER_SIZE + MEMBER_SIZE);
		if (field->has_oneof_index || fields[i].label == PROTOBUF_C_LABEL_REPEATED)
			fields[i].quantifier_offset = place;
		fields[i].offset = place + QUANTIFIER_SIZE;
	}
	qsort(fields, n, sizeof(*fields), compare_fields);
	for (size_t i = 0; i < n; i++)
	{
		if (i > 0 && fields[i].id == fields[i - 1].id)
			refuse(type->name, "two fields have one number");
		ranges[i].start_value = fields[i].id;
		ranges[i].orig_index = i;
		by_name[i] = i;
	}
	ranges[n].orig_index = n;

	descriptor->magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC;
	descriptor->name = type->name;
	descriptor->short_name = descriptor->c_name = short_name(type->name);
	descriptor->package_name = "";
	descriptor->sizeof_message = others + n * (QUANTIFIER_SIZE + MEMBER_SIZE);
	descriptor->n_fields = n;
	descriptor->fields = fields;
	descriptor->fields_sorted_by_name = by_name;	/* never looked at */
	descriptor->n_field_ranges = n;
	descriptor->field_ranges = ranges;
	key = index_json_keys(descriptor);
	if (key != NULL)
		refuse(type->name, psprintf("two fields are called \"%s\" in JSON", key));
	if (proto->options && proto->options->map_entry)
	{
		if (n != 2 || fields[0].id != 1 || fields[1].id != 2 || proto->n_oneof_decl > 0 ||
			fields[0].label == PROTOBUF_C_LABEL_REPEATED || fields[1].label == PROTOBUF_C_LABEL_REPEATED ||
			fields[0].type == PROTOBUF_C_TYPE_MESSAGE || fields[0].type == PROTOBUF_C_TYPE_ENUM ||
			fields[0].type == PROTOBUF_C_TYPE_BYTES || fields[0].type == PROTOBUF_C_TYPE_FLOAT ||
			fields[0].type == PROTOBUF_C_TYPE_DOUBLE)
			refuse(type->name, "it is no entry of a map");
		descriptor->reserved1 = &map_entry_mark;
	}
}

TypeRegistry *
build_type_registry(const DescriptorFile *files, int n)
{
	TypeRegistry *types = palloc0(sizeof(TypeRegistry));

	types->types = palloc(sizeof(RegisteredType) * REGISTRY_MAX_TYPES);
	for (int i = 0; i < n; i++)
		add_file(types, &files[i]);
	types->types = repalloc(types->types, sizeof(RegisteredType) * (types->n + 1));
	qsort(types->types, types->n, sizeof(RegisteredType), compare_types);
	for (int i = 1; i < types->n; i++)
	{
		if (compare_types(&types->types[i - 1], &types->types[i]) == 0)
			refuse(types->types[i].name, "it is described twice");
	}
	for (int i = 0; i < types->n; i++)
	{
		const RegisteredType *type = &types->types[i];

		CHECK_FOR_INTERRUPTS();
		if (type->enumeration)
			fill_enum(type, (ProtobufCEnumDescriptor *) type->descriptor);
		else if (type->message && !type->is_compiled_in)
			fill_message(types, type, (ProtobufCMessageDescriptor *) type->descriptor);
	}
	return types;
}

int
registered_messages(const TypeRegistry *types)
{
	return types->messages;
}

const ProtobufCMessageDescriptor *
find_any_type(const TypeRegistry *types, const char *url, size_t len)
{
	const ProtobufCMessageDescriptor *compiled_in = find_type_url(url, len);
	const RegisteredType *type;
	char	   *name;

	if (compiled_in != NULL || types == NULL)
		return compiled_in;
	name = pnstrdup(url, len);
	type = find_type(types, strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
	pfree(name);
	return type != NULL && type->message != NULL ? type->descriptor : NULL;
}

bool
is_map_entry(const ProtobufCMessageDescriptor *message)
{
	return message->reserved1 == &map_entry_mark;
}

ProtobufCMessage *
make_message(const ProtobufCMessageDescriptor *descriptor)
{
	ProtobufCMessage *message = palloc(descriptor->sizeof_message);

	if (descriptor->message_init != NULL)
	{
		protobuf_c_message_init(descriptor, message);
		return message;
	}
	memset(message, 0, descriptor->sizeof_message);
	message->descriptor = descriptor;
	for (unsigned i = 0; i < descriptor->n_fields; i++)
	{
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];

		if (field->default_value != NULL)
			*(const void **) ((char *) message + field->offset) = field->default_value;
	}
	return message;
}
