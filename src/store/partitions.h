/*
 * partitions.h: partitions of job and operation are made.
 */
#ifndef IDPSYNC_PARTITIONS_H
#define IDPSYNC_PARTITIONS_H

#include "postgres.h"

#include "utils/timestamp.h"

/* partitions made ahead: the current interval and the following ones */
#define PARTITIONS_AHEAD 3

/*
 * Makes the partitions of an empty table: one from MINVALUE to now, one an
 * interval from now on, and an open-ended last one. Inside SPI.
 * ERROR 22023 for an interval that is neither whole months nor at least an hour.
 */
extern void create_first_partitions(const char *table, const Interval *interval);

/*
 * Makes partition table_suffix for values from from to to, which are literals
 * or MINVALUE and MAXVALUE, with the triggers that count jobs if it is to have them.
 */
extern void create_partition(const char *table, const char *suffix, const char *from, const char *to, bool with_triggers);

/* makes those triggers that count jobs which job, or a partition of it, lacks; inside SPI */
extern void make_count_triggers(Oid relid);

/* a bound as literal and as part of a name, both in UTC */
#define BOUND_SIZE 64
extern void format_bound(TimestampTz bound, char literal[BOUND_SIZE], char suffix[BOUND_SIZE]);

/* where the partition that begins at bound ends */
extern TimestampTz next_bound(TimestampTz bound, const Interval *interval);

#endif
