/*
 * field_mask_text.c: paths of field masks as ProtoJSON writes them.
 */
#include "tests.h"

#include "wire/field_mask_text.h"

/* is the path written as the text, and read from it? */
static bool
path_is(const char *path, const char *text)
{
	char	   *out = malloc(strlen(path) + 1);
	char	   *again = malloc(strlen(text) * 2 + 1);
	bool		same = field_path_to_text(path, out) && strcmp(out, text) == 0 &&
		field_path_from_text(text, strlen(text), again) && strcmp(again, path) == 0;

	free(out);
	free(again);
	return same;
}

static bool
has_no_text(const char *path)
{
	char		out[40];

	return !field_path_to_text(path, out);
}

void
test_field_masks(void)
{
	char		out[40];

	ok(path_is("a", "a") && path_is("user.display_name", "user.displayName") && path_is("_a_b_c", "ABC") &&
	   path_is("a1.b2_c3", "a1.b2C3") && path_is("map.\xc3\xa9", "map.\xc3\xa9"), "paths there and back");
	ok(has_no_text("") && has_no_text("aB") && has_no_text("a_") && has_no_text("a__b") && has_no_text("a_1") &&
	   has_no_text("a_.b") && has_no_text("a,b"), "paths that another would look like");
	ok(!field_path_from_text("", 0, out) && !field_path_from_text("a_b", 3, out), "no paths");
}
