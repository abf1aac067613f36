/*
 * import_jobs.c: jobs come in from documented ListSynchronizationJobs responses.
 *
 * New jobs are inserted a batch at a time; a job that is stored already, or
 * stands in the document twice, is compared and updated by itself. Imports of an
 * instance take turns, so that two of them cannot block each other.
 */
#include "job/job.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "counters/counters.h"
#include "job/count_calls.h"
#include "job/import_insert.h"
#include "job/import_retired.h"
#include "store/store.h"
#include "store/turn.h"

PG_FUNCTION_INFO_V1(import_synchronization_jobs);

static Statement update_running = {
	"UPDATE idpsync.job SET status = 'running' WHERE job_id" EQUALS "$1 AND created_at" EQUALS "$2 AND tenant_id" EQUALS "$3",
	3, {ARG_TEXT, ARG_TIME, ARG_TEXT}
};

static Statement update_job = {
	"UPDATE idpsync.job SET target_type = $4, target_id = $5, direction = $6, trigger_type = $7, status = $8,"
	" start_time = $9, end_time = $10, description = $11, error_code = $12, error_message = $13, statistics = $14"
	" WHERE job_id" EQUALS "$1 AND created_at" EQUALS "$2 AND tenant_id" EQUALS "$3",
	14, {ARG_TEXT, ARG_TIME, ARG_TEXT, ARG_ENUM + JOB_TARGET_TYPE, ARG_TEXT, ARG_ENUM + JOB_DIRECTION,
		ARG_ENUM + JOB_TRIGGER_TYPE, ARG_ENUM + JOB_STATUS, ARG_TIME, ARG_TIME, ARG_TEXT, ARG_TEXT, ARG_TEXT,
	ARG_STATISTICS}
};

/* release 0.1.0 has no column for what is skipped */
#define RELEASE_1_COLUMNS 3

typedef struct Counts
{
	int64		inserted;
	int64		updated;
	int64		unchanged;
	int64		skipped;
} Counts;

static int
compare_ids(const void *a, const void *b)
{
	const ImportedJob *left = a;
	const ImportedJob *right = b;
	int			order = strcmp(left->id, right->id);

	return order ? order : left->position < right->position ? -1 : 1;
}

static void
set_text(Datum *values, bool *nulls, const char *text)
{
	*nulls = text == NULL;
	*values = text ? CStringGetTextDatum(text) : (Datum) 0;
}

/* the columns of a stored job as the document has them; a description is kept where it has none */
static void
apply_document(const ImportedJob *imported, Job *job)
{
	job->values[J_TARGET_TYPE] = ObjectIdGetDatum(enum_label_oid(JOB_TARGET_TYPE, imported->target_type));
	set_text(&job->values[J_TARGET_ID], &job->nulls[J_TARGET_ID], imported->target_id);
	job->values[J_DIRECTION] = ObjectIdGetDatum(enum_label_oid(JOB_DIRECTION, imported->direction));
	job->values[J_TRIGGER_TYPE] = ObjectIdGetDatum(enum_label_oid(JOB_TRIGGER_TYPE, imported->trigger_type));
	job->values[J_STATUS] = ObjectIdGetDatum(enum_label_oid(JOB_STATUS, imported->status));
	job->values[J_START_TIME] = TimestampTzGetDatum(imported->start_time);
	job->values[J_END_TIME] = TimestampTzGetDatum(imported->end_time);
	job->nulls[J_END_TIME] = imported->end_time == DT_NOBEGIN;
	if (imported->description)
		set_text(&job->values[J_DESCRIPTION], &job->nulls[J_DESCRIPTION], imported->description);
	set_text(&job->values[J_ERROR_CODE], &job->nulls[J_ERROR_CODE], imported->error_code);
	set_text(&job->values[J_ERROR_MESSAGE], &job->nulls[J_ERROR_MESSAGE], imported->error_message);
	job->values[J_STATISTICS] = imported->statistics;
}

/* do two rows of one job hold the same? */
static bool
same_job(const Job *a, const Job *b)
{
	for (int i = 0; i < J_COLUMNS; i++)
	{
		bool		by_value = i == J_CREATED_AT || i == J_START_TIME || i == J_END_TIME ||
			i == J_TARGET_TYPE || i == J_DIRECTION || i == J_TRIGGER_TYPE || i == J_STATUS;

		if (a->nulls[i] != b->nulls[i])
			return false;
		if (!a->nulls[i] && !datum_image_eq(a->values[i], b->values[i], by_value, by_value ? 8 : -1))
			return false;
	}
	return true;
}

/* a job that is stored already becomes what the document says; false if it is that */
static bool
update_stored(const char *tenant_id, const ImportedJob *imported)
{
	Job			stored;
	Job			job;
	Values		values = {0};
	int			status;

	find_job(tenant_id, imported->id, true, false, &stored);
	job = stored;
	apply_document(imported, &job);
	if (same_job(&stored, &job))
		return false;

	bind_datum(&values, job.values[J_ID], false);
	bind_datum(&values, job.values[J_CREATED_AT], false);
	bind_datum(&values, job.values[J_TENANT], false);
	status = job_status(&stored);
	/* it ran while nobody looked */
	if (status == JOB_PENDING && job_has_ended(imported->status))
	{
		write_row(&update_running, &values);
		status = JOB_RUNNING;
	}
	if (imported->status != status)
		check_job_becomes(imported->id, status, imported->status);
	bind_datum(&values, job.values[J_TARGET_TYPE], false);
	bind_datum(&values, job.values[J_TARGET_ID], false);
	bind_datum(&values, job.values[J_DIRECTION], false);
	bind_datum(&values, job.values[J_TRIGGER_TYPE], false);
	bind_datum(&values, job.values[J_STATUS], false);
	bind_datum(&values, job.values[J_START_TIME], false);
	bind_datum(&values, job.values[J_END_TIME], job.nulls[J_END_TIME]);
	bind_datum(&values, job.values[J_DESCRIPTION], job.nulls[J_DESCRIPTION]);
	bind_datum(&values, job.values[J_ERROR_CODE], job.nulls[J_ERROR_CODE]);
	bind_datum(&values, job.values[J_ERROR_MESSAGE], job.nulls[J_ERROR_MESSAGE]);
	bind_datum(&values, job.values[J_STATISTICS], false);
	write_row(&update_job, &values);
	count_changed_job(&stored, &job);
	if (job_has_ended(imported->status) && !job.nulls[J_OPERATION_ID])
		end_operation(tenant_id, job_text(&job, J_OPERATION_ID), any_of_job_row(&job));
	return true;
}

/* jobs that may be stored already: those that are not are inserted, the others updated */
static void
insert_or_update(const char *tenant_id, ImportedJob **jobs, int n, Counts *counts)
{
	bool	   *inserted = palloc0(sizeof(bool) * n);

	counts->inserted += insert_missing_jobs(tenant_id, jobs, n, inserted);
	for (int i = 0; i < n; i++)
	{
		if (inserted[i])
			continue;
		if (update_stored(tenant_id, jobs[i]))
			counts->updated++;
		else
			counts->unchanged++;
	}
}

static int
skip_retired(const char *tenant_id, ImportedJob **jobs, int n, TimestampTz retired_until, Counts *counts)
{
	int			left = leave_out_retired(tenant_id, jobs, n, retired_until);

	counts->skipped += n - left;
	return left;
}

static void
import_foreign(const char *tenant_id, ImportedJob **jobs, int n, TimestampTz retired_until, Counts *counts)
{
	if (n == 0)
		return;
	if (enter_foreign_ids(tenant_id, jobs, n))
	{
		insert_new_jobs(tenant_id, jobs, n);
		counts->inserted += n;
		return;
	}
	/* the id of a job that is retired may still be there */
	n = skip_retired(tenant_id, jobs, n, retired_until, counts);
	if (n > 0)
		insert_or_update(tenant_id, jobs, n, counts);
}

static void
import_batch(const char *tenant_id, ImportedJob *jobs, int n, TimestampTz retired_until, Counts *counts)
{
	ImportedJob **foreign = palloc(sizeof(ImportedJob *) * n);
	ImportedJob **own = palloc(sizeof(ImportedJob *) * n);
	int			n_foreign = 0;
	int			n_own = 0;

	for (int i = 0; i < n; i++)
	{
		jobs[i].created_at = id_created_at(jobs[i].id);
		if (jobs[i].created_at == DT_NOBEGIN)
		{
			jobs[i].created_at = jobs[i].start_time;
			foreign[n_foreign++] = &jobs[i];
		}
		else
			own[n_own++] = &jobs[i];
	}
	n_foreign = skip_retired(tenant_id, foreign, n_foreign, retired_until, counts);
	n_own = skip_retired(tenant_id, own, n_own, retired_until, counts);
	import_foreign(tenant_id, foreign, n_foreign, retired_until, counts);
	if (n_own > 0)
		insert_or_update(tenant_id, own, n_own, counts);
}

static void
import_all(const char *tenant_id, ImportedJob *jobs, uint64 n, Counts *counts)
{
	MemoryContext batch = AllocSetContextCreate(CurrentMemoryContext, "import batch", ALLOCSET_DEFAULT_SIZES);
	int			nest_level = NewGUCNestLevel();
	TimestampTz retired_until;

	retired_until = hold_retirement();
	/* plans made while the tables are empty serve until they are full */
	(void) set_config_option("enable_seqscan", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	qsort(jobs, n, sizeof(ImportedJob), compare_ids);
	for (uint64 i = 0; i < n; i += IMPORT_BATCH)
	{
		MemoryContext context = MemoryContextSwitchTo(batch);

		import_batch(tenant_id, jobs + i, (int) Min(IMPORT_BATCH, n - i), retired_until, counts);
		MemoryContextSwitchTo(context);
		MemoryContextReset(batch);
	}
	AtEOXact_GUC(true, nest_level);
}

/*
 * import_synchronization_jobs(instance_id text, document json,
 * idempotency_key text): stores the jobs of a documented
 * ListSynchronizationJobs response, or of an array of them.
 *
 * Ids are trimmed of white space. A job that is stored already is updated;
 * twice the same document changes nothing. Answers how many jobs were
 * inserted, updated, unchanged, and skipped since they are retired; an import
 * repeated with its key leaves all unchanged, even what later imports have
 * changed. Errors: class 22 with the
 * path for what is no such document, 55000 for a status that would go back,
 * 23505 for a key of another request.
 */
Datum
import_synchronization_jobs(PG_FUNCTION_ARGS)
{
	Call		call = {.method = "ImportSynchronizationJobs", .operation_id = ""};
	ImportedJob *jobs;
	uint64		n;
	Counts		counts = {0};
	text	   *document;
	char	   *json;
	Datum		values[4];
	bool		nulls[4] = {false, false, false, false};

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("document is required")));
	connect_to_write(fcinfo);
	call.tenant_id = required_text(fcinfo, 0, "instance_id", INSTANCE_ID_MAX);
	call.key = optional_text(fcinfo, 2, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	document = PG_GETARG_TEXT_PP(1);
	json = (char *) pg_do_encoding_conversion((unsigned char *) VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document),
											  GetDatabaseEncoding(), PG_UTF8);
	jobs = read_import_document(json, json == VARDATA_ANY(document) ? VARSIZE_ANY_EXHDR(document) : strlen(json), &n);
	if (call.key)
		call.request_hash = request_hash_datum(request_hash_start(call.method), PointerGetDatum(document), false);
	/* imports of an instance take turns: they write two tables, in more than one order; and the turn comes before the key */
	wait_for_turn("job", request_hash_text(request_hash_start(call.method), call.tenant_id));
	if (begin_call(&call))
		counts.unchanged = n;
	else
		import_all(call.tenant_id, jobs, n, &counts);
	SPI_finish();
	values[0] = Int64GetDatum(counts.inserted);
	values[1] = Int64GetDatum(counts.updated);
	values[2] = Int64GetDatum(counts.unchanged);
	values[3] = Int64GetDatum(counts.skipped);
	if (row_columns(fcinfo) == RELEASE_1_COLUMNS)
	{
		if (counts.skipped > 0)
			ereport(NOTICE,
					(errmsg(INT64_FORMAT " jobs were skipped since they are retired", counts.skipped)));
		return return_row(fcinfo, RELEASE_1_COLUMNS, values, nulls);
	}
	return return_row(fcinfo, 4, values, nulls);
}
