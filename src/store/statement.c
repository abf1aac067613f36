/*
 * statement.c: SQL statements of the store, prepared once a backend and kept.
 */
#include "store/statement.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "store/store.h"

static Oid
arg_oid(int type)
{
	switch (type)
	{
		case ARG_TEXT:
			return TEXTOID;
		case ARG_TIME:
			return TIMESTAMPTZOID;
		case ARG_BIGINT:
			return INT8OID;
		case ARG_INT:
			return INT4OID;
		case ARG_BOOL:
			return BOOLOID;
		case ARG_BYTES:
			return BYTEAOID;
		case ARG_TEXT_ARRAY:
			return TEXTARRAYOID;
		case ARG_INT_ARRAY:
			return INT4ARRAYOID;
		case ARG_TIME_ARRAY:
			return TIMESTAMPTZARRAYOID;
		case ARG_PROGRESS:
			return idpsync_type("session_progress");
		case ARG_STATISTICS:
			return idpsync_type("job_statistics");
		case ARG_STATISTICS_ARRAY:
			return idpsync_type("_job_statistics");
		case ARG_ANY:
			return idpsync_type("protobuf_any");
		case ARG_ANY_ARRAY:
			return idpsync_type("_protobuf_any");
		case ARG_DATE:
			return DATEOID;
		case ARG_CHAR:
			return CHAROID;
		case ARG_BIGINT_ARRAY:
			return INT8ARRAYOID;
		case ARG_DATE_ARRAY:
			return DATEARRAYOID;
		case ARG_CHAR_ARRAY:
			return CHARARRAYOID;
		default:
			return type < ARG_ENUM_ARRAY ? enum_type((EnumKind) (type - ARG_ENUM)) :
				get_array_type(enum_type((EnumKind) (type - ARG_ENUM_ARRAY)));
	}
}

static void
arg_oids(const int *args, int n, Oid *oids)
{
	for (int i = 0; i < n; i++)
		oids[i] = arg_oid(args[i]);
}

void
bind_datum(Values *values, Datum datum, bool isnull)
{
	Assert(values->n < MAX_ARGS);
	values->datum[values->n] = datum;
	values->null[values->n] = isnull ? 'n' : ' ';
	values->n++;
}

void
bind_text(Values *values, const char *text)
{
	bind_datum(values, text ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

void
bind_time(Values *values, TimestampTz time)
{
	bind_datum(values, TimestampTzGetDatum(time), time == DT_NOBEGIN);
}

void
bind_bigint(Values *values, int64 number)
{
	bind_datum(values, Int64GetDatum(number), false);
}

void
bind_enum(Values *values, EnumKind kind, int number)
{
	bind_datum(values, ObjectIdGetDatum(enum_label_oid(kind, number)), number == 0);
}

/* a call that runs many statements keeps the rows of one */
static void
free_last_result(void)
{
	if (SPI_tuptable)
		SPI_freetuptable(SPI_tuptable);
}

/*
 * A plan kept for all values is made for a number of rows that is right for
 * none, and where it looks small, reading and sorting them all looks cheap.
 * Nothing else tells the planner; it may plan again in any execution. A sort
 * there is no way round then looks so expensive that it would be compiled.
 */
static int
forbid_sorting(void)
{
	static const char *const settings[] = {"enable_sort", "enable_seqscan", "enable_bitmapscan", "jit"};
	int			nest_level = NewGUCNestLevel();

	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i], "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return nest_level;
}

uint64
run_statement(Statement *statement, Values *values, bool read_only)
{
	return run_statement_limit(statement, values, read_only, 0);
}

uint64
run_statement_limit(Statement *statement, Values *values, bool read_only, long limit)
{
	MemoryContext context = CurrentMemoryContext;
	Oid			made_for = enum_type(SESSION_STATUS);
	/* Citus has to see the tenant to know where its rows are */
	int			options = statement->replans || store_is_distributed() ? 0 : CURSOR_OPT_GENERIC_PLAN;
	int			nest_level = 0;
	int			result;

	Assert(values->n == statement->n_args);

	/* the extension may have been dropped and made again in this session, or the store distributed */
	if (statement->plan && (statement->made_for != made_for || statement->options != options))
	{
		SPI_freeplan(statement->plan);
		statement->plan = NULL;
	}
	if (statement->plan == NULL)
	{
		Oid			oids[MAX_ARGS];
		SPIPlanPtr	plan;

		arg_oids(statement->args, statement->n_args, oids);
		plan = SPI_prepare_cursor(statement->sql, statement->n_args, oids, options);
		if (plan == NULL)
			elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
		SPI_keepplan(plan);
		statement->plan = plan;
		statement->made_for = made_for;
		statement->options = options;
	}

	free_last_result();
	if (statement->ordered)
		nest_level = forbid_sorting();
	result = SPI_execute_plan(statement->plan, values->datum, values->null, read_only, limit);
	if (statement->ordered)
		AtEOXact_GUC(true, nest_level);
	if (result < 0)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
	MemoryContextSwitchTo(context);
	return SPI_processed;
}

uint64
run_once(const char *sql, const int *args, Values *values, bool read_only, long limit)
{
	MemoryContext context = CurrentMemoryContext;
	Oid			oids[MAX_ARGS];
	int			result;

	arg_oids(args, values->n, oids);
	free_last_result();
	result = SPI_execute_with_args(sql, values->n, oids, values->datum, values->null, read_only, limit);
	if (result < 0)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(result));
	MemoryContextSwitchTo(context);
	return SPI_processed;
}

/* one statement after the other, each by its own text: Citus passes that on to other nodes */
static int
run_each(const char *sql, bool read_only)
{
	int			result = SPI_OK_UTILITY;
	ListCell   *cell;

	foreach(cell, raw_parser(sql, RAW_PARSE_DEFAULT))
	{
		RawStmt    *statement = lfirst_node(RawStmt, cell);
		const char *start = sql + statement->stmt_location;

		free_last_result();
		result = SPI_execute(pnstrdup(start, statement->stmt_len > 0 ? statement->stmt_len : strlen(start)), read_only, 0);
		if (result < 0)
			break;
	}
	return result;
}

void
run_isolated(const char *sql, bool read_only)
{
	MemoryContext context = CurrentMemoryContext;
	/* the last two are how our texts are read, and those of the catalog written */
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"}, {"client_min_messages", "warning"},
		{"standard_conforming_strings", "on"}, {"quote_all_identifiers", "off"}
	};
	int			nest_level = NewGUCNestLevel();
	int			result;

	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	result = run_each(sql, read_only);
	if (result < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
	AtEOXact_GUC(true, nest_level);
	MemoryContextSwitchTo(context);
}

char *
result_text(uint64 row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

pg_noreturn static void
refuse_layout(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the tables of the store are not as idpsync made them"),
			 errhint("SELECT * FROM idpsync.check_store(); tells what is wrong.")));
}

static bool
is_stored_as(Form_pg_attribute attribute, char letter)
{
	switch (letter)
	{
		case 'v':
		case 'V':
			return attribute->attlen == -1;
		case '8':
			return attribute->attlen == 8 && attribute->attbyval == FLOAT8PASSBYVAL;
		default:
			return attribute->attlen == letter - '0' && attribute->attbyval;
	}
}

void
take_apart(uint64 row, const char *layout, Datum *datum, bool *isnull)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;

	if (desc->natts != (int) strlen(layout))
		refuse_layout();
	heap_deform_tuple(SPI_tuptable->vals[row], desc, datum, isnull);
	for (int i = 0; i < desc->natts; i++)
	{
		if (!is_stored_as(TupleDescAttr(desc, i), layout[i]) || (layout[i] == 'V' && isnull[i]))
			refuse_layout();
	}
}

void
refuse_write(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("a row of the store was not written"),
			 errdetail("A trigger, a rule or a policy on its table kept it from being written.")));
}

void
write_row(Statement *statement, Values *values)
{
	if (run_statement(statement, values, false) != 1)
		refuse_write();
}

int64
result_int64(uint64 row, int column)
{
	bool		isnull;
	Datum		value;

	if (!is_stored_as(TupleDescAttr(SPI_tuptable->tupdesc, column - 1), '8'))
		refuse_layout();
	value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);
	return isnull ? 0 : DatumGetInt64(value);
}

void
result_copy(uint64 row, const char *layout, Datum *datum, bool *isnull)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;

	take_apart(row, layout, datum, isnull);
	for (int i = 0; i < desc->natts; i++)
	{
		if (!isnull[i])
			datum[i] = datumCopy(datum[i], TupleDescAttr(desc, i)->attbyval, TupleDescAttr(desc, i)->attlen);
	}
}
