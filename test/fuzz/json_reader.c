/*
 * json_reader.c: the parser of JSON, held to PostgreSQL's own.
 */
#include "server.h"

#include "common/jsonapi.h"

#include "base/json_reader.h"
#include "wire/wire_check.h"

/* is this JSON to PostgreSQL? It bounds no nesting, and takes every escape of the form \uXXXX */
static bool
is_json(const char *text, size_t len)
{
#if PG_VERSION_NUM >= 170000
	JsonLexContext *lex = makeJsonLexContextCstringLen(NULL, text, len, PG_UTF8, false);
#else
	JsonLexContext *lex = makeJsonLexContextCstringLen((char *) text, (int) len, PG_UTF8, false);
#endif

	return pg_parse_json(lex, &nullSemAction) == JSON_SUCCESS;
}

/* what the reader says of the current token */
static void
check_token(const JsonReader *r, size_t size)
{
	size_t		path_size = 2 + (size_t) (r->token_len % 90);
	char	   *path = malloc(path_size);
	int64_t		value;

	HOLDS(r->token >= r->start && r->token + r->token_len <= r->end);
	HOLDS(r->depth >= 0 && r->depth <= JSON_MAX_DEPTH);
	HOLDS(strlen(json_path(r, path, path_size)) < path_size && path[0] == '$');
	free(path);

	if (r->type == JSON_STRING || r->type == JSON_KEY)
	{
		JsonReader	copy = *r;
		char	   *text = malloc(r->token_len);
		long		len = json_unescape(&copy, text);

		HOLDS(len <= (long) r->token_len);
		/* \u0000 and halves of a pair stand for no character */
		HOLDS(len >= 0 || (r->escaped && copy.error != NULL && copy.offset < size));
		HOLDS(len < 0 || memchr(r->token, '\0', r->token_len) || utf8_is_valid((uint8_t *) text, (size_t) len));
		free(text);
	}
	if (json_integer(r, &value) == JSON_INTEGER_OK && r->type == JSON_NUMBER && r->token_len < 19 &&
		strspn(r->token, "-0123456789") >= r->token_len)
		HOLDS(strtoll(r->token, NULL, 10) == value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* with a NUL behind it, for strtoll */
	char	   *text = malloc(size + 1);
	JsonReader	r;
	JsonReader	skipping;
	bool		read;

	text[size] = '\0';
	memcpy(text, data, size);
	json_reader_init(&r, (const char *) data, size);
	while (json_next(&r) != JSON_END && r.type != JSON_ERROR)
		continue;

	/* texts come in a valid encoding */
	if (utf8_is_valid(data, size))
	{
		json_reader_init(&r, text, size);
		while (json_next(&r) != JSON_END && r.type != JSON_ERROR)
			check_token(&r, size);
		read = r.type == JSON_END;
		HOLDS(read ? r.error == NULL : r.error != NULL && r.offset <= size);
		HOLDS(read == is_json(text, size) || (!read && strstr(r.error, "nested too deeply")));
		if (!read)
			HOLDS(json_next(&r) == JSON_ERROR);

		json_reader_init(&skipping, (const char *) data, size);
		json_next(&skipping);
		HOLDS((json_skip(&skipping) && json_next(&skipping) == JSON_END) == read);
	}
	free(text);
	forget_all();
	return 0;
}
