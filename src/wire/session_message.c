/*
 * session_message.c: sessions as bytes of SynchronizationSession and
 * OpenSessionResponse, pure C.
 *
 * Every report and heartbeat answers with a session, so this does without
 * protobuf-c: no tree of structs is built first.
 */
#include "wire/session_message.h"

#include "base/little_endian.h"

/* documented: so many changes an entry holds */
#define ENTRY_CHANGES 6

#define CHANGE_BOUND (PROTO_LENGTH_BOUND + 3 * PROTO_VARINT_BOUND)
#define ENTRY_BOUND (PROTO_LENGTH_BOUND + PROTO_VARINT_BOUND)

/*
 * A change as most are: numbers of at most two bytes, successful not 0. Gives
 * where it begins, NULL where it is another and nothing has been written. Words
 * are written whole: what is too much comes before the change, where
 * CHANGE_BOUND has room.
 */
static inline uint8_t *
put_short_change(uint8_t *cur, int change, const int64_t *value)
{
	const uint32_t head = 2 << 3 | PROTO_LENGTH | 2 << 8 | (1 << 3 | PROTO_VARINT) << 16;
	uint64_t	successful = (uint64_t) value[SUCCESSFUL];
	uint64_t	failed = (uint64_t) value[FAILED];
	uint64_t	both = successful | failed << 32;	/* first numbers, then varints, then fields */
	uint64_t	wide;
	unsigned	first;			/* bits of field 2 */
	unsigned	bits;			/* of both fields */

	if (successful - 1 >= 0x3FFF || failed > 0x3FFF)
		return NULL;
	/* bit 14 of a half: has its number two bytes? Then the first is continued, in bit 7 */
	wide = (both + UINT64_C(0x3F8000003F80)) & UINT64_C(0x400000004000);
	both += (both & UINT64_C(0x3F8000003F80)) + (wide >> 7);
	both = both << 8 | (2 << 3 | PROTO_VARINT);
	first = 16 + ((uint32_t) wide >> 11);
	bits = first;
	if (failed != 0)
	{
		both |= (uint64_t) (3 << 3 | PROTO_VARINT) << 32;
		bits += 16 + (unsigned) (wide >> 43);
	}
	both = (uint32_t) both | both >> 32 << first;
	store64(cur - 8, both << (64 - bits));
	cur -= 4 + bits / 8;
	/* the length is in the second byte, and bits are eighths of it */
	store32(cur, (head | (uint32_t) change << 24) + (bits << 5));
	return cur;
}

/* any change, likewise */
static __attribute__((noinline)) uint8_t *
put_change(uint8_t *cur, int change, const int64_t *value)
{
	const uint8_t *behind = cur;
	size_t		len;

	cur = proto_int_before(cur, 3, (uint64_t) value[FAILED]);
	cur = proto_int_before(cur, 2, (uint64_t) value[SUCCESSFUL]);
	cur = proto_int_before(cur, 1, (uint64_t) change);
	len = (size_t) (behind - cur);
	*--cur = (uint8_t) len;
	*--cur = 2 << 3 | PROTO_LENGTH;
	return cur;
}

/* an object type's entry with these of its changes */
static void
put_entry(ProtoWriter *w, const SessionCells *cells, int object, uint32_t changes)
{
	const int64_t (*value)[SESSION_COUNTERS] = cells->value + SESSION_CELL(object, 0);
	uint8_t    *behind = w->cur;
	uint8_t    *cur = behind;

#pragma GCC unroll 6
	for (int change = SESSION_CHANGES - 1; change > 0; change--)
	{
		if (changes >> change & 1)
		{
			uint8_t    *start = put_short_change(cur, change, value[change]);

			cur = start != NULL ? start : put_change(cur, change, value[change]);
		}
	}
	if (changes & 1)
		cur = put_change(cur, 0, value[0]);
	w->cur = cur;
	proto_put_int(w, 1, object);
	proto_put_message(w, 8, behind);
}

static void
put_progress(ProtoWriter *w, const SessionCells *cells)
{
	const uint32_t all = (1 << SESSION_CHANGES) - 1;

	for (int object = SESSION_OBJECTS; object >= 1; object--)
	{
		uint32_t	changes = cells->present >> SESSION_CELL(object, 0) & all;

		/* a seventh change goes into a second entry of the same type */
		if (changes == all)
		{
			put_entry(w, cells, object, 1 << ENTRY_CHANGES);
			changes ^= 1 << ENTRY_CHANGES;
		}
		if (changes != 0)
			put_entry(w, cells, object, changes);
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
