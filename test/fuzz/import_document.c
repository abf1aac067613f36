/*
 * import_document.c: documented lists of jobs. What is accepted is within the documented limits.
 */
#include "server.h"

#include "counters/packed.h"
#include "job/import_document.h"
#include "job/job.h"
#include "wire/wire_check.h"

typedef struct Reading
{
	const char *json;
	size_t		len;
	ImportedJob *jobs;
	uint64		n;
} Reading;

static void
read_document(void *arg)
{
	Reading    *r = arg;

	r->jobs = read_import_document(r->json, r->len, &r->n);
}

/* at most so many characters of UTF-8; NULL where that is allowed */
static void
check_text(const char *text, size_t max, bool required)
{
	size_t		characters = 0;

	HOLDS(text != NULL || !required);
	if (text == NULL)
		return;
	HOLDS(utf8_is_valid((const uint8_t *) text, strlen(text)));
	for (const char *p = text; *p; p++)
		characters += (*p & 0xC0) != 0x80;
	HOLDS(characters > 0 && characters <= max);
}

static void
check_job(const ImportedJob *job)
{
	check_text(job->id, JOB_ID_MAX, true);
	check_text(job->target_id, TARGET_ID_MAX, true);
	check_text(job->description, DESCRIPTION_MAX, false);
	check_text(job->error_code, ERROR_CODE_MAX, false);
	check_text(job->error_message, ERROR_MESSAGE_MAX, false);
	HOLDS(job->target_type >= TARGET_IDENTITY_PROVIDER && job->target_type <= TARGET_APPLICATION);
	HOLDS(job->direction >= JOB_INGRESS && job->direction <= JOB_EGRESS);
	HOLDS(job->trigger_type >= JOB_AUTO && job->trigger_type <= JOB_MANUAL);
	HOLDS(job->status >= JOB_PENDING && job->status <= JOB_SUCCESS);
	HOLDS(!TIMESTAMP_NOT_FINITE(job->start_time));
	HOLDS(job->end_time == DT_NOBEGIN || job_has_ended(job->status));
	HOLDS(check_packed(&job_shape, (uint8_t *) VARDATA_ANY(DatumGetPointer(job->statistics)),
					   VARSIZE_ANY_EXHDR(DatumGetPointer(job->statistics))) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Reading		reading = {(const char *) data, size};

	/* texts come in a valid encoding */
	if (!utf8_is_valid(data, size))
		return 0;
	if (try_call(read_document, &reading) == 0)
	{
		for (uint64 i = 0; i < reading.n; i++)
		{
			check_job(&reading.jobs[i]);
			HOLDS(reading.jobs[i].position == i);
		}
	}
	forget_all();
	return 0;
}
