/*
 * server.h: as much of a server as reading and writing JSON calls: memory
 * contexts, errors, an encoding.
 */
#ifndef IDPSYNC_FUZZ_SERVER_H
#define IDPSYNC_FUZZ_SERVER_H

#include "postgres.h"

#include "mb/pg_wchar.h"

#include "fuzz.h"

/* what GetDatabaseEncoding gives */
extern int	server_encoding;

/*
 * Calls read(arg), and gives the SQLSTATE of an ERROR it ends with, 0 if it returns. Its memory is there until
 * forget_all().
 */
extern int	try_call(void (*read) (void *arg), void *arg);
extern void forget_all(void);

#endif
