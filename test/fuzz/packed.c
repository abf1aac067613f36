/*
 * packed.c: packed counters.
 *
 * The first byte chooses the type, the rest is a packed value.
 */
#include "counters/packed_sums.h"
#include "fuzz.h"

static bool
same_cells(const PackedShape *shape, const AnyCells *a, const AnyCells *b)
{
	return memcmp(a, b, shape->cells_size) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const PackedShape *shape;
	AnyCells	cells;
	AnyCells	sums = {0};
	AnyCells	lane_sums = {0};
	Lanes		lanes = {0};
	const uint8_t *bytes = data + 1;
	size_t		len = size - 1;
	uint8_t    *again;
	bool		read;

	if (size == 0)
		return 0;
	shape = data[0] & 1 ? &job_shape : &session_shape;
	again = malloc(PACKED_MAX);
	read = unpack_cells(shape, bytes, len, &cells);

	/* what is accepted is the one packed form of what it says */
	if (check_packed(shape, bytes, len) == NULL)
	{
		HOLDS(read);
		HOLDS(pack_cells(shape, &cells, again) == len && memcmp(again, bytes, len) == 0);
	}
	/* and what is only read has another form, or, without a cell, none */
	else if (read)
	{
		AnyCells	packed;
		size_t		packed_len = pack_cells(shape, &cells, again);

		HOLDS(packed_len != len || memcmp(again, bytes, len) != 0);
		if (packed_len > 0)
		{
			HOLDS(check_packed(shape, again, packed_len) == NULL);
			HOLDS(unpack_cells(shape, again, packed_len, &packed));
			if (!shape->zeros_absent)
				HOLDS(same_cells(shape, &packed, &cells));
		}
		else
			HOLDS(!shape->zeros_absent && cells_present(&cells) == 0);
	}

	/* sums through the lanes are sums cell by cell */
	for (int i = 0; i < 3; i++)
	{
		PackedResult result = add_packed(shape, bytes, len, &sums);
		PackedResult in_lanes = sum_packed(shape, bytes, len, &lane_sums, &lanes);

		if (in_lanes == PACKED_OK)
			in_lanes = settle_lanes(shape, &lane_sums, &lanes);
		HOLDS(result == in_lanes);
		if (result != PACKED_OK)
			break;
		HOLDS(same_cells(shape, &sums, &lane_sums));
	}
	free(again);
	return 0;
}
