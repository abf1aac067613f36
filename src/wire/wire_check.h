/*
 * wire_check.h: looks bytes over before protobuf-c reads them, pure C.
 *
 * protobuf-c bounds neither nesting nor the memory it takes, and takes strings
 * of any bytes.
 */
#ifndef IDPSYNC_WIRE_CHECK_H
#define IDPSYNC_WIRE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

/* bytes, nested messages and fields that a message may have */
#define WIRE_MAX_LEN ((size_t) 16 * 1024 * 1024)
#define WIRE_MAX_DEPTH 100
#define WIRE_MAX_FIELDS 1000000

/* an unpacked message of many fields takes memory for all of them: it counts as so many more */
#define WIRE_FIELDS_OF_STRUCT(message) ((int) ((message)->sizeof_message / 256))

typedef enum WireResult
{
	WIRE_OK,
	WIRE_TOO_LONG,
	WIRE_TOO_DEEP,
	WIRE_TOO_MANY,
	WIRE_TRUNCATED,
	WIRE_BAD_VARINT,
	WIRE_BAD_FIELD_NUMBER,
	WIRE_BAD_WIRE_TYPE,
	WIRE_BAD_STRING
} WireResult;

/*
 * May protobuf-c unpack these bytes as this message? Fields that the message
 * does not know are allowed; one of a known number, but not of its wire type, is
 * such a field in proto3. rewrite: only after wire_rewrite, since protobuf-c
 * can skip neither those nor groups, and takes quadratic time to merge a message
 * field that occurs several times, or, in a oneof, does not merge it.
 */
extern WireResult wire_check(const ProtobufCMessageDescriptor *message, const uint8_t *data, size_t len,
							 bool *rewrite);

/*
 * Writes bytes that wire_check found to be right without what protobuf-c cannot
 * skip, and with the occurrences of a single message field merged into one; out
 * has room for len bytes. false where there is no memory. Merging takes no quadratic time.
 */
extern bool wire_rewrite(const ProtobufCMessageDescriptor *message, const uint8_t *data, size_t len,
						 ProtobufCAllocator *allocator, uint8_t *out, size_t *out_len);

/*
 * Moves *p behind a group of this number, whose first tag is behind it; depth
 * is the group's own, and fields counts up to WIRE_MAX_FIELDS.
 */
extern WireResult wire_skip_group(const uint8_t **p, const uint8_t *end, uint32_t number, int depth, int *fields);

/* the first of a message's own fields whose value is WIRE_BAD_STRING, NULL where it is deeper */
extern const ProtobufCFieldDescriptor *wire_bad_string(const ProtobufCMessageDescriptor *message,
													   const uint8_t *data, size_t len);

/* what is wrong, as half a sentence */
extern const char *wire_result_text(WireResult result);

/* is this UTF-8 as it should be, without a NUL? */
extern bool utf8_is_valid(const uint8_t *data, size_t len);

#endif
