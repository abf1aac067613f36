/*
 * settings.c: what the owner of a store may set with configure_store().
 */
#include "store/settings.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "store/partitions.h"
#include "store/row_trigger.h"
#include "store/statement.h"
#include "store/store_owner.h"

PG_FUNCTION_INFO_V1(configure_store);
PG_FUNCTION_INFO_V1(check_store_setting);

/* days, the most an interval may have */
#define LONGEST_LEASE 366
#define LONGEST_RETENTION 36600

const StoreSettings default_settings = {
	.session_ttl = 10 * USECS_PER_MINUTE,
	.session_interval = 0,
	.keep_operations = KEEP_REPORTS,
	.session_retention = 400 * USECS_PER_DAY,
	.job_retention = 400 * USECS_PER_DAY,
	.operation_retention = 30 * USECS_PER_DAY,
	.idempotency_key_retention = 7 * USECS_PER_DAY,
	.jobs_retired_until = DT_NOBEGIN
};

/* what there is to set: an enum has labels, an interval a most, a time neither */
typedef struct SettingKind
{
	const char *name;
	size_t		offset;			/* in StoreSettings: an int64 or an enum */
	int64		least;			/* of an interval */
	int			most_days;		/* of an interval */
	const char *labels[4];		/* of an enum, in its order */
} SettingKind;

static const SettingKind kinds[] = {
	{"session_ttl", offsetof(StoreSettings, session_ttl), USECS_PER_SEC, LONGEST_LEASE},
	{"session_interval", offsetof(StoreSettings, session_interval), 0, LONGEST_LEASE},
	{"keep_operations", offsetof(StoreSettings, keep_operations), 0, 0, {"all", "reports", "lifecycle"}},
	{"session_retention", offsetof(StoreSettings, session_retention), USECS_PER_DAY, LONGEST_RETENTION},
	{"job_retention", offsetof(StoreSettings, job_retention), USECS_PER_DAY, LONGEST_RETENTION},
	{"operation_retention", offsetof(StoreSettings, operation_retention), USECS_PER_DAY, LONGEST_RETENTION},
	{"idempotency_key_retention", offsetof(StoreSettings, idempotency_key_retention), USECS_PER_HOUR, LONGEST_RETENTION},
	{"jobs_retired_until", offsetof(StoreSettings, jobs_retired_until)}
};

static const SettingKind *
find_setting(const char *name)
{
	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized store setting \"%s\"", name),
			 errhint("Available settings: session_ttl, session_interval, keep_operations, session_retention, job_retention,"
					 " operation_retention, idempotency_key_retention, jobs_retired_until.")));
}

/* an interval as microseconds; a day has 24 hours, months have no length */
static int64
interval_setting(const SettingKind *kind, const char *value)
{
	Interval   *interval = DatumGetIntervalP(DirectFunctionCall3(interval_in,
																 CStringGetDatum(value),
																 ObjectIdGetDatum(InvalidOid),
																 Int32GetDatum(-1)));
	int64		length = -1;

	if (interval->month == 0 &&
		interval->day >= -kind->most_days && interval->day <= kind->most_days &&
		interval->time >= -kind->most_days * USECS_PER_DAY && interval->time <= kind->most_days * USECS_PER_DAY)
		length = interval->time + interval->day * USECS_PER_DAY;
	if (length < kind->least || length > kind->most_days * USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for store setting \"%s\": \"%s\"", kind->name, value),
				 errdetail("It must be an interval from %s to %d days, without months.",
						   kind->least == 0 ? "0" : kind->least == USECS_PER_SEC ? "1 second" :
						   kind->least == USECS_PER_HOUR ? "1 hour" : "1 day", kind->most_days)));
	return length;
}

static int
label_setting(const SettingKind *kind, const char *value)
{
	for (int i = 0; i < lengthof(kind->labels) && kind->labels[i]; i++)
	{
		if (strcmp(kind->labels[i], value) == 0)
			return i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for store setting \"%s\": \"%s\"", kind->name, value),
			 errhint("Available values: %s, %s, %s.", kind->labels[0], kind->labels[1], kind->labels[2])));
}

static TimestampTz
time_setting(const SettingKind *kind, const char *value)
{
	TimestampTz time = DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(value),
															   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));

	if (TIMESTAMP_NOT_FINITE(time) || time < -UNIX_EPOCH_SHIFT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for store setting \"%s\": \"%s\"", kind->name, value),
				 errdetail("It must be a time from 1970 on.")));
	return time;
}

/* names the setting where an error of the type's own does not */
static void
setting_context(void *name)
{
	errcontext("store setting \"%s\"", (const char *) name);
}

void
apply_setting(StoreSettings *settings, const char *name, const char *value)
{
	const SettingKind *kind = find_setting(name);
	char	   *place = (char *) settings + kind->offset;
	ErrorContextCallback context = {error_context_stack, setting_context, (void *) kind->name};

	error_context_stack = &context;
	if (kind->labels[0])
		*(KeepOperations *) place = label_setting(kind, value);
	else if (kind->most_days == 0)
		*(TimestampTz *) place = time_setting(kind, value);
	else
		*(int64 *) place = interval_setting(kind, value);
	error_context_stack = context.previous;
}

static Statement store_value = {
	"INSERT INTO idpsync.store_setting (name, value) VALUES ($1, $2)"
	" ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value",
	2, {ARG_TEXT, ARG_TEXT}
};

static Statement forget_value = {
	"DELETE FROM idpsync.store_setting WHERE name" EQUALS "$1",
	1, {ARG_TEXT}
};

/* a time as every session reads it */
static char *
time_text(TimestampTz time)
{
	char		literal[BOUND_SIZE];
	char		suffix[BOUND_SIZE];

	format_bound(time, literal, suffix);
	return pnstrdup(literal + 1, strlen(literal) - 2);
}

void
remember_retired_jobs(TimestampTz until)
{
	Values		values = {0};

	if (until <= store_settings()->jobs_retired_until)
		return;
	bind_text(&values, "jobs_retired_until");
	bind_text(&values, time_text(until));
	run_statement(&store_value, &values, false);
}

/*
 * configure_store(name text, value text): sets what binds every caller.
 *
 * session_ttl: lease of a session, interval of 1 second to 366 days (10 minutes).
 * session_interval: least time between completed sessions of a container and
 * type, interval of 0 to 366 days (0).
 * keep_operations: all, reports or lifecycle (reports).
 * session_retention, job_retention, operation_retention: how long what has
 * ended is kept, 1 day to 36,600 days (400, 400, 30 days);
 * idempotency_key_retention from 1 hour on (7 days).
 * jobs_retired_until: jobs created before it are not imported unless they are
 * stored, time, moved on by maintain() (none).
 * A NULL value returns to the default. Errors: 22023 for an unknown name or a
 * value out of range, 42501 for a caller who does not own the store.
 */
Datum
configure_store(PG_FUNCTION_ARGS)
{
	Values		values = {0};
	StoreSettings scratch = default_settings;
	Caller		caller;
	char	   *name;
	char	   *value;

	refuse_read_only(fcinfo);
	connect_as_store_owner(&caller);
	insist_on_owner(&caller, "configure it");
	name = required_text(fcinfo, 0, "name", NAMEDATALEN);
	value = optional_text(fcinfo, 1, "value", 256);
	bind_text(&values, name);
	find_setting(name);
	/* what a trigger does elsewhere; other nodes read the settings anew in their next transactions */
	if (store_is_distributed())
		CacheInvalidateRelcacheByRelid(get_relname_relid("store_setting", idpsync_namespace()));
	if (value)
	{
		apply_setting(&scratch, name, value);
		bind_text(&values, strcmp(name, "jobs_retired_until") == 0 ? time_text(scratch.jobs_retired_until) : value);
		run_statement(&store_value, &values, false);
	}
	else
		run_statement(&forget_value, &values, false);
	be_caller(&caller);
	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * Row trigger before an insert or update of store_setting: what configure_store()
 * refuses cannot get in by hand either. Errors: 22023, 22007.
 */
Datum
check_store_setting(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	StoreSettings scratch = default_settings;
	TupleDesc	desc;
	HeapTuple	row;
	char	   *name;
	char	   *value;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event) || TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" must be fired for each row before insert or update", "check_store_setting")));
	desc = RelationGetDescr(trigger->tg_relation);
	trigger_column(trigger, "name", TEXTOID);
	trigger_column(trigger, "value", TEXTOID);
	row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
	name = SPI_getvalue(row, desc, SPI_fnumber(desc, "name"));
	value = SPI_getvalue(row, desc, SPI_fnumber(desc, "value"));
	if (name && value)
		apply_setting(&scratch, name, value);
	return PointerGetDatum(row);
}
