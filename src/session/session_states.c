/*
 * session_states.c: the documented states of a session, kept by a trigger
 * against every writer.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/rel.h"

#include "base/catalog.h"

PG_FUNCTION_INFO_V1(check_session_change);

static bool
may_become(int from, int to)
{
	switch (from)
	{
		case SESSION_PENDING:
			return to == SESSION_OPENED || to == SESSION_FAILED || to == SESSION_EXPIRED;
		case SESSION_OPENED:
			return to == SESSION_COMPLETED || to == SESSION_FAILED || to == SESSION_EXPIRED;
		default:
			return false;
	}
}

/*
 * Row trigger before an update of session.status that changes it. Errors:
 * 55000 for a change the documented states forbid.
 */
Datum
check_session_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	bool		isnull;
	int			status;
	int			from;
	int			to;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "check_session_change")));
	desc = RelationGetDescr(trigger->tg_relation);
	status = SPI_fnumber(desc, "status");
	from = enum_number(SESSION_STATUS, DatumGetObjectId(SPI_getbinval(trigger->tg_trigtuple, desc, status, &isnull)));
	to = enum_number(SESSION_STATUS, DatumGetObjectId(SPI_getbinval(trigger->tg_newtuple, desc, status, &isnull)));
	if (!may_become(from, to))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("session \"%s\" cannot go from %s to %s",
						SPI_getvalue(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "session_id")),
						enum_label(SESSION_STATUS, from), enum_label(SESSION_STATUS, to))));
	return PointerGetDatum(trigger->tg_newtuple);
}
