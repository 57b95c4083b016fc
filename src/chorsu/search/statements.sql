-- name: tune
-- For this transaction: keep scanning the vector index until the filters are satisfied, and give up
-- in time. `by_index`: have words looked up by their index. The planner takes words it has not counted
-- for common ones, comparing words for as cheap as comparing numbers, and pages that are in memory for
-- dear, and would read tables from their beginning. The more vectors there are, as last counted, the
-- wider the index is searched: 120 find 99 of 100 nearest among 100,000, a million take 1,000. Says which
-- encoder serves.
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.ef_search', (
           SELECT greatest(120, least(1000, reltuples::int / 1000))::text
           FROM pg_class WHERE oid = 'search_vector'::regclass), true),
       CASE WHEN %(by_index)s THEN set_config('random_page_cost', '1', true) END,
       CASE WHEN %(by_index)s THEN set_config('cpu_operator_cost', '0.05', true) END,
       CASE WHEN %(by_index)s THEN set_config('enable_seqscan', 'off', true) END,
       CASE WHEN %(by_index)s THEN set_config('enable_mergejoin', 'off', true) END,
       CASE WHEN %(by_index)s THEN set_config('enable_hashjoin', 'off', true) END,
       set_config('statement_timeout', %(patience_ms)s, true),
       (SELECT id FROM search_encoder WHERE state = 'serving');
