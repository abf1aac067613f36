/*
 * count_calls.c: in a distributed store, where no trigger stands on jobs, the
 * calls that change them append what that changes in their counts.
 *
 * They do so as their caller, unlike the triggers: Citus refuses to write rows
 * that lie side by side as two users in one transaction.
 */
#include "job/count_calls.h"

#include "access/table.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "job/count_deltas.h"
#include "store/partition_bounds.h"
#include "store/store.h"

static void
add_change(CountChanges *changes, Relation table, TimestampTz created_at, TimestampTz start_time, CountKey *key,
		   const CountChange *change)
{
	TimestampTz end;

	find_partition(table, created_at, &key->partition_start, &end);
	key->period = utc_day(start_time);
	key->grain = GRAIN_FULL;
	add_count_change(changes, key, change);
}

/* a stored job comes, or goes */
static void
add_job(CountChanges *changes, Relation table, const Job *job, bool comes)
{
	CountKey	key;
	CountChange change = {.jobs = comes ? 1 : -1};

	*(comes ? &change.added : &change.removed) = job->values[J_STATISTICS];
	count_key_texts(&key, job->values[J_TENANT], job->values[J_TARGET_ID]);
	key.target_type = enum_number(JOB_TARGET_TYPE, DatumGetObjectId(job->values[J_TARGET_TYPE]));
	key.direction = enum_number(JOB_DIRECTION, DatumGetObjectId(job->values[J_DIRECTION]));
	key.status = job_status(job);
	add_change(changes, table, DatumGetTimestampTz(job->values[J_CREATED_AT]),
			   DatumGetTimestampTz(job->values[J_START_TIME]), &key, &change);
}

static void
append_and_free(CountChanges *changes, Relation table)
{
	append_count_deltas(changes);
	free_count_changes(changes);
	table_close(table, NoLock);
}

void
count_changed_job(const Job *before, const Job *after)
{
	CountChanges *changes;
	Relation	table;

	if (!store_is_distributed())
		return;
	changes = make_count_changes();
	table = open_partitioned("job", AccessShareLock);
	if (before)
		add_job(changes, table, before, false);
	add_job(changes, table, after, true);
	append_and_free(changes, table);
}

void
count_imported_jobs(const char *tenant_id, ImportedJob *const *jobs, int n)
{
	CountChanges *changes;
	Relation	table;

	if (!store_is_distributed())
		return;
	changes = make_count_changes();
	table = open_partitioned("job", AccessShareLock);
	for (int i = 0; i < n; i++)
	{
		const ImportedJob *job = jobs[i];
		CountChange change = {.jobs = 1, .added = job->statistics};
		CountKey	key = {
			.tenant_id = tenant_id,
			.tenant_len = (int) strlen(tenant_id),
			.target_id = job->target_id,
			.target_len = (int) strlen(job->target_id),
			.target_type = job->target_type,
			.direction = job->direction,
			.status = job->status
		};

		add_change(changes, table, job->created_at, job->start_time, &key, &change);
	}
	append_and_free(changes, table);
}
