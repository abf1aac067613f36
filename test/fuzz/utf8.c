/*
 * utf8.c: the check of UTF-8, held to decoding character by character.
 */
#include "fuzz.h"
#include "wire/wire_check.h"

static bool
is_utf8(const uint8_t *p, size_t len)
{
	size_t		i = 0;

	while (i < len)
	{
		static const uint32_t first_of[] = {1, 0x80, 0x800, 0x10000};
		int			more = p[i] < 0x80 ? 0 : (p[i] & 0xE0) == 0xC0 ? 1 : (p[i] & 0xF0) == 0xE0 ? 2 :
			(p[i] & 0xF8) == 0xF0 ? 3 : -1;
		uint32_t	c;

		if (more < 0 || len - i <= (size_t) more)
			return false;
		c = more == 0 ? p[i] : p[i] & (0x3F >> more);
		for (int j = 1; j <= more; j++)
		{
			if ((p[i + j] & 0xC0) != 0x80)
				return false;
			c = c << 6 | (p[i + j] & 0x3F);
		}
		if (c < first_of[more] || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF)
			return false;
		i += (size_t) more + 1;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HOLDS(utf8_is_valid(data, size) == is_utf8(data, size));
	return 0;
}
