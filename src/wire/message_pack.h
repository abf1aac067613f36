/*
 * message_pack.h: protobuf-c's structs as bytes, pure C.
 *
 * The bytes are those of protobuf-c itself, but that a negative zero is no
 * default, as proto3 has it: protobuf-c leaves it out.
 */
#ifndef IDPSYNC_MESSAGE_PACK_H
#define IDPSYNC_MESSAGE_PACK_H

#include <stdbool.h>

#include <protobuf-c/protobuf-c.h>

#include "wire/protobuf_writer.h"

/* the most bytes that a message can take */
extern size_t message_pack_bound(const ProtobufCMessage *message);

/* writes a message before what has been written */
extern void message_pack(ProtoWriter *w, const ProtobufCMessage *message);

/* is a field there: repeated and not empty, the member of its oneof, else not its default? */
extern bool message_field_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* bytes of a field's member in the struct, an element where it is repeated */
extern size_t message_member_size(ProtobufCType type);

#endif
