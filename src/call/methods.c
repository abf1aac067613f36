/*
 * methods.c: the table of methods. A method is added by a row here and its
 * handler.
 */
#include "call/method.h"

#include "utils/builtins.h"
#include "utils/varlena.h"

#include "google/longrunning/operations.pb-c.h"
#include "google/protobuf/empty.pb-c.h"
#include "yandex/cloud/operation/operation.pb-c.h"
#include "yandex/cloud/operation/operation_service.pb-c.h"
#include "yandex/cloud/organizationmanager/v1/idp/synchronization_session_service.pb-c.h"

/* a longer name is not compared with the others */
#define NAME_MAX_LEN 200

#define SESSION_PATH(name) "/yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/" name
#define SESSION_MESSAGE(name) &yandex__cloud__organizationmanager__v1__idp__##name##__descriptor
#define YANDEX_PATH(name) "/yandex.cloud.operation.OperationService/" name
#define YANDEX_MESSAGE(name) &yandex__cloud__operation__##name##__descriptor
#define GOOGLE_PATH(name) "/google.longrunning.Operations/" name
#define GOOGLE_MESSAGE(name) &google__longrunning__##name##__descriptor
#define EMPTY &google__protobuf__empty__descriptor

/* the most frequent first */
const Method method_table[] = {
	{SESSION_PATH("ReportSessionProgress"), SESSION_MESSAGE(report_session_progress_request), YANDEX_MESSAGE(operation), true, handle_report_session_progress},
	{SESSION_PATH("Heartbeat"), SESSION_MESSAGE(heartbeat_request), YANDEX_MESSAGE(operation), true, handle_heartbeat},
	{SESSION_PATH("OpenSession"), SESSION_MESSAGE(open_session_request), YANDEX_MESSAGE(operation), true, handle_open_session},
	{SESSION_PATH("CloseSession"), SESSION_MESSAGE(close_session_request), YANDEX_MESSAGE(operation), true, handle_close_session},
	{SESSION_PATH("GetSession"), SESSION_MESSAGE(get_session_request), SESSION_MESSAGE(get_session_response), false, handle_get_session},
	{SESSION_PATH("ListSessions"), SESSION_MESSAGE(list_sessions_request), SESSION_MESSAGE(list_sessions_response), false, handle_list_sessions},
	{YANDEX_PATH("Get"), YANDEX_MESSAGE(get_operation_request), YANDEX_MESSAGE(operation), false, handle_get},
	{YANDEX_PATH("Cancel"), YANDEX_MESSAGE(cancel_operation_request), YANDEX_MESSAGE(operation), true, handle_cancel},
	{GOOGLE_PATH("GetOperation"), GOOGLE_MESSAGE(get_operation_request), GOOGLE_MESSAGE(operation), false, handle_get_operation},
	{GOOGLE_PATH("ListOperations"), GOOGLE_MESSAGE(list_operations_request), GOOGLE_MESSAGE(list_operations_response), false, handle_list_operations},
	{GOOGLE_PATH("CancelOperation"), GOOGLE_MESSAGE(cancel_operation_request), EMPTY, true, handle_cancel_operation},
	{GOOGLE_PATH("DeleteOperation"), GOOGLE_MESSAGE(delete_operation_request), EMPTY, true, handle_delete_operation},
	{GOOGLE_PATH("WaitOperation"), GOOGLE_MESSAGE(wait_operation_request), GOOGLE_MESSAGE(operation), false, handle_wait_operation},
	{"ListSynchronizationJobs", NULL, NULL, false, handle_list_synchronization_jobs},
	{"GetSynchronizationJob", NULL, NULL, false, handle_get_synchronization_job},
	{"RunSynchronizationJob", NULL, NULL, true, handle_run_synchronization_job},
};

const int	method_count = lengthof(method_table);

const char *
method_short_name(const Method *method)
{
	const char *slash = strrchr(method->name, '/');

	return slash ? slash + 1 : method->name;
}

static int
distance(const char *a, const char *b)
{
	return varstr_levenshtein(a, strlen(a), b, strlen(b), 1, 1, 1, true);
}

/* whose name is nearest; a name without slashes is compared with what is behind the slashes */
static const Method *
nearest_method(const char *name)
{
	const Method *nearest = &method_table[0];
	int			least = PG_INT32_MAX;

	for (int i = 0; i < method_count; i++)
	{
		int			d = distance(name, strchr(name, '/') ? method_table[i].name : method_short_name(&method_table[i]));

		if (d < least)
		{
			least = d;
			nearest = &method_table[i];
		}
	}
	return nearest;
}

const Method *
find_method(const char *name)
{
	for (int i = 0; i < method_count; i++)
	{
		if (strcmp(method_table[i].name, name) == 0)
			return &method_table[i];
	}
	if (strlen(name) > NAME_MAX_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("there is no method of so long a name"),
				 errhint("rpc_methods() lists what there is.")));
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("there is no method \"%s\"", name),
			 errhint("The nearest is \"%s\"; rpc_methods() lists what there is.", nearest_method(name)->name)));
}
