/*
 * server.c: as much of a server as reading and writing JSON calls.
 *
 * Every block is one of malloc's, so that the sanitizer sees its bounds. An
 * ERROR jumps to try_call(); its texts must be in the server's encoding.
 */
#include "server.h"

#undef printf
#undef vsnprintf

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "base/catalog.h"
#include "counters/counters.h"
#include "counters/packed.h"
#include "job/job.h"
#include "store/id_codec.h"
#include "store/store.h"
#include "wire/wire_check.h"

int			server_encoding = PG_UTF8;

/* memory */

typedef struct Block
{
	struct Block *next;
	struct Block *previous;
	size_t		size;
	size_t		padding;
} Block;

/* a context is the head of its blocks */
static Block top = {&top, &top, 0, 0};

MemoryContext CurrentMemoryContext = (MemoryContext) &top;

static void *
add_block(Block *head, size_t size)
{
	Block	   *block;

	/* the server refuses more with XX000 */
	HOLDS(size <= MaxAllocSize);
	block = malloc(sizeof(Block) + size);
	block->size = size;
	block->next = head->next;
	block->previous = head;
	head->next->previous = block;
	head->next = block;
	return block + 1;
}

void *
MemoryContextAlloc(MemoryContext context, Size size)
{
	return add_block((Block *) context, size);
}

void *
palloc(Size size)
{
	return add_block((Block *) CurrentMemoryContext, size);
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void
pfree(void *pointer)
{
	Block	   *block = (Block *) pointer - 1;

	block->next->previous = block->previous;
	block->previous->next = block->next;
	free(block);
}

void *
repalloc(void *pointer, Size size)
{
	Block	   *block = (Block *) pointer - 1;
	void	   *larger = add_block(block->previous, size);

	memcpy(larger, pointer, Min(size, block->size));
	pfree(pointer);
	return larger;
}

char *
pnstrdup(const char *in, Size len)
{
	char	   *out;

	len = strnlen(in, len);
	out = palloc(len + 1);
	memcpy(out, in, len);
	out[len] = '\0';
	return out;
}

char *
pstrdup(const char *in)
{
	return pnstrdup(in, strlen(in));
}

/* those that an ERROR leaves behind are freed with all else: of nesting nothing needs to be known */
typedef struct Context
{
	Block		blocks;
	struct Context *next;
} Context;

static Context *contexts = NULL;

MemoryContext
AllocSetContextCreateInternal(MemoryContext parent, const char *name, Size minContextSize, Size initBlockSize,
							  Size maxBlockSize)
{
	Context    *context = malloc(sizeof(Context));

	context->blocks.next = context->blocks.previous = &context->blocks;
	context->next = contexts;
	contexts = context;
	return (MemoryContext) context;
}

static void
free_blocks(Block *head)
{
	while (head->next != head)
		pfree(head->next + 1);
}

void
MemoryContextDelete(MemoryContext context)
{
	Context   **link = &contexts;

	while (*link != (Context *) context)
		link = &(*link)->next;
	*link = (*link)->next;
	free_blocks(&((Context *) context)->blocks);
	free(context);
}

void
forget_all(void)
{
	while (contexts != NULL)
		MemoryContextDelete((MemoryContext) contexts);
	free_blocks(&top);
}

void *
repalloc_huge(void *pointer, Size size)
{
	return repalloc(pointer, size);
}

/* errors */

static jmp_buf *handler = NULL;
static int	error_state;

bool
errstart(int elevel, const char *domain)
{
	HOLDS(elevel == ERROR && handler != NULL);
	error_state = ERRCODE_INTERNAL_ERROR;
	return true;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

int
errcode(int sqlerrcode)
{
	return error_state = sqlerrcode;
}

static int
take_text(const char *format, va_list args)
{
	char		text[8192];
	int			len = vsnprintf(text, sizeof(text), format, args);

	HOLDS(len >= 0 && len < (int) sizeof(text) && utf8_is_valid((uint8_t *) text, (size_t) len));
	return 0;
}

#define TAKES_TEXT(name) \
	int \
	name(const char *format,...) \
	{ \
		va_list		args; \
	\
		va_start(args, format); \
		take_text(format, args); \
		va_end(args); \
		return 0; \
	}

TAKES_TEXT(errmsg)
TAKES_TEXT(errmsg_internal)
TAKES_TEXT(errdetail)
TAKES_TEXT(errdetail_internal)
TAKES_TEXT(errhint)

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	/* nobody may see an internal error */
	HOLDS(error_state != ERRCODE_INTERNAL_ERROR);
	longjmp(*handler, 1);
}

/* what inline functions of a server built with assertions call */
void
#if PG_VERSION_NUM >= 160000
ExceptionalCondition(const char *conditionName, const char *fileName, int lineNumber)
#else
ExceptionalCondition(const char *conditionName, const char *errorType, const char *fileName, int lineNumber)
#endif
{
	fputs(conditionName, stderr);
	abort();
}

#if PG_VERSION_NUM >= 160000
bool
errsave_start(struct Node *context, const char *domain)
{
	return errstart(ERROR, domain);
}

void
errsave_finish(struct Node *context, const char *filename, int lineno, const char *funcname)
{
	errfinish(filename, lineno, funcname);
}
#endif

int
try_call(void (*read) (void *arg), void *arg)
{
	jmp_buf		buffer;
	MemoryContext caller = CurrentMemoryContext;

	handler = &buffer;
	error_state = 0;
	if (setjmp(buffer) == 0)
		read(arg);
	CurrentMemoryContext = caller;
	handler = NULL;
	return error_state;
}

/* the rest */

volatile sig_atomic_t InterruptPending = false;

void
ProcessInterrupts(void)
{
}

void
check_stack_depth(void)
{
}

int
GetDatabaseEncoding(void)
{
	return server_encoding;
}

char *
pg_any_to_server(const char *s, int len, int encoding)
{
	return unconstify(char *, s);
}

int
pg_mbcliplen(const char *text, int len, int limit)
{
	if (len <= limit)
		return len;
	while (limit > 0 && ((uint8_t) text[limit] & 0xC0) == 0x80)
		limit--;
	return limit;
}

int
pg_encoding_mbcliplen(int encoding, const char *text, int len, int limit)
{
	return pg_mbcliplen(text, len, limit);
}

int
pg_mbstrlen(const char *text)
{
	int			characters = 0;

	for (; *text; text++)
		characters += ((uint8_t) *text & 0xC0) != 0x80;
	return characters;
}

int
pg_lltoa(int64 value, char *out)
{
	return sprintf(out, "%lld", (long long) value);
}

/* libpgport leaves it to the C library where that has it, at least the one it was built with */
size_t
strlcpy(char *out, const char *in, size_t size)
{
	size_t		len = strlen(in);

	if (size > 0)
	{
		memcpy(out, in, Min(len, size - 1));
		out[Min(len, size - 1)] = '\0';
	}
	return len;
}

/* without a NUL */
int
pg_ulltoa_n(uint64 value, char *out)
{
	char		digits[32];
	int			len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long) value);

	memcpy(out, digits, len);
	return len;
}

/* there is no catalog */

Oid
get_namespace_oid(const char *name, bool missing_ok)
{
	abort();
}

Oid
GetSysCacheOid(int cache, AttrNumber column, Datum key1, Datum key2, Datum key3, Datum key4)
{
	abort();
}

void
CacheRegisterSyscacheCallback(int cache, SyscacheCallbackFunction function, Datum arg)
{
	abort();
}

/* what documents of jobs call of rooms that need the catalog */

Datum
job_statistics_make(const JobCells *cells)
{
	uint8_t		packed[PACKED_MAX];
	size_t		len = pack_cells(&job_shape, cells, packed);
	struct varlena *value = palloc(VARHDRSZ + len);

	HOLDS(len > 0);
	SET_VARSIZE(value, VARHDRSZ + len);
	memcpy(VARDATA(value), packed, len);
	return PointerGetDatum(value);
}

bool
job_has_ended(int status)
{
	return status >= JOB_FAILED;
}

/* time: it stands still, so that a case is read alike every day */

TimestampTz
GetCurrentTimestamp(void)
{
	return INT64CONST(1500000000) * USECS_PER_SEC;
}

TimestampTz
id_created_at(const char *id)
{
	int64		milliseconds;

	return id_decode(id, strlen(id), &milliseconds) ? milliseconds * 1000 - UNIX_EPOCH_SHIFT : DT_NOBEGIN;
}
