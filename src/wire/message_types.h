/*
 * message_types.h: the messages that are known by name, and their type URLs.
 */
#ifndef IDPSYNC_MESSAGE_TYPES_H
#define IDPSYNC_MESSAGE_TYPES_H

#include "postgres.h"

#include <protobuf-c/protobuf-c.h>

/* the prefix of every type URL that idpsync makes */
#define TYPE_URL_PREFIX "type.googleapis.com/"

/* how a message looks in ProtoJSON */
typedef enum MessageForm
{
	FORM_FIELDS,				/* an object of its fields */
	FORM_TIMESTAMP,
	FORM_DURATION,
	FORM_FIELD_MASK,
	FORM_WRAPPER,				/* its only field's value */
	FORM_STRUCT,
	FORM_LIST,
	FORM_VALUE,
	FORM_ANY
} MessageForm;

/* the message of this full name, NULL if it is not known */
extern const ProtobufCMessageDescriptor *find_message_type(const char *name, size_t len);

/* the message a type URL names behind its last slash, NULL if it is not known */
extern const ProtobufCMessageDescriptor *find_type_url(const char *url, size_t len);

extern MessageForm message_form(const ProtobufCMessageDescriptor *message);

/* may this be a type URL: does it name something, and is it short enough? */
#define TYPE_URL_MAX_LEN 2048
extern bool type_url_is_valid(const char *url, size_t len);

/*
 * Type URLs that operations carry have a number, which is stored in their
 * place. So a number is never given again, and none may be added either: equal
 * values must have equal bytes.
 */
typedef enum TypeUrlNumber
{
	URL_WITHOUT_NUMBER,
	URL_OPEN_SESSION_METADATA,
	URL_CLOSE_SESSION_METADATA,
	URL_REPORT_SESSION_PROGRESS_METADATA,
	URL_HEARTBEAT_METADATA,
	URL_OPEN_SESSION_RESPONSE,
	URL_SYNCHRONIZATION_SESSION,
	URL_EMPTY,
	URL_SYNCHRONIZATION_JOB_METADATA,
	URL_SYNCHRONIZATION_JOB
} TypeUrlNumber;

/* the second gives NULL if there is no such number */
extern TypeUrlNumber type_url_number(const char *url, size_t len);
extern const char *type_url_of_number(int number);

#endif
