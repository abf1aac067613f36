/*
 * import_retired.h: jobs that maintain() has retired do not come in again.
 */
#ifndef IDPSYNC_IMPORT_RETIRED_H
#define IDPSYNC_IMPORT_RETIRED_H

#include "job/import_document.h"

/* keeps maintain() from retiring jobs until the transaction ends; before which time it has */
extern TimestampTz hold_retirement(void);

/*
 * Takes those of the jobs out of the array that would be created before until,
 * and are not stored. How many are left is returned, in the order they had.
 */
extern int	leave_out_retired(const char *tenant_id, ImportedJob **jobs, int n, TimestampTz until);

#endif
