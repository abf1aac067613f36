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
	WIRE_REPEATED_MESSAGE,
	WIRE_BAD_STRING
} WireResult;

/*
 * May protobuf-c unpack these bytes as this message? Fields that the message
 * does not know are allowed; groups are not, since protobuf-c cannot skip
 * them, nor is a message field twice that is not repeated, since merging many
 * takes quadratic time.
 */
extern WireResult wire_check(const ProtobufCMessageDescriptor *message, const uint8_t *data, size_t len);

/* what is wrong, as half a sentence */
extern const char *wire_result_text(WireResult result);

/* is this UTF-8 as it should be, without a NUL? */
extern bool utf8_is_valid(const uint8_t *data, size_t len);

#endif
