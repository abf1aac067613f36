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
 * defer, nothing of it is left to the caller. Settings made meanwhile go with it.
 */
extern void be_restricted_owner(Caller *caller);

/* connect_store() and that; the view that tells of the store is the owner's too */
extern void connect_as_store_owner(Caller *caller);

/* the same where the caller may act as the owner, even if job_count_delta is missing; others go on as they are, false */
extern bool connect_as_owner_or_caller(Caller *caller);

/* may he act as the owner? ERROR 42501 for others, what says what for */
extern void insist_on_owner(const Caller *caller, const char *what);

#endif
