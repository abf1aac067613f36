/*
 * id_codec.c: ids of ours, pure C.
 */
#include "store/id_codec.h"

static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'v')
		return c - 'a' + 10;
	return -1;
}

bool
id_prefix_valid(const char *prefix, size_t len)
{
	if (len < 2 || len > ID_PREFIX_MAX || prefix[len - 1] != '_' ||
		prefix[0] < 'a' || prefix[0] > 'z')
		return false;
	for (size_t i = 1; i < len - 1; i++)
	{
		if (!(prefix[i] >= 'a' && prefix[i] <= 'z') && !(prefix[i] >= '0' && prefix[i] <= '9'))
			return false;
	}
	return true;
}

bool
id_encode(int64_t microseconds, const unsigned char random[8], char out[ID_BODY_LENGTH])
{
	int64_t		milliseconds = microseconds / 1000;
	unsigned	fraction = (unsigned) (microseconds % 1000) * 4096 / 1000;
	unsigned char uuid[17];
	int			n = 0;

	if (microseconds < 0 || milliseconds > ID_MAX_MILLISECONDS)
		return false;
	for (int i = 0; i < 6; i++)
		uuid[i] = (unsigned char) (milliseconds >> (40 - 8 * i));
	uuid[6] = (unsigned char) (0x70 | fraction >> 8);
	uuid[7] = (unsigned char) fraction;
	uuid[8] = (unsigned char) (0x80 | (random[0] & 0x3F));
	for (int i = 1; i < 8; i++)
		uuid[8 + i] = random[i];
	uuid[16] = 0;				/* 26 characters hold two bits more than 128 */

	for (int bit = 0; n < ID_BODY_LENGTH; bit += 5)
	{
		unsigned	pair = (unsigned) uuid[bit / 8] << 8 | (bit / 8 < 16 ? uuid[bit / 8 + 1] : 0);

		out[n++] = digits[pair >> (11 - bit % 8) & 31];
	}
	return true;
}

bool
id_decode(const char *id, size_t len, int64_t *milliseconds)
{
	const char *body;
	uint64_t	bits = 0;

	if (len <= ID_BODY_LENGTH || !id_prefix_valid(id, len - ID_BODY_LENGTH))
		return false;
	body = id + len - ID_BODY_LENGTH;
	for (int i = 0; i < ID_BODY_LENGTH; i++)
	{
		if (digit_value(body[i]) < 0)
			return false;
		if (i < 10)
			bits = bits << 5 | (uint64_t) digit_value(body[i]);
	}
	/* 50 bits: 48 of time, the upper half of the version nibble */
	*milliseconds = (int64_t) (bits >> 2);
	/* version 7: bits 48-51 are 0111 */
	if ((bits & 3) != 1 || digit_value(body[10]) >> 3 != 3)
		return false;
	/* variant: bits 64-65 are 10; bit 64 is the 5th of character 12 */
	if ((digit_value(body[12]) & 1) != 1 || digit_value(body[13]) >> 4 != 0)
		return false;
	/* bits past 128 */
	return (digit_value(body[25]) & 3) == 0;
}
