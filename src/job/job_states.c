/*
 * job_states.c: the states of a job, kept by a trigger against every writer,
 * and by an import itself, for where there is no trigger.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/rel.h"

#include "base/catalog.h"
#include "job/job.h"
#include "store/row_trigger.h"

PG_FUNCTION_INFO_V1(check_job_change);
PG_FUNCTION_INFO_V1(job_fits_status);

static bool
may_become(int from, int to)
{
	switch (from)
	{
		case JOB_PENDING:
			return to == JOB_RUNNING || to == JOB_FAILED;
		case JOB_RUNNING:
			return to == JOB_FAILED || to == JOB_PARTIAL_SUCCESS || to == JOB_SUCCESS;
		default:
			return false;
	}
}

void
check_job_becomes(const char *id, int from, int to)
{
	if (!may_become(from, to))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("synchronization job \"%s\" cannot go from %s to %s",
						id, enum_label(JOB_STATUS, from), enum_label(JOB_STATUS, to))));
}

/*
 * Row trigger before an update of job.status that changes it. Errors: 55000
 * for a change the states forbid.
 */
Datum
check_job_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = row_update_trigger(fcinfo, "check_job_change");
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			status = trigger_column(trigger, "status", enum_type(JOB_STATUS));
	int			id = trigger_column(trigger, "job_id", TEXTOID);
	bool		isnull;
	int			from;
	int			to;

	from = enum_number(JOB_STATUS, DatumGetObjectId(SPI_getbinval(trigger->tg_trigtuple, desc, status, &isnull)));
	to = enum_number(JOB_STATUS, DatumGetObjectId(SPI_getbinval(trigger->tg_newtuple, desc, status, &isnull)));
	check_job_becomes(SPI_getvalue(trigger->tg_trigtuple, desc, id), from, to);
	return PointerGetDatum(trigger->tg_newtuple);
}

/*
 * job_fits_status(status, end_time timestamptz): has a job an end only if it
 * has ended? The CHECK of the table.
 */
Datum
job_fits_status(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_ARGISNULL(1) ||
				   (!PG_ARGISNULL(0) && job_has_ended(enum_number(JOB_STATUS, PG_GETARG_OID(0)))));
}
