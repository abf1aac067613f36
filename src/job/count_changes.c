/*
 * count_changes.c: what a statement, or a number of deltas, changes in the
 * counts of jobs: a sum a key, gathered in memory.
 *
 * Most keys get one change, whose statistics are handed on as they came; only
 * what is added up is unpacked. Sums that leave bigint are lost, not refused:
 * neither a writer nor maintain() can help it.
 */
#include "job/count_changes.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "counters/counters.h"
#include "counters/packed.h"

/* statistics of one sign: none, one value as it came, or a sum */
typedef struct Side
{
	Datum		value;
	JobCells   *cells;
} Side;

typedef struct Entry
{
	CountKey	key;
	int64		jobs;
	Side		added;
	Side		removed;
	bool		overflowed;
	char		status;			/* the hash table's own */
} Entry;

static uint32
hash_key(const CountKey *key)
{
	uint32		hash = hash_bytes((const unsigned char *) key->tenant_id, key->tenant_len);

	hash = hash_combine(hash, hash_bytes((const unsigned char *) key->target_id, key->target_len));
	hash = hash_combine(hash, murmurhash32((uint32) key->period));
	hash = hash_combine(hash, murmurhash32((uint32) (key->partition_start / USECS_PER_SEC)));
	return hash_combine(hash, murmurhash32(key->grain << 16 | key->target_type << 8 | key->direction << 4 | key->status));
}

static int
compare_bytes(const char *a, int a_len, const char *b, int b_len)
{
	int			order = memcmp(a, b, Min(a_len, b_len));

	return order ? order : a_len - b_len;
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/* in the order of the primary key of job_count */
static int
compare_keys(const CountKey *a, const CountKey *b)
{
	int			order = compare_bytes(a->tenant_id, a->tenant_len, b->tenant_id, b->tenant_len);

	if (order == 0)
		order = COMPARE(a->grain, b->grain);
	if (order == 0)
		order = compare_bytes(a->target_id, a->target_len, b->target_id, b->target_len);
	if (order == 0)
		order = COMPARE(a->period, b->period);
	if (order == 0)
		order = COMPARE(a->target_type, b->target_type);
	if (order == 0)
		order = COMPARE(a->direction, b->direction);
	if (order == 0)
		order = COMPARE(a->status, b->status);
	return order ? order : COMPARE(a->partition_start, b->partition_start);
}

#define SH_PREFIX entries
#define SH_ELEMENT_TYPE Entry
#define SH_KEY_TYPE CountKey
#define SH_KEY key
#define SH_HASH_KEY(table, key) hash_key(&(key))
#define SH_EQUAL(table, a, b) (compare_keys(&(a), &(b)) == 0)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct CountChanges
{
	MemoryContext context;
	entries_hash *entries;
};

void
count_key_texts(CountKey *key, Datum tenant_id, Datum target_id)
{
	text	   *tenant = DatumGetTextPP(tenant_id);
	text	   *target = DatumGetTextPP(target_id);

	key->tenant_id = VARDATA_ANY(tenant);
	key->tenant_len = VARSIZE_ANY_EXHDR(tenant);
	key->target_id = VARDATA_ANY(target);
	key->target_len = VARSIZE_ANY_EXHDR(target);
}

CountChanges *
make_count_changes(void)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "idpsync count changes", ALLOCSET_DEFAULT_SIZES);
	CountChanges *changes = MemoryContextAlloc(context, sizeof(CountChanges));

	changes->context = context;
	changes->entries = entries_create(context, 8, NULL);
	return changes;
}

void
free_count_changes(CountChanges *changes)
{
	MemoryContextDelete(changes->context);
}

int
count_changes_held(const CountChanges *changes)
{
	return (int) changes->entries->members;
}

static JobCells *
unpack_side(Side *side)
{
	if (side->cells == NULL)
	{
		side->cells = palloc0(sizeof(JobCells));
		if (side->value)
			job_statistics_read(side->value, side->cells);
		side->value = (Datum) 0;
	}
	return side->cells;
}

static bool
is_empty(const Side *side)
{
	return side->value == (Datum) 0 && side->cells == NULL;
}

/* in the context of the changes */
static void
add_side(Side *to, const Side *from, bool *overflowed)
{
	Side		side = *from;

	if (is_empty(from) || *overflowed)
		return;
	if (is_empty(to) && from->value)
		to->value = datumCopy(from->value, false, -1);
	else if (!job_cells_try_add(unpack_side(to), unpack_side(&side)))
		*overflowed = true;
}

static void
add_entry(CountChanges *changes, const CountKey *key, const Entry *change)
{
	MemoryContext caller = MemoryContextSwitchTo(changes->context);
	bool		found;
	Entry	   *entry = entries_insert(changes->entries, *key, &found);

	if (!found)
	{
		char	   *texts = palloc(key->tenant_len + key->target_len + 1);

		memcpy(texts, key->tenant_id, key->tenant_len);
		memcpy(texts + key->tenant_len, key->target_id, key->target_len);
		entry->key.tenant_id = texts;
		entry->key.target_id = texts + key->tenant_len;
		entry->jobs = 0;
		entry->overflowed = false;
		memset(&entry->added, 0, sizeof(Side));
		memset(&entry->removed, 0, sizeof(Side));
	}
	entry->jobs += change->jobs;
	entry->overflowed |= change->overflowed;
	add_side(&entry->added, &change->added, &entry->overflowed);
	add_side(&entry->removed, &change->removed, &entry->overflowed);
	MemoryContextSwitchTo(caller);
}

static Side
side_of(Datum statistics)
{
	Side		side = {0};

	if (statistics && !job_statistics_is_empty(statistics))
		side.value = statistics;
	return side;
}

void
add_count_change(CountChanges *changes, const CountKey *key, const CountChange *change)
{
	Entry		entry = {
		.jobs = change->jobs,
		.overflowed = change->overflowed,
		.added = side_of(change->added),
		.removed = side_of(change->removed)
	};

	add_entry(changes, key, &entry);
}

static void
add_coarser(CountChanges *to, const Entry *entry, char grain)
{
	CountKey	key = entry->key;

	key.grain = grain;
	if (grain != GRAIN_DAY)
		key.period = first_of_month(key.period);
	if (grain != GRAIN_TARGET)
		key.target_len = 0;
	add_entry(to, &key, entry);
}

CountChanges *
coarser_count_changes(const CountChanges *changes, bool months)
{
	CountChanges *coarser = make_count_changes();
	entries_iterator iterator;
	Entry	   *entry;

	entries_start_iterate(changes->entries, &iterator);
	while ((entry = entries_iterate(changes->entries, &iterator)) != NULL)
	{
		char		grain = entry->key.grain;

		if (grain == GRAIN_FULL || grain == GRAIN_DAY)
			add_coarser(coarser, entry, GRAIN_DAY);
		if (months && grain != GRAIN_TARGET)
			add_coarser(coarser, entry, GRAIN_MONTH);
		if (grain == GRAIN_FULL || grain == GRAIN_TARGET)
			add_coarser(coarser, entry, GRAIN_TARGET);
	}
	return coarser;
}

/* takes from both sides what they have in common */
static void
net_sides(Entry *entry)
{
	int64_t    *a;
	int64_t    *b;

	if (entry->overflowed || is_empty(&entry->added) || is_empty(&entry->removed))
		return;
	if (entry->added.value && entry->removed.value && datumIsEqual(entry->added.value, entry->removed.value, false, -1))
	{
		entry->added.value = entry->removed.value = (Datum) 0;
		return;
	}
	a = cells_counters(unpack_side(&entry->added));
	b = cells_counters(unpack_side(&entry->removed));
	for (int i = 0; i < JOB_CELLS * JOB_COUNTERS; i++)
	{
		int64_t		common = Min(a[i], b[i]);

		a[i] -= common;
		b[i] -= common;
	}
}

static Datum
side_datum(const Side *side)
{
	JobCells	none = {0};

	return side->value ? side->value : job_statistics_make(side->cells ? side->cells : &none);
}

static bool
is_nothing(const JobCells *cells)
{
	for (int i = 0; cells && i < JOB_CELLS * JOB_COUNTERS; i++)
	{
		if (cells_counters(cells)[i] != 0)
			return false;
	}
	return true;
}

/* does it change nothing? */
static bool
is_zero(const Entry *entry)
{
	return entry->jobs == 0 && !entry->overflowed && !entry->added.value && !entry->removed.value &&
		is_nothing(entry->added.cells) && is_nothing(entry->removed.cells);
}

/* the columns of COUNT_COLUMNS_SQL */
static void
entry_columns(const Entry *entry, Datum *values)
{
	const CountKey *key = &entry->key;

	values[0] = PointerGetDatum(cstring_to_text_with_len(key->tenant_id, key->tenant_len));
	values[1] = CharGetDatum(key->grain);
	values[2] = PointerGetDatum(cstring_to_text_with_len(key->target_id, key->target_len));
	values[3] = DateADTGetDatum(key->period);
	values[4] = ObjectIdGetDatum(enum_label_oid(JOB_TARGET_TYPE, key->target_type));
	values[5] = ObjectIdGetDatum(enum_label_oid(JOB_DIRECTION, key->direction));
	values[6] = ObjectIdGetDatum(enum_label_oid(JOB_STATUS, key->status));
	values[7] = TimestampTzGetDatum(key->partition_start);
	values[8] = Int64GetDatum(entry->jobs);
	values[9] = entry->overflowed ? (Datum) 0 : side_datum(&entry->added);
	values[10] = entry->overflowed ? (Datum) 0 : side_datum(&entry->removed);
}

static int
compare_entries(const void *a, const void *b)
{
	return compare_keys(&(*(Entry *const *) a)->key, &(*(Entry *const *) b)->key);
}

/* what is not zero, in order */
static Entry **
sorted_entries(const CountChanges *changes, int *n)
{
	Entry	  **sorted = palloc(sizeof(Entry *) * (changes->entries->members + 1));
	entries_iterator iterator;
	Entry	   *entry;

	*n = 0;
	entries_start_iterate(changes->entries, &iterator);
	while ((entry = entries_iterate(changes->entries, &iterator)) != NULL)
	{
		net_sides(entry);
		if (!is_zero(entry))
			sorted[(*n)++] = entry;
	}
	if (*n > 1)
		qsort(sorted, *n, sizeof(Entry *), compare_entries);
	return sorted;
}

bool
bind_few_count_changes(const CountChanges *changes, Values *values, int max, int *rows)
{
	Entry	  **sorted;

	if (count_changes_held(changes) > max)
		return false;
	sorted = sorted_entries(changes, rows);
	for (int row = 0; row < *rows; row++)
	{
		Datum		columns[COUNT_COLUMNS];

		entry_columns(sorted[row], columns);
		for (int i = 0; i < COUNT_COLUMNS; i++)
			bind_datum(values, columns[i], i >= 9 && sorted[row]->overflowed);
	}
	return true;
}

int
bind_count_changes(const CountChanges *changes, Values *values)
{
	const Oid	types[COUNT_COLUMNS] = {
		TEXTOID, CHAROID, TEXTOID, DATEOID, enum_type(JOB_TARGET_TYPE), enum_type(JOB_DIRECTION), enum_type(JOB_STATUS),
		TIMESTAMPTZOID, INT8OID, idpsync_type("job_statistics"), idpsync_type("job_statistics")
	};
	int			n;
	Entry	  **sorted = sorted_entries(changes, &n);
	Datum	   *columns[COUNT_COLUMNS];
	bool	   *lost = palloc(n + 1);
	int			lower = 1;

	for (int i = 0; i < COUNT_COLUMNS; i++)
		columns[i] = palloc(sizeof(Datum) * (n + 1));
	for (int row = 0; row < n; row++)
	{
		Datum		entry[COUNT_COLUMNS];

		entry_columns(sorted[row], entry);
		for (int i = 0; i < COUNT_COLUMNS; i++)
			columns[i][row] = entry[i];
		lost[row] = sorted[row]->overflowed;
	}
	for (int i = 0; i < COUNT_COLUMNS; i++)
	{
		int16		len;
		bool		byval;
		char		align;

		get_typlenbyvalalign(types[i], &len, &byval, &align);
		bind_datum(values, PointerGetDatum(construct_md_array(columns[i], i >= 9 ? lost : NULL, 1, &n, &lower,
															  types[i], len, byval, align)), false);
	}
	return n;
}

void
unbind_count_keys(const Values *rows, Datum *columns[COUNT_KEY_COLUMNS])
{
	for (int i = 0; i < COUNT_KEY_COLUMNS; i++)
	{
		ArrayType  *column = DatumGetArrayTypeP(rows->datum[i]);
		int			n;
		int16		len;
		bool		byval;
		char		align;

		get_typlenbyvalalign(ARR_ELEMTYPE(column), &len, &byval, &align);
		deconstruct_array(column, ARR_ELEMTYPE(column), len, byval, align, &columns[i], NULL, &n);
	}
}

DateADT
utc_day(TimestampTz time)
{
	int64		day = time / USECS_PER_DAY;

	if (TIMESTAMP_IS_NOBEGIN(time))
		return DATEVAL_NOBEGIN;
	if (TIMESTAMP_IS_NOEND(time))
		return DATEVAL_NOEND;
	return (DateADT) (time % USECS_PER_DAY < 0 ? day - 1 : day);
}

DateADT
first_of_month(DateADT day)
{
	int			year;
	int			month;
	int			day_of_month;

	if (DATE_NOT_FINITE(day))
		return day;
	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	return Max(day - (day_of_month - 1), FIRST_DATE);
}
