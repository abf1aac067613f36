/*
 * packed.c: the stored form of both counter types, pure C.
 */
#include "counters/packed.h"

#include <string.h>

#define FIRST_BYTE 0x10			/* version 1, no flags */

typedef struct Shape
{
	int			cells;
	int			counters;		/* of a cell */
	int			bitmap_bytes;
	bool		has_total;		/* counter 0 is stored as a difference */
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

/* Finds the parts; NULL, or what is wrong with the whole. */
SPECIALIZED const char *
open_frame(const Shape *shape, const uint8_t *bytes, size_t len, Frame *frame)
{
	size_t		room;
	size_t		used = 0;
	uint8_t		all = 0;

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
	room -= frame->count;
	frame->bytes = bytes + 1;
	frame->controls = frame->bytes + room;

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

		value[0] = load64(p) & mask_of[control & 3];
		value[1] = load64(p + second) & mask_of[control >> 2 & 3];
		p += third;
		if (shape->counters == 4)
		{
			value[2] = load64(p) & mask_of[control >> 4 & 3];
			value[3] = load64(p + width_of[control >> 4 & 3]) & mask_of[control >> 6];
			p += pair_width_of[control >> 4];
		}
		if (shape->has_total)
			value[0] += value[1] + value[2] + value[3];

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
		uint64_t	stored[JOB_COUNTERS];
		unsigned	control = 0;
		uint64_t	any = 0;

		if (!(present >> cell & 1))
			continue;
		for (int i = 0; i < shape->counters; i++)
		{
			stored[i] = (uint64_t) values[cell * shape->counters + i];
			any |= stored[i];
		}
		if (any >> 63)
			return 0;
		if (shape->has_total)
		{
			if (any == 0)
				continue;
			stored[0] -= stored[1] + stored[2] + stored[3];
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
