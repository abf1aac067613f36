/*
 * descriptors.c: message types that the store's owner has registered:
 * register_descriptors(), to_json(), from_json().
 *
 * Each backend builds the types once and keeps them until the table changes.
 */
#include "store/descriptors.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "store/statement.h"
#include "store/store.h"
#include "wire/wire.h"
#include "wire/wire_check.h"

PG_FUNCTION_INFO_V1(register_descriptors);
PG_FUNCTION_INFO_V1(to_json_of_any);
PG_FUNCTION_INFO_V1(from_json_to_any);

#define FILE_NAME_MAX 256
/* bytes that all files together may have: what one call takes */
#define DESCRIPTORS_MAX_LEN WIRE_MAX_LEN

static Oid	kept_relid = InvalidOid;	/* the table that was read, if kept is valid */
static Oid	kept_user;			/* who read it: policies may show others other rows */
static Oid	reading_relid = InvalidOid; /* the table that is being read and has not changed since */
static TimestampTz kept_transaction;	/* start of the only one that kept is good for, or 0 */
static TypeRegistry *kept = NULL;
static MemoryContext kept_context = NULL;

static Statement select_files = {
	"SELECT file FROM idpsync.descriptor ORDER BY name",
	0
};

/* two who register at once would not see each other's types, which must not be the same */
static Statement lock_files = {
	"LOCK TABLE idpsync.descriptor IN SHARE ROW EXCLUSIVE MODE",
	0
};

static Statement store_file = {
	"INSERT INTO idpsync.descriptor (name, file) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET file = EXCLUDED.file",
	2, {ARG_TEXT, ARG_BYTES}
};

static void
relation_changed(Datum arg, Oid relid)
{
	if (relid == kept_relid || !OidIsValid(relid))
		kept_relid = InvalidOid;
	if (relid == reading_relid || !OidIsValid(relid))
		reading_relid = InvalidOid;
}

/* whoever only wants a message shown is told where the fault is */
static void
say_table(void *arg)
{
	errcontext("types that are registered in table \"%s\"", "descriptor");
}

/*
 * Every node has all of the table, and may be asked to show a message while it
 * runs its part of a distributed query, in which Citus forbids others.
 */
static int
allow_nested_reading(void)
{
	int			nest_level = NewGUCNestLevel();

	if (store_is_distributed())
		(void) set_config_option("citus.allow_nested_distributed_execution", "on", PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	return nest_level;
}

/* reads the table and keeps its types; inside SPI */
static void
read_types(Oid relid)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "idpsync descriptors", ALLOCSET_DEFAULT_SIZES);
	Values		values = {0};
	int			n;
	DescriptorFile *files;
	TypeRegistry *types;
	size_t		total = 0;
	int			nest_level;
	ErrorContextCallback errors = {0};

	/* a fresh snapshot: whatever commits behind it tells us so */
	reading_relid = relid;
	nest_level = allow_nested_reading();
	n = (int) run_statement(&select_files, &values, false);
	AtEOXact_GUC(true, nest_level);
	MemoryContextSwitchTo(context);
	files = palloc(sizeof(DescriptorFile) * (n + 1));
	for (int i = 0; i < n; i++)
	{
		Datum		value;
		bool		isnull;
		bytea	   *file;

		take_apart(i, "V", &value, &isnull);
		file = DatumGetByteaPCopy(value);

		files[i].data = VARDATA(file);
		files[i].len = VARSIZE(file) - VARHDRSZ;
		total += files[i].len;
		if (total > DESCRIPTORS_MAX_LEN)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("registered descriptors are too long"),
					 errdetail("All files together have at most %zu bytes.", DESCRIPTORS_MAX_LEN),
					 errhint("Delete files from table \"%s\" that nobody needs.", "descriptor")));
	}
	errors.callback = say_table;
	errors.previous = error_context_stack;
	error_context_stack = &errors;
	types = build_type_registry(files, n);
	error_context_stack = errors.previous;
	MemoryContextSwitchTo(caller);

	/* only now that nothing can fail any more */
	MemoryContextSetParent(context, CacheMemoryContext);
	if (kept_context)
		MemoryContextDelete(kept_context);
	kept_context = context;
	kept = types;
	kept_relid = reading_relid;
	kept_user = GetUserId();
	/* no trigger tells of changes in a distributed store */
	kept_transaction = IsolationUsesXactSnapshot() || store_is_distributed() ? GetCurrentTransactionStartTimestamp() : 0;
}

const TypeRegistry *
registered_types(void)
{
	static bool registered = false;
	Oid			relid = get_relname_relid("descriptor", idpsync_namespace());

	if (!registered)
	{
		CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
		registered = true;
	}
	if (!OidIsValid(relid) || pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		return NULL;
	if (relid != kept_relid || kept_user != GetUserId() ||
		(kept_transaction != 0 && kept_transaction != GetCurrentTransactionStartTimestamp()))
	{
		connect_store();
		read_types(relid);
		SPI_finish();
	}
	return kept;
}

/* reads the table anew, in a subtransaction that takes the error with it */
char *
descriptors_fault(void)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char	   *volatile fault = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		kept_relid = InvalidOid;
		registered_types();
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (error->sqlerrcode == ERRCODE_QUERY_CANCELED || error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN)
			ReThrowError(error);
		fault = error->detail ? psprintf("%s: %s", error->message, error->detail) : error->message;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return fault;
}

/*
 * register_descriptors(descriptors bytea) -> int: stores the files of a
 * serialized google.protobuf.FileDescriptorSet, each in place of the one of its
 * name; returns how many messages are registered now.
 *
 * All types of all files are checked. Those that are compiled in stay as they
 * are; those of files that are not proto3 are left out, which a notice tells.
 * Errors: 22P03, 22021 bytes that are no descriptors; 22023 a type that is
 * described twice or not at all, with its name; 0A000 a type that refers to one
 * that is left out; 22001 a name too long; 54000 too many or too long; 42501 a
 * caller who may not write the table.
 */
Datum
register_descriptors(PG_FUNCTION_ARGS)
{
	bytea	   *set = PG_GETARG_BYTEA_PP(0);
	DescriptorFile *files;
	int			n = read_descriptor_set(VARDATA_ANY(set), VARSIZE_ANY_EXHDR(set), &files);
	StringInfoData names;
	Values		none = {0};

	initStringInfo(&names);
	connect_to_write(fcinfo);
	run_statement(&lock_files, &none, false);
	for (int i = 0; i < n; i++)
	{
		bool		is_left_out;
		const char *utf8 = descriptor_file_name(&files[i], &is_left_out);
		char	   *name = pg_any_to_server(utf8, strlen(utf8), PG_UTF8);
		Values		values = {0};

		if (pg_mbstrlen(name) > FILE_NAME_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
					 errmsg("invalid descriptors"),
					 errdetail("The name of a file has more than %d characters.", FILE_NAME_MAX)));
		bind_text(&values, name);
		bind_datum(&values, PointerGetDatum(cstring_to_text_with_len(files[i].data, files[i].len)), false);
		run_statement(&store_file, &values, false);
		if (is_left_out)
			appendStringInfo(&names, names.len > 0 ? ", \"%s\"" : "\"%s\"", name);
	}
	read_types(get_relname_relid("descriptor", idpsync_namespace()));
	n = registered_messages(kept);
	SPI_finish();
	if (names.len > 0)
		ereport(NOTICE,
				(errmsg("types of files that are not proto3 are left out"),
				 errdetail("They are in %s.", names.data)));
	PG_RETURN_INT32(n);
}

/*
 * to_json(protobuf_any) -> json: ProtoJSON, registered types field by field
 * too; what has fields that its type does not know is shown as base64.
 */
Datum
to_json_of_any(PG_FUNCTION_ARGS)
{
	StringInfoData out;

	any_to_json(PG_GETARG_DATUM(0), registered_types(), &out);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/*
 * from_json(json) -> protobuf_any: a message of its ProtoJSON, of a registered
 * type too. Errors: those of the cast from json.
 */
Datum
from_json_to_any(PG_FUNCTION_ARGS)
{
	text	   *json = PG_GETARG_TEXT_PP(0);
	Datum		result;

	any_from_json(VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json), registered_types(), NULL, &result);
	PG_RETURN_DATUM(result);
}
