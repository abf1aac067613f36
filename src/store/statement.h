/*
 * statement.h: SQL statements of the store, prepared once a backend and kept.
 *
 * A statement's text is a constant; every value is bound. It keeps one plan
 * for all values: by itself the server would plan a look-up in a partitioned
 * table anew each time, since it only sees that fewer partitions cost less.
 * Comparisons of our
 * enums name their operator's schema, since an operator made for one of our
 * types elsewhere on the search path would win over the one for any enum.
 */
#ifndef IDPSYNC_STATEMENT_H
#define IDPSYNC_STATEMENT_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "executor/spi.h"

#include "base/catalog.h"
#include "base/compat.h"

#define EQUALS " OPERATOR(pg_catalog.=) "

/* types of bound values; ARG_ENUM + EnumKind for an enum, ARG_ENUM_ARRAY + EnumKind for several */
typedef enum ArgType
{
	ARG_TEXT,
	ARG_TIME,
	ARG_BIGINT,
	ARG_INT,
	ARG_BOOL,
	ARG_BYTES,
	ARG_TEXT_ARRAY,
	ARG_INT_ARRAY,
	ARG_TIME_ARRAY,
	ARG_PROGRESS,
	ARG_STATISTICS,
	ARG_STATISTICS_ARRAY,
	ARG_ANY,
	ARG_ANY_ARRAY,
	ARG_DATE,
	ARG_CHAR,
	ARG_BIGINT_ARRAY,
	ARG_DATE_ARRAY,
	ARG_CHAR_ARRAY,
	ARG_ENUM,
	ARG_ENUM_ARRAY = ARG_ENUM + ENUM_KINDS
} ArgType;

#define MAX_ARGS 48

typedef struct Statement
{
	const char *sql;
	int			n_args;
	int			args[MAX_ARGS];
	bool		replans;		/* is planned anew for its values where that looks cheaper */
	bool		ordered;		/* gets its rows in order from an index, whatever the planner thinks of sorting few */
	SPIPlanPtr	plan;			/* NULL until first run */
	int			options;		/* it was made with */
	Oid			made_for;		/* a type of the extension it was made for */
} Statement;

/* values for a statement, bound in order */
typedef struct Values
{
	int			n;
	Datum		datum[MAX_ARGS];
	char		null[MAX_ARGS];
} Values;

extern void bind_datum(Values *values, Datum datum, bool isnull);
extern void bind_text(Values *values, const char *text);	/* NULL = null */
extern void bind_time(Values *values, TimestampTz time);	/* DT_NOBEGIN = null */
extern void bind_bigint(Values *values, int64 number);
extern void bind_enum(Values *values, EnumKind kind, int number);	/* 0 = null */

/*
 * Runs a statement between connect_store() and SPI_finish(); rows are in
 * SPI_tuptable until the next statement, their number is returned. read_only statements see the
 * snapshot of the calling query, others a fresh one. Both leave the memory
 * context as it was: what a call allocates is its function's own and outlives
 * SPI_finish().
 */
extern uint64 run_statement(Statement *statement, Values *values, bool read_only);

/* the same, for at most so many rows (0 = all) */
extern uint64 run_statement_limit(Statement *statement, Values *values, bool read_only, long limit);

/* the same for a text put together from constants, not kept */
extern uint64 run_once(const char *sql, const int *args, Values *values, bool read_only, long limit);

/*
 * Runs constant statements with nothing but pg_catalog on the search path, so
 * that no operator or function planted elsewhere gets into them, and without
 * their notices.
 */
extern void run_isolated(const char *sql, bool read_only);

/*
 * Runs a statement that writes one row, or reads back the one it wrote. ERROR
 * 55000 where it did not: a trigger or a policy of somebody's kept it from it.
 */
extern void write_row(Statement *statement, Values *values);
pg_noreturn extern void refuse_write(void);

/*
 * Takes a result row apart without copying it; layout tells how its columns are
 * stored, a letter each: v varlena, V one
 * that is never null; 8, 4 and 1 so many bytes by value. Tables can be altered under us: what is not stored as
 * we read it is ERROR 55000, and never taken for a pointer.
 */
extern void take_apart(uint64 row, const char *layout, Datum *datum, bool *isnull);

/* a column of a result row (1-based), as text in the current context; NULL = null */
extern char *result_text(uint64 row, int column);

/* a column of eight bytes: a bigint or a time; null is 0 */
extern int64 result_int64(uint64 row, int column);

/* copies the columns of a result row into the current context */
extern void result_copy(uint64 row, const char *layout, Datum *datum, bool *isnull);

#endif
