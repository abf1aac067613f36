/*
 * map_entries.c: entries of maps whose keys are equal.
 */
#include "wire/map_entries.h"

#include "wire/message_pack.h"

typedef struct NumberedEntry
{
	ProtobufCMessage *entry;
	size_t		number;
} NumberedEntry;

/* by key; any order does */
static int
compare_keys(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
	const ProtobufCFieldDescriptor *key = &a->descriptor->fields[0];
	const char *x = (const char *) a + key->offset;
	const char *y = (const char *) b + key->offset;

	if (key->type == PROTOBUF_C_TYPE_STRING)
		return strcmp(*(const char *const *) x, *(const char *const *) y);
	return memcmp(x, y, message_member_size(key->type));
}

/* by key, then as they came */
static int
compare_entries(const void *a, const void *b)
{
	const NumberedEntry *x = a;
	const NumberedEntry *y = b;
	int			order = compare_keys(x->entry, y->entry);

	return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

size_t
drop_replaced_entries(ProtobufCMessage **entries, size_t count)
{
	NumberedEntry *sorted;
	size_t		left = 0;

	if (count < 2)
		return count;
	sorted = palloc(sizeof(NumberedEntry) * count);
	for (size_t i = 0; i < count; i++)
		sorted[i] = (NumberedEntry) {entries[i], i};
	qsort(sorted, count, sizeof(NumberedEntry), compare_entries);
	for (size_t i = 1; i < count; i++)
	{
		if (compare_keys(sorted[i - 1].entry, sorted[i].entry) == 0)
			entries[sorted[i - 1].number] = NULL;
	}
	pfree(sorted);
	for (size_t i = 0; i < count; i++)
	{
		if (entries[i] != NULL)
			entries[left++] = entries[i];
	}
	return left;
}
