/*
 * unknown_jobs.h: jobs (j) with ids made elsewhere that foreign_id does not
 * lead to; f is what it has instead, k the job that this leads to. For a
 * search_path of pg_catalog alone.
 */
#ifndef IDPSYNC_UNKNOWN_JOBS_H
#define IDPSYNC_UNKNOWN_JOBS_H

#define UNKNOWN_JOBS \
	"idpsync.job AS j LEFT JOIN idpsync.foreign_id AS f ON f.id = j.job_id AND f.kind = 'job' AND f.tenant_id = j.tenant_id" \
	" LEFT JOIN idpsync.job AS k ON k.job_id = f.id AND k.tenant_id = f.tenant_id AND k.created_at = f.created_at" \
	" WHERE idpsync.id_time(j.job_id) IS NULL AND f.created_at IS DISTINCT FROM j.created_at"

#endif
