/*
 * count_jobs.h: how many jobs there are, from the counts where that is possible.
 */
#ifndef IDPSYNC_COUNT_JOBS_H
#define IDPSYNC_COUNT_JOBS_H

#include "postgres.h"

#include "utils/date.h"

#include "job/count_cover.h"
#include "job/job.h"

/* why the caller's jobs have to be counted one by one, NULL where they need not; inside SPI */
extern const char *why_not_counted(void);

/* how many jobs pass; inside SPI */
extern int64 count_jobs(const JobFilter *filter);

/* a day, open ends as infinity */
extern DateADT cover_date(int64 day);

#endif
