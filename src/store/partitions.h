/*
 * partitions.h: the partitions of job and operation by created_at.
 */
#ifndef IDPSYNC_PARTITIONS_H
#define IDPSYNC_PARTITIONS_H

#include "postgres.h"

#include "utils/relcache.h"
#include "utils/timestamp.h"

/*
 * Makes the partitions of an empty table: one from MINVALUE to now, one an
 * interval from now on, and an open-ended last one. Inside SPI.
 * ERROR 22023 for an interval that is neither whole months nor at least an hour.
 */
extern void create_first_partitions(const char *table, const Interval *interval);

/* where a partition begins, -infinity for the first; false for a table that is no such partition */
extern bool partition_begins(Oid relid, TimestampTz *start);

/* where the partition of an open partitioned table that takes this created_at begins, and where it ends */
extern void find_partition(Relation table, TimestampTz created_at, TimestampTz *start, TimestampTz *end);

/* where each partition of an open partitioned table begins, in their order; palloc'd */
extern TimestampTz *partition_starts(Relation table, int *n);

#endif
