/*
 * report_agrees.c: the direct parser of reports held to wire_check and protobuf-c.
 */
#include "report_agrees.h"

#include <stdlib.h>
#include <string.h>

#include "yandex/cloud/organizationmanager/v1/idp/synchronization_session_service.pb-c.h"

#include "wire/report_request.h"

#define DESCRIPTOR &yandex__cloud__organizationmanager__v1__idp__report_session_progress_request__descriptor

typedef Yandex__Cloud__Organizationmanager__V1__Idp__ReportSessionProgressRequest Request;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__ProgressEntry Entry;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__ChangeInfo Change;

/* the cells of an unpacked message; false where it is to be refused */
static bool
read_slowly(const Request *request, SessionCells *cells)
{
	memset(cells, 0, sizeof(*cells));
	if (request->n_progress_entries < 1 || request->n_progress_entries > REPORT_MAX_ENTRIES)
		return false;
	for (size_t i = 0; i < request->n_progress_entries; i++)
	{
		const Entry *entry = request->progress_entries[i];
		int			object = (int) entry->object_type;

		if (object < 1 || object > SESSION_OBJECTS || entry->n_change_info < 1 ||
			entry->n_change_info > REPORT_MAX_CHANGES)
			return false;
		for (size_t j = 0; j < entry->n_change_info; j++)
		{
			const Change *change = entry->change_info[j];
			int			type = (int) change->change_type;
			int			cell;

			if (type < 0 || type >= SESSION_CHANGES || change->successful < 0 || change->failed < 0)
				return false;
			cell = SESSION_CELL(object, type);
			if (cells->present & UINT32_C(1) << cell)
				return false;
			cells->present |= UINT32_C(1) << cell;
			cells->value[cell][SUCCESSFUL] = change->successful;
			cells->value[cell][FAILED] = change->failed;
		}
	}
	return true;
}

static void *
allocate(void *data, size_t size)
{
	(void) data;
	return malloc(size);
}

static void
release(void *data, void *pointer)
{
	(void) data;
	free(pointer);
}

static ProtobufCAllocator allocator = {allocate, release, NULL};

bool
report_agrees(const uint8_t *data, size_t len, ReportTally *tally)
{
	/* a copy of exactly this length, so that the sanitizer sees a byte too far */
	uint8_t    *copy = malloc(len + 1);
	uint8_t    *bytes = memcpy(copy + 1, data, len);
	bool		rewrite;
	WireResult	wire = wire_check(DESCRIPTOR, bytes, len, &rewrite);
	ReportRequest request;
	ReportProblem problem = report_request_read(bytes, len, &request);
	bool		same;

	if (wire != WIRE_OK)
	{
		tally->malformed++;
		same = problem == REPORT_MALFORMED && request.wire == wire;
	}
	else
	{
		Request    *message;
		SessionCells cells;
		uint8_t    *rewritten = NULL;

		if (rewrite)
		{
			rewritten = malloc(len);
			wire_rewrite(DESCRIPTOR, bytes, len, &allocator, rewritten, &len);
			bytes = rewritten;
			tally->groups++;
		}
		message = (Request *) protobuf_c_message_unpack(DESCRIPTOR, NULL, len, bytes);
		free(rewritten);

		if (message == NULL)
			same = false;
		else if (!read_slowly(message, &cells))
		{
			tally->refused++;
			same = problem != REPORT_OK && problem != REPORT_MALFORMED;
		}
		else
		{
			tally->accepted++;
			same = problem == REPORT_OK && cells.present == request.cells.present &&
				memcmp(cells.value, request.cells.value, sizeof(cells.value)) == 0 &&
				strlen(message->session_id) == request.session_id_len &&
				(request.session_id_len == 0 ||
				 memcmp(message->session_id, request.session_id, request.session_id_len) == 0);
		}
		if (message)
			protobuf_c_message_free_unpacked(&message->base, NULL);
	}
	free(copy);
	return same;
}
