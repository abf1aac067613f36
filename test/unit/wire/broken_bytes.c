/*
 * broken_bytes.c: wire_check in front of protobuf-c on broken bytes.
 */
#include "tests.h"

#include "google/longrunning/operations.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "yandex/cloud/operation/operation.pb-c.h"

#include "wire/message_pack.h"
#include "wire/wire_check.h"

/* does message_pack make the bytes that protobuf-c makes, within its bound? Negative zeros aside */
static bool
packs_alike(const ProtobufCMessageDescriptor *descriptor, const uint8_t *packed, size_t len)
{
	ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, NULL, len, packed);
	size_t		bound = message_pack_bound(message);
	uint8_t    *buffer = malloc(bound + 1);
	ProtoWriter w;
	bool		same;

	proto_writer_init(&w, buffer, bound);
	message_pack(&w, message);
	same = proto_writer_len(&w) == len && memcmp(w.cur, packed, len) == 0;
	free(buffer);
	protobuf_c_message_free_unpacked(message, NULL);
	return same;
}

/*
 * false if what wire_check lets through does not unpack, is packed in another
 * way than by protobuf-c, or if rewriting what needs no rewriting changes it;
 * crashes are the sanitizers'
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

		good = packed != NULL && packs_alike(descriptor, packed, packed_len) &&
			(rewrite || (plain != NULL && packed_len == plain_len && memcmp(packed, plain, plain_len) == 0));
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

void
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
