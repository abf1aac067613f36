/*
 * packed.h: the stored form of both counter types, pure C.
 *
 *	byte 0			version (high nibble) and flags (low nibble, reserved: zero)
 *	bytes			of every present cell's counters, little-endian
 *	controls		one byte a present cell, two bits a counter from the lowest
 *					on: 0, 1, 3 or 8 bytes
 *	bitmap			which cells are present, little-endian, unused bits zero
 *
 * Controls and bitmap stand last, so that the eight-byte load of any counter
 * stays inside the value, and next to each other, so that where a cell begins
 * does not wait for the cell before it to be read.
 *
 * A job's Total is stored behind its other counters, as its difference from
 * Success + Failed + Skipped modulo 2^64. A value has exactly one packed form:
 * equal bytes are equal values.
 */
#ifndef IDPSYNC_PACKED_H
#define IDPSYNC_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "counters/cells.h"

/* what the two types differ in */
typedef struct PackedShape
{
	int			cells;
	int			counters;		/* of a cell */
	int			bitmap_bytes;
	bool		has_total;		/* counter 0 is stored last, as a difference */
	bool		zeros_absent;	/* a cell of zeros is absent, and a value may have no cell */
	size_t		cells_size;		/* of the struct of cells */
} PackedShape;

static const PackedShape session_shape = {
	SESSION_CELLS, SESSION_COUNTERS, 3, false, false, sizeof(SessionCells)
};
static const PackedShape job_shape = {
	JOB_CELLS, JOB_COUNTERS, 4, true, true, sizeof(JobCells)
};

/* room for the cells of either type */
typedef union AnyCells
{
	SessionCells session;
	JobCells	job;
} AnyCells;

/* the longest packed value, which is a job's */
#define PACKED_MAX (1 + JOB_CELLS * (1 + JOB_COUNTERS * 8) + 4)

/*
 * Below, cells are SessionCells or JobCells, as the shape is. Both begin with
 * the bitmap, and then have the counters of one cell behind the other.
 */
_Static_assert(offsetof(SessionCells, present) == 0 && offsetof(JobCells, present) == 0 &&
			   offsetof(SessionCells, value) == offsetof(JobCells, value),
			   "cells of both types begin alike");

static inline uint32_t
cells_present(const void *cells)
{
	return *(const uint32_t *) cells;
}

static inline int64_t *
cells_counters(const void *cells)
{
	return (int64_t *) ((const char *) cells + offsetof(JobCells, value));
}

typedef enum PackedResult
{
	PACKED_OK,
	PACKED_OVERFLOW,			/* a sum has left int64, and is now negative */
	PACKED_MALFORMED			/* no packed value; the sums are of no use */
} PackedResult;

/*
 * Writes cells to out (room for PACKED_MAX bytes) and returns the length; 0
 * if a counter is negative, or if a session's progress holds no cell.
 */
extern size_t pack_cells(const PackedShape *shape, const void *cells, uint8_t *out);

/*
 * Is this the packed form of a value? NULL if so, else what is wrong, as
 * constant text. For bytes from outside.
 */
extern const char *check_packed(const PackedShape *shape, const uint8_t *bytes, size_t len);

/*
 * Adds a packed value to cells that are not negative. Reads nothing outside the
 * bytes, whatever they hold, but leaves it to the check to insist on the one form.
 */
extern PackedResult add_packed(const PackedShape *shape, const uint8_t *bytes, size_t len, void *cells);

/* The same into empty cells; false if the bytes are no packed value. */
extern bool unpack_cells(const PackedShape *shape, const uint8_t *bytes, size_t len, void *cells);

#endif
