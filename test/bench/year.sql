-- A store that has run for a year: jobs by month, and the function that makes its :jobs jobs, the same
-- every time but for ids and the moment they end at. 200 instances; one has a fifth of the jobs and
-- :targets targets, the others 20 to 100, the first of them the busiest by Zipf's law.
SET client_min_messages = warning;
SET work_mem = '256MB';
CREATE SCHEMA bench;

DO $$
DECLARE
    bound text := 'MINVALUE';
    next timestamptz := date_trunc('month', now() - interval '365 days');
    name text := 'job_first';
    trigger text;
BEGIN
    DROP TABLE idpsync.job_first;
    LOOP
        EXECUTE format('CREATE TABLE idpsync.%I PARTITION OF idpsync.job FOR VALUES FROM (%s) TO (%L)', name, bound, next);
        FOR trigger IN SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'idpsync.job_last'::regclass AND tgparentid = 0 LOOP
            EXECUTE replace(trigger, ' ON idpsync.job_last ', format(' ON idpsync.%I ', name));
        END LOOP;
        EXIT WHEN next >= date_trunc('month', now());
        bound := quote_literal(next);
        name := to_char(next, '"job_"YYYYMMDD');
        next := next + interval '1 month';
    END LOOP;
END$$;

-- 4096 results of 8 cells, chosen from by all jobs: one success in seven is in the thousands, a
-- quarter of the cells have failures, a quarter something skipped.
CREATE TABLE bench.result AS
SELECT n, '{' || string_agg(format('"%s": {%s}', object, changes), ', ') || '}' AS statistics
  FROM (SELECT n, object, string_agg(format('"%s": {"Total": %s, "Success": %s%s%s}', change, success + failed + skipped, success,
                      CASE WHEN failed > 0 THEN ', "Failed": ' || failed END, CASE WHEN skipped > 0 THEN ', "Skipped": ' || skipped END), ', ') AS changes
          FROM (SELECT n, ('{UserStatistics,OrganizationalUnitStatistics,GroupStatistics,GroupMemberStatistics}'::text[])[1 + k % 4] AS object,
                       ('{Created,Updated,Binded,Deleted,Same,Pushed}'::text[])[1 + (n + k) % 6] AS change,
                       CASE WHEN r % 7 = 0 THEN 1000 + (r >> 8) % 99000 ELSE 1 + (r >> 8) % 250 END AS success,
                       CASE WHEN (r >> 24) % 4 = 0 THEN 1 + (r >> 26) % 20 ELSE 0 END AS failed,
                       CASE WHEN (r >> 32) % 4 = 0 THEN 1 + (r >> 34) % 50 ELSE 0 END AS skipped
                  FROM generate_series(0, 4095) n, generate_series(0, 7) k, LATERAL (SELECT hashint8extended(n * 8 + k, 1) & 9007199254740991 AS r) b) cell
         GROUP BY n, object) object
 GROUP BY n;
CREATE TABLE bench.packed AS SELECT n, statistics::idpsync.job_statistics FROM bench.result;
ANALYZE bench.packed;

SELECT format($f$
CREATE FUNCTION bench.year_of_jobs(first bigint, last bigint, start timestamptz DEFAULT %L, length interval DEFAULT '365 days') RETURNS SETOF idpsync.job LANGUAGE sql AS $$
SELECT idpsync.id_time(id), started, CASE WHEN ended THEN started + 'PT1S'::interval * (1 + (h >> 9) %% 120) END,
       CASE WHEN is_application THEN 'application' ELSE 'identity_provider' END::idpsync.job_target_type,
       CASE WHEN is_application <> ((h >> 42) %% 10 = 0) THEN 'egress' ELSE 'ingress' END::idpsync.job_direction,
       CASE WHEN h & 7 = 0 THEN 'manual' ELSE 'auto' END::idpsync.job_trigger_type,
       CASE WHEN NOT ended THEN CASE WHEN h & 1 = 0 THEN 'running' ELSE 'pending' END
            WHEN outcome < 10 THEN 'failed' WHEN outcome < 50 THEN 'partial_success' ELSE 'success' END::idpsync.job_status,
       CASE WHEN ended THEN p.statistics ELSE '{}' END, id, 'instance-' || instance, 'target-' || target, NULL, NULL, NULL,
       CASE WHEN ended AND outcome < 10 THEN 'ErrorCodeNotFound' END, NULL, NULL::timestamptz
  FROM (SELECT *, target %% 4 = 0 AS is_application, (hashint8extended(h, 2) & 1048575) %% 1000 AS outcome, idpsync.id_time(id) + 'PT0.001S'::interval * (h %% 3000) AS started
          FROM (SELECT *, floor(power(CASE instance WHEN 1 THEN %s ELSE 20 + instance * 37 %% 81 END, ((h >> 20) & 1048575) / 1048576.0::float8))::int AS target,
                       idpsync.create_id('sync_', moment) AS id, moment < start + length - 'PT5M'::interval AS ended
                  FROM (SELECT h, CASE WHEN h %% 5 = 0 THEN 1 ELSE 2 + (h / 5) %% 199 END AS instance, start + n * (length / %s) AS moment
                          FROM generate_series(first, last) n, LATERAL (SELECT hashint8extended(n, 0) & 9007199254740991 AS h) a OFFSET 0) b OFFSET 0) c OFFSET 0) j
  JOIN bench.packed p ON p.n = (h >> 30) & 4095 $$ $f$, now() - interval '365 days', :targets, :jobs)
\gexec

-- The rival of the counts: a row an hour and target, kept by a statement trigger in PL/pgSQL.
CREATE TABLE bench.job_hour (
    hour timestamptz NOT NULL,
    jobs bigint NOT NULL,
    target_type idpsync.job_target_type NOT NULL,
    direction idpsync.job_direction NOT NULL,
    status idpsync.job_status NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    target_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, target_id, hour, target_type, direction, status));
CREATE FUNCTION bench.count_by_hour() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO bench.job_hour AS h (tenant_id, target_id, hour, target_type, direction, status, jobs)
        SELECT tenant_id, target_id, date_trunc('hour', start_time, 'UTC'), target_type, direction, status, count(*)
          FROM added GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
            ON CONFLICT (tenant_id, target_id, hour, target_type, direction, status) DO UPDATE SET jobs = h.jobs + excluded.jobs;
    ELSE
        INSERT INTO bench.job_hour AS h (tenant_id, target_id, hour, target_type, direction, status, jobs)
        SELECT tenant_id, target_id, hour, target_type, direction, status, sum(n)
          FROM (SELECT *, date_trunc('hour', start_time, 'UTC') AS hour, 1 AS n FROM added
                UNION ALL SELECT *, date_trunc('hour', start_time, 'UTC'), -1 FROM removed) c
         GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4, 5, 6
            ON CONFLICT (tenant_id, target_id, hour, target_type, direction, status) DO UPDATE SET jobs = h.jobs + excluded.jobs;
    END IF;
    RETURN NULL;
END$$;
CREATE TRIGGER hourly_insert AFTER INSERT ON idpsync.job REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION bench.count_by_hour();
CREATE TRIGGER hourly_update AFTER UPDATE ON idpsync.job REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION bench.count_by_hour();

-- Who counts what is written: nobody, idpsync or hourly.
CREATE PROCEDURE bench.count_by(who text) LANGUAGE plpgsql AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT tgrelid::regclass AS of, tgname AS name, split_part(tgname, '_', 1) = CASE who WHEN 'idpsync' THEN 'job' ELSE who END AS counts
               FROM pg_trigger JOIN pg_partition_tree('idpsync.job') ON relid = tgrelid
              WHERE tgname ~ '^(job_count|hourly)_' LOOP
        EXECUTE format('ALTER TABLE %s %s TRIGGER %I', t.of, CASE WHEN t.counts THEN 'ENABLE' ELSE 'DISABLE' END, t.name);
    END LOOP;
END$$;
CALL bench.count_by('idpsync');
