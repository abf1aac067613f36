/*
 * json_ahead.h: what documents mostly say next, read in less time than tokens take.
 *
 * The reader stands behind what was there as expected, else where it stood.
 */
#ifndef IDPSYNC_JSON_AHEAD_H
#define IDPSYNC_JSON_AHEAD_H

#include <string.h>

#include "base/json_reader.h"

/* keys are constants, and compared as such */
#define AHEAD static inline __attribute__((always_inline))

AHEAD const char *
json_behind_space(const char *p, const char *end)
{
	while (p < end && *p <= ' ' && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* where the next token is this key, without escapes, it becomes the current one */
AHEAD bool
json_take_key(JsonReader *r, const char *key)
{
	size_t		len = strlen(key);
	JsonLevel  *level = &r->level[r->depth - 1];
	const char *end = r->end;
	const char *p = json_behind_space(r->cur, end);
	const char *token;
	bool		follows = r->state == JSON_WANT_COMMA_OR_END && !level->is_array;

	if (follows)
	{
		if (p == end || *p != ',')
			return false;
		p = json_behind_space(p + 1, end);
	}
	else if (r->state != JSON_WANT_KEY_OR_END)
		return false;

	if ((size_t) (end - p) < len + 2 || p[0] != '"' || p[len + 1] != '"' || memcmp(p + 1, key, len) != 0)
		return false;
	token = p + 1;
	p = json_behind_space(token + len + 1, end);
	if (p == end || *p != ':')
		return false;

	level->key = r->token = token;
	level->key_len = r->token_len = len;
	level->index += follows;
	r->escaped = false;
	r->cur = p + 1;
	r->state = JSON_WANT_VALUE;
	r->type = JSON_KEY;
	return true;
}

/* where a key's value is an object, steps into it */
AHEAD bool
json_take_object(JsonReader *r)
{
	const char *p = json_behind_space(r->cur, r->end);

	if (p == r->end || *p != '{' || r->depth == JSON_MAX_DEPTH)
		return false;
	r->level[r->depth++] = (JsonLevel) {0};
	r->token = p;
	r->token_len = 1;
	r->cur = p + 1;
	r->state = JSON_WANT_KEY_OR_END;
	r->type = JSON_OBJECT;
	return true;
}

/* where the current object, not the outermost, has no more members, steps out of it */
AHEAD bool
json_take_object_end(JsonReader *r)
{
	const char *p = json_behind_space(r->cur, r->end);

	if (p == r->end || *p != '}' || r->depth == 1 ||
		(r->state != JSON_WANT_COMMA_OR_END && r->state != JSON_WANT_KEY_OR_END) || r->level[r->depth - 1].is_array)
		return false;
	r->depth--;
	r->token = p;
	r->token_len = 1;
	r->cur = p + 1;
	r->state = JSON_WANT_COMMA_OR_END;
	r->type = JSON_OBJECT_END;
	return true;
}

/* where a key's value is digits and nothing else, up to 18, it is read and becomes the current token */
AHEAD bool
json_take_natural(JsonReader *r, int64_t *value)
{
	const char *end = r->end;
	const char *digits = json_behind_space(r->cur, end);
	const char *p = digits;
	int64_t		sum = 0;

	while (p < end && p - digits < 18 && *p >= '0' && *p <= '9')
		sum = sum * 10 + (*p++ - '0');
	if (p == end || !(*p == ',' || *p == '}' || *p == ' ' || *p == '\n' || *p == '\t' || *p == '\r') ||
		p == digits || (*digits == '0' && p - digits > 1))
		return false;

	r->token = digits;
	r->token_len = (size_t) (p - digits);
	r->cur = p;
	r->state = JSON_WANT_COMMA_OR_END;
	r->type = JSON_NUMBER;
	*value = sum;
	return true;
}

#endif
