/*
 * protojson_input.c: ProtoJSON as it is read: tokens, errors, limits.
 */
#include "wire/protojson_input.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "wire/wire_check.h"

#define MAX_PATH 256
/* bytes of the input that an error may quote */
#define MAX_QUOTED 64

bool
input_start(JsonInput *in, const char *text, size_t len, const char *type_name, const TypeRegistry *types,
			IdpEscontext *escontext)
{
	memset(in, 0, sizeof(*in));
	json_reader_init(&in->json, text, len);
	in->type_name = type_name;
	in->types = types;
	in->escontext = escontext;
	in->caller = CurrentMemoryContext;
	if (len > PROTOJSON_MAX_LEN)
		return input_refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "the text is longer than 64 MB.");
	MemoryContextSwitchTo(AllocSetContextCreate(CurrentMemoryContext, "idpsync ProtoJSON",
												ALLOCSET_DEFAULT_SIZES));
	return true;
}

void
input_end(JsonInput *in)
{
	MemoryContext scratch = MemoryContextSwitchTo(in->caller);

	MemoryContextDelete(scratch);
}

char *
input_keep(JsonInput *in, const char *data, size_t len)
{
	char	   *copy = MemoryContextAlloc(in->caller, len + 1);

	memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

bool
input_refuse(JsonInput *in, int sqlstate, const char *format,...)
{
	StringInfoData detail;
	char		path[MAX_PATH];
	char	   *text;
	MemoryContext scratch;

	initStringInfo(&detail);
	appendStringInfo(&detail, "At %s: ", json_path(&in->json, path, sizeof(path)));
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, format);
		needed = appendStringInfoVA(&detail, format, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&detail, needed);
	}

	scratch = MemoryContextSwitchTo(in->caller);
	text = pg_any_to_server(detail.data, detail.len, PG_UTF8);
	errsave(in->escontext,
			(errcode(sqlstate),
			 errmsg("invalid input syntax for type %s", in->type_name),
			 errdetail("%s", text)));
	MemoryContextSwitchTo(scratch);
	return false;
}

bool
input_refuse_syntax(JsonInput *in)
{
	return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "%s (byte %zu).",
						in->json.error, in->json.offset + 1);
}

char *
input_quoted(JsonInput *in)
{
	size_t		len = in->json.token_len;

	if (len > MAX_QUOTED)
	{
		len = MAX_QUOTED;
		while (len > 0 && (in->json.token[len] & 0xC0) == 0x80)
			len--;
	}
	return pnstrdup(in->json.token, len);
}

bool
input_refuse_value(JsonInput *in, const char *expected)
{
	switch (in->json.type)
	{
		case JSON_OBJECT:
		case JSON_ARRAY:
			return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "expected %s, not an %s.",
								expected, in->json.type == JSON_OBJECT ? "object" : "array");
		default:
			return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "expected %s, not \"%s\".",
								expected, input_quoted(in));
	}
}

bool
input_next(JsonInput *in)
{
	return json_next(&in->json) != JSON_ERROR || input_refuse_syntax(in);
}

bool
input_count(JsonInput *in)
{
	if (++in->values > WIRE_MAX_FIELDS)
		return input_refuse(in, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "more than %d fields.", WIRE_MAX_FIELDS);
	return true;
}

bool
input_refuse_duplicate(JsonInput *in)
{
	return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "the key occurs twice.");
}

bool
input_text(JsonInput *in, char **text, size_t *len)
{
	long		unescaped;

	*text = palloc(in->json.token_len + 1);
	unescaped = json_unescape(&in->json, *text);
	if (unescaped < 0)
		return input_refuse_syntax(in);
	if (!utf8_is_valid((const uint8_t *) *text, unescaped))
		return input_refuse(in, ERRCODE_CHARACTER_NOT_IN_REPERTOIRE, "the string is not UTF-8.");
	(*text)[unescaped] = '\0';
	*len = unescaped;
	return true;
}

void
append_pointer(PointerList *list, void *item)
{
	if (list->count == list->allocated)
	{
		list->allocated = Max(list->allocated * 2, 8);
		list->items = list->items == NULL ? palloc(list->allocated * sizeof(void *)) :
			repalloc(list->items, list->allocated * sizeof(void *));
	}
	list->items[list->count++] = item;
}
