/*
 * count_calls.h: in a distributed store, where no trigger stands on jobs, the
 * calls that change them append what that changes in their counts. In any other
 * store these do nothing.
 */
#ifndef IDPSYNC_COUNT_CALLS_H
#define IDPSYNC_COUNT_CALLS_H

#include "postgres.h"

#include "job/import_document.h"
#include "job/job.h"

/* a job became another; before is NULL where it is new */
extern void count_changed_job(const Job *before, const Job *after);

/* jobs were inserted */
extern void count_imported_jobs(const char *tenant_id, ImportedJob *const *jobs, int n);

#endif
