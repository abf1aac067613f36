/*
 * partitions.h: the partitions of job and operation by created_at.
 */
#ifndef IDPSYNC_PARTITIONS_H
#define IDPSYNC_PARTITIONS_H

#include "postgres.h"
#include "utils/timestamp.h"

/*
 * Makes the partitions of an empty table: one from MINVALUE to now, one an
 * interval from now on, and an open-ended last one. Inside SPI.
 * ERROR 22023 for an interval that is neither whole months nor at least an hour.
 */
extern void create_first_partitions(const char *table, const Interval *interval);

#endif
