/*
 * time_text.h: google.protobuf.Timestamp and Duration as text, pure C.
 */
#ifndef IDPSYNC_TIME_TEXT_H
#define IDPSYNC_TIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* room for either, with the NUL */
#define TIME_TEXT_SIZE 40

/*
 * RFC 3339 in UTC with Z, "2026-01-31T08:00:00.500Z", and seconds, "1.500s",
 * with 0, 3, 6 or 9 digits. False if the value is outside the documented range
 * (years 0001 to 9999; 10,000 years, one sign).
 */
extern bool timestamp_to_text(int64_t seconds, int32_t nanos, char *out);
extern bool duration_to_text(int64_t seconds, int32_t nanos, char *out);

/* the other way, with any offset and 0 to 9 digits */
extern bool timestamp_from_text(const char *text, size_t len, int64_t *seconds, int32_t *nanos);
extern bool duration_from_text(const char *text, size_t len, int64_t *seconds, int32_t *nanos);

#endif
