/*
 * report_session.c: an open session is kept alive, reported on and closed.
 *
 * A lease that ends while a call waits is over, and nothing revives it: the
 * clock is read behind every wait. A close locks the session's row first, and
 * so does any call with a key: the row comes before the key, always, or two that
 * share a key could wait for each other. Other heartbeats and reports, the
 * frequent ones, look without a lock and write only if nobody has written
 * meanwhile; if somebody has, they lock and look again.
 */
#include "session/session.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "counters/counters.h"
#include "store/statement.h"
#include "store/store.h"

/* each heartbeat and report moves heartbeat_at on, so that these tell a session as it was read */
#define AS_READ \
	" WHERE session_id" EQUALS "$1 AND tenant_id" EQUALS "$2 AND status" EQUALS "'OPENED'" \
	" AND expires_at" EQUALS "$5 AND coalesce(heartbeat_at, created_at)" EQUALS "$6"

static Statement update_lease = {
	"UPDATE idpsync.session SET heartbeat_at = $3, expires_at = $4" AS_READ,
	6, {ARG_TEXT, ARG_TEXT, ARG_TIME, ARG_TIME, ARG_TIME, ARG_TIME}
};

static Statement update_progress = {
	"UPDATE idpsync.session SET heartbeat_at = $3, expires_at = $4, progress = $7" AS_READ,
	7, {ARG_TEXT, ARG_TEXT, ARG_TIME, ARG_TIME, ARG_TIME, ARG_TIME, ARG_PROGRESS}
};

static Statement update_closed = {
	"UPDATE idpsync.session SET status = $3, closed_at = $4, fail_reason = $5"
	" WHERE session_id" EQUALS "$1 AND tenant_id" EQUALS "$2",
	5, {ARG_TEXT, ARG_TEXT, ARG_ENUM + SESSION_STATUS, ARG_TIME, ARG_TEXT}
};

/* reads the session a call is about and names its container in the call */
static void
read_session(Call *call, const char *session_id, bool lock, Session *session)
{
	find_session(call->tenant_id, session_id, lock, false, session);
	if (call->tenant_id == NULL)
		call->tenant_id = TextDatumGetCString(session->values[S_TENANT]);
	call->request_hash = request_hash_text(request_hash_start(call->method), session_id);
}

/*
 * Settles a session that was read; false if it is not open any more and that
 * was seen without a lock, which a heartbeat under way might still change.
 */
static bool
settle_open(Session *session, bool locked, TimestampTz now)
{
	settle_expiry(session->values, session->nulls, now);
	if (session_status(session) == SESSION_OPENED)
		return true;
	if (locked)
		refuse_session(session);
	return false;
}

/*
 * Writes an open session's lease from now on, and its progress if the statement
 * has it, as the session then shows. False if somebody has written it since it
 * was read. ERROR 55000 if its lease has ended meanwhile.
 */
static bool
renew_lease(Statement *statement, Session *session, TimestampTz now)
{
	Session		read = *session;
	Values		values = {0};
	TimestampTz sign = sign_of_life(&read, now);
	TimestampTz expires_at = DatumGetTimestampTz(read.values[S_EXPIRES_AT]);

	session->values[S_HEARTBEAT_AT] = TimestampTzGetDatum(sign);
	session->nulls[S_HEARTBEAT_AT] = false;
	session->values[S_EXPIRES_AT] = TimestampTzGetDatum(lease_end(sign));
	bind_datum(&values, session->values[S_ID], false);
	bind_datum(&values, session->values[S_TENANT], false);
	bind_datum(&values, session->values[S_HEARTBEAT_AT], false);
	bind_datum(&values, session->values[S_EXPIRES_AT], false);
	bind_datum(&values, read.values[S_EXPIRES_AT], false);
	bind_datum(&values, read.values[read.nulls[S_HEARTBEAT_AT] ? S_CREATED_AT : S_HEARTBEAT_AT], false);
	if (statement == &update_progress)
		bind_datum(&values, session->values[S_PROGRESS], false);
	if (run_statement(statement, &values, false) == 0)
		return false;

	now = GetCurrentTimestamp();
	if (expires_at <= now)
	{
		settle_expiry(read.values, read.nulls, now);
		refuse_session(&read);
	}
	return true;
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
	bool		is_kept;
	bool		locked = call->key != NULL;
	bool		repeated;

	call->method = "Heartbeat";
	read_session(call, session_id, locked, session);
	repeated = begin_call(call);
	for (;;)
	{
		TimestampTz now = GetCurrentTimestamp();

		if (repeated)
		{
			settle_expiry(session->values, session->nulls, now);
			answer_again(call, -1);
			return;
		}
		if (settle_open(session, locked, now) && renew_lease(&update_lease, session, now))
			break;
		if (locked)
			refuse_write();
		locked = true;
		find_session(call->tenant_id, session_id, true, false, session);
	}
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
	bool		locked = call->key != NULL;
	bool		repeated;

	call->method = "ReportSessionProgress";
	read_session(call, session_id, locked, session);
	if (call->key)
	{
		call->request_hash = request_hash_datum(call->request_hash, session_progress_make(report), false);
		call->request_hash = request_hash_int(call->request_hash, mode);
	}
	repeated = begin_call(call);
	for (;;)
	{
		TimestampTz now = GetCurrentTimestamp();

		if (repeated)
		{
			settle_expiry(session->values, session->nulls, now);
			answer_again(call, -1);
			return;
		}
		if (settle_open(session, locked, now))
		{
			join_progress(session, report, mode);
			if (renew_lease(&update_progress, session, now))
				break;
		}
		if (locked)
			refuse_write();
		locked = true;
		find_session(call->tenant_id, session_id, true, false, session);
	}
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
	read_session(call, session_id, true, session);
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
	session->values[S_CLOSED_AT] = TimestampTzGetDatum(sign_of_life(session, now));
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
