/*
 * count_access.c: may this caller be told what the count tables hold?
 *
 * They count all jobs of a tenant. A caller from whom a policy hides some, or
 * who may not read the count tables, gets his numbers from the jobs he sees.
 */
#include "job/count_jobs.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"

#include "store/statement.h"

/*
 * Do job and both count tables have the same policies, and do these look at no
 * column but tenant_id? Then who sees one job of a tenant sees all of them.
 */
static Statement same_policies = {
	"WITH policy AS (SELECT p.polrelid, p.polname, p.polpermissive, p.polcmd, p.polroles,"
	" pg_catalog.replace(pg_catalog.pg_get_expr(p.polqual, p.polrelid), c.relname OPERATOR(pg_catalog.||) '.', '') AS condition,"
	" EXISTS (SELECT FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_attribute AS a"
	" ON a.attrelid" EQUALS "p.polrelid AND a.attname" EQUALS "'tenant_id'"
	" WHERE d.classid" EQUALS "'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid" EQUALS "p.oid"
	" AND d.refclassid" EQUALS "'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid" EQUALS "p.polrelid"
	" AND d.deptype" EQUALS "'n' AND d.refobjsubid OPERATOR(pg_catalog.<>) a.attnum) AS looks_elsewhere"
	" FROM pg_catalog.pg_policy AS p JOIN pg_catalog.pg_class AS c ON c.oid" EQUALS "p.polrelid"
	" WHERE p.polrelid" EQUALS "ANY (ARRAY['idpsync.job', 'idpsync.job_count', 'idpsync.job_count_delta']::pg_catalog.regclass[])"
	" AND p.polcmd" EQUALS "ANY (ARRAY['*', 'r']::\"char\"[]))"
	" SELECT NOT EXISTS (SELECT FROM policy WHERE looks_elsewhere) AND NOT EXISTS (SELECT FROM policy AS p"
	" GROUP BY p.polname, p.polpermissive, p.polcmd, p.polroles, p.condition"
	" HAVING pg_catalog.count(*) OPERATOR(pg_catalog.<>) 3)"
};

static bool
has_same_policies(void)
{
	Values		none = {0};
	char	   *same;

	run_statement(&same_policies, &none, true);
	same = result_text(0, 1);
	return same && strcmp(same, "t") == 0;
}

const char *
why_not_counted(void)
{
	Oid			namespace = idpsync_namespace();
	Oid			job = get_relname_relid("job", namespace);
	Oid			counts[] = {get_relname_relid("job_count", namespace), get_relname_relid("job_count_delta", namespace)};
	bool		policies = check_enable_rls(job, InvalidOid, true) == RLS_ENABLED;

	for (int i = 0; i < lengthof(counts); i++)
	{
		if (!OidIsValid(counts[i]) || pg_class_aclcheck(counts[i], GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			return "no privilege to read the counts";
		if ((check_enable_rls(counts[i], InvalidOid, true) == RLS_ENABLED) != policies)
			return "job and its counts have different policies";
	}
	if (policies && !has_same_policies())
		return "job and its counts have different policies";
	return NULL;
}
