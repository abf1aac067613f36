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

void		_PG_init(void);

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
							   NULL, NULL, NULL);

	MarkGUCPrefixReserved("idpsync");
}
