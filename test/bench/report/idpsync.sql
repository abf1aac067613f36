\set n random(100000, :last_session)
SELECT operation_id, status, expires_at, progress_entries
  FROM idpsync.report_session_progress(:head || :n || :tail, :report);
