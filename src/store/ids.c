/*
 * ids.c: create_id() and id_time().
 */
#include "postgres.h"
#include "fmgr.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "store/id_codec.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(create_id);
PG_FUNCTION_INFO_V1(id_time);

char *
make_id(const char *prefix, TimestampTz at, TimestampTz *created_at)
{
	size_t		prefix_len = strlen(prefix);
	char	   *id = palloc(prefix_len + ID_BODY_LENGTH + 1);
	unsigned char random[8];

	if (!pg_strong_random(random, sizeof(random)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("could not generate random values")));
	memcpy(id, prefix, prefix_len);
	if (TIMESTAMP_NOT_FINITE(at) || at < -UNIX_EPOCH_SHIFT ||
		!id_encode(at + UNIX_EPOCH_SHIFT, random, id + prefix_len))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range for an id"),
				 errdetail("An id carries the milliseconds from 1970 to 10889.")));
	id[prefix_len + ID_BODY_LENGTH] = '\0';
	if (created_at)
		*created_at = id_created_at(id);
	return id;
}

TimestampTz
id_created_at(const char *id)
{
	int64		milliseconds;

	if (!id_decode(id, strlen(id), &milliseconds))
		return DT_NOBEGIN;
	return milliseconds * 1000 - UNIX_EPOCH_SHIFT;
}

/*
 * create_id(prefix text, at timestamptz): a new id.
 *
 * prefix: up to 16 lower-case letters and digits that begin with a letter and
 * end in an underscore. Errors: 22023 for another prefix, 22008 for a time
 * before 1970 or after 10889. NULL at gives NULL.
 */
Datum
create_id(PG_FUNCTION_ARGS)
{
	char	   *prefix;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	prefix = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (!id_prefix_valid(prefix, strlen(prefix)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid id prefix: \"%s\"", prefix),
				 errhint("A prefix has up to %d lower-case letters and digits, begins with a letter and ends in an underscore, such as \"ses_\".", ID_PREFIX_MAX)));
	PG_RETURN_TEXT_P(cstring_to_text(make_id(prefix, PG_GETARG_TIMESTAMPTZ(1), NULL)));
}

/*
 * id_time(id text): when an id of ours was made, in whole milliseconds; NULL
 * for any other id.
 */
Datum
id_time(PG_FUNCTION_ARGS)
{
	text	   *id = PG_GETARG_TEXT_PP(0);
	int64		milliseconds;

	if (!id_decode(VARDATA_ANY(id), VARSIZE_ANY_EXHDR(id), &milliseconds))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(milliseconds * 1000 - UNIX_EPOCH_SHIFT);
}
