/*
 * job_and_session.c: the direct writers of sessions and jobs against protobuf-c.
 */
#include "tests.h"

#include "base/catalog.h"
#include "wire/job_message.h"
#include "wire/session_message.h"

typedef Yandex__Cloud__Organizationmanager__V1__Idp__ProgressEntry ProgressEntry;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__ChangeInfo ChangeInfo;
typedef Google__Protobuf__Timestamp Timestamp_;
typedef Idpsync__V1__Result Result;
typedef Idpsync__V1__ObjectStatistics ObjectStatistics;
typedef Idpsync__V1__Counters Counters;

/* mostly small, sometimes any or one around which a varint's length changes */
static int64_t
random_counter(void)
{
	static const int64_t borders[] = {
		1, 0x7F, 0x80, 0x3FFF, 0x4000, 0x1FFFFF, 0x200000, (INT64_C(1) << 56) - 1, INT64_C(1) << 56, INT64_MAX
	};

	switch (random_number(5))
	{
		case 0:
			return 0;
		case 1:
			return (int64_t) random_number(200);
		case 2:
			return (int64_t) random_number(1000000);
		case 3:
			return borders[random_number(lengthof(borders))];
		default:
			return (int64_t) (random_number(INT64_MAX) + 1);
	}
}

static TimestampTz
random_time(void)
{
	if (random_number(5) == 0)
		return DT_NOBEGIN;
	/* 1684 to 2316, so half are before 2000 and many before 1970 */
	return (TimestampTz) random_number(UINT64_C(20000000000000000)) - INT64_C(10000000000000000);
}

/* a Timestamp worked out in another way than by the writer */
static Timestamp_ *
make_time(TimestampTz time)
{
	Timestamp_ *message;
	int64_t		unix_micros;
	int64_t		micros;

	if (time == DT_NOBEGIN)
		return NULL;
	message = malloc(sizeof(Timestamp_));
	google__protobuf__timestamp__init(message);
	unix_micros = time + INT64_C(946684800000000);
	micros = ((unix_micros % 1000000) + 1000000) % 1000000;
	message->seconds = (unix_micros - micros) / 1000000;
	message->nanos = (int32_t) (micros * 1000);
	return message;
}

static SessionCells cells;
static JobCells job_cells;

void
random_session(SessionFields *fields)
{
	memset(fields, 0, sizeof(*fields));
	fields->session_id = "ses_0123456789abcdefghijklmn";
	fields->agent_id = random_number(3) ? "agent \xc3\xa9" : NULL;
	fields->created_at = random_time();
	fields->expires_at = random_time();
	fields->closed_at = random_time();
	fields->sync_mode = (int) random_number(3);
	fields->status = (int) random_number(6);
	fields->session_type = (int) random_number(4);
	fields->fail_reason = random_number(2) ? "because" : NULL;
	memset(&cells, 0, sizeof(cells));
	cells.present = random_number(4) == 0 ? (1 << SESSION_CELLS) - 1 : (uint32_t) random_number(1 << SESSION_CELLS);
	for (int i = 0; i < SESSION_CELLS; i++)
		for (int j = 0; j < SESSION_COUNTERS; j++)
			cells.value[i][j] = random_counter();
	fields->progress = random_number(5) ? &cells : NULL;
}

static ProgressEntry *
make_entry(int object)
{
	ProgressEntry *entry = malloc(sizeof(ProgressEntry));

	yandex__cloud__organizationmanager__v1__idp__progress_entry__init(entry);
	entry->object_type = object;
	entry->change_info = malloc(6 * sizeof(ChangeInfo *));
	return entry;
}

Session *
make_session(const SessionFields *fields)
{
	Session    *session = malloc(sizeof(Session));

	yandex__cloud__organizationmanager__v1__idp__synchronization_session__init(session);
	session->session_id = strdup(fields->session_id);
	session->agent_id = strdup(fields->agent_id ? fields->agent_id : "");
	session->fail_reason = strdup(fields->fail_reason ? fields->fail_reason : "");
	session->created_at = make_time(fields->created_at);
	session->expires_at = make_time(fields->expires_at);
	session->closed_at = make_time(fields->closed_at);
	session->sync_mode = fields->sync_mode;
	session->status = fields->status;
	session->session_type = fields->session_type;
	session->progress_entries = malloc(6 * sizeof(ProgressEntry *));
	for (int object = 1; fields->progress && object <= SESSION_OBJECTS; object++)
	{
		ProgressEntry *entry = NULL;

		for (int change = 0; change < SESSION_CHANGES; change++)
		{
			int			cell = SESSION_CELL(object, change);
			ChangeInfo *info;

			if (!(fields->progress->present >> cell & 1))
				continue;
			if (entry == NULL || entry->n_change_info == 6)
			{
				entry = make_entry(object);
				session->progress_entries[session->n_progress_entries++] = entry;
			}
			info = malloc(sizeof(ChangeInfo));
			yandex__cloud__organizationmanager__v1__idp__change_info__init(info);
			info->change_type = change;
			info->successful = fields->progress->value[cell][SUCCESSFUL];
			info->failed = fields->progress->value[cell][FAILED];
			entry->change_info[entry->n_change_info++] = info;
		}
	}
	return session;
}

static bool
same_bytes(const ProtobufCMessage *message, const ProtoWriter *w)
{
	size_t		len = protobuf_c_message_get_packed_size(message);
	uint8_t    *packed = malloc(len + 1);
	bool		same;

	protobuf_c_message_pack(message, packed);
	same = len == proto_writer_len(w) && memcmp(packed, w->cur, len) == 0;
	free(packed);
	return same;
}

void
test_sessions(void)
{
	bool		same = true;
	bool		same_response = true;

	for (int i = 0; i < 5000; i++)
	{
		SessionFields fields;
		Session    *session;
		OpenSessionResponse response = YANDEX__CLOUD__ORGANIZATIONMANAGER__V1__IDP__OPEN_SESSION_RESPONSE__INIT;
		TimestampTz next = random_time();
		size_t		size;
		uint8_t    *buffer;
		ProtoWriter w;

		random_session(&fields);
		session = make_session(&fields);
		size = session_message_bound(&fields);
		buffer = malloc(size);
		proto_writer_init(&w, buffer, size);
		session_message_write(&w, &fields);
		same &= same_bytes(&session->base, &w);
		free(buffer);

		response.result = (int) random_number(4);
		if (i % 2)
		{
			response.session_info_case =
				YANDEX__CLOUD__ORGANIZATIONMANAGER__V1__IDP__OPEN_SESSION_RESPONSE__SESSION_INFO_OPENED_SESSION;
			response.opened_session = session;
		}
		else if (next != DT_NOBEGIN)
		{
			response.session_info_case =
				YANDEX__CLOUD__ORGANIZATIONMANAGER__V1__IDP__OPEN_SESSION_RESPONSE__SESSION_INFO_NEXT_SESSION_AT;
			response.next_session_at = make_time(next);
		}
		size = open_session_message_bound(i % 2 ? &fields : NULL);
		buffer = malloc(size);
		proto_writer_init(&w, buffer, size);
		open_session_message_write(&w, response.result, i % 2 ? &fields : NULL, next);
		same_response &= same_bytes(&response.base, &w);
		free(buffer);
		if (!(i % 2) && next != DT_NOBEGIN)
			protobuf_c_message_free_unpacked(&response.next_session_at->base, NULL);
		protobuf_c_message_free_unpacked(&session->base, NULL);
	}
	ok(same, "a session's bytes are those of protobuf-c");
	ok(same_response, "an OpenSessionResponse's bytes are those of protobuf-c");
}

void
random_job(JobFields *fields)
{
	memset(fields, 0, sizeof(*fields));
	fields->job_id = "sync_0123456789abcdefghijklmn";
	fields->instance_id = "idaas_1";
	fields->target_type = (int) random_number(3);
	fields->target_id = random_number(2) ? "target" : NULL;
	fields->direction = (int) random_number(3);
	fields->trigger_type = (int) random_number(3);
	fields->status = (int) random_number(6);
	fields->description = random_number(2) ? "what for" : NULL;
	fields->created_at = random_time();
	fields->start_time = random_time();
	fields->end_time = random_time();
	fields->error_code = random_number(2) ? "ErrorCodeNotFound" : NULL;
	fields->error_message = random_number(2) ? "not found" : NULL;
	fields->session_id = random_number(2) ? "ses_1" : NULL;
	fields->operation_id = random_number(2) ? "op_1" : NULL;
	memset(&job_cells, 0, sizeof(job_cells));
	job_cells.present = (uint32_t) random_number(1 << JOB_CELLS);
	if (random_number(3) == 0)
		job_cells.present &= (uint32_t) random_number(1 << JOB_CELLS) & (uint32_t) random_number(1 << JOB_CELLS);
	for (int i = 0; i < JOB_CELLS; i++)
		for (int j = 0; j < JOB_COUNTERS; j++)
			job_cells.value[i][j] = random_counter();
	fields->statistics = random_number(4) ? &job_cells : NULL;
}

static char *
copy_or_empty(const char *string)
{
	return strdup(string ? string : "");
}

Job *
make_job(const JobFields *fields)
{
	Job		   *job = malloc(sizeof(Job));

	idpsync__v1__synchronization_job__init(job);
	job->synchronization_job_id = copy_or_empty(fields->job_id);
	job->instance_id = copy_or_empty(fields->instance_id);
	job->target_type = copy_or_empty(enum_label(JOB_TARGET_TYPE, fields->target_type));
	job->target_id = copy_or_empty(fields->target_id);
	job->direction = copy_or_empty(enum_label(JOB_DIRECTION, fields->direction));
	job->trigger_type = copy_or_empty(enum_label(JOB_TRIGGER_TYPE, fields->trigger_type));
	job->status = copy_or_empty(enum_label(JOB_STATUS, fields->status));
	job->description = copy_or_empty(fields->description);
	job->created_at = make_time(fields->created_at);
	job->start_time = make_time(fields->start_time);
	job->end_time = make_time(fields->end_time);
	job->session_id = copy_or_empty(fields->session_id);
	job->operation_id = copy_or_empty(fields->operation_id);
	if (fields->statistics || fields->error_code || fields->error_message)
	{
		ObjectStatistics **objects;

		job->result = malloc(sizeof(Result));
		idpsync__v1__result__init(job->result);
		job->result->error_code = copy_or_empty(fields->error_code);
		job->result->error_message = copy_or_empty(fields->error_message);
		objects = &job->result->user_statistics;
		for (int cell = 0; fields->statistics && cell < JOB_CELLS; cell++)
		{
			ObjectStatistics **object = &objects[cell / JOB_CHANGES];
			Counters   *counters;

			if (!(fields->statistics->present >> cell & 1))
				continue;
			if (*object == NULL)
			{
				*object = malloc(sizeof(ObjectStatistics));
				idpsync__v1__object_statistics__init(*object);
			}
			counters = malloc(sizeof(Counters));
			idpsync__v1__counters__init(counters);
			counters->total = fields->statistics->value[cell][JOB_TOTAL];
			counters->success = fields->statistics->value[cell][JOB_SUCCEEDED];
			counters->failed = fields->statistics->value[cell][JOB_FAILURES];
			counters->skipped = fields->statistics->value[cell][JOB_SKIPPED];
			(&(*object)->created)[cell % JOB_CHANGES] = counters;
		}
	}
	return job;
}

void
test_jobs(void)
{
	bool		same = true;

	for (int i = 0; i < 5000; i++)
	{
		JobFields	fields;
		Job		   *job;
		size_t		size;
		uint8_t    *buffer;
		ProtoWriter w;

		random_job(&fields);
		job = make_job(&fields);
		size = job_message_bound(&fields);
		buffer = malloc(size);
		proto_writer_init(&w, buffer, size);
		job_message_write(&w, &fields);
		same &= same_bytes(&job->base, &w);
		free(buffer);
		protobuf_c_message_free_unpacked(&job->base, NULL);
	}
	ok(same, "a job's bytes are those of protobuf-c");
}
