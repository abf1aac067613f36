/*
 * protojson_read.c: messages from ProtoJSON.
 *
 * A message is built as protobuf-c's tree of structs, which keys may fill in
 * any order, and packed at the end.
 */
#include "wire/protojson_input.h"

#include "wire/message_pack.h"
#include "wire/wire_check.h"

bool
input_pack(JsonInput *in, const ProtobufCMessage *message, const char **data, size_t *len)
{
	size_t		bound = message_pack_bound(message);
	ProtoWriter w;

	proto_writer_init(&w, palloc(bound + 1), bound);
	message_pack(&w, message);
	*data = (const char *) w.cur;
	*len = proto_writer_len(&w);
	if (*len > WIRE_MAX_LEN)
		return input_refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "the message is longer than 16 MB.");
	return true;
}

bool
protojson_read(const char *text, size_t len, const char *type_name,
			   const ProtobufCMessageDescriptor *descriptor, const TypeRegistry *types,
			   char **data, size_t *data_len, IdpEscontext *escontext)
{
	JsonInput	in;
	ProtobufCMessage *message;
	const char *packed = NULL;
	bool		done;

	if (!input_start(&in, text, len, type_name, types, escontext))
		return false;
	done = input_next(&in) && input_message(&in, descriptor, &message) && input_next(&in) &&
		input_pack(&in, message, &packed, data_len);
	if (done)
		*data = input_keep(&in, packed, *data_len);
	input_end(&in);
	return done;
}

bool
protojson_read_any(const char *text, size_t len, const char *type_name,
				   const TypeRegistry *types, AnyParts *any, IdpEscontext *escontext)
{
	JsonInput	in;
	bool		done;

	if (!input_start(&in, text, len, type_name, types, escontext))
		return false;
	done = input_next(&in) && input_any(&in, any, false) && input_next(&in);
	if (done)
	{
		any->type_url = input_keep(&in, any->type_url, any->type_url_len);
		any->value = input_keep(&in, any->value, any->value_len);
	}
	input_end(&in);
	return done;
}
