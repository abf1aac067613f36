/*
 * count_deltas.h: the tables job_count and job_count_delta are written as the
 * owner of the store, whoever changes jobs: they are its own bookkeeping. Only
 * calls in a distributed store write as their caller (count_calls.c).
 */
#ifndef IDPSYNC_COUNT_DELTAS_H
#define IDPSYNC_COUNT_DELTAS_H

#include "postgres.h"

#include "job/count_changes.h"

/* whose rights the caller had before */
typedef struct Caller
{
	Oid			user;
	int			security_context;
} Caller;

/*
 * Goes on with the rights of the owner of job_count_delta, past its policies,
 * until be_caller(), or until an error undoes it. Only constant, qualified
 * statements may run meanwhile.
 */
extern void be_store_owner(Caller *caller);
extern void be_caller(const Caller *caller);

/* the first of the delta_ids of a statement, which count up from it; no bigint is near */
extern int64 random_delta_id(void);

/* appends changes of grain f to job_count_delta, with the rights there are; inside SPI */
extern void append_count_deltas(const CountChanges *changes);

#endif
