/*
 * session_row.c: a session's row: found, locked, settled, shown as a message.
 */
#include "session/session.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "counters/counters.h"
#include "store/statement.h"
#include "store/store.h"

#define SELECT_SESSION "SELECT " SESSION_COLUMNS " FROM idpsync.session WHERE session_id" EQUALS "$1"

/* [with tenant][locked] */
static Statement select_session[2][2] = {
	{{SELECT_SESSION, 1, {ARG_TEXT}},
	{SELECT_SESSION " FOR NO KEY UPDATE", 1, {ARG_TEXT}}},
	{{SELECT_SESSION " AND tenant_id" EQUALS "$2", 2, {ARG_TEXT, ARG_TEXT}},
	{SELECT_SESSION " AND tenant_id" EQUALS "$2 FOR NO KEY UPDATE", 2, {ARG_TEXT, ARG_TEXT}}}
};

int
session_status(const Session *session)
{
	return enum_number(SESSION_STATUS, DatumGetObjectId(session->values[S_STATUS]));
}

void
settle_expiry(Datum *values, bool *nulls, TimestampTz now)
{
	int			status = enum_number(SESSION_STATUS, DatumGetObjectId(values[S_STATUS]));

	if ((status == SESSION_OPENED || status == SESSION_PENDING) &&
		DatumGetTimestampTz(values[S_EXPIRES_AT]) <= now)
	{
		values[S_STATUS] = ObjectIdGetDatum(enum_label_oid(SESSION_STATUS, SESSION_EXPIRED));
		values[S_CLOSED_AT] = values[S_EXPIRES_AT];
		nulls[S_CLOSED_AT] = false;
	}
}

/*
 * Never before the last one, so that a clock that is set back takes nothing
 * from a lease that was granted, and no session ends before it began.
 */
TimestampTz
sign_of_life(const Session *session, TimestampTz now)
{
	TimestampTz last = DatumGetTimestampTz(session->values[session->nulls[S_HEARTBEAT_AT] ? S_CREATED_AT : S_HEARTBEAT_AT]);

	return TIMESTAMP_NOT_FINITE(last) ? now : Max(now, last + 1);
}

TimestampTz
lease_end(TimestampTz sign)
{
	TimestampTz end = sign + store_settings()->session_ttl;

	if (!IS_VALID_TIMESTAMP(end))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("the lease of a session ends out of range")));
	return end;
}

void
find_session(const char *tenant_id, const char *session_id, bool lock, bool read_only, Session *session)
{
	Values		values = {0};
	uint64		found;

	/* Citus locks rows of one node only */
	if (tenant_id == NULL && lock && store_is_distributed())
	{
		find_session(NULL, session_id, false, read_only, session);
		tenant_id = TextDatumGetCString(session->values[S_TENANT]);
	}
	bind_text(&values, session_id);
	if (tenant_id)
		bind_text(&values, tenant_id);
	found = run_statement(&select_session[tenant_id != NULL][lock], &values, read_only);
	if (found == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("session \"%s\" does not exist", session_id)));
	if (found > 1)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("session \"%s\" exists for more than one subject container", session_id),
				 errhint("Pass subject_container_id.")));
	result_copy(0, SESSION_LAYOUT, session->values, session->nulls);
}

void
refuse_session(const Session *session)
{
	int			status = session_status(session);
	const char *id = TextDatumGetCString(session->values[S_ID]);

	if (status == SESSION_PENDING)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("session \"%s\" is PENDING", id),
				 errhint("The first agent that calls open_session() opens it; close_session(..., failed => true) withdraws it.")));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("session \"%s\" is not open", id),
			 errdetail("It has been %s since %s.", enum_label(SESSION_STATUS, status),
					   timestamptz_to_str(DatumGetTimestampTz(session->values[S_CLOSED_AT])))));
}

static char *
text_or_null(const Session *session, int column)
{
	return session->nulls[column] ? NULL : TextDatumGetCString(session->values[column]);
}

void
session_fields(const Session *session, SessionFields *fields, SessionCells *cells)
{
	fields->session_id = TextDatumGetCString(session->values[S_ID]);
	fields->agent_id = text_or_null(session, S_AGENT);
	fields->created_at = DatumGetTimestampTz(session->values[S_CREATED_AT]);
	fields->expires_at = DatumGetTimestampTz(session->values[S_EXPIRES_AT]);
	fields->closed_at = session->nulls[S_CLOSED_AT] ? DT_NOBEGIN : DatumGetTimestampTz(session->values[S_CLOSED_AT]);
	fields->sync_mode = enum_number(SYNC_MODE, DatumGetObjectId(session->values[S_SYNC_MODE]));
	fields->status = session_status(session);
	fields->session_type = enum_number(SESSION_TYPE, DatumGetObjectId(session->values[S_TYPE]));
	fields->fail_reason = text_or_null(session, S_FAIL_REASON);
	fields->progress = NULL;
	if (!session->nulls[S_PROGRESS])
	{
		session_progress_read(session->values[S_PROGRESS], cells);
		fields->progress = cells;
	}
}

Datum
return_session(FunctionCallInfo fcinfo, const char *operation_id, const Session *session)
{
	Datum		values[S_COLUMNS + 1];
	bool		nulls[S_COLUMNS + 1];

	values[0] = operation_id ? CStringGetTextDatum(operation_id) : (Datum) 0;
	nulls[0] = operation_id == NULL;
	memcpy(values + 1, session->values, sizeof(session->values));
	memcpy(nulls + 1, session->nulls, sizeof(session->nulls));
	return return_row(fcinfo, S_COLUMNS + 1, values, nulls);
}
