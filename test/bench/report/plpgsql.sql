\set n random(100000, :last_session)
SELECT operation_id, status, expires_at, progress
  FROM bench.report(:head || :n || :tail, :report);
