/*
 * base64.h: base64 as ProtoJSON has it, pure C.
 */
#ifndef IDPSYNC_BASE64_H
#define IDPSYNC_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* writes 4 characters for every 3 bytes begun, padded; returns their number */
extern size_t base64_encode(const uint8_t *data, size_t len, char *out);

/*
 * Reads the standard or the URL-safe alphabet, padded or not. out has room
 * for 3 bytes for every 4 characters begun; returns the bytes' number, or -1.
 */
extern long base64_decode(const char *text, size_t len, uint8_t *out);

#endif
