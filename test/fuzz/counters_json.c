/*
 * counters_json.c: counters as text. What is read is written, and read again.
 *
 * The first byte chooses the type.
 */
#include "server.h"

#include "counters/counters_json.h"
#include "counters/packed.h"
#include "wire/wire_check.h"

typedef struct Reading
{
	bool		(*parse) (const char *json, size_t len, void *cells, IdpEscontext *escontext);
	const char *text;
	size_t		len;
	AnyCells	cells;
	bool		is_report;
	bool		done;
} Reading;

static void
read_text(void *arg)
{
	Reading    *r = arg;

	if (r->is_report)
	{
		read_report(r->text, r->len, &r->cells.session);
		r->done = true;
	}
	else
		r->done = r->parse(r->text, r->len, &r->cells, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool		is_job = size > 0 && data[0] % 3 == 0;
	bool		is_report = size > 0 && data[0] % 3 == 1;
	const PackedShape *shape = is_job ? &job_shape : &session_shape;
	Reading		first = {is_job ? job_statistics_parse : session_progress_parse, (const char *) data + 1, size - 1};
	int			state;

	/* texts come in a valid encoding */
	if (size == 0 || !utf8_is_valid(data + 1, size - 1))
		return 0;
	first.is_report = is_report;
	state = try_call(read_text, &first);
	HOLDS(first.done == (state == 0));
	if (first.done)
	{
		Reading		second = {first.parse};
		AnyCells	unpacked;
		uint8_t    *packed = malloc(PACKED_MAX);
		char	   *text = malloc(WRITTEN_TEXT_MAX);
		size_t		len;

		second.text = text;
		second.len = is_job ? job_statistics_write(&first.cells, text) : session_progress_write(&first.cells, text);
		HOLDS(try_call(read_text, &second) == 0 && second.done);
		HOLDS(memcmp(&first.cells, &second.cells, shape->cells_size) == 0);

		len = pack_cells(shape, &first.cells, packed);
		HOLDS(len > 0 && check_packed(shape, packed, len) == NULL && unpack_cells(shape, packed, len, &unpacked));
		HOLDS(memcmp(&first.cells, &unpacked, shape->cells_size) == 0);
		free(packed);
		free(text);
	}
	forget_all();
	return 0;
}
