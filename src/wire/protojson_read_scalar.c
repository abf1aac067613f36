/*
 * protojson_read_scalar.c: single values of ProtoJSON.
 */
#include "wire/protojson_input.h"

#include <errno.h>
#include <math.h>

#include "utils/float.h"

#include "wire/base64.h"
#include "wire/message_types.h"
#include "wire/wire_check.h"

bool
input_integer(JsonInput *in, int64 min, int64 max, int64 *value)
{
	switch (json_integer(&in->json, value))
	{
		case JSON_INTEGER_NOT_A_NUMBER:
		case JSON_INTEGER_FRACTION:
			return input_refuse_value(in, "an integer");
		case JSON_INTEGER_RANGE:
			break;
		case JSON_INTEGER_OK:
			if (*value >= min && *value <= max)
				return true;
			break;
	}
	return input_refuse(in, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "the integer \"%s\" is out of range.",
						input_quoted(in));
}

/* the token is not NUL-terminated, and may be the end of the text */
static bool
is_all_digits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

bool
input_uint64(JsonInput *in, uint64 *value)
{
	int64		signed_value;
	const char *digits = in->json.token;
	size_t		len = in->json.token_len;

	/* only what is beyond int64 needs more than the parser offers */
	if (json_integer(&in->json, &signed_value) == JSON_INTEGER_RANGE &&
		len <= 20 && is_all_digits(digits, len))
	{
		char	   *text = pnstrdup(digits, len);

		errno = 0;
		*value = strtoull(text, NULL, 10);
		if (errno == 0)
			return true;
	}
	if (!input_integer(in, 0, PG_INT64_MAX, &signed_value))
		return false;
	*value = signed_value;
	return true;
}

bool
input_double(JsonInput *in, bool single, double *value)
{
	JsonReader	number;
	char	   *text;

	if (in->json.type == JSON_STRING)
	{
		if (json_token_is(&in->json, "NaN"))
		{
			*value = get_float8_nan();
			return true;
		}
		if (json_token_is(&in->json, "Infinity") || json_token_is(&in->json, "-Infinity"))
		{
			*value = in->json.token[0] == '-' ? -get_float8_infinity() : get_float8_infinity();
			return true;
		}
		json_reader_init(&number, in->json.token, in->json.token_len);
		if (json_next(&number) != JSON_NUMBER || number.token_len != in->json.token_len)
			return input_refuse_value(in, "a number");
	}
	else if (in->json.type != JSON_NUMBER)
		return input_refuse_value(in, "a number");

	text = pnstrdup(in->json.token, in->json.token_len);
	*value = single ? strtof(text, NULL) : strtod(text, NULL);
	if (isinf(*value))
		return input_refuse(in, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "the number \"%s\" is out of range.",
							input_quoted(in));
	pfree(text);
	return true;
}

bool
input_bytes(JsonInput *in, uint8_t **data, size_t *len)
{
	char	   *text;
	size_t		text_len;
	long		decoded = -1;

	if (in->json.type != JSON_STRING)
		return input_refuse_value(in, "base64 in a string");
	if (!input_text(in, &text, &text_len))
		return false;
	*data = palloc(text_len / 4 * 3 + 3);
	decoded = base64_decode(text, text_len, *data);
	if (decoded < 0)
		return input_refuse_value(in, "base64");
	pfree(text);
	*len = decoded;
	return true;
}

bool
input_enum(JsonInput *in, const ProtobufCEnumDescriptor *descriptor, int32_t *number)
{
	if (in->json.type == JSON_NULL && is_null_enum(descriptor))
		*number = 0;
	else if (in->json.type == JSON_STRING)
	{
		const ProtobufCEnumValue *value;
		char	   *name;
		size_t		len;

		if (!input_text(in, &name, &len))
			return false;
		value = protobuf_c_enum_descriptor_get_value_by_name(descriptor, name);
		if (value == NULL)
			return input_refuse(in, ERRCODE_INVALID_TEXT_REPRESENTATION, "\"%s\" is not a name of %s.",
								input_quoted(in), descriptor->short_name);
		*number = value->value;
	}
	else
	{
		int64		value;

		if (!input_integer(in, PG_INT32_MIN, PG_INT32_MAX, &value))
			return false;
		*number = (int32_t) value;
	}
	return true;
}
