/*
 * list_sessions.c: sessions are read: one, or a page of a container's.
 */
#include "session/session.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/filter_sql.h"
#include "store/page.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(get_session);
PG_FUNCTION_INFO_V1(list_sessions);

#define DEFAULT_PAGE_SIZE 100
#define MAX_PAGE_SIZE 1000

/* every statement with a filter binds now as $2 */
#define IS_OVER \
	"status OPERATOR(pg_catalog.=) ANY (ARRAY['OPENED', 'PENDING']::idpsync.session_status[]) AND expires_at <= $2"

static const FilterColumn columns[] = {
	{{"session_id", FILTER_TEXT}, "session_id"},
	{{"agent_id", FILTER_TEXT}, "agent_id"},
	{{"session_type", FILTER_LABEL}, "session_type", SESSION_TYPE},
	{{"sync_mode", FILTER_LABEL}, "sync_mode", SYNC_MODE},
	{{"status", FILTER_LABEL}, "(CASE WHEN " IS_OVER " THEN 'EXPIRED' ELSE status END)", SESSION_STATUS},
	{{"created_at", FILTER_TIME}, "created_at"},
	{{"expires_at", FILTER_TIME}, "expires_at"},
	{{"closed_at", FILTER_TIME}, "(CASE WHEN " IS_OVER " THEN expires_at ELSE closed_at END)"}
};

static int64
count_sessions(const char *tenant_id, const char *filter, TimestampTz now)
{
	StringInfoData sql;
	int			args[MAX_ARGS] = {ARG_TEXT, ARG_TIME};
	Values		values = {0};

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT pg_catalog.count(*) FROM idpsync.session WHERE tenant_id" EQUALS "$1 AND $2 IS NOT NULL");
	bind_text(&values, tenant_id);
	bind_time(&values, now);
	append_filter(&sql, args, &values, filter, columns, lengthof(columns));
	run_once(sql.data, args, &values, true, 0);
	return result_int64(0, 1);
}

/* one row more than the page, so that the caller knows whether there is a next one */
static void
select_page(const char *tenant_id, const char *filter, const ListPage *page, TimestampTz now)
{
	StringInfoData sql;
	int			args[MAX_ARGS] = {ARG_TEXT, ARG_TIME, ARG_BIGINT, ARG_TIME, ARG_TEXT};
	Values		values = {0};

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT " SESSION_COLUMNS " FROM idpsync.session WHERE tenant_id" EQUALS "$1 AND $2 IS NOT NULL");
	bind_text(&values, tenant_id);
	bind_time(&values, now);
	bind_bigint(&values, page->size + 1);
	if (page->after)
	{
		appendStringInfoString(&sql, " AND (created_at, session_id) OPERATOR(pg_catalog.<) ($4, $5)");
		bind_time(&values, page->created_at);
		bind_text(&values, page->id);
	}
	append_filter(&sql, args, &values, filter, columns, lengthof(columns));
	appendStringInfoString(&sql, " ORDER BY created_at DESC, session_id DESC LIMIT $3");
	run_once(sql.data, args, &values, true, 0);
}

/*
 * get_session(session_id text, subject_container_id text): one session with
 * its effective status (GetSession). Errors: P0002 unknown, 21000 where two
 * containers have the id.
 */
Datum
get_session(PG_FUNCTION_ARGS)
{
	char	   *session_id = required_text(fcinfo, 0, "session_id", SESSION_ID_MAX);
	char	   *tenant_id = optional_text(fcinfo, 1, "subject_container_id", SUBJECT_CONTAINER_ID_MAX);
	Session		session;

	connect_store();
	find_session(tenant_id, session_id, false, true, &session);
	SPI_finish();
	settle_expiry(session.values, session.nulls, GetCurrentTimestamp());
	return return_row(fcinfo, S_COLUMNS, session.values, session.nulls);
}

PageRows
list_session_page(const char *tenant_id, const char *filter, const char *token, ListPage *page, int64 *total)
{
	TimestampTz now = GetCurrentTimestamp();
	PageRows	rows;

	if (page->size < 0 || page->size > MAX_PAGE_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("page_size must be from 0 to %d", MAX_PAGE_SIZE),
				 errdetail("At page_size: " INT64_FORMAT " is out of range.", page->size)));
	if (page->size == 0)
		page->size = DEFAULT_PAGE_SIZE;
	page->list = request_hash_int(request_hash_start("ListSessions"), (int64) store_id());
	page->list = request_hash_text(request_hash_text(page->list, tenant_id), filter);
	page_begin(page, "page_token", token);

	if (total)
		*total = count_sessions(tenant_id, filter, now);
	select_page(tenant_id, filter, page, now);
	rows = page_read(SESSION_LAYOUT);
	for (uint64 i = 0; i < rows.n; i++)
		settle_expiry(page_values(&rows, i), page_nulls(&rows, i), now);
	return rows;
}

/*
 * list_sessions(subject_container_id text, page_size bigint, page_token text,
 * filter text, with_total_count boolean): a page of sessions, newest first
 * (ListSessions).
 *
 * page_size: 0 to 1000, 0 means 100. Errors: 22023 for another size, a token
 * of another list and a filter that is none.
 */
Datum
list_sessions(PG_FUNCTION_ARGS)
{
	char	   *tenant_id = required_text(fcinfo, 0, "subject_container_id", SUBJECT_CONTAINER_ID_MAX);
	ListPage	page = {.size = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1)};
	char	   *token = optional_text(fcinfo, 2, "page_token", PAGE_TOKEN_MAX_CHARACTERS);
	char	   *filter = optional_text(fcinfo, 3, "filter", FILTER_MAX_LENGTH);
	bool		with_total = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
	int64		total = 0;
	PageRows	rows;

	connect_store();
	rows = list_session_page(tenant_id, filter, token, &page, with_total ? &total : NULL);
	page_return(fcinfo, &page, &rows, S_ID, S_CREATED_AT, true, with_total ? &total : NULL);
	SPI_finish();
	return (Datum) 0;
}
