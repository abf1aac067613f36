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
 * Success + Failed + Skipped modulo 2^64. A value has exactly one packed form: equal bytes are equal values.
 */
#ifndef IDPSYNC_PACKED_H
#define IDPSYNC_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "counters/cells.h"

#define SESSION_PACKED_MAX (1 + SESSION_CELLS * (1 + SESSION_COUNTERS * 8) + 3)
#define JOB_PACKED_MAX (1 + JOB_CELLS * (1 + JOB_COUNTERS * 8) + 4)

typedef enum PackedResult
{
	PACKED_OK,
	PACKED_OVERFLOW,			/* a sum has left int64, and is now negative */
	PACKED_MALFORMED			/* no packed value; the sums are of no use */
} PackedResult;

/*
 * Writes cells to out (room for ..._PACKED_MAX bytes) and returns the length; 0
 * if a counter is negative, or if a session's progress holds no cell.
 */
extern size_t session_pack(const SessionCells *cells, uint8_t *out);
extern size_t job_pack(const JobCells *cells, uint8_t *out);

/*
 * Is this the packed form of a value? NULL if so, else what is wrong, as
 * constant text. For bytes from outside.
 */
extern const char *session_check(const uint8_t *bytes, size_t len);
extern const char *job_check(const uint8_t *bytes, size_t len);

/*
 * Adds a packed value to sums that are not negative. Reads nothing outside the
 * bytes, whatever they hold, but leaves it to the check to insist on the one form.
 */
extern PackedResult session_accumulate(const uint8_t *bytes, size_t len, SessionCells *sums);
extern PackedResult job_accumulate(const uint8_t *bytes, size_t len, JobCells *sums);

/* The same into empty cells; false if the bytes are no packed value. */
extern bool session_unpack(const uint8_t *bytes, size_t len, SessionCells *cells);
extern bool job_unpack(const uint8_t *bytes, size_t len, JobCells *cells);

/*
 * Sums of many packed values. Counters of up to three bytes gather in small
 * lanes, which cannot overflow before they are settled.
 */
#define LANES 4

typedef struct SessionSums
{
	SessionCells cells;
	uint32_t	unsettled;		/* values in the lanes */
	uint32_t	present;		/* cells in the lanes */
	uint32_t	lane[SESSION_CELLS][LANES];
} SessionSums;

typedef struct JobSums
{
	JobCells	cells;
	uint32_t	unsettled;
	uint32_t	present;
	uint32_t	lane[JOB_CELLS][LANES];
} JobSums;

/* Adds a packed value to sums that begin as zeros; may settle. */
extern PackedResult session_sums_add(SessionSums *sums, const uint8_t *bytes, size_t len);
extern PackedResult job_sums_add(JobSums *sums, const uint8_t *bytes, size_t len);

/* Brings all that was added into the cells. */
extern PackedResult session_sums_settle(SessionSums *sums);
extern PackedResult job_sums_settle(JobSums *sums);

#endif
