/*
 * id_codec.h: ids of ours, pure C: a prefix and 26 characters of lower-case
 * base32hex over a UUIDv7. They sort by the time they carry.
 */
#ifndef IDPSYNC_ID_CODEC_H
#define IDPSYNC_ID_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_BODY_LENGTH 26
#define ID_PREFIX_MAX 16		/* with its underscore */
#define ID_MAX_MILLISECONDS ((INT64_C(1) << 48) - 1)

/* are these bytes lower-case letters and digits that begin with a letter and end in an underscore? */
extern bool id_prefix_valid(const char *prefix, size_t len);

/*
 * Writes the 26 characters of an id of that moment (microseconds since 1970;
 * the part below the millisecond goes into rand_a, as PostgreSQL 18 does), with
 * these random bytes. No NUL. False where the moment is outside 48 bits of
 * milliseconds.
 */
extern bool id_encode(int64_t microseconds, const unsigned char random[8], char out[ID_BODY_LENGTH]);

/* the milliseconds since 1970 an id carries; false where it is none of ours */
extern bool id_decode(const char *id, size_t len, int64_t *milliseconds);

#endif
