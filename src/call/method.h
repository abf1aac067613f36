/*
 * method.h: the methods behind call() and call_json(), and what their handlers
 * share.
 */
#ifndef IDPSYNC_METHOD_H
#define IDPSYNC_METHOD_H

#include "postgres.h"

#include <protobuf-c/protobuf-c.h>

#include "base/compat.h"
#include "operation/operation.h"
#include "wire/protobuf_writer.h"

struct Method;

/* a request: bytes of the method's request message, or the JSON document of an action, in UTF-8 */
typedef struct Request
{
	const struct Method *method;
	const char *data;
	size_t		len;
	const char *key;			/* idempotency key, NULL = none */
} Request;

/* bytes of the response message, or the JSON document in the server encoding; palloc'd */
typedef struct Answer
{
	const char *data;
	size_t		len;
} Answer;

/*
 * Does what a request asks for, between connect_store() and SPI_finish().
 * Everything in the request is checked before anything is written.
 */
typedef void (*MethodHandler) (const Request *request, Answer *answer);

typedef struct Method
{
	const char *name;			/* gRPC method path, or name of an action */
	const ProtobufCMessageDescriptor *request;	/* NULL: an action, in JSON only */
	const ProtobufCMessageDescriptor *response;
	bool		writes;			/* honours an idempotency key */
	MethodHandler handle;
} Method;

extern const Method method_table[];
extern const int method_count;

/* the method of this name; ERROR 0A000 with the nearest name as hint where there is none */
extern const Method *find_method(const char *name);

/* the part of a method's name behind its last slash */
extern const char *method_short_name(const Method *method);

/* the request's message, checked and unpacked; ERROR of class 22 or 54 where the bytes are none */
extern const void *request_message(const Request *request);

/* ERROR: the request's bytes are no message, for this reason (a WireResult) */
pg_noreturn extern void refuse_bytes(const Request *request, int wire_result);

/* ERROR: the field at this path of the request is to blame; format is half a sentence */
pg_noreturn extern void refuse_field(const Request *request, int sqlstate, const char *field, const char *format,...)
			pg_attribute_printf(4, 5);

/*
 * A string of a request in the server encoding: NULL for an empty one where it
 * is optional; lengths count characters. ERROR of class 22.
 */
extern char *required_string(const Request *request, const char *utf8, const char *field, int max);
extern char *optional_string(const Request *request, const char *utf8, const char *field, int max);

/* the call that a request makes, to be answered with its operation */
extern Call start_call(const Request *request);

/* a writer for an answer of at most so many bytes; ERROR 54000 for more than memory takes */
extern ProtoWriter start_answer(size_t bound);
extern void end_answer(const ProtoWriter *w, Answer *answer);

/* an operation as the answer: yandex.cloud.operation.Operation */
extern void answer_operation(const Operation *operation, Answer *answer);

/* the handlers */
extern void handle_open_session(const Request *request, Answer *answer);
extern void handle_close_session(const Request *request, Answer *answer);
extern void handle_report_session_progress(const Request *request, Answer *answer);
extern void handle_heartbeat(const Request *request, Answer *answer);
extern void handle_get_session(const Request *request, Answer *answer);
extern void handle_list_sessions(const Request *request, Answer *answer);
extern void handle_get(const Request *request, Answer *answer);
extern void handle_cancel(const Request *request, Answer *answer);
extern void handle_get_operation(const Request *request, Answer *answer);
extern void handle_list_operations(const Request *request, Answer *answer);
extern void handle_cancel_operation(const Request *request, Answer *answer);
extern void handle_delete_operation(const Request *request, Answer *answer);
extern void handle_wait_operation(const Request *request, Answer *answer);
extern void handle_list_synchronization_jobs(const Request *request, Answer *answer);
extern void handle_get_synchronization_job(const Request *request, Answer *answer);
extern void handle_run_synchronization_job(const Request *request, Answer *answer);

#endif
