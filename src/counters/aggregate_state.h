/*
 * aggregate_state.h: what the aggregates of both counter types gather in.
 *
 * The state is a value of the type itself, as an expanded object: it needs no
 * serialization, and goes wherever the type goes.
 */
#ifndef IDPSYNC_AGGREGATE_STATE_H
#define IDPSYNC_AGGREGATE_STATE_H

#include "postgres.h"
#include "fmgr.h"

#include "counters/packed.h"

/*
 * The sums of the state that argument 0 is (NULL: empty), for the caller to
 * add to, and the datum to return. Inside an aggregate the state is changed
 * in place; elsewhere argument 0 is left alone and a copy is given.
 */
extern SessionSums *session_progress_state(FunctionCallInfo fcinfo, Datum *state);
extern JobSums *job_statistics_state(FunctionCallInfo fcinfo, Datum *state);

#endif
