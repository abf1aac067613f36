/*
 * import_document.c: reads documented ListSynchronizationJobs responses.
 */
#include "base/compat.h"
#include "job/import_document.h"

#include "mb/pg_wchar.h"
#include "port/pg_bitutils.h"
#include "utils/timestamp.h"

#include "base/catalog.h"
#include "counters/counters.h"
#include "job/job.h"
#include "store/store.h"

/* the first and last milliseconds a StartTime or EndTime may have: years 1970 to 9999 */
#define LAST_MILLISECOND INT64CONST(253402300799999)

typedef struct Document
{
	JsonReader	reader;
	ImportedJob *jobs;
	uint64		n;
	uint64		room;
	TimestampTz latest;			/* a StartTime may be */
} Document;

/* ERROR with the path of the current value */
pg_noreturn static void
refuse(Document *doc, int sqlstate, const char *problem)
{
	char		path[256];

	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("invalid ListSynchronizationJobs document"),
			 errdetail("%s at %s.", problem, json_path(&doc->reader, path, sizeof(path)))));
}

static JsonToken
next(Document *doc)
{
	JsonToken	token = json_next(&doc->reader);

	if (token == JSON_ERROR)
		refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION,
			   psprintf("Invalid JSON (%s) behind byte %zu", doc->reader.error, doc->reader.offset));
	return token;
}

static void
expect(Document *doc, JsonToken wanted, const char *name)
{
	if (doc->reader.type != wanted)
		refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, psprintf("Expected %s", name));
}

static void
skip_value(Document *doc)
{
	if (!json_skip(&doc->reader))
		refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION,
			   psprintf("Invalid JSON (%s) behind byte %zu", doc->reader.error, doc->reader.offset));
}

/*
 * Which of these keys the current one is; ERROR where it is none, or seen. Most
 * documents have them in this order: the one behind the last is tried first.
 */
static int
which_key(Document *doc, const char *const *keys, int n, uint32 *seen)
{
	int			expected = *seen ? pg_leftmost_one_pos32(*seen) + 1 : 0;

	for (int i = 0; i < n; i++)
	{
		int			which = (expected + i) % n;

		if (!json_token_is(&doc->reader, keys[which]))
			continue;
		if (*seen & (1U << which))
			refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "Key given twice");
		*seen |= 1U << which;
		return which;
	}
	refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "Unknown key");
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* has it more characters than these? Only what has more bytes is counted. */
static bool
is_longer(const char *text, size_t max)
{
	return strlen(text) > max && (size_t) pg_mbstrlen(text) > max;
}

/* the current string in the server's encoding, NULL for null and empty */
static char *
read_text(Document *doc, int max)
{
	JsonReader *r = &doc->reader;
	char	   *text;
	long		len;

	if (r->type == JSON_NULL)
		return NULL;
	expect(doc, JSON_STRING, "a string");
	text = palloc(r->token_len + 1);
	len = json_unescape(r, text);
	if (len < 0)
		refuse(doc, ERRCODE_UNTRANSLATABLE_CHARACTER, psprintf("Invalid string (%s)", r->error));
	text[len] = '\0';
	text = pg_any_to_server(text, (int) len, PG_UTF8);
	if (is_longer(text, max))
		refuse(doc, ERRCODE_STRING_DATA_RIGHT_TRUNCATION, psprintf("More than %d characters", max));
	return text[0] ? text : NULL;
}

/* an id, without the white space at its ends */
static char *
read_id(Document *doc, int max)
{
	/* the limit holds for what is left */
	char	   *id = read_text(doc, PG_INT32_MAX);
	size_t		len;

	while (id && is_space(*id))
		id++;
	len = id ? strlen(id) : 0;
	while (len > 0 && is_space(id[len - 1]))
		len--;
	if (len == 0)
		refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "An id must not be empty");
	id[len] = '\0';
	if (is_longer(id, max))
		refuse(doc, ERRCODE_STRING_DATA_RIGHT_TRUNCATION, psprintf("An id of more than %d characters", max));
	return id;
}

/* the beginning of a string of the document, for an error */
static char *
quote(const char *token, size_t len)
{
	int			clipped = pg_encoding_mbcliplen(PG_UTF8, token, (int) Min(len, 1000), 64);

	return pg_any_to_server(pnstrdup(token, clipped), clipped, PG_UTF8);
}

static int
read_label(Document *doc, EnumKind kind)
{
	int			number;

	expect(doc, JSON_STRING, "a string");
	number = enum_number_of(kind, doc->reader.token, doc->reader.token_len);
	if (number < 0)
		refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE,
			   psprintf("Unknown %s \"%s\" (available: %s)", enum_type_name(kind),
						quote(doc->reader.token, doc->reader.token_len), enum_label_list(kind)));
	return number;
}

/* Unix milliseconds; 0 and null are none */
static TimestampTz
read_time(Document *doc)
{
	int64_t		milliseconds;

	if (doc->reader.type == JSON_NULL)
		return DT_NOBEGIN;
	switch (json_integer(&doc->reader, &milliseconds))
	{
		case JSON_INTEGER_OK:
			break;
		case JSON_INTEGER_NOT_A_NUMBER:
			refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "Expected Unix milliseconds");
		default:
			milliseconds = -1;
	}
	if (milliseconds < 0 || milliseconds > LAST_MILLISECOND)
		refuse(doc, ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, "Time out of range");
	return milliseconds == 0 ? DT_NOBEGIN : milliseconds * 1000 - UNIX_EPOCH_SHIFT;
}

/* a job has one; rows from the future would keep partitions from being made before them */
static TimestampTz
read_start_time(Document *doc)
{
	TimestampTz time = read_time(doc);

	if (time == DT_NOBEGIN)
		refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "A StartTime must not be 0 or null");
	if (time > doc->latest)
		refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "A StartTime must not be more than a day ahead of the clock");
	return time;
}

static void
read_result(Document *doc, ImportedJob *job)
{
	const char *keys[JOB_OBJECTS + 2];
	JobCells	cells = {0};
	uint32		seen = 0;

	memcpy(keys, job_object_keys, sizeof(job_object_keys));
	keys[JOB_OBJECTS] = "ErrorCode";
	keys[JOB_OBJECTS + 1] = "ErrorMessage";
	if (doc->reader.type != JSON_NULL)
	{
		expect(doc, JSON_OBJECT, "an object");
		while (next(doc) != JSON_OBJECT_END)
		{
			int			key = which_key(doc, keys, lengthof(keys), &seen);

			next(doc);
			if (key < JOB_OBJECTS)
				read_job_object(&doc->reader, key, &cells);
			else if (key == JOB_OBJECTS)
				job->error_code = read_text(doc, ERROR_CODE_MAX);
			else
				job->error_message = read_text(doc, ERROR_MESSAGE_MAX);
		}
	}
	job->statistics = job_statistics_make(&cells);
}

enum
{
	KEY_ID, KEY_TARGET_TYPE, KEY_TARGET_ID, KEY_DIRECTION, KEY_START_TIME, KEY_END_TIME,
	KEY_TRIGGER_TYPE, KEY_STATUS, KEY_DESCRIPTION, KEY_RESULT, JOB_KEYS
};

static const char *const job_keys[JOB_KEYS] = {
	"SynchronizationJobId", "TargetType", "TargetId", "Direction", "StartTime", "EndTime",
	"TriggerType", "Status", "Description", "Result"
};

static void
read_job_key(Document *doc, int key, ImportedJob *job)
{
	switch (key)
	{
		case KEY_ID:
			job->id = read_id(doc, JOB_ID_MAX);
			if (id_created_at(job->id) > doc->latest)
				refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "An id must not carry a time more than a day ahead of the clock");
			break;
		case KEY_TARGET_TYPE:
			job->target_type = read_label(doc, JOB_TARGET_TYPE);
			break;
		case KEY_TARGET_ID:
			job->target_id = read_id(doc, TARGET_ID_MAX);
			break;
		case KEY_DIRECTION:
			job->direction = read_label(doc, JOB_DIRECTION);
			break;
		case KEY_START_TIME:
			job->start_time = read_start_time(doc);
			break;
		case KEY_END_TIME:
			job->end_time = read_time(doc);
			break;
		case KEY_TRIGGER_TYPE:
			job->trigger_type = read_label(doc, JOB_TRIGGER_TYPE);
			break;
		case KEY_STATUS:
			job->status = read_label(doc, JOB_STATUS);
			break;
		case KEY_DESCRIPTION:
			job->description = read_text(doc, DESCRIPTION_MAX);
			break;
		case KEY_RESULT:
			read_result(doc, job);
			break;
	}
}

static void
read_job(Document *doc)
{
	static const int required[] = {KEY_ID, KEY_TARGET_TYPE, KEY_TARGET_ID, KEY_DIRECTION,
	KEY_START_TIME, KEY_TRIGGER_TYPE, KEY_STATUS};
	ImportedJob job = {.start_time = DT_NOBEGIN, .end_time = DT_NOBEGIN, .position = doc->n};
	uint32		seen = 0;

	expect(doc, JSON_OBJECT, "an object");
	while (next(doc) != JSON_OBJECT_END)
	{
		int			key = which_key(doc, job_keys, JOB_KEYS, &seen);

		next(doc);
		read_job_key(doc, key, &job);
	}
	for (int i = 0; i < lengthof(required); i++)
	{
		if (!(seen & (1U << required[i])))
			refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, psprintf("%s is missing", job_keys[required[i]]));
	}
	if (!(seen & (1U << KEY_RESULT)))
	{
		JobCells	none = {0};

		job.statistics = job_statistics_make(&none);
	}
	/* a job that has not ended has no end */
	if (!job_has_ended(job.status))
		job.end_time = DT_NOBEGIN;

	if (doc->n == doc->room)
	{
		doc->room *= 2;
		doc->jobs = repalloc_huge(doc->jobs, doc->room * sizeof(ImportedJob));
	}
	doc->jobs[doc->n++] = job;
}

static void
read_response(Document *doc)
{
	static const char *const keys[] = {"SynchronizationJobs", "RequestId", "TotalCount", "NextToken"};
	uint32		seen = 0;

	expect(doc, JSON_OBJECT, "an object");
	while (next(doc) != JSON_OBJECT_END)
	{
		int			key = which_key(doc, keys, lengthof(keys), &seen);

		next(doc);
		if (key != 0)
		{
			skip_value(doc);
			continue;
		}
		expect(doc, JSON_ARRAY, "an array");
		while (next(doc) != JSON_ARRAY_END)
			read_job(doc);
	}
	if (!(seen & 1))
		refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "SynchronizationJobs is missing");
}

ImportedJob *
read_import_document(const char *json, size_t len, uint64 *n_jobs)
{
	Document	doc = {.room = 64, .latest = GetCurrentTimestamp() + USECS_PER_DAY};

	doc.jobs = palloc(doc.room * sizeof(ImportedJob));
	json_reader_init(&doc.reader, json, len);
	if (next(&doc) == JSON_ARRAY)
	{
		while (next(&doc) != JSON_ARRAY_END)
			read_response(&doc);
	}
	else
		read_response(&doc);
	if (next(&doc) != JSON_END)
		refuse(&doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "Text after the end of the document");
	*n_jobs = doc.n;
	return doc.jobs;
}
