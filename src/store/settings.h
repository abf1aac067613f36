/*
 * settings.h: what the owner of a store may set with configure_store().
 */
#ifndef IDPSYNC_SETTINGS_H
#define IDPSYNC_SETTINGS_H

#include "store/store.h"

extern const StoreSettings default_settings;

/*
 * Puts one setting in its place: ERROR 22023 for an unknown name or a value
 * it cannot take.
 */
extern void apply_setting(StoreSettings *settings, const char *name, const char *value);

/*
 * Remembers in jobs_retired_until that the jobs created before until are
 * retired; inside SPI, with the rights of the store's owner.
 */
extern void remember_retired_jobs(TimestampTz until);

#endif
