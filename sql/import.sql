-- jobs come in from documented ListSynchronizationJobs responses
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned
CREATE VIEW pg_temp.stored AS
    SELECT job_id, tenant_id, target_type, target_id, direction, trigger_type, status, created_at, start_time, end_time, description, error_code, error_message,
           (SELECT string_agg(format('%s %s %s/%s/%s/%s', object_kind, change_kind, total, success, failed, skipped), ', ') FROM idpsync.entries(statistics)) AS statistics
    FROM idpsync.job ORDER BY tenant_id, job_id;

-- the documented example as it stands: its ids end in a newline
CREATE TEMP TABLE example (document json);
INSERT INTO example VALUES ($${
  "RequestId": "0441BD79-92F3-53AA-8657-F8CE4A2B912A",
  "TotalCount": 100,
  "NextToken": "NTxxxexample",
  "SynchronizationJobs": [
    {
      "SynchronizationJobId": "sync_0000347vjovtcf41li0fgsd98gn24q9njxxxxx\n",
      "TargetType": "identity_provider",
      "TargetId": "idp_my664lwkhpicbyzirog3xxxxx\n",
      "Direction": "ingress",
      "StartTime": 1649830226000,
      "EndTime": 1649830226000,
      "TriggerType": "auto",
      "Status": "success",
      "Result": {
        "UserStatistics": {
          "Created": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Updated": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Binded": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Deleted": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Same": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Pushed": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          }
        },
        "OrganizationalUnitStatistics": {
          "Created": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Updated": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Binded": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Deleted": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Same": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Pushed": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          }
        },
        "GroupStatistics": {
          "Created": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Updated": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Binded": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Deleted": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Same": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Pushed": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          }
        },
        "GroupMemberStatistics": {
          "Created": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Updated": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Binded": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Deleted": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Same": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          },
          "Pushed": {
            "Total": 3,
            "Success": 1,
            "Failed": 1,
            "Skipped": 1
          }
        },
        "ErrorMessage": "内部错误",
        "ErrorCode": "ErrorCodeNotFound"
      }
    }
  ]
}$$);
SELECT i.* FROM example, idpsync.import_synchronization_jobs('idaas_ue2jvisn35ea5lmthk267xxxxx', document) AS i;
\x on
SELECT * FROM pg_temp.stored;
\x off
-- its counters come back as they were
SELECT statistics::jsonb = (document -> 'SynchronizationJobs' -> 0 -> 'Result')::jsonb - 'ErrorCode' - 'ErrorMessage' AS the_same, idpsync.is_balanced(statistics) AS balanced,
       (SELECT count(*) FROM idpsync.entries(statistics)) AS cells, (SELECT count(*) FROM idpsync.entries(statistics) AS e WHERE (e.total, e.success, e.failed, e.skipped) = (3, 1, 1, 1)) AS as_documented
FROM idpsync.job, example;
-- the documented request finds it by its times; the status it asks for is another
SELECT synchronization_job_id, next_token, total_count FROM idpsync.list_synchronization_jobs('idaas_ue2jvisn35ea5lmthk267xxxxx', max_results => 20, page_number => 1, page_size => 10, target_type => 'identity_provider',
    target_ids => ARRAY['idp_my664lwkhpicbyzirog3xxxxx'], start_time => to_timestamp(1649830226), end_time => to_timestamp(1649830226), direction => 'ingress');
SELECT count(*) FROM idpsync.list_synchronization_jobs('idaas_ue2jvisn35ea5lmthk267xxxxx', status => 'running');
-- twice the same changes nothing; nor do two pages with the same job
SELECT test.fingerprint() AS before \gset
SELECT i.* FROM example, idpsync.import_synchronization_jobs('idaas_ue2jvisn35ea5lmthk267xxxxx', document) AS i;
SELECT i.* FROM example, idpsync.import_synchronization_jobs('idaas_ue2jvisn35ea5lmthk267xxxxx', json_build_array(document, document)) AS i;
SELECT test.fingerprint() = :'before' AS nothing_changed;
-- another instance has its own
SELECT i.* FROM example, idpsync.import_synchronization_jobs('another', document) AS i;
SELECT tenant_id, count(*) FROM idpsync.job GROUP BY 1 ORDER BY 1;
SELECT kind, id, tenant_id, created_at FROM idpsync.foreign_id ORDER BY tenant_id;

-- one job, changed
CREATE FUNCTION pg_temp.job(id text, change jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('SynchronizationJobId', id, 'TargetType', 'application', 'TargetId', 't', 'Direction', 'egress',
        'StartTime', 1704067200123, 'TriggerType', 'manual', 'Status', 'running') || change)
$$;
CREATE FUNCTION pg_temp.import(VARIADIC jobs jsonb[]) RETURNS text LANGUAGE sql AS $$
    SELECT format('inserted %s, updated %s, unchanged %s', i.inserted, i.updated, i.unchanged)
    FROM idpsync.import_synchronization_jobs('changed', json_build_object('RequestId', 'r', 'TotalCount', 9, 'NextToken', 'n', 'SynchronizationJobs', to_json(jobs))) AS i
$$;
SELECT pg_temp.import(pg_temp.job('j', '{"Description": "at night"}'));
SELECT pg_temp.import(pg_temp.job('j'));
SELECT pg_temp.import(pg_temp.job('j', '{"Result": {"UserStatistics": {"Created": {"Total": 2, "Success": 2}}}}'));
-- StartTime moves, created_at does not; EndTime comes with the end only
SELECT pg_temp.import(pg_temp.job('j', '{"StartTime": 1704067260000, "EndTime": 1704067300000}'));
SELECT job_id, status, created_at, start_time, end_time, description, statistics FROM pg_temp.stored WHERE tenant_id = 'changed';
SELECT pg_temp.import(pg_temp.job('j', '{"StartTime": 1704067260000, "EndTime": 1704067300000, "Status": "partial_success", "TargetId": "u", "Result": {"GroupStatistics": {"Exported": {"Failed": 1}}, "ErrorCode": "E", "ErrorMessage": "m"}}'));
SELECT job_id, status, target_id, created_at, start_time, end_time, description, error_code, error_message, statistics FROM pg_temp.stored WHERE tenant_id = 'changed';
-- what was not there comes, and nothing else is new
SELECT pg_temp.import(pg_temp.job('v')), pg_temp.import(pg_temp.job('v', '{"Description": "by day"}'));
SELECT description FROM idpsync.job WHERE job_id = 'v';
-- a job of ours keeps its created_at, its operation ends with it
SELECT synchronization_job_id AS id, operation_id AS op FROM idpsync.run_synchronization_job('changed', 'application', 't') \gset
SELECT pg_temp.import(pg_temp.job(:'id', '{"Status": "success", "EndTime": 1704067300000}'));
SELECT status, created_at = idpsync.id_time(job_id) AS created_at, start_time, end_time, operation_id = :'op' AS operation FROM idpsync.job WHERE job_id = :'id';
SELECT done, error_code, test.mask(response::text) AS response FROM idpsync.get_operation(:'op');
SELECT pg_temp.import(pg_temp.job(:'id', '{"Status": "success", "EndTime": 1704067300000}'));
-- one page with new, changed and equal jobs, and the same job twice: the later counts
SELECT pg_temp.import(pg_temp.job('k'), pg_temp.job('l'), pg_temp.job('m'), pg_temp.job('k', '{"Status": "failed"}'), pg_temp.job('j', '{"Status": "partial_success"}'), pg_temp.job('m'));
SELECT job_id, status FROM idpsync.job WHERE tenant_id = 'changed' AND job_id < 's' ORDER BY 1;
-- more than a batch
SELECT pg_temp.import(VARIADIC (SELECT array_agg(pg_temp.job('many ' || n, jsonb_build_object('StartTime', 1704067200000 + n))) FROM generate_series(1, 2500) AS n));
SELECT pg_temp.import(VARIADIC (SELECT array_agg(pg_temp.job('many ' || n, jsonb_build_object('StartTime', 1704067200000 + n, 'Status', CASE WHEN n % 100 = 0 THEN 'success' ELSE 'running' END))) FROM generate_series(1, 2600) AS n));
SELECT count(*), count(DISTINCT job_id) AS ids, count(*) FILTER (WHERE status = 'success') AS success, bool_and(created_at = start_time) AS created_at FROM idpsync.job WHERE job_id ~ '^many';
-- the same job at the end of a batch and at the start of the next
SELECT pg_temp.import(VARIADIC (SELECT array_agg(pg_temp.job('twice ' || to_char(least(n, 1000), 'FM0000'), jsonb_build_object('StartTime', 1704067200000 - n, 'Status', CASE n WHEN 1001 THEN 'failed' ELSE 'running' END))) FROM generate_series(1, 1001) AS n));
SELECT job_id, status, created_at, start_time FROM idpsync.job WHERE job_id IN ('twice 0999', 'twice 1000') ORDER BY 1;
-- batches of new and stored jobs, with ids of ours and from elsewhere, some of them twice
CREATE TEMP TABLE mixed AS SELECT n, CASE WHEN n % 3 = 0 THEN idpsync.create_id('sync_', '2024-01-01Z'::timestamptz + n * interval '1 minute') ELSE 'mixed ' || n END AS id FROM generate_series(1, 1500) AS n;
SELECT pg_temp.import(VARIADIC (SELECT array_agg(pg_temp.job(id) ORDER BY n) FROM mixed WHERE n % 2 = 0));
SELECT pg_temp.import(VARIADIC (SELECT array_agg(pg_temp.job(id, CASE WHEN n % 10 = 0 THEN '{"Status": "failed"}' ELSE '{}' END::jsonb) ORDER BY n) FROM (SELECT * FROM mixed UNION ALL SELECT * FROM mixed WHERE n <= 100) AS m));
SELECT count(*), count(DISTINCT j.job_id) AS ids, count(*) FILTER (WHERE status = 'failed') AS failed, bool_and(created_at = coalesce(idpsync.id_time(j.job_id), start_time)) AS created_at
FROM idpsync.job AS j JOIN (SELECT DISTINCT id FROM mixed) AS m ON m.id = j.job_id;
-- a document may be empty, its own page, or pages of pages; unset values may be null or missing
SELECT d, i.* FROM unnest(ARRAY['[]', '{"SynchronizationJobs": []}', '[{"SynchronizationJobs": []}, {"SynchronizationJobs": [], "NextToken": null, "RequestId": {"any": ["thing"]}}]',
    '{"SynchronizationJobs": [{"SynchronizationJobId": " \t n1 \n", "TargetType": "application", "TargetId": "t", "Direction": "egress", "StartTime": 1, "EndTime": 0, "TriggerType": "auto", "Status": "failed", "Description": "", "Result": null}]}',
    '{"SynchronizationJobs": [{"SynchronizationJobId": "n2", "TargetType": "application", "TargetId": "t", "Direction": "egress", "StartTime": 1.0, "EndTime": null, "TriggerType": "auto", "Status": "success", "Description": null, "Result": {"UserStatistics": null, "ErrorCode": null, "ErrorMessage": ""}}]}'
    ]) AS d, idpsync.import_synchronization_jobs('empty', d::json) AS i;
SELECT job_id, created_at, end_time, description, error_code, error_message, statistics FROM pg_temp.stored WHERE tenant_id = 'empty';
SELECT count(*) AS faults FROM idpsync.check_store() WHERE NOT ok;

-- a status does not go back, and no part of such a document is stored
SELECT test.fingerprint() AS before \gset
SELECT change, test.refused(format('SELECT pg_temp.import(pg_temp.job(''new''), pg_temp.job(''j'', %L))', change)) AS answer
FROM unnest(ARRAY['{"Status": "running"}', '{"Status": "pending"}', '{"Status": "success"}', '{"Status": "failed"}']) AS change;
-- what is no such document, with the path of what is wrong
SELECT document, test.refused(format('SELECT * FROM idpsync.import_synchronization_jobs(''bad'', %L)', document)) AS answer FROM unnest(ARRAY[
    'null', '7', '"x"', '{}', '[7]', '[[]]', '{"SynchronizationJobs": null}', '{"SynchronizationJobs": {}}', '{"SynchronizationJobs": [7]}', '{"SynchronizationJobs": [null]}', '{"synchronizationJobs": []}',
    '{"SynchronizationJobs": [], "SynchronizationJobs": []}', '{"SynchronizationJobs": [], "Jobs": []}', '{"SynchronizationJobs": [{}]}', '[{"SynchronizationJobs": []}, {"SynchronizationJobs": [{}]}]']) AS document;
SELECT change, test.refused(format('SELECT * FROM idpsync.import_synchronization_jobs(''bad'', %L)', json_build_object('SynchronizationJobs', json_build_array(pg_temp.job('good'), pg_temp.job('bad') || change::jsonb)))) AS answer FROM unnest(ARRAY[
    '{"SynchronizationJobId": ""}', '{"SynchronizationJobId": " \n "}', '{"SynchronizationJobId": null}', '{"SynchronizationJobId": 7}', '{"TargetId": ""}', '{"TargetType": "tenant"}', '{"TargetType": null}', '{"TargetType": 1}', '{"Direction": "Ingress"}', '{"TriggerType": ""}', '{"Status": "done"}',
    '{"StartTime": null}', '{"StartTime": 0}', '{"StartTime": -1}', '{"StartTime": 1.5}', '{"StartTime": "2024-01-01"}', '{"StartTime": 253402300800000}', '{"StartTime": 9223372036854775808}', '{"EndTime": {}}', '{"EndTime": -5}',
    '{"Description": 7}', '{"Result": []}', '{"Result": {"Users": {}}}', '{"Result": {"ErrorCode": 7}}', '{"Result": {"UserStatistics": []}}', '{"Result": {"UserStatistics": {"Created": 3}}}', '{"Result": {"UserStatistics": {"Created": {"Success": -1}}}}',
    '{"Result": {"GroupStatistics": {"Created": {"Success": 1.5}}}}', '{"Result": {"GroupStatistics": {"Created": {"Success": 9223372036854775808}}}}', '{"Result": {"GroupStatistics": {"Renamed": {}}}}', '{"Result": {"GroupStatistics": {"Created": {"Succeeded": 1}}}}', '{"Unknown": 1}']) AS change;
-- jsonb would have lost what json keeps: duplicate keys, a NUL byte, lone surrogates
SELECT part, test.refused(format('SELECT * FROM idpsync.import_synchronization_jobs(''bad'', %L)', '{"SynchronizationJobs": [{' || part || '}]}')) AS answer FROM unnest(ARRAY[
    '"SynchronizationJobId": "a", "SynchronizationJobId": "a"', '"SynchronizationJobId": "a\u0000"', '"SynchronizationJobId": "\ud800"', '"Result": {"UserStatistics": {}, "UserStatistics": {}}', '"Result": {"UserStatistics": {"Same": {}, "Same": {}}}', '"Result": {"UserStatistics": {"Same": {"Total": 1, "Total": 1}}}']) AS part;
SELECT field, length, test.refused(format('SELECT pg_temp.import(pg_temp.job(''long'', %L))', jsonb_build_object(field, repeat('ö', length)))) AS answer
FROM (VALUES ('SynchronizationJobId', 65), ('TargetId', 65), ('Description', 257)) AS v (field, length);
SELECT field, length, test.refused(format('SELECT pg_temp.import(pg_temp.job(''long'', %L))', jsonb_build_object('Result', jsonb_build_object(field, repeat('ö', length))))) AS answer
FROM (VALUES ('ErrorCode', 257), ('ErrorMessage', 10001)) AS v (field, length);
SELECT call, test.refused('SELECT * FROM idpsync.import_synchronization_jobs(' || call || ')') AS answer FROM unnest(ARRAY['NULL, ''[]''', ''''', ''[]''', 'repeat(''ö'', 65), ''[]''', '''i'', NULL']) AS call;
SELECT test.fingerprint() = :'before' AS nothing_changed;
-- and what just fits
SELECT pg_temp.import(pg_temp.job(E' \n' || repeat('ö', 64) || E'\r\n ', jsonb_build_object('TargetId', repeat('ö', 64), 'Description', repeat('ö', 256), 'StartTime', 1,
    'Result', jsonb_build_object('ErrorCode', repeat('ö', 256), 'ErrorMessage', repeat('ö', 10000)))));

DELETE FROM idpsync.operation;
DELETE FROM idpsync.job;
DELETE FROM idpsync.foreign_id;

-- each id is looked up by itself, though the plans were made while there was none; settings stay as they are
VACUUM idpsync.foreign_id;
CREATE FUNCTION pg_temp.scans() RETURNS bigint LANGUAGE sql AS $$ SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = 'idpsync.foreign_id'::regclass $$;
SELECT pg_temp.import(pg_temp.job('one')), pg_temp.import(pg_temp.job('one'));
BEGIN;
SELECT pg_temp.scans() AS before \gset
SELECT pg_temp.import(VARIADIC (SELECT array_agg(pg_temp.job('many ' || n % 2000)) FROM generate_series(1, 3000) AS n));
SELECT pg_temp.scans() - :before AS scans;
ROLLBACK;
SELECT test.refused($$SELECT pg_temp.import(pg_temp.job('one', '{"Status": "failed"}'), pg_temp.job('one'))$$);
SHOW enable_seqscan;
DELETE FROM idpsync.job;
DELETE FROM idpsync.foreign_id;

-- an import under a key: repeated, it leaves alone what a later one has changed; another document is refused
SELECT * FROM idpsync.import_synchronization_jobs('keyed', '{"SynchronizationJobs": [{"SynchronizationJobId": "k1", "TargetType": "application",
    "TargetId": "t", "Direction": "egress", "StartTime": 1700000000000, "TriggerType": "auto", "Status": "running"}]}', 'import 1');
SELECT * FROM idpsync.import_synchronization_jobs('keyed', '{"SynchronizationJobs": [{"SynchronizationJobId": "k1", "TargetType": "application",
    "TargetId": "t", "Direction": "egress", "StartTime": 1700000000000, "TriggerType": "auto", "Status": "failed"}]}');
SELECT * FROM idpsync.import_synchronization_jobs('keyed', '{"SynchronizationJobs": [{"SynchronizationJobId": "k1", "TargetType": "application",
    "TargetId": "t", "Direction": "egress", "StartTime": 1700000000000, "TriggerType": "auto", "Status": "running"}]}', 'import 1');
SELECT status FROM idpsync.get_synchronization_job('k1', 'keyed');
SELECT * FROM idpsync.import_synchronization_jobs('keyed', '{"SynchronizationJobs": []}', 'import 1');
DELETE FROM idpsync.idempotency_key WHERE tenant_id::text = 'keyed';
DELETE FROM idpsync.job WHERE tenant_id::text = 'keyed';
DELETE FROM idpsync.foreign_id WHERE tenant_id::text = 'keyed';
-- a StartTime from the future is refused by the path, a clock that is a little ahead is not
SELECT ahead, replace(test.refused(format('SELECT * FROM idpsync.import_synchronization_jobs(''future'', %L)', json_build_object('SynchronizationJobs', json_build_array(
        pg_temp.job('now')::json, pg_temp.job('ahead', jsonb_build_object('StartTime', floor(extract(epoch FROM clock_timestamp() + ahead) * 1000)::bigint))::json)))), chr(10), ' |') AS answer
FROM unnest('{23 hours 59 minutes,24 hours 1 minute,70000000 hours}'::interval[]) AS ahead;
SELECT replace(test.refused(format('SELECT * FROM idpsync.import_synchronization_jobs(''future'', %L)', json_build_object('SynchronizationJobs', json_build_array(
        pg_temp.job(idpsync.create_id('sync_', now() + interval '2 days'))::json)))), chr(10), ' |') AS answer;
DELETE FROM idpsync.job WHERE tenant_id::text = 'future';
DELETE FROM idpsync.foreign_id WHERE tenant_id::text = 'future';
-- the counts have kept up
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok AND check_name = 'counts';
