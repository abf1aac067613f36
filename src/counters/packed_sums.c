/*
 * packed_sums.c: sums of many packed values, pure C.
 */
#include "counters/packed_sums.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "counters/packed_frame.h"

/* a value in the lanes adds less than 2^24 to each */
#define LANES_HOLD 256

#ifdef __x86_64__

/*
 * A cell whose counters have at most three bytes each, eight together, and
 * whose Total is no exception, is spread over the lanes by one shuffle. By
 * control byte: the bytes of the cell, NOT_SMALL if it is none of these, and
 * which of its bytes goes where.
 */
#define NOT_SMALL 16
static const uint8_t small_length[64] = {
	0, 1, 3, 16, 1, 2, 4, 16, 3, 4, 6, 16, 16, 16, 16, 16,
	1, 2, 4, 16, 2, 3, 5, 16, 4, 5, 7, 16, 16, 16, 16, 16,
	3, 4, 6, 16, 4, 5, 7, 16, 6, 7, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16
};

#define N 0x80					/* none: zero */
static const uint8_t small_spread[64][16] __attribute__((aligned(16))) = {
	[0] = {N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N},
	[1] = {0, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N},
	[2] = {0, 1, 2, N, N, N, N, N, N, N, N, N, N, N, N, N},
	[4] = {N, N, N, N, 0, N, N, N, N, N, N, N, N, N, N, N},
	[5] = {0, N, N, N, 1, N, N, N, N, N, N, N, N, N, N, N},
	[6] = {0, 1, 2, N, 3, N, N, N, N, N, N, N, N, N, N, N},
	[8] = {N, N, N, N, 0, 1, 2, N, N, N, N, N, N, N, N, N},
	[9] = {0, N, N, N, 1, 2, 3, N, N, N, N, N, N, N, N, N},
	[10] = {0, 1, 2, N, 3, 4, 5, N, N, N, N, N, N, N, N, N},
	[16] = {N, N, N, N, N, N, N, N, 0, N, N, N, N, N, N, N},
	[17] = {0, N, N, N, N, N, N, N, 1, N, N, N, N, N, N, N},
	[18] = {0, 1, 2, N, N, N, N, N, 3, N, N, N, N, N, N, N},
	[20] = {N, N, N, N, 0, N, N, N, 1, N, N, N, N, N, N, N},
	[21] = {0, N, N, N, 1, N, N, N, 2, N, N, N, N, N, N, N},
	[22] = {0, 1, 2, N, 3, N, N, N, 4, N, N, N, N, N, N, N},
	[24] = {N, N, N, N, 0, 1, 2, N, 3, N, N, N, N, N, N, N},
	[25] = {0, N, N, N, 1, 2, 3, N, 4, N, N, N, N, N, N, N},
	[26] = {0, 1, 2, N, 3, 4, 5, N, 6, N, N, N, N, N, N, N},
	[32] = {N, N, N, N, N, N, N, N, 0, 1, 2, N, N, N, N, N},
	[33] = {0, N, N, N, N, N, N, N, 1, 2, 3, N, N, N, N, N},
	[34] = {0, 1, 2, N, N, N, N, N, 3, 4, 5, N, N, N, N, N},
	[36] = {N, N, N, N, 0, N, N, N, 1, 2, 3, N, N, N, N, N},
	[37] = {0, N, N, N, 1, N, N, N, 2, 3, 4, N, N, N, N, N},
	[38] = {0, 1, 2, N, 3, N, N, N, 4, 5, 6, N, N, N, N, N},
	[40] = {N, N, N, N, 0, 1, 2, N, 3, 4, 5, N, N, N, N, N},
	[41] = {0, N, N, N, 1, 2, 3, N, 4, 5, 6, N, N, N, N, N}
};
#undef N

#define VECTOR_TARGET __attribute__((target("avx,bmi,popcnt")))

static inline bool
has_vectors(void)
{
	return __builtin_cpu_supports("avx") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

/* Adds a packed value to the lanes; false, having added nothing, if not all of its cells are small. */
VECTOR_TARGET SPECIALIZED bool
add_as(const PackedShape *shape, const uint8_t *bytes, size_t len, Lanes *lanes)
{
	Frame		frame;
	const unsigned small_controls = shape->has_total ? 63 : 15;
	size_t		used = 0;
	unsigned	all = 0;
	const uint8_t *p;
	uint8_t		padded[5 * 8];

	if (find_parts(shape, bytes, len, &frame) != NULL)
		return false;
	for (int i = 0; i < frame.count; i++)
	{
		unsigned	control = frame.controls[i];
		unsigned	length = small_length[control & 63];

		used += length;
		all |= length | (control & ~small_controls);
	}
	if (all >= NOT_SMALL || used != (size_t) (frame.controls - frame.bytes))
		return false;

	lanes->present |= frame.present;
	p = frame.bytes;
	if (frame.count + shape->bitmap_bytes < 8)
	{
		/* at most four cells: loads of eight would leave the value */
		memcpy(padded, p, used);
		memset(padded + used, 0, 8);
		p = padded;
	}
	for (uint32_t left = frame.present; left != 0; left &= left - 1)
	{
		__m128i    *sum = (__m128i *) lanes->lane[__builtin_ctz(left)];
		unsigned	control = *frame.controls++;
		__m128i		cell = _mm_loadl_epi64((const __m128i *) p);

		cell = _mm_shuffle_epi8(cell, *(const __m128i *) small_spread[control]);
		_mm_storeu_si128(sum, _mm_add_epi32(_mm_loadu_si128(sum), cell));
		p += small_length[control];
	}
	return true;
}

VECTOR_TARGET static bool
add_to_lanes(const PackedShape *shape, const uint8_t *bytes, size_t len, Lanes *lanes)
{
	return shape->has_total ? add_as(&job_shape, bytes, len, lanes) :
		add_as(&session_shape, bytes, len, lanes);
}

#else

/* no such shuffle: the sums grow in the cells */
#define has_vectors() false
#define add_to_lanes(shape, bytes, len, lanes) false

#endif

PackedResult
sum_packed(const PackedShape *shape, const uint8_t *bytes, size_t len, void *cells, Lanes *lanes)
{
	if (has_vectors() && add_to_lanes(shape, bytes, len, lanes))
		return ++lanes->values < LANES_HOLD ? PACKED_OK : settle_lanes(shape, cells, lanes);
	return add_packed(shape, bytes, len, cells);
}

PackedResult
settle_lanes(const PackedShape *shape, void *cells, Lanes *lanes)
{
	uint32_t   *present = cells;
	int64_t    *values = cells_counters(cells);
	int			first = shape->has_total ? 1 : 0;
	uint64_t	results = 0;

	for (uint32_t left = lanes->present; left != 0; left &= left - 1)
	{
		int			cell = __builtin_ctz(left);
		uint64_t	added[JOB_COUNTERS] = {0};

		for (int i = first; i < shape->counters; i++)
		{
			added[i] = lanes->lane[cell][i - first];
			if (first)
				added[0] += added[i];
		}
		for (int i = 0; i < shape->counters; i++)
		{
			int64_t    *value = values + cell * shape->counters + i;

			*value = (int64_t) ((uint64_t) *value + added[i]);
			results |= (uint64_t) *value;
		}
		memset(lanes->lane[cell], 0, sizeof(lanes->lane[cell]));
	}
	*present |= lanes->present;
	lanes->present = 0;
	lanes->values = 0;
	return results >> 63 ? PACKED_OVERFLOW : PACKED_OK;
}
