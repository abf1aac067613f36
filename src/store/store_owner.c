/*
 * store_owner.c: what the store needs done as its owner.
 */
#include "store/store_owner.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/catalog.h"

void
be_store_owner(Caller *caller)
{
	Oid			relid = get_relname_relid("job_count_delta", idpsync_namespace());
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table idpsync.job_count_delta is missing"),
				 errhint("SELECT * FROM idpsync.check_store(); tells what is wrong.")));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	GetUserIdAndSecContext(&caller->user, &caller->security_context);
	SetUserIdAndSecContext(owner, caller->security_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
}

void
be_caller(const Caller *caller)
{
	SetUserIdAndSecContext(caller->user, caller->security_context);
}

void
insist_on_owner(Caller *caller, const char *what)
{
	be_store_owner(caller);
	if (!has_privs_of_role(caller->user, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of the store to %s", what)));
}
