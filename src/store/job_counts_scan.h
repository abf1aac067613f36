/*
 * job_counts_scan.h: what the count tables should hold, from the jobs
 * themselves: queries of a WITH list, the first called live: the partitions of
 * job (id) and where they begin (start). For a search_path of pg_catalog alone.
 */
#ifndef IDPSYNC_JOB_COUNTS_SCAN_H
#define IDPSYNC_JOB_COUNTS_SCAN_H

/* the first of a day's month, or the first date there is */
#define MONTH_OF(day) \
	"CASE WHEN " day " < '4714-12-01 BC' AND isfinite(" day ") THEN '4714-11-24 BC' ELSE date_trunc('month', " day "::timestamp)::date END"

#define SCANNED_COLUMNS ", target_type, direction, status, partition_start, sum(jobs)::bigint AS jobs, idpsync.sum_or_null(added) AS added"

/* the query called live; what is below a partition counts as its own */
#define LIVE_PARTITIONS \
	"(SELECT t.relid AS id, idpsync.partition_start(i.inhrelid) AS start" \
	" FROM pg_inherits AS i CROSS JOIN LATERAL pg_partition_tree(i.inhrelid) AS t" \
	" WHERE i.inhparent = to_regclass('idpsync.job') AND NOT i.inhdetachpending)"

/* the jobs as counted once, by day and target: the query called fine */
#define JOBS_BY_TABLE \
	" fine AS MATERIALIZED (SELECT j.tenant_id, j.target_id, j.target_type, j.direction, j.status, j.day, live.start AS partition_start," \
	" j.jobs, j.added FROM (SELECT tenant_id, target_id, target_type, direction, status, tableoid AS id," \
	" (start_time AT TIME ZONE 'UTC')::date AS day, count(*) AS jobs, idpsync.sum_or_null(statistics) AS added" \
	" FROM idpsync.job GROUP BY 1, 2, 3, 4, 5, 6, 7) AS j JOIN live USING (id))"

/* the same where a node knows its tables by other ids, and their bounds not at all */
#define JOBS_BY_TIME \
	" bounds AS MATERIALIZED (SELECT array_agg(DISTINCT start ORDER BY start) AS starts FROM live)," \
	" fine AS MATERIALIZED (SELECT j.tenant_id, j.target_id, j.target_type, j.direction, j.status," \
	" (j.start_time AT TIME ZONE 'UTC')::date AS day, b.starts[width_bucket(j.created_at, b.starts)] AS partition_start," \
	" count(*) AS jobs, idpsync.sum_or_null(j.statistics) AS added FROM idpsync.job AS j CROSS JOIN bounds AS b" \
	" GROUP BY 1, 2, 3, 4, 5, 6, 7)"

/* that at every grain */
#define JOB_COUNTS_SCANNED \
	" scanned AS (SELECT tenant_id, 'd'::\"char\" AS grain, ''::text COLLATE \"C\" AS target_id, day AS period" SCANNED_COLUMNS \
	" FROM fine GROUP BY 1, 4, 5, 6, 7, 8" \
	" UNION ALL SELECT tenant_id, 'm', '', " MONTH_OF("day") SCANNED_COLUMNS \
	" FROM fine GROUP BY 1, 4, 5, 6, 7, 8" \
	" UNION ALL SELECT tenant_id, 't', target_id, " MONTH_OF("day") SCANNED_COLUMNS \
	" FROM fine GROUP BY 1, 3, 4, 5, 6, 7, 8)"

/* what they do hold, deltas at every grain in which they count */
#define JOB_COUNTS_CHANGED \
	"SELECT tenant_id, grain, target_id, period, target_type, direction, status, partition_start, jobs, added, removed" \
	" FROM idpsync.job_count" \
	" UNION ALL SELECT d.tenant_id, g.grain, CASE WHEN g.grain = 't' THEN d.target_id ELSE '' END," \
	" CASE WHEN g.grain = 'd' THEN d.period ELSE " MONTH_OF("d.period") " END," \
	" d.target_type, d.direction, d.status, d.partition_start, d.jobs, d.added, d.removed" \
	" FROM idpsync.job_count_delta AS d JOIN (VALUES ('f'::\"char\", 'd'::\"char\"), ('f', 'm'), ('f', 't'), ('d', 'd'), ('d', 'm'), ('t', 't'))" \
	" AS g (of, grain) ON g.of = d.grain"

#endif
