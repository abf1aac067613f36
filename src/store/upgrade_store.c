/*
 * upgrade_store.c: upgrade_store(): a store of an earlier version becomes one of
 * this library's, in one transaction.
 *
 * Callers take the locks on the view that says what the store is, on its other
 * views and on its tables in any order, so it cannot but come across somebody.
 * It gives way before the server finds a deadlock, with all it has, and tries again.
 */
#include "store/store.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/resowner.h"
#include "utils/wait_event.h"

#include "store/statement.h"
#include "store/store_info.h"
#include "store/store_owner.h"
#include "store_upgrades.h"

PG_FUNCTION_INFO_V1(upgrade_store);

/* by the version a step leads from, to the next one; what a step once did it does for ever */
static const char *const steps[STORE_VERSION] = {
	[1] = upgrade_1_to_2
};

/* no step waits for more than three locks, and the server looks for deadlocks after a second */
#define LOCK_TIMEOUT "300ms"
#define PAUSE 200				/* milliseconds between tries */
#define TRIES 60

pg_noreturn static void
refuse_upgrade(int version)
{
	refuse_newer_store(version);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("no upgrade leads from store version %d to version %d", version, STORE_VERSION)));
}

static void
run_steps(void)
{
	StoreInfo	info;

	/* another upgrade may have been quicker */
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
}

/* all of it or, where somebody is in the way for too long, nothing: false */
static bool
try_steps(void)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool done = true;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		Caller		caller;

		be_restricted_owner(&caller);
		insist_on_owner(&caller, "upgrade it");
		(void) set_config_option("lock_timeout", LOCK_TIMEOUT, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
		run_steps();
		be_caller(&caller);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
			ReThrowError(error);
		FreeErrorData(error);
		done = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return done;
}

/*
 * upgrade_store(): brings the store to this library's version, which it
 * returns; does nothing where it has it. Errors: 55000 where there is no store,
 * or one no step leads from, 42501 for a caller who does not own the store,
 * 55P03 where a transaction has been using it all the time.
 */
Datum
upgrade_store(PG_FUNCTION_ARGS)
{
	StoreInfo	info;
	Caller		caller;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) store_info_relid();
	/* the view is the owner's, and may call what he likes */
	be_restricted_owner(&caller);
	read_store_info(&info);
	be_caller(&caller);
	if (info.version != STORE_VERSION)
		refuse_read_only(fcinfo);
	for (int i = 1; info.version != STORE_VERSION && !try_steps(); i++)
	{
		if (i == TRIES)
			ereport(ERROR,
					(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
					 errmsg("could not lock the store to upgrade it"),
					 errdetail("Another transaction has been using it all the time."),
					 errhint("End that transaction, or call again later.")));
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, PAUSE, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_finish();
	PG_RETURN_INT32(STORE_VERSION);
}
