/*
 * row_arguments.h: what the functions between counter types and rows share.
 */
#ifndef IDPSYNC_ROW_ARGUMENTS_H
#define IDPSYNC_ROW_ARGUMENTS_H

#include "postgres.h"
#include "access/tupdesc.h"
#include "fmgr.h"

/* the row type of a set-returning function, in the given context */
extern TupleDesc row_type(FunctionCallInfo fcinfo, MemoryContext context);

/* the lowest bit's number; takes the bit away */
extern int	take_cell(uint32_t *present);

/*
 * Which of the names a text argument is; ERROR 22023, listing them, if none.
 * what says what the names are, in the singular.
 */
extern int	name_argument(FunctionCallInfo fcinfo, int argument, const char *what,
						  const char *const *names, int count);

/* a bigint argument as a counter, NULL as 0; ERROR 22023 if it is negative */
extern int64 counter_argument(FunctionCallInfo fcinfo, int argument, const char *name);

/*
 * One counter of the cells of an object and a change (-1: of all, added up);
 * ERROR 22003 beyond int64.
 */
extern int64 sum_counters(const int64_t *values, int objects, int changes, int counters,
						  int object, int change, int counter);

#endif
