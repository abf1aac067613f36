/*
 * filter_sql.h: from a parsed list filter to conditions of a statement.
 */
#ifndef IDPSYNC_FILTER_SQL_H
#define IDPSYNC_FILTER_SQL_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "store/filter.h"
#include "store/statement.h"

typedef struct FilterColumn
{
	FilterField field;
	const char *expression;		/* constant SQL */
	int			kind;			/* EnumKind of a FILTER_LABEL */
} FilterColumn;

/*
 * Appends " AND ..." for every comparison of the filter to sql, its values to
 * values and their types to args. ERROR 22023 with the position where text is
 * no filter over these columns. A NULL filter adds nothing.
 */
extern void append_filter(StringInfo sql, int *args, Values *values, const char *text,
						  const FilterColumn *columns, int n_columns);

#endif
