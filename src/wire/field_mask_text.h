/*
 * field_mask_text.h: paths of google.protobuf.FieldMask as text, pure C.
 */
#ifndef IDPSYNC_FIELD_MASK_TEXT_H
#define IDPSYNC_FIELD_MASK_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * "user.display_name" as "user.displayName"; out has room for the path. False
 * where another path would look the same.
 */
extern bool field_path_to_text(const char *path, char *out);

/*
 * The other way, from len bytes; out has room for twice as many and the NUL.
 * False for what is no path.
 */
extern bool field_path_from_text(const char *text, size_t len, char *out);

#endif
