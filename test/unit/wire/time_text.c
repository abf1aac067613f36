/*
 * time_text.c: times and durations as ProtoJSON writes them.
 */
#include "tests.h"

#include "wire/time_text.h"

static bool
time_is(const char *text, int64_t seconds, int32_t nanos)
{
	int64_t		s;
	int32_t		n;

	return timestamp_from_text(text, strlen(text), &s, &n) && s == seconds && n == nanos;
}

static bool
is_no_time(const char *text)
{
	int64_t		s;
	int32_t		n;

	return !timestamp_from_text(text, strlen(text), &s, &n);
}

static bool
span_is(const char *text, int64_t seconds, int32_t nanos)
{
	int64_t		s;
	int32_t		n;
	char		out[TIME_TEXT_SIZE];

	return duration_from_text(text, strlen(text), &s, &n) && s == seconds && n == nanos &&
		duration_to_text(s, n, out);
}

static bool
is_no_span(const char *text)
{
	int64_t		s;
	int32_t		n;

	return !duration_from_text(text, strlen(text), &s, &n);
}

void
test_times(void)
{
	bool		same = true;
	char		text[TIME_TEXT_SIZE];

	for (int i = 0; i < 100000; i++)
	{
		int64_t		seconds = (int64_t) random_number(UINT64_C(315537897600)) - INT64_C(62135596800);
		int32_t		nanos = i % 3 ? (int32_t) random_number(1000000000) : (int32_t) random_number(1000) * 1000000;

		same &= timestamp_to_text(seconds, nanos, text) && time_is(text, seconds, nanos);
	}
	ok(same, "times there and back");
	ok(timestamp_to_text(-1, 500000000, text) && strcmp(text, "1969-12-31T23:59:59.500Z") == 0, "before 1970");
	ok(timestamp_to_text(INT64_C(-62135596800), 0, text) && strcmp(text, "0001-01-01T00:00:00Z") == 0 &&
	   timestamp_to_text(INT64_C(253402300799), 999999999, text) &&
	   strcmp(text, "9999-12-31T23:59:59.999999999Z") == 0, "the first and the last time");
	ok(!timestamp_to_text(INT64_C(-62135596801), 0, text) && !timestamp_to_text(INT64_C(253402300800), 0, text) &&
	   !timestamp_to_text(INT64_MIN, 0, text) && !timestamp_to_text(INT64_MAX, 0, text) &&
	   !timestamp_to_text(0, -1, text) && !timestamp_to_text(0, 1000000000, text), "beyond them");
	ok(time_is("1970-01-01T00:00:00+01:00", -3600, 0) && time_is("1969-12-31T19:00:00.1-05:00", 0, 100000000) &&
	   time_is("2024-02-29T00:00:00Z", 1709164800, 0) && time_is("2000-02-29T00:00:00Z", 951782400, 0), "offsets and leap days");
	ok(is_no_time("") && is_no_time("2023-02-29T00:00:00Z") && is_no_time("1900-02-29T00:00:00Z") &&
	   is_no_time("2023-01-01T24:00:00Z") && is_no_time("2023-01-01T00:00:60Z") &&
	   is_no_time("2023-01-01 00:00:00Z") && is_no_time("2023-01-01T00:00:00") &&
	   is_no_time("2023-01-01T00:00:00.Z") && is_no_time("2023-01-01T00:00:00.1234567890Z") &&
	   is_no_time("0000-12-31T00:00:00Z") && is_no_time("0001-01-01T00:00:00+00:01") &&
	   is_no_time("9999-12-31T23:59:59-00:01") && is_no_time("2023-1-01T00:00:00Z") &&
	   is_no_time("2023-01-01T00:00:00Zx") && is_no_time("2023-13-01T00:00:00Z"), "no times");
	ok(span_is("1.5s", 1, 500000000) && span_is("-0.5s", 0, -500000000) && span_is("0s", 0, 0) &&
	   span_is("315576000000s", INT64_C(315576000000), 0) &&
	   span_is("-315576000000.999999999s", INT64_C(-315576000000), -999999999) && span_is("-1.000000001s", -1, -1), "durations");
	ok(is_no_span("1.5") && is_no_span("s") && is_no_span(".5s") && is_no_span("1.s") && is_no_span("+1s") &&
	   is_no_span("315576000001s") && is_no_span("1.0000000001s") && is_no_span("--1s") &&
	   is_no_span("99999999999999999999s"), "no durations");
	ok(!duration_to_text(1, -1, text) && !duration_to_text(-1, 1, text) &&
	   !duration_to_text(INT64_MIN, 0, text) && !duration_to_text(0, INT32_MIN, text), "durations without a text");
}
