-- name: tune
-- For this transaction: keep scanning the vector index until the filters are satisfied, and give up
-- in time. Says which encoder serves.
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.ef_search', '200', true),
       set_config('statement_timeout', %(patience_ms)s, true),
       (SELECT id FROM search_encoder WHERE state = 'serving');
