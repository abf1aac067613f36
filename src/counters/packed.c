/*
 * packed.c: the stored form of both counter types, pure C.
 */
#include "counters/packed_frame.h"

/* bytes of a counter by its two bits, and of two counters by their four */
static const uint8_t width_of[4] = {0, 1, 3, 8};
static const uint8_t pair_width_of[16] = {0, 1, 3, 8, 1, 2, 4, 9, 3, 4, 6, 11, 8, 9, 11, 16};
static const uint64_t mask_of[4] = {0, 0xFF, 0xFFFFFF, UINT64_MAX};

/* Finds the parts and holds the lengths of cells against them. */
SPECIALIZED const char *
open_frame(const PackedShape *shape, const uint8_t *bytes, size_t len, Frame *frame)
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
add_as(const PackedShape *shape, const uint8_t *bytes, size_t len,
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

PackedResult
add_packed(const PackedShape *shape, const uint8_t *bytes, size_t len, void *cells)
{
	uint32_t   *present = cells;
	int64_t    *sums = cells_counters(cells);

	return shape->has_total ? add_as(&job_shape, bytes, len, present, sums) :
		add_as(&session_shape, bytes, len, present, sums);
}

bool
unpack_cells(const PackedShape *shape, const uint8_t *bytes, size_t len, void *cells)
{
	memset(cells, 0, shape->cells_size);
	return add_packed(shape, bytes, len, cells) == PACKED_OK;
}

/* the two bits for a stored counter */
static inline unsigned
width_code(uint64_t value)
{
	if (value == 0)
		return 0;
	return value <= 0xFF ? 1 : value <= 0xFFFFFF ? 2 : 3;
}

size_t
pack_cells(const PackedShape *shape, const void *cells, uint8_t *out)
{
	uint32_t	present = cells_present(cells);
	const int64_t *values = cells_counters(cells);
	uint8_t		controls[JOB_CELLS];
	uint32_t	kept = 0;
	int			count = 0;
	uint8_t    *p = out;

	if (present == 0 && !shape->zeros_absent)
		return 0;
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
		if (shape->zeros_absent && any == 0)
			continue;
		if (shape->has_total)
			stored[3] -= stored[0] + stored[1] + stored[2];
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
 * What add_packed() lets pass and yet is not the one form: counters in more
 * bytes than they need, and cells of zeros where
 * these are absent. Counters that are negative
 * show when they are added up.
 */
static const char *
check_minimal(const PackedShape *shape, const Frame *frame)
{
	const uint8_t *p = frame->bytes;

	for (int i = 0; i < frame->count; i++)
	{
		unsigned	control = frame->controls[i];

		if (shape->zeros_absent && control == 0)
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

const char *
check_packed(const PackedShape *shape, const uint8_t *bytes, size_t len)
{
	Frame		frame;
	AnyCells	cells;
	const char *fault = open_frame(shape, bytes, len, &frame);

	if (fault == NULL && frame.count == 0 && !shape->zeros_absent)
		fault = "it holds no change";
	if (fault == NULL)
		fault = check_minimal(shape, &frame);
	if (fault == NULL && !unpack_cells(shape, bytes, len, &cells))
		fault = "a counter is out of range";
	return fault;
}
