/*
 * job_actions.c: the actions ListSynchronizationJobs, GetSynchronizationJob and
 * RunSynchronizationJob, which have JSON documents only.
 */
#include "call/action_document.h"

#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define LABEL_MAX 64

typedef struct ListDocument
{
	char	   *instance_id;
	ActionInteger max_results;
	char	   *next_token;
	ActionInteger page_number;
	ActionInteger page_size;
	char	   *target_type;
	List	   *target_ids;
	ActionInteger start_time;
	ActionInteger end_time;
	char	   *direction;
	char	   *status;
} ListDocument;

static const ActionField list_fields[] = {
	{"InstanceId", ACTION_TEXT, INSTANCE_ID_MAX, offsetof(ListDocument, instance_id)},
	{"MaxResults", ACTION_INTEGER, 0, offsetof(ListDocument, max_results)},
	{"NextToken", ACTION_TEXT, PAGE_TOKEN_MAX_CHARACTERS, offsetof(ListDocument, next_token)},
	{"PageNumber", ACTION_INTEGER, 0, offsetof(ListDocument, page_number)},
	{"PageSize", ACTION_INTEGER, 0, offsetof(ListDocument, page_size)},
	{"TargetType", ACTION_TEXT, LABEL_MAX, offsetof(ListDocument, target_type)},
	{"TargetIds", ACTION_TEXTS, JOB_MAX_TARGET_IDS, offsetof(ListDocument, target_ids)},
	{"StartTime", ACTION_INTEGER, 0, offsetof(ListDocument, start_time)},
	{"EndTime", ACTION_INTEGER, 0, offsetof(ListDocument, end_time)},
	{"Direction", ACTION_TEXT, LABEL_MAX, offsetof(ListDocument, direction)},
	{"Status", ACTION_TEXT, LABEL_MAX, offsetof(ListDocument, status)},
	{"Filters", ACTION_UNSUPPORTED},
};

typedef struct GetDocument
{
	char	   *instance_id;
	char	   *job_id;
} GetDocument;

static const ActionField get_fields[] = {
	{"InstanceId", ACTION_TEXT, INSTANCE_ID_MAX, offsetof(GetDocument, instance_id)},
	{"SynchronizationJobId", ACTION_TEXT, JOB_ID_MAX, offsetof(GetDocument, job_id)},
};

typedef struct RunDocument
{
	char	   *instance_id;
	char	   *target_type;
	char	   *target_id;
	char	   *description;
} RunDocument;

static const ActionField run_fields[] = {
	{"InstanceId", ACTION_TEXT, INSTANCE_ID_MAX, offsetof(RunDocument, instance_id)},
	{"TargetType", ACTION_TEXT, LABEL_MAX, offsetof(RunDocument, target_type)},
	{"TargetId", ACTION_TEXT, TARGET_ID_MAX, offsetof(RunDocument, target_id)},
	{"Description", ACTION_TEXT, DESCRIPTION_MAX, offsetof(RunDocument, description)},
	{"UserIdentityTypes", ACTION_UNSUPPORTED},
	{"SynchronizationScopeConfig", ACTION_UNSUPPORTED},
	{"PasswordInitialization", ACTION_UNSUPPORTED},
};

/* a number from 1 to max, this one where it is not set */
static int64
page_member(const Request *request, const ActionInteger *integer, const char *key, int64 value_if_unset, int64 max)
{
	int64		value = integer->is_set ? integer->value : value_if_unset;

	if (value < 1 || value > max)
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, key, "it is not from 1 to " INT64_FORMAT, max);
	return value;
}

static void
read_target_ids(const List *ids, JobFilter *filter)
{
	Datum	   *elements = palloc(sizeof(Datum) * (list_length(ids) + 1));

	for (int i = 0; i < list_length(ids); i++)
		elements[i] = CStringGetTextDatum((char *) list_nth(ids, i));
	filter->no_target_ids = ids == NIL;
	filter->target_ids = PointerGetDatum(construct_array(elements, list_length(ids), TEXTOID, -1, false, TYPALIGN_INT));
}

static void
read_filter(const Request *request, const ListDocument *document, JobFilter *filter)
{
	TimestampTz start = time_member(request, &document->start_time, "StartTime");
	TimestampTz end = time_member(request, &document->end_time, "EndTime");

	filter->tenant_id = required_member(request, document->instance_id, "InstanceId");
	filter->target_type = label_member(request, document->target_type, "TargetType", JOB_TARGET_TYPE);
	filter->direction = label_member(request, document->direction, "Direction", JOB_DIRECTION);
	filter->status = label_member(request, document->status, "Status", JOB_STATUS);
	read_target_ids(document->target_ids, filter);
	if (start != DT_NOBEGIN && end != DT_NOBEGIN && start > end)
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, "StartTime", "it is after EndTime");
	filter_job_times(filter, start, end);
}

/* a page of an instance's jobs, and how many there are */
void
handle_list_synchronization_jobs(const Request *request, Answer *answer)
{
	ListDocument document = {0};
	JobFilter	filter = {0};
	JobPaging	paging = {.token_name = "NextToken"};
	ListPage	page = {0};
	int64		total;
	PageRows	rows;
	char	   *next;
	StringInfoData out;

	read_action(request, list_fields, lengthof(list_fields), &document);
	read_filter(request, &document, &filter);
	paging.by_number = !document.max_results.is_set && document.next_token == NULL &&
		(document.page_number.is_set || document.page_size.is_set);
	if (paging.by_number)
	{
		paging.number = page_member(request, &document.page_number, "PageNumber", 1, PG_INT32_MAX);
		page.size = page_member(request, &document.page_size, "PageSize", JOB_DEFAULT_PAGE_SIZE, JOB_MAX_PAGE_SIZE);
	}
	else
	{
		page.size = page_member(request, &document.max_results, "MaxResults", JOB_DEFAULT_PAGE_SIZE, JOB_MAX_PAGE_SIZE);
		paging.token = document.next_token;
	}
	rows = list_job_page(&filter, &paging, &page, &total);
	next = paging.by_number ? NULL : page_next_token(&page, &rows, J_ID, J_CREATED_AT);

	begin_action_answer(&out);
	appendStringInfo(&out, ", \"TotalCount\": " INT64_FORMAT, total);
	append_text_member(&out, "NextToken", next);
	appendStringInfoString(&out, ", \"SynchronizationJobs\": [");
	for (uint64 i = 0; i < page_row_count(&page, &rows); i++)
	{
		Job			job;

		memcpy(job.values, page_values(&rows, i), sizeof(job.values));
		memcpy(job.nulls, page_nulls(&rows, i), sizeof(job.nulls));
		if (i > 0)
			appendStringInfoString(&out, ", ");
		append_job_document(&out, &job);
	}
	appendStringInfoChar(&out, ']');
	end_action_answer(&out, answer);
}

void
handle_get_synchronization_job(const Request *request, Answer *answer)
{
	GetDocument document = {0};
	Job			job;
	StringInfoData out;

	read_action(request, get_fields, lengthof(get_fields), &document);
	find_job(required_member(request, document.instance_id, "InstanceId"),
			 required_member(request, document.job_id, "SynchronizationJobId"), false, true, &job);

	begin_action_answer(&out);
	appendStringInfoString(&out, ", \"SynchronizationJob\": ");
	append_job_document(&out, &job);
	end_action_answer(&out, answer);
}

void
handle_run_synchronization_job(const Request *request, Answer *answer)
{
	RunDocument document = {0};
	Call		call = start_call(request);
	JobOrder	order = {.trigger_type = JOB_MANUAL};
	Job			job;
	StringInfoData out;

	read_action(request, run_fields, lengthof(run_fields), &document);
	call.tenant_id = required_member(request, document.instance_id, "InstanceId");
	required_member(request, document.target_type, "TargetType");
	order.target_type = label_member(request, document.target_type, "TargetType", JOB_TARGET_TYPE);
	order.target_id = required_member(request, document.target_id, "TargetId");
	if (document.description && document.description[0])
		order.description = document.description;
	run_job(&call, &order, &job);

	begin_action_answer(&out);
	append_text_member(&out, "SynchronizationJobId", job_text(&job, J_ID));
	end_action_answer(&out, answer);
}
