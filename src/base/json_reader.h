/*
 * json_reader.h: a pull parser for JSON, pure C.
 *
 * Reads UTF-8 (or any ASCII-safe encoding) from a buffer that stays the
 * caller's, allocates nothing, calls no server function, bounds the nesting,
 * and knows at every moment the path it stands at.
 */
#ifndef IDPSYNC_JSON_READER_H
#define IDPSYNC_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_MAX_DEPTH 64

typedef enum JsonToken
{
	JSON_ERROR,					/* see error and offset; stays so */
	JSON_END,					/* the document is over */
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_KEY,					/* a key; its value's token comes next */
	JSON_OBJECT,				/* { */
	JSON_OBJECT_END,
	JSON_ARRAY,					/* [ */
	JSON_ARRAY_END
} JsonToken;

/* what the grammar allows next */
enum
{
	JSON_WANT_VALUE,
	JSON_WANT_VALUE_OR_END,			/* just behind [ */
	JSON_WANT_KEY,
	JSON_WANT_KEY_OR_END,			/* just behind { */
	JSON_WANT_COMMA_OR_END,
	JSON_WANT_NOTHING				/* the document is over */
};

typedef struct JsonLevel
{
	bool		is_array;
	const char *key;			/* object: key of the current member, raw */
	size_t		key_len;
	uint64_t	index;			/* array: index of the current element */
} JsonLevel;

typedef struct JsonReader
{
	const char *start;
	const char *cur;
	const char *end;

	JsonToken	type;			/* the current token */
	const char *token;			/* its text; strings and keys without quotes */
	size_t		token_len;
	bool		escaped;		/* string or key holds a backslash */

	int			depth;
	int			state;			/* what the grammar allows next: JSON_WANT_... */
	JsonLevel	level[JSON_MAX_DEPTH];

	const char *error;			/* constant text, NULL while all is well */
	size_t		offset;			/* byte the error was seen at */
} JsonReader;

extern void json_reader_init(JsonReader *r, const char *text, size_t len);

/* the next token */
extern JsonToken json_next(JsonReader *r);

/*
 * Skips the value whose first token is the current one; afterwards the
 * current token is the value's last one. False on error.
 */
extern bool json_skip(JsonReader *r);

/*
 * Writes the current string or key without its escapes to out, which must
 * have room for token_len bytes. Returns the length, or -1 for an escape that
 * stands for no character (then error is set). Escapes become UTF-8; \u0000
 * is refused.
 */
extern long json_unescape(JsonReader *r, char *out);

/* does the current string or key equal this (escapes allowed)? */
extern bool json_token_is(JsonReader *r, const char *text);

typedef enum JsonIntegerResult
{
	JSON_INTEGER_OK,
	JSON_INTEGER_NOT_A_NUMBER,	/* not a number nor a string of one */
	JSON_INTEGER_FRACTION,		/* has a fractional part */
	JSON_INTEGER_RANGE			/* outside int64 */
} JsonIntegerResult;

/*
 * Reads the current number, or string of a number, as int64; 1.0 and 1e2 are
 * integers, as ProtoJSON has it.
 */
extern JsonIntegerResult json_integer(const JsonReader *r, int64_t *value);

/*
 * The path of the current value as JSONPath, "$[0].change_info[2].failed",
 * NUL-terminated and cut to size. Returns out.
 */
extern char *json_path(const JsonReader *r, char *out, size_t size);

#endif
