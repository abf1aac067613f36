/*
 * job_message.h: a job as bytes of idpsync.v1.SynchronizationJob, pure C.
 * Strings are UTF-8 here.
 */
#ifndef IDPSYNC_JOB_MESSAGE_H
#define IDPSYNC_JOB_MESSAGE_H

#include "wire/protobuf_writer.h"
#include "wire/wire.h"

/* puts the message at the end of the writer's buffer, which must have room for the bound */
extern size_t job_message_bound(const JobFields *job);
extern void job_message_write(ProtoWriter *w, const JobFields *job);

#endif
