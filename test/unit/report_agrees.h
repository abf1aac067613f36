/*
 * report_agrees.h: the direct parser of reports held to wire_check and protobuf-c.
 */
#ifndef IDPSYNC_REPORT_AGREES_H
#define IDPSYNC_REPORT_AGREES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* how many messages were what */
typedef struct ReportTally
{
	long		accepted;
	long		refused;
	long		malformed;
	long		groups;			/* had to be rewritten for protobuf-c */
} ReportTally;

/* do both ways say the same of these bytes? */
extern bool report_agrees(const uint8_t *data, size_t len, ReportTally *tally);

#endif
