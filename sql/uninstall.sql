-- out again: the store first, then the extension; the schema stays with its owner
SET search_path = '';
SET client_min_messages = warning;
SELECT result FROM idpsync.open_session('uninstall', 'agent', 'AD_SYNC');
SELECT status FROM idpsync.run_synchronization_job('uninstall', 'application', 't');
-- DROP EXTENSION takes nobody's data
SELECT split_part(test.refused('DROP EXTENSION idpsync'), E'\n', 1);
SELECT count(*) AS sessions FROM idpsync.list_sessions('uninstall');
-- nor does anything else of the extension go while it is used
SELECT split_part(test.refused('DROP TYPE idpsync.session_status'), E'\n', 1) ~ '^2BP01' AS refused;
SELECT idpsync.drop_store();
SELECT c.relkind, count(*) FROM pg_catalog.pg_class AS c WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p', 'v') GROUP BY 1;
DROP EXTENSION idpsync;
SELECT nspname, pg_catalog.pg_get_userbyid(nspowner) = current_user AS ours FROM pg_catalog.pg_namespace WHERE nspname = 'idpsync';
SELECT (SELECT count(*) FROM pg_catalog.pg_proc WHERE pronamespace = 'idpsync'::regnamespace) AS functions,
       (SELECT count(*) FROM pg_catalog.pg_type WHERE typnamespace = 'idpsync'::regnamespace) AS types,
       (SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = 'idpsync'::regnamespace) AS relations,
       (SELECT count(*) FROM pg_catalog.pg_operator WHERE oprnamespace = 'idpsync'::regnamespace) AS operators;
-- and in again, in the same session: what the library has kept is made anew
CREATE EXTENSION idpsync;
SELECT idpsync.create_store();
SELECT result, status FROM idpsync.open_session('again', 'agent', 'AD_SYNC');
SELECT progress_entries FROM idpsync.report_session_progress((SELECT session_id FROM idpsync.session), '[{"object_type": "USER", "change_info": [{"change_type": "CREATE", "successful": 1}]}]');
SELECT status FROM idpsync.run_synchronization_job('again', 'application', 't');
SELECT status, total_count FROM idpsync.list_synchronization_jobs('again', status => 'pending');
SELECT status FROM idpsync.list_sessions('again', filter => 'status = "OPENED"');
SELECT count(*) AS faults FROM idpsync.check_store() WHERE NOT ok;
SELECT idpsync.drop_store();
DROP EXTENSION idpsync;
DROP SCHEMA idpsync;
DROP SCHEMA test CASCADE;
