/*
 * page_token.c: the opaque tokens of lists, pure C.
 *
 * Bytes: version 1, list (8), created_at (8), id, hash of all before (8);
 * written as unpadded base64url.
 */
#include "store/page_token.h"

#include <string.h>

#include "store/hash64.h"

#define TOKEN_VERSION 1
#define HEAD_SIZE 17
#define CHECK_SIZE 8
#define MAX_BYTES (HEAD_SIZE + PAGE_TOKEN_MAX_ID + CHECK_SIZE)

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
put64(unsigned char *out, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		out[i] = (unsigned char) (value >> (56 - 8 * i));
}

static uint64_t
get64(const unsigned char *in)
{
	uint64_t	value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | in[i];
	return value;
}

void
page_token_encode(const PageToken *token, char out[PAGE_TOKEN_MAX])
{
	unsigned char bytes[MAX_BYTES];
	size_t		size = HEAD_SIZE + token->id_len;
	uint32_t	bits = 0;
	int			n_bits = 0;

	bytes[0] = TOKEN_VERSION;
	put64(bytes + 1, token->list);
	put64(bytes + 9, (uint64_t) token->created_at);
	memcpy(bytes + HEAD_SIZE, token->id, token->id_len);
	put64(bytes + size, hash64(HASH64_START, bytes, size));
	size += CHECK_SIZE;

	for (size_t i = 0; i < size; i++)
	{
		bits = bits << 8 | bytes[i];
		for (n_bits += 8; n_bits >= 6; n_bits -= 6)
			*out++ = alphabet[bits >> (n_bits - 6) & 63];
	}
	if (n_bits > 0)
		*out++ = alphabet[bits << (6 - n_bits) & 63];
	*out = '\0';
}

bool
page_token_decode(const char *text, size_t len, PageToken *token)
{
	unsigned char bytes[MAX_BYTES];
	size_t		size = 0;
	uint32_t	bits = 0;
	int			n_bits = 0;

	for (size_t i = 0; i < len; i++)
	{
		const char *digit = text[i] ? strchr(alphabet, text[i]) : NULL;

		if (digit == NULL)
			return false;
		bits = bits << 6 | (uint32_t) (digit - alphabet);
		n_bits += 6;
		if (n_bits >= 8)
		{
			if (size == MAX_BYTES)
				return false;
			n_bits -= 8;
			bytes[size++] = (unsigned char) (bits >> n_bits);
		}
	}
	/* the bits that are left over are less than a character, and zero */
	if (n_bits >= 6 || (bits & ((1u << n_bits) - 1)) != 0)
		return false;
	if (size <= HEAD_SIZE + CHECK_SIZE || bytes[0] != TOKEN_VERSION)
		return false;
	size -= CHECK_SIZE;
	if (get64(bytes + size) != hash64(HASH64_START, bytes, size))
		return false;

	token->list = get64(bytes + 1);
	token->created_at = (int64_t) get64(bytes + 9);
	token->id_len = size - HEAD_SIZE;
	memcpy(token->id, bytes + HEAD_SIZE, token->id_len);
	return memchr(token->id, '\0', token->id_len) == NULL;
}
