/*
 * job_message.c: a job as bytes of idpsync.v1.SynchronizationJob, pure C.
 */
#include "wire/job_message.h"

#include "base/catalog.h"

/* a label of the documented ones is shorter than this */
#define LABEL_BOUND 32

#define CELL_BOUND (PROTO_LENGTH_BOUND + JOB_COUNTERS * PROTO_VARINT_BOUND)

static void
put_statistics(ProtoWriter *w, const JobCells *cells)
{
	for (int object = JOB_OBJECTS - 1; object >= 0; object--)
	{
		const uint8_t *behind_object = w->cur;
		uint32_t	present = cells->present >> (object * JOB_CHANGES) & ((1 << JOB_CHANGES) - 1);

		if (present == 0)
			continue;
		for (int change = JOB_CHANGES - 1; change >= 0; change--)
		{
			const uint8_t *behind_cell = w->cur;

			if (!(present & UINT32_C(1) << change))
				continue;
			for (int counter = JOB_COUNTERS - 1; counter >= 0; counter--)
				proto_put_int(w, counter + 1, cells->value[object * JOB_CHANGES + change][counter]);
			proto_put_message(w, change + 1, behind_cell);
		}
		proto_put_message(w, object + 1, behind_object);
	}
}

size_t
job_message_bound(const JobFields *job)
{
	size_t		bound = 3 * PROTO_TIMESTAMP_BOUND + 4 * LABEL_BOUND + PROTO_LENGTH_BOUND;

	bound += proto_string_bound(job->job_id);
	bound += proto_string_bound(job->instance_id);
	bound += proto_string_bound(job->target_id);
	bound += proto_string_bound(job->description);
	bound += proto_string_bound(job->error_code);
	bound += proto_string_bound(job->error_message);
	bound += proto_string_bound(job->session_id);
	bound += proto_string_bound(job->operation_id);
	if (job->statistics != NULL)
		bound += JOB_CELLS * CELL_BOUND + JOB_OBJECTS * PROTO_LENGTH_BOUND;
	return bound;
}

void
job_message_write(ProtoWriter *w, const JobFields *job)
{
	proto_put_string(w, 14, job->operation_id);
	proto_put_string(w, 13, job->session_id);
	if (job->statistics != NULL || job->error_code != NULL || job->error_message != NULL)
	{
		const uint8_t *behind = w->cur;

		proto_put_string(w, 6, job->error_message);
		proto_put_string(w, 5, job->error_code);
		if (job->statistics != NULL)
			put_statistics(w, job->statistics);
		proto_put_message(w, 12, behind);
	}
	if (job->end_time != DT_NOBEGIN)
		proto_put_timestamp(w, 11, job->end_time);
	if (job->start_time != DT_NOBEGIN)
		proto_put_timestamp(w, 10, job->start_time);
	if (job->created_at != DT_NOBEGIN)
		proto_put_timestamp(w, 9, job->created_at);
	proto_put_string(w, 8, job->description);
	proto_put_string(w, 7, enum_label(JOB_STATUS, job->status));
	proto_put_string(w, 6, enum_label(JOB_TRIGGER_TYPE, job->trigger_type));
	proto_put_string(w, 5, enum_label(JOB_DIRECTION, job->direction));
	proto_put_string(w, 4, job->target_id);
	proto_put_string(w, 3, enum_label(JOB_TARGET_TYPE, job->target_type));
	proto_put_string(w, 2, job->instance_id);
	proto_put_string(w, 1, job->job_id);
}
