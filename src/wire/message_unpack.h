/*
 * message_unpack.h: protobuf-c messages in a memory context.
 */
#ifndef IDPSYNC_MESSAGE_UNPACK_H
#define IDPSYNC_MESSAGE_UNPACK_H

#include "postgres.h"

#include "wire/wire_check.h"

/*
 * The message in a tree of structs below the current memory context, NULL if
 * the bytes are none (then *result says why). Nothing needs to be freed but
 * the context.
 */
extern ProtobufCMessage *unpack_message(const ProtobufCMessageDescriptor *descriptor,
										const char *data, size_t len, WireResult *result);

#endif
