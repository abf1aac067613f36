\set turn :turn + 1
\set n (:turn * :clients + :client_id) % :sessions + 1
\set step (:turn * :clients + :client_id) / :sessions % 1000 + 1
SELECT idpsync.report_session_progress(session_id, entries) FROM soak.agent, soak.report WHERE n = :n AND step = :step;
