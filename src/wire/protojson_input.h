/*
 * protojson_input.h: ProtoJSON as it is read, shared by the protojson_read
 * files only.
 *
 * Each function that reads a value starts with the value's first token current
 * and leaves its last one current; false means that an error was reported
 * softly.
 */
#ifndef IDPSYNC_PROTOJSON_INPUT_H
#define IDPSYNC_PROTOJSON_INPUT_H

#include "wire/protojson.h"

#include "base/json_reader.h"

typedef struct JsonInput
{
	JsonReader	json;
	const char *type_name;		/* what errors call it */
	const TypeRegistry *types;	/* known beside those compiled in, or NULL */
	IdpEscontext *escontext;
	MemoryContext caller;		/* errors are reported there, scratch is deleted */
	int			depth;			/* of messages in messages, as wire_check counts */
	int			values;			/* fields and elements so far */
} JsonInput;

/* a growing array of pointers */
typedef struct PointerList
{
	void	  **items;
	size_t		count;
	size_t		allocated;
} PointerList;

extern void append_pointer(PointerList *list, void *item);

/* begins in a context for scratch, which the end deletes; what is to be kept is copied to the caller's */
extern bool input_start(JsonInput *in, const char *text, size_t len, const char *type_name,
						const TypeRegistry *types, IdpEscontext *escontext);
extern char *input_keep(JsonInput *in, const char *data, size_t len);
extern void input_end(JsonInput *in);

/* the next token */
extern bool input_next(JsonInput *in);

/* counts a field or element; false beyond the limit */
extern bool input_count(JsonInput *in);

/* these report an error at the current place, and are always false */
extern bool input_refuse(JsonInput *in, int sqlstate, const char *format,...) pg_attribute_printf(3, 4);
extern bool input_refuse_syntax(JsonInput *in);
extern bool input_refuse_value(JsonInput *in, const char *expected);
extern bool input_refuse_duplicate(JsonInput *in);

/* the current token as an error may quote it */
extern char *input_quoted(JsonInput *in);

/* the current string or key without escapes, NUL-terminated */
extern bool input_text(JsonInput *in, char **text, size_t *len);

/* single values */
extern bool input_integer(JsonInput *in, int64 min, int64 max, int64 *value);
extern bool input_uint64(JsonInput *in, uint64 *value);
extern bool input_double(JsonInput *in, bool single, double *value);
extern bool input_bytes(JsonInput *in, uint8_t **data, size_t *len);
extern bool input_enum(JsonInput *in, const ProtobufCEnumDescriptor *descriptor, int32_t *number);

/* one value of a field, not null, into the struct's member */
extern bool input_value(JsonInput *in, const ProtobufCFieldDescriptor *field, void *member);

/* the members of an object, behind its opening brace; in_any: "@type" is none of them */
extern bool input_fields(JsonInput *in, ProtobufCMessage *message, bool in_any);

extern bool input_message(JsonInput *in, const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message);

/*
 * An Any. Only one that is nested may be empty, and only one that is not can
 * keep fields as JSON, since there are no bytes for them.
 */
extern bool input_any(JsonInput *in, AnyParts *any, bool nested);

/* the bytes of a message, refused where they are too long */
extern bool input_pack(JsonInput *in, const ProtobufCMessage *message, const char **data, size_t *len);

#endif
