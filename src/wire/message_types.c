/*
 * message_types.c: the messages that are known by name, and their type URLs.
 */
#include "wire/message_types.h"

#include "google/longrunning/operations.pb-c.h"
#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/empty.pb-c.h"
#include "google/protobuf/field_mask.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "google/protobuf/wrappers.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "idpsync/v1/synchronization_job.pb-c.h"
#include "yandex/cloud/operation/operation.pb-c.h"
#include "yandex/cloud/operation/operation_service.pb-c.h"
#include "yandex/cloud/organizationmanager/v1/idp/synchronization_session.pb-c.h"
#include "yandex/cloud/organizationmanager/v1/idp/synchronization_session_service.pb-c.h"

typedef struct WellKnownType
{
	const ProtobufCMessageDescriptor *message;
	MessageForm form;
} WellKnownType;

/* the ones with a JSON form of their own */
static const WellKnownType well_known[] = {
	{&google__protobuf__any__descriptor, FORM_ANY},
	{&google__protobuf__timestamp__descriptor, FORM_TIMESTAMP},
	{&google__protobuf__duration__descriptor, FORM_DURATION},
	{&google__protobuf__field_mask__descriptor, FORM_FIELD_MASK},
	{&google__protobuf__struct__descriptor, FORM_STRUCT},
	{&google__protobuf__value__descriptor, FORM_VALUE},
	{&google__protobuf__list_value__descriptor, FORM_LIST},
	{&google__protobuf__double_value__descriptor, FORM_WRAPPER},
	{&google__protobuf__float_value__descriptor, FORM_WRAPPER},
	{&google__protobuf__int64_value__descriptor, FORM_WRAPPER},
	{&google__protobuf__uint64_value__descriptor, FORM_WRAPPER},
	{&google__protobuf__int32_value__descriptor, FORM_WRAPPER},
	{&google__protobuf__uint32_value__descriptor, FORM_WRAPPER},
	{&google__protobuf__bool_value__descriptor, FORM_WRAPPER},
	{&google__protobuf__string_value__descriptor, FORM_WRAPPER},
	{&google__protobuf__bytes_value__descriptor, FORM_WRAPPER},
};

#define IDP(message) &yandex__cloud__organizationmanager__v1__idp__##message##__descriptor

/*
 * The others. What operations carry comes first and most frequent first. None
 * may ever get a field named "value": in an Any that key is their raw bytes.
 */
static const ProtobufCMessageDescriptor *const others[] = {
	IDP(report_session_progress_metadata),
	IDP(synchronization_session),
	IDP(heartbeat_metadata),
	&google__protobuf__empty__descriptor,
	IDP(open_session_metadata),
	IDP(open_session_response),
	IDP(close_session_metadata),
	&idpsync__v1__synchronization_job_metadata__descriptor,
	&idpsync__v1__synchronization_job__descriptor,
	IDP(open_session_request),
	IDP(close_session_request),
	IDP(report_session_progress_request),
	IDP(heartbeat_request),
	IDP(get_session_request),
	IDP(get_session_response),
	IDP(list_sessions_request),
	IDP(list_sessions_response),
	IDP(progress_entry),
	IDP(change_info),
	IDP(synchronization_settings),
	&idpsync__v1__result__descriptor,
	&idpsync__v1__object_statistics__descriptor,
	&idpsync__v1__counters__descriptor,
	&google__rpc__status__descriptor,
	&google__rpc__bad_request__descriptor,
	&google__rpc__bad_request__field_violation__descriptor,
	&yandex__cloud__operation__operation__descriptor,
	&yandex__cloud__operation__get_operation_request__descriptor,
	&yandex__cloud__operation__cancel_operation_request__descriptor,
	&google__longrunning__operation__descriptor,
	&google__longrunning__get_operation_request__descriptor,
	&google__longrunning__list_operations_request__descriptor,
	&google__longrunning__list_operations_response__descriptor,
	&google__longrunning__cancel_operation_request__descriptor,
	&google__longrunning__delete_operation_request__descriptor,
	&google__longrunning__wait_operation_request__descriptor,
};

#define IDP_URL(name) TYPE_URL_PREFIX "yandex.cloud.organizationmanager.v1.idp." name

static const char *const numbered_urls[] = {
	[URL_OPEN_SESSION_METADATA] = IDP_URL("OpenSessionMetadata"),
	[URL_CLOSE_SESSION_METADATA] = IDP_URL("CloseSessionMetadata"),
	[URL_REPORT_SESSION_PROGRESS_METADATA] = IDP_URL("ReportSessionProgressMetadata"),
	[URL_HEARTBEAT_METADATA] = IDP_URL("HeartbeatMetadata"),
	[URL_OPEN_SESSION_RESPONSE] = IDP_URL("OpenSessionResponse"),
	[URL_SYNCHRONIZATION_SESSION] = IDP_URL("SynchronizationSession"),
	[URL_EMPTY] = TYPE_URL_PREFIX "google.protobuf.Empty",
	[URL_SYNCHRONIZATION_JOB_METADATA] = TYPE_URL_PREFIX "idpsync.v1.SynchronizationJobMetadata",
	[URL_SYNCHRONIZATION_JOB] = TYPE_URL_PREFIX "idpsync.v1.SynchronizationJob",
};

static bool
is_named(const ProtobufCMessageDescriptor *message, const char *name, size_t len)
{
	return strncmp(message->name, name, len) == 0 && message->name[len] == '\0';
}

const ProtobufCMessageDescriptor *
find_message_type(const char *name, size_t len)
{
	for (int i = 0; i < lengthof(others); i++)
	{
		if (is_named(others[i], name, len))
			return others[i];
	}
	for (int i = 0; i < lengthof(well_known); i++)
	{
		if (is_named(well_known[i].message, name, len))
			return well_known[i].message;
	}
	return NULL;
}

const ProtobufCMessageDescriptor *
find_type_url(const char *url, size_t len)
{
	size_t		start = len;

	while (start > 0 && url[start - 1] != '/')
		start--;
	return find_message_type(url + start, len - start);
}

MessageForm
message_form(const ProtobufCMessageDescriptor *message)
{
	for (int i = 0; i < lengthof(well_known); i++)
	{
		if (well_known[i].message == message)
			return well_known[i].form;
	}
	return FORM_FIELDS;
}

bool
type_url_is_valid(const char *url, size_t len)
{
	return len > 0 && len <= TYPE_URL_MAX_LEN && url[len - 1] != '/';
}

TypeUrlNumber
type_url_number(const char *url, size_t len)
{
	for (int i = 1; i < lengthof(numbered_urls); i++)
	{
		if (strlen(numbered_urls[i]) == len && memcmp(numbered_urls[i], url, len) == 0)
			return i;
	}
	return URL_WITHOUT_NUMBER;
}

const char *
type_url_of_number(int number)
{
	return number < 1 || number >= lengthof(numbered_urls) ? NULL : numbered_urls[number];
}
