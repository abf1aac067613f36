/*
 * action_document.h: the documented JSON of actions: PascalCase keys,
 * milliseconds since 1970.
 */
#ifndef IDPSYNC_ACTION_DOCUMENT_H
#define IDPSYNC_ACTION_DOCUMENT_H

#include "call/method.h"
#include "job/job.h"
#include "lib/stringinfo.h"

typedef enum ActionFieldType
{
	ACTION_TEXT,				/* char *; NULL where absent or null */
	ACTION_TEXTS,				/* List of char * */
	ACTION_INTEGER,				/* ActionInteger; a number or a string of one */
	ACTION_UNSUPPORTED			/* 0A000 where it is set */
} ActionFieldType;

typedef struct ActionInteger
{
	bool		is_set;
	int64		value;
} ActionInteger;

typedef struct ActionField
{
	const char *key;
	ActionFieldType type;
	int			max;			/* characters of a text, elements of texts */
	size_t		offset;			/* of its place */
} ActionField;

/*
 * Reads a request's document into a zeroed struct. ERROR 22P02 for what is no
 * such document, an unknown key or one that is there twice, 22001, 22003 for
 * values out of range.
 */
extern void read_action(const Request *request, const ActionField *fields, int n, void *place);

/* ERROR 22023 where a text is NULL or empty; returns it */
extern char *required_member(const Request *request, char *text, const char *key);

/* the number of a documented label, 0 for NULL and the empty text; ERROR 22023 for another */
extern int	label_member(const Request *request, const char *text, const char *key, EnumKind kind);

/* the moment a number of milliseconds stands for, DT_NOBEGIN where it is not set */
extern TimestampTz time_member(const Request *request, const ActionInteger *milliseconds, const char *key);

/* begins an answer: {"RequestId": "...", with a new id */
extern void begin_action_answer(StringInfo out);

/* ends it */
extern void end_action_answer(StringInfo out, Answer *answer);

/* , "Key": "text"; nothing for NULL */
extern void append_text_member(StringInfo out, const char *key, const char *text);

/* a documented job */
extern void append_job_document(StringInfo out, const Job *job);

#endif
