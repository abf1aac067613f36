/*
 * wire_check.c: what wire_check refuses, and what wire_rewrite makes of bytes.
 */
#include "tests.h"

#include "google/protobuf/struct.pb-c.h"

#include "wire/wire_check.h"

static WireResult
check_session(const char *bytes, size_t len)
{
	bool		rewrite;

	return wire_check(&yandex__cloud__organizationmanager__v1__idp__synchronization_session__descriptor,
					  (const uint8_t *) bytes, len, &rewrite);
}

/* do bytes mean what others say plainly? */
static bool
means(const ProtobufCMessageDescriptor *descriptor, const char *bytes, size_t len, const char *plain, size_t plain_len)
{
	bool		rewrite;
	size_t		packed_len;
	uint8_t    *copy = malloc(len);
	uint8_t    *packed;
	bool		same;

	memcpy(copy, bytes, len);
	same = wire_check(descriptor, copy, len, &rewrite) == WIRE_OK && rewrite;
	packed = same ? rewrite_and_repack(descriptor, copy, len, &packed_len) : NULL;
	same = packed != NULL && packed_len == plain_len && memcmp(packed, plain, plain_len) == 0;
	free(packed);
	free(copy);
	return same;
}

#define VALUE &google__protobuf__value__descriptor
#define LIST &google__protobuf__list_value__descriptor
#define MEANS(descriptor, bytes, plain) means(descriptor, bytes, sizeof(bytes) - 1, plain, sizeof(plain) - 1)

void
test_rewriting(void)
{
	static const int copies = 200000;
	uint8_t    *many = malloc((size_t) copies * 6);
	uint8_t    *out = malloc((size_t) copies * 6);
	uint8_t    *packed;
	size_t		out_len;
	bool		rewrite;
	bool		good = true;

	ok(MEANS(SESSION, "\xa3\x06\xa4\x06", "") && MEANS(SESSION, "\xa3\x06\x0a\x01s\xa8\x06\x01\xa4\x06\x0a\x01t", "\x0a\x01t"),
	   "a group nobody knows is skipped");
	ok(MEANS(SESSION, "\xa3\x06\x0b\x0c\x13\x1b\x1c\x14\xa4\x06\x30\x01", "\x30\x01"), "with groups in it");
	ok(MEANS(SESSION, "\x08\x01\x30\x01", "\x30\x01") && MEANS(SESSION, "\x32\x00\x0a\x01s", "\x0a\x01s") &&
	   MEANS(SESSION, "\x0b\x0c\x30\x01", "\x30\x01") && MEANS(SESSION, "\x1d\x01\x02\x03\x04\x18\x05", ""),
	   "a varint for a string, a length for an enum, a group for a string, numbers for a message are unknown");
	ok(MEANS(SESSION, "\x42\x05\x0a\x01x\x08\x01\x40\x01", "\x42\x02\x08\x01") &&
	   MEANS(OPENED, "\x12\x03\x0a\x01s\x18\x01", "\x12\x03\x0a\x01s"), "nested, repeated and in a oneof");
	ok(MEANS(SESSION, "\x42\x06\x08\x01\x1b\x1c\x12\x00\x42\x02\x08\x02", "\x42\x04\x08\x01\x12\x00\x42\x02\x08\x02"),
	   "in a repeated message");
	ok(MEANS(SESSION, "\x1a\x00\x1a\x00", "\x1a\x00"), "a message field twice is one");
	ok(MEANS(SESSION, "\x1a\x02\x08\x05\x22\x02\x08\x07\x1a\x04\x08\x06\x10\x01\x1a\x02\x10\x02", "\x1a\x04\x08\x06\x10\x02\x22\x02\x08\x07"),
	   "whose last scalars win");
	ok(MEANS(OPENED, "\x12\x03\x0a\x01s\x12\x04\x42\x02\x08\x01\x12\x06\x1a\x00\x42\x02\x08\x02", "\x12\x0d\x0a\x01s\x1a\x00\x42\x02\x08\x01\x42\x02\x08\x02"),
	   "and whose repeated fields follow each other");
	ok(MEANS(OPENED, "\x12\x03\x0a\x01s\x1a\x00\x12\x03\x12\x01" "a", "\x12\x03\x12\x01" "a") &&
	   MEANS(OPENED, "\x12\x03\x0a\x01s\x12\x00\x1a\x00", "\x1a\x00"), "unless another of its oneof is between or behind them");
	ok(MEANS(VALUE, "\x32\x00\x32\x00\x20\x01", "\x20\x01") && MEANS(VALUE, "\x20\x01\x32\x02\x0a\x00\x32\x02\x0a\x00", "\x32\x04\x0a\x00\x0a\x00"),
	   "be it a scalar or a message");
	ok(MEANS(LIST, "\x0a\x08\x32\x00\x32\x04\x0a\x02\x20\x01", "\x0a\x06\x32\x04\x0a\x02\x20\x01"), "at any depth");

	/* a list that comes in as many parts as there are values takes no quadratic time */
	for (int i = 0; i < copies; i++)
		memcpy(many + (size_t) i * 6, "\x32\x04\x0a\x02\x20\x01", 6);
	good = wire_check(VALUE, many, (size_t) copies * 6, &rewrite) == WIRE_OK && rewrite &&
		wire_rewrite(VALUE, many, (size_t) copies * 6, &allocator, out, &out_len);
	packed = good ? repack(VALUE, out, out_len, &out_len) : NULL;
	ok(packed != NULL && out_len == (size_t) copies * 4 + 4, "a list in 200,000 parts");
	free(packed);
	free(many);
	free(out);
}

/* a message of more message fields than are watched, and two of numbers that come packed */
static void
test_wide(void)
{
	ProtobufCFieldDescriptor fields[67] = {0};
	ProtobufCMessageDescriptor wide = {.fields = fields, .n_fields = 67, .sizeof_message = sizeof(ProtobufCMessage)};
	static const uint8_t header[] = {0x9a, 0x04, 0xbd, 0x84, 0x3d};
	uint8_t    *many = calloc(1, sizeof(header) + WIRE_MAX_FIELDS);
	bool		rewrite;

	for (int i = 0; i < 67; i++)
	{
		fields[i].id = (uint32_t) i + 1;
		fields[i].type = i == 65 ? PROTOBUF_C_TYPE_FIXED32 : i == 66 ? PROTOBUF_C_TYPE_INT32 : PROTOBUF_C_TYPE_MESSAGE;
		fields[i].label = i >= 65 ? PROTOBUF_C_LABEL_REPEATED : PROTOBUF_C_LABEL_NONE;
		fields[i].descriptor = i >= 65 ? NULL : SESSION;
	}
	ok(wire_check(&wide, (const uint8_t *) "\x0a\x00\x82\x04\x00", 5, &rewrite) == WIRE_OK && !rewrite &&
	   wire_check(&wide, (const uint8_t *) "\x82\x04\x00\x82\x04\x00", 6, &rewrite) == WIRE_OK && rewrite,
	   "the 64th field of a message twice is rewritten");
	ok(wire_check(&wide, (const uint8_t *) "\x8a\x04\x00", 3, &rewrite) == WIRE_OK && rewrite, "the 65th always");
	ok(wire_check(&wide, (const uint8_t *) "\x92\x04\x08" "abcdefgh", 11, &rewrite) == WIRE_OK && !rewrite &&
	   wire_check(&wide, (const uint8_t *) "\x92\x04\x06" "abcdef", 9, &rewrite) == WIRE_TRUNCATED,
	   "a packed number of four bytes that ends too early");

	/* 999,997 and the field that holds them */
	memcpy(many, header, sizeof(header));
	ok(wire_check(&wide, many, sizeof(header) + WIRE_MAX_FIELDS - 3, &rewrite) == WIRE_OK, "nearly a million packed numbers");
	many[2] += 3;
	ok(wire_check(&wide, many, sizeof(header) + WIRE_MAX_FIELDS, &rewrite) == WIRE_TOO_MANY, "a million, and the field that holds them");
	free(many);
}

void
test_refusals(void)
{
	uint8_t		deep[4096];
	ProtoWriter w;
	char	   *many = malloc(2 * (WIRE_MAX_FIELDS + 1));
	char	   *long_one = calloc(1, WIRE_MAX_LEN + 1);
	bool		rewrite;

	ok(check_session("", 0) == WIRE_OK, "nothing is a message");
	ok(check_session("\x0a\x02xy", 4) == WIRE_OK, "a string");
	ok(check_session("\x0a\x03xy", 4) == WIRE_TRUNCATED, "a string that ends too early");
	ok(check_session("\x0a\xff\xff\xff\xff\x0f", 6) == WIRE_TRUNCATED, "a length beyond everything");
	ok(check_session("\x0a\xff\xff\xff\xff\xff\x01", 7) == WIRE_BAD_VARINT, "a length of six bytes");
	ok(check_session("\x0a", 1) == WIRE_TRUNCATED, "a tag alone");
	ok(check_session("\x02\x00", 2) == WIRE_BAD_FIELD_NUMBER, "field number 0");
	ok(check_session("\xff\xff\xff\xff\x7f", 5) == WIRE_BAD_FIELD_NUMBER, "a field number of more than 29 bits");
	ok(check_session("\x0e", 1) == WIRE_BAD_WIRE_TYPE && check_session("\xa7\x06", 2) == WIRE_BAD_WIRE_TYPE, "wire types there are not");
	ok(check_session("\x08\xff", 2) == WIRE_TRUNCATED && check_session("\x09\x01", 2) == WIRE_TRUNCATED &&
	   check_session("\x0b\x14", 2) == WIRE_BAD_WIRE_TYPE, "what is skipped must be well-formed too");
	ok(check_session("\xa3\x06\xa4\x06", 4) == WIRE_OK, "a group nobody knows");
	ok(check_session("\xa3\x06\xac\x06", 4) == WIRE_BAD_WIRE_TYPE && check_session("\xa4\x06", 2) == WIRE_BAD_WIRE_TYPE,
	   "the end of another group, and of none");
	ok(check_session("\xa3\x06", 2) == WIRE_TRUNCATED && check_session("\xa3\x06\x0b\x0c", 4) == WIRE_TRUNCATED &&
	   check_session("\xa3\x06\x0a\x05x\xa4\x06", 7) == WIRE_TRUNCATED, "a group without an end");
	ok(check_session("\xa0\x06\x01\xa2\x06\x01z", 7) == WIRE_OK, "fields nobody knows");
	ok(check_session("\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11) == WIRE_OK, "an enum of -1");
	ok(check_session("\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12) == WIRE_BAD_VARINT,
	   "a varint of eleven bytes");
	ok(check_session("\x0a\x01\xff", 3) == WIRE_BAD_STRING, "a string that is not UTF-8");
	ok(check_session("\x0a\x01\0", 3) == WIRE_BAD_STRING, "a string with a NUL");
	ok(check_session(long_one, WIRE_MAX_LEN + 1) == WIRE_TOO_LONG, "more than 16 MB");

	for (int i = 0; i < WIRE_MAX_FIELDS + 1; i++)
		memcpy(many + 2 * i, "\x42", 2);
	ok(check_session(many, 2 * WIRE_MAX_FIELDS) == WIRE_OK, "a million empty entries");
	ok(check_session(many, 2 * (WIRE_MAX_FIELDS + 1)) == WIRE_TOO_MANY, "one more");
	/* a group of varints nobody knows */
	memset(many, 0x08, 2 * (WIRE_MAX_FIELDS + 1));
	memcpy(many, "\xa3\x06", 2);
	memcpy(many + 2 * (WIRE_MAX_FIELDS - 1), "\xa4\x06", 2);
	ok(check_session(many, 2 * WIRE_MAX_FIELDS) == WIRE_OK, "a group of nearly a million fields");
	memset(many + 2 * (WIRE_MAX_FIELDS - 1), 0x08, 2);
	memcpy(many + 2 * WIRE_MAX_FIELDS, "\xa4\x06", 2);
	ok(check_session(many, 2 * (WIRE_MAX_FIELDS + 1)) == WIRE_TOO_MANY, "of one more");
	free(many);
	test_wide();
	free(long_one);

	/* a Value in a ListValue in a Value ... */
	proto_writer_init(&w, deep, sizeof(deep));
	for (int i = 1; i < WIRE_MAX_DEPTH; i++)
		proto_put_message(&w, i % 2 ? 1 : 6, w.end);
	ok(wire_check(&google__protobuf__list_value__descriptor, w.cur, proto_writer_len(&w), &rewrite) == WIRE_OK ||
	   wire_check(&google__protobuf__value__descriptor, w.cur, proto_writer_len(&w), &rewrite) == WIRE_OK,
	   "messages 100 deep");
	proto_put_message(&w, WIRE_MAX_DEPTH % 2 ? 1 : 6, w.end);
	ok(wire_check(&google__protobuf__list_value__descriptor, w.cur, proto_writer_len(&w), &rewrite) == WIRE_TOO_DEEP ||
	   wire_check(&google__protobuf__value__descriptor, w.cur, proto_writer_len(&w), &rewrite) == WIRE_TOO_DEEP,
	   "messages 101 deep");

	for (int i = 0; i < 2 * (WIRE_MAX_DEPTH - 1); i++)
		deep[i] = i < WIRE_MAX_DEPTH - 1 ? 0x6b : 0x6c;
	ok(check_session((char *) deep, 2 * (WIRE_MAX_DEPTH - 1)) == WIRE_OK, "groups 100 deep");
	for (int i = 0; i < 2 * WIRE_MAX_DEPTH; i++)
		deep[i] = i < WIRE_MAX_DEPTH ? 0x6b : 0x6c;
	ok(check_session((char *) deep, 2 * WIRE_MAX_DEPTH) == WIRE_TOO_DEEP, "groups 101 deep");
}
