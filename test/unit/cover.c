/*
 * cover.c: the parts of a range of time against the range itself, and the
 * calendar they are cut by against one that is counted through.
 *
 * Prints TAP. The seed is the argument, so a failure can be repeated.
 */
#include "job/count_cover.h"

#include <stdio.h>
#include <stdlib.h>

#define HOUR INT64_C(3600000000)
#define DAY (24 * HOUR)
#define ROUNDS 3000

/* counted through: from before the first timestamp there is to long after today */
#define FIRST_YEAR (-4800)
#define LAST_YEAR 4800
#define MONTHS ((LAST_YEAR - FIRST_YEAR) * 12)

static int64_t month_starts[MONTHS + 1];
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

static void
report(bool ok, const char *what)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++test_number, what);
	failures += !ok;
}

static int
month_length(int year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return lengths[month] + (month == 1 && leap);
}

/* day 0 is 2000-01-01 */
static void
count_calendar(void)
{
	int			epoch = (2000 - FIRST_YEAR) * 12;

	for (int i = epoch; i < MONTHS; i++)
		month_starts[i + 1] = month_starts[i] + month_length(FIRST_YEAR + i / 12, i % 12);
	for (int i = epoch; i > 0; i--)
		month_starts[i - 1] = month_starts[i] - month_length(FIRST_YEAR + (i - 1) / 12, (i - 1) % 12);
}

static void
test_calendar(void)
{
	bool		days_ok = true;
	bool		next_ok = true;

	for (int i = 0; i < MONTHS; i++)
	{
		for (int64_t day = month_starts[i]; day < month_starts[i + 1]; day++)
			days_ok &= month_of_day(day) == month_starts[i];
		next_ok &= next_month(month_starts[i]) == month_starts[i + 1];
	}
	report(days_ok, "the first day of the month of every day of 9600 years");
	report(next_ok, "the first day of the next one");
}

/* near the end of a month, now and then of February or of a year */
static int64_t
random_time(int64_t near)
{
	int64_t		time = near + ((int64_t) (random64() % 401) - 200) * 6 * HOUR;

	switch (random64() % 4)
	{
		case 0:
			return time;
		case 1:
			return time + (int64_t) (random64() % 3) - 1;
		case 2:
			return month_of_day(time / DAY) * DAY + (int64_t) (random64() % 3) - 1;
		default:
			return time + (int64_t) (random64() % (uint64_t) DAY);
	}
}

static int64_t
random_boundary(void)
{
	int			year = (int) (random64() % (LAST_YEAR - FIRST_YEAR - 4)) + 2;
	int			month = random64() % 2 ? (int) (random64() % 12) : random64() % 2 ? 2 : 0;

	return month_starts[year * 12 + month] * DAY;
}

static bool
is_month_start(int64_t day)
{
	return day == COVER_OPEN_START || month_of_day(day) == day;
}

static int
times_in_days(const DayRange *range, bool months, int64_t time)
{
	int64_t		after = range->last == COVER_OPEN_END ? 0 : months ? next_month(range->last) : range->last + 1;

	return (range->first == COVER_OPEN_START || time >= range->first * DAY) &&
		(range->last == COVER_OPEN_END || time < after * DAY);
}

/* how often a time is covered, those that take it away subtracted */
static int
times_covered(const CountCover *cover, int64_t time)
{
	int			times = cover->n_months > 0 ? times_in_days(&cover->months, true, time) : 0;

	for (int i = 0; i < cover->n_days; i++)
		times += times_in_days(&cover->days[i], false, time);
	for (int i = 0; i < cover->n_edges; i++)
		times += time >= cover->edges[i].start && time < cover->edges[i].end ? cover->edges[i].sign : 0;
	return times;
}

/* a cover of that range and nothing else, at every half hour around it and at every bound? */
static bool
covers(const CountCover *cover, int64_t start, int64_t end, int64_t from, int64_t to)
{
	int64_t		bounds[] = {start, end, cover->edges[0].start, cover->edges[0].end, cover->edges[1].start, cover->edges[1].end};

	for (int64_t time = from; time < to; time += HOUR / 2)
	{
		if (times_covered(cover, time) != (time >= start && time < end))
			return false;
	}
	for (int i = 0; i < 2 + 2 * cover->n_edges; i++)
	{
		if (bounds[i] == COVER_OPEN_START || bounds[i] == COVER_OPEN_END)
			continue;
		for (int64_t time = bounds[i] - 1; time <= bounds[i] + 1; time++)
		{
			if (times_covered(cover, time) != (time >= start && time < end))
				return false;
		}
	}
	return true;
}

/* the first day of the day or month that a time is in */
static int64_t
edge_unit(int64_t time, bool by_day)
{
	int64_t		day = time / DAY - (time % DAY < 0);

	return by_day ? day : month_of_day(day);
}

/* of the kinds that were asked for, and no edge longer than it needs to be */
static bool
is_modest(const CountCover *cover, bool by_day, bool complements)
{
	int64_t		unit = by_day ? DAY : 31 * DAY;

	if (cover->n_months > 1 || cover->n_days > (by_day ? 2 : 0) || cover->n_edges > 2)
		return false;
	if (cover->n_months > 0 && !(is_month_start(cover->months.first) &&
								 (cover->months.last == COVER_OPEN_END || is_month_start(cover->months.last))))
		return false;
	for (int i = 0; i < cover->n_days; i++)
	{
		/* whole months are no days: 31 and 31 of December and January are the most that stay together */
		if (cover->days[i].last - cover->days[i].first >= 62)
			return false;
	}
	for (int i = 0; i < cover->n_edges; i++)
	{
		const EdgeRange *edge = &cover->edges[i];
		bool		alone = cover->n_months + cover->n_days == 0 && cover->n_edges == 1;

		/* what has a whole unit in it, or where one begins, is cut there */
		if (alone && edge_unit(edge->start, by_day) != edge_unit(edge->end - 1, by_day))
			return false;
		if (edge->start >= edge->end || (edge->sign != 1 && !(complements && edge->sign == -1)))
			return false;
		if (!alone && edge->end - edge->start > (complements ? (unit + 1) / 2 : unit))
			return false;
	}
	return true;
}

static void
test_ranges(bool by_day, bool complements)
{
	char		what[100];
	bool		covered = true;
	bool		modest = true;

	for (int i = 0; i < ROUNDS; i++)
	{
		int64_t		near = random_boundary();
		int64_t		start = random_time(near);
		int64_t		end = random64() % 4 ? random_time(near) : start + (int64_t) (random64() % 3) - 1;
		int64_t		from = near - 100 * DAY;
		int64_t		to = near + 100 * DAY;
		CountCover	cover;

		if (random64() % 16 == 0)
			start = COVER_OPEN_START;
		if (random64() % 16 == 0)
			end = COVER_OPEN_END;
		cover_range(start, end, by_day, complements, &cover);
		if (covered && !covers(&cover, start, end, from, to))
		{
			printf("# from %lld to %lld\n", (long long) start, (long long) end);
			covered = false;
		}
		modest &= is_modest(&cover, by_day, complements);
	}
	snprintf(what, sizeof(what), "ranges %s days, %s complements", by_day ? "with" : "without", complements ? "with" : "without");
	report(covered, what);
	report(modest, "their parts are whole and short");
}

/* the first and the last instant there are */
static void
test_ends(void)
{
	const int64_t first = INT64_C(-211813488000000000);
	const int64_t end = INT64_C(9223371331200000000);
	bool		ok = true;

	for (int i = 0; i < 4; i++)
	{
		CountCover	cover;

		cover_range(first, end, i & 1, i & 2, &cover);
		ok &= is_modest(&cover, i & 1, i & 2) && cover.n_months == 1;
		for (int j = -1; j <= 1; j++)
			ok &= times_covered(&cover, first + j) == (j >= 0) && times_covered(&cover, end + j) == (j < 0);
		cover_range(end - DAY, end - 1, i & 1, i & 2, &cover);
		ok &= times_covered(&cover, end - 1) == 0 && times_covered(&cover, end - 2) == 1;
		cover_range(COVER_OPEN_START, COVER_OPEN_END, i & 1, i & 2, &cover);
		ok &= cover.n_months == 1 && cover.n_days == 0 && cover.n_edges == 0;
	}
	report(ok, "the first and the last instant");
}

int
main(int argc, char **argv)
{
	random_state = argc > 1 ? strtoull(argv[1], NULL, 10) | 1 : 20261121;
	printf("1..11\n");
	count_calendar();
	test_calendar();
	for (int i = 0; i < 4; i++)
		test_ranges(i & 1, i & 2);
	test_ends();
	return failures != 0;
}
