/*
 * turn.c: what only one session at a time may do to the store.
 */
#include "store/turn.h"

#include "storage/lmgr.h"
#include "utils/lsyscache.h"

#include "base/catalog.h"

bool
take_turn(const char *index)
{
	Oid			relid = get_relname_relid(index, idpsync_namespace());

	return OidIsValid(relid) && ConditionalLockRelationOid(relid, ShareUpdateExclusiveLock);
}
