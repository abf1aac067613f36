/*
 * job_class.c: what the indexes of lists know of a job.
 *
 * The functions stand in indexes: what they answer can never change.
 */
#include "job/job.h"

#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(job_class);
PG_FUNCTION_INFO_V1(job_started_soon);

static int
class_of(int target_type, int direction, int status)
{
	return ((status - JOB_PENDING) * JOB_EGRESS + direction - JOB_INGRESS) * TARGET_APPLICATION +
		target_type - TARGET_IDENTITY_PROVIDER;
}

int
job_filter_classes(const JobFilter *filter, int *classes)
{
	int			n = 0;

	for (int status = JOB_SUCCESS; status >= JOB_PENDING; status--)
		for (int direction = JOB_INGRESS; direction <= JOB_EGRESS; direction++)
			for (int type = TARGET_IDENTITY_PROVIDER; type <= TARGET_APPLICATION; type++)
			{
				if ((filter->status == 0 || filter->status == status) &&
					(filter->direction == 0 || filter->direction == direction) &&
					(filter->target_type == 0 || filter->target_type == type))
					classes[n++] = class_of(type, direction, status);
			}
	return n;
}

/*
 * job_class(target_type, direction, status): the three as one number, from 0
 * to 19, so that one index serves every combination of filters on them.
 */
Datum
job_class(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT16(class_of(enum_number(JOB_TARGET_TYPE, PG_GETARG_OID(0)),
							 enum_number(JOB_DIRECTION, PG_GETARG_OID(1)),
							 enum_number(JOB_STATUS, PG_GETARG_OID(2))));
}

/*
 * job_started_soon(created_at timestamptz, start_time timestamptz): did it
 * start within an hour from its creation? Of such a job the start tells where
 * in the list it is.
 */
Datum
job_started_soon(PG_FUNCTION_ARGS)
{
	TimestampTz created_at = PG_GETARG_TIMESTAMPTZ(0);
	TimestampTz start_time = PG_GETARG_TIMESTAMPTZ(1);

	PG_RETURN_BOOL(start_time >= created_at && start_time < created_at + JOB_STARTS_WITHIN);
}
