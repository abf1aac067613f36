/*
 * store.h: what every room behind this one needs of the store: is it there,
 * what does its owner want, and the checks and helpers all calls share.
 */
#ifndef IDPSYNC_STORE_H
#define IDPSYNC_STORE_H

#include "postgres.h"
#include "fmgr.h"

#include "datatype/timestamp.h"

#include "idpsync.h"

/* the version of the store this library makes, and the oldest it works on until upgrade_store() */
#define STORE_VERSION 2
#define STORE_OLDEST_VERSION 1

/* from this version on, jobs know when they were imported */
#define STORE_HAS_IMPORTED_AT 2

/* which operations are kept (setting keep_operations) */
typedef enum KeepOperations
{
	KEEP_ALL,
	KEEP_REPORTS,				/* all but heartbeats */
	KEEP_LIFECYCLE				/* neither heartbeats nor reports */
} KeepOperations;

typedef struct StoreSettings
{
	int64		session_ttl;	/* microseconds */
	int64		session_interval;	/* microseconds, 0 = none */
	KeepOperations keep_operations;
	int64		session_retention;	/* microseconds, likewise the following */
	int64		job_retention;
	int64		operation_retention;
	int64		idempotency_key_retention;
	TimestampTz jobs_retired_until; /* before it no job comes in again; DT_NOBEGIN = none is retired */
} StoreSettings;

/*
 * Connects to SPI and makes sure that there is a store this library can work
 * on: ERROR 55000 otherwise. Leaves the memory context as it was; goes with
 * SPI_finish().
 */
extern void connect_store(void);

/* the same for a function that writes; ERROR 25006 on a standby or in a read-only transaction */
extern void connect_to_write(FunctionCallInfo fcinfo);

/* that error alone, which names the function instead of a statement of ours */
extern void refuse_read_only(FunctionCallInfo fcinfo);

/* the store's version and its random id; after connect_store() */
extern int	store_version(void);
extern uint64 store_id(void);

/*
 * Do its tables belong to Citus? Then no trigger stands on them: calls do
 * themselves what the triggers do. After connect_store().
 */
extern bool store_is_distributed(void);

/* its settings; after connect_store() */
extern const StoreSettings *store_settings(void);

/*
 * Arguments. Each raises ERROR 22023 that names the argument where it is NULL
 * though required, shorter or longer than documented; lengths count
 * characters. An empty optional text is NULL, as proto3 has it.
 */
extern char *required_text(FunctionCallInfo fcinfo, int n, const char *name, int max);
extern char *optional_text(FunctionCallInfo fcinfo, int n, const char *name, int max);
extern int	required_enum(FunctionCallInfo fcinfo, int n, const char *name, int kind);
extern int	optional_enum(FunctionCallInfo fcinfo, int n, int kind);
extern ProgressMode progress_mode_argument(FunctionCallInfo fcinfo, int n);

/* how many columns the function is declared to return: earlier releases may have declared fewer */
extern int	row_columns(FunctionCallInfo fcinfo);

/* one row as the function's composite result; n columns must match it */
extern Datum return_row(FunctionCallInfo fcinfo, int n, const Datum *values, const bool *nulls);

/* a new id of this prefix, palloc'd, and the created_at it carries */
extern char *make_id(const char *prefix, TimestampTz at, TimestampTz *created_at);

/* when an id of ours was made; DT_NOBEGIN for one made elsewhere */
extern TimestampTz id_created_at(const char *id);

/* PostgreSQL's epoch counted from 1970, in microseconds */
#define UNIX_EPOCH_SHIFT (((int64) POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

#endif
