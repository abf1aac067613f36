/*
 * json.c: does reading ahead in JSON find what reading token by token finds?
 *
 * Documents that are mostly as expected are changed a byte at a time; both ways
 * of reading must give the same counters, and stop at the same place.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json_ahead.h"

#define KEYS 3

static const char *const keys[KEYS] = {"Total", "Success", "Failed"};

typedef struct Result
{
	int64_t		value[KEYS];
	unsigned	seen;
	bool		complete;
	int			depth;
	int			type;
	size_t		offset;
	char		path[64];
} Result;

static int
which_key(JsonReader *r)
{
	for (int i = 0; i < KEYS; i++)
	{
		if (json_token_is(r, keys[i]))
			return i;
	}
	return -1;
}

/* a member that is an object of counters, until something else */
static Result
read_counters(const char *text, size_t len, bool ahead)
{
	JsonReader	r;
	Result		result = {0};

	json_reader_init(&r, text, len);
	if (json_next(&r) == JSON_OBJECT && json_next(&r) == JSON_KEY &&
		((ahead && json_take_object(&r)) || json_next(&r) == JSON_OBJECT))
	{
		for (int i = 0; ahead && i < KEYS; i++)
		{
			if (!json_take_key(&r, keys[i]))
				continue;
			result.seen |= 1U << i;
			if (json_take_natural(&r, &result.value[i]))
				continue;
			json_next(&r);
			if (json_integer(&r, &result.value[i]) != JSON_INTEGER_OK)
				goto end;
		}
		while (!(ahead && json_take_object_end(&r)) && json_next(&r) == JSON_KEY)
		{
			int			i = which_key(&r);

			if (i < 0 || result.seen & (1U << i))
				goto end;
			result.seen |= 1U << i;
			json_next(&r);
			if (json_integer(&r, &result.value[i]) != JSON_INTEGER_OK)
				goto end;
		}
		result.complete = r.type == JSON_OBJECT_END && json_next(&r) == JSON_OBJECT_END && json_next(&r) == JSON_END;
	}
end:
	result.depth = r.depth;
	result.type = r.type;
	result.offset = (size_t) (r.cur - r.start);
	json_path(&r, result.path, sizeof(result.path));
	return result;
}

static bool
same(const Result *a, const Result *b)
{
	return memcmp(a->value, b->value, sizeof(a->value)) == 0 && a->seen == b->seen && a->complete == b->complete &&
		a->depth == b->depth && a->type == b->type && a->offset == b->offset && strcmp(a->path, b->path) == 0;
}

static int
compare(const char *text, size_t len)
{
	char	   *copy = malloc(len ? len : 1);	/* its end is watched by the sanitizer */
	Result		ahead;
	Result		tokens;

	memcpy(copy, text, len);
	ahead = read_counters(copy, len, true);
	tokens = read_counters(copy, len, false);
	free(copy);
	if (same(&ahead, &tokens))
		return 0;
	printf("# %.*s: %s at byte %zu ahead, %s at byte %zu by tokens\n", (int) len, text,
		   ahead.path, ahead.offset, tokens.path, tokens.offset);
	return 1;
}

int
main(void)
{
	static const char *const documents[] = {
		"{\"x\":{\"Total\":3,\"Success\":1,\"Failed\":2}}",
		"{\"x\" : { \"Total\" : 30 , \"Success\" : 0 , \"Failed\" : 999999999999999999 } } ",
		"{\"x\": {\"Failed\": 9223372036854775807, \"Total\": \"7\", \"Success\": 1.0}}",
		"{\"x\": {\"Success\": 12, \"Total\": 1, \"Total\": 2}}",
		"{\"x\": {}}"
	};
	static const char bytes[] = "\"\\{}[],:.-+eE0123456789 \t\nTotalu\x01\xC3";
	int			wrong = 0;
	int			n = 0;

	for (size_t d = 0; d < sizeof(documents) / sizeof(documents[0]); d++)
	{
		size_t		len = strlen(documents[d]);

		for (size_t at = 0; at <= len; at++)
		{
			char		text[128];

			wrong += compare(documents[d], at);
			for (size_t b = 0; b < sizeof(bytes); b++)
			{
				/* replaced, put in, and with the byte behind it left out */
				memcpy(text, documents[d], at);
				text[at] = bytes[b];
				memcpy(text + at + 1, documents[d] + at, len - at);
				wrong += compare(text, len + 1);
				if (at < len)
				{
					memcpy(text + at + 1, documents[d] + at + 1, len - at - 1);
					wrong += compare(text, len);
				}
				if (at + 1 < len)
				{
					memcpy(text + at + 1, documents[d] + at + 2, len - at - 2);
					wrong += compare(text, len - 1);
				}
				n += 3;
			}
		}
	}
	printf("1..1\n%s 1 - %d documents read ahead and by tokens\n", wrong ? "not ok" : "ok", n);
	return wrong != 0;
}
