\set turn :turn + 1
\set n :turn * :clients + :client_id
SELECT idpsync.open_session('container-' || :n::int, 'agent-' || :n::int || '.example.com', 'AD_SYNC');
