/*
 * hash64.h: a 64-bit hash that is the same on every machine and for ever, pure C.
 *
 * FNV-1a: each step is a bijection of the state, so two inputs of one length
 * that differ in one byte never hash alike. It guards against accidents, not
 * against an adversary: no one gains anything by a collision.
 */
#ifndef IDPSYNC_HASH64_H
#define IDPSYNC_HASH64_H

#include <stddef.h>
#include <stdint.h>

#define HASH64_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t
hash64(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* a value of known length, so that neighbours cannot trade bytes; NULL differs from empty */
static inline uint64_t
hash64_field(uint64_t hash, const void *data, size_t len)
{
	uint64_t	size = data ? (uint64_t) len + 1 : 0;
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char) (size >> (8 * i));
	hash = hash64(hash, bytes, sizeof(bytes));
	return data ? hash64(hash, data, len) : hash;
}

static inline uint64_t
hash64_int(uint64_t hash, int64_t value)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char) ((uint64_t) value >> (8 * i));
	return hash64(hash, bytes, sizeof(bytes));
}

#endif
