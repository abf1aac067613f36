/*
 * protojson.h: ProtoJSON, both directions. Text is UTF-8 in memory here, whatever
 * the server encoding is.
 */
#ifndef IDPSYNC_PROTOJSON_H
#define IDPSYNC_PROTOJSON_H

#include "postgres.h"
#include "lib/stringinfo.h"

#include <protobuf-c/protobuf-c.h>

#include "base/compat.h"
#include "wire/type_registry.h"

/*
 * Longest text that is read. Above what any value is written as: 16 MB take
 * 22 as base64, 48 as \u escapes.
 */
#define PROTOJSON_MAX_LEN ((size_t) 64 * 1024 * 1024)

/* the parts of a google.protobuf.Any */
typedef struct AnyParts
{
	const char *type_url;
	size_t		type_url_len;
	const char *value;			/* bytes, or JSON members */
	size_t		value_len;
	bool		is_json;		/* fields of a type that is not known */
} AnyParts;

/*
 * All of these know the messages that are compiled in, and those of types
 * beside them (NULL: none). What is stored must not depend on a registry.
 */

/*
 * Appends a message's ProtoJSON. False, with out as it was, if no text would
 * read back to exactly these bytes: they are no such message, hold fields that
 * it does not know, or are not written as protobuf writes.
 * Where the server encoding is not UTF-8, the text is ASCII.
 */
extern bool protojson_write(StringInfo out, const ProtobufCMessageDescriptor *message,
							const char *data, size_t len, const TypeRegistry *types);

/*
 * Appends an Any; always reads back to the same parts. A type that is not
 * known, or bytes that protojson_write refuses, are shown as base64: under
 * "value", or under "@value" for types whose own JSON form is under "value".
 */
extern void protojson_write_any(StringInfo out, const AnyParts *any, const TypeRegistry *types);

/*
 * Reads one message. type_name is what errors call the input. False after a
 * soft error. Errors: 22P02 syntax, unknown or repeated fields, with their
 * path; 22003 numbers out of range; 22007 no such time; 54000 too long or too
 * many. *data is palloc'd.
 */
extern bool protojson_read(const char *text, size_t len, const char *type_name,
						   const ProtobufCMessageDescriptor *message, const TypeRegistry *types,
						   char **data, size_t *data_len, IdpEscontext *escontext);

/*
 * Reads an Any. Fields of a type that is not known are kept as JSON: members
 * in the given order, without "@type", white space and escapes normalized.
 * Errors: as above; 22023 "@type" is missing or names nothing.
 */
extern bool protojson_read_any(const char *text, size_t len, const char *type_name,
							   const TypeRegistry *types, AnyParts *any, IdpEscontext *escontext);

/* appends a string in quotes; ascii: with \u escapes for everything else */
extern void append_json_string(StringInfo out, const char *string, size_t len, bool ascii);

/* appends one UTF-8 character as \u escapes; returns its length */
extern int	append_json_escape(StringInfo out, const char *character);

/* are two of these equal? */
extern bool has_duplicate(const char *const *strings, size_t count);

#endif
