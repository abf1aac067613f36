/*
 * filter_sql.c: from a parsed list filter to conditions of a statement.
 *
 * The text is put together from the constants of the columns and operators;
 * what the filter compares with is bound.
 */
#include "base/compat.h"
#include "store/filter_sql.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/store.h"
#include "wire/time_text.h"

#define MAX_COLUMNS 12

static const char *const operators[] = {
	[FILTER_EQ] = EQUALS, [FILTER_NE] = EQUALS, [FILTER_IN] = EQUALS,
	[FILTER_LT] = " OPERATOR(pg_catalog.<) ", [FILTER_LE] = " OPERATOR(pg_catalog.<=) ",
	[FILTER_GT] = " OPERATOR(pg_catalog.>) ", [FILTER_GE] = " OPERATOR(pg_catalog.>=) "
};

/* the character a byte is in, counted from 1 */
static int
position(const char *text, size_t offset)
{
	return pg_mbstrlen_with_len(text, (int) offset) + 1;
}

/* ERROR for a value that does not suit its field */
pg_noreturn static void
filter_error(const char *text, size_t offset, const char *message)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid filter at position %d: %s", position(text, offset), message),
			 errdetail("At filter: see position %d.", position(text, offset))));
}

/* binds a value as what its field is compared with */
static void
bind_value(const FilterColumn *column, const FilterValue *value, const char *text, int *args, Values *values)
{
	char	   *copy = pnstrdup(value->text, value->len);
	int64_t		seconds;
	int32_t		nanos;
	int			number;

	switch (column->field.type)
	{
		case FILTER_TEXT:
			args[values->n] = ARG_TEXT;
			bind_text(values, copy);
			break;
		case FILTER_LABEL:
			number = enum_number_of((EnumKind) column->kind, value->text, value->len);
			if (number <= 0)
				filter_error(text, value->offset, psprintf("unknown %s \"%s\" (available: %s)", column->field.name, copy,
														   enum_label_list((EnumKind) column->kind)));
			args[values->n] = ARG_ENUM + column->kind;
			bind_enum(values, (EnumKind) column->kind, number);
			break;
		case FILTER_TIME:
			if (!timestamp_from_text(value->text, value->len, &seconds, &nanos))
				filter_error(text, value->offset, "expected an RFC 3339 time such as \"2026-11-21T08:00:00Z\"");
			args[values->n] = ARG_TIME;
			bind_datum(values, TimestampTzGetDatum(seconds * USECS_PER_SEC + nanos / 1000 - UNIX_EPOCH_SHIFT), false);
			break;
		case FILTER_BOOLEAN:
			args[values->n] = ARG_BOOL;
			bind_datum(values, BoolGetDatum(copy[0] == 't'), false);
			break;
	}
}

void
append_filter(StringInfo sql, int *args, Values *values, const char *text,
			  const FilterColumn *columns, int n_columns)
{
	FilterField fields[MAX_COLUMNS] = {0};
	Filter		filter;

	if (text == NULL)
		return;
	Assert(n_columns <= MAX_COLUMNS);
	for (int i = 0; i < n_columns; i++)
		fields[i] = columns[i].field;
	if (!filter_parse(text, strlen(text), fields, n_columns, &filter))
	{
		StringInfoData names;

		initStringInfo(&names);
		for (int i = 0; i < n_columns; i++)
			appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", fields[i].name);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid filter at position %d: %s", position(text, filter.offset), filter.error),
				 errdetail("At filter: see position %d.", position(text, filter.offset)),
				 errhint("A filter is comparisons joined by AND, with values in quotes. Fields: %s.", names.data)));
	}

	for (int i = 0; i < filter.n_terms; i++)
	{
		const FilterTerm *term = &filter.terms[i];
		const FilterColumn *column = &columns[term->field];

		appendStringInfoString(sql, " AND (");
		if (term->op == FILTER_NE)
			appendStringInfo(sql, "%s IS NULL OR NOT ", column->expression);
		for (int v = 0; v < term->n_values; v++)
		{
			bind_value(column, &filter.values[term->first_value + v], text, args, values);
			appendStringInfo(sql, "%s%s%s$%d", v > 0 ? " OR " : "",
							 column->expression, operators[term->op], values->n);
		}
		appendStringInfoChar(sql, ')');
	}
}
