/*
 * idpsync.h: the settings and other things every room may use.
 */
#ifndef IDPSYNC_H
#define IDPSYNC_H

#include "postgres.h"

/* how a report of counters is joined to what is stored */
typedef enum ProgressMode
{
	PROGRESS_CUMULATIVE,		/* the larger of stored and reported */
	PROGRESS_DELTA				/* their sum */
} ProgressMode;

/* setting idpsync.progress_mode: what applies where a call does not say */
extern int	idpsync_progress_mode;

/* setting idpsync.caller: whom operations name as created_by; empty = the role */
extern char *idpsync_caller;

#endif
