/*
 * id_codec.c: ids, as text and as what they are made of.
 */
#include "store/id_codec.h"
#include "fuzz.h"

#define MADE_SIZE 16

/* the 128 bits of a text's last 26 characters, and the two behind them; false where it has others */
static bool
body_bits(const char *body, uint8_t uuid[16], unsigned *rest)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

	memset(uuid, 0, 16);
	*rest = 0;
	for (int bit = 0; bit < 130; bit++)
	{
		const char *digit = body[bit / 5] ? strchr(digits, body[bit / 5]) : NULL;
		unsigned	value;

		if (digit == NULL)
			return false;
		value = (unsigned) (digit - digits) >> (4 - bit % 5) & 1;
		if (bit < 128)
			uuid[bit / 8] |= (uint8_t) (value << (7 - bit % 8));
		else
			*rest |= value;
	}
	return true;
}

static void
check_text(const char *text, size_t len)
{
	int64_t		milliseconds;
	int64_t		expected = 0;
	uint8_t		uuid[16];
	unsigned	rest;
	bool		is_ours = len > ID_BODY_LENGTH && id_prefix_valid(text, len - ID_BODY_LENGTH) &&
		body_bits(text + len - ID_BODY_LENGTH, uuid, &rest) && rest == 0 && uuid[6] >> 4 == 7 && uuid[8] >> 6 == 2;

	HOLDS(id_decode(text, len, &milliseconds) == is_ours);
	if (!is_ours)
		return;
	for (int i = 0; i < 6; i++)
		expected = expected << 8 | uuid[i];
	HOLDS(milliseconds == expected);
}

static void
check_made(int64_t microseconds, const unsigned char random[8])
{
	char	   *id = malloc(4 + ID_BODY_LENGTH);
	int64_t		milliseconds;

	memcpy(id, "ses_", 4);
	if (id_encode(microseconds, random, id + 4))
	{
		HOLDS(id_decode(id, 4 + ID_BODY_LENGTH, &milliseconds) && milliseconds == microseconds / 1000);
		check_text(id, 4 + ID_BODY_LENGTH);
	}
	else
		HOLDS(microseconds < 0 || microseconds / 1000 > ID_MAX_MILLISECONDS);
	free(id);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_text((const char *) data, size);
	if (size == MADE_SIZE)
	{
		int64_t		microseconds;

		memcpy(&microseconds, data, 8);
		check_made(microseconds, data + 8);
		check_made(microseconds & ((INT64_C(1) << 58) - 1), data + 8);
	}
	return 0;
}
