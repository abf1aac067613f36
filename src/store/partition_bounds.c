/*
 * partition_bounds.c: where the partitions of job and operation begin and end.
 */
#include "store/partition_bounds.h"

#include "fmgr.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/catalog.h"

PG_FUNCTION_INFO_V1(partition_start);

bool
partition_begins(Oid relid, TimestampTz *start)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	PartitionBoundSpec *bound = NULL;
	bool		isnull = true;
	Datum		datum;

	if (!HeapTupleIsValid(tuple))
		return false;
	datum = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relpartbound, &isnull);
	if (!isnull)
		bound = stringToNode(TextDatumGetCString(datum));
	ReleaseSysCache(tuple);
	if (bound && bound->strategy == PARTITION_STRATEGY_RANGE && !bound->is_default && list_length(bound->lowerdatums) == 1)
	{
		PartitionRangeDatum *lower = linitial_node(PartitionRangeDatum, bound->lowerdatums);

		if (lower->kind == PARTITION_RANGE_DATUM_MINVALUE)
		{
			*start = DT_NOBEGIN;
			return true;
		}
		if (IsA(lower->value, Const) && castNode(Const, lower->value)->consttype == TIMESTAMPTZOID)
		{
			*start = DatumGetTimestampTz(castNode(Const, lower->value)->constvalue);
			return true;
		}
	}
	return false;
}

/*
 * partition_start(partition regclass): where a partition of job or operation
 * begins, -infinity for the first; NULL for any other table.
 */
Datum
partition_start(PG_FUNCTION_ARGS)
{
	TimestampTz start;

	if (!partition_begins(PG_GETARG_OID(0), &start))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(start);
}

/* the bounds of its partitions, in order */
static PartitionBoundInfo
partition_bounds(Relation table)
{
	PartitionKey key = table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ? RelationGetPartitionKey(table) : NULL;

	if (key == NULL || key->strategy != PARTITION_STRATEGY_RANGE || key->partnatts != 1 || key->parttypid[0] != TIMESTAMPTZOID)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" is not partitioned by range of created_at", RelationGetRelationName(table))));
	return RelationGetPartitionDesc(table, true)->boundinfo;
}

static TimestampTz
bound_time(PartitionBoundInfo bounds, int i)
{
	switch (bounds->kind[i][0])
	{
		case PARTITION_RANGE_DATUM_MINVALUE:
			return DT_NOBEGIN;
		case PARTITION_RANGE_DATUM_MAXVALUE:
			return DT_NOEND;
		default:
			return DatumGetTimestampTz(bounds->datums[i][0]);
	}
}

/* MAXVALUE is after infinity too */
static bool
is_bound_after(PartitionBoundInfo bounds, int i, TimestampTz time)
{
	return bounds->kind[i][0] == PARTITION_RANGE_DATUM_MAXVALUE || bound_time(bounds, i) > time;
}

void
find_partition(Relation table, TimestampTz created_at, TimestampTz *start, TimestampTz *end)
{
	PartitionBoundInfo bounds = partition_bounds(table);
	int			low = 0;
	int			high = bounds->ndatums - 1;

	/* the last bound that is not after it */
	while (low < high)
	{
		int			middle = (low + high + 1) / 2;

		if (is_bound_after(bounds, middle, created_at))
			high = middle - 1;
		else
			low = middle;
	}
	*start = bound_time(bounds, low);
	*end = low + 1 < bounds->ndatums ? bound_time(bounds, low + 1) : DT_NOEND;
}

Relation
open_partitioned(const char *name, LOCKMODE mode)
{
	Oid			relid = get_relname_relid(name, idpsync_namespace());
	Relation	table = OidIsValid(relid) ? try_table_open(relid, mode) : NULL;

	if (table == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table idpsync.%s is missing", name),
				 errhint("SELECT * FROM idpsync.check_store(); tells what is wrong.")));
	return table;
}

Partition *
list_partitions(const char *name, int *n)
{
	Relation	table = open_partitioned(name, AccessShareLock);
	PartitionBoundInfo bounds = partition_bounds(table);
	Partition  *partitions = palloc(sizeof(Partition) * (bounds ? bounds->ndatums : 1));

	*n = 0;
	for (int i = 0; bounds && i < bounds->ndatums; i++)
	{
		/* indexes[i + 1] is what begins there, and none where there is a gap */
		int			index = bounds->indexes[i + 1];

		if (index < 0)
			continue;
		partitions[*n].relid = RelationGetPartitionDesc(table, true)->oids[index];
		partitions[*n].start = bound_time(bounds, i);
		partitions[*n].end = bound_time(bounds, i + 1);
		(*n)++;
	}
	table_close(table, NoLock);
	return partitions;
}
