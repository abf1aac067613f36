/*
 * counters.h: what the rooms behind this one need of the counter types.
 */
#ifndef IDPSYNC_COUNTERS_H
#define IDPSYNC_COUNTERS_H

#include "postgres.h"
#include "fmgr.h"

#include "base/json_reader.h"
#include "counters/cells.h"

/* between a datum (packed, possibly toasted or with a short header) and cells */
extern Datum session_progress_make(const SessionCells *cells);
extern void session_progress_read(Datum datum, SessionCells *cells);
extern Datum job_statistics_make(const JobCells *cells);
extern void job_statistics_read(Datum datum, JobCells *cells);

/* has it no counter that is not zero? */
extern bool job_statistics_is_empty(Datum datum);

/*
 * Joins b to a: sum (ERROR 22003 where a counter leaves int64) or larger of both.
 */
extern void session_cells_add(SessionCells *a, const SessionCells *b);
extern void session_cells_max(SessionCells *a, const SessionCells *b);
extern void job_cells_add(JobCells *a, const JobCells *b);
extern void job_cells_max(JobCells *a, const JobCells *b);

/* the sum without the error: false, and a of no use, where a counter leaves int64 */
extern bool job_cells_try_add(JobCells *a, const JobCells *b);

/*
 * Reads the progress_entries of a report: 1-3 entries of 1-6 changes as
 * received, snake_case or lowerCamelCase keys, an enum's labels or numbers,
 * numbers or strings of numbers. Errors name the path and are of class 22.
 */
extern void read_report(const char *json, size_t len, SessionCells *cells);

/*
 * Reads the statistics objects of a documented Result ("UserStatistics", ...)
 * where the reader's current token is the value behind that key.
 * object: 0-3 in the order of cells.h. Errors as above.
 */
extern void read_job_object(JsonReader *reader, int object, JobCells *cells);

/* the keys of a documented Result, in the order of cells.h: "UserStatistics", ... */
extern const char *const job_object_keys[JOB_OBJECTS];
/* "Created", ..., "Exported"; "Total", "Success", "Failed", "Skipped" */
extern const char *const job_change_keys[JOB_CHANGES];
extern const char *const job_counter_keys[JOB_COUNTERS];

#endif
