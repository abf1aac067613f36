/*
 * page_token.h: the opaque tokens of lists, pure C.
 *
 * A token holds a position and the hash of the list it belongs to. It is
 * checked, so that no cut or flipped one is taken for another, but it gives no
 * authority: whoever makes one up sees what he would see without.
 */
#ifndef IDPSYNC_PAGE_TOKEN_H
#define IDPSYNC_PAGE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_TOKEN_MAX_ID 256	/* bytes */
#define PAGE_TOKEN_MAX 384		/* characters, with the NUL */

typedef struct PageToken
{
	uint64_t	list;			/* hash of store, method and every argument but the page size */
	int64_t		created_at;		/* position: the last row shown */
	size_t		id_len;
	char		id[PAGE_TOKEN_MAX_ID];
} PageToken;

/* writes the token in URL-safe characters, NUL-terminated */
extern void page_token_encode(const PageToken *token, char out[PAGE_TOKEN_MAX]);

/* false where the text is no token; only one text stands for a token */
extern bool page_token_decode(const char *text, size_t len, PageToken *token);

#endif
