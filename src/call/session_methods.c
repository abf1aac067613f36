/*
 * session_methods.c: the methods of SynchronizationSessionService.
 */
#include "call/method.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "yandex/cloud/organizationmanager/v1/idp/synchronization_session_service.pb-c.h"

#include "base/catalog.h"
#include "session/session.h"
#include "store/filter.h"
#include "wire/report_request.h"
#include "wire/session_message.h"

typedef Yandex__Cloud__Organizationmanager__V1__Idp__OpenSessionRequest OpenSessionRequest;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__CloseSessionRequest CloseSessionRequest;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__HeartbeatRequest HeartbeatRequest;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__GetSessionRequest GetSessionRequest;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__ListSessionsRequest ListSessionsRequest;

void
handle_open_session(const Request *request, Answer *answer)
{
	const OpenSessionRequest *message = request_message(request);
	Call		call = start_call(request);
	Opening		opening = {.session_type = message->session_type};

	call.tenant_id = required_string(request, message->subject_container_id, "subject_container_id",
									 SUBJECT_CONTAINER_ID_MAX);
	opening.agent_id = required_string(request, message->agent_id, "agent_id", AGENT_ID_MAX);
	if (opening.session_type == 0)
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, "session_type", "it is required");
	if (enum_label(SESSION_TYPE, opening.session_type) == NULL)
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, "session_type",
					 "%d is no number of SessionType", opening.session_type);
	open_or_find(&call, &opening);
	answer_operation(&call.answer, answer);
}

void
handle_close_session(const Request *request, Answer *answer)
{
	const CloseSessionRequest *message = request_message(request);
	Call		call = start_call(request);
	char	   *session_id = required_string(request, message->session_id, "session_id", SESSION_ID_MAX);
	char	   *fail_reason = optional_string(request, message->fail_reason, "fail_reason", FAIL_REASON_MAX);
	Session		session;

	if (fail_reason && !message->failed)
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, "fail_reason", "it goes with failed = true only");
	end_session(&call, session_id, message->failed, fail_reason, &session);
	answer_operation(&call.answer, answer);
}

/* ERROR that says what is wrong with a report, and where */
pg_noreturn static void
refuse_report(const Request *request, const ReportRequest *report, ReportProblem problem)
{
	char	   *entry = psprintf("progress_entries[%d]", report->entry);
	char	   *change = psprintf("%s.change_info[%d]", entry, report->change);
	const int	sqlstate = ERRCODE_INVALID_PARAMETER_VALUE;

	switch (problem)
	{
		case REPORT_OK:
			break;
		case REPORT_MALFORMED:
			refuse_bytes(request, report->wire);
		case REPORT_NO_ENTRY:
			refuse_field(request, sqlstate, "progress_entries", "it is required");
		case REPORT_MANY_ENTRIES:
			refuse_field(request, sqlstate, "progress_entries", "it has more than %d entries", REPORT_MAX_ENTRIES);
		case REPORT_NO_OBJECT_TYPE:
			refuse_field(request, sqlstate, psprintf("%s.object_type", entry), "it is required");
		case REPORT_UNKNOWN_OBJECT_TYPE:
			refuse_field(request, sqlstate, psprintf("%s.object_type", entry), "it is no number of RelatedObjectType");
		case REPORT_NO_CHANGE:
			refuse_field(request, sqlstate, psprintf("%s.change_info", entry), "it is required");
		case REPORT_MANY_CHANGES:
			refuse_field(request, sqlstate, psprintf("%s.change_info", entry), "it has more than %d changes", REPORT_MAX_CHANGES);
		case REPORT_UNKNOWN_CHANGE_TYPE:
			refuse_field(request, sqlstate, psprintf("%s.change_type", change), "it is no number of ChangeType");
		case REPORT_NEGATIVE_SUCCESSFUL:
			refuse_field(request, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, psprintf("%s.successful", change), "it is negative");
		case REPORT_NEGATIVE_FAILED:
			refuse_field(request, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, psprintf("%s.failed", change), "it is negative");
		case REPORT_CHANGE_TWICE:
			refuse_field(request, sqlstate, psprintf("%s.change_type", change), "the object_type has this change_type already");
	}
	elog(ERROR, "unexpected problem %d of a report", problem);
}

void
handle_report_session_progress(const Request *request, Answer *answer)
{
	ReportRequest report;
	ReportProblem problem = report_request_read((const uint8_t *) request->data, request->len, &report);
	Call		call = start_call(request);
	Session		session;
	char	   *session_id;

	if (problem != REPORT_OK)
		refuse_report(request, &report, problem);
	session_id = required_string(request, pnstrdup(report.session_id ? report.session_id : "", report.session_id_len),
								 "session_id", SESSION_ID_MAX);
	report_progress(&call, session_id, &report.cells, idpsync_progress_mode, &session);
	answer_operation(&call.answer, answer);
}

void
handle_heartbeat(const Request *request, Answer *answer)
{
	const HeartbeatRequest *message = request_message(request);
	Call		call = start_call(request);
	Session		session;

	keep_alive(&call, required_string(request, message->session_id, "session_id", SESSION_ID_MAX), &session);
	answer_operation(&call.answer, answer);
}

void
handle_get_session(const Request *request, Answer *answer)
{
	const GetSessionRequest *message = request_message(request);
	Session		session;
	SessionFields fields;
	SessionCells cells;
	ProtoWriter w;
	const uint8_t *behind;

	find_session(NULL, required_string(request, message->session_id, "session_id", SESSION_ID_MAX),
				 false, true, &session);
	settle_expiry(session.values, session.nulls, GetCurrentTimestamp());
	session_fields(&session, &fields, &cells);
	fields = session_in_utf8(&fields);

	w = start_answer(session_message_bound(&fields) + PROTO_LENGTH_BOUND);
	behind = w.cur;
	session_message_write(&w, &fields);
	proto_put_message(&w, 1, behind);
	end_answer(&w, answer);
}

void
handle_list_sessions(const Request *request, Answer *answer)
{
	const ListSessionsRequest *message = request_message(request);
	char	   *tenant_id = required_string(request, message->subject_container_id, "subject_container_id",
											SUBJECT_CONTAINER_ID_MAX);
	char	   *token = optional_string(request, message->page_token, "page_token", PAGE_TOKEN_MAX_CHARACTERS);
	char	   *filter = optional_string(request, message->filter, "filter", FILTER_MAX_LENGTH);
	ListPage	page = {.size = message->page_size};
	PageRows	rows = list_session_page(tenant_id, filter, token, &page, NULL);
	int			n = (int) page_row_count(&page, &rows);
	SessionFields *fields = palloc(sizeof(SessionFields) * (n + 1));
	SessionCells *cells = palloc(sizeof(SessionCells) * (n + 1));
	char	   *next = page_next_token(&page, &rows, S_ID, S_CREATED_AT);
	size_t		bound = proto_string_bound(next);
	ProtoWriter w;

	for (int i = 0; i < n; i++)
	{
		Session		session;

		memcpy(session.values, page_values(&rows, i), sizeof(session.values));
		memcpy(session.nulls, page_nulls(&rows, i), sizeof(session.nulls));
		session_fields(&session, &fields[i], &cells[i]);
		fields[i] = session_in_utf8(&fields[i]);
		bound += session_message_bound(&fields[i]) + PROTO_LENGTH_BOUND;
	}
	w = start_answer(bound);
	proto_put_string(&w, 2, next);
	for (int i = n - 1; i >= 0; i--)
	{
		const uint8_t *behind = w.cur;

		session_message_write(&w, &fields[i]);
		proto_put_message(&w, 1, behind);
	}
	end_answer(&w, answer);
}
