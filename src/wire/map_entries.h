/*
 * map_entries.h: entries of maps whose keys are equal.
 */
#ifndef IDPSYNC_MAP_ENTRIES_H
#define IDPSYNC_MAP_ENTRIES_H

#include "postgres.h"

#include <protobuf-c/protobuf-c.h>

/*
 * Leaves of the entries that have one key only the last, as every reader of a
 * map does, and the rest in their order. Keys are compared by value. Returns
 * how many are left.
 */
extern size_t drop_replaced_entries(ProtobufCMessage **entries, size_t count);

#endif
