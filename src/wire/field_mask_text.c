/*
 * field_mask_text.c: paths of google.protobuf.FieldMask as text, pure C.
 */
#include "wire/field_mask_text.h"

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

bool
field_path_to_text(const char *path, char *out)
{
	if (*path == '\0')
		return false;
	for (; *path; path++)
	{
		if (is_upper(*path) || *path == ',' || (*path == '_' && !is_lower(path[1])))
			return false;
		*out++ = *path == '_' ? (char) (*++path - 'a' + 'A') : *path;
	}
	*out = '\0';
	return true;
}

bool
field_path_from_text(const char *text, size_t len, char *out)
{
	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++)
	{
		if (text[i] == '_')
			return false;
		if (is_upper(text[i]))
		{
			*out++ = '_';
			*out++ = (char) (text[i] - 'A' + 'a');
		}
		else
			*out++ = text[i];
	}
	*out = '\0';
	return true;
}
