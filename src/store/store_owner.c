/*
 * store_owner.c: what the store needs done as its owner.
 */
#include "store/store_owner.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/catalog.h"
#include "store/store.h"

/* goes on with the rights of the owner of a relation of the store; false where that is missing */
static bool
be_owner_of(const char *relation, Caller *caller)
{
	Oid			relid = get_relname_relid(relation, idpsync_namespace());
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return false;
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	caller->nest_level = 0;
	GetUserIdAndSecContext(&caller->user, &caller->security_context);
	SetUserIdAndSecContext(owner, caller->security_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	return true;
}

void
be_store_owner(Caller *caller)
{
	if (!be_owner_of("job_count_delta", caller))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table idpsync.job_count_delta is missing"),
				 errhint("SELECT * FROM idpsync.check_store(); tells what is wrong.")));
}

static void
restrict_owner(Caller *caller)
{
	Oid			owner;
	int			context;

	GetUserIdAndSecContext(&owner, &context);
	SetUserIdAndSecContext(owner, context | SECURITY_RESTRICTED_OPERATION);
	caller->nest_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

void
be_restricted_owner(Caller *caller)
{
	be_store_owner(caller);
	restrict_owner(caller);
}

void
connect_as_store_owner(Caller *caller)
{
	/* where there is no store, connect_store() says so */
	if (OidIsValid(get_relname_relid("store_info", idpsync_namespace())))
		be_restricted_owner(caller);
	connect_store();
}

bool
connect_as_owner_or_caller(Caller *caller)
{
	/* the view is the store's as well, and may call what its owner likes */
	if (be_owner_of("job_count_delta", caller) || be_owner_of("store_info", caller))
		restrict_owner(caller);
	connect_store();
	if (has_privs_of_role(caller->user, GetUserId()))
		return true;
	be_caller(caller);
	return false;
}

void
be_caller(const Caller *caller)
{
	/* false undoes what was set without LOCAL, too */
	if (caller->nest_level > 0)
		AtEOXact_GUC(false, caller->nest_level);
	SetUserIdAndSecContext(caller->user, caller->security_context);
}

void
insist_on_owner(const Caller *caller, const char *what)
{
	if (!has_privs_of_role(caller->user, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of the store to %s", what)));
}
