/*
 * wire.c: what a report's way from bytes to counters costs, and from them back
 * to a session's bytes, beside protobuf-c.
 *
 * wire ROUNDS prints, round by round with the sides taking turns, lines of a
 * side and its nanoseconds a message. The request has 3 entries of 6 changes.
 */
#include "postgres.h"

#undef printf

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "yandex/cloud/organizationmanager/v1/idp/synchronization_session_service.pb-c.h"

#include "wire/report_request.h"
#include "wire/session_message.h"

#define REQUEST_TYPE (&yandex__cloud__organizationmanager__v1__idp__report_session_progress_request__descriptor)
#define SESSION_TYPE (&yandex__cloud__organizationmanager__v1__idp__synchronization_session__descriptor)

typedef Yandex__Cloud__Organizationmanager__V1__Idp__ReportSessionProgressRequest Request;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__SynchronizationSession Session;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__ProgressEntry Entry;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__ChangeInfo Change;

#define MESSAGES 16
#define SESSION_ID "ses_06bg000000000000000000000g"
/* 2023, as microseconds since 2000 */
#define SOME_TIME INT64_C(753000000123456)

static uint8_t request_bytes[MESSAGES][1024];
static size_t request_len[MESSAGES];
static uint8_t out[4096];
static volatile uint64_t sink;

/* an allocator that only ever moves on: the least that protobuf-c can cost */
static char arena[65536];
static size_t arena_used;

static void *
bump(void *data, size_t size)
{
	void	   *memory = arena + arena_used;

	arena_used += (size + 15) & ~(size_t) 15;
	if (arena_used > sizeof(arena))
		abort();
	return memory;
}

static void
no_free(void *data, void *pointer)
{
}

static ProtobufCAllocator bump_allocator = {bump, no_free, NULL};

/* 3 entries of 6 changes: counters of hundreds and thousands, few failures */
static void
make_requests(void)
{
	srand(42);
	for (int m = 0; m < MESSAGES; m++)
	{
		Request		request = YANDEX__CLOUD__ORGANIZATIONMANAGER__V1__IDP__REPORT_SESSION_PROGRESS_REQUEST__INIT;
		static Entry entries[3];
		static Change changes[3][6];
		static Entry *entry_list[3];
		static Change *change_list[3][6];

		for (int i = 0; i < 3; i++)
		{
			yandex__cloud__organizationmanager__v1__idp__progress_entry__init(&entries[i]);
			entries[i].object_type = i + 1;
			entries[i].n_change_info = 6;
			entries[i].change_info = change_list[i];
			entry_list[i] = &entries[i];
			for (int j = 0; j < 6; j++)
			{
				yandex__cloud__organizationmanager__v1__idp__change_info__init(&changes[i][j]);
				changes[i][j].change_type = j + 1;
				changes[i][j].successful = 200 + rand() % 9000;
				changes[i][j].failed = 1 + rand() % 20;
				change_list[i][j] = &changes[i][j];
			}
		}
		request.session_id = SESSION_ID;
		request.n_progress_entries = 3;
		request.progress_entries = entry_list;
		request_len[m] = protobuf_c_message_pack(&request.base, request_bytes[m]);
	}
}

/* (a) to counters */
static void
ours_to_counters(int m)
{
	ReportRequest request;

	if (report_request_read(request_bytes[m], request_len[m], &request) != REPORT_OK)
		abort();
	sink += request.cells.present;
}

static void
protobuf_c_to_messages(int m, ProtobufCAllocator *allocator)
{
	Request    *request = (Request *) protobuf_c_message_unpack(REQUEST_TYPE, allocator, request_len[m], request_bytes[m]);

	sink += request->n_progress_entries;
	if (allocator == NULL)
		protobuf_c_message_free_unpacked(&request->base, NULL);
	arena_used = 0;
}

static void
default_to_messages(int m)
{
	protobuf_c_to_messages(m, NULL);
}

static void
bump_to_messages(int m)
{
	protobuf_c_to_messages(m, &bump_allocator);
}

/* (b) there and back */
static void
ours_back(int m)
{
	ReportRequest request;
	SessionFields session = {
		.session_id = SESSION_ID,
		.agent_id = "agent-1.example.com",
		.created_at = SOME_TIME,
		.expires_at = SOME_TIME + 600000000,
		.closed_at = DT_NOBEGIN,
		.sync_mode = 1,
		.status = 1,
		.session_type = 1,
		.progress = &request.cells
	};
	ProtoWriter w;

	if (report_request_read(request_bytes[m], request_len[m], &request) != REPORT_OK)
		abort();
	proto_writer_init(&w, out, session_message_bound(&session));
	session_message_write(&w, &session);
	sink += proto_writer_len(&w);
}

static void
protobuf_c_back(int m, ProtobufCAllocator *allocator)
{
	Request    *request = (Request *) protobuf_c_message_unpack(REQUEST_TYPE, allocator, request_len[m], request_bytes[m]);
	Session		session = YANDEX__CLOUD__ORGANIZATIONMANAGER__V1__IDP__SYNCHRONIZATION_SESSION__INIT;
	Google__Protobuf__Timestamp created_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
	Google__Protobuf__Timestamp expires_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

	created_at.seconds = SOME_TIME / 1000000 + 946684800;
	created_at.nanos = SOME_TIME % 1000000 * 1000;
	expires_at.seconds = created_at.seconds + 600;
	expires_at.nanos = created_at.nanos;
	session.session_id = SESSION_ID;
	session.agent_id = "agent-1.example.com";
	session.created_at = &created_at;
	session.expires_at = &expires_at;
	session.sync_mode = 1;
	session.status = 1;
	session.session_type = 1;
	session.n_progress_entries = request->n_progress_entries;
	session.progress_entries = request->progress_entries;
	sink += protobuf_c_message_pack(&session.base, out);
	if (allocator == NULL)
		protobuf_c_message_free_unpacked(&request->base, NULL);
	arena_used = 0;
}

static void
default_back(int m)
{
	protobuf_c_back(m, NULL);
}

static void
bump_back(int m)
{
	protobuf_c_back(m, &bump_allocator);
}

typedef struct Side
{
	const char *name;
	void		(*run) (int m);
} Side;

static const Side sides[] = {
	{"wire to counters", ours_to_counters},
	{"wire to messages default", default_to_messages},
	{"wire to messages bump", bump_to_messages},
	{"wire back", ours_back},
	{"wire back default", default_back},
	{"wire back bump", bump_back},
};

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* nanoseconds a message, over about 20 ms */
static double
measure(const Side *side)
{
	int			repeats = 20000;
	double		start = now();

	for (int i = 0; i < repeats; i++)
		side->run(i % MESSAGES);
	return (now() - start) / repeats;
}

/* both ways end in the same bytes, or there is nothing to compare */
static void
check(void)
{
	for (int m = 0; m < MESSAGES; m++)
	{
		uint64_t	before = sink;
		uint8_t		ours[4096];
		size_t		len;
		ProtobufCMessage *session;

		ours_back(m);
		len = sink - before;
		/* the writer ends at the end of its room, and protobuf-c begins at its start */
		for (size_t at = 0; at + len <= sizeof(out); at++)
		{
			session = out[at] == 0x0a && memcmp(out + at + 2, SESSION_ID, 30) == 0 ?
				protobuf_c_message_unpack(SESSION_TYPE, NULL, len, out + at) : NULL;
			if (session == NULL)
				continue;
			memcpy(ours, out + at, len);
			protobuf_c_message_free_unpacked(session, NULL);
			break;
		}
		before = sink;
		default_back(m);
		if (sink - before != len || memcmp(ours, out, len) != 0)
			abort();
		memset(out, 0, sizeof(out));
	}
}

int
main(int argc, char **argv)
{
	int			rounds = argc > 1 ? atoi(argv[1]) : 5;

	make_requests();
	check();
	printf("bytes\t%zu\n", request_len[0]);
	for (size_t s = 0; s < lengthof(sides); s++)
		measure(&sides[s]);
	for (int round = 0; round < rounds; round++)
	{
		for (size_t s = 0; s < lengthof(sides); s++)
			printf("%s\t%.1f\n", sides[s].name, measure(&sides[s]));
	}
	return 0;
}
