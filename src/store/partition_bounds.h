/*
 * partition_bounds.h: where the partitions of job and operation begin and end.
 */
#ifndef IDPSYNC_PARTITION_BOUNDS_H
#define IDPSYNC_PARTITION_BOUNDS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/lockdefs.h"
#include "utils/relcache.h"
#include "utils/timestamp.h"

typedef struct Partition
{
	Oid			relid;
	TimestampTz start;			/* -infinity for the first */
	TimestampTz end;			/* infinity for the last */
} Partition;

/* job or operation; ERROR 55000 where somebody has dropped or renamed it */
extern Relation open_partitioned(const char *table, LOCKMODE mode);

/* the partitions of job or operation, in order; the table stays locked against their change */
extern Partition *list_partitions(const char *table, int *n);

/* where a partition begins; false for a table that is no such partition */
extern bool partition_begins(Oid relid, TimestampTz *start);

/* where the partition of an open partitioned table that takes this created_at begins, and where it ends */
extern void find_partition(Relation table, TimestampTz created_at, TimestampTz *start, TimestampTz *end);

#endif
