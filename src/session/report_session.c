/*
 * report_session.c: an open session is kept alive, reported on and closed.
 *
 * Each call locks the session's row before it looks at the clock, so that a
 * lease that ended while the call waited is over, and nothing revives it.
 */
#include "session/session.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "counters/counters.h"
#include "store/statement.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(heartbeat);
PG_FUNCTION_INFO_V1(report_session_progress);
PG_FUNCTION_INFO_V1(close_session);

static Statement update_lease = {
	"UPDATE idpsync.session SET heartbeat_at = $3, expires_at = $4 WHERE session_id = $1 AND tenant_id = $2",
	4, {ARG_TEXT, ARG_TEXT, ARG_TIME, ARG_TIME}
};

static Statement update_progress = {
	"UPDATE idpsync.session SET heartbeat_at = $3, expires_at = $4, progress = $5"
	" WHERE session_id = $1 AND tenant_id = $2",
	5, {ARG_TEXT, ARG_TEXT, ARG_TIME, ARG_TIME, ARG_PROGRESS}
};

static Statement update_closed = {
	"UPDATE idpsync.session SET status = $3, closed_at = $4, fail_reason = $5"
	" WHERE session_id = $1 AND tenant_id = $2",
	5, {ARG_TEXT, ARG_TEXT, ARG_ENUM + SESSION_STATUS, ARG_TIME, ARG_TEXT}
};

/* locks the session a call is about and names its container in the call */
static void
lock_session(Call *call, FunctionCallInfo fcinfo, int tenant_argument, int key_argument, Session *session)
{
	char	   *session_id = required_text(fcinfo, 0, "session_id", SESSION_ID_MAX);
	char	   *tenant_id = optional_text(fcinfo, tenant_argument, "subject_container_id", SUBJECT_CONTAINER_ID_MAX);

	find_session(tenant_id, session_id, true, false, session);
	call->tenant_id = tenant_id ? tenant_id : TextDatumGetCString(session->values[S_TENANT]);
	call->key = optional_text(fcinfo, key_argument, "idempotency_key", IDEMPOTENCY_KEY_MAX);
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

/* stores the operation whose response is the session, if the store keeps such */
static void
store_session_operation(const Call *call, const Session *session, const char *metadata, bool keep)
{
	SessionFields fields;
	SessionCells cells;

	if (!keep && call->key == NULL)
		return;
	session_fields(session, &fields, &cells);
	store_operation(call, NULL, any_of_session_metadata(metadata, fields.session_id), true,
					any_of_session(&fields));
}

static Datum
return_heartbeat(FunctionCallInfo fcinfo, const Call *call, const Session *session)
{
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	SPI_finish();
	values[0] = CStringGetTextDatum(call->operation_id);
	values[1] = session->values[S_ID];
	values[2] = session->values[S_EXPIRES_AT];
	return return_row(fcinfo, 3, values, nulls);
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
	Call		call = {.method = "Heartbeat"};
	Session		session;
	Values		values = {0};
	TimestampTz now;

	connect_store();
	lock_session(&call, fcinfo, 1, 2, &session);
	now = GetCurrentTimestamp();
	settle_expiry(session.values, session.nulls, now);
	if (begin_call(&call))
		return return_heartbeat(fcinfo, &call, &session);
	if (session_status(&session) != SESSION_OPENED)
		refuse_session(&session);

	renew_lease(&session, &values, now);
	run_statement(&update_lease, &values, false);
	if (call.key || store_settings()->keep_operations == KEEP_ALL)
		store_operation(&call, NULL,
						any_of_session_metadata("HeartbeatMetadata", TextDatumGetCString(session.values[S_ID])),
						true, any_of_empty());
	return return_heartbeat(fcinfo, &call, &session);
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
	Call		call = {.method = "ReportSessionProgress"};
	Session		session;
	SessionCells report;
	ProgressMode mode;
	Values		values = {0};
	TimestampTz now;
	text	   *json;

	connect_store();
	mode = progress_mode_argument(fcinfo, 2);
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("progress_entries is required")));
	json = PG_GETARG_TEXT_PP(1);
	read_report(VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json), &report);

	lock_session(&call, fcinfo, 3, 4, &session);
	now = GetCurrentTimestamp();
	settle_expiry(session.values, session.nulls, now);
	if (call.key)
	{
		call.request_hash = request_hash_datum(call.request_hash, session_progress_make(&report), false);
		call.request_hash = request_hash_int(call.request_hash, mode);
	}
	if (!begin_call(&call))
	{
		if (session_status(&session) != SESSION_OPENED)
			refuse_session(&session);
		join_progress(&session, &report, mode);
		renew_lease(&session, &values, now);
		bind_datum(&values, session.values[S_PROGRESS], false);
		run_statement(&update_progress, &values, false);
		store_session_operation(&call, &session, "ReportSessionProgressMetadata",
								store_settings()->keep_operations != KEEP_LIFECYCLE);
	}
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
	Call		call = {.method = "CloseSession"};
	Session		session;
	Values		values = {0};
	TimestampTz now;
	bool		failed = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
	char	   *fail_reason;
	int			status;

	connect_store();
	fail_reason = optional_text(fcinfo, 2, "fail_reason", FAIL_REASON_MAX);
	if (fail_reason && !failed)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fail_reason goes with failed => true only")));

	lock_session(&call, fcinfo, 3, 4, &session);
	now = GetCurrentTimestamp();
	settle_expiry(session.values, session.nulls, now);
	call.request_hash = request_hash_int(call.request_hash, failed);
	call.request_hash = request_hash_text(call.request_hash, fail_reason);
	if (!begin_call(&call))
	{
		status = session_status(&session);
		if (status != SESSION_OPENED && !(status == SESSION_PENDING && failed))
			refuse_session(&session);
		session.values[S_STATUS] = ObjectIdGetDatum(enum_label_oid(SESSION_STATUS, failed ? SESSION_FAILED : SESSION_COMPLETED));
		session.values[S_CLOSED_AT] = TimestampTzGetDatum(now);
		session.nulls[S_CLOSED_AT] = false;
		session.values[S_FAIL_REASON] = fail_reason ? CStringGetTextDatum(fail_reason) : (Datum) 0;
		session.nulls[S_FAIL_REASON] = fail_reason == NULL;

		bind_datum(&values, session.values[S_ID], false);
		bind_datum(&values, session.values[S_TENANT], false);
		bind_datum(&values, session.values[S_STATUS], false);
		bind_datum(&values, session.values[S_CLOSED_AT], false);
		bind_datum(&values, session.values[S_FAIL_REASON], fail_reason == NULL);
		run_statement(&update_closed, &values, false);
		store_session_operation(&call, &session, "CloseSessionMetadata", true);
	}
	SPI_finish();
	return return_session(fcinfo, call.operation_id, &session);
}
