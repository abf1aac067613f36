/*
 * fuzz.h: what the targets share.
 *
 * A target is one function over bytes that says what must hold of them. libFuzzer
 * calls it, or main.c with files. The bytes are a block of exactly their size, so
 * that the sanitizer sees a byte too far.
 */
#ifndef IDPSYNC_FUZZ_H
#define IDPSYNC_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ends the run where a promise is broken */
extern void broken(const char *promise, const char *file, int line) __attribute__((noreturn));
#define HOLDS(promise) ((promise) ? (void) 0 : broken(#promise, __FILE__, __LINE__))

/* the message type a byte stands for: its line in the file "types"; NULL beyond the last */
extern const ProtobufCMessageDescriptor *message_type(uint8_t number);

/* a protobuf-c allocator that is malloc */
extern ProtobufCAllocator plain_allocator;

#endif
