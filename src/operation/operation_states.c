/*
 * operation_states.c: an operation that is done does not change any more.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(check_operation_change);

/*
 * Row trigger before an update of an operation that was done. Errors: 55000.
 */
Datum
check_operation_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "check_operation_change")));
	desc = RelationGetDescr(trigger->tg_relation);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("operation \"%s\" is done already",
					SPI_getvalue(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "operation_id"))),
			 errdetail("An operation that is done does not change any more.")));
}
