/*
 * catalog.h: the oids of idpsync's own types and enum labels.
 */
#ifndef IDPSYNC_CATALOG_H
#define IDPSYNC_CATALOG_H

#include "postgres.h"

/* the documented enums, in the order of enum_names in catalog.c */
typedef enum EnumKind
{
	SESSION_STATUS,
	SESSION_TYPE,
	SYNC_MODE,
	RELATED_OBJECT_TYPE,
	CHANGE_TYPE,
	OPEN_SESSION_RESULT,
	JOB_TARGET_TYPE,
	JOB_DIRECTION,
	JOB_TRIGGER_TYPE,
	JOB_STATUS
} EnumKind;

#define ENUM_KINDS 10

/* numbers of the labels; for the documented protobuf enums, their own */
enum
{
	SESSION_OPENED = 1, SESSION_PENDING, SESSION_COMPLETED, SESSION_FAILED, SESSION_EXPIRED,
	FULL_SYNC = 1, DELTA_SYNC,
	OPEN_SUCCESS = 1, OPEN_EXISTS, OPEN_TOO_EARLY,
	JOB_PENDING = 1, JOB_RUNNING, JOB_FAILED, JOB_PARTIAL_SUCCESS, JOB_SUCCESS,
	TARGET_IDENTITY_PROVIDER = 1, TARGET_APPLICATION,
	JOB_INGRESS = 1, JOB_EGRESS,
	JOB_AUTO = 1, JOB_MANUAL
};

/* oid of the schema, of a type of ours by name, of an enum type */
extern Oid	idpsync_namespace(void);
extern Oid	idpsync_type(const char *name);
extern Oid	enum_type(EnumKind kind);

/*
 * Between a label's oid and its number; the label text needs no catalog.
 * Number 0 ("unspecified") has no label but in CHANGE_TYPE: enum_label_oid
 * then gives InvalidOid, enum_label NULL.
 */
extern Oid	enum_label_oid(EnumKind kind, int number);
extern int	enum_number(EnumKind kind, Oid label);
extern const char *enum_label(EnumKind kind, int number);
extern const char *enum_type_name(EnumKind kind);

/* all labels as a list for a hint, palloc'd */
extern char *enum_label_list(EnumKind kind);

/* the number of a label, -1 if there is none */
extern int	enum_number_of(EnumKind kind, const char *label, size_t len);

#endif
