/*
 * report_session.c: an open session is kept alive, reported on and closed.
 *
 * Each call locks the session's row, and waits for its key, before it looks at
 * the clock, so that a lease that ended meanwhile is over, and nothing revives it.
 */
#include "session/session.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "counters/counters.h"
#include "store/statement.h"
#include "store/store.h"

static Statement update_lease = {
	"UPDATE idpsync.session SET heartbeat_at = $3, expires_at = $4 WHERE session_id" EQUALS "$1 AND tenant_id" EQUALS "$2",
	4, {ARG_TEXT, ARG_TEXT, ARG_TIME, ARG_TIME}
};

static Statement update_progress = {
	"UPDATE idpsync.session SET heartbeat_at = $3, expires_at = $4, progress = $5"
	" WHERE session_id" EQUALS "$1 AND tenant_id" EQUALS "$2",
	5, {ARG_TEXT, ARG_TEXT, ARG_TIME, ARG_TIME, ARG_PROGRESS}
};

static Statement update_closed = {
	"UPDATE idpsync.session SET status = $3, closed_at = $4, fail_reason = $5"
	" WHERE session_id" EQUALS "$1 AND tenant_id" EQUALS "$2",
	5, {ARG_TEXT, ARG_TEXT, ARG_ENUM + SESSION_STATUS, ARG_TIME, ARG_TEXT}
};

/* locks the session a call is about and names its container in the call */
static void
lock_session(Call *call, const char *session_id, Session *session)
{
	find_session(call->tenant_id, session_id, true, false, session);
	if (call->tenant_id == NULL)
		call->tenant_id = TextDatumGetCString(session->values[S_TENANT]);
	call->request_hash = request_hash_text(request_hash_start(call->method), session_id);
}

/* a lease from now on, in the session and in the values of the update */
static void
renew_lease(Session *session, Values *values, TimestampTz now)
{
	session->values[S_HEARTBEAT_AT] = TimestampTzGetDatum(now);
	session->nulls[S_HEARTBEAT_AT] = false;
	session->values[S_EXPIRES_AT] = TimestampTzGetDatum(now + store_settings()->session_ttl);
	bind_datum(values, session->values[S_ID], false);
	bind_datum(values, session->values[S_TENANT], false);
	bind_datum(values, session->values[S_HEARTBEAT_AT], false);
	bind_datum(values, session->values[S_EXPIRES_AT], false);
}

/* makes the operation whose response is the session, if it is of any use */
static void
make_session_operation(Call *call, bool is_kept, const Session *session, const char *metadata)
{
	SessionFields fields;
	SessionCells cells;

	if (!needs_operation(call, is_kept))
		return;
	session_fields(session, &fields, &cells);
	make_operation(call, is_kept, NULL, any_of_session_metadata(metadata, fields.session_id), true,
				   any_of_session(&fields));
}

void
keep_alive(Call *call, const char *session_id, Session *session)
{
	Values		values = {0};
	TimestampTz now;
	bool		repeated;
	bool		is_kept;

	call->method = "Heartbeat";
	lock_session(call, session_id, session);
	repeated = begin_call(call);
	now = GetCurrentTimestamp();
	settle_expiry(session->values, session->nulls, now);
	if (repeated)
	{
		answer_again(call, -1);
		return;
	}
	if (session_status(session) != SESSION_OPENED)
		refuse_session(session);

	renew_lease(session, &values, now);
	write_row(&update_lease, &values);
	is_kept = store_settings()->keep_operations == KEEP_ALL;
	if (needs_operation(call, is_kept))
		make_operation(call, is_kept, NULL, any_of_session_metadata("HeartbeatMetadata", session_id),
					   true, any_of_empty());
}

/* joins a report to a session's progress */
static void
join_progress(Session *session, const SessionCells *report, ProgressMode mode)
{
	SessionCells cells = {0};

	if (!session->nulls[S_PROGRESS])
		session_progress_read(session->values[S_PROGRESS], &cells);
	if (mode == PROGRESS_DELTA)
		session_cells_add(&cells, report);
	else
		session_cells_max(&cells, report);
	session->values[S_PROGRESS] = session_progress_make(&cells);
	session->nulls[S_PROGRESS] = false;
}

void
report_progress(Call *call, const char *session_id, const SessionCells *report, ProgressMode mode,
				Session *session)
{
	Values		values = {0};
	TimestampTz now;
	bool		repeated;

	call->method = "ReportSessionProgress";
	lock_session(call, session_id, session);
	if (call->key)
	{
		call->request_hash = request_hash_datum(call->request_hash, session_progress_make(report), false);
		call->request_hash = request_hash_int(call->request_hash, mode);
	}
	repeated = begin_call(call);
	now = GetCurrentTimestamp();
	settle_expiry(session->values, session->nulls, now);
	if (repeated)
	{
		answer_again(call, -1);
		return;
	}
	if (session_status(session) != SESSION_OPENED)
		refuse_session(session);

	join_progress(session, report, mode);
	renew_lease(session, &values, now);
	bind_datum(&values, session->values[S_PROGRESS], false);
	write_row(&update_progress, &values);
	make_session_operation(call, store_settings()->keep_operations != KEEP_LIFECYCLE, session,
						   "ReportSessionProgressMetadata");
}

void
end_session(Call *call, const char *session_id, bool failed, const char *fail_reason, Session *session)
{
	Values		values = {0};
	TimestampTz now;
	bool		repeated;
	int			status;

	if (fail_reason && !failed)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fail_reason goes with failed => true only")));

	call->method = "CloseSession";
	lock_session(call, session_id, session);
	call->request_hash = request_hash_int(call->request_hash, failed);
	call->request_hash = request_hash_text(call->request_hash, fail_reason);
	repeated = begin_call(call);
	now = GetCurrentTimestamp();
	settle_expiry(session->values, session->nulls, now);
	if (repeated)
	{
		answer_again(call, -1);
		return;
	}
	status = session_status(session);
	if (status != SESSION_OPENED && !(status == SESSION_PENDING && failed))
		refuse_session(session);

	session->values[S_STATUS] = ObjectIdGetDatum(enum_label_oid(SESSION_STATUS, failed ? SESSION_FAILED : SESSION_COMPLETED));
	session->values[S_CLOSED_AT] = TimestampTzGetDatum(now);
	session->nulls[S_CLOSED_AT] = false;
	session->values[S_FAIL_REASON] = fail_reason ? CStringGetTextDatum(fail_reason) : (Datum) 0;
	session->nulls[S_FAIL_REASON] = fail_reason == NULL;
	bind_datum(&values, session->values[S_ID], false);
	bind_datum(&values, session->values[S_TENANT], false);
	bind_datum(&values, session->values[S_STATUS], false);
	bind_datum(&values, session->values[S_CLOSED_AT], false);
	bind_datum(&values, session->values[S_FAIL_REASON], fail_reason == NULL);
	write_row(&update_closed, &values);
	make_session_operation(call, true, session, "CloseSessionMetadata");
}
