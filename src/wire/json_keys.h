/*
 * json_keys.h: the keys that ProtoJSON gives the fields of a message.
 */
#ifndef IDPSYNC_JSON_KEYS_H
#define IDPSYNC_JSON_KEYS_H

#include "postgres.h"

#include <protobuf-c/protobuf-c.h>

/* the field that is read from this key: its JSON name, or its own; NULL if the message has none */
extern const ProtobufCFieldDescriptor *field_of_key(const ProtobufCMessageDescriptor *message, const char *key);

/* the key that a field is written under, where it is not its name in lowerCamelCase, else NULL */
extern const char *own_json_name(const ProtobufCFieldDescriptor *field);

/*
 * For messages that are described at run time, whose fields may have JSON names
 * of their own: sets that of a field; sorts the keys of a message, once it has
 * its fields. The second returns NULL, or a key that two fields have.
 */
extern void set_json_name(ProtobufCFieldDescriptor *field, const char *json_name);
extern const char *index_json_keys(ProtobufCMessageDescriptor *message);

/* has it a field that JSON calls "value"? Then bytes of it that show as base64 go by "@value" */
extern bool has_value_field(const ProtobufCMessageDescriptor *message);

#endif
