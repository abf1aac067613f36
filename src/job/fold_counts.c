/*
 * fold_counts.c: deltas are folded into the counts.
 *
 * A fold is one transaction: who looks sees the deltas or what has become of
 * them. One runs at a time; a second does nothing, and waits for nobody. In a
 * distributed store the deltas of a tenant are on one node, and folded there,
 * tenant by tenant.
 */
#include "job/fold_counts.h"

#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "job/count_changes.h"
#include "store/store.h"
#include "store/store_owner.h"
#include "store/turn.h"

#define FOLD_BATCH 10000
#define FOLD_TENANTS 100
#define BATCH CppAsString2(FOLD_BATCH)

/* by their places: a join could be planned for a table that was small once, and kept when it has grown */
static Statement take_deltas = {
	.ordered = true,
	.sql =
	"DELETE FROM idpsync.job_count_delta WHERE ctid" EQUALS "ANY (ARRAY"
	"(SELECT ctid FROM idpsync.job_count_delta LIMIT " BATCH " FOR UPDATE SKIP LOCKED))"
	" RETURNING " COUNT_COLUMNS_SQL
};

/* whatever tenants come first */
static Statement find_tenants = {
	"SELECT DISTINCT tenant_id FROM idpsync.job_count_delta LIMIT " CppAsString2(FOLD_TENANTS)
};

static Statement take_deltas_of_tenant = {
	"DELETE FROM idpsync.job_count_delta WHERE tenant_id" EQUALS "$1 AND ctid" EQUALS "ANY (ARRAY"
	"(SELECT ctid FROM idpsync.job_count_delta WHERE tenant_id" EQUALS "$1 LIMIT " BATCH "))"
	" RETURNING " COUNT_COLUMNS_SQL,
	1, {ARG_TEXT}
};

/* a key whose jobs have all gone, and left nothing, is taken away below */
static Statement add_counts = {
	"INSERT INTO idpsync.job_count AS c (" COUNT_COLUMNS_SQL ")"
	" SELECT d.* FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),"
	" pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9),"
	" pg_catalog.unnest($10), pg_catalog.unnest($11)) AS d"
	" ON CONFLICT (tenant_id, grain, target_id, period, target_type, direction, status, partition_start) DO UPDATE"
	" SET jobs = c.jobs OPERATOR(pg_catalog.+) EXCLUDED.jobs, added = idpsync.add_or_null(c.added, EXCLUDED.added),"
	" removed = idpsync.add_or_null(c.removed, EXCLUDED.removed)"
	" RETURNING jobs" EQUALS "0 AND added OPERATOR(idpsync.=) removed",
	COUNT_COLUMNS, {COUNT_ARRAYS}
};

static Statement remove_zero = {
	"DELETE FROM idpsync.job_count WHERE tenant_id" EQUALS "$1 AND grain" EQUALS "$2 AND target_id" EQUALS "$3"
	" AND period" EQUALS "$4 AND target_type" EQUALS "$5 AND direction" EQUALS "$6 AND status" EQUALS "$7 AND partition_start" EQUALS "$8"
	" AND jobs" EQUALS "0 AND added OPERATOR(idpsync.=) removed",
	.n_args = COUNT_KEY_COLUMNS,
	.args = {COUNT_KEY},
	.ordered = true
};

/* a row of take_deltas */
static void
add_delta(CountChanges *changes, uint64 row)
{
	Datum		values[COUNT_COLUMNS];
	bool		nulls[COUNT_COLUMNS];
	CountKey	key;
	CountChange change = {0};

	take_apart(row, "V1V444488vv", values, nulls);
	count_key_texts(&key, values[0], values[2]);
	key.grain = DatumGetChar(values[1]);
	key.period = DatumGetDateADT(values[3]);
	key.target_type = enum_number(JOB_TARGET_TYPE, DatumGetObjectId(values[4]));
	key.direction = enum_number(JOB_DIRECTION, DatumGetObjectId(values[5]));
	key.status = enum_number(JOB_STATUS, DatumGetObjectId(values[6]));
	key.partition_start = DatumGetTimestampTz(values[7]);
	change.jobs = DatumGetInt64(values[8]);
	change.overflowed = nulls[9] || nulls[10];
	change.added = nulls[9] ? (Datum) 0 : values[9];
	change.removed = nulls[10] ? (Datum) 0 : values[10];
	add_count_change(changes, &key, &change);
}

static bool
result_is_true(uint64 row)
{
	char	   *value = result_text(row, 1);

	return value && strcmp(value, "t") == 0;
}

static void
remove_key(Datum *columns[COUNT_KEY_COLUMNS], int row)
{
	Values		key = {0};

	for (int i = 0; i < COUNT_KEY_COLUMNS; i++)
		bind_datum(&key, columns[i][row], false);
	run_statement(&remove_zero, &key, false);
}

static void
add_to_counts(const CountChanges *changes)
{
	Values		values = {0};
	int			n = bind_count_changes(changes, &values);
	int			n_zeros = 0;
	int		   *zeros = palloc(sizeof(int) * (n + 1));
	Datum	   *columns[COUNT_KEY_COLUMNS];

	if (n == 0)
		return;
	/* rows come back in the order in which they went in */
	if (run_statement(&add_counts, &values, false) != n)
		refuse_write();
	for (int row = 0; row < n; row++)
	{
		if (result_is_true(row))
			zeros[n_zeros++] = row;
	}
	if (n_zeros > 0)
		unbind_count_keys(&values, columns);
	for (int i = 0; i < n_zeros; i++)
		remove_key(columns, zeros[i]);
}

static int64
fold_deltas(Statement *take, Values *values)
{
	CountChanges *deltas = make_count_changes();
	uint64		n = run_statement(take, values, false);

	for (uint64 row = 0; row < n; row++)
		add_delta(deltas, row);
	add_to_counts(coarser_count_changes(deltas, true));
	return (int64) n;
}

static int64
fold_tenants(bool *more)
{
	Values		none = {0};
	int			n_tenants = (int) run_statement(&find_tenants, &none, false);
	char	  **tenants = palloc(sizeof(char *) * (n_tenants + 1));
	int64		n = 0;

	for (int i = 0; i < n_tenants; i++)
		tenants[i] = result_text(i, 1);
	for (int i = 0; i < n_tenants && n < FOLD_BATCH; i++)
	{
		Values		tenant = {0};

		bind_text(&tenant, tenants[i]);
		n += fold_deltas(&take_deltas_of_tenant, &tenant);
	}
	*more = n >= FOLD_BATCH || n_tenants == FOLD_TENANTS;
	return n;
}

static int64
fold_batch(bool *more)
{
	Values		none = {0};
	int64		n;

	*more = false;
	if (!take_turn("job_count_pkey"))
		return 0;
	if (store_is_distributed())
		return fold_tenants(more);
	n = fold_deltas(&take_deltas, &none);
	*more = n == FOLD_BATCH;
	return n;
}

/* in a memory context of its own: maintain() folds many batches in one call */
int64
fold_counts(bool *more)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "idpsync fold", ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(context);
	Caller		caller;
	int64		n;

	be_store_owner(&caller);
	n = fold_batch(more);
	be_caller(&caller);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
	return n;
}
