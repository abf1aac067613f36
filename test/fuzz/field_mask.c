/*
 * field_mask.c: paths of field masks, as text and as names.
 */
#include "wire/field_mask_text.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *path = malloc(size * 2 + 1);
	char	   *text = malloc(size * 2 + 1);
	char	   *name = malloc(size + 1);

	if (memchr(data, '\0', size) == NULL)
	{
		/* as text: names may be such that no text stands for them, but if one does, it is this */
		if (field_path_from_text((const char *) data, size, path) && field_path_to_text(path, text))
			HOLDS(strlen(text) == size && memcmp(text, data, size) == 0);
		/* as a name */
		memcpy(name, data, size);
		name[size] = '\0';
		if (field_path_to_text(name, text))
			HOLDS(field_path_from_text(text, strlen(text), path) && strcmp(path, name) == 0);
	}
	free(path);
	free(text);
	free(name);
	return 0;
}
