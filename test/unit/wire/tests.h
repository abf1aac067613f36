/*
 * tests.h: what the tests of src/wire's pure C share.
 */
#include "postgres.h"

#undef printf
#undef snprintf

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idpsync/v1/synchronization_job.pb-c.h"
#include "yandex/cloud/organizationmanager/v1/idp/synchronization_session_service.pb-c.h"

#include "wire/protobuf_writer.h"
#include "wire/wire.h"

typedef Yandex__Cloud__Organizationmanager__V1__Idp__SynchronizationSession Session;
typedef Yandex__Cloud__Organizationmanager__V1__Idp__OpenSessionResponse OpenSessionResponse;
typedef Idpsync__V1__SynchronizationJob Job;

#define SESSION &yandex__cloud__organizationmanager__v1__idp__synchronization_session__descriptor
#define OPENED &yandex__cloud__organizationmanager__v1__idp__open_session_response__descriptor

/* one line of TAP */
extern void ok(bool passed, const char *name);

/* the same numbers in every run */
extern uint64_t random_number(uint64_t below);

/* messages put together at random, and the same as protobuf-c's structs; what they point to is good until the next */
extern void random_session(SessionFields *fields);
extern Session *make_session(const SessionFields *fields);
extern void random_job(JobFields *fields);
extern Job *make_job(const JobFields *fields);

/* a protobuf-c allocator that is malloc */
extern ProtobufCAllocator allocator;

/* bytes as protobuf-c packs them after unpacking; NULL if it does not */
extern uint8_t *repack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t len,
					   size_t *packed_len);

/* the same after wire_rewrite */
extern uint8_t *rewrite_and_repack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t len,
								   size_t *packed_len);

extern void test_sessions(void);
extern void test_jobs(void);
extern void test_samples(void);
extern void test_refusals(void);
extern void test_rewriting(void);
extern void test_utf8(void);
extern void test_base64(void);
extern void test_times(void);
extern void test_operations(void);
extern void test_field_masks(void);
