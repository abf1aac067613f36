/*
 * catalog.c: the oids of idpsync's own types and enum labels.
 *
 * Oids are found by name and kept; DROP EXTENSION and CREATE EXTENSION in one
 * session give new ones, so an invalidation of pg_type forgets them all.
 */
#include "base/catalog.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/inval.h"
#include "utils/syscache.h"

#define MAX_LABELS 8

typedef struct EnumLabels
{
	const char *type;
	int			first;			/* number of the first label */
	const char *labels[MAX_LABELS];
} EnumLabels;

static const EnumLabels enums[ENUM_KINDS] = {
	[SESSION_STATUS] = {"session_status", 1, {"OPENED", "PENDING", "COMPLETED", "FAILED", "EXPIRED"}},
	[SESSION_TYPE] = {"session_type", 1, {"AD_SYNC", "AD_PASSWORD_HASH", "AD_USER_CONTROL"}},
	[SYNC_MODE] = {"sync_mode", 1, {"FULL_SYNC", "DELTA"}},
	[RELATED_OBJECT_TYPE] = {"related_object_type", 1, {"USER", "GROUP", "MEMBERSHIP"}},
	[CHANGE_TYPE] = {"change_type", 0, {"CHANGE_TYPE_UNSPECIFIED", "CREATE", "UPDATE", "DELETE",
	"ACTIVATE", "DEACTIVATE", "PASSWORD_HASH_UPDATE"}},
	[OPEN_SESSION_RESULT] = {"open_session_result", 1, {"SUCCESS", "OPENED_SESSION_EXISTS", "TOO_EARLY"}},
	[JOB_TARGET_TYPE] = {"job_target_type", 1, {"identity_provider", "application"}},
	[JOB_DIRECTION] = {"job_direction", 1, {"ingress", "egress"}},
	[JOB_TRIGGER_TYPE] = {"job_trigger_type", 1, {"auto", "manual"}},
	[JOB_STATUS] = {"job_status", 1, {"pending", "running", "failed", "partial_success", "success"}},
};

typedef struct EnumOids
{
	Oid			type;
	Oid			label[MAX_LABELS];
} EnumOids;

static Oid	namespace_oid = InvalidOid;
static EnumOids enum_oids[ENUM_KINDS];

static void
forget_oids(Datum arg, int cacheid, uint32 hashvalue)
{
	namespace_oid = InvalidOid;
	memset(enum_oids, 0, sizeof(enum_oids));
}

Oid
idpsync_namespace(void)
{
	static bool registered = false;

	if (!registered)
	{
		CacheRegisterSyscacheCallback(TYPEOID, forget_oids, (Datum) 0);
		CacheRegisterSyscacheCallback(NAMESPACEOID, forget_oids, (Datum) 0);
		registered = true;
	}
	if (!OidIsValid(namespace_oid))
		namespace_oid = get_namespace_oid("idpsync", false);
	return namespace_oid;
}

Oid
idpsync_type(const char *name)
{
	Oid			oid = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
									  CStringGetDatum(name),
									  ObjectIdGetDatum(idpsync_namespace()));

	if (!OidIsValid(oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type \"idpsync.%s\" does not exist", name)));
	return oid;
}

/* fills the cache for one enum and returns its entry */
static const EnumOids *
lookup_enum(EnumKind kind)
{
	EnumOids	oids = {0};

	if (OidIsValid(enum_oids[kind].type))
		return &enum_oids[kind];

	oids.type = idpsync_type(enums[kind].type);
	for (int i = 0; i < MAX_LABELS && enums[kind].labels[i]; i++)
	{
		oids.label[i] = GetSysCacheOid2(ENUMTYPOIDNAME, Anum_pg_enum_oid,
										ObjectIdGetDatum(oids.type),
										CStringGetDatum(enums[kind].labels[i]));
		if (!OidIsValid(oids.label[i]))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("enum \"idpsync.%s\" has no label \"%s\"",
							enums[kind].type, enums[kind].labels[i])));
	}
	enum_oids[kind] = oids;
	return &enum_oids[kind];
}

Oid
enum_type(EnumKind kind)
{
	return lookup_enum(kind)->type;
}

Oid
enum_label_oid(EnumKind kind, int number)
{
	int			i = number - enums[kind].first;

	if (i < 0 || i >= MAX_LABELS)
		return InvalidOid;
	return lookup_enum(kind)->label[i];
}

int
enum_number(EnumKind kind, Oid label)
{
	const EnumOids *oids = lookup_enum(kind);

	for (int i = 0; i < MAX_LABELS && OidIsValid(oids->label[i]); i++)
		if (oids->label[i] == label)
			return i + enums[kind].first;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("enum \"idpsync.%s\" has a label this library does not know", enums[kind].type),
			 errhint("Labels cannot be added to the documented enums.")));
}

const char *
enum_label(EnumKind kind, int number)
{
	int			i = number - enums[kind].first;

	return i < 0 || i >= MAX_LABELS ? NULL : enums[kind].labels[i];
}

const char *
enum_type_name(EnumKind kind)
{
	return enums[kind].type;
}

char *
enum_label_list(EnumKind kind)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < MAX_LABELS && enums[kind].labels[i]; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", enums[kind].labels[i]);
	return list.data;
}

int
enum_number_of(EnumKind kind, const char *label, size_t len)
{
	for (int i = 0; i < MAX_LABELS && enums[kind].labels[i]; i++)
		if (strlen(enums[kind].labels[i]) == len && memcmp(enums[kind].labels[i], label, len) == 0)
			return i + enums[kind].first;
	return -1;
}
