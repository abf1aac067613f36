/*
 * counters_json.h: the text form of both counter types.
 */
#ifndef IDPSYNC_COUNTERS_JSON_H
#define IDPSYNC_COUNTERS_JSON_H

#include "base/compat.h"
#include "counters/counters.h"

/* longer texts are refused (54000) */
#define COUNTERS_TEXT_MAX 65536

/* room for the longest text that is written */
#define WRITTEN_TEXT_MAX 8192

/*
 * Reads a type's own text into its cells, SessionCells or JobCells. False after
 * an error that went to escontext, where that takes soft errors.
 */
extern bool session_progress_parse(const char *json, size_t len, void *cells, IdpEscontext *escontext);
extern bool job_statistics_parse(const char *json, size_t len, void *cells, IdpEscontext *escontext);

/* Writes such cells as the documented JSON to out, without a NUL, and returns the length. */
extern size_t session_progress_write(const void *progress, char *out);
extern size_t job_statistics_write(const void *statistics, char *out);

#endif
