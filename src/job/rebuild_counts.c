/*
 * rebuild_counts.c: all jobs are counted anew, and their foreign ids entered.
 *
 * For what no trigger sees: rows of an attached table, triggers that were
 * disabled, a restore of the data alone with triggers on.
 */
#include "postgres.h"
#include "fmgr.h"

#include "access/xact.h"
#include "catalog/partition.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "job/count_changes.h"
#include "store/job_counts_scan.h"
#include "store/partition_bounds.h"
#include "store/partitions.h"
#include "store/statement.h"
#include "store/store.h"
#include "store/store_owner.h"
#include "store/unknown_jobs.h"

PG_FUNCTION_INFO_V1(rebuild_counts);

/* as writers and maintain() take them: the jobs, then the deltas, then what these are folded into */
static const char lock_tables[] =
"LOCK TABLE idpsync.job, idpsync.job_count_delta, idpsync.job_count IN SHARE ROW EXCLUSIVE MODE";

static const char forget_live[] =
"DELETE FROM idpsync.job_count WHERE partition_start IN (SELECT start FROM " LIVE_PARTITIONS " AS live);"
"DELETE FROM idpsync.job_count_delta WHERE partition_start IN (SELECT start FROM " LIVE_PARTITIONS " AS live)";

static const char forget_all[] = "DELETE FROM idpsync.job_count; DELETE FROM idpsync.job_count_delta";

#define COUNT_ANEW(fine) \
	"INSERT INTO idpsync.job_count (" COUNT_COLUMNS_SQL ")" \
	" WITH live AS " LIVE_PARTITIONS "," fine ", " JOB_COUNTS_SCANNED \
	" SELECT tenant_id, grain, target_id, period, target_type, direction, status, partition_start, jobs, added, '{}' FROM scanned" \
	" ORDER BY tenant_id, grain, target_id, period"

static const char sum_counts[] =
"SELECT coalesce(sum(jobs), 0)::bigint FROM idpsync.job_count"
" WHERE grain = 'm' AND partition_start IN (SELECT start FROM " LIVE_PARTITIONS " AS live)";

/*
 * Ids of attached jobs, which may have been forgotten. An import that is under
 * way holds the lock of a writer: none has entered ids and not yet the jobs.
 */
static const char enter_foreign_ids[] =
"INSERT INTO idpsync.foreign_id (tenant_id, kind, id, created_at)"
" SELECT DISTINCT ON (j.tenant_id, j.job_id) j.tenant_id, 'job', j.job_id, j.created_at FROM " UNKNOWN_JOBS " AND k.job_id IS NULL"
" ORDER BY j.tenant_id, j.job_id, j.created_at DESC"
" ON CONFLICT (id, kind, tenant_id) DO UPDATE SET created_at = EXCLUDED.created_at";

/* counts are found by where a partition begins, and a default partition begins nowhere */
static void
refuse_default_partition(Oid job)
{
	Oid			relid = get_default_partition_oid(job);

	if (OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("jobs of a default partition cannot be counted"),
				 errdetail("Table \"%s\" is the default partition of idpsync.job.", get_rel_name(relid)),
				 errhint("Detach it, and insert its jobs into idpsync.job.")));
}

/* a partition that was made by hand has none of its own */
static void
make_missing_triggers(Oid job)
{
	int			n;
	Partition  *partitions = list_partitions("job", &n);

	make_count_triggers(job);
	for (int i = 0; i < n; i++)
		make_count_triggers(partitions[i].relid);
}

/*
 * rebuild_counts(forget_history boolean): counts all jobs anew and returns
 * their number, makes the triggers that count, where partitions lack them, and
 * enters foreign ids that foreign_id lacks.
 * Writers of jobs wait meanwhile. Statistics of jobs whose partition has gone
 * stay unless forget_history is true. Errors: 42501 for a caller who does not
 * own the store, 25001 at another isolation level than READ COMMITTED, 55000
 * where job has a default partition.
 */
Datum
rebuild_counts(PG_FUNCTION_ARGS)
{
	Caller		caller;
	Oid			job;
	int64		jobs;

	refuse_read_only(fcinfo);
	connect_as_store_owner(&caller);
	insist_on_owner(&caller, "rebuild its counts");
	/* with a snapshot from before the lock, what was committed meanwhile would be missed */
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("rebuild_counts() must run at isolation level READ COMMITTED")));
	run_isolated(lock_tables, false);
	job = get_relname_relid("job", idpsync_namespace());
	refuse_default_partition(job);
	if (!store_is_distributed())
		make_missing_triggers(job);
	run_isolated(PG_GETARG_BOOL(0) ? forget_all : forget_live, false);
	run_isolated(store_is_distributed() ? COUNT_ANEW(JOBS_BY_TIME) : COUNT_ANEW(JOBS_BY_TABLE), false);
	run_isolated(enter_foreign_ids, false);
	run_isolated(sum_counts, false);
	jobs = result_int64(0, 1);
	be_caller(&caller);
	SPI_finish();
	PG_RETURN_INT64(jobs);
}
