/*
 * page.c: what all lists share: where a page begins, and the token of the next.
 */
#include "store/page.h"

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
				 errhint("Pass a token exactly as the page before gave it.")));
	if (position.list != page->list)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s belongs to another list", argument),
				 errhint("Between pages only the page size may change.")));
	page->created_at = position.created_at;
	page->id = pnstrdup(position.id, position.id_len);
}

static char *
next_token(const ListPage *page, TimestampTz created_at, const char *id)
{
	PageToken	position = {.list = page->list, .created_at = created_at, .id_len = strlen(id)};
	char	   *token = palloc(PAGE_TOKEN_MAX);

	memcpy(position.id, id, position.id_len);
	page_token_encode(&position, token);
	return token;
}

PageRows
page_read(int n_columns)
{
	PageRows	rows = {n_columns, SPI_processed};

	rows.values = palloc(sizeof(Datum) * (n_columns + 2) * (rows.n + 1));
	rows.nulls = palloc(sizeof(bool) * (n_columns + 2) * (rows.n + 1));
	for (uint64 i = 0; i < rows.n; i++)
		result_copy(i, n_columns, page_values(&rows, i), page_nulls(&rows, i));
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

void
page_return(FunctionCallInfo fcinfo, const ListPage *page, const PageRows *rows,
			int id, int created_at, bool with_token, const int64 *total_count)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	uint64		n = Min(rows->n, (uint64) page->size);
	Datum		token = (Datum) 0;

	if (rows->n > n && with_token)
	{
		Datum	   *last = page_values(rows, n - 1);

		token = CStringGetTextDatum(next_token(page, DatumGetTimestampTz(last[created_at]),
											   TextDatumGetCString(last[id])));
	}
	InitMaterializedSRF(fcinfo, 0);
	for (uint64 i = 0; i < n; i++)
	{
		Datum	   *values = page_values(rows, i);
		bool	   *nulls = page_nulls(rows, i);

		values[rows->n_columns] = token;
		nulls[rows->n_columns] = token == (Datum) 0;
		values[rows->n_columns + 1] = total_count ? Int64GetDatum(*total_count) : (Datum) 0;
		nulls[rows->n_columns + 1] = total_count == NULL;
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}
