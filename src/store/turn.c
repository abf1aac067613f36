/*
 * turn.c: what only one session at a time may do to the store.
 */
#include "store/turn.h"

#include "catalog/index.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"

#include "base/catalog.h"

void
lock_at_once(Oid table)
{
	if (!ConditionalLockRelationOid(table, RowExclusiveLock))
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("could not obtain lock on table with oid %u", table)));
}

bool
take_turn(const char *index)
{
	Oid			relid = get_relname_relid(index, idpsync_namespace());
	Oid			table = OidIsValid(relid) ? IndexGetRelation(relid, true) : InvalidOid;

	/* as REINDEX does: the table first; who has the turn writes to it */
	if (OidIsValid(table))
		lock_at_once(table);
	return OidIsValid(relid) && ConditionalLockRelationOid(relid, ShareUpdateExclusiveLock);
}

void
wait_for_turn(const char *table, uint64 key_hash)
{
	LockDatabaseObject(get_relname_relid(table, idpsync_namespace()), (Oid) key_hash, (uint16) (key_hash >> 32), ExclusiveLock);
}
