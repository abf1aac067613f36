/*
 * steps.h: the steps of maintain(). Each does a bounded piece of work, as the
 * owner of the store, inside SPI and a transaction of its own, and waits half a
 * second for a lock at most: ERROR 55P03 then.
 */
#ifndef IDPSYNC_STEPS_H
#define IDPSYNC_STEPS_H

#include "postgres.h"

/* what a step did */
typedef struct StepResult
{
	int64		rows;			/* rows or partitions; 0: nothing was due */
	bool		more;			/* there may be more to do */
	bool		whole;			/* what was done is reported by itself, and with it */
	const char *detail;			/* palloc'd or constant; NULL: nothing to say */
	bool		is_blocked;		/* detail tells what kept it from its work */
} StepResult;

/* stores EXPIRED where it has become true */
extern StepResult expire_sessions(void);

/* makes partitions ahead of time */
extern StepResult extend_jobs(void);
extern StepResult extend_operations(void);

/* drops the oldest partition, once all in it has ended and is older than its retention */
extern StepResult retire_jobs(void);
extern StepResult retire_operations(void);

/* deletes what is older than its retention in tables without partitions */
extern StepResult purge_idempotency_keys(void);
extern StepResult purge_sessions(void);

/* deletes foreign ids whose job has gone, and cannot come back with its partition */
extern StepResult purge_foreign_ids(void);

/*
 * Makes purge_foreign_ids() due, in the transaction that retires jobs: of what
 * the log tells of that one, a lock that is taken may keep it.
 */
extern void look_at_foreign_ids_again(void);

/* does anybody else change partitions, or purge foreign ids? They are not waited for. */
extern bool lock_partitions(void);

/* a boolean that a query of the store gives */
extern bool query_is_true(const char *sql);

#endif
