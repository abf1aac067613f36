/*
 * check_store.c: is the store what create_store() made, and do its rows agree.
 *
 * A check is a query for what is wrong, as one text; none means it is well.
 * What a user added (columns, indexes, policies, partitions) is no fault.
 */
#include "store/store.h"

#include "commands/extension.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"

#include "base/catalog.h"
#include "store/descriptors.h"
#include "store/job_counts_scan.h"
#include "store/statement.h"
#include "store/store_owner.h"
#include "store/unknown_jobs.h"

PG_FUNCTION_INFO_V1(check_store);

/* domains with their constraints */
#define LIMITS \
	" FROM (VALUES ('session_id', 'session_id_length')," \
	" ('agent_id', 'agent_id_length'), ('fail_reason', 'fail_reason_length'), ('job_id', 'job_id_length')," \
	" ('target_id', 'target_id_length'), ('job_error_code', 'job_error_code_length')," \
	" ('error_message', 'error_message_length'), ('description', 'description_length')," \
	" ('operation_id', 'operation_id_length'), ('tenant_id', 'tenant_id_length'), ('method', 'method_length')," \
	" ('operation_error_code', 'operation_error_code_range'), ('idempotency_key_text', 'idempotency_key_length')) AS e (domain, name)"

/* what the count tables hold that they should not, with the jobs read in one way or the other */
#define WRONG_COUNTS(jobs) \
	"WITH live AS " LIVE_PARTITIONS "," jobs "," JOB_COUNTS_SCANNED \
	", changed AS (" JOB_COUNTS_CHANGED ")," \
	" kept AS (SELECT tenant_id, grain, target_id, period, target_type, direction, status, partition_start, sum(jobs) AS jobs," \
	" CASE WHEN bool_and(added IS NOT NULL) THEN idpsync.sum_or_null(added) END AS added," \
	" CASE WHEN bool_and(removed IS NOT NULL) THEN idpsync.sum_or_null(removed) END AS removed" \
	" FROM changed WHERE partition_start IN (SELECT start FROM live) GROUP BY 1, 2, 3, 4, 5, 6, 7, 8)" \
	" SELECT string_agg(fault, '; ' ORDER BY fault) FILTER (WHERE position <= 3)" \
	" || CASE WHEN max(total) > 3 THEN format('; and %s more', max(total) - 3) ELSE '' END" \
	" || CASE WHEN EXISTS (SELECT FROM live WHERE start IS NULL) THEN ': jobs of a default partition are not counted'" \
	" ELSE ': idpsync.rebuild_counts() mends it' END" \
	" FROM (SELECT format('%s of \"%s\", %s %s %s, %s %s%s'," \
	" CASE WHEN coalesce(s.jobs, 0) = coalesce(k.jobs, 0) THEN format('wrong statistics of %s jobs', k.jobs)" \
	" ELSE format('%s counted for %s jobs', coalesce(k.jobs, 0), coalesce(s.jobs, 0)) END," \
	" tenant_id, target_type, direction, status, CASE grain WHEN 'd' THEN 'day' ELSE 'month of' END, period," \
	" CASE WHEN target_id <> '' THEN format(', target \"%s\"', target_id) END) AS fault," \
	" row_number() OVER (ORDER BY tenant_id, grain, target_id, period, target_type, direction, status) AS position, count(*) OVER () AS total" \
	" FROM scanned AS s FULL JOIN kept AS k USING (tenant_id, grain, target_id, period, target_type, direction, status, partition_start)" \
	" WHERE coalesce(s.jobs, 0) <> coalesce(k.jobs, 0)" \
	" OR CASE WHEN k.jobs IS NULL THEN false WHEN s.jobs IS NULL THEN k.added::bytea <> k.removed::bytea" \
	" WHEN s.added IS NULL THEN k.added IS NOT NULL" \
	" ELSE coalesce(idpsync.add_or_null(s.added, k.removed)::bytea <> k.added::bytea, true) END) AS f"

static const struct
{
	const char *name;
	const char *faults;
	const char *well;
	bool		reads_rows;		/* needs all columns */
	const char *distributed;	/* the query for a distributed store, where that is another; NULL faults: for no other */
	bool		compares_counts;	/* needs to see all of them */
}			checks[] = {
	{"columns",
		/* where no type is given, it has the column's name */
		"SELECT string_agg(fault, '; ' ORDER BY tab, fault) FROM (SELECT DISTINCT e.tab, CASE WHEN to_regclass('idpsync.' || e.tab) IS NULL"
		" THEN format('table %s is missing', e.tab) ELSE format('%s.%s is not %s', e.tab, c, coalesce(e.type, 'idpsync.' || c)) END AS fault"
		" FROM (VALUES"
		" ('store_setting', 'name value', 'text'),"
		" ('maintenance_log', 'log_id rows', 'bigint'), ('maintenance_log', 'started_at finished_at', 'timestamp with time zone'), ('maintenance_log', 'step detail', 'text'), ('descriptor', 'name', 'text'), ('descriptor', 'file', 'bytea'),"
		" ('session', 'created_at expires_at heartbeat_at closed_at', 'timestamp with time zone'),"
		" ('session', 'session_type session_id agent_id fail_reason sync_mode', NULL),"
		" ('session', 'status', 'idpsync.session_status'), ('session', 'progress', 'idpsync.session_progress'),"
		" ('session', 'tenant_id', NULL),"
		" ('job', 'created_at start_time end_time', 'timestamp with time zone'),"
		" ('job', 'target_type', 'idpsync.job_target_type'), ('job', 'direction', 'idpsync.job_direction'),"
		" ('job', 'trigger_type', 'idpsync.job_trigger_type'), ('job', 'status', 'idpsync.job_status'),"
		" ('job', 'statistics', 'idpsync.job_statistics'), ('job', 'tenant_id', NULL),"
		" ('job', 'job_id target_id description session_id operation_id error_message', NULL),"
		" ('job', 'error_code', 'idpsync.job_error_code'),"
		" ('operation', 'created_at modified_at', 'timestamp with time zone'),"
		" ('operation', 'error_code', 'idpsync.operation_error_code'), ('operation', 'done', 'boolean'), ('operation', 'created_by', 'text'),"
		" ('operation', 'operation_id tenant_id method description error_message', NULL),"
		" ('operation', 'metadata response', 'idpsync.protobuf_any'), ('operation', 'error_details', 'idpsync.protobuf_any[]'),"
		" ('idempotency_key', 'created_at', 'timestamp with time zone'), ('idempotency_key', 'request_hash', 'bigint'),"
		" ('idempotency_key', 'key', 'idpsync.idempotency_key_text'),"
		" ('idempotency_key', 'tenant_id method operation_id', NULL),"
		" ('foreign_id', 'created_at', 'timestamp with time zone'), ('foreign_id', 'id', 'idpsync.job_id'),"
		" ('foreign_id', 'kind', 'text'), ('foreign_id', 'tenant_id', NULL),"
		" ('job_count', 'partition_start', 'timestamp with time zone'), ('job_count', 'jobs', 'bigint'), ('job_count', 'period', 'date'),"
		" ('job_count', 'target_type', 'idpsync.job_target_type'), ('job_count', 'direction', 'idpsync.job_direction'),"
		" ('job_count', 'status', 'idpsync.job_status'), ('job_count', 'grain', '\"char\"'), ('job_count', 'tenant_id', NULL),"
		" ('job_count', 'target_id', 'text'), ('job_count', 'added removed', 'idpsync.job_statistics'),"
		" ('job_count_delta', 'partition_start', 'timestamp with time zone'), ('job_count_delta', 'delta_id jobs', 'bigint'),"
		" ('job_count_delta', 'period', 'date'), ('job_count_delta', 'target_type', 'idpsync.job_target_type'),"
		" ('job_count_delta', 'direction', 'idpsync.job_direction'), ('job_count_delta', 'status', 'idpsync.job_status'),"
		" ('job_count_delta', 'grain', '\"char\"'), ('job_count_delta', 'tenant_id', NULL),"
		" ('job_count_delta', 'target_id', 'text'), ('job_count_delta', 'added removed', 'idpsync.job_statistics')"
		" UNION ALL SELECT 'job', 'imported_at', 'timestamp with time zone' FROM idpsync.store_info WHERE version >= 2"
		") AS e (tab, cols, type) CROSS JOIN LATERAL string_to_table(e.cols, ' ') AS c"
		" LEFT JOIN pg_attribute AS a ON a.attrelid = to_regclass('idpsync.' || e.tab) AND a.attname = c AND NOT a.attisdropped"
		" WHERE format_type(a.atttypid, a.atttypmod) IS DISTINCT FROM coalesce(e.type, 'idpsync.' || c)) AS f",
	"every column is there"},
	{"constraints",
		"SELECT string_agg(format('%s of %s is missing or not valid', c, e.tab), '; ' ORDER BY e.tab, c)"
		" FROM (VALUES"
		" ('store_setting', 'store_setting_pkey'), ('maintenance_log', 'maintenance_log_pkey'), ('descriptor', 'descriptor_pkey'),"
		" ('session', 'session_pkey session_created_at_is_id_time session_fits_status'),"
		" ('job', 'job_pkey job_created_at_is_id_time job_fits_status'),"
		" ('operation', 'operation_pkey operation_created_at_is_id_time operation_result_when_done operation_one_result"
		" operation_error_has_code'),"
		" ('idempotency_key', 'idempotency_key_pkey'),"
		" ('foreign_id', 'foreign_id_pkey foreign_id_kind'),"
		" ('job_count', 'job_count_pkey'), ('job_count_delta', 'job_count_delta_pkey')"
		") AS e (tab, names) CROSS JOIN LATERAL string_to_table(e.names, ' ') AS c"
		" WHERE to_regclass('idpsync.' || e.tab) IS NOT NULL"
		" AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = to_regclass('idpsync.' || e.tab)"
		" AND k.conname = c AND k.convalidated)",
	"every constraint is there and valid"},
	{"limits",
		"SELECT string_agg(format('%s of domain %s is missing or not valid', e.name, e.domain), '; ' ORDER BY e.name)" LIMITS
		" WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.contypid = to_regtype('idpsync.' || e.domain)"
		" AND k.conname = e.name AND k.convalidated)",
	"every limit is there and valid", false,
		/* that of tenants is one of each table */
		"SELECT string_agg(format('%s of %s is missing or not valid', e.name, e.owner), '; ' ORDER BY e.name)"
		" FROM (SELECT e.name, 'domain ' || e.domain AS owner, to_regtype('idpsync.' || e.domain)::oid AS domain, NULL::oid AS tab" LIMITS
		" WHERE e.domain <> 'tenant_id' UNION ALL SELECT t || '_tenant_id_length', t, 0, to_regclass('idpsync.' || t)"
		" FROM string_to_table('session job operation idempotency_key foreign_id', ' ') AS t) AS e"
		" WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE (k.contypid = e.domain OR k.conrelid = e.tab)"
		" AND k.conname = e.name AND k.convalidated)"},
	{"indexes",
		"SELECT string_agg(format('%s is missing or not valid', e.name), '; ' ORDER BY e.name)"
		" FROM (VALUES ('session', 'session_open', true), ('session', 'session_completed', false), ('session', 'session_list', false),"
		" ('job', 'job_list', false), ('job', 'job_list_by_class', false), ('job', 'job_list_by_target', false), ('job', 'job_list_by_start', false),"
		" ('operation', 'operation_list', false)) AS e (tab, name, is_unique)"
		" WHERE to_regclass('idpsync.' || e.tab) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_index AS x WHERE x.indexrelid = to_regclass('idpsync.' || e.name)"
		" AND x.indisvalid AND x.indisunique >= e.is_unique)",
	"every index is there and valid"},
	/* a partition's own triggers fire, whatever those of its parent say */
	{"triggers",
		"SELECT string_agg(format('%s of %s is %s', name, tabs[1] || CASE WHEN cardinality(tabs) > 1 THEN format(' and %s more', cardinality(tabs) - 1) ELSE '' END,"
		" state || CASE WHEN state = 'missing' THEN '' ELSE ': ' || (SELECT string_agg(format('ALTER TABLE %s ENABLE%s TRIGGER %I', id, CASE WHEN always THEN ' ALWAYS' ELSE '' END, name), '; ' ORDER BY n)"
		/* from the table to its partitions goes what is for each row */
		" FROM unnest(ids) WITH ORDINALITY AS i (id, n) WHERE n = 1 OR name LIKE 'job_count%' OR tabs[1] <> split_part(name, '_', 1)) END),"
		" '; ' ORDER BY state = 'missing', name, tabs)"
		" || CASE WHEN bool_or(state = 'missing' AND name LIKE 'job_count%') THEN ': idpsync.rebuild_counts() makes those that count' ELSE '' END"
		" FROM (SELECT e.name, e.always, s.state, array_agg(t.tab::text ORDER BY t.tab <> e.tab, t.tab) AS tabs, array_agg(t.id ORDER BY t.tab <> e.tab, t.tab) AS ids"
		" FROM (VALUES ('store_setting', 'store_setting_changed', true), ('store_setting', 'check_store_setting', false), ('descriptor', 'descriptor_changed', true),"
		" ('session', 'session_status_change', false), ('job', 'job_status_change', false),"
		" ('job', 'job_count_insert', false), ('job', 'job_count_update', false), ('job', 'job_count_delete', false),"
		" ('job', 'job_count_truncate', false), ('operation', 'operation_change', false)"
		" UNION ALL SELECT t, t || '_truncated', true FROM idpsync.store_info, unnest('{descriptor,store_setting}'::text[]) AS t WHERE version >= 2) AS e (tab, name, always)"
		" CROSS JOIN LATERAL (SELECT e.tab, to_regclass('idpsync.' || e.tab) UNION ALL"
		" SELECT c.relname, c.oid FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
		" WHERE i.inhparent = to_regclass('idpsync.' || e.tab)) AS t (tab, id)"
		" LEFT JOIN pg_trigger AS g ON g.tgrelid = t.id AND g.tgname = e.name"
		" CROSS JOIN LATERAL (SELECT CASE WHEN g.oid IS NULL THEN 'missing' WHEN g.tgenabled = 'A' OR g.tgenabled = 'O' AND NOT e.always THEN NULL"
		" WHEN e.always THEN 'not ENABLE ALWAYS' ELSE 'disabled' END) AS s (state)"
		" WHERE t.id IS NOT NULL AND (t.tab, e.name) <> ('job', 'job_count_truncate') AND s.state IS NOT NULL GROUP BY e.name, e.always, s.state, e.tab) AS f",
	"triggers are as the store needs them", false,
		"SELECT string_agg(format('%s of %s counts what calls count themselves', t.tgname, c.relname), '; ' ORDER BY t.tgname, c.relname)"
		" FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
		" WHERE c.relnamespace = 'idpsync'::regnamespace AND t.tgfoid = to_regproc('idpsync.count_job_changes')"},
	{"views",
		"SELECT string_agg(format('%s is missing or not security_invoker', v), '; ' ORDER BY v)"
		" FROM string_to_table('store_info sessions stalled_sessions session_progress_entries jobs job_statistics_entries"
		" job_statistics_days targets operations', ' ') AS v"
		" WHERE NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = to_regclass('idpsync.' || v)"
		" AND c.relkind = 'v' AND 'security_invoker=true' = ANY (c.reloptions))",
	"every view is there and security_invoker"},
	/* pg_get_expr() knows no table that is dropped meanwhile, and bounds are of none */
	{"partitions",
		"SELECT string_agg(fault, '; ' ORDER BY fault) FROM ("
		" SELECT format('%s has a default partition', p.partrelid::regclass) AS fault FROM pg_partitioned_table AS p"
		" WHERE p.partrelid IN (to_regclass('idpsync.job'), to_regclass('idpsync.operation')) AND p.partdefid <> 0"
		" UNION ALL"
		" SELECT format('%s is being detached: if that was interrupted, ALTER TABLE %s DETACH PARTITION %1$s FINALIZE ends it', i.inhrelid::regclass, i.inhparent::regclass)"
		" FROM pg_inherits AS i WHERE i.inhparent IN (to_regclass('idpsync.job'), to_regclass('idpsync.operation')) AND i.inhdetachpending"
		" UNION ALL"
		" SELECT format('%s has no partition %s %s', t, b.word, b.bound)"
		" FROM (VALUES ('idpsync.job'), ('idpsync.operation')) AS n (t)"
		" CROSS JOIN (VALUES ('from', 'MINVALUE', '%FROM (MINVALUE)%'), ('to', 'MAXVALUE', '%TO (MAXVALUE)')) AS b (word, bound, pattern)"
		" WHERE to_regclass(n.t) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
		" WHERE i.inhparent = to_regclass(n.t) AND NOT i.inhdetachpending AND pg_get_expr(c.relpartbound, 0) LIKE b.pattern)"
		" UNION ALL"
		" SELECT format('%s has no partition from %s: rows of then are refused', b.parent, b.upper)"
		" FROM (SELECT i.inhparent::regclass AS parent, array_agg(substring(x FROM 'FROM \\((.*)\\) TO')) OVER (PARTITION BY i.inhparent) AS lower,"
		" substring(x FROM 'TO \\((.*)\\)') AS upper"
		" FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid CROSS JOIN LATERAL pg_get_expr(c.relpartbound, 0) AS x"
		" WHERE i.inhparent IN (to_regclass('idpsync.job'), to_regclass('idpsync.operation')) AND NOT i.inhdetachpending) AS b"
		" WHERE b.upper <> 'MAXVALUE' AND b.upper <> ALL (b.lower)"
		") AS f",
	"partitions reach from MINVALUE to MAXVALUE without a gap, none is a default"},
	{"partitions_ahead",
		"SELECT string_agg(format('the last partition of %s holds rows: idpsync.maintain() is late', t), '; ' ORDER BY t) FROM ("
		" SELECT 'job' AS t WHERE EXISTS (SELECT 1 FROM idpsync.job WHERE created_at < clock_timestamp() AND created_at >="
		" (SELECT max(idpsync.partition_start(inhrelid)) FROM pg_inherits WHERE inhparent = to_regclass('idpsync.job')))"
		" UNION ALL SELECT 'operation' WHERE EXISTS (SELECT 1 FROM idpsync.operation WHERE created_at < clock_timestamp() AND created_at >="
		" (SELECT max(idpsync.partition_start(inhrelid)) FROM pg_inherits WHERE inhparent = to_regclass('idpsync.operation')))) AS f",
	"no row has come to the last partitions", true},
	/* due: the start of the youngest partition that is not past its retention. Citus joins what has been read, not tables */
	{"retention",
		"WITH kept AS (SELECT t, clock_timestamp() - coalesce((SELECT value FROM idpsync.store_setting WHERE name = t || '_retention'), age)::interval AS since"
		" FROM (VALUES ('job', '400 days'), ('operation', '30 days')) AS d (t, age)),"
		" due AS MATERIALIZED (SELECT k.t, max(s.start) AS start FROM kept AS k CROSS JOIN LATERAL (SELECT idpsync.partition_start(inhrelid) AS start"
		" FROM pg_inherits WHERE inhparent = to_regclass('idpsync.' || k.t)) AS s WHERE s.start <= k.since GROUP BY 1),"
		" kept_by AS MATERIALIZED (SELECT 'job' AS t, ' that are not done' AS kind, job_id::text AS id, tenant_id, created_at,"
		" 'idpsync.finish_synchronization_job() with an error_code ends it' AS way_out FROM idpsync.job"
		" WHERE created_at < (SELECT start FROM due WHERE t = 'job') AND status IN ('pending', 'running')"
		" UNION ALL SELECT 'operation', ' that are not done', operation_id, tenant_id, created_at,"
		" 'idpsync.cancel_operation() ends it' FROM idpsync.operation"
		" WHERE created_at < (SELECT start FROM due WHERE t = 'operation') AND NOT done"
		" UNION ALL SELECT 'operation', ' that have an idempotency key', o.operation_id, o.tenant_id, o.created_at,"
		" 'idpsync.maintain() deletes the key after idempotency_key_retention' FROM idpsync.idempotency_key AS k"
		" JOIN idpsync.operation AS o ON o.operation_id = k.operation_id AND o.tenant_id = k.tenant_id"
		" WHERE o.created_at < (SELECT start FROM due WHERE t = 'operation'))"
		" SELECT string_agg(fault, '; ' ORDER BY fault) FROM (SELECT format('%s rows of %s keep partitions before %s, such as %s: %s',"
		" count(*), t || kind, start, (array_agg(format('\"%s\" of \"%s\"', id, tenant_id) ORDER BY created_at, id))[1], way_out) AS fault"
		" FROM due JOIN kept_by USING (t)"
		" WHERE start > '-infinity' GROUP BY t, kind, start, way_out) AS g",
	"nothing keeps partitions past their retention", true},
	/* what is busy passes, if not within an hour; of more changes than that, counts read the jobs instead */
	{"maintenance",
		"SELECT string_agg(fault, '; ' ORDER BY fault) FROM ("
		" SELECT format('%s is kept from its work since %s: %s', step, date_trunc('second', started_at), substr(detail, 10)) AS fault"
		" FROM idpsync.maintenance_log WHERE detail LIKE 'blocked: %'"
		" AND (detail NOT LIKE 'blocked: busy%' OR finished_at - started_at >= interval '1 hour')"
		" UNION ALL SELECT format('%s changes of counts are not folded: idpsync.maintain() is late, and counts are slow', count(*))"
		" FROM idpsync.job_count_delta HAVING count(*) > 20000) AS f",
	"nothing keeps maintain() from its work", true},
	{"foreign_ids",
		"SELECT string_agg(fault, '; ' ORDER BY fault) FROM ("
		" SELECT CASE WHEN k.job_id IS NULL THEN format('job \"%s\" of \"%s\" is not in foreign_id: idpsync.rebuild_counts() enters it', j.job_id, j.tenant_id)"
		" ELSE format('job \"%s\" of \"%s\" is there twice, created at %s and %s: delete one of the two, then idpsync.rebuild_counts()',"
		" j.job_id, j.tenant_id, least(j.created_at, k.created_at), greatest(j.created_at, k.created_at)) END AS fault FROM " UNKNOWN_JOBS
		" UNION ALL"
		" SELECT format('foreign_id \"%s\" of \"%s\" has no job', f.id, f.tenant_id) FROM idpsync.foreign_id AS f"
		" WHERE NOT EXISTS (SELECT 1 FROM idpsync.job AS j"
		" WHERE j.job_id = f.id AND j.tenant_id = f.tenant_id AND j.created_at = f.created_at)"
		" LIMIT 10) AS f",
	"foreign ids and their jobs agree", true},
	{"counts", WRONG_COUNTS(JOBS_BY_TABLE),
	"counts of jobs and sums of their statistics agree with the jobs", true, WRONG_COUNTS(JOBS_BY_TIME), true},
	/* there is nothing to compare them with but each other */
	{"history",
		"WITH live AS " LIVE_PARTITIONS ","
		" history AS (SELECT tenant_id, grain, " MONTH_OF("period") " AS month, target_type, direction, status, partition_start, sum(jobs) AS jobs"
		" FROM (" JOB_COUNTS_CHANGED ") AS c WHERE partition_start NOT IN (SELECT start FROM live) GROUP BY 1, 2, 3, 4, 5, 6, 7)"
		" SELECT string_agg(fault, '; ' ORDER BY fault) FROM (SELECT format('jobs of \"%s\", %s %s and %s, by month, day and target: %s, %s, %s',"
		" tenant_id, target_type, direction, status, coalesce(sum(jobs) FILTER (WHERE grain = 'm'), 0),"
		" coalesce(sum(jobs) FILTER (WHERE grain = 'd'), 0), coalesce(sum(jobs) FILTER (WHERE grain = 't'), 0)) AS fault FROM history"
		" GROUP BY tenant_id, month, target_type, direction, status, partition_start"
		" HAVING coalesce(sum(jobs) FILTER (WHERE grain = 'm'), 0) <> coalesce(sum(jobs) FILTER (WHERE grain = 'd'), 0)"
		" OR coalesce(sum(jobs) FILTER (WHERE grain = 'm'), 0) <> coalesce(sum(jobs) FILTER (WHERE grain = 't'), 0) ORDER BY 1 LIMIT 10) AS f",
	"what is kept of jobs that are gone agrees with itself", true, NULL, true},
	{"distribution", NULL, "every table belongs to Citus", false,
		"SELECT string_agg(t || ' does not', '; ' ORDER BY t) || ': idpsync.distribute_store() hands it over'"
		" FROM string_to_table('session job operation job_count job_count_delta idempotency_key foreign_id store_setting descriptor"
		" maintenance_log', ' ') AS t WHERE NOT EXISTS (SELECT FROM pg_dist_partition AS d WHERE d.logicalrelid = to_regclass('idpsync.' || t))"},
	{"job_operations",
		"SELECT string_agg(fault, '; ' ORDER BY fault) FROM ("
		" SELECT format('operation \"%s\" is %s but job \"%s\" is %s: %s', o.operation_id,"
		" CASE WHEN o.done THEN 'done' ELSE 'not done' END, j.job_id, j.status,"
		" CASE WHEN o.done THEN 'idpsync.finish_synchronization_job() with an error_code ends it' ELSE 'idpsync.cancel_operation() ends it' END) AS fault"
		" FROM idpsync.job AS j JOIN idpsync.operation AS o"
		" ON o.operation_id = j.operation_id AND o.tenant_id = j.tenant_id AND o.created_at = idpsync.id_time(j.operation_id)"
		" WHERE o.done <> (j.status IN ('failed', 'partial_success', 'success'))"
		" UNION ALL"
		" SELECT format('operation \"%s\" is not done but its job is gone', o.operation_id) FROM idpsync.operation AS o"
		" WHERE o.method = 'RunSynchronizationJob' AND NOT o.done AND NOT EXISTS (SELECT 1 FROM idpsync.job AS j"
		" WHERE j.operation_id = o.operation_id AND j.tenant_id = o.tenant_id) LIMIT 10) AS f",
	"operations and their jobs agree", true}
};

static void
put_check(ReturnSetInfo *rsinfo, const char *name, const char *fault, const char *well)
{
	bool		nulls[3] = {false, false, false};
	Datum		values[3];

	values[0] = CStringGetTextDatum(name);
	values[1] = BoolGetDatum(fault == NULL);
	values[2] = CStringGetTextDatum(fault ? fault : well);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* the query of a check for this store, NULL where it has none */
static const char *
query_of(int check)
{
	const char *query = store_is_distributed() && checks[check].distributed ? checks[check].distributed : checks[check].faults;

	if (query && checks[check].faults == NULL && !OidIsValid(get_extension_oid("citus", true)))
		return "SELECT 'there is no Citus in this database: idpsync.distribute_store() hands the tables over where there is'";
	return query;
}

/* what of the jobs and their counts the caller does not see would be taken for a fault */
static bool
is_bound_by_policies(void)
{
	static const char *const tables[] = {"job", "job_count", "job_count_delta"};

	for (int i = 0; i < lengthof(tables); i++)
	{
		Oid			relid = get_relname_relid(tables[i], idpsync_namespace());

		if (OidIsValid(relid) && check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
			return true;
	}
	return false;
}

/*
 * check_store(): a row a check: its name, is it well, and what is wrong.
 * Errors: 55000 where there is no store, or one of another version.
 */
Datum
check_store(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		has_columns = true;
	bool		as_owner;
	Caller		caller;

	InitMaterializedSRF(fcinfo, 0);
	as_owner = connect_as_owner_or_caller(&caller);
	put_check(rsinfo, "version", store_version() == STORE_VERSION ? NULL :
			  psprintf("the store has version %d, the library version %d: idpsync.upgrade_store() brings it there", store_version(), STORE_VERSION),
			  psprintf("store and library have version %d", STORE_VERSION));
	for (int i = 0; i < lengthof(checks); i++)
	{
		const char *query = query_of(i);
		const char *fault = "not checked, since columns are missing";

		if (query == NULL)
			continue;
		if (checks[i].compares_counts && is_bound_by_policies())
		{
			put_check(rsinfo, checks[i].name, NULL, "not checked, since policies bind you");
			continue;
		}
		if (has_columns || !checks[i].reads_rows)
		{
			run_isolated(query, true);
			fault = result_text(0, 1);
		}
		if (strcmp(checks[i].name, "columns") == 0)
			has_columns = fault == NULL;
		put_check(rsinfo, checks[i].name, fault, checks[i].well);
	}
	put_check(rsinfo, "descriptors", has_columns ? descriptors_fault() : "not checked, since columns are missing",
			  "registered types can be read");
	if (as_owner)
		be_caller(&caller);
	SPI_finish();
	return (Datum) 0;
}
