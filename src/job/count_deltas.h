/*
 * count_deltas.h: the tables job_count and job_count_delta are written as the
 * owner of the store, whoever changes jobs: they are its own bookkeeping.
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
	int			nest_level;		/* of settings that he gets back; 0: none */
} Caller;

/*
 * Goes on with the rights of the owner of job_count_delta, past its policies,
 * until be_caller(), or until an error undoes it. Only constant, qualified
 * statements may run meanwhile.
 */
extern void be_store_owner(Caller *caller);
extern void be_caller(const Caller *caller);

/*
 * The same for what the owner of the store may have put functions of his own
 * on, on behalf of a caller who may have more rights than he has: they find
 * nothing but pg_catalog on the search path, and whatever they set, make or
 * defer, nothing of it is left to the caller.
 */
extern void be_restricted_owner(Caller *caller);

/* connect_store() and that; the view that tells of the store is the owner's too */
extern void connect_as_store_owner(Caller *caller);

/* the first of the delta_ids of a statement, which count up from it; no bigint is near */
extern int64 random_delta_id(void);

/* appends changes of grain f to job_count_delta; inside SPI */
extern void append_count_deltas(const CountChanges *changes);

#endif
