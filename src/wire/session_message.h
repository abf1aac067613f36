/*
 * session_message.h: sessions as bytes of SynchronizationSession and
 * OpenSessionResponse, pure C. Strings are UTF-8 here.
 */
#ifndef IDPSYNC_SESSION_MESSAGE_H
#define IDPSYNC_SESSION_MESSAGE_H

#include "wire/protobuf_writer.h"
#include "wire/wire.h"

/*
 * The writers put the message at the end of the writer's buffer, which must
 * have room for so many bytes as its bound says.
 */
extern size_t session_message_bound(const SessionFields *session);
extern void session_message_write(ProtoWriter *w, const SessionFields *session);

extern size_t open_session_message_bound(const SessionFields *session);
extern void open_session_message_write(ProtoWriter *w, int result, const SessionFields *session,
									   TimestampTz next_session_at);

#endif
