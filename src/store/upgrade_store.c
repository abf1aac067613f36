/*
 * upgrade_store.c: upgrade_store(): a store of an earlier version becomes one of
 * this library's, in one transaction.
 */
#include "store/store.h"

#include "executor/spi.h"
#include "miscadmin.h"

#include "store/statement.h"
#include "store/store_info.h"
#include "store/store_owner.h"
#include "store_upgrades.h"

PG_FUNCTION_INFO_V1(upgrade_store);

/* by the version a step leads from, to the next one; what a step once did it does for ever */
static const char *const steps[STORE_VERSION] = {
	[1] = upgrade_1_to_2
};

static void
refuse_upgrade(int version)
{
	refuse_newer_store(version);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("no upgrade leads from store version %d to version %d", version, STORE_VERSION)));
}

/*
 * upgrade_store(): brings the store to this library's version, which it
 * returns; does nothing where it has it. Who calls meanwhile waits. Errors:
 * 55000 where there is no store, or one no step leads from, 42501 for a caller
 * who does not own the store.
 */
Datum
upgrade_store(PG_FUNCTION_ARGS)
{
	StoreInfo	info;
	Caller		caller;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) store_info_relid();
	read_store_info(&info);
	if (info.version != STORE_VERSION)
	{
		insist_on_owner(&caller, "upgrade it");
		/* as callers take them: first what the store is, then its tables; another upgrade may have been quicker */
		run_isolated("LOCK TABLE idpsync.store_info IN ACCESS EXCLUSIVE MODE", false);
		read_store_info(&info);
		while (info.version != STORE_VERSION)
		{
			if (info.version < 0 || info.version >= STORE_VERSION || steps[info.version] == NULL)
				refuse_upgrade(info.version);
			run_isolated(steps[info.version], false);
			info.version++;
		}
		write_store_info(&info);
		be_caller(&caller);
	}
	SPI_finish();
	PG_RETURN_INT32(STORE_VERSION);
}
