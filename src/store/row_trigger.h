/*
 * row_trigger.h: what the triggers on the store's tables share.
 *
 * Whoever may create a trigger may put our functions on any table and event,
 * so each asks first whether it is where it belongs.
 */
#ifndef IDPSYNC_ROW_TRIGGER_H
#define IDPSYNC_ROW_TRIGGER_H

#include "postgres.h"
#include "fmgr.h"

#include "commands/trigger.h"

/* ERROR 39P01 unless function name was called for a row before its update */
extern TriggerData *row_update_trigger(FunctionCallInfo fcinfo, const char *name);

/* the number of a column of the trigger's table; ERROR 39P01 if there is none of this type or a domain over it */
extern int	trigger_column(const TriggerData *trigger, const char *column, Oid type);

#endif
