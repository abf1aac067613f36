/*
 * session_message.c: sessions as bytes of SynchronizationSession and
 * OpenSessionResponse, pure C.
 *
 * Every report and heartbeat answers with a session, so this does without
 * protobuf-c: no tree of structs is built first.
 */
#include "wire/session_message.h"

#include <string.h>

/* documented: so many changes an entry holds */
#define ENTRY_CHANGES 6

#define CHANGE_BOUND (PROTO_LENGTH_BOUND + 3 * PROTO_VARINT_BOUND)
#define ENTRY_BOUND (PROTO_LENGTH_BOUND + PROTO_VARINT_BOUND)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* a varint field of at most two bytes and a tag of one, in a word from its lowest byte; *len are its bytes */
static inline uint64_t
short_field(unsigned field, uint64_t value, unsigned *len)
{
	uint64_t	wide = value >= 0x80;

	*len = 2 + (unsigned) wide;
	return field << 3 | ((value & 0x7F) | wide << 7 | (value & 0x3F80) << 1) << 8;
}
#endif

/*
 * A change as most are: not of type 0, numbers of at most two bytes, not both
 * 0. Gives where it begins, NULL where it is another and nothing has been
 * written. Words are written whole: what is too much comes before the change,
 * where CHANGE_BOUND has room.
 */
static inline uint8_t *
put_short_change(uint8_t *cur, int change, const int64_t *value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t	body = 0;
	unsigned	len = 0;
	unsigned	more;
	uint32_t	head;

	if (change == 0 || ((uint64_t) value[SUCCESSFUL] | (uint64_t) value[FAILED]) - 1 >= 0x3FFF)
		return NULL;
	if (value[SUCCESSFUL] != 0)
		body = short_field(2, (uint64_t) value[SUCCESSFUL], &len);
	if (value[FAILED] != 0)
	{
		body |= short_field(3, (uint64_t) value[FAILED], &more) << 8 * len;
		len += more;
	}
	body <<= 64 - 8 * len;
	memcpy(cur - 8, &body, 8);
	head = 2 << 3 | PROTO_LENGTH | (len + 2) << 8 | (1 << 3 | PROTO_VARINT) << 16 | (uint32_t) change << 24;
	cur -= len + 4;
	memcpy(cur, &head, 4);
	return cur;
#else
	return NULL;
#endif
}

/* an object type's entry with some of its changes, given in ascending order */
static void
put_entry(ProtoWriter *w, const SessionCells *cells, int object, const int *changes, int count)
{
	const uint8_t *behind_entry = w->cur;
	uint8_t    *cur = w->cur;			/* a variable of its own, which writing bytes cannot change */

	for (int i = count - 1; i >= 0; i--)
	{
		const int64_t *value = cells->value[SESSION_CELL(object, changes[i])];
		uint8_t    *start = put_short_change(cur, changes[i], value);

		if (start == NULL)
		{
			w->cur = cur;
			proto_put_int(w, 3, value[FAILED]);
			proto_put_int(w, 2, value[SUCCESSFUL]);
			proto_put_int(w, 1, changes[i]);
			proto_put_message(w, 2, cur);
			start = w->cur;
		}
		cur = start;
	}
	w->cur = cur;
	proto_put_int(w, 1, object);
	proto_put_message(w, 8, behind_entry);
}

static void
put_progress(ProtoWriter *w, const SessionCells *cells)
{
	for (int object = SESSION_OBJECTS; object >= 1; object--)
	{
		int			changes[SESSION_CHANGES];
		int			count = 0;

		for (int change = 0; change < SESSION_CHANGES; change++)
		{
			if (cells->present & UINT32_C(1) << SESSION_CELL(object, change))
				changes[count++] = change;
		}

		/* a seventh change goes into a second entry of the same type */
		if (count > ENTRY_CHANGES)
		{
			put_entry(w, cells, object, changes + ENTRY_CHANGES, count - ENTRY_CHANGES);
			count = ENTRY_CHANGES;
		}
		if (count > 0)
			put_entry(w, cells, object, changes, count);
	}
}

size_t
session_message_bound(const SessionFields *session)
{
	size_t		bound = 3 * PROTO_TIMESTAMP_BOUND + 3 * PROTO_VARINT_BOUND;

	bound += proto_string_bound(session->session_id);
	bound += proto_string_bound(session->agent_id);
	bound += proto_string_bound(session->fail_reason);
	if (session->progress != NULL)
		bound += SESSION_CELLS * CHANGE_BOUND + 2 * SESSION_OBJECTS * ENTRY_BOUND;
	return bound;
}

void
session_message_write(ProtoWriter *w, const SessionFields *session)
{
	proto_put_int(w, 10, session->session_type);
	proto_put_string(w, 9, session->fail_reason);
	if (session->progress != NULL)
		put_progress(w, session->progress);
	proto_put_int(w, 7, session->status);
	proto_put_int(w, 6, session->sync_mode);
	if (session->closed_at != DT_NOBEGIN)
		proto_put_timestamp(w, 5, session->closed_at);
	if (session->expires_at != DT_NOBEGIN)
		proto_put_timestamp(w, 4, session->expires_at);
	if (session->created_at != DT_NOBEGIN)
		proto_put_timestamp(w, 3, session->created_at);
	proto_put_string(w, 2, session->agent_id);
	proto_put_string(w, 1, session->session_id);
}

size_t
open_session_message_bound(const SessionFields *session)
{
	size_t		bound = PROTO_VARINT_BOUND + PROTO_TIMESTAMP_BOUND;

	if (session != NULL)
		bound += PROTO_LENGTH_BOUND + session_message_bound(session);
	return bound;
}

void
open_session_message_write(ProtoWriter *w, int result, const SessionFields *session,
						   TimestampTz next_session_at)
{
	/* fields 2 and 3 are a oneof */
	if (session != NULL)
	{
		const uint8_t *behind = w->cur;

		session_message_write(w, session);
		proto_put_message(w, 2, behind);
	}
	else if (next_session_at != DT_NOBEGIN)
		proto_put_timestamp(w, 3, next_session_at);
	proto_put_int(w, 1, result);
}
