/*
 * protojson.h: reading and writing ProtoJSON, errors caught.
 */
#ifndef IDPSYNC_FUZZ_PROTOJSON_H
#define IDPSYNC_FUZZ_PROTOJSON_H

#include "server.h"

#include "wire/protojson.h"

/* a message of a type, or, where that is NULL, an Any; in either form */
typedef struct Message
{
	const ProtobufCMessageDescriptor *type;
	const char *json;
	size_t		json_len;
	char	   *bytes;
	size_t		bytes_len;
	AnyParts	any;
	bool		done;
} Message;

/* from JSON, and to JSON; give the SQLSTATE of an error, 0 for none; done tells */
extern int	read_message(Message *message);
extern int	write_message(Message *message);

/* two in binary form */
extern bool same_message(const Message *a, const Message *b);

#endif
