-- maintain(): expiry, partitions ahead, retention
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned
-- times differ, and so does what is counted in milliseconds
CREATE FUNCTION pg_temp.log() RETURNS TABLE (step text, rows bigint, detail text) LANGUAGE sql AS $$
    SELECT l.step, l.rows, regexp_replace(regexp_replace(l.detail, '''[0-9].*', '<time>'), '_[0-9][0-9_]+', '_<time>') FROM idpsync.maintenance_log AS l ORDER BY log_id
$$;
SET client_min_messages = warning;
CALL idpsync.maintain('1 hour');
DELETE FROM idpsync.maintenance_log;

-- settings
SELECT value, test.refused(format('SELECT idpsync.configure_store(%L, %L)', name, value)) AS answer
FROM (VALUES ('job_retention', '0'), ('job_retention', '23:59:59'), ('job_retention', '1 day'), ('job_retention', '36600 days'), ('job_retention', '36600 days 1 second'),
      ('job_retention', '-1 day'), ('job_retention', '1 month'), ('job_retention', 'never'), ('operation_retention', '1 day'), ('session_retention', '1 day'),
      ('idempotency_key_retention', '59 minutes'), ('idempotency_key_retention', '1 hour')) AS s (name, value);
-- the longest retention is none that an id could not tell
SELECT idpsync.configure_store('session_retention', '36600 days');
CALL idpsync.maintain('1 hour');
DELETE FROM idpsync.maintenance_log;
DELETE FROM idpsync.store_setting;

-- expiry is stored; what is silent for half its lease shows before
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at, heartbeat_at)
SELECT idpsync.create_id('ses_', at), 'maintain ' || n, 'a', 'AD_SYNC', 'FULL_SYNC', 'OPENED', at, now() + expires, now() + heartbeat
FROM (VALUES (1, interval '-1 second', interval '-10 minutes'), (2, '4 minutes', '-6 minutes'), (3, '6 minutes', '-4 minutes'), (4, '4 minutes', NULL)) AS v (n, expires, heartbeat),
     LATERAL (SELECT date_trunc('milliseconds', now() - interval '20 minutes') AS at) AS a;
SELECT subject_container_id, silent_for > '5 minutes' AS silent, expires_in < '5 minutes' AS soon FROM idpsync.stalled_sessions ORDER BY 1;
CALL idpsync.maintain('1 hour');
SELECT tenant_id, status, closed_at = expires_at AS at_its_end FROM idpsync.session ORDER BY 1;
SELECT * FROM pg_temp.log();
CALL idpsync.maintain('1 hour');
SELECT count(*) AS nothing_more FROM idpsync.maintenance_log WHERE log_id > 1;

-- a store whose maintenance is late, and old enough for retention
SELECT idpsync.drop_store();
SELECT idpsync.create_store(job_interval => '1 month', operation_interval => '1 day');
CREATE PROCEDURE pg_temp.age(tab text, bounds timestamptz[]) LANGUAGE plpgsql AS $$
DECLARE
    part text;
BEGIN
    FOR part IN SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = ('idpsync.' || tab)::regclass AND c.relname NOT LIKE '%\_first' AND c.relname NOT LIKE '%\_last' LOOP
        EXECUTE format('DROP TABLE idpsync.%I', part);
    END LOOP;
    EXECUTE format('ALTER TABLE idpsync.%1$s DETACH PARTITION idpsync.%1$s_first; ALTER TABLE idpsync.%1$s DETACH PARTITION idpsync.%1$s_last;
                    ALTER TABLE idpsync.%1$s ATTACH PARTITION idpsync.%1$s_first FOR VALUES FROM (MINVALUE) TO (%2$L);
                    ALTER TABLE idpsync.%1$s ATTACH PARTITION idpsync.%1$s_last FOR VALUES FROM (%3$L) TO (MAXVALUE)', tab, bounds[1], bounds[cardinality(bounds)]);
    FOR n IN 1 .. cardinality(bounds) - 1 LOOP
        EXECUTE format('CREATE TABLE idpsync.%1$s_part%2$s (LIKE idpsync.%1$s_first INCLUDING ALL); ALTER TABLE idpsync.%1$s ATTACH PARTITION idpsync.%1$s_part%2$s FOR VALUES FROM (%3$L) TO (%4$L)', tab, n, bounds[n], bounds[n + 1]);
        IF tab = 'job' THEN
            EXECUTE format('CREATE TRIGGER job_count_insert AFTER INSERT ON idpsync.job_part%1$s REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
                CREATE TRIGGER job_count_update AFTER UPDATE ON idpsync.job_part%1$s REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
                CREATE TRIGGER job_count_delete AFTER DELETE ON idpsync.job_part%1$s REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes();
                CREATE TRIGGER job_count_truncate AFTER TRUNCATE ON idpsync.job_part%1$s FOR EACH STATEMENT EXECUTE FUNCTION idpsync.count_job_changes()', n);
        END IF;
    END LOOP;
END $$;
CALL pg_temp.age('job', ARRAY[now() - interval '600 days', now() - interval '500 days', now() - interval '410 days', now() - interval '300 days']);
CALL pg_temp.age('operation', ARRAY[now() - interval '60 days', now() - interval '50 days', now() - interval '40 days', now() - interval '35 days', now() - interval '3 days']);
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
-- jobs of 700 days, one with an id from elsewhere; operations of 70, and a key
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT CASE WHEN n % 100 = 0 THEN 'foreign ' || n ELSE idpsync.create_id('sync_', at) END, 'maintain', 'application', 't' || n % 5, 'egress', 'auto', 'success', at, at,
       format('{"UserStatistics": {"Created": {"Total": %s}}}', n)::idpsync.job_statistics
FROM generate_series(1, 700) AS n, LATERAL (SELECT date_trunc('milliseconds', now() - n * interval '1 day') AS at) AS a;
INSERT INTO idpsync.foreign_id (created_at, id, kind, tenant_id) SELECT created_at, job_id, 'job', tenant_id FROM idpsync.job WHERE job_id LIKE 'foreign%';
INSERT INTO idpsync.operation (operation_id, tenant_id, method, created_at, created_by, modified_at, done)
SELECT idpsync.create_id('op_', at), 'maintain', 'm', at, 'me', at, true
FROM generate_series(1, 700) AS n, LATERAL (SELECT date_trunc('milliseconds', now() - n * interval '0.1 day') AS at) AS a;
INSERT INTO idpsync.idempotency_key (created_at, request_hash, key, tenant_id, method) SELECT now() - n * interval '1 day', 0, 'key ' || n, 'maintain', 'm' FROM generate_series(1, 20) AS n;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
CREATE TABLE pg_temp.months AS SELECT bucket_start, job_count, statistics::text FROM idpsync.synchronization_job_statistics('maintain', bucket => 'month');
CREATE FUNCTION pg_temp.partitions() RETURNS TABLE (partition text, from_days_ago numeric, to_days_ago numeric, triggers bigint) LANGUAGE sql AS $$
    SELECT regexp_replace(c.relname, '_[0-9][0-9_]+', '_<time>'), CASE WHEN s.start > '-infinity' THEN round(extract(epoch FROM now() - s.start) / 86400) END,
           round(extract(epoch FROM now() - lead(s.start) OVER (PARTITION BY i.inhparent ORDER BY s.start)) / 86400),
           (SELECT count(*) FROM pg_trigger AS t WHERE t.tgrelid = c.oid)
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid CROSS JOIN LATERAL idpsync.partition_start(c.oid) AS s (start)
    WHERE i.inhparent IN ('idpsync.job'::regclass, 'idpsync.operation'::regclass) AND s.start < now() - interval '70 days' ORDER BY i.inhparent::regclass::text, s.start
$$;
SELECT * FROM pg_temp.partitions();
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.log();
SELECT * FROM pg_temp.partitions();
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
SELECT min(extract(day FROM now() - created_at)) AS youngest, max(extract(day FROM now() - created_at)) AS oldest, count(*) = idpsync.count_synchronization_jobs('maintain') AS counted FROM idpsync.job;
SELECT max(extract(day FROM now() - created_at)) AS oldest FROM idpsync.operation;
SELECT max(extract(day FROM now() - created_at)) AS oldest FROM idpsync.idempotency_key;
SELECT count(*) AS differences FROM (TABLE pg_temp.months EXCEPT SELECT bucket_start, job_count, statistics::text FROM idpsync.synchronization_job_statistics('maintain', bucket => 'month')) AS d;
SELECT string_agg(id, ', ' ORDER BY id) AS foreign_ids FROM idpsync.foreign_id;
-- what is retired does not come in again, whoever made its id; what is not retired does
CREATE FUNCTION pg_temp.page(ids text[], days int[]) RETURNS json LANGUAGE sql AS $$
    SELECT json_build_object('SynchronizationJobs', json_agg(json_build_object('SynchronizationJobId', id, 'TargetType', 'application', 'TargetId', 't' || age % 5,
        'Direction', 'egress', 'TriggerType', 'auto', 'Status', 'success', 'StartTime', floor(extract(epoch FROM now() - age * interval '1 day') * 1000)::bigint,
        'Result', json_build_object('UserStatistics', json_build_object('Created', json_build_object('Total', age))))))
    FROM unnest(ids, days) AS j (id, age)
$$;
SELECT name = 'jobs_retired_until' AND value::timestamptz = (SELECT min(idpsync.partition_start(inhrelid)) FILTER (WHERE idpsync.partition_start(inhrelid) > '-infinity')
    FROM pg_inherits WHERE inhparent = 'idpsync.job'::regclass) AS remembered FROM idpsync.store_setting;
BEGIN;
SELECT * FROM idpsync.import_synchronization_jobs('maintain', pg_temp.page('{foreign 700,foreign 600,foreign 300,never seen,seen since}', '{700,600,300,550,310}'));
SELECT * FROM idpsync.import_synchronization_jobs('maintain', pg_temp.page(ARRAY[idpsync.create_id('sync_', now() - interval '600 days'), idpsync.create_id('sync_', now() - interval '320 days'), 'foreign 500'], '{600,320,500}'));
-- a job that is stored is updated, also where its StartTime is of then; the id of a job that is gone may be there still
SELECT * FROM idpsync.import_synchronization_jobs('maintain', pg_temp.page('{foreign 300,seen since,twice,twice}', '{650,310,650,650}'));
INSERT INTO idpsync.foreign_id (created_at, id, kind, tenant_id) VALUES (date_trunc('milliseconds', now() - interval '700 days'), 'foreign 700', 'job', 'maintain');
SELECT * FROM idpsync.import_synchronization_jobs('maintain', pg_temp.page('{foreign 700,seen since}', '{310,310}'));
DELETE FROM idpsync.foreign_id WHERE id = 'foreign 700';
SELECT sum(job_count) - 700 AS more FROM idpsync.synchronization_job_statistics('maintain', bucket => 'month');
-- the owner may want them in again
SELECT idpsync.configure_store('jobs_retired_until', NULL);
SELECT * FROM idpsync.import_synchronization_jobs('maintain', pg_temp.page('{foreign 700}', '{700}'));
SELECT idpsync.configure_store('jobs_retired_until', date_trunc('milliseconds', now() - interval '305 days')::text);
SELECT * FROM idpsync.import_synchronization_jobs('maintain', pg_temp.page('{another,the first that is not,another still}', '{306,305,304}'));
-- a job that another instance has stored is none of this one
SELECT * FROM idpsync.import_synchronization_jobs('neighbour', pg_temp.page('{foreign 700,foreign 300}', '{700,300}'));
SET datestyle = 'SQL, DMY';
SET timezone = 'Asia/Tokyo';
SELECT idpsync.configure_store('jobs_retired_until', '03/02/2020');
SELECT value FROM idpsync.store_setting;
SELECT value, test.refused(format('SELECT idpsync.configure_store(''jobs_retired_until'', %L)', value)) AS answer FROM unnest('{infinity,-infinity,any day now,31/12/1969 23:00+00,01/01/1970 00:00+00}'::text[]) AS value;
ROLLBACK;
-- the first partition again: its history does not come to life
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', at), 'maintain', 'application', 't', 'egress', 'auto', 'running', at, at, '{}' FROM (SELECT date_trunc('milliseconds', now() - interval '900 days') AS at) AS a;
SELECT idpsync.count_synchronization_jobs('maintain') = (SELECT count(*) FROM idpsync.job) AS counted;
-- the owner may want more kept out than what is retired
SELECT idpsync.configure_store('jobs_retired_until', '2200-01-01 00:00+00');
-- what is open keeps its partition, whosever it is
SELECT idpsync.configure_store('job_retention', '200 days'), idpsync.configure_store('operation_retention', '1 day');
INSERT INTO idpsync.operation (operation_id, tenant_id, method, created_at, created_by, modified_at, done)
SELECT idpsync.create_id('op_', at), 'maintain', 'm', at, 'me', at, false FROM (SELECT date_trunc('milliseconds', now() - interval '34 days') AS at) AS a;
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain('1 hour');
SELECT step, CASE WHEN step <> 'fold_counts' THEN rows END AS rows, detail FROM pg_temp.log(); -- months differ in length
UPDATE idpsync.job SET status = 'failed' WHERE status = 'running';
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', at), tenant, 'application', 't', 'egress', 'auto', status, at, at, '{}'
FROM (SELECT date_trunc('milliseconds', now() - interval '900 days') AS at) AS a,
     (VALUES ('a', 'success'::idpsync.job_status), ('m', 'failed'), ('z', 'success'), ('z', 'pending')) AS v (tenant, status);
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.log() WHERE step = 'retire_jobs';
UPDATE idpsync.job SET status = 'running' WHERE status = 'pending';
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.log() WHERE step = 'retire_jobs';
SELECT check_name, regexp_replace(detail, 'before [^,]*, such as "[a-z]*_[^"]*"', 'before <time>, such as "<id>"', 'g') AS detail FROM idpsync.check_store() WHERE NOT ok;
-- the job stays as it was, and ends as any other
SELECT j.status, f.status, f.end_time - j.created_at > '200 days' AS after_its_retention FROM idpsync.job AS j, LATERAL idpsync.report_job_statistics(j.job_id, '{"UserStatistics": {"Created": {"Failed": 1}}}') AS r,
    LATERAL idpsync.finish_synchronization_job(r.synchronization_job_id) AS f WHERE j.status = 'running';
UPDATE idpsync.operation SET done = true WHERE NOT done;
-- so does the operation of a key that is kept
INSERT INTO idpsync.idempotency_key (created_at, request_hash, key, tenant_id, method, operation_id)
SELECT now(), 0, 'kept', tenant_id, 'm', operation_id FROM idpsync.operation ORDER BY created_at LIMIT 1;
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.log();
SELECT check_name, regexp_replace(detail, 'before [^,]*, such as "[a-z]*_[^"]*"', 'before <time>, such as "<id>"', 'g') AS detail FROM idpsync.check_store() WHERE NOT ok;
DELETE FROM idpsync.idempotency_key;
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.log();
SELECT count(*) AS differences FROM (TABLE pg_temp.months EXCEPT SELECT bucket_start, job_count, statistics::text FROM idpsync.synchronization_job_statistics('maintain', bucket => 'month')) AS d;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;

SELECT value FROM idpsync.store_setting WHERE name = 'jobs_retired_until';
SELECT idpsync.configure_store('jobs_retired_until', NULL);

-- a row from the future is well in the last partition, and moves on with it where others are due
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', at), 'maintain', 'application', 't', 'egress', 'auto', 'success', at, at, '{}' FROM (SELECT timestamptz '2200-01-01' AS at) AS a;
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.log();
CALL pg_temp.age('job', ARRAY[now() - interval '30 days', now() - interval '20 days']);
DELETE FROM idpsync.foreign_id;
SELECT idpsync.rebuild_counts(forget_history => true);
INSERT INTO idpsync.job (job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, statistics)
SELECT idpsync.create_id('sync_', at), 'maintain', 'application', 't', 'egress', 'auto', 'success', at, at, '{}' FROM (SELECT date_trunc('milliseconds', now()) AS at) AS a;
SELECT check_name FROM idpsync.check_store() WHERE NOT ok;
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.log();
SELECT CASE WHEN created_at < '2199-01-01' THEN 'now' ELSE 'future' END AS created, regexp_replace(tableoid::regclass::text, '_[0-9][0-9_]+', '_<time>') AS partition FROM idpsync.job ORDER BY created_at;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
DELETE FROM idpsync.job WHERE created_at > '2199-01-01';
-- too many of them are not moved
DELETE FROM idpsync.operation;
CALL pg_temp.age('operation', ARRAY[now() - interval '30 days', now() - interval '20 days']);
INSERT INTO idpsync.operation (operation_id, tenant_id, method, created_at, created_by, modified_at, done)
SELECT idpsync.create_id('op_', at), 'maintain', 'm', at, 'me', at, true FROM (SELECT timestamptz '2200-01-01' AS at) AS a, generate_series(1, 10001);
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.log() WHERE step = 'extend_operations';
DELETE FROM idpsync.operation WHERE operation_id = (SELECT min(operation_id) FROM idpsync.operation);
CALL idpsync.maintain('1 hour');
SELECT rows > 0 AS made, detail FROM pg_temp.log() WHERE step = 'extend_operations';
SELECT tableoid::regclass AS partition, count(*) FROM idpsync.operation GROUP BY 1;
DELETE FROM idpsync.operation;
-- a table of somebody's in the way is told, and keeps the other steps from nothing
ALTER TABLE idpsync.job DETACH PARTITION idpsync.job_last;
ALTER TABLE idpsync.job_last RENAME TO elsewhere;
DELETE FROM idpsync.maintenance_log;
CALL idpsync.maintain('1 hour');
SELECT * FROM pg_temp.log();

-- old sessions go, but the last full synchronization of a container, which the next one depends on
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at, closed_at)
SELECT idpsync.create_id('ses_', at), 'maintain', mode || ' ' || status || ' ' || age, 'AD_SYNC', mode, status, at, at + interval '1 hour', at + interval '1 minute'
FROM unnest('{FULL_SYNC,DELTA}'::idpsync.sync_mode[]) AS mode, unnest('{COMPLETED,FAILED,EXPIRED}'::idpsync.session_status[]) AS status, unnest('{399,401,402}'::int[]) AS age,
     LATERAL (SELECT date_trunc('milliseconds', now() - age * interval '1 day') AS at) AS a WHERE mode = 'DELTA' OR age > 400;
-- so does that of another type; and one that was open for long is as old as its end
INSERT INTO idpsync.session (session_id, tenant_id, agent_id, session_type, sync_mode, status, created_at, expires_at, closed_at)
SELECT idpsync.create_id('ses_', at), 'maintain', agent, type, 'FULL_SYNC', status, at, at + open, at + open
FROM (VALUES ('of another type', 'AD_USER_CONTROL'::idpsync.session_type, 'COMPLETED'::idpsync.session_status, interval '1 minute'), ('long', 'AD_SYNC', 'FAILED', '3 days')) AS v (agent, type, status, open),
     LATERAL (SELECT date_trunc('milliseconds', now() - interval '402 days') AS at) AS a;
CALL idpsync.maintain('1 hour');
SELECT agent_id FROM idpsync.session ORDER BY 1;

-- the log is bounded, but for what is still in the way
INSERT INTO idpsync.maintenance_log (log_id, started_at, finished_at, rows, step, detail) SELECT n + 1000, now(), now(), 0, 'filler', CASE WHEN n = 1 THEN 'blocked: x' END FROM generate_series(1, 2000) AS n;
INSERT INTO idpsync.idempotency_key (created_at, request_hash, key, tenant_id, method) VALUES (now() - interval '1 year', 0, 'old', 'maintain', 'm');
CALL idpsync.maintain('1 hour');
SELECT count(*) FROM idpsync.maintenance_log;
RESET client_min_messages;
DROP TABLE idpsync.elsewhere;
SELECT idpsync.drop_store();
SELECT idpsync.create_store();
