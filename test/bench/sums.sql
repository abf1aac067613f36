-- Sums of all counters over one of these tables, written for each as one would. By key the
-- whole document is far slower than by jsonb_each(), since every expression unpacks it again.
CREATE TABLE bench.sum_query (name text PRIMARY KEY, query text NOT NULL);
INSERT INTO bench.sum_query VALUES
    ('idpsync', 'SELECT idpsync.sum(statistics) FROM idpsync.job'),
    ('count', 'SELECT count(*) FROM idpsync.job'),
    ('idpsync by day and target', 'SELECT (created_at AT TIME ZONE ''UTC'')::date, target_id, idpsync.sum(statistics) FROM idpsync.job GROUP BY 1, 2'),
    ('count by day and target', 'SELECT (created_at AT TIME ZONE ''UTC'')::date, target_id, count(*) FROM idpsync.job GROUP BY 1, 2'),
    ('jsonb full', 'SELECT o.key, c.key, sum((c.value -> ''Total'')::bigint), sum((c.value -> ''Success'')::bigint), sum((c.value -> ''Failed'')::bigint), sum((c.value -> ''Skipped'')::bigint)
        FROM bench.sum_jsonb_full, jsonb_each(statistics) o, jsonb_each(o.value) c GROUP BY 1, 2'),
    ('jsonb sparse', 'SELECT o.key, c.key, sum((c.value -> ''Total'')::bigint), sum((c.value -> ''Success'')::bigint), sum((c.value -> ''Failed'')::bigint), sum((c.value -> ''Skipped'')::bigint)
        FROM bench.sum_jsonb_sparse, jsonb_each(statistics) o, jsonb_each(o.value) c GROUP BY 1, 2'),
    ('child rows', 'SELECT object, change, sum(total), sum(success), sum(failed), sum(skipped) FROM bench.child GROUP BY 1, 2');
INSERT INTO bench.sum_query
SELECT 'jsonb sparse by key', 'SELECT ' || string_agg(format('sum((statistics #>> ''{%s,%s,%s}'')::bigint)', object_name, change_name, counter), ', ' ORDER BY cell, n) || ' FROM bench.sum_jsonb_sparse'
  FROM bench.cell, unnest('{Total,Success,Failed,Skipped}'::text[]) WITH ORDINALITY c(counter, n)
UNION ALL
SELECT '96 columns', 'SELECT ' || string_agg(format('sum(c%s_%s)', cell, counter), ', ' ORDER BY cell, n) || ' FROM bench.sum_columns'
  FROM bench.cell, unnest('{total,success,failed,skipped}'::text[]) WITH ORDINALITY c(counter, n);
