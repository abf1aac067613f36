/*
 * wire_test.c: tests of src/wire's pure C: the direct writers against
 * protobuf-c, and wire_check in front of protobuf-c on broken bytes.
 */
#include "postgres.h"

#undef printf
#undef snprintf

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/longrunning/operations.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "google/protobuf/wrappers.pb-c.h"
#include "idpsync/v1/synchronization_job.pb-c.h"
#include "yandex/cloud/operation/operation.pb-c.h"
#include "yandex/cloud/organizationmanager/v1/idp/synchronization_session_service.pb-c.h"

#include "base/catalog.h"
#include "wire/base64.h"
#include "wire/job_message.h"
#include "wire/operation_message.h"
#include "wire/session_message.h"
#include "wire/time_text.h"
#include "wire/wire_check.h"

typedef Yandex__Cloud__Organizationmanager__V1__Idp__SynchronizationSession Session;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__OpenSessionResponse OpenSessionResponse;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__ProgressEntry ProgressEntry;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__ChangeInfo ChangeInfo;
typedef Google__Protobuf__Timestamp Timestamp_;
typedef Idpsync__V1__SynchronizationJob Job;
typedef Idpsync__V1__Result Result;
typedef Idpsync__V1__ObjectStatistics ObjectStatistics;
typedef Idpsync__V1__Counters Counters;

static int	tests = 0;
static int	failures = 0;

static void
ok(bool passed, const char *name)
{
	tests++;
	if (!passed)
		failures++;
	printf("%sok %d - %s\n", passed ? "" : "not ", tests, name);
}

/* the labels without the server's catalog */
const char *
enum_label(EnumKind kind, int number)
{
	static const char *const status[] = {NULL, "pending", "running", "failed", "partial_success", "success"};
	static const char *const target[] = {NULL, "identity_provider", "application"};
	static const char *const direction[] = {NULL, "ingress", "egress"};
	static const char *const trigger[] = {NULL, "auto", "manual"};

	switch (kind)
	{
		case JOB_STATUS:
			return status[number];
		case JOB_TARGET_TYPE:
			return target[number];
		case JOB_DIRECTION:
			return direction[number];
		default:
			return trigger[number];
	}
}

static uint64_t seed = 42;

static uint64_t
random_number(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

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

static void
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

static Session *
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

static void
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

static void
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

static Job *
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

static void
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

static void *
allocate(void *data, size_t size)
{
	(void) data;
	return malloc(size);
}

static void
release(void *data, void *pointer)
{
	(void) data;
	free(pointer);
}

static ProtobufCAllocator allocator = {allocate, release, NULL};

/* bytes as protobuf-c packs them after unpacking; NULL if it does not */
static uint8_t *
repack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t len, size_t *packed_len)
{
	ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, NULL, len, data);
	uint8_t    *packed;

	if (message == NULL)
		return NULL;
	packed = malloc(protobuf_c_message_get_packed_size(message) + 1);
	*packed_len = protobuf_c_message_pack(message, packed);
	protobuf_c_message_free_unpacked(message, NULL);
	return packed;
}

/* the same after wire_rewrite */
static uint8_t *
rewrite_and_repack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t len, size_t *packed_len)
{
	uint8_t    *rewritten = malloc(len ? len : 1);
	uint8_t    *packed;

	wire_rewrite(descriptor, data, len, &allocator, rewritten, &len);
	packed = repack(descriptor, rewritten, len, packed_len);
	free(rewritten);
	return packed;
}

/*
 * false if what wire_check lets through does not unpack, or if rewriting what
 * needs no rewriting changes it; crashes are the sanitizers'
 */
static bool
try_bytes(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t len)
{
	/* a copy of exactly this size, so that reading past it is seen */
	uint8_t    *copy = malloc(len ? len : 1);
	bool		good = true;
	bool		rewrite;

	memcpy(copy, data, len);
	if (wire_check(descriptor, copy, len, &rewrite) == WIRE_OK)
	{
		size_t		packed_len = 0;
		size_t		plain_len = 0;
		uint8_t    *packed = rewrite_and_repack(descriptor, copy, len, &packed_len);
		uint8_t    *plain = rewrite ? NULL : repack(descriptor, copy, len, &plain_len);

		good = packed != NULL && (rewrite || (plain != NULL && packed_len == plain_len &&
												memcmp(packed, plain, plain_len) == 0));
		free(packed);
		free(plain);
	}
	free(copy);
	return good;
}

static void
test_broken(const char *name, const ProtobufCMessage *sample)
{
	size_t		len = protobuf_c_message_get_packed_size(sample);
	uint8_t    *data = malloc(len + 1);
	bool		good;
	char		line[128];
	bool		rewrite;

	protobuf_c_message_pack(sample, data);
	good = wire_check(sample->descriptor, data, len, &rewrite) == WIRE_OK && !rewrite;
	for (size_t cut = 0; cut <= len; cut++)
		good &= try_bytes(sample->descriptor, data, cut);
	for (size_t bit = 0; bit < len * 8; bit++)
	{
		data[bit / 8] ^= 1 << bit % 8;
		good &= try_bytes(sample->descriptor, data, len);
		data[bit / 8] ^= 1 << bit % 8;
	}
	for (int i = 0; i < 20000; i++)
	{
		uint8_t    *mutated = malloc(len + 1);
		size_t		mutated_len = random_number(3) ? len : random_number(len + 1);

		memcpy(mutated, data, len);
		for (int n = (int) random_number(6); n >= 0 && len > 0; n--)
			mutated[random_number(len)] = (uint8_t) random_number(256);
		good &= try_bytes(sample->descriptor, mutated, mutated_len);
		free(mutated);
	}
	snprintf(line, sizeof(line), "%s: cut, flipped and mixed bytes never get through to a failure", name);
	ok(good, line);

	good = true;
	for (int i = 0; i < 100000; i++)
	{
		/* tags that are mostly known ones, lengths that mostly fit */
		uint8_t		bytes[40];
		size_t		bytes_len = random_number(sizeof(bytes) + 1);

		for (size_t n = 0; n < bytes_len; n++)
		{
			switch (random_number(8))
			{
				case 0:
					bytes[n] = (uint8_t) random_number(256);
					break;
				case 1:
				case 2:
					bytes[n] = (uint8_t) (random_number(8) << 3 | random_number(6));
					break;
				default:
					bytes[n] = (uint8_t) random_number(12);
			}
		}
		good &= try_bytes(sample->descriptor, bytes, bytes_len);
	}
	snprintf(line, sizeof(line), "%s: 100,000 random strings", name);
	ok(good, line);
	free(data);
}

static void
test_samples(void)
{
	SessionFields fields;
	JobFields	job_fields;
	Session    *session;
	Job		   *job;
	OpenSessionResponse response = YANDEX__CLOUD__ORGANIZATIONMANAGER__V1__IDP__OPEN_SESSION_RESPONSE__INIT;
	Yandex__Cloud__Operation__Operation operation = YANDEX__CLOUD__OPERATION__OPERATION__INIT;
	Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
	Google__Protobuf__Any *details[] = {&any, &any};
	Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
	Google__Longrunning__ListOperationsResponse list = GOOGLE__LONGRUNNING__LIST_OPERATIONS_RESPONSE__INIT;
	Google__Longrunning__Operation listed = GOOGLE__LONGRUNNING__OPERATION__INIT;
	Google__Longrunning__Operation *operations[] = {&listed, &listed};
	char	   *unreachable[] = {"a", "", "c"};
	Google__Protobuf__Value number = GOOGLE__PROTOBUF__VALUE__INIT;
	Google__Protobuf__Value string = GOOGLE__PROTOBUF__VALUE__INIT;
	Google__Protobuf__Value array = GOOGLE__PROTOBUF__VALUE__INIT;
	Google__Protobuf__Value *values[] = {&number, &string};
	Google__Protobuf__ListValue list_value = GOOGLE__PROTOBUF__LIST_VALUE__INIT;
	Google__Protobuf__Struct__FieldsEntry entry = GOOGLE__PROTOBUF__STRUCT__FIELDS_ENTRY__INIT;
	Google__Protobuf__Struct__FieldsEntry *entries[] = {&entry};
	Google__Protobuf__Struct object = GOOGLE__PROTOBUF__STRUCT__INIT;

	do
		random_session(&fields);
	while (fields.progress == NULL || fields.closed_at == DT_NOBEGIN);
	session = make_session(&fields);
	test_broken("SynchronizationSession", &session->base);

	response.result = 1;
	response.session_info_case =
		YANDEX__CLOUD__ORGANIZATIONMANAGER__V1__IDP__OPEN_SESSION_RESPONSE__SESSION_INFO_OPENED_SESSION;
	response.opened_session = session;
	response.replication_token = "token";
	test_broken("OpenSessionResponse", &response.base);

	do
		random_job(&job_fields);
	while (job_fields.statistics == NULL || job_fields.error_code == NULL);
	job = make_job(&job_fields);
	test_broken("SynchronizationJob", &job->base);

	any.type_url = "type.googleapis.com/google.protobuf.Empty";
	any.value.data = (uint8_t *) "bytes";
	any.value.len = 5;
	status.code = 3;
	status.message = "wrong";
	status.details = details;
	status.n_details = 2;
	operation.id = "op_1";
	operation.created_at = session->created_at;
	operation.done = true;
	operation.metadata = &any;
	operation.result_case = YANDEX__CLOUD__OPERATION__OPERATION__RESULT_ERROR;
	operation.error = &status;
	test_broken("yandex Operation", &operation.base);

	listed.name = "operations/op_1";
	listed.metadata = &any;
	listed.result_case = GOOGLE__LONGRUNNING__OPERATION__RESULT_RESPONSE;
	listed.response = &any;
	list.operations = operations;
	list.n_operations = 2;
	list.unreachable = unreachable;
	list.n_unreachable = 3;
	test_broken("ListOperationsResponse", &list.base);

	number.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE;
	number.number_value = 1.5;
	string.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE;
	string.string_value = "\xe2\x82\xac";
	list_value.values = values;
	list_value.n_values = 2;
	array.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE;
	array.list_value = &list_value;
	entry.key = "key";
	entry.value = &array;
	object.fields = entries;
	object.n_fields = 1;
	test_broken("Struct", &object.base);

	protobuf_c_message_free_unpacked(&session->base, NULL);
	protobuf_c_message_free_unpacked(&job->base, NULL);
}

static WireResult
check_session(const char *bytes, size_t len)
{
	bool		rewrite;

	return wire_check(&yandex__cloud__organizationmanager__v1__idp__synchronization_session__descriptor,
					  (const uint8_t *) bytes, len, &rewrite);
}

/* do bytes mean what others say plainly? */
static bool
means(const ProtobufCMessageDescriptor *descriptor, const char *bytes, size_t len, const char *plain, size_t plain_len)
{
	bool		rewrite;
	size_t		packed_len;
	uint8_t    *copy = malloc(len);
	uint8_t    *packed;
	bool		same;

	memcpy(copy, bytes, len);
	same = wire_check(descriptor, copy, len, &rewrite) == WIRE_OK && rewrite;
	packed = same ? rewrite_and_repack(descriptor, copy, len, &packed_len) : NULL;
	same = packed != NULL && packed_len == plain_len && memcmp(packed, plain, plain_len) == 0;
	free(packed);
	free(copy);
	return same;
}

#define SESSION &yandex__cloud__organizationmanager__v1__idp__synchronization_session__descriptor
#define OPENED &yandex__cloud__organizationmanager__v1__idp__open_session_response__descriptor
#define VALUE &google__protobuf__value__descriptor
#define LIST &google__protobuf__list_value__descriptor
#define MEANS(descriptor, bytes, plain) means(descriptor, bytes, sizeof(bytes) - 1, plain, sizeof(plain) - 1)

static void
test_rewriting(void)
{
	static const int copies = 200000;
	uint8_t    *many = malloc((size_t) copies * 6);
	uint8_t    *out = malloc((size_t) copies * 6);
	uint8_t    *packed;
	size_t		out_len;
	bool		rewrite;
	bool		good = true;

	ok(MEANS(SESSION, "\xa3\x06\xa4\x06", "") && MEANS(SESSION, "\xa3\x06\x0a\x01s\xa8\x06\x01\xa4\x06\x0a\x01t", "\x0a\x01t"),
	   "a group nobody knows is skipped");
	ok(MEANS(SESSION, "\xa3\x06\x0b\x0c\x13\x1b\x1c\x14\xa4\x06\x30\x01", "\x30\x01"), "with groups in it");
	ok(MEANS(SESSION, "\x42\x06\x08\x01\x1b\x1c\x12\x00\x42\x02\x08\x02", "\x42\x04\x08\x01\x12\x00\x42\x02\x08\x02"),
	   "in a repeated message");
	ok(MEANS(SESSION, "\x1a\x00\x1a\x00", "\x1a\x00"), "a message field twice is one");
	ok(MEANS(SESSION, "\x1a\x02\x08\x05\x22\x02\x08\x07\x1a\x04\x08\x06\x10\x01\x1a\x02\x10\x02", "\x1a\x04\x08\x06\x10\x02\x22\x02\x08\x07"),
	   "whose last scalars win");
	ok(MEANS(OPENED, "\x12\x03\x0a\x01s\x12\x04\x42\x02\x08\x01\x12\x06\x1a\x00\x42\x02\x08\x02", "\x12\x0d\x0a\x01s\x1a\x00\x42\x02\x08\x01\x42\x02\x08\x02"),
	   "and whose repeated fields follow each other");
	ok(MEANS(OPENED, "\x12\x03\x0a\x01s\x1a\x00\x12\x03\x12\x01" "a", "\x12\x03\x12\x01" "a") &&
	   MEANS(OPENED, "\x12\x03\x0a\x01s\x12\x00\x1a\x00", "\x1a\x00"), "unless another of its oneof is between or behind them");
	ok(MEANS(VALUE, "\x32\x00\x32\x00\x20\x01", "\x20\x01") && MEANS(VALUE, "\x20\x01\x32\x02\x0a\x00\x32\x02\x0a\x00", "\x32\x04\x0a\x00\x0a\x00"),
	   "be it a scalar or a message");
	ok(MEANS(LIST, "\x0a\x08\x32\x00\x32\x04\x0a\x02\x20\x01", "\x0a\x06\x32\x04\x0a\x02\x20\x01"), "at any depth");

	/* a list that comes in as many parts as there are values takes no quadratic time */
	for (int i = 0; i < copies; i++)
		memcpy(many + (size_t) i * 6, "\x32\x04\x0a\x02\x20\x01", 6);
	good = wire_check(VALUE, many, (size_t) copies * 6, &rewrite) == WIRE_OK && rewrite &&
		wire_rewrite(VALUE, many, (size_t) copies * 6, &allocator, out, &out_len);
	packed = good ? repack(VALUE, out, out_len, &out_len) : NULL;
	ok(packed != NULL && out_len == (size_t) copies * 4 + 4, "a list in 200,000 parts");
	free(packed);
	free(many);
	free(out);
}

static void
test_refusals(void)
{
	uint8_t		deep[4096];
	ProtoWriter w;
	char	   *many = malloc(2 * (WIRE_MAX_FIELDS + 1));
	char	   *long_one = calloc(1, WIRE_MAX_LEN + 1);
	bool		rewrite;

	ok(check_session("", 0) == WIRE_OK, "nothing is a message");
	ok(check_session("\x0a\x02xy", 4) == WIRE_OK, "a string");
	ok(check_session("\x0a\x03xy", 4) == WIRE_TRUNCATED, "a string that ends too early");
	ok(check_session("\x0a\xff\xff\xff\xff\x0f", 6) == WIRE_TRUNCATED, "a length beyond everything");
	ok(check_session("\x0a\xff\xff\xff\xff\xff\x01", 7) == WIRE_BAD_VARINT, "a length of six bytes");
	ok(check_session("\x0a", 1) == WIRE_TRUNCATED, "a tag alone");
	ok(check_session("\x02\x00", 2) == WIRE_BAD_FIELD_NUMBER, "field number 0");
	ok(check_session("\xff\xff\xff\xff\x7f", 5) == WIRE_BAD_FIELD_NUMBER, "a field number of more than 29 bits");
	ok(check_session("\x08\x01", 2) == WIRE_BAD_WIRE_TYPE, "a varint for a string");
	ok(check_session("\x32\x00", 2) == WIRE_BAD_WIRE_TYPE, "a length for an enum");
	ok(check_session("\x0b\x0c", 2) == WIRE_BAD_WIRE_TYPE, "a group for a string");
	ok(check_session("\xa3\x06\xa4\x06", 4) == WIRE_OK, "a group nobody knows");
	ok(check_session("\xa3\x06\xac\x06", 4) == WIRE_BAD_WIRE_TYPE && check_session("\xa4\x06", 2) == WIRE_BAD_WIRE_TYPE,
	   "the end of another group, and of none");
	ok(check_session("\xa3\x06", 2) == WIRE_TRUNCATED && check_session("\xa3\x06\x0b\x0c", 4) == WIRE_TRUNCATED &&
	   check_session("\xa3\x06\x0a\x05x\xa4\x06", 7) == WIRE_TRUNCATED, "a group without an end");
	ok(check_session("\xa0\x06\x01\xa2\x06\x01z", 7) == WIRE_OK, "fields nobody knows");
	ok(check_session("\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11) == WIRE_OK, "an enum of -1");
	ok(check_session("\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12) == WIRE_BAD_VARINT,
	   "a varint of eleven bytes");
	ok(check_session("\x0a\x01\xff", 3) == WIRE_BAD_STRING, "a string that is not UTF-8");
	ok(check_session("\x0a\x01\0", 3) == WIRE_BAD_STRING, "a string with a NUL");
	ok(check_session(long_one, WIRE_MAX_LEN + 1) == WIRE_TOO_LONG, "more than 16 MB");

	for (int i = 0; i < WIRE_MAX_FIELDS + 1; i++)
		memcpy(many + 2 * i, "\x42", 2);
	ok(check_session(many, 2 * WIRE_MAX_FIELDS) == WIRE_OK, "a million empty entries");
	ok(check_session(many, 2 * (WIRE_MAX_FIELDS + 1)) == WIRE_TOO_MANY, "one more");
	free(many);
	free(long_one);

	/* a Value in a ListValue in a Value ... */
	proto_writer_init(&w, deep, sizeof(deep));
	for (int i = 1; i < WIRE_MAX_DEPTH; i++)
		proto_put_message(&w, i % 2 ? 1 : 6, w.end);
	ok(wire_check(&google__protobuf__list_value__descriptor, w.cur, proto_writer_len(&w), &rewrite) == WIRE_OK ||
	   wire_check(&google__protobuf__value__descriptor, w.cur, proto_writer_len(&w), &rewrite) == WIRE_OK,
	   "messages 100 deep");
	proto_put_message(&w, WIRE_MAX_DEPTH % 2 ? 1 : 6, w.end);
	ok(wire_check(&google__protobuf__list_value__descriptor, w.cur, proto_writer_len(&w), &rewrite) == WIRE_TOO_DEEP ||
	   wire_check(&google__protobuf__value__descriptor, w.cur, proto_writer_len(&w), &rewrite) == WIRE_TOO_DEEP,
	   "messages 101 deep");

	for (int i = 0; i < 2 * (WIRE_MAX_DEPTH - 1); i++)
		deep[i] = i < WIRE_MAX_DEPTH - 1 ? 0x6b : 0x6c;
	ok(check_session((char *) deep, 2 * (WIRE_MAX_DEPTH - 1)) == WIRE_OK, "groups 100 deep");
	for (int i = 0; i < 2 * WIRE_MAX_DEPTH; i++)
		deep[i] = i < WIRE_MAX_DEPTH ? 0x6b : 0x6c;
	ok(check_session((char *) deep, 2 * WIRE_MAX_DEPTH) == WIRE_TOO_DEEP, "groups 101 deep");
}

static bool
utf8(const char *text)
{
	return utf8_is_valid((const uint8_t *) text, strlen(text));
}

static void
test_utf8(void)
{
	ok(utf8("") && utf8("a") && utf8("\xc2\x80") && utf8("\xe0\xa0\x80") && utf8("\xed\x9f\xbf") &&
	   utf8("\xef\xbf\xbf") && utf8("\xf0\x90\x80\x80") && utf8("\xf4\x8f\xbf\xbf"), "UTF-8");
	ok(!utf8("\x80") && !utf8("\xc1\xbf") && !utf8("\xe0\x9f\xbf") && !utf8("\xf0\x8f\xbf\xbf"),
	   "longer than needed");
	ok(!utf8("\xed\xa0\x80") && !utf8("\xf4\x90\x80\x80") && !utf8("\xf5\x80\x80\x80"), "no characters");
	ok(!utf8("\xc3") && !utf8("\xe2\x82") && !utf8("\xf0\x9f\x98") && !utf8("\xc3" "a"), "cut characters");
}

static bool
base64_is(const char *text, const char *bytes)
{
	uint8_t    *out = malloc(strlen(text) / 4 * 3 + 3);
	long		len = base64_decode(text, strlen(text), out);
	bool		same = bytes == NULL ? len < 0 : len == (long) strlen(bytes) && memcmp(out, bytes, len) == 0;

	free(out);
	return same;
}

static void
test_base64(void)
{
	bool		same = true;

	for (size_t len = 0; len < 100; len++)
	{
		uint8_t		data[100];
		char		text[136];
		uint8_t		again[102];
		size_t		text_len;

		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t) random_number(256);
		text_len = base64_encode(data, len, text);
		same &= text_len == (len + 2) / 3 * 4 && base64_decode(text, text_len, again) == (long) len &&
			memcmp(data, again, len) == 0;
		while (text_len > 0 && text[text_len - 1] == '=')
			text_len--;
		same &= base64_decode(text, text_len, again) == (long) len && memcmp(data, again, len) == 0;
	}
	ok(same, "base64 there and back, padded or not");
	ok(base64_is("Pz8_", "???") && base64_is("Pz8/", "???") && base64_is("", ""), "both alphabets");
	ok(base64_is("A", NULL) && base64_is("A===", NULL) && base64_is("AA=A", NULL) && base64_is("====", NULL) &&
	   base64_is("A*==", NULL) && base64_is("AAA=AAA=", NULL) && base64_is("AA=", NULL), "no base64");
}

static bool
time_is(const char *text, int64_t seconds, int32_t nanos)
{
	int64_t		s;
	int32_t		n;

	return timestamp_from_text(text, strlen(text), &s, &n) && s == seconds && n == nanos;
}

static bool
is_no_time(const char *text)
{
	int64_t		s;
	int32_t		n;

	return !timestamp_from_text(text, strlen(text), &s, &n);
}

static bool
span_is(const char *text, int64_t seconds, int32_t nanos)
{
	int64_t		s;
	int32_t		n;
	char		out[TIME_TEXT_SIZE];

	return duration_from_text(text, strlen(text), &s, &n) && s == seconds && n == nanos &&
		duration_to_text(s, n, out);
}

static bool
is_no_span(const char *text)
{
	int64_t		s;
	int32_t		n;

	return !duration_from_text(text, strlen(text), &s, &n);
}

static void
test_times(void)
{
	bool		same = true;
	char		text[TIME_TEXT_SIZE];

	for (int i = 0; i < 100000; i++)
	{
		int64_t		seconds = (int64_t) random_number(UINT64_C(315537897600)) - INT64_C(62135596800);
		int32_t		nanos = i % 3 ? (int32_t) random_number(1000000000) : (int32_t) random_number(1000) * 1000000;

		same &= timestamp_to_text(seconds, nanos, text) && time_is(text, seconds, nanos);
	}
	ok(same, "times there and back");
	ok(timestamp_to_text(-1, 500000000, text) && strcmp(text, "1969-12-31T23:59:59.500Z") == 0, "before 1970");
	ok(timestamp_to_text(INT64_C(-62135596800), 0, text) && strcmp(text, "0001-01-01T00:00:00Z") == 0 &&
	   timestamp_to_text(INT64_C(253402300799), 999999999, text) &&
	   strcmp(text, "9999-12-31T23:59:59.999999999Z") == 0, "the first and the last time");
	ok(!timestamp_to_text(INT64_C(-62135596801), 0, text) && !timestamp_to_text(INT64_C(253402300800), 0, text) &&
	   !timestamp_to_text(INT64_MIN, 0, text) && !timestamp_to_text(INT64_MAX, 0, text) &&
	   !timestamp_to_text(0, -1, text) && !timestamp_to_text(0, 1000000000, text), "beyond them");
	ok(time_is("1970-01-01T00:00:00+01:00", -3600, 0) && time_is("1969-12-31T19:00:00.1-05:00", 0, 100000000) &&
	   time_is("2024-02-29T00:00:00Z", 1709164800, 0) && time_is("2000-02-29T00:00:00Z", 951782400, 0), "offsets and leap days");
	ok(is_no_time("") && is_no_time("2023-02-29T00:00:00Z") && is_no_time("1900-02-29T00:00:00Z") &&
	   is_no_time("2023-01-01T24:00:00Z") && is_no_time("2023-01-01T00:00:60Z") &&
	   is_no_time("2023-01-01 00:00:00Z") && is_no_time("2023-01-01T00:00:00") &&
	   is_no_time("2023-01-01T00:00:00.Z") && is_no_time("2023-01-01T00:00:00.1234567890Z") &&
	   is_no_time("0000-12-31T00:00:00Z") && is_no_time("0001-01-01T00:00:00+00:01") &&
	   is_no_time("9999-12-31T23:59:59-00:01") && is_no_time("2023-1-01T00:00:00Z") &&
	   is_no_time("2023-01-01T00:00:00Zx") && is_no_time("2023-13-01T00:00:00Z"), "no times");
	ok(span_is("1.5s", 1, 500000000) && span_is("-0.5s", 0, -500000000) && span_is("0s", 0, 0) &&
	   span_is("315576000000s", INT64_C(315576000000), 0) &&
	   span_is("-315576000000.999999999s", INT64_C(-315576000000), -999999999) && span_is("-1.000000001s", -1, -1), "durations");
	ok(is_no_span("1.5") && is_no_span("s") && is_no_span(".5s") && is_no_span("1.s") && is_no_span("+1s") &&
	   is_no_span("315576000001s") && is_no_span("1.0000000001s") && is_no_span("--1s") &&
	   is_no_span("99999999999999999999s"), "no durations");
	ok(!duration_to_text(1, -1, text) && !duration_to_text(-1, 1, text) &&
	   !duration_to_text(INT64_MIN, 0, text) && !duration_to_text(0, INT32_MIN, text), "durations without a text");
}

static void
random_any(AnyBytes *any, char *value)
{
	any->type_url = "type.googleapis.com/google.protobuf.Empty";
	any->type_url_len = strlen(any->type_url);
	any->value = value;
	any->value_len = random_number(3) == 0 ? 0 : random_number(200);
}

/* does protobuf-c read the bytes and pack them to the same ones? */
static bool
packs_again(const ProtobufCMessageDescriptor *descriptor, const ProtoWriter *w)
{
	size_t		len = proto_writer_len(w);
	ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, NULL, len, w->cur);
	uint8_t    *again = malloc(len + 1);
	bool		rewrite;
	bool		same = message != NULL && wire_check(descriptor, w->cur, len, &rewrite) == WIRE_OK &&
		protobuf_c_message_pack(message, again) == len && memcmp(again, w->cur, len) == 0;

	free(again);
	if (message)
		protobuf_c_message_free_unpacked(message, NULL);
	return same;
}

static void
test_operations(void)
{
	bool		same = true;
	bool		same_fields = true;
	static char value[200] = "\x0a\x01s";
	static uint8_t buffer[4096];

	for (int i = 0; i < 20000; i++)
	{
		AnyBytes	metadata;
		AnyBytes	response;
		AnyBytes	details[3];
		OperationFields fields = {
			.id = "op_1",
			.description = random_number(2) ? "d" : NULL,
			.created_at = (int64_t) random_number(UINT64_C(1) << 50),
			.created_by = "who",
			.modified_at = -(int64_t) random_number(UINT64_C(1) << 50),
			.done = random_number(2)
		};
		Yandex__Cloud__Operation__Operation *operation;
		ProtoWriter w;

		random_any(&metadata, value);
		random_any(&response, value);
		if (random_number(2))
			fields.metadata = &metadata;
		if (random_number(2))
			fields.response = &response;
		else if (random_number(2))
		{
			fields.has_error = true;
			fields.error_code = (int) random_number(17);
			fields.error_message = random_number(2) ? "m" : NULL;
			fields.n_error_details = (int) random_number(4);
			fields.error_details = details;
			for (int d = 0; d < fields.n_error_details; d++)
				random_any(&details[d], value);
		}
		proto_writer_init(&w, buffer, operation_message_bound(&fields));
		operation_message_write(&w, &fields);
		same &= w.cur >= buffer && packs_again(&yandex__cloud__operation__operation__descriptor, &w);
		operation = yandex__cloud__operation__operation__unpack(NULL, proto_writer_len(&w), w.cur);
		same_fields &= operation->done == fields.done && (operation->metadata != NULL) == (fields.metadata != NULL) &&
			operation->result_case == (fields.response ? 9 : fields.has_error ? 8 : 0) &&
			(!fields.has_error || (operation->error->code == fields.error_code &&
								   operation->error->n_details == (size_t) fields.n_error_details)) &&
			strcmp(operation->id, "op_1") == 0 && strcmp(operation->created_by, "who") == 0;
		yandex__cloud__operation__operation__free_unpacked(operation, NULL);

		proto_writer_init(&w, buffer, operation_message_bound(&fields));
		longrunning_message_write(&w, &fields);
		same &= w.cur >= buffer && packs_again(&google__longrunning__operation__descriptor, &w);
	}
	ok(same, "operations of both services are as protobuf-c packs them");
	ok(same_fields, "with the fields they were given");
}

int
main(void)
{
	test_sessions();
	test_jobs();
	test_samples();
	test_refusals();
	test_rewriting();
	test_utf8();
	test_base64();
	test_times();
	test_operations();
	printf("1..%d\n", tests);
	return failures > 0;
}
