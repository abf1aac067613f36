/*
 * protojson_string.c: strings as JSON has them.
 */
#include "wire/protojson.h"

#include "mb/pg_wchar.h"

int
append_json_escape(StringInfo out, const char *character)
{
	pg_wchar	c = utf8_to_unicode((const unsigned char *) character);

	if (c >= 0x10000)
		appendStringInfo(out, "\\u%04x\\u%04x",
						 0xD800 + ((c - 0x10000) >> 10), 0xDC00 + ((c - 0x10000) & 0x3FF));
	else
		appendStringInfo(out, "\\u%04x", c);
	return pg_utf_mblen((const unsigned char *) character);
}

void
append_json_string(StringInfo out, const char *string, size_t len, bool ascii)
{
	const char *p = string;
	const char *end = string + len;

	appendStringInfoChar(out, '"');
	while (p < end)
	{
		const char *plain = p;

		while (p < end && (unsigned char) *p >= 0x20 && *p != '"' && *p != '\\' &&
			   !(ascii && IS_HIGHBIT_SET(*p)))
			p++;
		appendBinaryStringInfo(out, plain, p - plain);
		if (p == end)
			break;
		switch (*p)
		{
			case '"':
				appendStringInfoString(out, "\\\"");
				p++;
				break;
			case '\\':
				appendStringInfoString(out, "\\\\");
				p++;
				break;
			case '\n':
				appendStringInfoString(out, "\\n");
				p++;
				break;
			case '\r':
				appendStringInfoString(out, "\\r");
				p++;
				break;
			case '\t':
				appendStringInfoString(out, "\\t");
				p++;
				break;
			default:
				p += append_json_escape(out, p);
		}
	}
	appendStringInfoChar(out, '"');
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

bool
has_duplicate(const char *const *strings, size_t count)
{
	const char **sorted;
	bool		found = false;

	if (count < 2)
		return false;
	sorted = palloc(count * sizeof(char *));
	memcpy(sorted, strings, count * sizeof(char *));
	qsort(sorted, count, sizeof(char *), compare_strings);
	for (size_t i = 1; i < count && !found; i++)
		found = strcmp(sorted[i - 1], sorted[i]) == 0;
	pfree(sorted);
	return found;
}
