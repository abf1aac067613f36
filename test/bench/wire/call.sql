\set n random(100000, :last_session)
SELECT idpsync.call('/yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/ReportSessionProgress',
                    '\x0a1e'::bytea || convert_to(:head || :n || :tail, 'UTF8') || :request::bytea);
