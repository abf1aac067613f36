/*
 * store_info.h: the view that says what a store is.
 */
#ifndef IDPSYNC_STORE_INFO_H
#define IDPSYNC_STORE_INFO_H

#include "postgres.h"

typedef struct StoreInfo
{
	int			version;
	char	   *store_id;		/* 16 hexadecimal digits */
	char	   *job_interval;	/* as text, likewise the following */
	char	   *operation_interval;
	bool		distributed;	/* its tables have been handed over to Citus */
} StoreInfo;

/* the view; ERROR 55000 where there is no store */
extern Oid	store_info_relid(void);

/* what it says, whatever the version; inside SPI, likewise the following. ERROR 55000 unless it has one row */
extern void read_store_info(StoreInfo *info);

/* makes it, or has it say something else */
extern void write_store_info(const StoreInfo *info);

/* ERROR 55000 for a version that only a newer library knows */
extern void refuse_newer_store(int version);

#endif
