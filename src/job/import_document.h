/*
 * import_document.h: jobs as a documented ListSynchronizationJobs response has them.
 */
#ifndef IDPSYNC_IMPORT_DOCUMENT_H
#define IDPSYNC_IMPORT_DOCUMENT_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct ImportedJob
{
	char	   *id;
	char	   *target_id;
	int			target_type;	/* numbers of catalog.h */
	int			direction;
	int			trigger_type;
	int			status;
	TimestampTz start_time;
	TimestampTz end_time;		/* DT_NOBEGIN = none */
	char	   *description;	/* NULL = none, likewise the next two */
	char	   *error_code;
	char	   *error_message;
	Datum		statistics;
	uint64		position;		/* in the document */
	TimestampTz created_at;		/* settled by the store, not by the document */
} ImportedJob;

/*
 * Reads a response, or an array of responses, in UTF-8. Everything is checked
 * before it returns; errors are of class 22 and name the path.
 */
extern ImportedJob *read_import_document(const char *json, size_t len, uint64 *n_jobs);

#endif
