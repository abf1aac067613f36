/*
 * filter.c: the filter grammar of list_sessions and list_operations, pure C.
 */
#include "store/filter.h"

#include <string.h>

typedef struct Parser
{
	const char *start;
	const char *cur;
	const char *end;
	const FilterField *fields;
	int			n_fields;
	char	   *free;			/* in filter->buffer */
	Filter	   *filter;
} Parser;

static bool
fail(Parser *p, const char *message)
{
	p->filter->error = message;
	p->filter->offset = (size_t) (p->cur - p->start);
	return false;
}

static void
skip_space(Parser *p)
{
	while (p->cur < p->end && (*p->cur == ' ' || *p->cur == '\t' || *p->cur == '\n' || *p->cur == '\r'))
		p->cur++;
}

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* the length of the word that begins here */
static size_t
word_length(const Parser *p)
{
	const char *q = p->cur;

	while (q < p->end && is_word_char(*q))
		q++;
	return (size_t) (q - p->cur);
}

/* takes this lower-case word in either case, if it stands here */
static bool
take_word(Parser *p, const char *word)
{
	size_t		len = word_length(p);

	if (len != strlen(word))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((p->cur[i] | 0x20) != word[i])
			return false;
	p->cur += len;
	return true;
}

static bool
take(Parser *p, const char *text)
{
	size_t		len = strlen(text);

	if ((size_t) (p->end - p->cur) < len || memcmp(p->cur, text, len) != 0)
		return false;
	p->cur += len;
	return true;
}

static bool
parse_field(Parser *p, FilterTerm *term)
{
	size_t		len = word_length(p);

	for (int i = 0; i < p->n_fields; i++)
	{
		if (strlen(p->fields[i].name) == len && memcmp(p->fields[i].name, p->cur, len) == 0)
		{
			term->field = i;
			p->cur += len;
			return true;
		}
	}
	return fail(p, len == 0 ? "expected the name of a field" : "unknown field");
}

static bool
parse_operator(Parser *p, FilterTerm *term)
{
	/* longer ones first */
	static const struct
	{
		const char *text;
		FilterOperator op;
	}			operators[] = {
		{"!=", FILTER_NE}, {"<=", FILTER_LE}, {">=", FILTER_GE},
		{"=", FILTER_EQ}, {"<", FILTER_LT}, {">", FILTER_GT}
	};
	FilterType	type = p->fields[term->field].type;
	const char *start = p->cur;
	bool		found = false;

	for (int i = 0; i < 6 && !found; i++)
	{
		found = take(p, operators[i].text);
		if (found)
			term->op = operators[i].op;
	}
	if (!found && take_word(p, "in"))
	{
		term->op = FILTER_IN;
		found = true;
	}
	if (!found)
		return fail(p, "expected =, !=, <, <=, >, >= or IN");
	if ((type == FILTER_LABEL && term->op >= FILTER_LT && term->op <= FILTER_GE) ||
		(type == FILTER_BOOLEAN && term->op > FILTER_NE))
	{
		p->cur = start;
		return fail(p, "this field does not take this operator");
	}
	return true;
}

static bool
parse_value(Parser *p, FilterTerm *term)
{
	FilterValue *value;
	char		quote;

	if (p->filter->n_values == FILTER_MAX_VALUES)
		return fail(p, "too many values");
	value = &p->filter->values[p->filter->n_values];
	value->offset = (size_t) (p->cur - p->start);

	if (p->fields[term->field].type == FILTER_BOOLEAN)
	{
		bool		is_true = take_word(p, "true");

		if (!is_true && !take_word(p, "false"))
			return fail(p, "expected true or false");
		value->text = is_true ? "true" : "false";
		value->len = strlen(value->text);
	}
	else
	{
		if (p->cur == p->end || (*p->cur != '"' && *p->cur != '\''))
			return fail(p, "expected a value in quotes");
		quote = *p->cur++;
		value->text = p->free;
		while (p->cur < p->end && *p->cur != quote)
		{
			if (*p->cur == '\\')
			{
				p->cur++;
				if (p->cur == p->end || (*p->cur != '"' && *p->cur != '\'' && *p->cur != '\\'))
					return fail(p, "only quotes and \\ can be escaped");
			}
			*p->free++ = *p->cur++;
		}
		if (p->cur == p->end)
			return fail(p, "the value has no closing quote");
		p->cur++;
		value->len = (size_t) (p->free - value->text);
	}
	p->filter->n_values++;
	term->n_values++;
	return true;
}

static bool
parse_comparison(Parser *p, FilterTerm *term)
{
	term->first_value = p->filter->n_values;
	term->n_values = 0;
	if (!parse_field(p, term))
		return false;
	skip_space(p);
	if (!parse_operator(p, term))
		return false;
	skip_space(p);
	if (term->op != FILTER_IN)
		return parse_value(p, term);

	if (!take(p, "("))
		return fail(p, "expected \"(\"");
	do
	{
		skip_space(p);
		if (!parse_value(p, term))
			return false;
		skip_space(p);
	} while (take(p, ","));
	if (!take(p, ")"))
		return fail(p, "expected \",\" or \")\"");
	return true;
}

bool
filter_parse(const char *text, size_t len, const FilterField *fields, int n_fields, Filter *filter)
{
	Parser		p = {text, text, text + len, fields, n_fields, filter->buffer, filter};

	filter->n_terms = 0;
	filter->n_values = 0;
	filter->error = NULL;
	filter->offset = 0;
	if (len > sizeof(filter->buffer))
		return fail(&p, "too long");

	skip_space(&p);
	while (p.cur < p.end)
	{
		if (filter->n_terms == FILTER_MAX_TERMS)
			return fail(&p, "too many comparisons");
		if (!parse_comparison(&p, &filter->terms[filter->n_terms]))
			return false;
		filter->n_terms++;
		skip_space(&p);
		if (p.cur == p.end)
			break;
		if (!take_word(&p, "and"))
			return fail(&p, "expected AND");
		skip_space(&p);
		if (p.cur == p.end)
			return fail(&p, "expected a comparison after AND");
	}
	return true;
}
