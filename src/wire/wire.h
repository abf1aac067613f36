/*
 * wire.h: what the rooms behind this one need of the wire: protobuf_any and
 * the messages that operations carry.
 */
#ifndef IDPSYNC_WIRE_H
#define IDPSYNC_WIRE_H

#include "postgres.h"
#include "fmgr.h"
#include "datatype/timestamp.h"

#include "lib/stringinfo.h"

#include "base/compat.h"
#include "counters/cells.h"
#include "wire/type_registry.h"

/* a session as SynchronizationSession shows it; strings are server-encoded */
typedef struct SessionFields
{
	const char *session_id;
	const char *agent_id;		/* NULL = unset */
	TimestampTz created_at;
	TimestampTz expires_at;
	TimestampTz closed_at;		/* DT_NOBEGIN = unset, likewise the other times */
	int			sync_mode;		/* numbers of the enums, 0 = unset */
	int			status;
	int			session_type;
	const char *fail_reason;	/* NULL = unset */
	const SessionCells *progress;	/* NULL = unset */
} SessionFields;

/* a job as idpsync.v1.SynchronizationJob shows it */
typedef struct JobFields
{
	const char *job_id;
	const char *instance_id;
	int			target_type;	/* numbers of catalog.h */
	const char *target_id;
	int			direction;
	int			trigger_type;
	int			status;
	const char *description;
	TimestampTz created_at;
	TimestampTz start_time;
	TimestampTz end_time;
	const JobCells *statistics; /* NULL = unset */
	const char *error_code;
	const char *error_message;
	const char *session_id;
	const char *operation_id;
} JobFields;

/*
 * protobuf_any datums in the current memory context. The url is that of
 * CONTRACT, prefix type.googleapis.com/.
 */
extern Datum any_make(const char *type_url, const char *value, size_t len);
extern Datum any_of_empty(void);
/* the four session metadata messages have one form; name is e.g. "HeartbeatMetadata"; session_id "" for none */
extern Datum any_of_session_metadata(const char *name, const char *session_id);
extern Datum any_of_session(const SessionFields *session);
/* OpenSessionResponse; session NULL = none, next_session_at DT_NOBEGIN = none */
extern Datum any_of_open_session(int result, const SessionFields *session, TimestampTz next_session_at);
extern Datum any_of_job_metadata(const char *job_id);
extern Datum any_of_job(const JobFields *job);

/* a google.protobuf.Any's parts, in UTF-8 */
typedef struct AnyBytes
{
	const char *type_url;
	size_t		type_url_len;
	const char *value;
	size_t		value_len;
} AnyBytes;

/* those of a datum, not copied where possible; ERROR 0A000 for fields that are kept as JSON */
extern AnyBytes any_bytes(Datum any);

/*
 * The same as it goes out on the wire, where fields that are kept as JSON
 * travel as a StringValue of their JSON: a message nobody can serialize must
 * not keep a list of others from being answered.
 */
extern AnyBytes any_on_wire(Datum any);

/* a string of the server's in UTF-8, NULL for NULL; the fields of a session likewise */
extern const char *to_utf8(const char *string);
extern SessionFields session_in_utf8(const SessionFields *session);

/*
 * A datum of ProtoJSON in the server encoding: false, and *result unset, after
 * a soft error. And the other way: out is made, ASCII unless the server
 * encoding is UTF-8. types: see protojson.h.
 */
extern bool any_from_json(const char *text, size_t len, const TypeRegistry *types, IdpEscontext *escontext,
						  Datum *result);
extern void any_to_json(Datum any, const TypeRegistry *types, StringInfo out);

/* a datum's type URL (NUL-terminated, palloc'd) and bytes (not copied where possible) */
extern char *any_type_url(Datum any);
extern const char *any_value(Datum any, size_t *len);

/*
 * What a stored OpenSessionResponse says: result, the opened session's id
 * (NULL if none) and next_session_at (DT_NOBEGIN if none). ERROR 22P03 if the
 * bytes are no such message.
 */
extern void any_read_open_session(Datum any, int *result, char **session_id, TimestampTz *next_session_at);
/* the session_id of a session metadata message, the job id of job metadata */
extern char *any_read_session_metadata(Datum any);
extern char *any_read_job_metadata(Datum any);

#endif
