/*
 * store_info.c: is there a store, of which version, and what does its owner want.
 *
 * Both are read once and kept until the view or the table of settings changes:
 * a call on the hot path pays one lookup by name. No trigger tells of a
 * distributed table: its settings are kept for a transaction.
 */
#include "store/store.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/catalog.h"
#include "store/settings.h"
#include "store/statement.h"
#include "store/store_info.h"

PG_FUNCTION_INFO_V1(store_setting_changed);

static Oid	info_relid = InvalidOid;	/* the view that was read, if valid */
static int	info_version;
static uint64 info_store_id;
static bool info_distributed;

static Oid	settings_relid = InvalidOid;
static StoreSettings settings;
static TimestampTz settings_transaction;	/* start of the only one they are good for, or 0 */

/* counts what was invalidated: what was read meanwhile is not kept */
static uint64 changes = 0;

static void
relation_changed(Datum arg, Oid relid)
{
	changes++;
	if (relid == info_relid || !OidIsValid(relid))
		info_relid = InvalidOid;
	if (relid == settings_relid || !OidIsValid(relid))
		settings_relid = InvalidOid;
}

/*
 * Runs a constant that gives rows, inside SPI, on what is committed now: the
 * snapshot of the calling query may be older than the change that made us read.
 */
static void
read_rows(const char *sql)
{
	int			result;

	PushActiveSnapshot(GetLatestSnapshot());
	result = SPI_execute(sql, true, 0);
	PopActiveSnapshot();
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
}

/* a value of the first row of store_info; ERROR 55000 where there is none */
static char *
info_value(int column)
{
	char	   *value = SPI_processed == 1 ?
		SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column) : NULL;

	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("view \"idpsync.store_info\" must have one row")));
	return value;
}

Oid
store_info_relid(void)
{
	Oid			relid = get_relname_relid("store_info", idpsync_namespace());

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("idpsync has no store in this database"),
				 errhint("Run SELECT idpsync.create_store();")));
	return relid;
}

void
read_store_info(StoreInfo *info)
{
	read_rows("SELECT version, store_id, job_interval, operation_interval, distributed FROM idpsync.store_info");
	info->version = atoi(info_value(1));
	info->store_id = info_value(2);
	info->job_interval = info_value(3);
	info->operation_interval = info_value(4);
	info->distributed = strcmp(info_value(5), "t") == 0;
}

void
write_store_info(const StoreInfo *info)
{
	/* constants of a view, so that a dump of the schema alone carries them; OR REPLACE keeps what stands on it */
	run_isolated(psprintf("CREATE OR REPLACE VIEW idpsync.store_info WITH (security_invoker = true) AS"
						  " SELECT %d AS version, %s::text AS store_id, %s::interval AS job_interval, %s::interval AS operation_interval, %s AS distributed",
						  info->version, quote_literal_cstr(info->store_id),
						  quote_literal_cstr(info->job_interval), quote_literal_cstr(info->operation_interval),
						  info->distributed ? "true" : "false"), false);
}

void
refuse_newer_store(int version)
{
	if (version > STORE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the store has version %d, this library knows versions up to %d", version, STORE_VERSION),
				 errhint("Install the idpsync that made the store, or a newer one.")));
}

static void
keep_info(Oid relid)
{
	uint64		before = changes;
	StoreInfo	info;

	read_store_info(&info);
	refuse_newer_store(info.version);
	if (info.version < STORE_OLDEST_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the store has version %d, this library needs version %d or later", info.version, STORE_OLDEST_VERSION),
				 errhint("Run SELECT idpsync.upgrade_store();")));
	info_version = info.version;
	info_store_id = strtoull(info.store_id, NULL, 16);
	info_distributed = info.distributed;
	if (changes == before)
		info_relid = relid;
}

void
connect_store(void)
{
	static bool registered = false;
	MemoryContext context = CurrentMemoryContext;
	Oid			relid;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
		registered = true;
	}

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	relid = store_info_relid();
	if (relid != info_relid)
		keep_info(relid);
	MemoryContextSwitchTo(context);
}

void
refuse_read_only(FunctionCallInfo fcinfo)
{
	if (XactReadOnly)
		PreventCommandIfReadOnly(psprintf("%s()", get_func_name(fcinfo->flinfo->fn_oid)));
}

void
connect_to_write(FunctionCallInfo fcinfo)
{
	refuse_read_only(fcinfo);
	connect_store();
}

int
store_version(void)
{
	return info_version;
}

uint64
store_id(void)
{
	return info_store_id;
}

bool
store_is_distributed(void)
{
	return info_distributed;
}

const StoreSettings *
store_settings(void)
{
	MemoryContext context = CurrentMemoryContext;
	uint64		before;
	Oid			relid;

	if (OidIsValid(settings_relid) &&
		(settings_transaction == 0 || settings_transaction == GetCurrentTransactionStartTimestamp()))
		return &settings;

	before = changes;
	relid = get_relname_relid("store_setting", idpsync_namespace());
	settings = default_settings;
	read_rows("SELECT name, value FROM idpsync.store_setting");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *name = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		char	   *value = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);

		if (name && value)
			apply_setting(&settings, name, value);
	}
	settings_transaction = info_distributed ? GetCurrentTransactionStartTimestamp() : 0;
	settings_relid = changes == before ? relid : InvalidOid;
	MemoryContextSwitchTo(context);
	return &settings;
}

/*
 * Trigger on store_setting and descriptor: tells every backend to read them anew,
 * however they were changed.
 */
Datum
store_setting_changed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "store_setting_changed")));
	CacheInvalidateRelcache(((TriggerData *) fcinfo->context)->tg_relation);
	return PointerGetDatum(NULL);
}
