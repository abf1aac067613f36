/*
 * operation_states.c: an operation that is done does not change any more.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/rel.h"

#include "store/row_trigger.h"

PG_FUNCTION_INFO_V1(check_operation_change);

/*
 * Row trigger before an update of an operation that was done. Errors: 55000.
 */
Datum
check_operation_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = row_update_trigger(fcinfo, "check_operation_change");
	int			id = trigger_column(trigger, "operation_id", TEXTOID);

	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("operation \"%s\" is done already",
					SPI_getvalue(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation), id)),
			 errdetail("An operation that is done does not change any more.")));
}
