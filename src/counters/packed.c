/*
 * packed.c: the stored form of both counter types, pure C.
 */
#include "counters/packed.h"

#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#define FIRST_BYTE 0x10			/* version 1, no flags */

typedef struct Shape
{
	int			cells;
	int			counters;		/* of a cell */
	int			bitmap_bytes;
	bool		has_total;		/* counter 0 is stored last, as a difference */
} Shape;

static const Shape session_shape = {SESSION_CELLS, SESSION_COUNTERS, 3, false};
static const Shape job_shape = {JOB_CELLS, JOB_COUNTERS, 4, true};

/* bytes of a counter by its two bits, and of two counters by their four */
static const uint8_t width_of[4] = {0, 1, 3, 8};
static const uint8_t pair_width_of[16] = {0, 1, 3, 8, 1, 2, 4, 9, 3, 4, 6, 11, 8, 9, 11, 16};
static const uint64_t mask_of[4] = {0, 0xFF, 0xFFFFFF, UINT64_MAX};

/* The loops below are compiled once a shape, with the shape's numbers as constants. */
#define SPECIALIZED static inline __attribute__((always_inline))

/* a packed value taken apart */
typedef struct Frame
{
	uint32_t	present;
	int			count;			/* of present cells */
	const uint8_t *bytes;
	const uint8_t *controls;
} Frame;

static inline uint64_t
load64(const uint8_t *p)
{
	uint64_t	value;

	memcpy(&value, p, sizeof(value));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	value = __builtin_bswap64(value);
#endif
	return value;
}

static inline uint32_t
load32(const uint8_t *p)
{
	uint32_t	value;

	memcpy(&value, p, sizeof(value));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	value = __builtin_bswap32(value);
#endif
	return value;
}

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
find_parts(const Shape *shape, const uint8_t *bytes, size_t len, Frame *frame)
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

/* Finds the parts and holds the lengths of cells against them. */
SPECIALIZED const char *
open_frame(const Shape *shape, const uint8_t *bytes, size_t len, Frame *frame)
{
	const char *fault = find_parts(shape, bytes, len, frame);
	size_t		room;
	size_t		used = 0;
	uint8_t		all = 0;

	if (fault != NULL)
		return fault;
	room = (size_t) (frame->controls - frame->bytes);
	for (int i = 0; i < frame->count; i++)
	{
		uint8_t		control = frame->controls[i];

		used += pair_width_of[control & 15] + pair_width_of[control >> 4];
		all |= control;
	}
	if (shape->counters == 2 && all >> 4 != 0)
		return "a control byte has reserved bits set";
	if (used > room)
		return "it ends too early";
	if (used < room)
		return "it is longer than its cells";
	return NULL;
}

SPECIALIZED PackedResult
accumulate(const Shape *shape, const uint8_t *bytes, size_t len,
		   uint32_t *present, int64_t *sums)
{
	Frame		frame;
	const uint8_t *p;
	uint8_t		padded[7 * JOB_COUNTERS * 8];
	uint64_t	values = 0;		/* their highest bits: is one negative? */
	uint64_t	results = 0;

	if (open_frame(shape, bytes, len, &frame) != NULL)
		return PACKED_MALFORMED;
	p = frame.bytes;
	if (frame.count + shape->bitmap_bytes < 8)
	{
		/* too few bytes behind the last counter for loads of eight */
		size_t		used = (size_t) (frame.controls - frame.bytes);

		memcpy(padded, p, used);
		memset(padded + used, 0, 8);
		p = padded;
	}

	*present |= frame.present;
	for (uint32_t left = frame.present; left != 0; left &= left - 1)
	{
		int64_t    *sum = sums + (size_t) __builtin_ctz(left) * shape->counters;
		unsigned	control = *frame.controls++;
		unsigned	second = width_of[control & 3];
		unsigned	third = pair_width_of[control & 15];
		uint64_t	value[JOB_COUNTERS];
		uint64_t   *others = shape->has_total ? value + 1 : value;

		others[0] = load64(p) & mask_of[control & 3];
		others[1] = load64(p + second) & mask_of[control >> 2 & 3];
		p += third;
		if (shape->has_total)
		{
			others[2] = load64(p) & mask_of[control >> 4 & 3];
			value[0] = load64(p + width_of[control >> 4 & 3]) & mask_of[control >> 6];
			value[0] += others[0] + others[1] + others[2];
			p += pair_width_of[control >> 4];
		}

#pragma GCC unroll 4
		for (int i = 0; i < shape->counters; i++)
		{
			uint64_t	result = (uint64_t) sum[i] + value[i];

			values |= value[i];
			results |= result;
			sum[i] = (int64_t) result;
		}
	}
	if (values >> 63)
		return PACKED_MALFORMED;
	return results >> 63 ? PACKED_OVERFLOW : PACKED_OK;
}

/* the two bits for a stored counter */
static inline unsigned
width_code(uint64_t value)
{
	if (value == 0)
		return 0;
	return value <= 0xFF ? 1 : value <= 0xFFFFFF ? 2 : 3;
}

static size_t
pack(const Shape *shape, uint32_t present, const int64_t *values, uint8_t *out)
{
	uint8_t		controls[JOB_CELLS];
	uint32_t	kept = 0;
	int			count = 0;
	uint8_t    *p = out;

	*p++ = FIRST_BYTE;
	for (int cell = 0; cell < shape->cells; cell++)
	{
		const int64_t *value = values + cell * shape->counters;
		uint64_t	stored[JOB_COUNTERS];
		unsigned	control = 0;
		uint64_t	any = 0;

		if (!(present >> cell & 1))
			continue;
		for (int i = 0; i < shape->counters; i++)
		{
			stored[i] = (uint64_t) value[(i + shape->has_total) % shape->counters];
			any |= stored[i];
		}
		if (any >> 63)
			return 0;
		if (shape->has_total)
		{
			if (any == 0)
				continue;
			stored[3] -= stored[0] + stored[1] + stored[2];
		}
		for (int i = 0; i < shape->counters; i++)
		{
			unsigned	code = width_code(stored[i]);

			control |= code << 2 * i;
			for (int byte = 0; byte < width_of[code]; byte++)
				*p++ = (uint8_t) (stored[i] >> 8 * byte);
		}
		controls[count++] = (uint8_t) control;
		kept |= UINT32_C(1) << cell;
	}
	memcpy(p, controls, count);
	p += count;
	for (int byte = 0; byte < shape->bitmap_bytes; byte++)
		*p++ = (uint8_t) (kept >> 8 * byte);
	return (size_t) (p - out);
}

/*
 * What accumulate() lets pass and yet is not the one form: counters in more
 * bytes than they need, and job cells of zeros. Counters that are negative
 * show when they are added up.
 */
static const char *
check_minimal(const Shape *shape, const Frame *frame)
{
	const uint8_t *p = frame->bytes;

	for (int i = 0; i < frame->count; i++)
	{
		unsigned	control = frame->controls[i];

		if (shape->has_total && control == 0)
			return "it holds a cell of zeros";
		for (int j = 0; j < shape->counters; j++)
		{
			unsigned	code = control >> 2 * j & 3;
			uint64_t	value = 0;

			for (int byte = 0; byte < width_of[code]; byte++)
				value |= (uint64_t) *p++ << 8 * byte;
			if (width_code(value) != code)
				return "a counter takes more bytes than it needs";
		}
	}
	return NULL;
}

size_t
session_pack(const SessionCells *cells, uint8_t *out)
{
	if (cells->present == 0)
		return 0;
	return pack(&session_shape, cells->present, cells->value[0], out);
}

size_t
job_pack(const JobCells *cells, uint8_t *out)
{
	return pack(&job_shape, cells->present, cells->value[0], out);
}

const char *
session_check(const uint8_t *bytes, size_t len)
{
	Frame		frame;
	SessionCells cells;
	const char *fault = open_frame(&session_shape, bytes, len, &frame);

	if (fault == NULL && frame.count == 0)
		fault = "it holds no change";
	if (fault == NULL)
		fault = check_minimal(&session_shape, &frame);
	if (fault == NULL && !session_unpack(bytes, len, &cells))
		fault = "a counter is out of range";
	return fault;
}

const char *
job_check(const uint8_t *bytes, size_t len)
{
	Frame		frame;
	JobCells	cells;
	const char *fault = open_frame(&job_shape, bytes, len, &frame);

	if (fault == NULL)
		fault = check_minimal(&job_shape, &frame);
	if (fault == NULL && !job_unpack(bytes, len, &cells))
		fault = "a counter is out of range";
	return fault;
}

PackedResult
session_accumulate(const uint8_t *bytes, size_t len, SessionCells *sums)
{
	return accumulate(&session_shape, bytes, len, &sums->present, sums->value[0]);
}

PackedResult
job_accumulate(const uint8_t *bytes, size_t len, JobCells *sums)
{
	return accumulate(&job_shape, bytes, len, &sums->present, sums->value[0]);
}

bool
session_unpack(const uint8_t *bytes, size_t len, SessionCells *cells)
{
	memset(cells, 0, sizeof(*cells));
	return session_accumulate(bytes, len, cells) == PACKED_OK;
}

bool
job_unpack(const uint8_t *bytes, size_t len, JobCells *cells)
{
	memset(cells, 0, sizeof(*cells));
	return job_accumulate(bytes, len, cells) == PACKED_OK;
}

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
add_to_lanes(const Shape *shape, const uint8_t *bytes, size_t len,
			 uint32_t *present, uint32_t (*lane)[LANES])
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

	*present |= frame.present;
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
		__m128i    *sum = (__m128i *) lane[__builtin_ctz(left)];
		unsigned	control = *frame.controls++;
		__m128i		cell = _mm_loadl_epi64((const __m128i *) p);

		cell = _mm_shuffle_epi8(cell, *(const __m128i *) small_spread[control]);
		_mm_storeu_si128(sum, _mm_add_epi32(_mm_loadu_si128(sum), cell));
		p += small_length[control];
	}
	return true;
}

VECTOR_TARGET static bool
session_add_to_lanes(SessionSums *sums, const uint8_t *bytes, size_t len)
{
	return add_to_lanes(&session_shape, bytes, len, &sums->present, sums->lane);
}

VECTOR_TARGET static bool
job_add_to_lanes(JobSums *sums, const uint8_t *bytes, size_t len)
{
	return add_to_lanes(&job_shape, bytes, len, &sums->present, sums->lane);
}

#else

/* no such shuffle: the sums grow in the cells */
#define has_vectors() false
#define session_add_to_lanes(sums, bytes, len) false
#define job_add_to_lanes(sums, bytes, len) false

#endif

/* adds the lanes to the cells and clears them */
static PackedResult
settle(const Shape *shape, uint32_t *present, int64_t *values,
	   uint32_t *lanes_present, uint32_t (*lane)[LANES])
{
	int			first = shape->has_total ? 1 : 0;
	uint64_t	results = 0;

	for (uint32_t left = *lanes_present; left != 0; left &= left - 1)
	{
		int			cell = __builtin_ctz(left);
		uint64_t	added[JOB_COUNTERS] = {0};

		for (int i = first; i < shape->counters; i++)
		{
			added[i] = lane[cell][i - first];
			if (first)
				added[0] += added[i];
		}
		for (int i = 0; i < shape->counters; i++)
		{
			int64_t    *value = values + cell * shape->counters + i;

			*value = (int64_t) ((uint64_t) *value + added[i]);
			results |= (uint64_t) *value;
		}
		memset(lane[cell], 0, sizeof(lane[cell]));
	}
	*present |= *lanes_present;
	*lanes_present = 0;
	return results >> 63 ? PACKED_OVERFLOW : PACKED_OK;
}

PackedResult
session_sums_settle(SessionSums *sums)
{
	sums->unsettled = 0;
	return settle(&session_shape, &sums->cells.present, sums->cells.value[0],
				  &sums->present, sums->lane);
}

PackedResult
job_sums_settle(JobSums *sums)
{
	sums->unsettled = 0;
	return settle(&job_shape, &sums->cells.present, sums->cells.value[0],
				  &sums->present, sums->lane);
}

PackedResult
session_sums_add(SessionSums *sums, const uint8_t *bytes, size_t len)
{
	if (has_vectors() && session_add_to_lanes(sums, bytes, len))
		return ++sums->unsettled < LANES_HOLD ? PACKED_OK : session_sums_settle(sums);
	return session_accumulate(bytes, len, &sums->cells);
}

PackedResult
job_sums_add(JobSums *sums, const uint8_t *bytes, size_t len)
{
	if (has_vectors() && job_add_to_lanes(sums, bytes, len))
		return ++sums->unsettled < LANES_HOLD ? PACKED_OK : job_sums_settle(sums);
	return job_accumulate(bytes, len, &sums->cells);
}
