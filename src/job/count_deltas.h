/*
 * count_deltas.h: what statements change is appended to job_count_delta, as the
 * owner of the store; only calls in a distributed store write as their caller
 * (count_calls.c).
 */
#ifndef IDPSYNC_COUNT_DELTAS_H
#define IDPSYNC_COUNT_DELTAS_H

#include "postgres.h"

#include "job/count_changes.h"

/* the first of the delta_ids of a statement, which count up from it; no bigint is near */
extern int64 random_delta_id(void);

/* appends changes of grain f to job_count_delta, with the rights there are; inside SPI */
extern void append_count_deltas(const CountChanges *changes);

#endif
