/*
 * counter_type.h: what both counter types do, for either.
 *
 * A type is described by a CounterType. Cells are SessionCells or JobCells,
 * whichever the type's are. The SQL functions of a type only call these; what
 * they promise their callers stands with them, in the type's own file.
 */
#ifndef IDPSYNC_COUNTER_TYPE_H
#define IDPSYNC_COUNTER_TYPE_H

#include "postgres.h"
#include "fmgr.h"

#include "base/compat.h"
#include "counters/packed.h"

typedef struct CounterType
{
	const char *name;
	const PackedShape *shape;
	int			changes;		/* a cell is object * changes + change, both from 0 on */
	const char *const *counter_names;

	/* the text: see counters_json.h */
	bool		(*parse) (const char *json, size_t len, void *cells, IdpEscontext *escontext);
	size_t		(*write) (const void *cells, char *out);

	/* what an error calls an object and a change */
	const char *(*object_label) (int object);
	const char *(*change_label) (int change);

	/* both as columns of a row */
	Datum		(*object_datum) (int object);
	Datum		(*change_datum) (int change);

	/* both as arguments 1 and 2 of a function; ERROR 22023 for what is none */
	int			(*object_argument) (FunctionCallInfo fcinfo);
	int			(*change_argument) (FunctionCallInfo fcinfo);
} CounterType;

extern const CounterType session_progress_type;
extern const CounterType job_statistics_type;

/* as in counters.h */
extern Datum counter_type_make(const CounterType *type, const void *cells);
extern void counter_type_read(const CounterType *type, Datum datum, void *cells);
extern void counter_type_add_cells(const CounterType *type, void *a, const void *b);
extern void counter_type_max_cells(const CounterType *type, void *a, const void *b);

/*
 * The cells of the aggregate state that argument 0 is (NULL: empty), for the
 * caller to add to, and the datum to return. Inside an aggregate the state is
 * changed in place; elsewhere argument 0 is left alone and a copy is given.
 *
 * The state is a value of the type itself, as an expanded object: it needs no
 * serialization, and goes wherever the type goes.
 */
extern void *counter_type_state(const CounterType *type, FunctionCallInfo fcinfo, Datum *state);

/* the SQL functions, in counter_type.c */
extern Datum counter_type_in(const CounterType *type, FunctionCallInfo fcinfo);
extern Datum counter_type_out(const CounterType *type, FunctionCallInfo fcinfo);
extern Datum counter_type_recv(const CounterType *type, FunctionCallInfo fcinfo);
extern Datum counter_type_from_bytea(const CounterType *type, FunctionCallInfo fcinfo);
extern Datum counter_type_to_json(const CounterType *type, FunctionCallInfo fcinfo);
extern Datum counter_type_add(const CounterType *type, FunctionCallInfo fcinfo);
extern Datum counter_type_pointwise_max(const CounterType *type, FunctionCallInfo fcinfo);
extern Datum counter_type_accum(const CounterType *type, FunctionCallInfo fcinfo);

/* and in counter_rows.c */
extern Datum counter_type_entries(const CounterType *type, FunctionCallInfo fcinfo);
extern Datum counter_type_counter(const CounterType *type, FunctionCallInfo fcinfo);
extern Datum counter_type_collect(const CounterType *type, FunctionCallInfo fcinfo);

/*
 * For object_argument and change_argument: which of the names a text argument
 * is; ERROR 22023, listing them, if none.
 * what says what the names are, in the singular.
 */
extern int	name_argument(FunctionCallInfo fcinfo, int argument, const char *what,
						  const char *const *names, int count);

#endif
