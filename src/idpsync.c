/*
 * idpsync.c: module magic and settings.
 *
 * Settings only choose among what any caller may choose; what binds callers is
 * stored by the store's owner with configure_store().
 */
#include "idpsync.h"

#include "fmgr.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

int			idpsync_progress_mode = PROGRESS_CUMULATIVE;
char	   *idpsync_caller = NULL;

static const struct config_enum_entry progress_modes[] = {
	{"cumulative", PROGRESS_CUMULATIVE, false},
	{"delta", PROGRESS_DELTA, false},
	{NULL, 0, false}
};

/* whom operations name is shown in lists, and stored with each of them */
#define CALLER_MAX 1000

void		_PG_init(void);

static bool
check_caller(char **newval, void **extra, GucSource source)
{
	if (*newval == NULL || strlen(*newval) <= CALLER_MAX)
		return true;
	GUC_check_errdetail("It may have at most %d bytes.", CALLER_MAX);
	return false;
}

void
_PG_init(void)
{
	DefineCustomEnumVariable("idpsync.progress_mode",
							 "How reported counters are joined to the stored ones.",
							 "\"cumulative\" keeps the larger of both, \"delta\" adds them.",
							 &idpsync_progress_mode,
							 PROGRESS_CUMULATIVE,
							 progress_modes,
							 PGC_USERSET, 0,
							 NULL, NULL, NULL);

	DefineCustomStringVariable("idpsync.caller",
							   "Whom new operations name as their creator.",
							   "Empty means the calling role. A service front-end names its end user here.",
							   &idpsync_caller,
							   "",
							   PGC_USERSET, 0,
							   check_caller, NULL, NULL);

	MarkGUCPrefixReserved("idpsync");
}
