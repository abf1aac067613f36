/*
 * time_text.c: times and durations, as text and as the numbers that the bytes are.
 */
#define _GNU_SOURCE
#include "wire/time_text.h"
#include "fuzz.h"

#include <stdio.h>
#include <time.h>

/* a text that is read, written, reads the same */
static void
text_and_back(bool from(const char *, size_t, int64_t *, int32_t *), bool to(int64_t, int32_t, char *),
			  const char *text, size_t len)
{
	char	   *out = malloc(TIME_TEXT_SIZE);
	int64_t		seconds,
				again;
	int32_t		nanos,
				nanos_again;

	if (from(text, len, &seconds, &nanos))
	{
		HOLDS(to(seconds, nanos, out));
		HOLDS(from(out, strlen(out), &again, &nanos_again) && again == seconds && nanos_again == nanos);
	}
	free(out);
}

/* numbers that are written read the same */
static void
numbers_and_back(bool from(const char *, size_t, int64_t *, int32_t *), bool to(int64_t, int32_t, char *),
				 int64_t seconds, int32_t nanos)
{
	char	   *out = malloc(TIME_TEXT_SIZE);
	int64_t		again;
	int32_t		nanos_again;

	if (to(seconds, nanos, out))
		HOLDS(from(out, strlen(out), &again, &nanos_again) && again == seconds && nanos_again == nanos);
	free(out);
}

/* the calendar is the C library's */
static void
check_calendar(int64_t seconds)
{
	char	   *out = malloc(TIME_TEXT_SIZE);
	char		date[64];
	time_t		time = seconds;
	struct tm	tm;

	if (timestamp_to_text(seconds, 0, out))
	{
		HOLDS(gmtime_r(&time, &tm) != NULL);
		snprintf(date, sizeof(date), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
				 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		HOLDS(strcmp(date, out) == 0);
	}
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	text_and_back(timestamp_from_text, timestamp_to_text, (const char *) data, size);
	text_and_back(duration_from_text, duration_to_text, (const char *) data, size);
	if (size == 12)
	{
		int64_t		seconds;
		int32_t		nanos;

		memcpy(&seconds, data, 8);
		memcpy(&nanos, data + 8, 4);
		numbers_and_back(timestamp_from_text, timestamp_to_text, seconds, nanos);
		numbers_and_back(duration_from_text, duration_to_text, seconds, nanos);
		check_calendar(seconds);
		/* most numbers are no documented time */
		numbers_and_back(timestamp_from_text, timestamp_to_text, seconds % INT64_C(300000000000), nanos & 0x1FFFFFFF);
		numbers_and_back(duration_from_text, duration_to_text, seconds % INT64_C(300000000000),
						 seconds < 0 ? -(nanos & 0x1FFFFFFF) : nanos & 0x1FFFFFFF);
		check_calendar(seconds % INT64_C(300000000000));
	}
	return 0;
}
