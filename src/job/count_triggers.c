/*
 * count_triggers.c: every statement that changes jobs appends what it changes
 * in their counts.
 *
 * The triggers stand on job and on each of its partitions, since those of the
 * parent miss what is written to a partition directly. They read the
 * transition tables themselves; nothing goes through SQL but the deltas.
 */
#include "job/job.h"

#include "access/htup_details.h"
#include "catalog/partition.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "job/count_deltas.h"
#include "store/partition_bounds.h"
#include "store/row_trigger.h"
#include "store/store_owner.h"

PG_FUNCTION_INFO_V1(count_job_changes);

/* keys a statement gathers before it appends them: bounds its memory */
#define MAX_HELD 16384

enum
{
	C_CREATED_AT, C_START_TIME, C_TARGET_TYPE, C_DIRECTION, C_STATUS, C_STATISTICS, C_TENANT_ID, C_TARGET_ID, C_COLUMNS
};

/* the table whose rows are counted */
typedef struct CountedTable
{
	Relation	relation;
	bool		is_root;
	int			columns[C_COLUMNS];
	int			last;			/* the last of them */
	TimestampTz start;			/* of the partition, which ends before end */
	TimestampTz end;
} CountedTable;

static int
column_of(const TriggerData *trigger, const char *name, Oid type)
{
	return trigger_column(trigger, name, type);
}

pg_noreturn static void
refuse_trigger(const TriggerData *trigger)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("trigger \"%s\" does not belong on table \"%s\"",
					trigger->tg_trigger->tgname, RelationGetRelationName(trigger->tg_relation)),
			 errdetail("The counts of jobs are kept by the triggers that idpsync.create_store() made on idpsync.job and its partitions.")));
}

/*
 * Is it one of ours, on our table? Anybody may put the function on a table of
 * his, and it writes with the rights of the store's owner.
 */
static void
open_counted(const TriggerData *trigger, const char *name, CountedTable *table)
{
	Oid			root = get_relname_relid("job", idpsync_namespace());
	Oid			relid = RelationGetRelid(trigger->tg_relation);

	if (strcmp(trigger->tg_trigger->tgname, name) != 0)
		refuse_trigger(trigger);
	table->relation = trigger->tg_relation;
	table->is_root = relid == root;
	table->start = table->end = DT_NOBEGIN;
	if (!table->is_root)
	{
		if (!OidIsValid(root) || !trigger->tg_relation->rd_rel->relispartition ||
			get_partition_parent(relid, true) != root || !partition_begins(relid, &table->start))
			refuse_trigger(trigger);
		table->end = DT_NOEND;
	}
}

static void
find_columns(const TriggerData *trigger, CountedTable *table)
{
	table->columns[C_CREATED_AT] = column_of(trigger, "created_at", TIMESTAMPTZOID);
	table->columns[C_START_TIME] = column_of(trigger, "start_time", TIMESTAMPTZOID);
	table->columns[C_TARGET_TYPE] = column_of(trigger, "target_type", enum_type(JOB_TARGET_TYPE));
	table->columns[C_DIRECTION] = column_of(trigger, "direction", enum_type(JOB_DIRECTION));
	table->columns[C_STATUS] = column_of(trigger, "status", enum_type(JOB_STATUS));
	table->columns[C_STATISTICS] = column_of(trigger, "statistics", idpsync_type("job_statistics"));
	table->columns[C_TENANT_ID] = column_of(trigger, "tenant_id", TEXTOID);
	table->columns[C_TARGET_ID] = column_of(trigger, "target_id", TEXTOID);
	table->last = 0;
	for (int i = 0; i < C_COLUMNS; i++)
		table->last = Max(table->last, table->columns[i]);
}

/* what a row counts as */
static void
read_key(CountedTable *table, TupleTableSlot *slot, CountKey *key, Datum *statistics)
{
	Datum		values[C_COLUMNS];
	TimestampTz created_at;

	slot_getsomeattrs(slot, table->last);
	for (int i = 0; i < C_COLUMNS; i++)
	{
		int			attribute = table->columns[i] - 1;

		if (slot->tts_isnull[attribute])
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("null value in column \"%s\" of relation \"%s\" cannot be counted",
							NameStr(TupleDescAttr(slot->tts_tupleDescriptor, attribute)->attname),
							RelationGetRelationName(table->relation))));
		values[i] = slot->tts_values[attribute];
	}
	created_at = DatumGetTimestampTz(values[C_CREATED_AT]);
	if (table->is_root && !(created_at >= table->start && created_at < table->end))
		find_partition(table->relation, created_at, &table->start, &table->end);
	count_key_texts(key, values[C_TENANT_ID], values[C_TARGET_ID]);
	key->partition_start = table->start;
	key->period = utc_day(DatumGetTimestampTz(values[C_START_TIME]));
	key->target_type = enum_number(JOB_TARGET_TYPE, DatumGetObjectId(values[C_TARGET_TYPE]));
	key->direction = enum_number(JOB_DIRECTION, DatumGetObjectId(values[C_DIRECTION]));
	key->status = enum_number(JOB_STATUS, DatumGetObjectId(values[C_STATUS]));
	key->grain = GRAIN_FULL;
	*statistics = values[C_STATISTICS];
}

/* appends what is held, and frees it */
static void
append_as_owner(CountChanges *changes)
{
	Caller		caller;

	be_store_owner(&caller);
	append_count_deltas(changes);
	be_caller(&caller);
	free_count_changes(changes);
}

/* the rows of a transition table, each counted once or taken away once */
static CountChanges *
count_rows(CountedTable *table, Tuplestorestate *rows, bool added, CountChanges *changes)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(table->relation), &TTSOpsMinimalTuple);

	tuplestore_rescan(rows);
	while (tuplestore_gettupleslot(rows, true, false, slot))
	{
		CountKey	key;
		Datum		statistics;
		CountChange change = {0};

		read_key(table, slot, &key, &statistics);
		change.jobs = added ? 1 : -1;
		if (added)
			change.added = statistics;
		else
			change.removed = statistics;
		add_count_change(changes, &key, &change);
		if (count_changes_held(changes) >= MAX_HELD)
		{
			append_as_owner(changes);
			changes = make_count_changes();
		}
	}
	ExecDropSingleTupleTableSlot(slot);
	return changes;
}

/*
 * What the partition counted is taken away again, by what stands in the count
 * tables now: nobody can write to the partition until this transaction ends,
 * and whoever could before has committed, perhaps after its snapshot.
 */
static void
uncount_partition(const CountedTable *table)
{
	static const char sql[] =
	"INSERT INTO idpsync.job_count_delta (delta_id, " COUNT_COLUMNS_SQL ")"
	" SELECT $2 OPERATOR(pg_catalog.+) pg_catalog.row_number() OVER (), c.tenant_id, c.grain, c.target_id, c.period, c.target_type,"
	" c.direction, c.status, c.partition_start, OPERATOR(pg_catalog.-) c.jobs, c.removed, c.added"
	" FROM (SELECT " COUNT_COLUMNS_SQL " FROM idpsync.job_count WHERE partition_start" EQUALS "$1 AND grain" EQUALS "ANY ('{d,t}')"
	" UNION ALL SELECT " COUNT_COLUMNS_SQL " FROM idpsync.job_count_delta WHERE partition_start" EQUALS "$1) AS c";
	Oid			types[] = {TIMESTAMPTZOID, INT8OID};
	Datum		values[] = {TimestampTzGetDatum(table->start), Int64GetDatum(random_delta_id())};
	SPIPlanPtr	plan = SPI_prepare(sql, 2, types);
	Caller		caller;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	be_store_owner(&caller);
	if (SPI_execute_snapshot(plan, values, NULL, GetLatestSnapshot(), InvalidSnapshot, false, true, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not take away the counts of a partition");
	be_caller(&caller);
}

static void
count_statement(const TriggerData *trigger, CountedTable *table)
{
	CountChanges *changes = make_count_changes();

	find_columns(trigger, table);
	if (trigger->tg_oldtable)
		changes = count_rows(table, trigger->tg_oldtable, false, changes);
	if (trigger->tg_newtable)
		changes = count_rows(table, trigger->tg_newtable, true, changes);
	append_as_owner(changes);
}

/*
 * Statement trigger after insert, update and delete, with the transition
 * tables it needs, and after truncate of a partition. Errors: 39P01 anywhere
 * but where create_store() puts it.
 */
Datum
count_job_changes(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	CountedTable table;
	bool		inserted;
	bool		deleted;
	const char *name;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "count_job_changes")));
	inserted = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	deleted = TRIGGER_FIRED_BY_DELETE(trigger->tg_event);
	name = inserted ? "job_count_insert" : deleted ? "job_count_delete" :
		TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? "job_count_update" : "job_count_truncate";
	open_counted(trigger, name, &table);
	if (!TRIGGER_FIRED_AFTER(trigger->tg_event) || !TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) ||
		(!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) &&
		 ((!inserted && !trigger->tg_oldtable) || (!deleted && !trigger->tg_newtable))))
		refuse_trigger(trigger);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		uncount_partition(&table);
	else
		count_statement(trigger, &table);
	SPI_finish();
	return PointerGetDatum(NULL);
}
