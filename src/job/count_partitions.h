/*
 * count_partitions.h: whose counts stand for jobs that are there.
 */
#ifndef IDPSYNC_COUNT_PARTITIONS_H
#define IDPSYNC_COUNT_PARTITIONS_H

#include "postgres.h"

/*
 * Where the partitions of job begin, as arrays to bind: counts are found by
 * that. Younger are those that were attached or truncated by a transaction the
 * active snapshot does not see: what it sees counted there is perhaps of
 * another partition, or of rows that nobody sees any more.
 */
typedef struct LivePartitions
{
	Datum		starts;
	Datum		younger;		/* those of them */
	int			n_younger;
} LivePartitions;

/* job stays locked: none of its partitions goes before the transaction ends */
extern void find_live_partitions(LivePartitions *live);

#endif
