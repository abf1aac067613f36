/*
 * text.c: UTF-8 and base64.
 */
#include "tests.h"

#include "wire/base64.h"
#include "wire/wire_check.h"

static bool
utf8(const char *text)
{
	return utf8_is_valid((const uint8_t *) text, strlen(text));
}

void
test_utf8(void)
{
	ok(utf8("") && utf8("a") && utf8("\xc2\x80") && utf8("\xe0\xa0\x80") && utf8("\xed\x9f\xbf") &&
	   utf8("\xef\xbf\xbf") && utf8("\xf0\x90\x80\x80") && utf8("\xf4\x8f\xbf\xbf"), "UTF-8");
	ok(!utf8("\x80") && !utf8("\xc1\xbf") && !utf8("\xe0\x9f\xbf") && !utf8("\xf0\x8f\xbf\xbf"),
	   "longer than needed");
	ok(!utf8("\xed\xa0\x80") && !utf8("\xf4\x90\x80\x80") && !utf8("\xf5\x80\x80\x80"), "no characters");
	ok(!utf8("\xc3") && !utf8("\xe2\x82") && !utf8("\xf0\x9f\x98") && !utf8("\xc3" "a"), "cut characters");
}

static bool
base64_is(const char *text, const char *bytes)
{
	uint8_t    *out = malloc(strlen(text) / 4 * 3 + 3);
	long		len = base64_decode(text, strlen(text), out);
	bool		same = bytes == NULL ? len < 0 : len == (long) strlen(bytes) && memcmp(out, bytes, len) == 0;

	free(out);
	return same;
}

void
test_base64(void)
{
	bool		same = true;

	for (size_t len = 0; len < 100; len++)
	{
		uint8_t		data[100];
		char		text[136];
		uint8_t		again[102];
		size_t		text_len;

		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t) random_number(256);
		text_len = base64_encode(data, len, text);
		same &= text_len == (len + 2) / 3 * 4 && base64_decode(text, text_len, again) == (long) len &&
			memcmp(data, again, len) == 0;
		while (text_len > 0 && text[text_len - 1] == '=')
			text_len--;
		same &= base64_decode(text, text_len, again) == (long) len && memcmp(data, again, len) == 0;
	}
	ok(same, "base64 there and back, padded or not");
	ok(base64_is("Pz8_", "???") && base64_is("Pz8/", "???") && base64_is("", ""), "both alphabets");
	ok(base64_is("A", NULL) && base64_is("A===", NULL) && base64_is("AA=A", NULL) && base64_is("====", NULL) &&
	   base64_is("A*==", NULL) && base64_is("AAA=AAA=", NULL) && base64_is("AA=", NULL), "no base64");
}
