/*
 * count_access.c: may this caller be told what the count tables hold?
 *
 * They count all jobs of a tenant. A caller from whom a policy hides some, or
 * who may not read the count tables, gets his numbers from the jobs he sees.
 */
#include "job/count_jobs.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "store/statement.h"

#define TABLES 3

/* what the policies of job and of its counts are like, until one of them changes */
typedef struct Policies
{
	bool		known;
	bool		changed;		/* while they were looked at */
	Oid			tables[TABLES];

	/*
	 * Both counts have those of job, which look at no column but tenant_id:
	 * who sees one job of a tenant sees all of them.
	 */
	bool		same;

	/* nothing keeps counts from those whom no policy on job binds */
	bool		open;
} Policies;

static Policies policies;

static Statement compare_policies = {
	"WITH policy AS (SELECT p.polrelid, p.polname, p.polpermissive, p.polcmd, p.polroles, c.relname,"
	" pg_catalog.replace(pg_catalog.pg_get_expr(p.polqual, p.polrelid), c.relname OPERATOR(pg_catalog.||) '.', '') AS condition,"
	" pg_catalog.strpos(p.polqual::pg_catalog.text, ':varattno 0 ') OPERATOR(pg_catalog.>) 0"	/* a whole row, of which no dependency tells */
	" OR EXISTS (SELECT FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_attribute AS a"
	" ON a.attrelid" EQUALS "p.polrelid AND a.attname" EQUALS "'tenant_id'"
	" WHERE d.classid" EQUALS "'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid" EQUALS "p.oid"
	" AND d.refclassid" EQUALS "'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid" EQUALS "p.polrelid"
	" AND d.deptype" EQUALS "'n' AND d.refobjsubid OPERATOR(pg_catalog.<>) a.attnum) AS looks_elsewhere"
	" FROM pg_catalog.pg_policy AS p JOIN pg_catalog.pg_class AS c ON c.oid" EQUALS "p.polrelid"
	" WHERE p.polrelid" EQUALS "ANY (ARRAY['idpsync.job', 'idpsync.job_count', 'idpsync.job_count_delta']::pg_catalog.regclass[])"
	" AND p.polcmd" EQUALS "ANY (ARRAY['*', 'r']::pg_catalog.\"char\"[])),"
	" added AS (SELECT * FROM policy WHERE relname OPERATOR(pg_catalog.~~) 'job_count%' AND polname" EQUALS "'sees_all_jobs')"
	" SELECT NOT EXISTS (SELECT FROM policy WHERE looks_elsewhere) AND NOT EXISTS ("
	" SELECT FROM (SELECT * FROM policy EXCEPT ALL SELECT * FROM added) AS p"
	" GROUP BY p.polname, p.polpermissive, p.polcmd, p.polroles, p.condition HAVING pg_catalog.count(*) OPERATOR(pg_catalog.<>) 3),"
	" (SELECT pg_catalog.count(*) FROM added WHERE polpermissive AND polroles" EQUALS "'{0}') OPERATOR(pg_catalog.=) 2"
	" AND NOT EXISTS (SELECT FROM policy WHERE NOT polpermissive AND relname OPERATOR(pg_catalog.~~) 'job_count%')"
};

static void
forget_policies(Datum arg, Oid relid)
{
	if (relid == InvalidOid || relid == policies.tables[0] || relid == policies.tables[1] || relid == policies.tables[2])
	{
		policies.known = false;
		policies.changed = true;
	}
}

static bool
result_is_true(int column)
{
	char	   *value = result_text(0, column);

	return value && strcmp(value, "t") == 0;
}

static void
learn_policies(const Oid *tables)
{
	static bool registered = false;
	Values		none = {0};

	if (policies.known && memcmp(policies.tables, tables, sizeof(policies.tables)) == 0)
		return;
	if (!registered)
	{
		CacheRegisterRelcacheCallback(forget_policies, (Datum) 0);
		registered = true;
	}
	memcpy(policies.tables, tables, sizeof(policies.tables));
	/* not known before the end: an error or a cancel may come in between */
	policies.known = false;
	policies.changed = false;
	/* those that bind are the latest, whatever the snapshot of the calling query */
	PushActiveSnapshot(GetLatestSnapshot());
	run_statement(&compare_policies, &none, true);
	PopActiveSnapshot();
	policies.same = result_is_true(1);
	policies.open = result_is_true(2);
	policies.known = !policies.changed;
}

static bool
is_bound(Oid table)
{
	return check_enable_rls(table, InvalidOid, true) == RLS_ENABLED;
}

const char *
why_not_counted(void)
{
	Oid			namespace = idpsync_namespace();
	Oid			tables[TABLES] = {
		get_relname_relid("job", namespace),
		get_relname_relid("job_count", namespace),
		get_relname_relid("job_count_delta", namespace)
	};
	bool		job_bound = is_bound(tables[0]);
	bool		counts_bound = false;

	for (int i = 1; i < TABLES; i++)
	{
		if (!OidIsValid(tables[i]) || pg_class_aclcheck(tables[i], GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			return "no privilege to read the counts";
		if (i > 1 && counts_bound != is_bound(tables[i]))
			return "policies of job and its counts differ";
		counts_bound = is_bound(tables[i]);
	}
	if (!job_bound && !counts_bound)
		return NULL;
	if (!row_security)
		return "row_security is off";
	learn_policies(tables);
	if (job_bound ? !counts_bound || !policies.same : !policies.open)
		return "policies of job and its counts differ";
	return NULL;
}
