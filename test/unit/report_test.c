/*
 * report_test.c: the direct parser of reports against wire_check and
 * protobuf-c, on messages put together at random and on broken ones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/report_request.h"

#include "report_agrees.h"

#define MAX_BYTES 4096

static int	tests = 0;
static int	failures = 0;

static void
ok(bool passed, const char *name)
{
	tests++;
	if (!passed)
		failures++;
	printf("%sok %d - %s\n", passed ? "" : "not ", tests, name);
}

static uint64_t seed = 42;

static uint64_t
random_number(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

/* a message being put together */
typedef struct Bytes
{
	uint8_t		data[MAX_BYTES];
	size_t		len;
} Bytes;

static void
put(Bytes *b, const void *data, size_t len)
{
	if (b->len + len <= MAX_BYTES)
	{
		memcpy(b->data + b->len, data, len);
		b->len += len;
	}
}

static void
put_varint(Bytes *b, uint64_t value)
{
	uint8_t		out[16];
	size_t		n = 0;
	/* now and then longer than needed */
	int			padding = random_number(20) == 0 ? (int) random_number(3) : 0;

	while (value >= 0x80)
	{
		out[n++] = (uint8_t) (value | 0x80);
		value >>= 7;
	}
	out[n++] = (uint8_t) value;
	for (; padding > 0; padding--)
	{
		out[n - 1] |= 0x80;
		out[n++] = 0;
	}
	put(b, out, n);
}

static void
put_message(Bytes *b, uint32_t field, const Bytes *inner)
{
	put_varint(b, field << 3 | 2);
	put_varint(b, inner->len);
	put(b, inner->data, inner->len);
}

/* a field that is not known, or is not of its type; now and then a group, and sometimes a broken one */
static void
put_unknown(Bytes *b, uint32_t field)
{
	uint32_t	type = (uint32_t) random_number(random_number(50) == 0 ? 8 : 4);
	uint8_t		zeros[8] = {0x80, 1, 2, 3, 4, 5, 6, 7};

	if (type < 4 && random_number(4) == 0)
		type = 5;
	put_varint(b, field << 3 | type);
	switch (type)
	{
		case 0:
			put_varint(b, random_number(1000000));
			break;
		case 1:
			put(b, zeros, 8);
			break;
		case 2:
			put_varint(b, 3);
			put(b, "\xff\x01z", 3);
			break;
		case 3:
			while (random_number(2))
				put_unknown(b, 1 + (uint32_t) random_number(300));
			put_varint(b, (random_number(50) == 0 ? 1 : field) << 3 | 4);
			break;
		case 5:
			put(b, zeros, 4);
			break;
	}
}

static uint64_t
random_counter(void)
{
	switch (random_number(8))
	{
		case 0:
			return 0;
		case 1:
			return INT64_MAX;
		case 2:
			return random_number(30) == 0 ? UINT64_MAX : 1;
		case 3:
			return random_number(UINT64_C(1) << 40);
		default:
			return random_number(300);
	}
}

static void
put_change(Bytes *entry, int type)
{
	Bytes		b = {.len = 0};

	if (random_number(20) == 0)
		put_unknown(&b, 4 + (uint32_t) random_number(300));
	if (random_number(3) > 0)
	{
		put_varint(&b, 1 << 3);
		put_varint(&b, random_number(40) == 0 ? random_counter() : (uint64_t) type);
	}
	for (int n = (int) random_number(3); n >= 0; n--)
	{
		put_varint(&b, (2 + (uint32_t) random_number(2)) << 3);
		put_varint(&b, random_counter());
	}
	if (random_number(4) > 0)
	{
		put_varint(&b, 1 << 3);
		put_varint(&b, (uint64_t) type);
	}
	if (random_number(100) == 0)
		put_unknown(&b, 1 + (uint32_t) random_number(3));
	put_message(entry, 2, &b);
}

static void
put_entry(Bytes *request, int object)
{
	Bytes		b = {.len = 0};
	int			changes = random_number(10) == 0 ? (int) random_number(9) : 1 + (int) random_number(6);
	bool		object_first = random_number(2);

	if (object_first)
	{
		put_varint(&b, 1 << 3);
		put_varint(&b, (uint64_t) object);
	}
	for (int i = 0; i < changes; i++)
		put_change(&b, (i + object) % 7);
	if (random_number(20) == 0)
		put_unknown(&b, 3 + (uint32_t) random_number(300));
	if (random_number(100) == 0)
		put_unknown(&b, 1 + (uint32_t) random_number(2));
	if (!object_first || random_number(10) == 0)
	{
		put_varint(&b, 1 << 3);
		put_varint(&b, random_number(60) == 0 ? random_counter() : (uint64_t) object);
	}
	put_message(request, 2, &b);
}

/* around them, a varint gets another length */
static const uint64_t borders[] = {
	0, 1, 0x7F, 0x80, 0x3FFF, 0x4000, 0x1FFFFF, 0x200000, (UINT64_C(1) << 56) - 1, UINT64_C(1) << 56, INT64_MAX
};

#define BORDERS (sizeof(borders) / sizeof(borders[0]))

/* a change as clients write it: fields in order and none that is 0; now and then one that is */
static void
put_plain_change(Bytes *entry, uint64_t type, uint64_t successful, uint64_t failed)
{
	const uint64_t values[] = {type, successful, failed};
	Bytes		b = {.len = 0};

	for (uint32_t field = 1; field <= 3; field++)
	{
		if (values[field - 1] == 0 && random_number(10) > 0)
			continue;
		put_varint(&b, field << 3);
		put_varint(&b, values[field - 1]);
	}
	put_message(entry, 2, &b);
}

/* an entry of such changes, one of them now and then of any type */
static void
put_plain_entry(Bytes *request, int object)
{
	Bytes		b = {.len = 0};
	int			changes = 1 + (int) random_number(6);
	int			first = (int) random_number(2);

	put_varint(&b, 1 << 3);
	put_varint(&b, (uint64_t) object);
	for (int i = 0; i < changes; i++)
	{
		bool		border = random_number(10) == 0;

		put_plain_change(&b, random_number(60) == 0 ? random_number(200) : (uint64_t) (first + i),
						 border ? borders[random_number(BORDERS)] : random_number(20000),
						 border ? borders[random_number(BORDERS)] : random_number(4));
	}
	put_message(request, 2, &b);
}

static void
put_session_id(Bytes *b)
{
	static const char *const ids[] = {"ses_1", "", "\xc3\xa9", "\xff", "a session with a longer id of fifty characters more"};
	const char *id = ids[random_number(20) == 0 ? random_number(5) : 0];

	put_varint(b, 1 << 3 | 2);
	put_varint(b, strlen(id));
	put(b, id, strlen(id));
}

static void
put_request(Bytes *b)
{
	int			entries = random_number(10) == 0 ? (int) random_number(5) : 1 + (int) random_number(3);
	int			first = (int) random_number(3);
	bool		plain = random_number(2);

	b->len = 0;
	if (random_number(2))
		put_session_id(b);
	for (int i = 0; i < entries; i++)
	{
		int			object = random_number(30) == 0 ? (int) random_number(6) : (first + i) % 3 + 1;

		if (plain)
			put_plain_entry(b, object);
		else
			put_entry(b, object);
	}
	if (random_number(10) == 0)
		put_unknown(b, 3 + (uint32_t) random_number(300));
	if (random_number(2))
		put_session_id(b);
}

static ReportTally tally;

static bool
agree(const uint8_t *data, size_t len)
{
	return report_agrees(data, len, &tally);
}

static void
test_random(void)
{
	bool		same = true;

	for (int i = 0; i < 200000 && same; i++)
	{
		Bytes		b;

		put_request(&b);
		same = agree(b.data, b.len);
	}
	ok(same, "messages put together at random");
	ok(tally.accepted > 20000 && tally.refused > 20000 && tally.malformed > 1000 && tally.groups > 1000, "of which many are accepted and many are not");
}

/* numbers about the borders, first, last and alone in an entry, which is the request's end or not */
static void
test_borders(void)
{
	bool		same = true;

	for (size_t i = 0; i < BORDERS * BORDERS * 8; i++)
	{
		Bytes		request = {.len = 0};
		Bytes		entry = {.len = 0};

		put_varint(&entry, 1 << 3);
		put_varint(&entry, 2);
		if (i & 1)
			put_plain_change(&entry, 1, 300, 2);
		put_plain_change(&entry, 2, borders[i / 8 % BORDERS], borders[i / 8 / BORDERS]);
		if (i & 2)
			put_plain_change(&entry, 3, 2, 300);
		put_message(&request, 2, &entry);
		if (i & 4)
			put_session_id(&request);
		same &= agree(request.data, request.len);
	}
	ok(same, "numbers around which a varint's length changes");
}

static void
test_broken(void)
{
	bool		same = true;

	for (int i = 0; i < 300; i++)
	{
		Bytes		b;

		put_request(&b);
		for (size_t cut = 0; cut < b.len; cut++)
			same &= agree(b.data, cut);
		for (size_t bit = 0; bit < b.len * 8; bit++)
		{
			b.data[bit / 8] ^= 1 << bit % 8;
			same &= agree(b.data, b.len);
			b.data[bit / 8] ^= 1 << bit % 8;
		}
	}
	ok(same, "every truncation and every flipped bit");

	for (int i = 0; i < 300000; i++)
	{
		Bytes		b = {.len = 0};

		for (size_t len = random_number(40); b.len < len;)
		{
			uint8_t		byte = (uint8_t) (random_number(2) ? random_number(256) : (uint8_t) "\x08\x0a\x10\x12\x18\x02\x04\x80"[random_number(8)]);

			put(&b, &byte, 1);
		}
		same &= agree(b.data, b.len);
	}
	ok(same, "random bytes");
}

static ReportProblem
problem_of(const char *bytes, size_t len)
{
	ReportRequest request;

	return report_request_read((const uint8_t *) bytes, len, &request);
}

#define PROBLEM(bytes) problem_of(bytes, sizeof(bytes) - 1)

static void
test_problems(void)
{
	ok(PROBLEM("") == REPORT_NO_ENTRY && PROBLEM("\x0a\x01s") == REPORT_NO_ENTRY, "no entry");
	ok(PROBLEM("\x12\x04\x08\x01\x12\x00\x12\x04\x08\x02\x12\x00\x12\x04\x08\x03\x12\x00\x12\x00") == REPORT_MANY_ENTRIES,
	   "a fourth entry");
	ok(PROBLEM("\x12\x00") == REPORT_NO_OBJECT_TYPE && PROBLEM("\x12\x02\x08\x04") == REPORT_UNKNOWN_OBJECT_TYPE &&
	   PROBLEM("\x12\x02\x08\x01") == REPORT_NO_CHANGE, "entries without what they need");
	ok(PROBLEM("\x12\x10\x08\x01\x12\x00\x12\x00\x12\x00\x12\x00\x12\x00\x12\x00\x12\x00") == REPORT_MANY_CHANGES,
	   "a seventh change");
	ok(PROBLEM("\x12\x06\x08\x01\x12\x02\x08\x07") == REPORT_UNKNOWN_CHANGE_TYPE, "an unknown change type");
	ok(PROBLEM("\x12\x0f\x08\x01\x12\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") == REPORT_NEGATIVE_SUCCESSFUL &&
	   PROBLEM("\x12\x0f\x08\x01\x12\x0b\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") == REPORT_NEGATIVE_FAILED,
	   "negative counters");
	ok(PROBLEM("\x12\x06\x08\x01\x12\x00\x12\x00") == REPORT_CHANGE_TWICE &&
	   PROBLEM("\x12\x04\x08\x01\x12\x00\x12\x04\x08\x01\x12\x00") == REPORT_CHANGE_TWICE, "a change twice");
	ok(PROBLEM("\x12\x00\x12\x05") == REPORT_MALFORMED, "broken bytes are told first");
}

int
main(void)
{
	test_random();
	test_borders();
	test_broken();
	test_problems();
	printf("1..%d\n", tests);
	return failures > 0;
}
