/*
 * list_jobs.c: jobs are read: one, or a page of an instance's.
 */
#include "job/job.h"

#include "utils/builtins.h"

#include "job/count_jobs.h"
#include "store/page.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(get_synchronization_job);
PG_FUNCTION_INFO_V1(list_synchronization_jobs);

/*
 * get_synchronization_job(synchronization_job_id text, instance_id text): one
 * job (GetSynchronizationJob). Errors: P0002 unknown, 21000 where two
 * instances have the id.
 */
Datum
get_synchronization_job(PG_FUNCTION_ARGS)
{
	char	   *job_id = required_text(fcinfo, 0, "synchronization_job_id", JOB_ID_MAX);
	char	   *tenant_id = optional_text(fcinfo, 1, "instance_id", INSTANCE_ID_MAX);
	Job			job;

	connect_store();
	find_job(tenant_id, job_id, false, true, &job);
	SPI_finish();
	return return_job(fcinfo, &job);
}

/* an argument from 1 to max; 20 and 1 stand where it is NULL */
static int64
page_argument(FunctionCallInfo fcinfo, int n, const char *name, int64 value_if_null, int max)
{
	int64		value = PG_ARGISNULL(n) ? value_if_null : PG_GETARG_INT32(n);

	if (value < 1 || value > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 max == JOB_MAX_PAGE_SIZE ? errmsg("%s must be from 1 to %d", name, max) :
				 errmsg("%s must be at least 1", name)));
	return value;
}

PageRows
list_job_page(const JobFilter *filter, const JobPaging *paging, ListPage *page, int64 *total)
{
	if (total)
		*total = count_jobs(filter);
	if (paging->by_number)
	{
		if (!skip_jobs(filter, page, (paging->number - 1) * page->size))
			return page_alloc(J_COLUMNS, 0);
	}
	else
	{
		page->list = request_hash_int(request_hash_start("ListSynchronizationJobs"), (int64) store_id());
		page->list = hash_job_filter(page->list, filter);
		page_begin(page, paging->token_name, paging->token);
	}
	return read_job_page(filter, page);
}

/*
 * list_synchronization_jobs(instance_id text, max_results int, next_token
 * text, page_number int, page_size int, target_type, target_ids text[],
 * start_time, end_time, direction, status, with_total_count boolean): a page
 * of jobs, newest first (ListSynchronizationJobs).
 *
 * max_results with next_token, or page_number with page_size: sizes are 1 to
 * 100, 20 where they are not given; the second two count only where neither of
 * the first two is given. start_time and end_time filter by start_time in
 * whole milliseconds, both ends included. Errors: 22023 for a size or number
 * out of range, a start_time after end_time and a token of another list.
 */
Datum
list_synchronization_jobs(PG_FUNCTION_ARGS)
{
	static const JobFilterArguments arguments = {5, 6, 7, 8, 9, 10};
	JobFilter	filter;
	JobPaging	paging = {.token_name = "next_token"};
	ListPage	page = {0};
	PageRows	rows;
	bool		with_total = !PG_ARGISNULL(11) && PG_GETARG_BOOL(11);
	int64		total = 0;

	connect_store();
	read_job_filter(fcinfo, &arguments, &filter);
	paging.by_number = PG_ARGISNULL(1) && PG_ARGISNULL(2) && !(PG_ARGISNULL(3) && PG_ARGISNULL(4));
	if (paging.by_number)
	{
		paging.number = page_argument(fcinfo, 3, "page_number", 1, PG_INT32_MAX);
		page.size = page_argument(fcinfo, 4, "page_size", JOB_DEFAULT_PAGE_SIZE, JOB_MAX_PAGE_SIZE);
	}
	else
	{
		page.size = page_argument(fcinfo, 1, "max_results", JOB_DEFAULT_PAGE_SIZE, JOB_MAX_PAGE_SIZE);
		paging.token = optional_text(fcinfo, 2, "next_token", PAGE_TOKEN_MAX_CHARACTERS);
	}
	rows = list_job_page(&filter, &paging, &page, with_total ? &total : NULL);
	page_return(fcinfo, &page, &rows, J_ID, J_CREATED_AT, !paging.by_number, with_total ? &total : NULL);
	SPI_finish();
	return (Datum) 0;
}
