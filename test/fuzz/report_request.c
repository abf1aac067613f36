/*
 * report_request.c: bytes of a report, read directly and by protobuf-c.
 */
#include "fuzz.h"

#include "../unit/report_agrees.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static ReportTally tally;

	HOLDS(report_agrees(data, size, &tally));
	return 0;
}
