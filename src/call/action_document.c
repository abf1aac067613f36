/*
 * action_document.c: the documented JSON of actions.
 */
#include "call/action_document.h"

#include "mb/pg_wchar.h"
#include "nodes/pg_list.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "base/json_reader.h"
#include "counters/counters.h"
#include "counters/counters_json.h"
#include "store/store.h"

/* the last millisecond of the year 9999 */
#define LAST_MILLISECOND INT64CONST(253402300799999)

#define REQUEST_ID_BYTES 16

pg_noreturn static void
refuse_json(const Request *request, JsonReader *r, int sqlstate, const char *problem)
{
	char		path[256];

	refuse_field(request, sqlstate, json_path(r, path, sizeof(path)), "%s", problem);
}

static JsonToken
next(const Request *request, JsonReader *r)
{
	JsonToken	token = json_next(r);

	if (token == JSON_ERROR)
		refuse_json(request, r, ERRCODE_INVALID_TEXT_REPRESENTATION,
					psprintf("%s (byte %zu)", r->error, r->offset + 1));
	return token;
}

static char *
read_text(const Request *request, JsonReader *r, int max)
{
	char	   *text;
	long		len;

	if (r->type != JSON_STRING)
		refuse_json(request, r, ERRCODE_INVALID_TEXT_REPRESENTATION, "expected a string");
	text = palloc(r->token_len + 1);
	len = json_unescape(r, text);
	if (len < 0)
		refuse_json(request, r, ERRCODE_INVALID_TEXT_REPRESENTATION, r->error);
	text[len] = '\0';
	text = pg_any_to_server(text, len, PG_UTF8);
	if (pg_mbstrlen(text) > max)
		refuse_json(request, r, ERRCODE_STRING_DATA_RIGHT_TRUNCATION, psprintf("it has more than %d characters", max));
	return text;
}

static List *
read_texts(const Request *request, JsonReader *r, int max)
{
	List	   *texts = NIL;

	if (r->type != JSON_ARRAY)
		refuse_json(request, r, ERRCODE_INVALID_TEXT_REPRESENTATION, "expected an array");
	while (next(request, r) != JSON_ARRAY_END)
	{
		if (list_length(texts) == max)
			refuse_json(request, r, ERRCODE_INVALID_PARAMETER_VALUE, psprintf("there are more than %d", max));
		texts = lappend(texts, read_text(request, r, TARGET_ID_MAX));
	}
	return texts;
}

static ActionInteger
read_integer(const Request *request, JsonReader *r)
{
	ActionInteger integer = {true, 0};
	int64_t		value;

	switch (json_integer(r, &value))
	{
		case JSON_INTEGER_OK:
			integer.value = value;
			break;
		case JSON_INTEGER_RANGE:
			refuse_json(request, r, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "it is out of range");
		default:
			refuse_json(request, r, ERRCODE_INVALID_TEXT_REPRESENTATION, "expected an integer");
	}
	return integer;
}

/* the field of the current key */
static int
find_field(const Request *request, JsonReader *r, const ActionField *fields, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (json_token_is(r, fields[i].key))
			return i;
	}
	refuse_json(request, r, ERRCODE_INVALID_TEXT_REPRESENTATION, "there is no such field");
}

void
read_action(const Request *request, const ActionField *fields, int n, void *place)
{
	JsonReader	r;
	uint32		seen = 0;

	Assert(n <= 32);
	json_reader_init(&r, request->data, request->len);
	if (next(request, &r) != JSON_OBJECT)
		refuse_json(request, &r, ERRCODE_INVALID_TEXT_REPRESENTATION, "expected an object");
	while (next(request, &r) != JSON_OBJECT_END)
	{
		int			i = find_field(request, &r, fields, n);
		char	   *member = (char *) place + fields[i].offset;

		if (seen & (UINT32_C(1) << i))
			refuse_json(request, &r, ERRCODE_INVALID_TEXT_REPRESENTATION, "the key is there twice");
		seen |= UINT32_C(1) << i;
		if (next(request, &r) == JSON_NULL)
			continue;
		switch (fields[i].type)
		{
			case ACTION_TEXT:
				*(char **) member = read_text(request, &r, fields[i].max);
				break;
			case ACTION_TEXTS:
				*(List **) member = read_texts(request, &r, fields[i].max);
				break;
			case ACTION_INTEGER:
				*(ActionInteger *) member = read_integer(request, &r);
				break;
			case ACTION_UNSUPPORTED:
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("%s of %s is not supported", fields[i].key, method_short_name(request->method))));
		}
	}
	next(request, &r);
}

char *
required_member(const Request *request, char *text, const char *key)
{
	if (text == NULL || text[0] == '\0')
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, key, "it is required");
	return text;
}

int
label_member(const Request *request, const char *text, const char *key, EnumKind kind)
{
	int			number;

	if (text == NULL || text[0] == '\0')
		return 0;
	number = enum_number_of(kind, text, strlen(text));
	if (number <= 0)
		refuse_field(request, ERRCODE_INVALID_PARAMETER_VALUE, key, "\"%s\" is no %s", text, enum_type_name(kind));
	return number;
}

TimestampTz
time_member(const Request *request, const ActionInteger *milliseconds, const char *key)
{
	if (!milliseconds->is_set)
		return DT_NOBEGIN;
	if (milliseconds->value < 0 || milliseconds->value > LAST_MILLISECOND)
		refuse_field(request, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, key, "it is no time of the years 1970 to 9999");
	return milliseconds->value * 1000 - UNIX_EPOCH_SHIFT;
}

/* an upper-case UUID (version 4) */
static void
append_request_id(StringInfo out)
{
	uint8		id[REQUEST_ID_BYTES];

	if (!pg_strong_random(id, sizeof(id)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("could not generate random values")));
	id[6] = (id[6] & 0x0F) | 0x40;
	id[8] = (id[8] & 0x3F) | 0x80;
	for (int i = 0; i < REQUEST_ID_BYTES; i++)
		appendStringInfo(out, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02X" : "%02X", id[i]);
}

void
begin_action_answer(StringInfo out)
{
	initStringInfo(out);
	appendStringInfoString(out, "{\"RequestId\": \"");
	append_request_id(out);
	appendStringInfoChar(out, '"');
}

void
end_action_answer(StringInfo out, Answer *answer)
{
	appendStringInfoChar(out, '}');
	answer->data = out->data;
	answer->len = out->len;
}

void
append_text_member(StringInfo out, const char *key, const char *text)
{
	if (text == NULL)
		return;
	appendStringInfo(out, ", \"%s\": ", key);
	escape_json(out, text);
}

static void
append_time_member(StringInfo out, const char *key, const Job *job, int column)
{
	if (!job->nulls[column])
		appendStringInfo(out, ", \"%s\": " INT64_FORMAT, key,
						 (DatumGetTimestampTz(job->values[column]) + UNIX_EPOCH_SHIFT) / 1000);
}

static void
append_label_member(StringInfo out, const char *key, const Job *job, int column, EnumKind kind)
{
	append_text_member(out, key, enum_label(kind, enum_number(kind, DatumGetObjectId(job->values[column]))));
}

void
append_job_document(StringInfo out, const Job *job)
{
	JobCells	cells;

	appendStringInfoString(out, "{\"SynchronizationJobId\": ");
	escape_json(out, job_text(job, J_ID));
	append_label_member(out, "TargetType", job, J_TARGET_TYPE, JOB_TARGET_TYPE);
	append_text_member(out, "TargetId", job_text(job, J_TARGET_ID));
	append_label_member(out, "Direction", job, J_DIRECTION, JOB_DIRECTION);
	append_time_member(out, "StartTime", job, J_START_TIME);
	append_time_member(out, "EndTime", job, J_END_TIME);
	append_label_member(out, "TriggerType", job, J_TRIGGER_TYPE, JOB_TRIGGER_TYPE);
	append_label_member(out, "Status", job, J_STATUS, JOB_STATUS);
	append_text_member(out, "Description", job_text(job, J_DESCRIPTION));

	/* the statistics' own object, continued with what a Result has beside them */
	appendStringInfoString(out, ", \"Result\": ");
	job_statistics_read(job->values[J_STATISTICS], &cells);
	enlargeStringInfo(out, WRITTEN_TEXT_MAX);
	out->len += (int) job_statistics_write(&cells, out->data + out->len) - 1;
	append_text_member(out, "ErrorCode", job_text(job, J_ERROR_CODE));
	append_text_member(out, "ErrorMessage", job_text(job, J_ERROR_MESSAGE));
	appendStringInfoString(out, "}}");
}
