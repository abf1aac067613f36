/*
 * turn.c: what only one session at a time may do to the store.
 */
#include "store/turn.h"

#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"

#include "base/catalog.h"

bool
take_turn(const char *index)
{
	Oid			relid = get_relname_relid(index, idpsync_namespace());

	return OidIsValid(relid) && ConditionalLockRelationOid(relid, ShareUpdateExclusiveLock);
}

void
wait_for_turn(const char *table, uint64 key_hash)
{
	/* a standby would refuse the lock, with an error that says less */
	PreventCommandIfReadOnly("a call that writes");
	LockDatabaseObject(get_relname_relid(table, idpsync_namespace()), (Oid) key_hash, (uint16) (key_hash >> 32), ExclusiveLock);
}
