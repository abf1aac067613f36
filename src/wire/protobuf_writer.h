/*
 * protobuf_writer.h: writes a protobuf message from its end, pure C.
 *
 * Written backwards, a nested message's length is known when its length is
 * due, so one pass over the fields does and nothing is measured before. The
 * caller gives a buffer that is large enough; PROTO_*_BOUND tell how large.
 * Fields must come in descending order. Values that are proto3 defaults are
 * left out.
 */
#ifndef IDPSYNC_PROTOBUF_WRITER_H
#define IDPSYNC_PROTOBUF_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/little_endian.h"

typedef struct ProtoWriter
{
	uint8_t    *cur;			/* first byte written */
	uint8_t    *end;			/* behind the last */
} ProtoWriter;

/* wire types */
#define PROTO_VARINT 0
#define PROTO_64BIT 1
#define PROTO_LENGTH 2
#define PROTO_32BIT 5

/* the most bytes a field can take: tag and varint, tag and length */
#define PROTO_VARINT_BOUND 15
#define PROTO_LENGTH_BOUND 10
#define PROTO_TIMESTAMP_BOUND (PROTO_LENGTH_BOUND + 2 * PROTO_VARINT_BOUND)

extern void proto_writer_init(ProtoWriter *w, uint8_t *buffer, size_t size);
extern size_t proto_writer_len(const ProtoWriter *w);

/* bytes of a varint, and the varint itself, written forwards; returns its end */
extern size_t proto_varint_size(uint64_t value);
extern uint8_t *proto_varint_write(uint8_t *out, uint64_t value);

/*
 * A varint that ends before cur; gives where it begins. It is written as a word,
 * and what that has too much comes before it, where every field's bound has room.
 */
static inline uint8_t *
proto_varint_before(uint8_t *cur, uint64_t value)
{
	uint64_t	word = value;
	unsigned	len;

	if (value >> 56 != 0)
	{
		cur -= proto_varint_size(value);
		proto_varint_write(cur, value);
		return cur;
	}
	/* its groups of seven bits are drawn apart: first fours of them, then twos, then each */
	word = (word & UINT64_C(0x000000000FFFFFFF)) | (word & UINT64_C(0x00FFFFFFF0000000)) << 4;
	word = (word & UINT64_C(0x00003FFF00003FFF)) | (word & UINT64_C(0x0FFFC0000FFFC000)) << 2;
	word = (word & UINT64_C(0x007F007F007F007F)) | (word & UINT64_C(0x3F803F803F803F80)) << 1;
	/* its bits over seven, rounded up; 9/64 does for as many as these */
	len = (unsigned) (9 * (64 - __builtin_clzll(value | 1)) + 64) / 64;
	/* all bytes but the last are continued */
	store64(cur - 8, word << (64 - 8 * len) | UINT64_C(0x0080808080808080));
	return cur - len;
}

/* an integer field numbered below 16, likewise; nothing if it is 0 */
static inline uint8_t *
proto_int_before(uint8_t *cur, uint32_t field, uint64_t value)
{
	if (value == 0)
		return cur;
	if (value < 0x80)
		*--cur = (uint8_t) value;
	else
		cur = proto_varint_before(cur, value);
	*--cur = (uint8_t) (field << 3 | PROTO_VARINT);
	return cur;
}

extern void proto_put_long_varint(ProtoWriter *w, uint64_t value);

/* inlined with the next: a report writes hundreds of them, mostly of one byte or two */
static inline void
proto_put_varint(ProtoWriter *w, uint64_t value)
{
	if (value < 0x80)
		*--w->cur = (uint8_t) value;
	else if (value < 0x4000)
	{
		w->cur -= 2;
		w->cur[0] = (uint8_t) (value | 0x80);
		w->cur[1] = (uint8_t) (value >> 7);
	}
	else
		proto_put_long_varint(w, value);
}

/* an integer or enum field, nothing if it is 0 */
static inline void
proto_put_int(ProtoWriter *w, uint32_t field, int64_t value)
{
	if (value == 0)
		return;
	proto_put_varint(w, (uint64_t) value);
	proto_put_varint(w, (uint64_t) field << 3 | PROTO_VARINT);
}

/* a string or bytes field, nothing if it is empty */
extern void proto_put_bytes(ProtoWriter *w, uint32_t field, const char *data, size_t len);

/* a NUL-terminated string, nothing if it is NULL or empty */
extern void proto_put_string(ProtoWriter *w, uint32_t field, const char *string);

/*
 * Turns what was written since w->cur was behind into a message field; also
 * when that is nothing.
 */
static inline void
proto_put_message(ProtoWriter *w, uint32_t field, const uint8_t *behind)
{
	proto_put_varint(w, (uint64_t) (behind - w->cur));
	proto_put_varint(w, (uint64_t) field << 3 | PROTO_LENGTH);
}

/* a google.protobuf.Timestamp field; microseconds since 2000, of any sign */
extern void proto_put_timestamp(ProtoWriter *w, uint32_t field, int64_t microseconds);

/* the most bytes proto_put_string can take */
extern size_t proto_string_bound(const char *string);

#endif
