/*
 * turn.h: what only one session at a time may do to the store.
 */
#ifndef IDPSYNC_TURN_H
#define IDPSYNC_TURN_H

#include "postgres.h"

/*
 * Takes the turn that belongs to an index of the store, until the transaction
 * ends; false where another has it, or there is no such index. An index, since
 * neither queries nor vacuum are in the way of this lock there, and nobody
 * without rights on it can take it: an advisory lock would be anybody's.
 */
extern bool take_turn(const char *index);

#endif
