/*
 * base64.c: base64, both ways.
 */
#include "wire/base64.h"
#include "fuzz.h"

/* is this the text that is written, but for the other alphabet and the padding? */
static bool
says_the_same(const char *text, size_t len, const char *written, size_t written_len)
{
	for (size_t i = 0; i < written_len; i++)
	{
		char		c;

		if (i >= len)
		{
			if (written[i] != '=')
				return false;
			continue;
		}
		c = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
		/* bits that are left over in the last digit are ignored */
		if (c != written[i] && !(i + 1 == written_len || written[i + 1] == '='))
			return false;
	}
	return len <= written_len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* as text */
	uint8_t    *bytes = malloc((size + 3) / 4 * 3);
	long		len = base64_decode((const char *) data, size, bytes);
	/* as bytes */
	char	   *text = malloc((size + 2) / 3 * 4);
	size_t		text_len = base64_encode(data, size, text);
	uint8_t    *again = malloc((text_len + 3) / 4 * 3);

	HOLDS(text_len == (size + 2) / 3 * 4);
	HOLDS(base64_decode(text, text_len, again) == (long) size && memcmp(again, data, size) == 0);
	if (len >= 0)
	{
		char	   *written = malloc(((size_t) len + 2) / 3 * 4);
		size_t		written_len = base64_encode(bytes, (size_t) len, written);

		HOLDS(says_the_same((const char *) data, size, written, written_len));
		free(written);
	}
	free(bytes);
	free(text);
	free(again);
	return 0;
}
