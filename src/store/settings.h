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

#endif
