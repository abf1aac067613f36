/*
 * protobuf_any.c: the type idpsync.protobuf_any, a message of any type beside
 * its type URL.
 *
 * A datum is a byte of version and flags; the type URL, as its number where it
 * has one, else its length and text; and the message's bytes. Fields of a type
 * that is not known have no bytes and are kept as JSON. There is one form for
 * each value, so that equal values have equal bytes. All text in it is UTF-8.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "google/protobuf/timestamp.pb-c.h"
#include "idpsync/v1/synchronization_job.pb-c.h"
#include "yandex/cloud/organizationmanager/v1/idp/synchronization_session_service.pb-c.h"

#include "base/compat.h"
#include "wire/job_message.h"
#include "wire/message_types.h"
#include "wire/message_unpack.h"
#include "wire/protojson.h"
#include "wire/session_message.h"
#include "wire/wire.h"

#define TYPE_NAME "protobuf_any"

/* the first byte */
#define VERSION 0x10
#define VERSION_MASK 0xF0
#define FLAG_JSON 0x01
#define FLAG_NUMBERED 0x02
#define KNOWN_BITS (VERSION_MASK | FLAG_JSON | FLAG_NUMBERED)

/* the binary form: version, kind, length of the URL */
#define BINARY_VERSION 1
#define BINARY_BYTES 0
#define BINARY_JSON 1

/* messages up to this long are put together on the stack */
#define STACK_BUFFER 2048

/* 1970 in microseconds since 2000 */
#define EPOCH_1970 (-INT64CONST(946684800) * USECS_PER_SEC)

PG_FUNCTION_INFO_V1(protobuf_any_in);
PG_FUNCTION_INFO_V1(protobuf_any_out);
PG_FUNCTION_INFO_V1(protobuf_any_recv);
PG_FUNCTION_INFO_V1(protobuf_any_send);
PG_FUNCTION_INFO_V1(protobuf_any_eq);
PG_FUNCTION_INFO_V1(protobuf_any_ne);
PG_FUNCTION_INFO_V1(protobuf_any_hash);
PG_FUNCTION_INFO_V1(protobuf_any_hash_extended);
PG_FUNCTION_INFO_V1(protobuf_any_make);
PG_FUNCTION_INFO_V1(protobuf_any_type_url);
PG_FUNCTION_INFO_V1(protobuf_any_value);
PG_FUNCTION_INFO_V1(protobuf_any_to_json);
PG_FUNCTION_INFO_V1(protobuf_any_to_jsonb);
PG_FUNCTION_INFO_V1(protobuf_any_from_json);
PG_FUNCTION_INFO_V1(protobuf_any_from_jsonb);

/* room for so many bytes behind the header; *data is where they go */
static struct varlena *
allocate_any(size_t len, uint8_t **data)
{
	struct varlena *any = palloc(VARHDRSZ + len);

	SET_VARSIZE(any, VARHDRSZ + len);
	*data = (uint8_t *) VARDATA(any);
	return any;
}

/* a datum of a numbered type URL and bytes */
static Datum
make_numbered(TypeUrlNumber number, const void *value, size_t len)
{
	uint8_t    *data;
	struct varlena *any = allocate_any(2 + len, &data);

	data[0] = VERSION | FLAG_NUMBERED;
	data[1] = (uint8_t) number;
	if (len > 0)
		memcpy(data + 2, value, len);
	return PointerGetDatum(any);
}

/* a datum of parts that were checked, but for the value's length */
static Datum
make_any(const AnyParts *parts)
{
	TypeUrlNumber number = type_url_number(parts->type_url, parts->type_url_len);
	uint8_t    *data;
	struct varlena *any;

	if (parts->value_len > WIRE_MAX_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("value of type %s is too long", TYPE_NAME),
				 errdetail("A message has at most 16 MB.")));
	if (number != URL_WITHOUT_NUMBER)
		return make_numbered(number, parts->value, parts->value_len);

	any = allocate_any(1 + proto_varint_size(parts->type_url_len) +
					   parts->type_url_len + parts->value_len, &data);
	*data++ = VERSION | (parts->is_json ? FLAG_JSON : 0);
	data = proto_varint_write(data, parts->type_url_len);
	memcpy(data, parts->type_url, parts->type_url_len);
	if (parts->value_len > 0)
		memcpy(data + parts->type_url_len, parts->value, parts->value_len);
	return PointerGetDatum(any);
}

static void
corrupt_any(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored value of type %s is corrupt or of a newer version", TYPE_NAME)));
}

/* the parts of a detoasted datum, none of them copied */
static void
read_any_parts(struct varlena *any, AnyParts *parts)
{
	const uint8_t *p = (const uint8_t *) VARDATA_ANY(any);
	const uint8_t *end = p + VARSIZE_ANY_EXHDR(any);
	uint8_t		flags;

	if (end - p < 2)
		corrupt_any();
	flags = *p++;
	if ((flags & VERSION_MASK) != VERSION || (flags & ~KNOWN_BITS) != 0)
		corrupt_any();
	parts->is_json = (flags & FLAG_JSON) != 0;
	if (flags & FLAG_NUMBERED)
	{
		parts->type_url = type_url_of_number(*p++);
		if (parts->type_url == NULL)
			corrupt_any();
		parts->type_url_len = strlen(parts->type_url);
	}
	else
	{
		/* at most TYPE_URL_MAX_LEN, so its varint has one byte or two */
		size_t		len = *p & 0x7F;

		if (*p++ & 0x80)
		{
			if (p == end || *p & 0x80)
				corrupt_any();
			len |= (size_t) *p++ << 7;
		}
		if (len > end - p)
			corrupt_any();
		parts->type_url = (const char *) p;
		parts->type_url_len = len;
		p += len;
	}
	parts->value = (const char *) p;
	parts->value_len = end - p;
}

static void
read_any_datum(Datum any, AnyParts *parts)
{
	read_any_parts(PG_DETOAST_DATUM_PACKED(any), parts);
}

static void
check_type_url(const char *url, size_t len)
{
	if (!type_url_is_valid(url, len))
		ereport(ERROR,
				(errcode(len > TYPE_URL_MAX_LEN ? ERRCODE_PROGRAM_LIMIT_EXCEEDED :
						 ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid type URL for type %s", TYPE_NAME),
				 errdetail("It has at most %d bytes and names a type behind its last slash.",
						   TYPE_URL_MAX_LEN)));
}

bool
any_from_json(const char *text, size_t len, const TypeRegistry *types, IdpEscontext *escontext, Datum *result)
{
	AnyParts	parts;
	char	   *utf8;

	/* before a conversion multiplies it */
	if (len > PROTOJSON_MAX_LEN)
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("value of type %s is too long", TYPE_NAME),
				 errdetail("Its text has at most 64 MB.")));
	utf8 = pg_server_to_any(text, len, PG_UTF8);
	if (!protojson_read_any(utf8, utf8 == text ? len : strlen(utf8), TYPE_NAME, types, &parts, escontext))
		return false;
	*result = make_any(&parts);
	return true;
}

void
any_to_json(Datum any, const TypeRegistry *types, StringInfo out)
{
	AnyParts	parts;

	read_any_datum(any, &parts);
	initStringInfo(out);
	protojson_write_any(out, &parts, types);
}

/*
 * protobuf_any_in(cstring) -> protobuf_any
 *
 * ProtoJSON of google.protobuf.Any: {"@type": url, ...fields}. Known messages
 * are read field by field; under any other type URL, "value" alone is base64
 * and other fields are kept as JSON.
 * Errors: 22P02 syntax and unknown fields, with their path; 22023 "@type" is
 * missing; 22003, 22007 values out of range; 54000 too long or nested too deeply.
 */
Datum
protobuf_any_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	Datum		result;

	if (!any_from_json(text, strlen(text), NULL, SOFT_ERROR_CONTEXT(fcinfo), &result))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

/*
 * protobuf_any_out(protobuf_any) -> cstring
 *
 * Always reads back to the equal value; bytes that have no other text are shown
 * as base64.
 */
Datum
protobuf_any_out(PG_FUNCTION_ARGS)
{
	StringInfoData out;

	any_to_json(PG_GETARG_DATUM(0), NULL, &out);
	PG_RETURN_CSTRING(out.data);
}

/*
 * protobuf_any_recv(internal) -> protobuf_any
 *
 * A byte 1 (version), a byte 0 for bytes or 1 for JSON members, the type URL's
 * length in four bytes, the URL in UTF-8, and the rest: the message.
 * Errors: 22P03 another version, no type URL; 22021 not UTF-8; 54000 too long.
 */
Datum
protobuf_any_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	AnyParts	parts = {0};
	int			version = pq_getmsgbyte(buf);
	int			kind = pq_getmsgbyte(buf);
	StringInfoData text;

	if (version != BINARY_VERSION || (kind != BINARY_BYTES && kind != BINARY_JSON))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary format of type %s", TYPE_NAME),
				 errdetail("Version %d, kind %d.", version, kind)));
	parts.type_url_len = pq_getmsgint(buf, 4);
	if (parts.type_url_len > TYPE_URL_MAX_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary format of type %s", TYPE_NAME),
				 errdetail("The type URL is longer than %d bytes.", TYPE_URL_MAX_LEN)));
	parts.type_url = pq_getmsgbytes(buf, parts.type_url_len);
	parts.value_len = buf->len - buf->cursor;
	parts.value = pq_getmsgbytes(buf, parts.value_len);

	if (!utf8_is_valid((const uint8_t *) parts.type_url, parts.type_url_len) ||
		(kind == BINARY_JSON && !utf8_is_valid((const uint8_t *) parts.value, parts.value_len)))
		ereport(ERROR,
				(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
				 errmsg("invalid byte sequence for encoding \"%s\"", "UTF8"),
				 errdetail("Text within a binary value of type %s.", TYPE_NAME)));
	check_type_url(parts.type_url, parts.type_url_len);
	if (kind == BINARY_BYTES)
		PG_RETURN_DATUM(make_any(&parts));

	/* members are taken by the way their text would be */
	if (parts.value_len > WIRE_MAX_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("value of type %s is too long", TYPE_NAME)));
	initStringInfo(&text);
	appendStringInfoString(&text, "{\"@type\": ");
	append_json_string(&text, parts.type_url, parts.type_url_len, false);
	appendStringInfoString(&text, ", ");
	appendBinaryStringInfo(&text, parts.value, parts.value_len);
	appendStringInfoChar(&text, '}');
	protojson_read_any(text.data, text.len, TYPE_NAME, NULL, &parts, NULL);
	PG_RETURN_DATUM(make_any(&parts));
}

/* protobuf_any_send(protobuf_any) -> bytea: see protobuf_any_recv */
Datum
protobuf_any_send(PG_FUNCTION_ARGS)
{
	AnyParts	parts;
	StringInfoData buf;

	read_any_datum(PG_GETARG_DATUM(0), &parts);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, BINARY_VERSION);
	pq_sendbyte(&buf, parts.is_json ? BINARY_JSON : BINARY_BYTES);
	pq_sendint32(&buf, parts.type_url_len);
	pq_sendbytes(&buf, parts.type_url, parts.type_url_len);
	pq_sendbytes(&buf, parts.value, parts.value_len);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static bool
are_equal(FunctionCallInfo fcinfo)
{
	struct varlena *a;
	struct varlena *b;
	bool		equal;

	/* without detoasting where the lengths already tell */
	if (toast_raw_datum_size(PG_GETARG_DATUM(0)) != toast_raw_datum_size(PG_GETARG_DATUM(1)))
		return false;
	a = PG_GETARG_VARLENA_PP(0);
	b = PG_GETARG_VARLENA_PP(1);
	equal = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return equal;
}

/* protobuf_any_eq(protobuf_any, protobuf_any) -> boolean: same URL, same bytes */
Datum
protobuf_any_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(are_equal(fcinfo));
}

/* protobuf_any_ne(protobuf_any, protobuf_any) -> boolean */
Datum
protobuf_any_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!are_equal(fcinfo));
}

/* protobuf_any_hash(protobuf_any) -> integer, for hash indexes and joins */
Datum
protobuf_any_hash(PG_FUNCTION_ARGS)
{
	struct varlena *any = PG_GETARG_VARLENA_PP(0);
	Datum		hash = hash_any((unsigned char *) VARDATA_ANY(any), VARSIZE_ANY_EXHDR(any));

	PG_FREE_IF_COPY(any, 0);
	return hash;
}

/* protobuf_any_hash_extended(protobuf_any, bigint seed) -> bigint, for hash partitions */
Datum
protobuf_any_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *any = PG_GETARG_VARLENA_PP(0);
	Datum		hash = hash_any_extended((unsigned char *) VARDATA_ANY(any), VARSIZE_ANY_EXHDR(any),
										 PG_GETARG_INT64(1));

	PG_FREE_IF_COPY(any, 0);
	return hash;
}

/*
 * protobuf_any(type_url text, value bytea) -> protobuf_any
 *
 * The bytes are not looked at: whoever reads them decides.
 * Errors: 22023 no type URL; 54000 too long.
 */
Datum
protobuf_any_make(PG_FUNCTION_ARGS)
{
	text	   *url = PG_GETARG_TEXT_PP(0);
	bytea	   *value = PG_GETARG_BYTEA_PP(1);
	AnyParts	parts = {0};

	parts.type_url = pg_server_to_any(VARDATA_ANY(url), VARSIZE_ANY_EXHDR(url), PG_UTF8);
	parts.type_url_len = parts.type_url == VARDATA_ANY(url) ?
		VARSIZE_ANY_EXHDR(url) : strlen(parts.type_url);
	parts.value = VARDATA_ANY(value);
	parts.value_len = VARSIZE_ANY_EXHDR(value);
	check_type_url(parts.type_url, parts.type_url_len);
	PG_RETURN_DATUM(make_any(&parts));
}

/* type_url(protobuf_any) -> text */
Datum
protobuf_any_type_url(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(any_type_url(PG_GETARG_DATUM(0))));
}

/*
 * value(protobuf_any) -> bytea: the message's bytes.
 * Errors: 0A000 for fields of an unknown type, which are kept as JSON.
 */
Datum
protobuf_any_value(PG_FUNCTION_ARGS)
{
	size_t		len;
	const char *value = any_value(PG_GETARG_DATUM(0), &len);
	bytea	   *result = palloc(VARHDRSZ + len);

	SET_VARSIZE(result, VARHDRSZ + len);
	memcpy(VARDATA(result), value, len);
	PG_RETURN_BYTEA_P(result);
}

/* CAST (protobuf_any AS json): the text form */
Datum
protobuf_any_to_json(PG_FUNCTION_ARGS)
{
	StringInfoData out;

	any_to_json(PG_GETARG_DATUM(0), NULL, &out);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/* CAST (protobuf_any AS jsonb): the text form; errors: those of jsonb */
Datum
protobuf_any_to_jsonb(PG_FUNCTION_ARGS)
{
	StringInfoData out;

	any_to_json(PG_GETARG_DATUM(0), NULL, &out);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data));
}

/* CAST (json AS protobuf_any); errors: see protobuf_any_in */
Datum
protobuf_any_from_json(PG_FUNCTION_ARGS)
{
	text	   *json = PG_GETARG_TEXT_PP(0);
	Datum		result;

	any_from_json(VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json), NULL, NULL, &result);
	PG_RETURN_DATUM(result);
}

/* CAST (jsonb AS protobuf_any); errors: see protobuf_any_in */
Datum
protobuf_any_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jsonb = PG_GETARG_JSONB_P(0);
	char	   *text = JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));
	Datum		result;

	any_from_json(text, strlen(text), NULL, NULL, &result);
	PG_RETURN_DATUM(result);
}

Datum
any_make(const char *type_url, const char *value, size_t len)
{
	AnyParts	parts = {type_url, strlen(type_url), value, len, false};

	check_type_url(parts.type_url, parts.type_url_len);
	return make_any(&parts);
}

Datum
any_of_empty(void)
{
	return make_numbered(URL_EMPTY, "", 0);
}

const char *
to_utf8(const char *string)
{
	return string == NULL ? NULL : pg_server_to_any(string, strlen(string), PG_UTF8);
}

/* a message whose field 1 is a string */
static Datum
make_of_id(TypeUrlNumber number, const char *id)
{
	const char *utf8 = to_utf8(id);
	size_t		bound = proto_string_bound(utf8);
	uint8_t		stack[STACK_BUFFER];
	ProtoWriter w;

	proto_writer_init(&w, bound > sizeof(stack) ? palloc(bound) : stack, Max(bound, sizeof(stack)));
	proto_put_string(&w, 1, utf8);
	return make_numbered(number, w.cur, proto_writer_len(&w));
}

Datum
any_of_session_metadata(const char *name, const char *session_id)
{
	TypeUrlNumber number;

	if (strcmp(name, "ReportSessionProgressMetadata") == 0)
		number = URL_REPORT_SESSION_PROGRESS_METADATA;
	else if (strcmp(name, "HeartbeatMetadata") == 0)
		number = URL_HEARTBEAT_METADATA;
	else if (strcmp(name, "OpenSessionMetadata") == 0)
		number = URL_OPEN_SESSION_METADATA;
	else if (strcmp(name, "CloseSessionMetadata") == 0)
		number = URL_CLOSE_SESSION_METADATA;
	else
		elog(ERROR, "no session metadata is called \"%s\"", name);
	return make_of_id(number, session_id);
}

Datum
any_of_job_metadata(const char *job_id)
{
	return make_of_id(URL_SYNCHRONIZATION_JOB_METADATA, job_id);
}

SessionFields
session_in_utf8(const SessionFields *session)
{
	SessionFields utf8 = *session;

	utf8.session_id = to_utf8(session->session_id);
	utf8.agent_id = to_utf8(session->agent_id);
	utf8.fail_reason = to_utf8(session->fail_reason);
	return utf8;
}

Datum
any_of_session(const SessionFields *session)
{
	SessionFields utf8 = session_in_utf8(session);
	size_t		bound = session_message_bound(&utf8);
	uint8_t		stack[STACK_BUFFER];
	ProtoWriter w;

	proto_writer_init(&w, bound > sizeof(stack) ? palloc(bound) : stack, Max(bound, sizeof(stack)));
	session_message_write(&w, &utf8);
	return make_numbered(URL_SYNCHRONIZATION_SESSION, w.cur, proto_writer_len(&w));
}

Datum
any_of_open_session(int result, const SessionFields *session, TimestampTz next_session_at)
{
	SessionFields utf8;
	size_t		bound;
	uint8_t		stack[STACK_BUFFER];
	ProtoWriter w;

	if (session != NULL)
	{
		utf8 = session_in_utf8(session);
		session = &utf8;
	}
	bound = open_session_message_bound(session);
	proto_writer_init(&w, bound > sizeof(stack) ? palloc(bound) : stack, Max(bound, sizeof(stack)));
	open_session_message_write(&w, result, session, next_session_at);
	return make_numbered(URL_OPEN_SESSION_RESPONSE, w.cur, proto_writer_len(&w));
}

Datum
any_of_job(const JobFields *job)
{
	JobFields	utf8 = *job;
	size_t		bound;
	uint8_t		stack[STACK_BUFFER];
	ProtoWriter w;

	utf8.job_id = to_utf8(job->job_id);
	utf8.instance_id = to_utf8(job->instance_id);
	utf8.target_id = to_utf8(job->target_id);
	utf8.description = to_utf8(job->description);
	utf8.error_code = to_utf8(job->error_code);
	utf8.error_message = to_utf8(job->error_message);
	utf8.session_id = to_utf8(job->session_id);
	utf8.operation_id = to_utf8(job->operation_id);

	bound = job_message_bound(&utf8);
	proto_writer_init(&w, bound > sizeof(stack) ? palloc(bound) : stack, Max(bound, sizeof(stack)));
	job_message_write(&w, &utf8);
	return make_numbered(URL_SYNCHRONIZATION_JOB, w.cur, proto_writer_len(&w));
}

char *
any_type_url(Datum any)
{
	AnyParts	parts;
	char	   *url;

	read_any_datum(any, &parts);
	url = pnstrdup(parts.type_url, parts.type_url_len);
	return pg_any_to_server(url, parts.type_url_len, PG_UTF8);
}

AnyBytes
any_bytes(Datum any)
{
	AnyParts	parts;
	AnyBytes	bytes;

	read_any_datum(any, &parts);
	if (parts.is_json)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("value of type %s has no bytes", TYPE_NAME),
				 errdetail("The type \"%s\" is not known, so its fields are kept as JSON.",
						   any_type_url(any))));
	bytes.type_url = parts.type_url;
	bytes.type_url_len = parts.type_url_len;
	bytes.value = parts.value;
	bytes.value_len = parts.value_len;
	return bytes;
}

AnyBytes
any_on_wire(Datum any)
{
	static const char type_url[] = "type.googleapis.com/google.protobuf.StringValue";
	AnyParts	parts;
	AnyBytes	bytes;
	StringInfoData json;
	size_t		bound;
	ProtoWriter w;

	read_any_datum(any, &parts);
	if (!parts.is_json)
		return any_bytes(any);
	any_to_json(any, NULL, &json);
	bound = proto_string_bound(json.data);
	proto_writer_init(&w, palloc(bound), bound);
	proto_put_string(&w, 1, json.data);
	bytes.type_url = type_url;
	bytes.type_url_len = strlen(type_url);
	bytes.value = (const char *) w.cur;
	bytes.value_len = proto_writer_len(&w);
	return bytes;
}

const char *
any_value(Datum any, size_t *len)
{
	AnyBytes	bytes = any_bytes(any);

	*len = bytes.value_len;
	return bytes.value;
}

/*
 * The message of this type in a datum, in a memory context of its own, which
 * is made current; the caller switches back and deletes it.
 */
static ProtobufCMessage *
unpack_any(Datum any, const ProtobufCMessageDescriptor *descriptor)
{
	AnyParts	parts;
	WireResult	result;
	ProtobufCMessage *message;

	read_any_datum(any, &parts);
	if (parts.is_json || find_type_url(parts.type_url, parts.type_url_len) != descriptor)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("expected a message of type %s, not \"%s\"",
						descriptor->name, any_type_url(any))));
	MemoryContextSwitchTo(AllocSetContextCreate(CurrentMemoryContext, "idpsync message",
												ALLOCSET_SMALL_SIZES));
	message = unpack_message(descriptor, parts.value, parts.value_len, &result);
	if (message == NULL)
		ereport(ERROR,
				(errcode(result == WIRE_BAD_STRING ? ERRCODE_CHARACTER_NOT_IN_REPERTOIRE :
						 ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid message of type %s", descriptor->name),
				 errdetail("The message is malformed: %s.", wire_result_text(result))));
	return message;
}

/* switches back, with a string of the message's in the server encoding */
static char *
leave_message(MemoryContext caller, const char *string)
{
	MemoryContext scratch = MemoryContextSwitchTo(caller);
	char	   *result = NULL;

	if (string != NULL)
	{
		char	   *copy = pstrdup(string);

		result = pg_any_to_server(copy, strlen(copy), PG_UTF8);
	}
	MemoryContextDelete(scratch);
	return result;
}

void
any_read_open_session(Datum any, int *result, char **session_id, TimestampTz *next_session_at)
{
	MemoryContext caller = CurrentMemoryContext;
	const Yandex__Cloud__Organizationmanager__V1__Idp__OpenSessionResponse *response;
	const char *id = NULL;

	response = (const void *)
		unpack_any(any, &yandex__cloud__organizationmanager__v1__idp__open_session_response__descriptor);
	*result = response->result;
	*next_session_at = DT_NOBEGIN;
	switch (response->session_info_case)
	{
		case YANDEX__CLOUD__ORGANIZATIONMANAGER__V1__IDP__OPEN_SESSION_RESPONSE__SESSION_INFO_OPENED_SESSION:
			id = response->opened_session->session_id;
			break;
		case YANDEX__CLOUD__ORGANIZATIONMANAGER__V1__IDP__OPEN_SESSION_RESPONSE__SESSION_INFO_NEXT_SESSION_AT:
			{
				const Google__Protobuf__Timestamp *time = response->next_session_at;

				/* also bounds what the sum can be */
				if (time->nanos < 0 || time->nanos >= 1000000000 ||
					time->seconds < PG_INT32_MIN * INT64CONST(30) ||
					time->seconds > PG_INT32_MAX * INT64CONST(120))
					ereport(ERROR,
							(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
							 errmsg("invalid message of type %s", response->base.descriptor->name),
							 errdetail("next_session_at is out of range.")));
				*next_session_at = EPOCH_1970 + time->seconds * USECS_PER_SEC + time->nanos / 1000;
				break;
			}
		default:
			break;
	}
	*session_id = leave_message(caller, id);
}

char *
any_read_session_metadata(Datum any)
{
	MemoryContext caller = CurrentMemoryContext;
	const Yandex__Cloud__Organizationmanager__V1__Idp__HeartbeatMetadata *metadata;
	const ProtobufCMessageDescriptor *types[] = {
		&yandex__cloud__organizationmanager__v1__idp__heartbeat_metadata__descriptor,
		&yandex__cloud__organizationmanager__v1__idp__report_session_progress_metadata__descriptor,
		&yandex__cloud__organizationmanager__v1__idp__open_session_metadata__descriptor,
		&yandex__cloud__organizationmanager__v1__idp__close_session_metadata__descriptor,
	};
	AnyParts	parts;
	const ProtobufCMessageDescriptor *type;
	int			i = 0;

	/* all four have the same struct */
	read_any_datum(any, &parts);
	type = find_type_url(parts.type_url, parts.type_url_len);
	while (i < lengthof(types) - 1 && types[i] != type)
		i++;
	metadata = (const void *) unpack_any(any, types[i]);
	return leave_message(caller, metadata->session_id);
}

char *
any_read_job_metadata(Datum any)
{
	MemoryContext caller = CurrentMemoryContext;
	const Idpsync__V1__SynchronizationJobMetadata *metadata;

	metadata = (const void *) unpack_any(any, &idpsync__v1__synchronization_job_metadata__descriptor);
	return leave_message(caller, metadata->synchronization_job_id);
}
