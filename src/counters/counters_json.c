/*
 * counters_json.c: the text form of both counter types.
 *
 * Written is the documented JSON; read is that and ProtoJSON. What is wrong
 * with a document is told with the path of its place.
 */
#include "counters/counters_json.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "base/catalog.h"
#include "base/json_ahead.h"

#define REPORT_ENTRIES 3
#define REPORT_CHANGES 6

#define QUOTED_TEXT 60			/* so many bytes of a text are quoted in errors */

const char *const job_object_keys[JOB_OBJECTS] = {
	"UserStatistics", "OrganizationalUnitStatistics", "GroupStatistics", "GroupMemberStatistics"
};
const char *const job_change_keys[JOB_CHANGES] = {
	"Created", "Updated", "Binded", "Deleted", "Same", "Pushed", "Exported"
};
const char *const job_counter_keys[JOB_COUNTERS] = {
	"Total", "Success", "Failed", "Skipped"
};

/* the change kind that is written only where it is not zero */
#define EXPORTED 6

/* how the keys are spelled by whoever takes the objects for protobuf messages */
static const char *const job_object_snake_keys[JOB_OBJECTS] = {
	"user_statistics", "organizational_unit_statistics", "group_statistics", "group_member_statistics"
};

/* a document being read */
typedef struct Document
{
	JsonReader *reader;
	const char *type;
	IdpEscontext *escontext;
} Document;

/* the keys of one object that were seen */
typedef uint32 Seen;

/*
 * Ends the reading: 22P02 for what is not the type's JSON, 22003 for a counter
 * out of range, 22023 for what is well-formed but not allowed. problem is the
 * beginning of the sentence that ends with the path. Always false.
 */
static bool
refuse(Document *doc, int sqlstate, const char *problem)
{
	JsonReader *r = doc->reader;
	char		path[256];
	int			inside = r->type == JSON_ARRAY || r->type == JSON_OBJECT ? 1 : 0;
	int			len = (int) Min((size_t) (r->end - r->start), COUNTERS_TEXT_MAX);
	int			quoted = pg_mbcliplen(r->start, len, QUOTED_TEXT);
	const char *dots = quoted < len ? "..." : "";

	/* a bracket's own place, not that of what follows it */
	r->depth -= inside;
	json_path(r, path, sizeof(path));
	r->depth += inside;
	if (sqlstate == ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE)
		errsave(doc->escontext,
				(errcode(sqlstate),
				 errmsg("value \"%.*s\" is out of range for a counter of type %s",
						(int) Min(r->token_len, QUOTED_TEXT), r->token, doc->type),
				 errdetail("%s at %s.", problem, path)));
	else if (sqlstate == ERRCODE_INVALID_PARAMETER_VALUE)
		errsave(doc->escontext,
				(errcode(sqlstate),
				 errmsg("invalid value for type %s: \"%.*s%s\"", doc->type, quoted, r->start, dots),
				 errdetail("%s at %s.", problem, path)));
	else
		errsave(doc->escontext,
				(errcode(sqlstate),
				 errmsg("invalid input syntax for type %s: \"%.*s%s\"", doc->type, quoted, r->start, dots),
				 errdetail("%s at %s.", problem, path)));
	return false;
}

/* the next token; an error of the reader is reported before it is returned */
static JsonToken
next(Document *doc)
{
	JsonReader *r = doc->reader;
	JsonToken	token = json_next(r);

	if (unlikely(token == JSON_ERROR))
	{
		char		problem[128];

		snprintf(problem, sizeof(problem), "Invalid JSON (%s) behind byte %zu,", r->error, r->offset);
		refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, problem);
	}
	return token;
}

static inline bool
is_key(JsonReader *r, const char *key)
{
	size_t		len = strlen(key);

	if (unlikely(r->escaped))
		return json_token_is(r, key);
	return r->token_len == len && memcmp(r->token, key, len) == 0;
}

/* a documented PascalCase key, also with a small first letter */
static inline bool
is_pascal_key(JsonReader *r, const char *key)
{
	if (unlikely(r->escaped))
	{
		char		lower[32];

		strlcpy(lower, key, sizeof(lower));
		lower[0] |= 0x20;
		return json_token_is(r, key) || json_token_is(r, lower);
	}
	return r->token_len == strlen(key) && (r->token[0] | 0x20) == (key[0] | 0x20) &&
		memcmp(r->token + 1, key + 1, r->token_len - 1) == 0;
}

/*
 * Notes the key that is the current token, number which (-1: unknown), and
 * steps to its value.
 */
static bool
enter_key(Document *doc, int which, Seen *seen)
{
	if (which < 0)
		return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "Unknown key");
	if (*seen & (1U << which))
		return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "Key given twice");
	*seen |= 1U << which;
	return next(doc) != JSON_ERROR;
}

/* a counter; null is zero */
static bool
read_counter(Document *doc, int64 *counter)
{
	JsonReader *r = doc->reader;
	int64_t		value = 0;

	if (r->type == JSON_NULL)
	{
		*counter = 0;
		return true;
	}
	if (r->type == JSON_NUMBER && r->token_len <= 18)
	{
		size_t		i;

		for (i = 0; i < r->token_len && r->token[i] >= '0' && r->token[i] <= '9'; i++)
			value = value * 10 + (r->token[i] - '0');
		if (i == r->token_len)
		{
			*counter = value;
			return true;
		}
	}
	switch (json_integer(r, &value))
	{
		case JSON_INTEGER_NOT_A_NUMBER:
			return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "An integer is expected");
		case JSON_INTEGER_FRACTION:
			return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "A counter has a fractional part");
		case JSON_INTEGER_RANGE:
			return refuse(doc, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
						  "A counter is negative or greater than 9223372036854775807");
		case JSON_INTEGER_OK:
			break;
	}
	if (value < 0)
		return refuse(doc, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "A counter is negative");
	*counter = value;
	return true;
}

/* a label or number of an enum; null leaves number as it is */
static bool
read_enum(Document *doc, EnumKind kind, int *number)
{
	JsonReader *r = doc->reader;
	char		label[64];
	char		problem[96];
	int			found = -1;
	int64_t		value;

	if (r->type == JSON_NULL)
		return true;
	if (r->type == JSON_STRING && !r->escaped)
		found = enum_number_of(kind, r->token, r->token_len);
	else if (r->type == JSON_STRING && r->token_len <= sizeof(label))
	{
		JsonReader	copy = *r;
		long		len = json_unescape(&copy, label);

		found = len < 0 ? -1 : enum_number_of(kind, label, len);
	}
	else if (r->type == JSON_NUMBER)
	{
		if (json_integer(r, &value) == JSON_INTEGER_OK && value >= 0 && value <= 100 &&
			enum_label(kind, (int) value) != NULL)
			found = (int) value;
	}
	else if (r->type != JSON_STRING)
	{
		snprintf(problem, sizeof(problem), "A label or number of %s is expected", enum_type_name(kind));
		return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, problem);
	}
	if (found < 0)
	{
		snprintf(problem, sizeof(problem), "Unknown label or number of %s", enum_type_name(kind));
		return refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, problem);
	}
	*number = found;
	return true;
}

/* the changes of one entry, before its object type is known */
typedef struct EntryChanges
{
	uint32		present;
	int64		value[SESSION_CHANGES][SESSION_COUNTERS];
} EntryChanges;

/* {"change_type": ..., "successful": ..., "failed": ...} */
static bool
read_change(Document *doc, EntryChanges *changes)
{
	JsonReader *r = doc->reader;
	Seen		seen = 0;
	int			change = 0;
	int64		counter[SESSION_COUNTERS] = {0, 0};
	JsonToken	token;

	if (r->type != JSON_OBJECT)
		return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "An object is expected");
	while ((token = next(doc)) == JSON_KEY)
	{
		int			which = -1;

		if (is_key(r, "change_type") || is_key(r, "changeType"))
			which = 2;
		else if (is_key(r, "successful"))
			which = SUCCESSFUL;
		else if (is_key(r, "failed"))
			which = FAILED;
		if (!enter_key(doc, which, &seen))
			return false;
		if (!(which == 2 ? read_enum(doc, CHANGE_TYPE, &change) : read_counter(doc, &counter[which])))
			return false;
	}
	if (token == JSON_ERROR)
		return false;
	if (changes->present & (1U << change))
		return refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "The same change_type twice in one entry,");
	changes->present |= 1U << change;
	memcpy(changes->value[change], counter, sizeof(counter));
	return true;
}

/* the value of change_info; null leaves it without changes */
static bool
read_changes(Document *doc, bool is_report, EntryChanges *changes)
{
	JsonReader *r = doc->reader;
	JsonToken	token;
	int			count = 0;

	if (r->type == JSON_NULL)
		return true;
	if (r->type != JSON_ARRAY)
		return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "An array of changes is expected");
	while ((token = next(doc)) != JSON_ARRAY_END)
	{
		if (token == JSON_ERROR)
			return false;
		if (is_report && count++ == REPORT_CHANGES)
			return refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "More than 6 changes in one entry,");
		if (!read_change(doc, changes))
			return false;
	}
	return true;
}

/* {"object_type": ..., "change_info": [...]} */
static bool
read_entry(Document *doc, bool is_report, SessionCells *cells)
{
	JsonReader *r = doc->reader;
	Seen		seen = 0;
	int			object = 0;
	EntryChanges changes;
	JsonToken	token;
	int			first;

	changes.present = 0;
	if (r->type != JSON_OBJECT)
		return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "An object is expected");
	while ((token = next(doc)) == JSON_KEY)
	{
		int			which = -1;

		if (is_key(r, "object_type") || is_key(r, "objectType"))
			which = 0;
		else if (is_key(r, "change_info") || is_key(r, "changeInfo"))
			which = 1;
		if (!enter_key(doc, which, &seen))
			return false;
		if (!(which == 0 ? read_enum(doc, RELATED_OBJECT_TYPE, &object) : read_changes(doc, is_report, &changes)))
			return false;
	}
	if (token == JSON_ERROR)
		return false;
	if (object == 0)
		return refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "Entry without object_type");
	if (changes.present == 0)
		return refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "Entry without changes");

	first = SESSION_CELL(object, 0);
	if (cells->present & (changes.present << first))
		return refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "The same object_type and change_type twice,");
	cells->present |= changes.present << first;
	for (int change = 0; change < SESSION_CHANGES; change++)
	{
		if (changes.present & (1U << change))
			memcpy(cells->value[first + change], changes.value[change], sizeof(changes.value[change]));
	}
	return true;
}

static bool
read_entries(Document *doc, bool is_report, SessionCells *cells)
{
	JsonToken	token;
	int			count = 0;

	memset(cells, 0, sizeof(*cells));
	token = next(doc);
	if (token == JSON_ERROR)
		return false;
	if (token != JSON_ARRAY)
		return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "An array of entries is expected");
	while ((token = next(doc)) != JSON_ARRAY_END)
	{
		if (token == JSON_ERROR)
			return false;
		if (is_report && count++ == REPORT_ENTRIES)
			return refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "More than 3 entries in one report,");
		if (!read_entry(doc, is_report, cells))
			return false;
	}
	if (next(doc) != JSON_END)
		return false;
	if (cells->present == 0)
		return refuse(doc, ERRCODE_INVALID_PARAMETER_VALUE, "No entry");
	return true;
}

/* the counters of one kind of change; null is zeros */
static bool
read_job_change(Document *doc, int cell, JobCells *cells)
{
	JsonReader *r = doc->reader;
	Seen		seen = 0;
	JsonToken	token = JSON_OBJECT_END;
	int64	   *value = cells->value[cell];

	if (r->type == JSON_NULL)
		return true;
	if (r->type != JSON_OBJECT)
		return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "An object of counters is expected");

	/* keys in the documented order and spelling; those in any other come behind */
#pragma GCC unroll 4
	for (int i = 0; i < JOB_COUNTERS; i++)
	{
		if (!json_take_key(r, job_counter_keys[i]))
			continue;
		seen |= 1U << i;
		if (!json_take_natural(r, &value[i]) && (next(doc) == JSON_ERROR || !read_counter(doc, &value[i])))
			return false;
	}
	while (!json_take_object_end(r) && (token = next(doc)) == JSON_KEY)
	{
		int			which = JOB_COUNTERS - 1;

		while (which >= 0 && !is_pascal_key(r, job_counter_keys[which]))
			which--;
		if (!enter_key(doc, which, &seen) || !read_counter(doc, &value[which]))
			return false;
	}
	if (token == JSON_ERROR)
		return false;
	if (value[JOB_TOTAL] | value[JOB_SUCCEEDED] | value[JOB_FAILURES] | value[JOB_SKIPPED])
		cells->present |= 1U << cell;
	return true;
}

/* the statistics of one kind of object; null is zeros */
static bool
read_job_changes(Document *doc, int object, JobCells *cells)
{
	JsonReader *r = doc->reader;
	Seen		seen = 0;
	JsonToken	token = JSON_OBJECT_END;

	if (r->type == JSON_NULL)
		return true;
	if (r->type != JSON_OBJECT)
		return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "An object of statistics is expected");

	/* as with counters */
#pragma GCC unroll 7
	for (int i = 0; i < JOB_CHANGES; i++)
	{
		if (!json_take_key(r, job_change_keys[i]))
			continue;
		seen |= 1U << i;
		if ((!json_take_object(r) && next(doc) == JSON_ERROR) ||
			!read_job_change(doc, object * JOB_CHANGES + i, cells))
			return false;
	}
	while (!json_take_object_end(r) && (token = next(doc)) == JSON_KEY)
	{
		int			which = JOB_CHANGES - 1;

		while (which >= 0 && !is_pascal_key(r, job_change_keys[which]))
			which--;
		if (!enter_key(doc, which, &seen) ||
			!read_job_change(doc, object * JOB_CHANGES + which, cells))
			return false;
	}
	return token != JSON_ERROR;
}

static bool
read_statistics(Document *doc, JobCells *cells)
{
	JsonReader *r = doc->reader;
	Seen		seen = 0;
	JsonToken	token;

	memset(cells, 0, sizeof(*cells));
	token = next(doc);
	if (token == JSON_ERROR)
		return false;
	if (token != JSON_OBJECT)
		return refuse(doc, ERRCODE_INVALID_TEXT_REPRESENTATION, "An object of statistics is expected");
	while ((token = next(doc)) == JSON_KEY)
	{
		int			which = JOB_OBJECTS - 1;

		while (which >= 0 && !is_pascal_key(r, job_object_keys[which]) && !is_key(r, job_object_snake_keys[which]))
			which--;
		if (!enter_key(doc, which, &seen) || !read_job_changes(doc, which, cells))
			return false;
	}
	return token != JSON_ERROR && next(doc) == JSON_END;
}

/* starts a document; false if it is too long */
static bool
open_document(Document *doc, JsonReader *reader, const char *type,
			  const char *json, size_t len, IdpEscontext *escontext)
{
	doc->reader = reader;
	doc->type = type;
	doc->escontext = escontext;
	if (len > COUNTERS_TEXT_MAX)
	{
		errsave(escontext,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("text for type %s is too long", type),
				 errdetail("It has %zu bytes, and %d are allowed.", len, COUNTERS_TEXT_MAX)));
		return false;
	}
	json_reader_init(reader, json, len);
	return true;
}

bool
session_progress_parse(const char *json, size_t len, void *cells, IdpEscontext *escontext)
{
	JsonReader	reader;
	Document	doc;

	return open_document(&doc, &reader, "session_progress", json, len, escontext) &&
		read_entries(&doc, false, cells);
}

bool
job_statistics_parse(const char *json, size_t len, void *cells, IdpEscontext *escontext)
{
	JsonReader	reader;
	Document	doc;

	return open_document(&doc, &reader, "job_statistics", json, len, escontext) &&
		read_statistics(&doc, cells);
}

void
read_report(const char *json, size_t len, SessionCells *cells)
{
	JsonReader	reader;
	Document	doc;

	if (open_document(&doc, &reader, "session_progress", json, len, NULL))
		read_entries(&doc, true, cells);
}

void
read_job_object(JsonReader *reader, int object, JobCells *cells)
{
	Document	doc = {reader, "job_statistics", NULL};

	read_job_changes(&doc, object, cells);
}

static inline char *
put(char *out, const char *text)
{
	size_t		len = strlen(text);

	memcpy(out, text, len);
	return out + len;
}

static inline char *
put_counter(char *out, int64 counter)
{
	if (counter < 10)
	{
		*out = (char) ('0' + counter);
		return out + 1;
	}
	return out + pg_ulltoa_n((uint64) counter, out);
}

size_t
session_progress_write(const void *progress, char *out)
{
	const SessionCells *cells = progress;
	char	   *p = out;

	p = put(p, "[");
	for (int object = 1; object <= SESSION_OBJECTS; object++)
	{
		bool		first = true;

		for (int change = 0; change < SESSION_CHANGES; change++)
		{
			int			cell = SESSION_CELL(object, change);

			if (!(cells->present & (1U << cell)))
				continue;
			if (first)
			{
				p = put(p, p == out + 1 ? "{\"object_type\": \"" : ", {\"object_type\": \"");
				p = put(p, enum_label(RELATED_OBJECT_TYPE, object));
				p = put(p, "\", \"change_info\": [{\"change_type\": \"");
			}
			else
				p = put(p, ", {\"change_type\": \"");
			first = false;
			p = put(p, enum_label(CHANGE_TYPE, change));
			p = put(p, "\", \"successful\": ");
			p = put_counter(p, cells->value[cell][SUCCESSFUL]);
			p = put(p, ", \"failed\": ");
			p = put_counter(p, cells->value[cell][FAILED]);
			p = put(p, "}");
		}
		if (!first)
			p = put(p, "]}");
	}
	p = put(p, "]");
	return p - out;
}

size_t
job_statistics_write(const void *statistics, char *out)
{
	const JobCells *cells = statistics;
	char	   *p = out;

	for (int object = 0; object < JOB_OBJECTS; object++)
	{
		p = put(p, object == 0 ? "{\"" : ", \"");
		p = put(p, job_object_keys[object]);
		p = put(p, "\": {");
		for (int change = 0; change < JOB_CHANGES; change++)
		{
			int			cell = object * JOB_CHANGES + change;

			if (change == EXPORTED && !(cells->present & (1U << cell)))
				continue;
			p = put(p, change == 0 ? "\"" : ", \"");
			p = put(p, job_change_keys[change]);
			p = put(p, "\": {\"Total\": ");
			p = put_counter(p, cells->value[cell][JOB_TOTAL]);
			p = put(p, ", \"Success\": ");
			p = put_counter(p, cells->value[cell][JOB_SUCCEEDED]);
			p = put(p, ", \"Failed\": ");
			p = put_counter(p, cells->value[cell][JOB_FAILURES]);
			p = put(p, ", \"Skipped\": ");
			p = put_counter(p, cells->value[cell][JOB_SKIPPED]);
			p = put(p, "}");
		}
		p = put(p, "}");
	}
	p = put(p, "}");
	return p - out;
}
