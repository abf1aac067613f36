/*
 * compat.h: where PostgreSQL 15 to 18 spell the same thing differently.
 *
 * Only spelling: nothing here changes what idpsync does.
 */
#ifndef IDPSYNC_COMPAT_H
#define IDPSYNC_COMPAT_H

#include "postgres.h"
#include "fmgr.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* 15 has no soft errors: there every error is a hard one. */
#if PG_VERSION_NUM < 160000
#define errsave(context, ...) ereport(ERROR, __VA_ARGS__)
#define ereturn(context, dummy, ...) \
	do { (void) (context); ereport(ERROR, __VA_ARGS__); } while (0)
#define SOFT_ERROR_CONTEXT(fcinfo) NULL
typedef struct Node IdpEscontext;
#else
#include "nodes/miscnodes.h"
#define SOFT_ERROR_CONTEXT(fcinfo) ((fcinfo)->context)
typedef struct Node IdpEscontext;
#endif

#endif
