/*
 * filter.h: the filter grammar of list_sessions and list_operations, pure C.
 *
 *   filter     = [ comparison { AND comparison } ]
 *   comparison = field ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
 *              | field IN "(" value { "," value } ")"
 *   value      = string in single or double quotes, \ escapes both and itself
 *              | true | false
 */
#ifndef IDPSYNC_FILTER_H
#define IDPSYNC_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#define FILTER_MAX_LENGTH 1000	/* characters; four bytes each at most */
#define FILTER_MAX_TERMS 16
#define FILTER_MAX_VALUES 32

typedef enum FilterType
{
	FILTER_TEXT,				/* every operator */
	FILTER_LABEL,				/* =, != and IN */
	FILTER_TIME,				/* every operator */
	FILTER_BOOLEAN				/* = and != */
} FilterType;

typedef enum FilterOperator
{
	FILTER_EQ,
	FILTER_NE,
	FILTER_LT,
	FILTER_LE,
	FILTER_GT,
	FILTER_GE,
	FILTER_IN
} FilterOperator;

typedef struct FilterField
{
	const char *name;
	FilterType	type;
} FilterField;

typedef struct FilterValue
{
	const char *text;			/* without quotes and escapes */
	size_t		len;
	size_t		offset;			/* where it stands in the filter */
} FilterValue;

typedef struct FilterTerm
{
	int			field;
	FilterOperator op;
	int			first_value;
	int			n_values;
} FilterTerm;

typedef struct Filter
{
	int			n_terms;
	FilterTerm	terms[FILTER_MAX_TERMS];
	int			n_values;
	FilterValue values[FILTER_MAX_VALUES];
	char		buffer[FILTER_MAX_LENGTH * 4];

	const char *error;			/* constant text, NULL if all is well */
	size_t		offset;			/* byte the error was seen at */
} Filter;

/* false and error where the text is no filter over these fields */
extern bool filter_parse(const char *text, size_t len, const FilterField *fields, int n_fields, Filter *filter);

#endif
