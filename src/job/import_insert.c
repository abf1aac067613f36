/*
 * import_insert.c: imported jobs are inserted, a batch a statement.
 */
#include "job/import_insert.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "job/count_calls.h"
#include "store/statement.h"
#include "store/store.h"

/* the arrays of a batch, one a column that is not the id */
enum
{
	B_CREATED_AT, B_TARGET_TYPE, B_TARGET_ID, B_DIRECTION, B_TRIGGER_TYPE, B_STATUS,
	B_START_TIME, B_END_TIME, B_DESCRIPTION, B_ERROR_CODE, B_ERROR_MESSAGE, B_STATISTICS, B_COLUMNS
};

/*
 * Arrays are unnested side by side in the select list: each row is handed on as
 * it is made, where functions in FROM would first write all of theirs down.
 * The tenant in a SELECT of its own is checked once.
 */
static Statement insert_foreign = {
	"INSERT INTO idpsync.foreign_id (tenant_id, kind, id, created_at)"
	" SELECT (SELECT $1::idpsync.tenant_id), 'job', pg_catalog.unnest($2), pg_catalog.unnest($3)"
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

#define INSERT_JOBS(more_columns, more_values) \
	"INSERT INTO idpsync.job (tenant_id, job_id, created_at, target_type, target_id, direction, trigger_type, status," \
	" start_time, end_time, description, error_code, error_message, statistics" more_columns ")" \
	" SELECT (SELECT $1::idpsync.tenant_id), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5)," \
	" pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10)," \
	" pg_catalog.unnest($11), pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14)" more_values

#define INSERT_JOBS_ARGS \
	14, {ARG_TEXT, ARG_TEXT_ARRAY, ARG_TIME_ARRAY, ARG_ENUM_ARRAY + JOB_TARGET_TYPE, ARG_TEXT_ARRAY, \
		ARG_ENUM_ARRAY + JOB_DIRECTION, ARG_ENUM_ARRAY + JOB_TRIGGER_TYPE, ARG_ENUM_ARRAY + JOB_STATUS, \
	ARG_TIME_ARRAY, ARG_TIME_ARRAY, ARG_TEXT_ARRAY, ARG_TEXT_ARRAY, ARG_TEXT_ARRAY, ARG_STATISTICS_ARRAY}

/* the jobs of a call came with its statement, whatever they had to wait for; a store of version 1 cannot tell */
#define INSERT_TOLD INSERT_JOBS(", imported_at", ", pg_catalog.statement_timestamp()")
#define INSERT_UNTOLD INSERT_JOBS("", "")
#define UNLESS_STORED " ON CONFLICT (job_id, tenant_id, created_at) DO NOTHING RETURNING job_id"

/* [does the store tell when a job was imported?] */
static Statement insert_new[2] = {
	{INSERT_UNTOLD, INSERT_JOBS_ARGS},
	{INSERT_TOLD, INSERT_JOBS_ARGS}
};

static Statement insert_missing[2] = {
	{INSERT_UNTOLD UNLESS_STORED, INSERT_JOBS_ARGS},
	{INSERT_TOLD UNLESS_STORED, INSERT_JOBS_ARGS}
};

static Statement select_stored = {
	"SELECT job_id FROM idpsync.job WHERE tenant_id" EQUALS "$1 AND job_id" EQUALS "ANY ($2) AND created_at" EQUALS "ANY ($3)"
	" ORDER BY job_id",
	3, {ARG_TEXT, ARG_TEXT_ARRAY, ARG_TIME_ARRAY}
};

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

bool
enter_foreign_ids(const char *tenant_id, ImportedJob **jobs, int n)
{
	Datum	   *times = palloc(sizeof(Datum) * n);
	Values		insert = {0};
	Values		select = {0};

	for (int i = 0; i < n; i++)
		times[i] = TimestampTzGetDatum(jobs[i]->created_at);
	bind_text(&insert, tenant_id);
	bind_datum(&insert, id_array(jobs, n), false);
	bind_datum(&insert, time_array(times, NULL, n), false);
	/* Citus counts those that conflict too */
	if (run_statement(&insert_foreign, &insert, false) == (uint64) n && !store_is_distributed())
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

/* runs one of a pair of statements that insert jobs; the number of those inserted */
static uint64
insert_jobs(Statement statements[2], const char *tenant_id, ImportedJob **jobs, int n)
{
	Datum	  (*columns)[IMPORT_BATCH] = palloc(sizeof(Datum[IMPORT_BATCH]) * B_COLUMNS);
	bool	  (*nulls)[IMPORT_BATCH] = palloc0(sizeof(bool[IMPORT_BATCH]) * B_COLUMNS);
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
	return run_statement(&statements[store_version() >= STORE_HAS_IMPORTED_AT], &values, false);
}

void
insert_new_jobs(const char *tenant_id, ImportedJob **jobs, int n)
{
	qsort(jobs, n, sizeof(ImportedJob *), compare_created_at);
	if (insert_jobs(insert_new, tenant_id, jobs, n) != (uint64) n)
		refuse_write();
	count_imported_jobs(tenant_id, jobs, n);
}

/*
 * The same, without ON CONFLICT, of which Citus counts and returns more than it
 * inserts. Whoever inserts the same job from another node meanwhile makes one
 * of the two imports fail.
 */
static uint64
look_and_insert_jobs(const char *tenant_id, ImportedJob **jobs, int n, bool *inserted)
{
	ImportedJob **missing = palloc(sizeof(ImportedJob *) * n);
	Datum	   *times = palloc(sizeof(Datum) * n);
	Values		values = {0};
	uint64		n_stored;
	uint64		next = 0;
	int			n_missing = 0;

	for (int i = 0; i < n; i++)
		times[i] = TimestampTzGetDatum(jobs[i]->created_at);
	bind_text(&values, tenant_id);
	bind_datum(&values, id_array(jobs, n), false);
	bind_datum(&values, time_array(times, NULL, n), false);
	n_stored = run_statement(&select_stored, &values, false);
	/* both are in the order of ids; one may stand twice in the array */
	for (int i = 0; i < n; i++)
	{
		while (next < n_stored && strcmp(result_text(next, 1), jobs[i]->id) < 0)
			next++;
		inserted[i] = !(next < n_stored && strcmp(result_text(next, 1), jobs[i]->id) == 0) &&
			!(i > 0 && strcmp(jobs[i - 1]->id, jobs[i]->id) == 0);
		if (inserted[i])
			missing[n_missing++] = jobs[i];
	}
	if (n_missing > 0)
		insert_new_jobs(tenant_id, missing, n_missing);
	return n_missing;
}

uint64
insert_missing_jobs(const char *tenant_id, ImportedJob **jobs, int n, bool *inserted)
{
	uint64		n_inserted;
	uint64		next = 0;

	if (store_is_distributed())
		return look_and_insert_jobs(tenant_id, jobs, n, inserted);
	n_inserted = insert_jobs(insert_missing, tenant_id, jobs, n);

	/* the ids come back in the order of the arrays */
	for (int i = 0; i < n && next < n_inserted; i++)
	{
		inserted[i] = strcmp(result_text(next, 1), jobs[i]->id) == 0;
		next += inserted[i];
	}
	return n_inserted;
}
