/*
 * packed.c: packs and unpacks random values; damages what was packed.
 *
 * Prints TAP. The seed is the argument, so a failure can be repeated.
 */
#include "counters/packed_sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 1000

typedef struct SessionSums
{
	SessionCells cells;
	Lanes		lanes;
} SessionSums;

typedef struct JobSums
{
	JobCells	cells;
	Lanes		lanes;
} JobSums;

static uint64_t random_state;
static int	test_number;
static int	failures;

static uint64_t
random64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* mostly small, at times the ends of every width */
static int64_t
random_counter(void)
{
	static const int64_t edges[] = {0, 1, 255, 256, 65535, 16777215, 16777216, INT64_MAX - 1, INT64_MAX};

	switch (random64() % 4)
	{
		case 0:
			return edges[random64() % 9];
		case 1:
			return (int64_t) (random64() >> (1 + random64() % 63));
		default:
			return (int64_t) (random64() % 300);
	}
}

static void
report(bool ok, const char *what)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++test_number, what);
	failures += !ok;
}

static void
random_session(SessionCells *cells)
{
	unsigned	sparse = 1 + random64() % 12;

	memset(cells, 0, sizeof(*cells));
	for (int cell = 0; cell < SESSION_CELLS; cell++)
	{
		if (random64() % sparse != 0)
			continue;
		cells->present |= UINT32_C(1) << cell;
		for (int i = 0; i < SESSION_COUNTERS; i++)
			cells->value[cell][i] = random_counter();
	}
	cells->present |= 1;
}

static void
random_job(JobCells *cells)
{
	bool		balanced = random64() % 2;
	unsigned	sparse = 1 + random64() % 12;

	memset(cells, 0, sizeof(*cells));
	for (int cell = 0; cell < JOB_CELLS; cell++)
	{
		int64_t    *value = cells->value[cell];

		if (random64() % sparse != 0)
			continue;
		for (int i = 0; i < JOB_COUNTERS; i++)
			value[i] = random_counter();
		if (balanced && value[1] < 1000000 && value[2] < 1000000 && value[3] < 1000000)
			value[0] = value[1] + value[2] + value[3];
		if (value[0] | value[1] | value[2] | value[3])
			cells->present |= UINT32_C(1) << cell;
	}
}

/* the bytes in a block of just their size, so that the sanitizer sees every step outside */
static uint8_t *
exactly(const uint8_t *bytes, size_t len)
{
	uint8_t    *copy = malloc(len ? len : 1);

	memcpy(copy, bytes, len);
	return copy;
}

/* either refused, or the only form of what it unpacks to; sums agree with cells */
static bool
session_sound(const uint8_t *bytes, size_t len)
{
	uint8_t    *copy = exactly(bytes, len);
	uint8_t		again[PACKED_MAX];
	SessionCells cells;
	SessionSums sums = {0};
	bool		unpacked = unpack_cells(&session_shape, copy, len, &cells);
	PackedResult added = sum_packed(&session_shape, copy, len, &sums.cells, &sums.lanes);
	bool		sound = check_packed(&session_shape, copy, len) != NULL ||
		(unpacked && pack_cells(&session_shape, &cells, again) == len && memcmp(again, copy, len) == 0);

	settle_lanes(&session_shape, &sums.cells, &sums.lanes);
	sound &= unpacked == (added == PACKED_OK) &&
		(!unpacked || memcmp(&sums.cells, &cells, sizeof(cells)) == 0);

	free(copy);
	return sound;
}

static bool
job_sound(const uint8_t *bytes, size_t len)
{
	uint8_t    *copy = exactly(bytes, len);
	uint8_t		again[PACKED_MAX];
	JobCells	cells;
	JobSums		sums = {0};
	bool		unpacked = unpack_cells(&job_shape, copy, len, &cells);
	PackedResult added = sum_packed(&job_shape, copy, len, &sums.cells, &sums.lanes);
	bool		sound = check_packed(&job_shape, copy, len) != NULL ||
		(unpacked && pack_cells(&job_shape, &cells, again) == len && memcmp(again, copy, len) == 0);

	settle_lanes(&job_shape, &sums.cells, &sums.lanes);
	sound &= unpacked == (added == PACKED_OK) &&
		(!unpacked || memcmp(&sums.cells, &cells, sizeof(cells)) == 0);

	free(copy);
	return sound;
}

/* every truncation, every flipped bit, one byte more, random bytes changed */
static bool
damage(uint8_t *bytes, size_t len, bool (*sound) (const uint8_t *, size_t))
{
	bool		ok = true;

	for (size_t cut = 0; cut < len; cut++)
		ok &= sound(bytes, cut);
	for (size_t bit = 0; bit < len * 8; bit++)
	{
		bytes[bit / 8] ^= 1 << bit % 8;
		ok &= sound(bytes, len);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	bytes[len] = 0;
	ok &= sound(bytes, len + 1);
	for (int i = 0; i < 16; i++)
	{
		bytes[random64() % len] = (uint8_t) random64();
		ok &= sound(bytes, len);
	}
	return ok;
}

static void
test_session(void)
{
	bool		equal = true;
	bool		accepted = true;
	bool		undamaged = true;

	for (int round = 0; round < ROUNDS; round++)
	{
		SessionCells cells,
					back;
		uint8_t		bytes[PACKED_MAX + 1];
		size_t		len;
		uint8_t    *copy;

		random_session(&cells);
		len = pack_cells(&session_shape, &cells, bytes);
		copy = exactly(bytes, len);
		accepted &= check_packed(&session_shape, copy, len) == NULL;
		equal &= unpack_cells(&session_shape, copy, len, &back) && memcmp(&cells, &back, sizeof(cells)) == 0;
		free(copy);
		undamaged &= damage(bytes, len, session_sound);
	}
	report(equal, "session progress comes back as it was packed");
	report(accepted, "the check accepts packed session progress");
	report(undamaged, "damaged session progress is refused or another value's own form");
}

static void
test_job(void)
{
	bool		equal = true;
	bool		accepted = true;
	bool		undamaged = true;

	for (int round = 0; round < ROUNDS; round++)
	{
		JobCells	cells,
					back;
		uint8_t		bytes[PACKED_MAX + 1];
		size_t		len;
		uint8_t    *copy;

		random_job(&cells);
		for (int cell = 0; cell < JOB_CELLS; cell++)
			if (!(cells.present >> cell & 1))
				memset(cells.value[cell], 0, sizeof(cells.value[cell]));
		len = pack_cells(&job_shape, &cells, bytes);
		copy = exactly(bytes, len);
		accepted &= check_packed(&job_shape, copy, len) == NULL;
		equal &= unpack_cells(&job_shape, copy, len, &back) && memcmp(&cells, &back, sizeof(cells)) == 0;
		free(copy);
		undamaged &= damage(bytes, len, job_sound);
	}
	report(equal, "job statistics come back as they were packed");
	report(accepted, "the check accepts packed job statistics");
	report(undamaged, "damaged job statistics are refused or another value's own form");
}

/* sums of packed values against sums of cells */
static void
test_accumulate(void)
{
	bool		equal = true;
	bool		overflow = true;

	for (int round = 0; round < ROUNDS; round++)
	{
		JobCells	sums = {0};
		JobCells	expected = {0};
		bool		beyond = false;

		for (int i = 0; i < 3; i++)
		{
			JobCells	cells;
			uint8_t		bytes[PACKED_MAX];
			size_t		len;
			PackedResult result;

			random_job(&cells);
			len = pack_cells(&job_shape, &cells, bytes);
			for (int cell = 0; cell < JOB_CELLS; cell++)
				for (int j = 0; j < JOB_COUNTERS; j++)
					beyond |= __builtin_add_overflow(expected.value[cell][j], cells.value[cell][j],
													 &expected.value[cell][j]);
			expected.present |= cells.present;
			result = add_packed(&job_shape, bytes, len, &sums);
			overflow &= result == (beyond ? PACKED_OVERFLOW : PACKED_OK);
			if (beyond)
				break;
		}
		equal &= memcmp(&sums, &expected, sizeof(sums)) == 0;
	}
	report(equal, "packed values add up as their cells do");
	report(overflow, "a sum beyond int64 is told, and no other");
}

/* many sums, in lanes and out of them, against sums of cells */
static void
test_sums(void)
{
	bool		job_equal = true;
	bool		session_equal = true;

	for (int round = 0; round < 20; round++)
	{
		JobSums		job_sums = {0};
		JobCells	job_expected = {0};
		SessionSums session_sums = {0};
		SessionCells session_expected = {0};

		for (int i = 0; i < 700; i++)
		{
			JobCells	job;
			SessionCells session;
			uint8_t		bytes[PACKED_MAX];
			uint8_t    *copy;
			size_t		len;

			/* the large counters must not leave int64, the small ones fill their lanes */
			random_job(&job);
			for (int cell = 0; cell < JOB_CELLS; cell++)
				for (int j = 0; j < JOB_COUNTERS; j++)
				{
					job.value[cell][j] >>= job.value[cell][j] > 16777215 ? 12 : 0;
					job_expected.value[cell][j] += job.present >> cell & 1 ? job.value[cell][j] : 0;
				}
			job_expected.present |= job.present;
			len = pack_cells(&job_shape, &job, bytes);
			copy = exactly(bytes, len);
			job_equal &= sum_packed(&job_shape, copy, len, &job_sums.cells, &job_sums.lanes) == PACKED_OK;
			free(copy);

			random_session(&session);
			for (int cell = 0; cell < SESSION_CELLS; cell++)
				for (int j = 0; j < SESSION_COUNTERS; j++)
				{
					session.value[cell][j] = session.value[cell][j] > 16777215 && round % 2 ? 16777215 : session.value[cell][j] >> 12;
					session_expected.value[cell][j] += session.value[cell][j];
				}
			session_expected.present |= session.present;
			len = pack_cells(&session_shape, &session, bytes);
			copy = exactly(bytes, len);
			session_equal &= sum_packed(&session_shape, copy, len, &session_sums.cells, &session_sums.lanes) == PACKED_OK;
			free(copy);
		}
		job_equal &= settle_lanes(&job_shape, &job_sums.cells, &job_sums.lanes) == PACKED_OK &&
			memcmp(&job_sums.cells, &job_expected, sizeof(job_expected)) == 0;
		session_equal &= settle_lanes(&session_shape, &session_sums.cells, &session_sums.lanes) == PACKED_OK &&
			memcmp(&session_sums.cells, &session_expected, sizeof(session_expected)) == 0;
	}
	report(job_equal, "many job statistics add up as their cells do");
	report(session_equal, "many session progresses add up as their cells do");
}

/* all cells small, as in most stored values */
static void
test_small_sums(void)
{
	JobSums		sums = {0};
	JobCells	expected = {0};
	bool		equal = true;

	for (int i = 0; i < 2000; i++)
	{
		/* at first as fast as lanes can fill */
		bool		full = i < 1000;
		JobCells	job = {0};
		uint8_t		bytes[PACKED_MAX];
		uint8_t    *copy;
		size_t		len;

		for (int cell = 0; cell < JOB_CELLS; cell++)
		{
			int64_t    *value = job.value[cell];

			if (!full && random64() % 3 == 0)
				continue;
			value[1] = full || random64() % 2 ? 16777215 : 255;
			value[2] = full || random64() % 2 ? 16777215 : 1;
			value[3] = random64() % 2 ? 255 : 0;
			value[0] = value[1] + value[2] + value[3];
			job.present |= UINT32_C(1) << cell;
			for (int j = 0; j < JOB_COUNTERS; j++)
				expected.value[cell][j] += value[j];
		}
		expected.present |= job.present;
		len = pack_cells(&job_shape, &job, bytes);
		copy = exactly(bytes, len);
		equal &= sum_packed(&job_shape, copy, len, &sums.cells, &sums.lanes) == PACKED_OK;
		free(copy);
	}
	equal &= settle_lanes(&job_shape, &sums.cells, &sums.lanes) == PACKED_OK;
	report(equal && memcmp(&sums.cells, &expected, sizeof(expected)) == 0,
		   "sums in the lanes do not overflow them");

	for (int cell = 0; cell < JOB_CELLS; cell++)
		sums.cells.value[cell][JOB_SUCCEEDED] = INT64_MAX;
	sums.cells.present = 0x0F;
	for (int cell = 0; cell < 8; cell++)
	{
		expected.value[cell][0] = expected.value[cell][1] = 1;
		expected.value[cell][2] = expected.value[cell][3] = 0;
	}
	expected.present = 0xFF;
	{
		uint8_t		bytes[PACKED_MAX];
		size_t		len = pack_cells(&job_shape, &expected, bytes);
		PackedResult added = sum_packed(&job_shape, bytes, len, &sums.cells, &sums.lanes);

		report(added == PACKED_OVERFLOW || settle_lanes(&job_shape, &sums.cells, &sums.lanes) == PACKED_OVERFLOW,
			   "a sum in the lanes that leaves int64 is told");
	}
}

static void
test_refused(void)
{
	SessionCells none = {0};
	JobCells	job = {0};
	uint8_t		bytes[PACKED_MAX];
	size_t		len;

	report(pack_cells(&session_shape, &none, bytes) == 0, "session progress without a cell cannot be packed");
	none.present = 1;
	none.value[0][0] = -1;
	report(pack_cells(&session_shape, &none, bytes) == 0, "a negative counter cannot be packed");

	/* every cell says so and is zero: absent */
	job.present = (UINT32_C(1) << JOB_CELLS) - 1;
	len = pack_cells(&job_shape, &job, bytes);
	report(len == 5 && check_packed(&job_shape, bytes, len) == NULL, "job cells of zeros are left out");

	/* a Total that comes out as -1: difference 2^64 - 1, nothing else */
	memcpy(bytes, "\x10\xff\xff\xff\xff\xff\xff\xff\xff\x03\x01\0\0\0", 14);
	report(check_packed(&job_shape, bytes, 14) != NULL, "a Total below zero is refused");
	/* one byte would do */
	memcpy(bytes, "\x10\x01\0\0\x02\x01\0\0\0", 9);
	report(check_packed(&job_shape, bytes, 9) != NULL, "more bytes than needed are refused");
	memcpy(bytes, "\x10\0\x01\0\0\0", 6);
	report(check_packed(&job_shape, bytes, 6) != NULL, "a stored cell of zeros is refused");
	memcpy(bytes, "\x10\0\0\0", 4);
	report(check_packed(&session_shape, bytes, 4) != NULL, "packed session progress without a cell is refused");
	memcpy(bytes, "\x20\0\0\0\0", 5);
	report(check_packed(&job_shape, bytes, 5) != NULL, "another version is refused");
	memcpy(bytes, "\x11\0\0\0\0", 5);
	report(check_packed(&job_shape, bytes, 5) != NULL, "a reserved flag is refused");
	memcpy(bytes, "\x10\x01\0\0\0\x10", 6);
	report(check_packed(&job_shape, bytes, 6) != NULL, "a bit beyond the bitmap is refused");
}

int
main(int argc, char **argv)
{
	random_state = argc > 1 ? strtoull(argv[1], NULL, 10) | 1 : 20240229;
	printf("1..22\n");
	test_session();
	test_job();
	test_accumulate();
	test_sums();
	test_small_sums();
	test_refused();
	return failures != 0;
}
