/*
 * import_retired.c: jobs that maintain() has retired do not come in again.
 *
 * Their statistics are kept: those of a job that came back would be there
 * twice, once it is retired again for good.
 */
#include "job/import_retired.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "store/partition_bounds.h"
#include "store/statement.h"
#include "store/store.h"

/* LIMIT 1 has each id looked up by itself */
static Statement select_stored = {
	"SELECT i.position FROM pg_catalog.unnest($2) WITH ORDINALITY AS i (id, position)"
	" CROSS JOIN LATERAL (SELECT 1 FROM idpsync.job AS j WHERE j.job_id" EQUALS "i.id AND j.tenant_id" EQUALS "$1 LIMIT 1) AS s"
	" ORDER BY i.position",
	2, {ARG_TEXT, ARG_TEXT_ARRAY}
};

/* the lock of a writer, which keeps partitions from being dropped: what is remembered is all that was */
TimestampTz
hold_retirement(void)
{
	table_close(open_partitioned("job", RowExclusiveLock), NoLock);
	return store_settings()->jobs_retired_until;
}

int
leave_out_retired(const char *tenant_id, ImportedJob **jobs, int n, TimestampTz until)
{
	Datum	   *ids = palloc(sizeof(Datum) * (n + 1));
	Values		values = {0};
	int			n_old = 0;
	int			n_stored;
	int			next = 0;
	int			left = 0;
	int			old = 0;

	for (int i = 0; i < n; i++)
	{
		if (jobs[i]->created_at < until)
			ids[n_old++] = CStringGetTextDatum(jobs[i]->id);
	}
	if (n_old == 0)
		return n;
	bind_text(&values, tenant_id);
	bind_datum(&values, PointerGetDatum(construct_array(ids, n_old, TEXTOID, -1, false, TYPALIGN_INT)), false);
	n_stored = (int) run_statement(&select_stored, &values, false);
	for (int i = 0; i < n; i++)
	{
		if (jobs[i]->created_at < until)
		{
			old++;
			if (next == n_stored || result_int64(next, 1) != old)
				continue;
			next++;
		}
		jobs[left++] = jobs[i];
	}
	return left;
}
