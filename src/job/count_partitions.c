/*
 * count_partitions.c: whose counts stand for jobs that are there.
 *
 * Rows of a snapshot are read from the partitions of today. A partition's row
 * of pg_class is written anew when it is made, attached or truncated: whether a
 * snapshot knows the partition as it is now is whether it sees that row.
 */
#include "job/count_partitions.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "store/partition_bounds.h"

/* the last transaction that wrote one of their rows, until a table changes */
static struct
{
	bool		known;
	bool		changed;		/* while they were looked at */
	TransactionId writer;		/* invalid: all are long past */
} newest;

static Datum
time_array(Datum *times, int n)
{
	return PointerGetDatum(construct_array(times, n, TIMESTAMPTZOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static void
forget_newest(Datum arg, Oid relid)
{
	newest.known = false;
	newest.changed = true;
}

/* who wrote a table's row of pg_class; invalid: everybody sees it */
static TransactionId
row_writer(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	TransactionId writer = InvalidTransactionId;

	if (!HeapTupleIsValid(tuple))
		return InvalidTransactionId;
	if (!HeapTupleHeaderXminFrozen(tuple->t_data))
		writer = HeapTupleHeaderGetRawXmin(tuple->t_data);
	ReleaseSysCache(tuple);
	return writer;
}

/* in a transaction of one snapshot, that may be older than what it did itself */
static bool
is_unseen(TransactionId writer, Snapshot snapshot)
{
	if (!TransactionIdIsNormal(writer))
		return false;
	if (TransactionIdIsCurrentTransactionId(writer))
		return IsolationUsesXactSnapshot();
	return XidInMVCCSnapshot(writer, snapshot);
}

/* are the last written rows of their tables seen by the snapshot? */
static bool
all_are_seen(Snapshot snapshot)
{
	static bool registered = false;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(forget_newest, (Datum) 0);
		registered = true;
	}
	/* this transaction may have the locks at which others' changes would be heard of */
	AcceptInvalidationMessages();
	return newest.known && (!TransactionIdIsValid(newest.writer) || TransactionIdPrecedes(newest.writer, snapshot->xmin));
}

static int
find_younger(const Partition *partitions, int n, Snapshot snapshot, Datum *younger)
{
	TransactionId last = InvalidTransactionId;
	int			n_younger = 0;

	/* not known before the end: an error may come in between */
	newest.known = false;
	newest.changed = false;
	for (int i = 0; i < n; i++)
	{
		TransactionId writer = row_writer(partitions[i].relid);

		if (TransactionIdIsNormal(writer) && (!TransactionIdIsValid(last) || TransactionIdPrecedes(last, writer)))
			last = writer;
		if (is_unseen(writer, snapshot))
			younger[n_younger++] = TimestampTzGetDatum(partitions[i].start);
	}
	newest.writer = last;
	newest.known = !newest.changed;
	return n_younger;
}

void
find_live_partitions(LivePartitions *live)
{
	int			n;
	Partition  *partitions = list_partitions("job", &n);
	Datum	   *starts = palloc(sizeof(Datum) * (n + 1));

	for (int i = 0; i < n; i++)
		starts[i] = TimestampTzGetDatum(partitions[i].start);
	live->starts = time_array(starts, n);
	live->n_younger = all_are_seen(GetActiveSnapshot()) ? 0 : find_younger(partitions, n, GetActiveSnapshot(), starts);
	live->younger = time_array(starts, live->n_younger);
}
