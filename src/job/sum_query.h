/*
 * sum_query.h: the statements behind synchronization_job_statistics(). Their
 * rows: start of the bucket, target_type, target_id, number of jobs, statistics
 * that came, that went, and whether a sum of these was lost.
 */
#ifndef IDPSYNC_SUM_QUERY_H
#define IDPSYNC_SUM_QUERY_H

#include "postgres.h"

#include "utils/date.h"

#include "job/job.h"
#include "job/sum_ranges.h"

/* the first and the last day the tenant has jobs counted at; infinite where there is none */
extern void counted_days(const JobFilter *filter, DateADT *first, DateADT *last);

/*
 * ERROR 0A000 where a sum needs jobs whose partition has gone: those of its
 * edges, or, without ranges, any. ERROR 40001 where the snapshot is too old to
 * tell whether it does.
 */
extern void refuse_history(const JobFilter *filter, const SumRanges *ranges, bool by_day);

/* sums counts, and jobs at the edges */
extern uint64 query_counts(const JobFilter *filter, const Bucket *bucket, bool by_target, const SumRanges *ranges);

/* sums jobs alone */
extern uint64 query_jobs_sums(const JobFilter *filter, const Bucket *bucket, bool by_target);

#endif
