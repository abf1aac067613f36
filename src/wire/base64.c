/*
 * base64.c: base64 as ProtoJSON has it, pure C.
 */
#include "wire/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
base64_encode(const uint8_t *data, size_t len, char *out)
{
	char	   *o = out;

	for (size_t i = 0; i < len; i += 3)
	{
		uint32_t	bits = (uint32_t) data[i] << 16;

		if (i + 1 < len)
			bits |= (uint32_t) data[i + 1] << 8;
		if (i + 2 < len)
			bits |= data[i + 2];
		*o++ = alphabet[bits >> 18];
		*o++ = alphabet[bits >> 12 & 63];
		*o++ = i + 1 < len ? alphabet[bits >> 6 & 63] : '=';
		*o++ = i + 2 < len ? alphabet[bits & 63] : '=';
	}
	return (size_t) (o - out);
}

static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

long
base64_decode(const char *text, size_t len, uint8_t *out)
{
	uint8_t    *o = out;
	uint32_t	bits = 0;

	/* padding only fills up the last four characters */
	if (len % 4 == 0 && len > 0 && text[len - 1] == '=')
	{
		len--;
		if (text[len - 1] == '=')
			len--;
	}
	if (len % 4 == 1)
		return -1;

	for (size_t i = 0; i < len; i++)
	{
		int			value = digit_value(text[i]);

		if (value < 0)
			return -1;
		bits = bits << 6 | (uint32_t) value;
		if (i % 4 == 1)
			*o++ = (uint8_t) (bits >> 4);
		else if (i % 4 == 2)
			*o++ = (uint8_t) (bits >> 2);
		else if (i % 4 == 3)
			*o++ = (uint8_t) bits;
	}
	return (long) (o - out);
}
