/*
 * report_request.h: bytes of ReportSessionProgressRequest straight into
 * counters, pure C.
 */
#ifndef IDPSYNC_REPORT_REQUEST_H
#define IDPSYNC_REPORT_REQUEST_H

#include "counters/cells.h"
#include "wire/wire_check.h"

/* so many entries a report takes, and changes an entry, as received */
#define REPORT_MAX_ENTRIES 3
#define REPORT_MAX_CHANGES 6

typedef enum ReportProblem
{
	REPORT_OK,
	REPORT_MALFORMED,			/* wire says how */
	REPORT_NO_ENTRY,
	REPORT_MANY_ENTRIES,
	REPORT_NO_OBJECT_TYPE,
	REPORT_UNKNOWN_OBJECT_TYPE,
	REPORT_NO_CHANGE,
	REPORT_MANY_CHANGES,
	REPORT_UNKNOWN_CHANGE_TYPE,
	REPORT_NEGATIVE_SUCCESSFUL,
	REPORT_NEGATIVE_FAILED,
	REPORT_CHANGE_TWICE
} ReportProblem;

typedef struct ReportRequest
{
	const char *session_id;		/* in the request's bytes, valid UTF-8, no NUL behind it */
	size_t		session_id_len;
	SessionCells cells;			/* of no use where there is a problem */

	/* where a problem is */
	WireResult	wire;
	int			entry;
	int			change;
} ReportRequest;

/*
 * Reads a request, as wire_check and protobuf-c would: fields in any order, the
 * last of a scalar field wins, unknown fields are skipped. Entries of one
 * object type are joined. The session's id is not checked beyond its encoding.
 */
extern ReportProblem report_request_read(const uint8_t *data, size_t len, ReportRequest *request);

#endif
