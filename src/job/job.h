/*
 * job.h: a synchronization job's row, and what all calls on jobs share.
 */
#ifndef IDPSYNC_JOB_H
#define IDPSYNC_JOB_H

#include "postgres.h"

#include "base/compat.h"
#include "fmgr.h"

#include "datatype/timestamp.h"

#include "operation/operation.h"
#include "store/statement.h"
#include "wire/wire.h"

#define JOB_ID_MAX 64
#define INSTANCE_ID_MAX 64
#define TARGET_ID_MAX 64
#define ERROR_CODE_MAX 256
#define ERROR_MESSAGE_MAX 10000
#define JOB_METHOD "RunSynchronizationJob"

/* columns of a job, in the order in which functions return them */
#define JOB_COLUMNS_SQL \
	"job_id, tenant_id, target_type, target_id, direction, trigger_type, status, description, created_at," \
	" start_time, end_time, statistics, error_code, error_message, session_id, operation_id"

#define JOB_LAYOUT "VV4V444v888Vvvvv"

enum
{
	J_ID,
	J_TENANT,
	J_TARGET_TYPE,
	J_TARGET_ID,
	J_DIRECTION,
	J_TRIGGER_TYPE,
	J_STATUS,
	J_DESCRIPTION,
	J_CREATED_AT,
	J_START_TIME,
	J_END_TIME,
	J_STATISTICS,
	J_ERROR_CODE,
	J_ERROR_MESSAGE,
	J_SESSION_ID,
	J_OPERATION_ID,
	J_COLUMNS
};

typedef struct Job
{
	Datum		values[J_COLUMNS];
	bool		nulls[J_COLUMNS];
} Job;

/* the number of its status; has it ended? */
extern int	job_status(const Job *job);
extern bool job_has_ended(int status);

/*
 * One job by id, tenant_id NULL where the caller did not give it. ERROR P0002
 * where there is none, 21000 where two instances have it. With lock it cannot
 * change until the transaction ends.
 */
extern void find_job(const char *tenant_id, const char *job_id, bool lock, bool read_only, Job *job);

/* the same, false where there is none */
extern bool try_find_job(const char *tenant_id, const char *job_id, bool lock, bool read_only, Job *job);

/* a column of text, NULL where it is null */
extern char *job_text(const Job *job, int column);

/* ERROR 55000 for a change of status that the states of a job forbid */
extern void check_job_becomes(const char *id, int from, int to);

/* ERROR 55000: this job takes no such call in its status */
pg_noreturn extern void refuse_job(const Job *job, const char *wanted);

/* writes a locked job by a statement that returns its columns, which become the job's */
extern void change_job(Statement *statement, Values *values, Job *job);

/*
 * Ends a locked job that has not ended, with this status, error and
 * statistics, and its operation with it unless operation_too is false.
 */
extern void end_job(Job *job, int status, const char *error_code, const char *error_message,
					const JobCells *cells, bool operation_too);

/* the job as the response of its operation */
extern Datum any_of_job_row(const Job *job);

extern Datum return_job(FunctionCallInfo fcinfo, const Job *job);

/* what list, count and statistics of jobs filter by */
typedef struct JobFilter
{
	const char *tenant_id;
	int			target_type;	/* 0 = any, likewise direction and status */
	Datum		target_ids;		/* text[] */
	bool		no_target_ids;
	TimestampTz start;			/* DT_NOBEGIN = open */
	TimestampTz end;			/* first instant past it, DT_NOBEGIN = open */
	int			direction;
	int			status;
} JobFilter;

/* a job to be run */
typedef struct JobOrder
{
	int			target_type;
	const char *target_id;
	const char *description;	/* NULL = none, likewise session_id */
	int			direction;		/* 0: as its target has it */
	int			trigger_type;
	const char *session_id;
} JobOrder;

/* makes a pending job and its operation; the call brings tenant_id and key */
extern void run_job(Call *call, const JobOrder *order, Job *job);

/*
 * Cancels an operation, and its job with it. The call brings its id as
 * operation_id, tenant_id (NULL where the id is to say it) and key; its answer
 * is the operation afterwards.
 */
extern void cancel_operation_of(Call *call);

/*
 * How a page of jobs is asked for: by its number, from 1, or behind a token
 * (NULL: from the start).
 */
typedef struct JobPaging
{
	bool		by_number;
	int64		number;
	const char *token;
	const char *token_name;		/* what the caller calls it */
} JobPaging;

/*
 * A page of jobs, newest first, and how many pass the filters where total is
 * wanted. ERROR 22023 for a token of another list.
 */
extern PageRows list_job_page(const JobFilter *filter, const JobPaging *paging, ListPage *page, int64 *total);
#define JOB_DEFAULT_PAGE_SIZE 20
#define JOB_MAX_PAGE_SIZE 100

/* positions of the filters in a function's arguments */
typedef struct JobFilterArguments
{
	int			target_type;
	int			target_ids;
	int			start_time;
	int			end_time;
	int			direction;
	int			status;
} JobFilterArguments;

/*
 * Reads the filters; start_time and end_time are compared in whole
 * milliseconds. ERROR 22023 for a start_time after end_time.
 */
extern void read_job_filter(FunctionCallInfo fcinfo, const JobFilterArguments *arguments, JobFilter *filter);

/* the filters' times from the first and the last that are asked for, DT_NOBEGIN = open; ERROR as above */
extern void filter_job_times(JobFilter *filter, TimestampTz start, TimestampTz end);
#define JOB_MAX_TARGET_IDS 10000

/* appends those of start_time alone */
extern void append_job_times(StringInfo sql, int *args, Values *values, const JobFilter *filter);

/*
 * Appends " AND ..." for the jobs that started from start to before end, of
 * those that started soon after their creation, or of the others: the indexes
 * find either. start, created_from (JOB_STARTS_WITHIN before it) and end are
 * expressions, NULL where the time is open.
 */
extern void append_started(StringInfo sql, bool soon, const char *start, const char *created_from, const char *end);

/*
 * A job's class is its target type, direction and status as one number. The
 * classes that pass a filter, those that usually have most jobs first; how many.
 */
#define JOB_CLASSES 20
extern int	job_filter_classes(const JobFilter *filter, int *classes);

/* from its creation, for the start of a job to tell where in the list it is */
#define JOB_STARTS_WITHIN USECS_PER_HOUR

/* the rows of a page, newest first, and one more if there is a next page */
extern PageRows read_job_page(const JobFilter *filter, const ListPage *page);

/* moves a page behind so many jobs; false where there are no more than that */
extern bool skip_jobs(const JobFilter *filter, ListPage *page, int64 n);

/* one bit a filter that is set: which text append_job_filter adds */
extern int	job_filter_shape(const JobFilter *filter);
#define JOB_FILTER_SHAPES 64

/* appends " AND ..." for each filter that is set, and binds it */
extern void append_job_filter(StringInfo sql, int *args, Values *values, const JobFilter *filter);

/* a hash of all of it */
extern uint64 hash_job_filter(uint64 hash, const JobFilter *filter);

#endif
