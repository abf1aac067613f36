/*
 * page.c: what all lists share: where a page begins, and the token of the next.
 */
#include "store/page.h"

#include "access/htup_details.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/page_token.h"
#include "store/statement.h"

void
page_begin(ListPage *page, const char *argument, const char *token)
{
	PageToken	position;

	page->after = token != NULL && token[0] != '\0';
	if (!page->after)
		return;
	if (!page_token_decode(token, strlen(token), &position) ||
		!pg_verify_mbstr(GetDatabaseEncoding(), position.id, (int) position.id_len, true) ||
		!IS_VALID_TIMESTAMP(position.created_at))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid %s", argument),
				 errdetail("At %s: it is no token.", argument),
				 errhint("Pass a token exactly as the page before gave it.")));
	if (position.list != page->list)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s belongs to another list", argument),
				 errdetail("At %s: it was given for other arguments.", argument),
				 errhint("Between pages only the page size may change.")));
	page->created_at = position.created_at;
	page->id = pnstrdup(position.id, position.id_len);
}

PageRows
page_alloc(int n_columns, uint64 n)
{
	PageRows	rows = {n_columns, n};

	rows.values = palloc(sizeof(Datum) * (n_columns + 2) * (n + 1));
	rows.nulls = palloc(sizeof(bool) * (n_columns + 2) * (n + 1));
	return rows;
}

PageRows
page_read(const char *layout)
{
	PageRows	rows = page_alloc((int) strlen(layout), SPI_processed);

	for (uint64 i = 0; i < rows.n; i++)
		take_apart(i, layout, page_values(&rows, i), page_nulls(&rows, i));
	return rows;
}

Datum *
page_values(const PageRows *rows, uint64 i)
{
	return rows->values + i * (rows->n_columns + 2);
}

bool *
page_nulls(const PageRows *rows, uint64 i)
{
	return rows->nulls + i * (rows->n_columns + 2);
}

uint64
page_row_count(const ListPage *page, const PageRows *rows)
{
	return Min(rows->n, (uint64) page->size);
}

char *
page_next_token(const ListPage *page, const PageRows *rows, int id, int created_at)
{
	PageToken	position = {.list = page->list};
	Datum	   *last;
	char	   *last_id;
	char	   *token;

	if (rows->n <= (uint64) page->size)
		return NULL;
	last = page_values(rows, page->size - 1);
	last_id = TextDatumGetCString(last[id]);
	position.created_at = DatumGetTimestampTz(last[created_at]);
	position.id_len = strlen(last_id);
	if (position.id_len > sizeof(position.id))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("id \"%.40s...\" is too long for a page token", last_id)));
	memcpy(position.id, last_id, position.id_len);
	token = palloc(PAGE_TOKEN_MAX);
	page_token_encode(&position, token);
	return token;
}

void
page_return(FunctionCallInfo fcinfo, const ListPage *page, const PageRows *rows,
			int id, int created_at, bool with_token, const int64 *total_count)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *next = with_token ? page_next_token(page, rows, id, created_at) : NULL;
	Datum		token = next ? CStringGetTextDatum(next) : (Datum) 0;

	InitMaterializedSRF(fcinfo, 0);
	for (uint64 i = 0; i < page_row_count(page, rows); i++)
	{
		Datum	   *values = page_values(rows, i);
		bool	   *nulls = page_nulls(rows, i);

		values[rows->n_columns] = token;
		nulls[rows->n_columns] = next == NULL;
		values[rows->n_columns + 1] = total_count ? Int64GetDatum(*total_count) : (Datum) 0;
		nulls[rows->n_columns + 1] = total_count == NULL;
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}
