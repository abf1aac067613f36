/*
 * import_insert.h: imported jobs are inserted, a batch a statement.
 */
#ifndef IDPSYNC_IMPORT_INSERT_H
#define IDPSYNC_IMPORT_INSERT_H

#include "job/import_document.h"

#define IMPORT_BATCH 1000

/*
 * Enters the foreign ids of up to IMPORT_BATCH jobs, and gives those that were
 * entered before the created_at they first came with. True where all ids were
 * new: then none of the jobs can be stored yet.
 */
extern bool enter_foreign_ids(const char *tenant_id, ImportedJob **jobs, int n);

/*
 * Inserts jobs that are new, in the order of lists, which suits two of three
 * indexes and whoever reads the rows; puts the array into that order.
 */
extern void insert_new_jobs(const char *tenant_id, ImportedJob **jobs, int n);

/* Inserts those of the jobs that are not stored, and marks them. Their number is returned. */
extern uint64 insert_missing_jobs(const char *tenant_id, ImportedJob **jobs, int n, bool *inserted);

#endif
