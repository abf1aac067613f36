/*
 * open_session.c: sessions are requested and opened, one at a time for a
 * container and type.
 *
 * The partial unique index session_open decides between two that open at
 * once: the loser's insert does nothing, and he looks again.
 */
#include "session/session.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/statement.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(request_session);
PG_FUNCTION_INFO_V1(open_session);

/* others may open and close between our two looks, but not for ever */
#define MAX_TRIES 10

#define IS_OPEN "status" EQUALS "ANY (ARRAY['OPENED', 'PENDING']::idpsync.session_status[])"

/* what a call asks for */
typedef struct Request
{
	const char *tenant_id;
	const char *agent_id;		/* NULL: a session is requested, not opened */
	int			session_type;
	int			sync_mode;		/* 0: as the history has it */
} Request;

static Statement select_open = {
	"SELECT " SESSION_COLUMNS " FROM idpsync.session"
	" WHERE tenant_id = $1 AND session_type" EQUALS "$2 AND " IS_OPEN " FOR NO KEY UPDATE",
	2, {ARG_TEXT, ARG_ENUM + SESSION_TYPE}
};

static Statement update_expired = {
	"UPDATE idpsync.session SET status = 'EXPIRED', closed_at = expires_at WHERE session_id = $1 AND tenant_id = $2",
	2, {ARG_TEXT, ARG_TEXT}
};

static Statement update_handed_over = {
	"UPDATE idpsync.session SET status = 'OPENED', agent_id = $3, expires_at = $4,"
	" sync_mode = coalesce($5, sync_mode)"
	" WHERE session_id = $1 AND tenant_id = $2 RETURNING " SESSION_COLUMNS,
	5, {ARG_TEXT, ARG_TEXT, ARG_TEXT, ARG_TIME, ARG_ENUM + SYNC_MODE}
};

static Statement select_last_completed = {
	"SELECT created_at FROM idpsync.session"
	" WHERE tenant_id = $1 AND session_type" EQUALS "$2 AND status" EQUALS "'COMPLETED'"
	" ORDER BY created_at DESC LIMIT 1",
	2, {ARG_TEXT, ARG_ENUM + SESSION_TYPE}
};

static Statement select_full_sync = {
	"SELECT 1 FROM idpsync.session"
	" WHERE tenant_id = $1 AND session_type" EQUALS "$2 AND sync_mode" EQUALS "'FULL_SYNC'"
	" AND status" EQUALS "'COMPLETED' LIMIT 1",
	2, {ARG_TEXT, ARG_ENUM + SESSION_TYPE}
};

static Statement insert_session = {
	"INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
	" ON CONFLICT (tenant_id, session_type) WHERE " IS_OPEN " DO NOTHING RETURNING " SESSION_COLUMNS,
	8, {ARG_TEXT, ARG_TEXT, ARG_TEXT, ARG_ENUM + SESSION_TYPE, ARG_ENUM + SYNC_MODE,
	ARG_ENUM + SESSION_STATUS, ARG_TIME, ARG_TIME}
};

static Values
container_and_type(const Request *request)
{
	Values		values = {0};

	bind_text(&values, request->tenant_id);
	bind_enum(&values, SESSION_TYPE, request->session_type);
	return values;
}

/* locks the session that is stored as open, if there is one */
static bool
lock_open(const Request *request, Session *session)
{
	Values		values = container_and_type(request);

	if (run_statement(&select_open, &values, false) == 0)
		return false;
	result_copy(0, S_COLUMNS, session->values, session->nulls);
	return true;
}

static void
store_expiry(const Session *session)
{
	Values		values = {0};

	bind_datum(&values, session->values[S_ID], false);
	bind_datum(&values, session->values[S_TENANT], false);
	run_statement(&update_expired, &values, false);
}

/* a requested session goes to the agent that asks */
static void
hand_over(const Request *request, Session *session, TimestampTz now)
{
	Values		values = {0};

	bind_datum(&values, session->values[S_ID], false);
	bind_datum(&values, session->values[S_TENANT], false);
	bind_text(&values, request->agent_id);
	bind_time(&values, now + store_settings()->session_ttl);
	bind_enum(&values, SYNC_MODE, request->sync_mode);
	if (run_statement(&update_handed_over, &values, false) == 1)
		result_copy(0, S_COLUMNS, session->values, session->nulls);
}

/* when the next session may open; DT_NOBEGIN = now */
static TimestampTz
earliest_opening(const Request *request, TimestampTz now)
{
	int64		interval = store_settings()->session_interval;
	Values		values = container_and_type(request);
	TimestampTz next;
	bool		isnull;

	if (interval == 0 || run_statement(&select_last_completed, &values, false) == 0)
		return DT_NOBEGIN;
	next = DatumGetTimestampTz(result_datum(0, 1, &isnull)) + interval;
	return next > now ? next : DT_NOBEGIN;
}

/* DELTA once everything has been synchronized, unless the caller asks for a mode */
static int
choose_sync_mode(const Request *request)
{
	Values		values = container_and_type(request);

	if (request->sync_mode != 0)
		return request->sync_mode;
	return run_statement(&select_full_sync, &values, false) > 0 ? DELTA_SYNC : FULL_SYNC;
}

/* false if another session was opened meanwhile */
static bool
insert(const Request *request, Session *session, TimestampTz now)
{
	Values		values = {0};
	TimestampTz created_at;
	char	   *session_id = make_id("ses_", now, &created_at);

	bind_text(&values, session_id);
	bind_text(&values, request->tenant_id);
	bind_text(&values, request->agent_id);
	bind_enum(&values, SESSION_TYPE, request->session_type);
	bind_enum(&values, SYNC_MODE, choose_sync_mode(request));
	bind_enum(&values, SESSION_STATUS, request->agent_id ? SESSION_OPENED : SESSION_PENDING);
	bind_time(&values, created_at);
	bind_time(&values, now + store_settings()->session_ttl);
	if (run_statement(&insert_session, &values, false) == 0)
		return false;
	result_copy(0, S_COLUMNS, session->values, session->nulls);
	return true;
}

/* the result of a request: session is set unless it is too early */
static int
open_or_find(const Request *request, Session *session, TimestampTz *next_session_at)
{
	*next_session_at = DT_NOBEGIN;
	for (int i = 0; i < MAX_TRIES; i++)
	{
		bool		stored_open = lock_open(request, session);
		TimestampTz now = GetCurrentTimestamp();	/* after any wait for the lock */

		if (stored_open && DatumGetTimestampTz(session->values[S_EXPIRES_AT]) > now)
		{
			if (session_status(session) == SESSION_OPENED || request->agent_id == NULL)
				return OPEN_EXISTS;
			hand_over(request, session, now);
			return OPEN_SUCCESS;
		}
		if (stored_open)
			store_expiry(session);
		if (request->agent_id != NULL)
		{
			*next_session_at = earliest_opening(request, now);
			if (*next_session_at != DT_NOBEGIN)
				return OPEN_TOO_EARLY;
		}
		if (insert(request, session, now))
			return OPEN_SUCCESS;
	}
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not open a session for subject container \"%s\"", request->tenant_id),
			 errdetail("Others opened and closed one %d times meanwhile.", MAX_TRIES),
			 errhint("Call again.")));
}

/* what an answer needs beside the session's columns */
#define LEADING_COLUMNS 3

/* session NULL: none */
static Datum
return_opened(FunctionCallInfo fcinfo, const char *operation_id, int result, TimestampTz next_session_at,
			  const Session *session)
{
	Datum		values[LEADING_COLUMNS + S_COLUMNS] = {0};
	bool		nulls[LEADING_COLUMNS + S_COLUMNS];

	memset(nulls, true, sizeof(nulls));
	values[0] = CStringGetTextDatum(operation_id);
	values[1] = ObjectIdGetDatum(enum_label_oid(OPEN_SESSION_RESULT, result));
	values[2] = TimestampTzGetDatum(next_session_at);
	nulls[0] = nulls[1] = false;
	nulls[2] = next_session_at == DT_NOBEGIN;
	if (session)
	{
		memcpy(values + LEADING_COLUMNS, session->values, sizeof(session->values));
		memcpy(nulls + LEADING_COLUMNS, session->nulls, sizeof(session->nulls));
	}
	return return_row(fcinfo, LEADING_COLUMNS + S_COLUMNS, values, nulls);
}

/* the answer of the call that first had the key, with the session as it now is */
static Datum
answer_again(FunctionCallInfo fcinfo, const Call *call)
{
	Operation	operation;
	Session		session;
	char	   *session_id;
	int			result;
	TimestampTz next_session_at;

	find_operation(call->tenant_id, call->operation_id, false, false, &operation);
	any_read_open_session(operation.values[OP_RESPONSE], &result, &session_id, &next_session_at);
	if (session_id)
	{
		find_session(call->tenant_id, session_id, false, false, &session);
		settle_expiry(session.values, session.nulls, GetCurrentTimestamp());
	}
	SPI_finish();
	return return_opened(fcinfo, call->operation_id, result, next_session_at, session_id ? &session : NULL);
}

static Datum
answer_request(FunctionCallInfo fcinfo, const Request *request, const char *method, const char *key)
{
	Call		call = {.method = method, .tenant_id = request->tenant_id, .key = key};
	Session		session;
	SessionFields fields;
	SessionCells cells;
	bool		has_session;
	int			result;
	TimestampTz next_session_at;

	call.request_hash = request_hash_text(request_hash_start(method), request->agent_id);
	call.request_hash = request_hash_int(call.request_hash, request->session_type);
	call.request_hash = request_hash_int(call.request_hash, request->sync_mode);
	if (begin_call(&call))
		return answer_again(fcinfo, &call);

	result = open_or_find(request, &session, &next_session_at);
	has_session = result != OPEN_TOO_EARLY;
	if (has_session)
		session_fields(&session, &fields, &cells);
	store_operation(&call, NULL,
					any_of_session_metadata("OpenSessionMetadata", has_session ? fields.session_id : ""),
					true, any_of_open_session(result, has_session ? &fields : NULL, next_session_at));
	SPI_finish();
	return return_opened(fcinfo, call.operation_id, result, next_session_at, has_session ? &session : NULL);
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
	Request		request = {0};

	connect_store();
	request.tenant_id = required_text(fcinfo, 0, "subject_container_id", SUBJECT_CONTAINER_ID_MAX);
	request.session_type = required_enum(fcinfo, 1, "session_type", SESSION_TYPE);
	request.sync_mode = optional_enum(fcinfo, 2, SYNC_MODE);
	return answer_request(fcinfo, &request, "RequestSession",
						  optional_text(fcinfo, 3, "idempotency_key", IDEMPOTENCY_KEY_MAX));
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
	Request		request = {0};

	connect_store();
	request.tenant_id = required_text(fcinfo, 0, "subject_container_id", SUBJECT_CONTAINER_ID_MAX);
	request.agent_id = required_text(fcinfo, 1, "agent_id", AGENT_ID_MAX);
	request.session_type = required_enum(fcinfo, 2, "session_type", SESSION_TYPE);
	request.sync_mode = optional_enum(fcinfo, 3, SYNC_MODE);
	return answer_request(fcinfo, &request, "OpenSession",
						  optional_text(fcinfo, 4, "idempotency_key", IDEMPOTENCY_KEY_MAX));
}
