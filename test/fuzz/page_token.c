/*
 * page_token.c: tokens of lists, as text, as fields, and as bytes under a hash that is right.
 */
#include "store/page_token.h"
#include "fuzz.h"
#include "store/hash64.h"

#define HEAD 16

/* what is taken is the one text of its token */
static void
check_text(const char *text, size_t len)
{
	PageToken  *token = malloc(sizeof(PageToken));
	char	   *again = malloc(PAGE_TOKEN_MAX);

	if (page_token_decode(text, len, token))
	{
		HOLDS(token->id_len > 0 && token->id_len <= PAGE_TOKEN_MAX_ID);
		page_token_encode(token, again);
		HOLDS(strlen(again) == len && memcmp(again, text, len) == 0);
	}
	free(token);
	free(again);
}

/* what is written reads the same, and no other character or end does */
static void
check_fields(const uint8_t *data, size_t size)
{
	PageToken	token = {.id_len = size - HEAD};
	PageToken	again;
	char	   *text;
	size_t		len;

	if (size <= HEAD || token.id_len > PAGE_TOKEN_MAX_ID)
		return;
	memcpy(&token.list, data, 8);
	memcpy(&token.created_at, data + 8, 8);
	memcpy(token.id, data + HEAD, token.id_len);
	text = malloc(PAGE_TOKEN_MAX);
	page_token_encode(&token, text);
	len = strlen(text);
	if (memchr(token.id, '\0', token.id_len) == NULL)
	{
		HOLDS(page_token_decode(text, len, &again));
		HOLDS(again.list == token.list && again.created_at == token.created_at && again.id_len == token.id_len &&
			  memcmp(again.id, token.id, token.id_len) == 0);
		HOLDS(!page_token_decode(text, len - 1, &again));
		text[size % len] ^= 1;
		HOLDS(!page_token_decode(text, len, &again));
	}
	else
		HOLDS(!page_token_decode(text, len, &again));
	free(text);
}

/* any bytes, as if one knew how to make up a token */
static void
check_made_up(const uint8_t *data, size_t size)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t		len = size + 8;
	uint8_t    *bytes = malloc(len + 2);
	char	   *text;
	uint64_t	check;
	size_t		digits = (len * 8 + 5) / 6;

	memcpy(bytes, data, size);
	check = hash64(HASH64_START, bytes, size);
	for (int i = 0; i < 8; i++)
		bytes[size + i] = (uint8_t) (check >> (56 - 8 * i));
	bytes[len] = bytes[len + 1] = 0;
	text = malloc(digits);
	for (size_t i = 0; i < digits; i++)
	{
		size_t		bit = i * 6;
		unsigned	pair = (unsigned) bytes[bit / 8] << 8 | bytes[bit / 8 + 1];

		text[i] = alphabet[pair >> (10 - bit % 8) & 63];
	}
	check_text(text, digits);
	free(bytes);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_text((const char *) data, size);
	check_fields(data, size);
	check_made_up(data, size);
	return 0;
}
