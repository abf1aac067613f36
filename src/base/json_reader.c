/*
 * json_reader.c: a pull parser for JSON, pure C.
 */
#include "base/json_reader.h"

#include <stdio.h>
#include <string.h>

void
json_reader_init(JsonReader *r, const char *text, size_t len)
{
	r->start = r->cur = text;
	r->end = text + len;
	r->type = JSON_NULL;
	r->token = text;
	r->token_len = 0;
	r->escaped = false;
	r->depth = 0;
	r->state = JSON_WANT_VALUE;
	r->error = NULL;
	r->offset = 0;
}

static JsonToken
fail(JsonReader *r, const char *message)
{
	r->error = message;
	r->offset = (size_t) (r->cur - r->start);
	return r->type = JSON_ERROR;
}

static void
skip_space(JsonReader *r)
{
	while (r->cur < r->end &&
		   (*r->cur == ' ' || *r->cur == '\n' || *r->cur == '\t' || *r->cur == '\r'))
		r->cur++;
}

static bool
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* a string from its opening quote on; leaves token, token_len and escaped */
static bool
scan_string(JsonReader *r)
{
	const char *p = r->cur + 1;

	r->escaped = false;
	r->token = p;
	for (;;)
	{
		while (p < r->end && *p != '"' && *p != '\\' && (unsigned char) *p >= 0x20)
			p++;
		if (p == r->end)
		{
			r->cur = p;
			fail(r, "the document ends inside a string");
			return false;
		}
		if (*p == '"')
			break;
		if (*p != '\\')
		{
			r->cur = p;
			fail(r, "a control character in a string must be escaped");
			return false;
		}
		r->escaped = true;
		if (p + 1 < r->end && p[1] == 'u')
		{
			if (r->end - p < 6 || !is_hex(p[2]) || !is_hex(p[3]) || !is_hex(p[4]) || !is_hex(p[5]))
			{
				r->cur = p;
				fail(r, "\\u must be followed by four hexadecimal digits");
				return false;
			}
			p += 6;
		}
		else if (p + 1 < r->end && p[1] != '\0' && strchr("\"\\/bfnrt", p[1]) != NULL)
			p += 2;
		else
		{
			r->cur = p;
			fail(r, "invalid escape in a string");
			return false;
		}
	}
	r->token_len = (size_t) (p - r->token);
	r->cur = p + 1;
	return true;
}

static JsonToken
scan_number(JsonReader *r)
{
	const char *p = r->cur;

	r->token = p;
	if (*p == '-')
		p++;
	if (!is_digit(p, r->end))
		return fail(r, "invalid number");
	if (*p == '0' && is_digit(p + 1, r->end))
		return fail(r, "a number must not begin with 0");
	while (is_digit(p, r->end))
		p++;
	if (p < r->end && *p == '.')
	{
		p++;
		if (!is_digit(p, r->end))
			return fail(r, "invalid number");
		while (is_digit(p, r->end))
			p++;
	}
	if (p < r->end && (*p == 'e' || *p == 'E'))
	{
		p++;
		if (p < r->end && (*p == '+' || *p == '-'))
			p++;
		if (!is_digit(p, r->end))
			return fail(r, "invalid number");
		while (is_digit(p, r->end))
			p++;
	}
	r->token_len = (size_t) (p - r->token);
	r->cur = p;
	return r->type = JSON_NUMBER;
}

static JsonToken
scan_word(JsonReader *r, const char *word, JsonToken type)
{
	size_t		len = strlen(word);

	if ((size_t) (r->end - r->cur) < len || memcmp(r->cur, word, len) != 0)
		return fail(r, "unexpected character");
	r->token = r->cur;
	r->token_len = len;
	r->cur += len;
	return r->type = type;
}

static int
after_value(const JsonReader *r)
{
	return r->depth == 0 ? JSON_WANT_NOTHING : JSON_WANT_COMMA_OR_END;
}

static JsonToken
open_level(JsonReader *r, bool is_array)
{
	JsonLevel  *level;

	if (r->depth == JSON_MAX_DEPTH)
		return fail(r, "the document is nested too deeply");
	level = &r->level[r->depth++];
	level->is_array = is_array;
	level->key = NULL;
	level->key_len = 0;
	level->index = 0;
	r->token = r->cur++;
	r->token_len = 1;
	r->state = is_array ? JSON_WANT_VALUE_OR_END : JSON_WANT_KEY_OR_END;
	return r->type = is_array ? JSON_ARRAY : JSON_OBJECT;
}

static JsonToken
close_level(JsonReader *r)
{
	bool		is_array = r->level[r->depth - 1].is_array;

	r->depth--;
	r->token = r->cur++;
	r->token_len = 1;
	r->state = after_value(r);
	return r->type = is_array ? JSON_ARRAY_END : JSON_OBJECT_END;
}

static JsonToken
scan_key(JsonReader *r)
{
	JsonLevel  *level = &r->level[r->depth - 1];

	if (*r->cur != '"')
		return fail(r, "expected a key in double quotes");
	if (!scan_string(r))
		return JSON_ERROR;
	level->key = r->token;
	level->key_len = r->token_len;
	skip_space(r);
	if (r->cur == r->end || *r->cur != ':')
		return fail(r, "expected \":\"");
	r->cur++;
	r->state = JSON_WANT_VALUE;
	return r->type = JSON_KEY;
}

JsonToken
json_next(JsonReader *r)
{
	if (r->error)
		return JSON_ERROR;

	skip_space(r);
	if (r->cur == r->end)
	{
		if (r->state == JSON_WANT_NOTHING)
			return r->type = JSON_END;
		return fail(r, r->cur == r->start ? "the document is empty" : "the document ends too early");
	}

	if (r->state == JSON_WANT_COMMA_OR_END)
	{
		JsonLevel  *level = &r->level[r->depth - 1];

		if (*r->cur == (level->is_array ? ']' : '}'))
			return close_level(r);
		if (*r->cur != ',')
			return fail(r, level->is_array ? "expected \",\" or \"]\"" : "expected \",\" or \"}\"");
		r->cur++;
		skip_space(r);
		level->index++;
		r->state = level->is_array ? JSON_WANT_VALUE : JSON_WANT_KEY;
		if (r->cur == r->end)
			return fail(r, "the document ends too early");
	}

	switch (r->state)
	{
		case JSON_WANT_NOTHING:
			return fail(r, "text after the end of the document");
		case JSON_WANT_KEY_OR_END:
			if (*r->cur == '}')
				return close_level(r);
			return scan_key(r);
		case JSON_WANT_KEY:
			return scan_key(r);
		case JSON_WANT_VALUE_OR_END:
			if (*r->cur == ']')
				return close_level(r);
			break;
	}

	if (*r->cur == '{' || *r->cur == '[')
		return open_level(r, *r->cur == '[');

	r->state = after_value(r);
	switch (*r->cur)
	{
		case '"':
			if (!scan_string(r))
				return JSON_ERROR;
			return r->type = JSON_STRING;
		case 'n':
			return scan_word(r, "null", JSON_NULL);
		case 't':
			return scan_word(r, "true", JSON_TRUE);
		case 'f':
			return scan_word(r, "false", JSON_FALSE);
		default:
			if (*r->cur == '-' || is_digit(r->cur, r->end))
				return scan_number(r);
			return fail(r, "unexpected character");
	}
}

bool
json_skip(JsonReader *r)
{
	int			depth = r->depth;

	if (r->type == JSON_ERROR)
		return false;
	if (r->type != JSON_OBJECT && r->type != JSON_ARRAY)
		return true;
	while (r->depth >= depth)
	{
		if (json_next(r) == JSON_ERROR)
			return false;
	}
	return true;
}

static unsigned
hex4(const char *p)
{
	unsigned	value = 0;

	for (int i = 0; i < 4; i++)
	{
		char		c = p[i];

		value = value * 16 + (unsigned) (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

static char *
put_utf8(char *out, unsigned c)
{
	if (c < 0x80)
		*out++ = (char) c;
	else if (c < 0x800)
	{
		*out++ = (char) (0xC0 | c >> 6);
		*out++ = (char) (0x80 | (c & 0x3F));
	}
	else if (c < 0x10000)
	{
		*out++ = (char) (0xE0 | c >> 12);
		*out++ = (char) (0x80 | (c >> 6 & 0x3F));
		*out++ = (char) (0x80 | (c & 0x3F));
	}
	else
	{
		*out++ = (char) (0xF0 | c >> 18);
		*out++ = (char) (0x80 | (c >> 12 & 0x3F));
		*out++ = (char) (0x80 | (c >> 6 & 0x3F));
		*out++ = (char) (0x80 | (c & 0x3F));
	}
	return out;
}

long
json_unescape(JsonReader *r, char *out)
{
	const char *p = r->token;
	const char *end = r->token + r->token_len;
	char	   *o = out;

	if (!r->escaped)
	{
		memcpy(out, r->token, r->token_len);
		return (long) r->token_len;
	}
	while (p < end)
	{
		unsigned	c;

		if (*p != '\\')
		{
			*o++ = *p++;
			continue;
		}
		if (p[1] != 'u')
		{
			static const char from[] = "\"\\/bfnrt";
			static const char to[] = "\"\\/\b\f\n\r\t";

			*o++ = to[strchr(from, p[1]) - from];
			p += 2;
			continue;
		}
		c = hex4(p + 2);
		p += 6;
		if (c >= 0xD800 && c <= 0xDBFF && end - p >= 6 && p[0] == '\\' && p[1] == 'u')
		{
			unsigned	low = hex4(p + 2);

			if (low >= 0xDC00 && low <= 0xDFFF)
			{
				c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
				p += 6;
			}
		}
		if (c == 0 || (c >= 0xD800 && c <= 0xDFFF))
		{
			r->error = c == 0 ? "\\u0000 cannot be stored" : "a surrogate without its other half";
			r->offset = (size_t) (p - 6 - r->start);
			r->type = JSON_ERROR;
			return -1;
		}
		o = put_utf8(o, c);
	}
	return (long) (o - out);
}

bool
json_token_is(JsonReader *r, const char *text)
{
	size_t		len = strlen(text);

	if (!r->escaped)
		return r->token_len == len && memcmp(r->token, text, len) == 0;
	else
	{
		char		buffer[256];
		JsonReader	copy = *r;

		if (r->token_len > sizeof(buffer))
			return false;
		return json_unescape(&copy, buffer) == (long) len && memcmp(buffer, text, len) == 0;
	}
}

/*
 * Where number text splits: the digits before the point, and the exponent,
 * both cut to a range in which their sum cannot overflow.
 */
static void
number_parts(const char *p, const char *end, const char **mantissa_end, int *point)
{
	const char *q = p;
	int			exponent = 0;
	int			whole;

	while (is_digit(q, end))
		q++;
	whole = q - p > 1000000 ? 1000000 : (int) (q - p);
	while (q < end && *q != 'e' && *q != 'E')
		q++;
	*mantissa_end = q;
	for (const char *e = q; e < end; e++)
	{
		if (is_digit(e, end) && exponent < 1000000)
			exponent = exponent * 10 + (*e - '0');
	}
	if (q < end && q[1] == '-')
		exponent = -exponent;
	*point = whole + exponent;
}

JsonIntegerResult
json_integer(const JsonReader *r, int64_t *value)
{
	JsonReader	number;
	const char *p = r->token;
	const char *end = r->token + r->token_len;
	const char *mantissa_end;
	bool		negative;
	int			point;			/* so many digits are the integer */
	int			digits = 0;
	uint64_t	sum = 0;
	bool		overflow = false;

	if (r->type == JSON_STRING)
	{
		/* its text must itself be exactly one number */
		json_reader_init(&number, p, r->token_len);
		if (p == end || !(is_digit(p, end) || *p == '-') ||
			json_next(&number) != JSON_NUMBER || number.cur != number.end)
			return JSON_INTEGER_NOT_A_NUMBER;
	}
	else if (r->type != JSON_NUMBER)
		return JSON_INTEGER_NOT_A_NUMBER;

	negative = *p == '-';
	if (negative)
		p++;
	number_parts(p, end, &mantissa_end, &point);
	for (; p < mantissa_end; p++)
	{
		unsigned	digit = (unsigned) (*p - '0');

		if (*p == '.')
			continue;
		if (digits >= point)
		{
			if (digit != 0)
				return JSON_INTEGER_FRACTION;
			continue;
		}
		digits++;
		overflow |= sum > (UINT64_MAX - digit) / 10;
		sum = sum * 10 + digit;
	}
	for (; digits < point && sum != 0 && !overflow; digits++)
	{
		overflow |= sum > UINT64_MAX / 10;
		sum *= 10;
	}
	if (overflow || sum > (uint64_t) INT64_MAX + (negative ? 1 : 0))
		return JSON_INTEGER_RANGE;
	*value = negative ? (int64_t) (0 - sum) : (int64_t) sum;
	return JSON_INTEGER_OK;
}

/* text cut to at most size bytes, never inside a UTF-8 character */
static size_t
clip(const char *text, size_t len, size_t size)
{
	if (len <= size)
		return len;
	while (size > 0 && ((unsigned char) text[size] & 0xC0) == 0x80)
		size--;
	return size;
}

char *
json_path(const JsonReader *r, char *out, size_t size)
{
	char		step[96];
	size_t		used = 0;

	if (size > 1)
		out[used++] = '$';
	for (int i = 0; i < r->depth; i++)
	{
		const JsonLevel *level = &r->level[i];
		size_t		len;

		if (level->is_array)
			snprintf(step, sizeof(step), "[%llu]", (unsigned long long) level->index);
		else if (level->key)
			snprintf(step, sizeof(step), ".%.*s", (int) clip(level->key, level->key_len, 64), level->key);
		else
			break;
		len = clip(step, strlen(step), size - 1 - used);
		memcpy(out + used, step, len);
		used += len;
	}
	out[used] = '\0';
	return out;
}
