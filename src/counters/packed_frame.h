/*
 * packed_frame.h: how a packed value is taken apart, pure C; for what reads packed bytes.
 */
#ifndef IDPSYNC_PACKED_FRAME_H
#define IDPSYNC_PACKED_FRAME_H

#include "base/little_endian.h"
#include "counters/packed.h"

#define FIRST_BYTE 0x10			/* version 1, no flags */

/*
 * The loops that every stored value goes through are compiled once a shape, with
 * the shape's numbers as constants: their callers name the shape itself.
 */
#define SPECIALIZED static inline __attribute__((always_inline))

/* a packed value taken apart */
typedef struct Frame
{
	uint32_t	present;
	int			count;			/* of present cells */
	const uint8_t *bytes;
	const uint8_t *controls;
} Frame;

/* written out, since without a machine option the builtin is a library call */
static inline int
count_bits(uint32_t x)
{
	x -= (x >> 1) & 0x55555555;
	x = (x & 0x33333333) + ((x >> 2) & 0x33333333);
	x = (x + (x >> 4)) & 0x0F0F0F0F;
	return (int) ((x * 0x01010101) >> 24);
}

/* Finds the parts but for the lengths of cells; NULL, or what is wrong. */
SPECIALIZED const char *
find_parts(const PackedShape *shape, const uint8_t *bytes, size_t len, Frame *frame)
{
	size_t		room;

	if (len < (size_t) (1 + shape->bitmap_bytes))
		return "it ends too early";
	if (bytes[0] >> 4 != FIRST_BYTE >> 4)
		return "its version is unknown";
	if (bytes[0] != FIRST_BYTE)
		return "reserved flags are set";

	/* one byte and the shortest bitmap are four bytes */
	frame->present = load32(bytes + len - 4) >> (32 - 8 * shape->bitmap_bytes);
	if (frame->present >> shape->cells != 0)
		return "its bitmap names cells that do not exist";
	frame->count = count_bits(frame->present);
	room = len - 1 - shape->bitmap_bytes;
	if (room < (size_t) frame->count)
		return "it ends too early";
	frame->bytes = bytes + 1;
	frame->controls = frame->bytes + room - frame->count;
	return NULL;
}

#endif
