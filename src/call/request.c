/*
 * request.c: what the handlers of all methods share: requests are read and
 * checked, answers begun and ended.
 */
#include "call/method.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "wire/message_unpack.h"
#include "wire/wire.h"

void
refuse_bytes(const Request *request, int wire_result)
{
	int			sqlstate;
	const ProtobufCFieldDescriptor *field;

	switch (wire_result)
	{
		case WIRE_TOO_LONG:
		case WIRE_TOO_DEEP:
		case WIRE_TOO_MANY:
			sqlstate = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
			break;
		case WIRE_BAD_STRING:
			sqlstate = ERRCODE_CHARACTER_NOT_IN_REPERTOIRE;
			field = wire_bad_string(request->method->request, (const uint8_t *) request->data, request->len);
			if (field != NULL)
				refuse_field(request, sqlstate, field->name, "it is not UTF-8 or holds a NUL");
			break;
		default:
			sqlstate = ERRCODE_INVALID_BINARY_REPRESENTATION;
	}
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("invalid request of %s", method_short_name(request->method)),
			 errdetail("The message is malformed: %s.", wire_result_text(wire_result))));
}

const void *
request_message(const Request *request)
{
	WireResult	result;
	const ProtobufCMessage *message = unpack_message(request->method->request, request->data, request->len, &result);

	if (message == NULL)
		refuse_bytes(request, result);
	return message;
}

void
refuse_field(const Request *request, int sqlstate, const char *field, const char *format,...)
{
	char		problem[512];
	va_list		args;

	va_start(args, format);
	vsnprintf(problem, sizeof(problem), format, args);
	va_end(args);
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("invalid request of %s", method_short_name(request->method)),
			 errdetail("At %s: %s.", field, problem)));
}

char *
optional_string(const Request *request, const char *utf8, const char *field, int max)
{
	char	   *string;
	int			length;

	if (utf8 == NULL || utf8[0] == '\0')
		return NULL;
	string = pg_any_to_server(utf8, strlen(utf8), PG_UTF8);
	length = pg_mbstrlen(string);
	if (length > max)
		refuse_field(request, ERRCODE_STRING_DATA_RIGHT_TRUNCATION, field,
					 "it has %d characters, at most %d are allowed", length, max);
	return string;
}

char *
required_string(const Request *request, const char *utf8, const char *field, int max)
{
	char	   *string = optional_string(request, utf8, field, max);

	if (string == NULL)
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, field, "it is required");
	return string;
}

Call
start_call(const Request *request)
{
	Call		call = {.key = request->key, .wants_answer = true};

	return call;
}

ProtoWriter
start_answer(size_t bound)
{
	ProtoWriter w;

	if (bound > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the answer is too long"),
				 errhint("Ask for a smaller page.")));
	proto_writer_init(&w, palloc(Max(bound, 1)), bound);
	return w;
}

void
end_answer(const ProtoWriter *w, Answer *answer)
{
	answer->data = (const char *) w->cur;
	answer->len = proto_writer_len(w);
}
