/*
 * count_cover.c: a range of time as whole months, whole days and what is left
 * at its edges.
 */
#include "job/count_cover.h"

#define DAY INT64_C(86400000000)

/* 2000-01-01 counted from 0000-03-01, where the years of the arithmetic begin */
#define EPOCH INT64_C(730425)
#define DAYS_OF_400_YEARS INT64_C(146097)

/* a year from March, so that the leap day is its last, and the month in it */
typedef struct YearMonth
{
	int64_t		year;
	int			month;
} YearMonth;

static int64_t
floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t
first_day(YearMonth at)
{
	return at.year * 365 + floor_divide(at.year, 4) - floor_divide(at.year, 100) + floor_divide(at.year, 400) +
		(153 * at.month + 2) / 5 - EPOCH;
}

static YearMonth
year_month(int64_t day)
{
	int64_t		era = floor_divide(day + EPOCH, DAYS_OF_400_YEARS);
	int64_t		rest = day + EPOCH - era * DAYS_OF_400_YEARS;
	int64_t		year = (rest - rest / 1460 + rest / 36524 - rest / (DAYS_OF_400_YEARS - 1)) / 365;
	int64_t		day_of_year = rest - (365 * year + year / 4 - year / 100);
	YearMonth	at = {era * 400 + year, (int) ((5 * day_of_year + 2) / 153)};

	return at;
}

int64_t
month_of_day(int64_t day)
{
	return first_day(year_month(day));
}

int64_t
next_month(int64_t first)
{
	return month_of_day(first + 31);
}

static void
add_days(CountCover *cover, int64_t first, int64_t end)
{
	if (first < end)
		cover->days[cover->n_days++] = (DayRange) {first, end - 1};
}

static void
add_edge(CountCover *cover, int64_t start, int64_t end, int sign)
{
	if (start < end)
		cover->edges[cover->n_edges++] = (EdgeRange) {start, end, sign};
}

/*
 * The part of a unit from lower to upper that begins at start: whether to take
 * the whole unit is worth it.
 */
static bool
is_greater_part(int64_t part, int64_t lower, int64_t upper)
{
	return part > (upper - lower) / 2;
}

/* the last first day of a unit that is not after a time, and the first that is not before it */
static int64_t
unit_before(int64_t time, bool months)
{
	int64_t		day = floor_divide(time, DAY);

	return months ? month_of_day(day) : day;
}

static int64_t
unit_after(int64_t time, bool months)
{
	int64_t		unit = unit_before(time, months);

	return unit * DAY == time ? unit : months ? next_month(unit) : unit + 1;
}

/*
 * Whole units inside the range, from *first to before *end, in days; the
 * edges outside them go to the cover.
 */
static bool
whole_units(int64_t start, int64_t end, bool months, bool complements, CountCover *cover, int64_t *first, int64_t *last)
{
	*first = start == COVER_OPEN_START ? COVER_OPEN_START : unit_after(start, months);
	*last = end == COVER_OPEN_END ? COVER_OPEN_END : unit_before(end, months);
	if (*first > *last)
		return false;
	if (start != COVER_OPEN_START)
	{
		int64_t		lower = unit_before(start, months);

		if (complements && lower < *first && is_greater_part(*first * DAY - start, lower * DAY, *first * DAY))
		{
			add_edge(cover, lower * DAY, start, -1);
			*first = lower;
		}
		else
			add_edge(cover, start, *first * DAY, 1);
	}
	if (end != COVER_OPEN_END)
	{
		int64_t		upper = unit_after(end, months);

		if (complements && *last < upper && is_greater_part(end - *last * DAY, *last * DAY, upper * DAY))
		{
			add_edge(cover, end, upper * DAY, -1);
			*last = upper;
		}
		else
			add_edge(cover, *last * DAY, end, 1);
	}
	return true;
}

void
cover_range(int64_t start, int64_t end, bool by_day, bool complements, CountCover *cover)
{
	int64_t		first;
	int64_t		last;
	int64_t		first_month;
	int64_t		end_month;

	*cover = (CountCover) {0};
	if (!whole_units(start, end, !by_day, complements, cover, &first, &last))
	{
		add_edge(cover, start, end, 1);
		return;
	}
	/* the whole months among the days */
	first_month = !by_day || first == COVER_OPEN_START ? first : unit_after(first * DAY, true);
	end_month = !by_day || last == COVER_OPEN_END ? last : unit_before(last * DAY, true);
	if (first_month < end_month)
	{
		cover->n_months = 1;
		cover->months = (DayRange) {first_month, end_month == COVER_OPEN_END ? COVER_OPEN_END : month_of_day(end_month - 1)};
		add_days(cover, first, first_month);
		add_days(cover, end_month, last);
	}
	else
		add_days(cover, first, last);
}
