/*
 * session_states.c: the documented states of a session, kept by a trigger
 * against every writer.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "utils/rel.h"

#include "base/catalog.h"
#include "session/session.h"
#include "store/row_trigger.h"

PG_FUNCTION_INFO_V1(check_session_change);
PG_FUNCTION_INFO_V1(session_fits_status);

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
	TriggerData *trigger = row_update_trigger(fcinfo, "check_session_change");
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			status = trigger_column(trigger, "status", enum_type(SESSION_STATUS));
	int			id = trigger_column(trigger, "session_id", TEXTOID);
	bool		isnull;
	int			from;
	int			to;

	from = enum_number(SESSION_STATUS, DatumGetObjectId(SPI_getbinval(trigger->tg_trigtuple, desc, status, &isnull)));
	to = enum_number(SESSION_STATUS, DatumGetObjectId(SPI_getbinval(trigger->tg_newtuple, desc, status, &isnull)));
	if (!may_become(from, to))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("session \"%s\" cannot go from %s to %s",
						SPI_getvalue(trigger->tg_trigtuple, desc, id),
						enum_label(SESSION_STATUS, from), enum_label(SESSION_STATUS, to))));
	return PointerGetDatum(trigger->tg_newtuple);
}

/*
 * session_fits_status(status, agent_id text, closed_at timestamptz, fail_reason
 * text, tenant_id text): does the rest of a session fit its status? The CHECK of
 * the table.
 *
 * Open sessions have no closed_at, others have one. OPENED and COMPLETED ones
 * have an agent, PENDING ones none. Only FAILED ones have a fail_reason. A
 * subject container's id is shorter than the domain of all tenants allows.
 */
Datum
session_fits_status(PG_FUNCTION_ARGS)
{
	int			status = PG_ARGISNULL(0) ? 0 : enum_number(SESSION_STATUS, PG_GETARG_OID(0));
	bool		has_agent = !PG_ARGISNULL(1);
	bool		is_closed = !PG_ARGISNULL(2);
	bool		has_reason = !PG_ARGISNULL(3);
	text	   *tenant_id = PG_ARGISNULL(4) ? NULL : PG_GETARG_TEXT_PP(4);

	if (tenant_id && pg_mbstrlen_with_len(VARDATA_ANY(tenant_id), VARSIZE_ANY_EXHDR(tenant_id)) > SUBJECT_CONTAINER_ID_MAX)
		PG_RETURN_BOOL(false);
	switch (status)
	{
		case SESSION_OPENED:
			PG_RETURN_BOOL(has_agent && !is_closed && !has_reason);
		case SESSION_PENDING:
			PG_RETURN_BOOL(!has_agent && !is_closed && !has_reason);
		case SESSION_COMPLETED:
			PG_RETURN_BOOL(has_agent && is_closed && !has_reason);
		case SESSION_EXPIRED:
			PG_RETURN_BOOL(is_closed && !has_reason);
		case SESSION_FAILED:
			PG_RETURN_BOOL(is_closed);
		default:
			PG_RETURN_BOOL(false);
	}
}
