/*
 * list_operations.c: pages of a tenant's operations, newest first.
 */
#include "operation/operation.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/filter_sql.h"
#include "store/hash64.h"
#include "store/page.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(list_operations);

#define DEFAULT_PAGE_SIZE 100
#define MAX_PAGE_SIZE 1000

static const FilterColumn columns[] = {
	{{"method", FILTER_TEXT}, "method"},
	{{"done", FILTER_BOOLEAN}, "done"},
	{{"created_by", FILTER_TEXT}, "created_by COLLATE pg_catalog.\"C\""},
	{{"created_at", FILTER_TIME}, "created_at"},
	{{"modified_at", FILTER_TIME}, "modified_at"}
};

static int64
count_operations(const char *tenant_id, const char *filter)
{
	StringInfoData sql;
	int			args[MAX_ARGS] = {ARG_TEXT};
	Values		values = {0};

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT pg_catalog.count(*) FROM idpsync.operation WHERE tenant_id" EQUALS "$1");
	bind_text(&values, tenant_id);
	append_filter(&sql, args, &values, filter, columns, lengthof(columns));
	run_once(sql.data, args, &values, true, 0);
	return result_int64(0, 1);
}

/* one row more than the page, so that the caller knows whether there is a next one */
static void
select_page(const char *tenant_id, const char *filter, const ListPage *page)
{
	StringInfoData sql;
	int			args[MAX_ARGS] = {ARG_TEXT, ARG_BIGINT, ARG_TIME, ARG_TEXT};
	Values		values = {0};

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT " OPERATION_COLUMNS " FROM idpsync.operation WHERE tenant_id" EQUALS "$1");
	bind_text(&values, tenant_id);
	bind_bigint(&values, page->size + 1);
	if (page->after)
	{
		appendStringInfoString(&sql, " AND created_at <= $3 AND (created_at, operation_id) OPERATOR(pg_catalog.<) ($3, $4)");
		bind_time(&values, page->created_at);
		bind_text(&values, page->id);
	}
	append_filter(&sql, args, &values, filter, columns, lengthof(columns));
	appendStringInfoString(&sql, " ORDER BY created_at DESC, operation_id DESC LIMIT $2");
	run_once(sql.data, args, &values, true, 0);
}

PageRows
list_operation_page(const char *tenant_id, const char *filter, const char *token, ListPage *page, int64 *total)
{
	if (page->size < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("page_size must not be negative"),
				 errdetail("At page_size: " INT64_FORMAT " is out of range.", page->size)));
	page->size = page->size == 0 ? DEFAULT_PAGE_SIZE : Min(page->size, MAX_PAGE_SIZE);
	page->list = request_hash_int(request_hash_start("ListOperations"), (int64) store_id());
	page->list = request_hash_text(request_hash_text(page->list, tenant_id), filter);
	page_begin(page, "page_token", token);

	if (total)
		*total = count_operations(tenant_id, filter);
	select_page(tenant_id, filter, page);
	return page_read(OPERATION_LAYOUT);
}

/*
 * list_operations(tenant_id text, filter text, page_size bigint,
 * page_token text, with_total_count boolean): a page of operations, newest
 * first (ListOperations).
 *
 * page_size: 0 means 100, more than 1000 means 1000. Errors: 22023 for a
 * negative size, a token of another list and a filter that is none.
 */
Datum
list_operations(PG_FUNCTION_ARGS)
{
	char	   *tenant_id = required_text(fcinfo, 0, "tenant_id", TENANT_ID_MAX);
	char	   *filter = optional_text(fcinfo, 1, "filter", FILTER_MAX_LENGTH);
	ListPage	page = {.size = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT64(2)};
	char	   *token = optional_text(fcinfo, 3, "page_token", PAGE_TOKEN_MAX_CHARACTERS);
	bool		with_total = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
	int64		total = 0;
	PageRows	rows;

	connect_store();
	rows = list_operation_page(tenant_id, filter, token, &page, with_total ? &total : NULL);
	page_return(fcinfo, &page, &rows, OP_ID, OP_CREATED_AT, true, with_total ? &total : NULL);
	SPI_finish();
	return (Datum) 0;
}
