/*
 * count_deltas.c: changes of counts are appended to job_count_delta.
 *
 * A writer only ever inserts there, so no writer waits for another.
 */
#include "job/count_deltas.h"

#include "access/htup_details.h"
#include "common/pg_prng.h"
#include "utils/memutils.h"

#include "store/store_owner.h"

#define INSERT_DELTAS "INSERT INTO idpsync.job_count_delta (delta_id, " COUNT_COLUMNS_SQL ")"
#define ROW_1 "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
#define ROW_2 "($13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)"
#define FEW 2

/* most calls change one key, or move a job from one to another */
static Statement insert_few[FEW] = {
	{INSERT_DELTAS " VALUES " ROW_1, 1 + COUNT_COLUMNS, {ARG_BIGINT, COUNT_SCALARS}},
	{INSERT_DELTAS " VALUES " ROW_1 ", " ROW_2, 2 * (1 + COUNT_COLUMNS), {ARG_BIGINT, COUNT_SCALARS, ARG_BIGINT, COUNT_SCALARS}}
};

static Statement insert_many = {
	INSERT_DELTAS
	" SELECT $12 OPERATOR(pg_catalog.+) c.position, c.tenant_id, c.grain, c.target_id, c.period, c.target_type, c.direction, c.status,"
	" c.partition_start, c.jobs, c.added, c.removed"
	" FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),"
	" pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9),"
	" pg_catalog.unnest($10), pg_catalog.unnest($11)) WITH ORDINALITY AS c (" COUNT_COLUMNS_SQL ", position)",
	COUNT_COLUMNS + 1, {COUNT_ARRAYS, ARG_BIGINT}
};

int64
random_delta_id(void)
{
	return (int64) (pg_prng_uint64(&pg_global_prng_state) >> 2);
}

static void
insert_all(const CountChanges *changes)
{
	Values		values = {0};

	if (bind_count_changes(changes, &values) == 0)
		return;
	bind_bigint(&values, random_delta_id());
	run_statement(&insert_many, &values, false);
}

/*
 * Whichever says it in fewer rows: a row a day and target, or the rows of a
 * coarser grain. A statement may come here many times, and keeps nothing of it.
 */
static void
insert_coarser(const CountChanges *changes)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "idpsync count deltas", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	CountChanges *coarser = coarser_count_changes(changes, false);

	insert_all(count_changes_held(coarser) < count_changes_held(changes) ? coarser : changes);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

static bool
insert_few_rows(const CountChanges *changes)
{
	Values		rows = {0};
	Values		values = {0};
	int			n;

	if (!bind_few_count_changes(changes, &rows, FEW, &n))
		return false;
	for (int i = 0; i < rows.n; i++)
	{
		if (i % COUNT_COLUMNS == 0)
			bind_bigint(&values, random_delta_id());
		bind_datum(&values, rows.datum[i], rows.null[i] == 'n');
	}
	if (n > 0)
		run_statement(&insert_few[n - 1], &values, false);
	return true;
}

void
append_count_deltas(const CountChanges *changes)
{
	if (!insert_few_rows(changes))
		insert_coarser(changes);
}
