/*
 * open_session.c: sessions are requested and opened, one at a time for a
 * container and type.
 *
 * Openings of a container and type that find none open take turns; the partial
 * unique index session_open holds whoever writes by hand to the same: an insert
 * that loses does nothing, and its caller looks again.
 *
 * The session that is open is locked before the turn is waited for, and the
 * turn before the key: who has closed that session can open the next in the
 * same transaction, while others wait to open one.
 */
#include "session/session.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/statement.h"
#include "store/store.h"
#include "store/turn.h"

/* others may open and close between our two looks, but not for ever */
#define MAX_TRIES 10

#define IS_OPEN "status" EQUALS "ANY (ARRAY['OPENED', 'PENDING']::idpsync.session_status[])"

#define SELECT_OPEN \
	"SELECT " SESSION_COLUMNS " FROM idpsync.session" \
	" WHERE tenant_id" EQUALS "$1 AND session_type" EQUALS "$2 AND " IS_OPEN

static Statement select_open = {
	SELECT_OPEN, 2, {ARG_TEXT, ARG_ENUM + SESSION_TYPE}
};

static Statement select_open_locked = {
	SELECT_OPEN " FOR NO KEY UPDATE", 2, {ARG_TEXT, ARG_ENUM + SESSION_TYPE}
};

static Statement update_expired = {
	"UPDATE idpsync.session SET status = 'EXPIRED', closed_at = expires_at WHERE session_id" EQUALS "$1 AND tenant_id" EQUALS "$2",
	2, {ARG_TEXT, ARG_TEXT}
};

static Statement update_handed_over = {
	"UPDATE idpsync.session SET status = 'OPENED', agent_id = $3, expires_at = $4,"
	" sync_mode = coalesce($5, sync_mode)"
	" WHERE session_id" EQUALS "$1 AND tenant_id" EQUALS "$2 RETURNING " SESSION_COLUMNS,
	5, {ARG_TEXT, ARG_TEXT, ARG_TEXT, ARG_TIME, ARG_ENUM + SYNC_MODE}
};

static Statement select_last_completed = {
	"SELECT created_at FROM idpsync.session"
	" WHERE tenant_id" EQUALS "$1 AND session_type" EQUALS "$2 AND status" EQUALS "'COMPLETED'"
	" ORDER BY created_at DESC LIMIT 1",
	2, {ARG_TEXT, ARG_ENUM + SESSION_TYPE}
};

static Statement select_full_sync = {
	"SELECT 1 FROM idpsync.session"
	" WHERE tenant_id" EQUALS "$1 AND session_type" EQUALS "$2 AND sync_mode" EQUALS "'FULL_SYNC'"
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
container_and_type(const char *tenant_id, const Opening *opening)
{
	Values		values = {0};

	bind_text(&values, tenant_id);
	bind_enum(&values, SESSION_TYPE, opening->session_type);
	return values;
}

/* reads the session that is stored as open, if there is one */
static bool
read_open(Statement *select, const char *tenant_id, Opening *opening)
{
	Values		values = container_and_type(tenant_id, opening);

	if (run_statement(select, &values, false) == 0)
		return false;
	result_copy(0, SESSION_LAYOUT, opening->session.values, opening->session.nulls);
	return true;
}

static void
store_expiry(const Session *session)
{
	Values		values = {0};

	bind_datum(&values, session->values[S_ID], false);
	bind_datum(&values, session->values[S_TENANT], false);
	write_row(&update_expired, &values);
}

/* a requested session goes to the agent that asks */
static void
hand_over(Opening *opening, TimestampTz now)
{
	Session    *session = &opening->session;
	Values		values = {0};

	bind_datum(&values, session->values[S_ID], false);
	bind_datum(&values, session->values[S_TENANT], false);
	bind_text(&values, opening->agent_id);
	bind_time(&values, lease_end(sign_of_life(session, now)));
	bind_enum(&values, SYNC_MODE, opening->sync_mode);
	write_row(&update_handed_over, &values);
	result_copy(0, SESSION_LAYOUT, session->values, session->nulls);
}

/* when the next session may open; DT_NOBEGIN = now */
static TimestampTz
earliest_opening(const char *tenant_id, const Opening *opening, TimestampTz now)
{
	int64		interval = store_settings()->session_interval;
	Values		values = container_and_type(tenant_id, opening);
	TimestampTz next;

	if (interval == 0 || run_statement(&select_last_completed, &values, false) == 0)
		return DT_NOBEGIN;
	next = result_int64(0, 1) + interval;
	return next > now ? next : DT_NOBEGIN;
}

/* DELTA once everything has been synchronized, unless the caller asks for a mode */
static int
choose_sync_mode(const char *tenant_id, const Opening *opening)
{
	Values		values = container_and_type(tenant_id, opening);

	if (opening->sync_mode != 0)
		return opening->sync_mode;
	return run_statement(&select_full_sync, &values, false) > 0 ? DELTA_SYNC : FULL_SYNC;
}

/* false if another session was opened meanwhile */
static bool
insert(const char *tenant_id, Opening *opening, TimestampTz now)
{
	Values		values = {0};
	TimestampTz created_at;
	char	   *session_id = make_id("ses_", now, &created_at);

	bind_text(&values, session_id);
	bind_text(&values, tenant_id);
	bind_text(&values, opening->agent_id);
	bind_enum(&values, SESSION_TYPE, opening->session_type);
	bind_enum(&values, SYNC_MODE, choose_sync_mode(tenant_id, opening));
	bind_enum(&values, SESSION_STATUS, opening->agent_id ? SESSION_OPENED : SESSION_PENDING);
	bind_time(&values, created_at);
	bind_time(&values, lease_end(now));
	if (run_statement(&insert_session, &values, false) == 0)
		return false;
	result_copy(0, SESSION_LAYOUT, opening->session.values, opening->session.nulls);
	return true;
}

/*
 * One opening of a container and type at a time, until its transaction ends:
 * clock, history and mode are looked at when nobody can change them any more.
 */
static void
wait_to_open(const char *tenant_id, const Opening *opening)
{
	wait_for_turn("session", request_hash_int(request_hash_text(request_hash_start("OpenSession"), tenant_id),
											  opening->session_type));
}

/* does an opening find the session that is stored as open, if there is one, with its lease running? */
static bool
is_open(const Opening *opening, bool stored_open, TimestampTz now)
{
	return stored_open && DatumGetTimestampTz(opening->session.values[S_EXPIRES_AT]) > now;
}

/*
 * Is there a session that an opening finds, whoever is at work on it? With the
 * turn none is waited for: who closes one and opens the next waits for the turn.
 */
static bool
finds_open(const char *tenant_id, Opening *opening)
{
	bool		stored_open = read_open(&select_open, tenant_id, opening);

	return is_open(opening, stored_open, GetCurrentTimestamp()) &&
		!(session_status(&opening->session) == SESSION_PENDING && opening->agent_id);
}

/* takes the locks that an opening needs; true if its turn is among them */
static bool
lock_opening(const char *tenant_id, Opening *opening)
{
	bool		stored_open = read_open(&select_open_locked, tenant_id, opening);

	if (is_open(opening, stored_open, GetCurrentTimestamp()))
		return false;
	wait_to_open(tenant_id, opening);
	return true;
}

/* result, session and next_session_at of an opening */
static void
decide(const char *tenant_id, Opening *opening, bool has_turn)
{
	for (int i = 0; i < MAX_TRIES; i++)
	{
		bool		stored_open;
		TimestampTz now;

		opening->has_session = true;
		if (has_turn && finds_open(tenant_id, opening))
		{
			opening->result = OPEN_EXISTS;
			return;
		}
		stored_open = read_open(&select_open_locked, tenant_id, opening);
		now = GetCurrentTimestamp();	/* after any wait for the lock */
		if (is_open(opening, stored_open, now))
		{
			opening->result = OPEN_EXISTS;
			if (session_status(&opening->session) == SESSION_PENDING && opening->agent_id)
			{
				hand_over(opening, now);
				opening->result = OPEN_SUCCESS;
			}
			return;
		}
		if (!has_turn)
		{
			wait_to_open(tenant_id, opening);
			has_turn = true;
			continue;
		}
		if (stored_open)
			store_expiry(&opening->session);
		if (opening->agent_id)
			opening->next_session_at = earliest_opening(tenant_id, opening, now);
		if (opening->next_session_at != DT_NOBEGIN)
		{
			opening->has_session = false;
			opening->result = OPEN_TOO_EARLY;
			return;
		}
		if (insert(tenant_id, opening, now))
		{
			opening->result = OPEN_SUCCESS;
			return;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not open a session for subject container \"%s\"", tenant_id),
			 errdetail("Others opened and closed one %d times meanwhile.", MAX_TRIES),
			 errhint("Call again.")));
}

/* what the call that first had the key was answered, with the session as it now is */
static void
open_again(Call *call, Opening *opening)
{
	char	   *session_id;

	answer_again(call, OP_RESPONSE);
	any_read_open_session(call->answer.values[OP_RESPONSE], &opening->result, &session_id, &opening->next_session_at);
	if (enum_label(OPEN_SESSION_RESULT, opening->result) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("operation \"%s\" is none that %s has made", call->operation_id, call->method)));
	opening->has_session = session_id != NULL;
	if (session_id)
	{
		find_session(call->tenant_id, session_id, false, false, &opening->session);
		settle_expiry(opening->session.values, opening->session.nulls, GetCurrentTimestamp());
	}
}

void
open_or_find(Call *call, Opening *opening)
{
	SessionFields fields = {.session_id = ""};
	SessionCells cells;
	bool		has_turn;

	call->method = opening->agent_id ? "OpenSession" : "RequestSession";
	call->request_hash = request_hash_text(request_hash_start(call->method), opening->agent_id);
	call->request_hash = request_hash_int(call->request_hash, opening->session_type);
	call->request_hash = request_hash_int(call->request_hash, opening->sync_mode);
	opening->next_session_at = DT_NOBEGIN;
	has_turn = call->key && lock_opening(call->tenant_id, opening);
	if (begin_call(call))
	{
		open_again(call, opening);
		return;
	}
	decide(call->tenant_id, opening, has_turn);
	if (opening->has_session)
		session_fields(&opening->session, &fields, &cells);
	make_operation(call, true, NULL, any_of_session_metadata("OpenSessionMetadata", fields.session_id), true,
				   any_of_open_session(opening->result, opening->has_session ? &fields : NULL, opening->next_session_at));
}
