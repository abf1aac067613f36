/*
 * time_text.c: google.protobuf.Timestamp and Duration as text, pure C.
 */
#include "wire/time_text.h"

#include <stdio.h>
#include <string.h>

#define DAY 86400
#define NANOS 1000000000
/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z */
#define FIRST_SECOND INT64_C(-62135596800)
#define LAST_SECOND INT64_C(253402300799)
#define LONGEST_DURATION INT64_C(315576000000)
/* days from 0000-03-01, where years and leap days begin together, to 1970 */
#define DAYS_TO_1970 719468
#define DAYS_IN_400_YEARS 146097

static int64_t
days_from_date(int year, int month, int day)
{
	int			march_year = month <= 2 ? year - 1 : year;
	int			century_group = (march_year >= 0 ? march_year : march_year - 399) / 400;
	int			year_of_group = march_year - century_group * 400;
	int			day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (int64_t) century_group * DAYS_IN_400_YEARS +
		year_of_group * 365 + year_of_group / 4 - year_of_group / 100 + day_of_year - DAYS_TO_1970;
}

/* the days are in the documented range, so none is before 0000-03-01 */
static void
date_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t		shifted = days + DAYS_TO_1970;
	int			century_group = (int) (shifted / DAYS_IN_400_YEARS);
	int			day_of_group = (int) (shifted % DAYS_IN_400_YEARS);
	int			year_of_group = (day_of_group - day_of_group / 1460 + day_of_group / 36524 -
								 day_of_group / 146096) / 365;
	int			day_of_year = day_of_group - (365 * year_of_group + year_of_group / 4 - year_of_group / 100);
	int			march_month = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * march_month + 2) / 5 + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = century_group * 400 + year_of_group + (*month <= 2 ? 1 : 0);
}

static int
days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* ".500" and the like, nothing for 0; returns its end */
static char *
put_fraction(char *out, int32_t nanos)
{
	if (nanos == 0)
		return out;
	if (nanos % 1000000 == 0)
		return out + sprintf(out, ".%03d", nanos / 1000000);
	if (nanos % 1000 == 0)
		return out + sprintf(out, ".%06d", nanos / 1000);
	return out + sprintf(out, ".%09d", nanos);
}

bool
timestamp_to_text(int64_t seconds, int32_t nanos, char *out)
{
	int64_t		days;
	int			rest;
	int			year,
				month,
				day;

	if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanos < 0 || nanos >= NANOS)
		return false;
	rest = (int) (seconds % DAY);
	if (rest < 0)
		rest += DAY;
	days = (seconds - rest) / DAY;
	date_from_days(days, &year, &month, &day);
	out += sprintf(out, "%04d-%02d-%02dT%02d:%02d:%02d",
				   year, month, day, rest / 3600, rest / 60 % 60, rest % 60);
	out = put_fraction(out, nanos);
	strcpy(out, "Z");
	return true;
}

bool
duration_to_text(int64_t seconds, int32_t nanos, char *out)
{
	if (seconds < -LONGEST_DURATION || seconds > LONGEST_DURATION || nanos <= -NANOS || nanos >= NANOS ||
		(seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0))
		return false;
	if (seconds < 0 || nanos < 0)
	{
		*out++ = '-';
		seconds = -seconds;
		nanos = -nanos;
	}
	out += sprintf(out, "%lld", (long long) seconds);
	out = put_fraction(out, nanos);
	strcpy(out, "s");
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* exactly so many digits; moves on */
static bool
take_number(const char **p, const char *end, int digits, int *value)
{
	*value = 0;
	for (int i = 0; i < digits; i++)
	{
		if (*p == end || !is_digit(**p))
			return false;
		*value = *value * 10 + (*(*p)++ - '0');
	}
	return true;
}

static bool
take_char(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

/* a point and 1 to 9 digits, or nothing; moves on */
static bool
take_fraction(const char **p, const char *end, int32_t *nanos)
{
	int			digits = 0;

	*nanos = 0;
	if (!take_char(p, end, '.'))
		return true;
	while (*p < end && is_digit(**p))
	{
		if (++digits > 9)
			return false;
		*nanos = *nanos * 10 + (*(*p)++ - '0');
	}
	if (digits == 0)
		return false;
	for (; digits < 9; digits++)
		*nanos *= 10;
	return true;
}

bool
timestamp_from_text(const char *text, size_t len, int64_t *seconds, int32_t *nanos)
{
	const char *p = text;
	const char *end = text + len;
	int			year,
				month,
				day,
				hour,
				minute,
				second;
	int			offset = 0;

	if (!take_number(&p, end, 4, &year) || !take_char(&p, end, '-') ||
		!take_number(&p, end, 2, &month) || !take_char(&p, end, '-') ||
		!take_number(&p, end, 2, &day) || !take_char(&p, end, 'T') ||
		!take_number(&p, end, 2, &hour) || !take_char(&p, end, ':') ||
		!take_number(&p, end, 2, &minute) || !take_char(&p, end, ':') ||
		!take_number(&p, end, 2, &second) || !take_fraction(&p, end, nanos))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) ||
		hour > 23 || minute > 59 || second > 59)
		return false;

	if (!take_char(&p, end, 'Z'))
	{
		bool		west = p < end && *p == '-';
		int			hours,
					minutes;

		if (!take_char(&p, end, west ? '-' : '+') ||
			!take_number(&p, end, 2, &hours) || !take_char(&p, end, ':') ||
			!take_number(&p, end, 2, &minutes) || hours > 23 || minutes > 59)
			return false;
		offset = (hours * 60 + minutes) * (west ? -60 : 60);
	}
	if (p != end)
		return false;

	*seconds = days_from_date(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset;
	return *seconds >= FIRST_SECOND && *seconds <= LAST_SECOND;
}

bool
duration_from_text(const char *text, size_t len, int64_t *seconds, int32_t *nanos)
{
	const char *p = text;
	const char *end = text + len;
	bool		negative = take_char(&p, end, '-');
	int			digits = 0;

	*seconds = 0;
	while (p < end && is_digit(*p))
	{
		if (++digits > 18)
			return false;
		*seconds = *seconds * 10 + (*p++ - '0');
	}
	if (digits == 0 || !take_fraction(&p, end, nanos) || !take_char(&p, end, 's') || p != end)
		return false;
	if (*seconds > LONGEST_DURATION)
		return false;
	if (negative)
	{
		*seconds = -*seconds;
		*nanos = -*nanos;
	}
	return true;
}
