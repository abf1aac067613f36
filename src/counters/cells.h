/*
 * cells.h: the unpacked form of both counter types, pure C.
 *
 * A cell is one object kind and one change kind; it holds two counters in a
 * session's progress and four in a job's statistics. No counter is negative.
 */
#ifndef IDPSYNC_CELLS_H
#define IDPSYNC_CELLS_H

#include <stdbool.h>
#include <stdint.h>

/* session_progress: RelatedObjectType 1-3 x ChangeType 0-6 */
#define SESSION_OBJECTS 3
#define SESSION_CHANGES 7
#define SESSION_CELLS (SESSION_OBJECTS * SESSION_CHANGES)
#define SESSION_COUNTERS 2

enum
{
	SUCCESSFUL,
	FAILED
};

typedef struct SessionCells
{
	uint32_t	present;		/* bit = cell; a reported zero is present */
	int64_t		value[SESSION_CELLS][SESSION_COUNTERS];
} SessionCells;

#define SESSION_CELL(object_number, change_number) \
	(((object_number) - 1) * SESSION_CHANGES + (change_number))

/* job_statistics: User, OrganizationalUnit, Group, GroupMember x Created ... Exported */
#define JOB_OBJECTS 4
#define JOB_CHANGES 7
#define JOB_CELLS (JOB_OBJECTS * JOB_CHANGES)
#define JOB_COUNTERS 4

enum
{
	JOB_TOTAL,
	JOB_SUCCEEDED,
	JOB_FAILURES,
	JOB_SKIPPED
};

typedef struct JobCells
{
	uint32_t	present;		/* bit = cell; a cell of zeros is absent */
	int64_t		value[JOB_CELLS][JOB_COUNTERS];
} JobCells;

#endif
