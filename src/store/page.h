/*
 * page.h: what all lists share: where a page begins, and the token of the next.
 */
#ifndef IDPSYNC_PAGE_H
#define IDPSYNC_PAGE_H

#include "postgres.h"
#include "fmgr.h"

#include "datatype/timestamp.h"
#include "funcapi.h"

/* longest text that is looked at as a token */
#define PAGE_TOKEN_MAX_CHARACTERS 2000

typedef struct ListPage
{
	uint64		list;			/* hash of store, method and every argument but the page size */
	int64		size;
	bool		after;			/* behind a position, not from the start */
	TimestampTz created_at;
	char	   *id;
} ListPage;

/*
 * Takes the page's position from a token (NULL or empty: the start).
 * ERROR 22023 where it is no token or one of another list.
 */
extern void page_begin(ListPage *page, const char *argument, const char *token);

/* rows of a page, each with room for next_token and total_count behind its columns */
typedef struct PageRows
{
	int			n_columns;
	uint64		n;
	Datum	   *values;
	bool	   *nulls;
} PageRows;

/*
 * The rows of the last statement, stored as layout says (see statement.h), taken
 * apart but not copied: they last until the next statement or SPI_finish().
 */
extern PageRows page_read(const char *layout);

/* so many rows without values yet */
extern PageRows page_alloc(int n_columns, uint64 n);

/* the columns of one row */
extern Datum *page_values(const PageRows *rows, uint64 i);
extern bool *page_nulls(const PageRows *rows, uint64 i);

/* how many of the rows the page takes */
extern uint64 page_row_count(const ListPage *page, const PageRows *rows);

/* the token of the next page, NULL if there is none; id and created_at say in which columns a row's position stands */
extern char *page_next_token(const ListPage *page, const PageRows *rows, int id, int created_at);

/*
 * Puts at most a page of rows into the function's result, each followed by
 * next_token (where tokens are wanted) and total_count (NULL = not counted).
 */
extern void page_return(FunctionCallInfo fcinfo, const ListPage *page, const PageRows *rows,
						int id, int created_at, bool with_token, const int64 *total_count);

#endif
