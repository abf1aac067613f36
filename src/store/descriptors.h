/*
 * descriptors.h: message types that the store's owner has registered.
 */
#ifndef IDPSYNC_DESCRIPTORS_H
#define IDPSYNC_DESCRIPTORS_H

#include "wire/type_registry.h"

/*
 * The types registered in the store, good until the next statement; NULL where
 * there is no store, or the caller may not read its descriptors.
 */
extern const TypeRegistry *registered_types(void);

/* what keeps the registered types from being read; NULL: nothing */
extern char *descriptors_fault(void);

#endif
