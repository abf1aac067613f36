/*
 * packed_sums.h: sums of many packed values, pure C.
 *
 * Counters of up to three bytes gather in small lanes, which cannot overflow
 * before they are settled; what is larger goes to the cells at once.
 */
#ifndef IDPSYNC_PACKED_SUMS_H
#define IDPSYNC_PACKED_SUMS_H

#include "counters/packed.h"

#define LANES 4

typedef struct Lanes
{
	uint32_t	values;			/* in the lanes, not settled */
	uint32_t	present;		/* cells in the lanes */
	uint32_t	lane[JOB_CELLS][LANES];
} Lanes;

/* Adds a packed value to cells and lanes that begin as zeros; may settle. */
extern PackedResult sum_packed(const PackedShape *shape, const uint8_t *bytes, size_t len,
							   void *cells, Lanes *lanes);

/* Brings all that was added into the cells, and clears the lanes. */
extern PackedResult settle_lanes(const PackedShape *shape, void *cells, Lanes *lanes);

#endif
