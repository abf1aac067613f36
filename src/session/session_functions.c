/*
 * session_functions.c: the SQL functions that open, keep alive, report on and
 * close sessions: their arguments and their rows.
 */
#include "session/session.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/catalog.h"
#include "counters/counters.h"
#include "store/statement.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(request_session);
PG_FUNCTION_INFO_V1(open_session);
PG_FUNCTION_INFO_V1(heartbeat);
PG_FUNCTION_INFO_V1(report_session_progress);
PG_FUNCTION_INFO_V1(close_session);

/* what an answer to open_session has before the session's columns */
#define LEADING_COLUMNS 3

static Datum
return_opened(FunctionCallInfo fcinfo, const char *operation_id, const Opening *opening)
{
	Datum		values[LEADING_COLUMNS + S_COLUMNS] = {0};
	bool		nulls[LEADING_COLUMNS + S_COLUMNS];

	memset(nulls, true, sizeof(nulls));
	values[0] = CStringGetTextDatum(operation_id);
	values[1] = ObjectIdGetDatum(enum_label_oid(OPEN_SESSION_RESULT, opening->result));
	values[2] = TimestampTzGetDatum(opening->next_session_at);
	nulls[0] = nulls[1] = false;
	nulls[2] = opening->next_session_at == DT_NOBEGIN;
	if (opening->has_session)
	{
		memcpy(values + LEADING_COLUMNS, opening->session.values, sizeof(opening->session.values));
		memcpy(nulls + LEADING_COLUMNS, opening->session.nulls, sizeof(opening->session.nulls));
	}
	return return_row(fcinfo, LEADING_COLUMNS + S_COLUMNS, values, nulls);
}

/*
 * request_session(subject_container_id text, session_type, sync_mode,
 * idempotency_key text): a PENDING session for the next agent, or the one that
 * is open.
 *
 * Lengths in characters: subject_container_id 1-50. sync_mode NULL: DELTA once
 * a FULL_SYNC has COMPLETED. Errors: 22023 and 22001 for arguments, 23505 for a
 * key of another request.
 */
Datum
request_session(PG_FUNCTION_ARGS)
{
	Call		call = {0};
	Opening		opening = {0};

	connect_to_write(fcinfo);
	call.tenant_id = required_text(fcinfo, 0, "subject_container_id", SUBJECT_CONTAINER_ID_MAX);
	opening.session_type = required_enum(fcinfo, 1, "session_type", SESSION_TYPE);
	opening.sync_mode = optional_enum(fcinfo, 2, SYNC_MODE);
	call.key = optional_text(fcinfo, 3, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	open_or_find(&call, &opening);
	SPI_finish();
	return return_opened(fcinfo, call.operation_id, &opening);
}

/*
 * open_session(subject_container_id text, agent_id text, session_type,
 * sync_mode, idempotency_key text): opens a session (OpenSession).
 *
 * result SUCCESS: opened, or a PENDING one handed over; OPENED_SESSION_EXISTS:
 * the columns show the open one; TOO_EARLY: next_session_at says when. Lengths
 * in characters: subject_container_id and agent_id 1-50. Errors as
 * request_session.
 */
Datum
open_session(PG_FUNCTION_ARGS)
{
	Call		call = {0};
	Opening		opening = {0};

	connect_to_write(fcinfo);
	call.tenant_id = required_text(fcinfo, 0, "subject_container_id", SUBJECT_CONTAINER_ID_MAX);
	opening.agent_id = required_text(fcinfo, 1, "agent_id", AGENT_ID_MAX);
	opening.session_type = required_enum(fcinfo, 2, "session_type", SESSION_TYPE);
	opening.sync_mode = optional_enum(fcinfo, 3, SYNC_MODE);
	call.key = optional_text(fcinfo, 4, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	open_or_find(&call, &opening);
	SPI_finish();
	return return_opened(fcinfo, call.operation_id, &opening);
}

/*
 * heartbeat(session_id text, subject_container_id text, idempotency_key text):
 * renews the lease of an open session (Heartbeat).
 *
 * Errors: P0002 unknown, 55000 closed, expired or PENDING, 21000 where two
 * containers have the id, 23505 for a key of another request.
 */
Datum
heartbeat(PG_FUNCTION_ARGS)
{
	Call		call = {0};
	Session		session;
	Datum		values[3];
	bool		nulls[3] = {false, false, false};
	char	   *session_id;

	connect_to_write(fcinfo);
	session_id = required_text(fcinfo, 0, "session_id", SESSION_ID_MAX);
	call.tenant_id = optional_text(fcinfo, 1, "subject_container_id", SUBJECT_CONTAINER_ID_MAX);
	call.key = optional_text(fcinfo, 2, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	keep_alive(&call, session_id, &session);
	SPI_finish();
	values[0] = CStringGetTextDatum(call.operation_id);
	values[1] = session.values[S_ID];
	values[2] = session.values[S_EXPIRES_AT];
	return return_row(fcinfo, 3, values, nulls);
}

/*
 * report_session_progress(session_id text, progress_entries json,
 * progress_mode text, subject_container_id text, idempotency_key text): joins
 * a report to a session's progress and renews its lease
 * (ReportSessionProgress).
 *
 * progress_entries: 1 to 3 entries of 1 to 6 changes, as received.
 * progress_mode: cumulative (the larger of stored and reported counts) or
 * delta (their sum); NULL: the setting idpsync.progress_mode. Errors: class 22
 * with the path for what is no report, 22003 where a sum leaves bigint,
 * otherwise as heartbeat.
 */
Datum
report_session_progress(PG_FUNCTION_ARGS)
{
	Call		call = {0};
	Session		session;
	SessionCells report;
	ProgressMode mode;
	char	   *session_id;
	text	   *json;

	connect_to_write(fcinfo);
	session_id = required_text(fcinfo, 0, "session_id", SESSION_ID_MAX);
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("progress_entries is required")));
	json = PG_GETARG_TEXT_PP(1);
	read_report(VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json), &report);
	mode = progress_mode_argument(fcinfo, 2);
	call.tenant_id = optional_text(fcinfo, 3, "subject_container_id", SUBJECT_CONTAINER_ID_MAX);
	call.key = optional_text(fcinfo, 4, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	report_progress(&call, session_id, &report, mode, &session);
	SPI_finish();
	return return_session(fcinfo, call.operation_id, &session);
}

/*
 * close_session(session_id text, failed boolean, fail_reason text,
 * subject_container_id text, idempotency_key text): ends a session
 * (CloseSession).
 *
 * failed: FAILED with an optional fail_reason of up to 256 characters, else
 * COMPLETED; a PENDING session can only fail. Errors: 22023 for a fail_reason
 * without failed, otherwise as heartbeat.
 */
Datum
close_session(PG_FUNCTION_ARGS)
{
	Call		call = {0};
	Session		session;
	char	   *session_id;
	bool		failed = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
	char	   *fail_reason;

	connect_to_write(fcinfo);
	session_id = required_text(fcinfo, 0, "session_id", SESSION_ID_MAX);
	fail_reason = optional_text(fcinfo, 2, "fail_reason", FAIL_REASON_MAX);
	call.tenant_id = optional_text(fcinfo, 3, "subject_container_id", SUBJECT_CONTAINER_ID_MAX);
	call.key = optional_text(fcinfo, 4, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	end_session(&call, session_id, failed, fail_reason, &session);
	SPI_finish();
	return return_session(fcinfo, call.operation_id, &session);
}
