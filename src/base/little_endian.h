/*
 * little_endian.h: words at any address, their lowest byte first, pure C.
 */
#ifndef IDPSYNC_LITTLE_ENDIAN_H
#define IDPSYNC_LITTLE_ENDIAN_H

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LITTLE_ENDIAN32(word) __builtin_bswap32(word)
#define LITTLE_ENDIAN64(word) __builtin_bswap64(word)
#else
#define LITTLE_ENDIAN32(word) (word)
#define LITTLE_ENDIAN64(word) (word)
#endif

static inline uint32_t
load32(const uint8_t *p)
{
	uint32_t	word;

	memcpy(&word, p, sizeof(word));
	return LITTLE_ENDIAN32(word);
}

static inline uint64_t
load64(const uint8_t *p)
{
	uint64_t	word;

	memcpy(&word, p, sizeof(word));
	return LITTLE_ENDIAN64(word);
}

static inline void
store32(uint8_t *p, uint32_t word)
{
	word = LITTLE_ENDIAN32(word);
	memcpy(p, &word, sizeof(word));
}

static inline void
store64(uint8_t *p, uint64_t word)
{
	word = LITTLE_ENDIAN64(word);
	memcpy(p, &word, sizeof(word));
}

#endif
