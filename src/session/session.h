/*
 * session.h: a session's row, and what all calls on sessions share.
 */
#ifndef IDPSYNC_SESSION_H
#define IDPSYNC_SESSION_H

#include "postgres.h"

#include "base/compat.h"
#include "fmgr.h"

#include "datatype/timestamp.h"

#include "idpsync.h"
#include "operation/operation.h"
#include "store/page.h"
#include "wire/wire.h"

#define SESSION_ID_MAX 50
#define SUBJECT_CONTAINER_ID_MAX 50
#define AGENT_ID_MAX 50
#define FAIL_REASON_MAX 256

/* columns of a session, in the order in which functions return them */
#define SESSION_COLUMNS \
	"session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at, heartbeat_at," \
	" closed_at, fail_reason, progress"

#define SESSION_LAYOUT "VVv4448888vv"

enum
{
	S_ID,
	S_TENANT,
	S_AGENT,
	S_TYPE,
	S_SYNC_MODE,
	S_STATUS,
	S_CREATED_AT,
	S_EXPIRES_AT,
	S_HEARTBEAT_AT,
	S_CLOSED_AT,
	S_FAIL_REASON,
	S_PROGRESS,
	S_COLUMNS
};

typedef struct Session
{
	Datum		values[S_COLUMNS];
	bool		nulls[S_COLUMNS];
} Session;

/*
 * Shows an open session whose lease is over as EXPIRED, closed at the end of
 * its lease: a fact of time, whatever is stored.
 */
extern void settle_expiry(Datum *values, bool *nulls, TimestampTz now);

/* the number of its SessionStatus */
extern int	session_status(const Session *session);

/* when a session is heard of that was read as it is: now, or just after its last heartbeat or report */
extern TimestampTz sign_of_life(const Session *session, TimestampTz now);

/* when a lease that runs from then on ends; ERROR 22008 */
extern TimestampTz lease_end(TimestampTz sign);

/*
 * One session by id, tenant_id NULL where the caller did not give it. ERROR
 * P0002 where there is none, 21000 where two containers have it. With lock it
 * cannot change until the transaction ends.
 */
extern void find_session(const char *tenant_id, const char *session_id, bool lock, bool read_only,
						 Session *session);

/* a session to be opened or requested, and how that went */
typedef struct Opening
{
	const char *agent_id;		/* NULL: a session is requested, not opened */
	int			session_type;
	int			sync_mode;		/* 0: as the history has it */

	int			result;			/* OpenSessionResult */
	TimestampTz next_session_at;	/* DT_NOBEGIN = unset */
	bool		has_session;
	Session		session;
} Opening;

/*
 * The calls, between connect_store() and SPI_finish(). The call brings
 * tenant_id (NULL where a session's id is to say it, but for an opening), key
 * and wants_answer, and takes the operation; session is the session afterwards.
 */
extern void open_or_find(Call *call, Opening *opening);
extern void keep_alive(Call *call, const char *session_id, Session *session);
extern void report_progress(Call *call, const char *session_id, const SessionCells *report,
							ProgressMode mode, Session *session);
extern void end_session(Call *call, const char *session_id, bool failed, const char *fail_reason,
						Session *session);

/*
 * A page of a container's sessions, newest first, as they are now, and how
 * many there are where total is wanted; a page's size is given, 0 = the
 * default. ERROR 22023 for a size, filter or token that is none.
 */
extern PageRows list_session_page(const char *tenant_id, const char *filter, const char *token,
								  ListPage *page, int64 *total);

/* ERROR 55000 that says why this session, settled, takes no such call */
pg_noreturn extern void refuse_session(const Session *session);

/* the session as a message; cells is room for its progress */
extern void session_fields(const Session *session, SessionFields *fields, SessionCells *cells);

/* a row: operation_id and the session's columns */
extern Datum return_session(FunctionCallInfo fcinfo, const char *operation_id, const Session *session);

#endif
