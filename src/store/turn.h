/*
 * turn.h: what only one session at a time may do to the store.
 */
#ifndef IDPSYNC_TURN_H
#define IDPSYNC_TURN_H

#include "postgres.h"

/* locks a table for writing; ERROR 55P03 where that has to wait */
extern void lock_at_once(Oid table);

/*
 * These too hold until the transaction ends. Neither is an advisory lock, which
 * anybody could take and keep.
 */

/*
 * Takes the turn that belongs to an index of the store; false where another
 * has it, or there is no such index. Its table is locked at once. An index,
 * since neither queries nor vacuum are in the way of this lock there.
 */
extern bool take_turn(const char *index);

/* waits for the turn that belongs to a key; keys of equal hash share one */
extern void wait_for_turn(const char *table, uint64 key_hash);

#endif
