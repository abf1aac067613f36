/*
 * filter.c: the filter grammar. What is read is written out in one way, and read again.
 */
#include "store/filter.h"
#include "fuzz.h"

static const FilterField fields[] = {
	{"session_id", FILTER_TEXT},
	{"agent_id", FILTER_TEXT},
	{"status", FILTER_LABEL},
	{"created_at", FILTER_TIME},
	{"done", FILTER_BOOLEAN},
};

#define N_FIELDS ((int) (sizeof(fields) / sizeof(fields[0])))

static char *
put(char *out, const char *text)
{
	return (char *) memcpy(out, text, strlen(text)) + strlen(text);
}

static char *
put_value(char *out, const Filter *filter, const FilterTerm *term, int i)
{
	const FilterValue *value = &filter->values[term->first_value + i];

	if (fields[term->field].type == FILTER_BOOLEAN)
		return put(out, value->len == 4 ? "true" : "false");
	*out++ = '"';
	for (size_t j = 0; j < value->len; j++)
	{
		if (strchr("\"\\", value->text[j]) && value->text[j])
			*out++ = '\\';
		*out++ = value->text[j];
	}
	*out++ = '"';
	return out;
}

static size_t
write_filter(const Filter *filter, char *out)
{
	static const char *const operators[] = {" = ", " != ", " < ", " <= ", " > ", " >= ", " IN ("};
	char	   *p = out;

	for (int i = 0; i < filter->n_terms; i++)
	{
		const FilterTerm *term = &filter->terms[i];

		if (i > 0)
			p = put(p, " AND ");
		p = put(p, fields[term->field].name);
		p = put(p, operators[term->op]);
		for (int j = 0; j < term->n_values; j++)
		{
			if (j > 0)
				*p++ = ',';
			p = put_value(p, filter, term, j);
		}
		if (term->op == FILTER_IN)
			*p++ = ')';
	}
	return (size_t) (p - out);
}

static bool
same_filter(const Filter *a, const Filter *b)
{
	if (a->n_terms != b->n_terms || a->n_values != b->n_values ||
		memcmp(a->terms, b->terms, sizeof(FilterTerm) * (size_t) a->n_terms) != 0)
		return false;
	for (int i = 0; i < a->n_values; i++)
	{
		if (a->values[i].len != b->values[i].len ||
			memcmp(a->values[i].text, b->values[i].text, a->values[i].len) != 0)
			return false;
	}
	return true;
}

/* all that a term says is inside the filter */
static void
check_terms(const Filter *filter, size_t size)
{
	int			values = 0;

	HOLDS(filter->n_terms <= FILTER_MAX_TERMS && filter->n_values <= FILTER_MAX_VALUES);
	for (int i = 0; i < filter->n_terms; i++)
	{
		const FilterTerm *term = &filter->terms[i];
		FilterType	type = fields[term->field].type;

		HOLDS(term->field >= 0 && term->field < N_FIELDS);
		HOLDS(term->first_value == values && term->n_values > 0);
		HOLDS(term->op == FILTER_IN || term->n_values == 1);
		HOLDS(type != FILTER_BOOLEAN || term->op <= FILTER_NE);
		HOLDS(type != FILTER_LABEL || term->op <= FILTER_NE || term->op == FILTER_IN);
		values += term->n_values;
	}
	HOLDS(values == filter->n_values);
	for (int i = 0; i < values; i++)
		HOLDS(filter->values[i].offset < size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Filter	   *filter = malloc(sizeof(Filter));
	Filter	   *again = malloc(sizeof(Filter));
	char	   *text = malloc(3 * sizeof(filter->buffer));

	memset(filter, 0xA5, sizeof(Filter));
	memset(again, 0x5A, sizeof(Filter));
	if (filter_parse((const char *) data, size, fields, N_FIELDS, filter))
	{
		size_t		len = write_filter(filter, text);

		HOLDS(filter->error == NULL);
		check_terms(filter, size);
		/* escapes can make it longer than a filter may be */
		if (len <= sizeof(filter->buffer))
		{
			HOLDS(filter_parse(text, len, fields, N_FIELDS, again));
			HOLDS(same_filter(filter, again));
		}
	}
	else
		HOLDS(filter->error != NULL && filter->offset <= size);
	free(filter);
	free(again);
	free(text);
	return 0;
}
