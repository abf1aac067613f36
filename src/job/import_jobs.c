/*
 * import_jobs.c: jobs come in from documented ListSynchronizationJobs responses.
 *
 * New jobs are inserted a batch at a time; a job that is stored already, or
 * stands in the document twice, is compared and updated by itself. Imports of an
 * instance take turns, so that two of them cannot block each other.
 */
#include "job/job.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "counters/counters.h"
#include "job/import_document.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(import_synchronization_jobs);

#define BATCH 1000

/* the arrays of a batch, one a column */
enum
{
	B_ID, B_CREATED_AT, B_TARGET_TYPE, B_TARGET_ID, B_DIRECTION, B_TRIGGER_TYPE, B_STATUS,
	B_START_TIME, B_END_TIME, B_DESCRIPTION, B_ERROR_CODE, B_ERROR_MESSAGE, B_STATISTICS, B_COLUMNS
};

/*
 * Arrays are unnested side by side in the select list: each row is handed on as
 * it is made, where functions in FROM would first write all of theirs down.
 */
static Statement insert_foreign = {
	"INSERT INTO idpsync.foreign_id (tenant_id, kind, id, created_at)"
	" SELECT $1, 'job', pg_catalog.unnest($2), pg_catalog.unnest($3)"
	" ON CONFLICT (id, kind, tenant_id) DO NOTHING",
	3, {ARG_TEXT, ARG_TEXT_ARRAY, ARG_TIME_ARRAY}
};

/*
 * When the jobs that have foreign ids were created, in the order of the array.
 * OFFSET 0 has each id looked up by itself: a join planned while the table is
 * small would read all of it for every batch once it is large.
 */
static Statement select_foreign = {
	"SELECT f.created_at FROM pg_catalog.unnest($2) WITH ORDINALITY AS i (id, position)"
	" CROSS JOIN LATERAL (SELECT g.created_at FROM idpsync.foreign_id AS g"
	" WHERE g.id" EQUALS "i.id AND g.kind" EQUALS "'job' AND g.tenant_id" EQUALS "$1 OFFSET 0) AS f"
	" ORDER BY i.position",
	2, {ARG_TEXT, ARG_TEXT_ARRAY}
};

#define INSERT_JOBS \
	"INSERT INTO idpsync.job (tenant_id, job_id, created_at, target_type, target_id, direction, trigger_type, status," \
	" start_time, end_time, description, error_code, error_message, statistics)" \
	" SELECT $1, pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5)," \
	" pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10)," \
	" pg_catalog.unnest($11), pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14)"

#define INSERT_JOBS_ARGS \
	14, {ARG_TEXT, ARG_TEXT_ARRAY, ARG_TIME_ARRAY, ARG_ENUM_ARRAY + JOB_TARGET_TYPE, ARG_TEXT_ARRAY, \
		ARG_ENUM_ARRAY + JOB_DIRECTION, ARG_ENUM_ARRAY + JOB_TRIGGER_TYPE, ARG_ENUM_ARRAY + JOB_STATUS, \
	ARG_TIME_ARRAY, ARG_TIME_ARRAY, ARG_TEXT_ARRAY, ARG_TEXT_ARRAY, ARG_TEXT_ARRAY, ARG_STATISTICS_ARRAY}

/* jobs whose foreign ids have just been entered cannot be stored yet */
static Statement insert_new_jobs = {INSERT_JOBS, INSERT_JOBS_ARGS};

static Statement insert_missing_jobs = {
	INSERT_JOBS " ON CONFLICT (job_id, tenant_id, created_at) DO NOTHING RETURNING job_id", INSERT_JOBS_ARGS
};

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

typedef struct Counts
{
	int64		inserted;
	int64		updated;
	int64		unchanged;
} Counts;

static int
compare_ids(const void *a, const void *b)
{
	const ImportedJob *left = a;
	const ImportedJob *right = b;
	int			order = strcmp(left->id, right->id);

	return order ? order : left->position < right->position ? -1 : 1;
}

static int
compare_created_at(const void *a, const void *b)
{
	const ImportedJob *left = *(ImportedJob *const *) a;
	const ImportedJob *right = *(ImportedJob *const *) b;

	if (left->created_at != right->created_at)
		return left->created_at < right->created_at ? -1 : 1;
	return strcmp(left->id, right->id);
}

/* an array of n elements as a value to bind */
static Datum
array_of(Datum *elements, bool *nulls, int n, Oid type, int16 len, bool byval, char align)
{
	int			lower = 1;

	return PointerGetDatum(construct_md_array(elements, nulls, 1, &n, &lower, type, len, byval, align));
}

static Datum
text_array(Datum *elements, bool *nulls, int n)
{
	return array_of(elements, nulls, n, TEXTOID, -1, false, TYPALIGN_INT);
}

static Datum
time_array(Datum *elements, bool *nulls, int n)
{
	return array_of(elements, nulls, n, TIMESTAMPTZOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

static Datum
enum_array(Datum *elements, int n, EnumKind kind)
{
	return array_of(elements, NULL, n, enum_type(kind), 4, true, TYPALIGN_INT);
}

static void
set_text(Datum *values, bool *nulls, const char *text)
{
	*nulls = text == NULL;
	*values = text ? CStringGetTextDatum(text) : (Datum) 0;
}

static Datum
id_array(ImportedJob **jobs, int n)
{
	Datum	   *ids = palloc(sizeof(Datum) * n);

	for (int i = 0; i < n; i++)
		ids[i] = CStringGetTextDatum(jobs[i]->id);
	return text_array(ids, NULL, n);
}

/*
 * Enters foreign ids, whose jobs are created at the StartTime they first come
 * with. Were all of them new?
 */
static bool
enter_foreign_ids(const char *tenant_id, ImportedJob **jobs, int n)
{
	Datum	   *times = palloc(sizeof(Datum) * n);
	Values		insert = {0};
	Values		select = {0};

	for (int i = 0; i < n; i++)
	{
		jobs[i]->created_at = jobs[i]->start_time;
		times[i] = TimestampTzGetDatum(jobs[i]->created_at);
	}
	bind_text(&insert, tenant_id);
	bind_datum(&insert, id_array(jobs, n), false);
	bind_datum(&insert, time_array(times, NULL, n), false);
	if (run_statement(&insert_foreign, &insert, false) == (uint64) n)
		return true;

	bind_text(&select, tenant_id);
	bind_datum(&select, insert.datum[1], false);
	if (run_statement(&select_foreign, &select, false) != (uint64) n)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("imported jobs were removed meanwhile"),
				 errhint("Call again.")));
	for (int i = 0; i < n; i++)
		jobs[i]->created_at = result_int64(i, 1);
	return false;
}

/* runs one of the statements that insert jobs; the number of those inserted */
static uint64
insert_jobs(Statement *statement, const char *tenant_id, ImportedJob **jobs, int n)
{
	Datum	  (*columns)[BATCH] = palloc(sizeof(Datum[BATCH]) * B_COLUMNS);
	bool	  (*nulls)[BATCH] = palloc0(sizeof(bool[BATCH]) * B_COLUMNS);
	Values		values = {0};

	for (int i = 0; i < n; i++)
	{
		const ImportedJob *job = jobs[i];

		columns[B_CREATED_AT][i] = TimestampTzGetDatum(job->created_at);
		columns[B_TARGET_TYPE][i] = ObjectIdGetDatum(enum_label_oid(JOB_TARGET_TYPE, job->target_type));
		columns[B_TARGET_ID][i] = CStringGetTextDatum(job->target_id);
		columns[B_DIRECTION][i] = ObjectIdGetDatum(enum_label_oid(JOB_DIRECTION, job->direction));
		columns[B_TRIGGER_TYPE][i] = ObjectIdGetDatum(enum_label_oid(JOB_TRIGGER_TYPE, job->trigger_type));
		columns[B_STATUS][i] = ObjectIdGetDatum(enum_label_oid(JOB_STATUS, job->status));
		columns[B_START_TIME][i] = TimestampTzGetDatum(job->start_time);
		columns[B_END_TIME][i] = TimestampTzGetDatum(job->end_time);
		nulls[B_END_TIME][i] = job->end_time == DT_NOBEGIN;
		set_text(&columns[B_DESCRIPTION][i], &nulls[B_DESCRIPTION][i], job->description);
		set_text(&columns[B_ERROR_CODE][i], &nulls[B_ERROR_CODE][i], job->error_code);
		set_text(&columns[B_ERROR_MESSAGE][i], &nulls[B_ERROR_MESSAGE][i], job->error_message);
		columns[B_STATISTICS][i] = job->statistics;
	}
	bind_text(&values, tenant_id);
	bind_datum(&values, id_array(jobs, n), false);
	bind_datum(&values, time_array(columns[B_CREATED_AT], NULL, n), false);
	bind_datum(&values, enum_array(columns[B_TARGET_TYPE], n, JOB_TARGET_TYPE), false);
	bind_datum(&values, text_array(columns[B_TARGET_ID], NULL, n), false);
	bind_datum(&values, enum_array(columns[B_DIRECTION], n, JOB_DIRECTION), false);
	bind_datum(&values, enum_array(columns[B_TRIGGER_TYPE], n, JOB_TRIGGER_TYPE), false);
	bind_datum(&values, enum_array(columns[B_STATUS], n, JOB_STATUS), false);
	bind_datum(&values, time_array(columns[B_START_TIME], NULL, n), false);
	bind_datum(&values, time_array(columns[B_END_TIME], nulls[B_END_TIME], n), false);
	bind_datum(&values, text_array(columns[B_DESCRIPTION], nulls[B_DESCRIPTION], n), false);
	bind_datum(&values, text_array(columns[B_ERROR_CODE], nulls[B_ERROR_CODE], n), false);
	bind_datum(&values, text_array(columns[B_ERROR_MESSAGE], nulls[B_ERROR_MESSAGE], n), false);
	bind_datum(&values, array_of(columns[B_STATISTICS], NULL, n, idpsync_type("job_statistics"),
								 -1, false, TYPALIGN_INT), false);
	return run_statement(statement, &values, false);
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

	find_job(tenant_id, imported->id, true, false, &stored);
	job = stored;
	apply_document(imported, &job);
	if (same_job(&stored, &job))
		return false;

	bind_datum(&values, job.values[J_ID], false);
	bind_datum(&values, job.values[J_CREATED_AT], false);
	bind_datum(&values, job.values[J_TENANT], false);
	/* it ran while nobody looked */
	if (job_status(&stored) == JOB_PENDING && job_has_ended(imported->status))
		write_row(&update_running, &values);
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
	if (job_has_ended(imported->status) && !job.nulls[J_OPERATION_ID])
		end_operation(tenant_id, job_text(&job, J_OPERATION_ID), any_of_job_row(&job));
	return true;
}

/* jobs that may be stored already: those that are not are inserted, the others updated */
static void
insert_or_update(const char *tenant_id, ImportedJob **jobs, int n, Counts *counts)
{
	bool	   *inserted = palloc0(sizeof(bool) * n);
	uint64		n_inserted = insert_jobs(&insert_missing_jobs, tenant_id, jobs, n);
	uint64		next = 0;

	counts->inserted += n_inserted;
	/* the ids come back in the order of the arrays */
	for (int i = 0; i < n && next < n_inserted; i++)
	{
		inserted[i] = strcmp(result_text(next, 1), jobs[i]->id) == 0;
		next += inserted[i];
	}
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

static void
import_batch(const char *tenant_id, ImportedJob *jobs, int n, Counts *counts)
{
	ImportedJob **foreign = palloc(sizeof(ImportedJob *) * n);
	ImportedJob **known = palloc(sizeof(ImportedJob *) * n);
	int			n_foreign = 0;
	int			n_known = 0;
	bool		all_new = false;

	for (int i = 0; i < n; i++)
	{
		jobs[i].created_at = id_created_at(jobs[i].id);
		if (jobs[i].created_at == DT_NOBEGIN)
			foreign[n_foreign++] = &jobs[i];
		else
			known[n_known++] = &jobs[i];
	}
	if (n_foreign > 0)
		all_new = enter_foreign_ids(tenant_id, foreign, n_foreign);
	if (all_new)
	{
		/* rows in the order of lists, behind two indexes of three */
		qsort(foreign, n_foreign, sizeof(ImportedJob *), compare_created_at);
		if (insert_jobs(&insert_new_jobs, tenant_id, foreign, n_foreign) != (uint64) n_foreign)
			refuse_write();
		counts->inserted += n_foreign;
	}
	else if (n_foreign > 0)
		insert_or_update(tenant_id, foreign, n_foreign, counts);
	if (n_known > 0)
		insert_or_update(tenant_id, known, n_known, counts);
}

static void
import_all(const char *tenant_id, ImportedJob *jobs, uint64 n, Counts *counts)
{
	MemoryContext batch = AllocSetContextCreate(CurrentMemoryContext, "import batch", ALLOCSET_DEFAULT_SIZES);
	int			nest_level = NewGUCNestLevel();

	/* imports of an instance take turns: they write two tables, in more than one order */
	DirectFunctionCall1(pg_advisory_xact_lock_int8,
						Int64GetDatum((int64) request_hash_text(request_hash_start("ImportSynchronizationJobs"), tenant_id)));
	/* plans made while the tables are empty serve until they are full */
	(void) set_config_option("enable_seqscan", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	qsort(jobs, n, sizeof(ImportedJob), compare_ids);
	for (uint64 i = 0; i < n; i += BATCH)
	{
		MemoryContext context = MemoryContextSwitchTo(batch);

		import_batch(tenant_id, jobs + i, (int) Min(BATCH, n - i), counts);
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
 * inserted, updated, unchanged; an import repeated with its key leaves all
 * unchanged, even what later imports have changed. Errors: class 22 with the
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
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("document is required")));
	connect_store();
	call.tenant_id = required_text(fcinfo, 0, "instance_id", INSTANCE_ID_MAX);
	call.key = optional_text(fcinfo, 2, "idempotency_key", IDEMPOTENCY_KEY_MAX);
	document = PG_GETARG_TEXT_PP(1);
	json = (char *) pg_do_encoding_conversion((unsigned char *) VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document),
											  GetDatabaseEncoding(), PG_UTF8);
	jobs = read_import_document(json, json == VARDATA_ANY(document) ? VARSIZE_ANY_EXHDR(document) : strlen(json), &n);
	if (call.key)
		call.request_hash = request_hash_datum(request_hash_start(call.method), PointerGetDatum(document), false);
	if (begin_call(&call))
		counts.unchanged = n;
	else
		import_all(call.tenant_id, jobs, n, &counts);
	SPI_finish();
	values[0] = Int64GetDatum(counts.inserted);
	values[1] = Int64GetDatum(counts.updated);
	values[2] = Int64GetDatum(counts.unchanged);
	return return_row(fcinfo, 3, values, nulls);
}
