\set turn :turn + 1
\set n (:turn * :clients + :client_id) % :sessions + 1
SELECT idpsync.heartbeat(session_id) FROM soak.agent WHERE n = :n;
