/*
 * store_owner.h: what the store needs done as its owner, whoever calls: its
 * bookkeeping of counts, its maintenance, its upgrade.
 */
#ifndef IDPSYNC_STORE_OWNER_H
#define IDPSYNC_STORE_OWNER_H

#include "postgres.h"

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

/* the same for who may act as the owner; ERROR 42501 for others, what says what for */
extern void insist_on_owner(Caller *caller, const char *what);

#endif
