-- name: nearest
-- Passages nearest in meaning that the reader may see and the filters allow. The order by distance
-- alone lets the HNSW index lead; its iterative scan goes on until enough rows pass the filters.
SELECT passage.id
FROM search_passage AS passage
JOIN search_document AS document ON document.id = passage.document_id
WHERE passage.model = %(model)s
  AND {filters}
ORDER BY passage.vector <=> %(vector)s::halfvec
LIMIT %(limit)s;

-- name: similar_words
-- Passages that hold words like those asked for; `<%` is answered by the trigram index.
SELECT passage.id
FROM search_passage AS passage
JOIN search_document AS document ON document.id = passage.document_id
WHERE ({words})
  AND {filters}
ORDER BY {score} DESC, passage.id
LIMIT %(limit)s;

-- name: score
-- Both scores of every candidate, whichever way it was found: a weighted sum needs both.
SELECT
    passage.id,
    passage.document_id,
    passage.language,
    passage.field,
    CASE WHEN passage.model = %(model)s
         THEN 1 - (passage.vector <=> %(vector)s::halfvec) ELSE 0 END AS meaning,
    {score} AS wording
FROM search_passage AS passage
WHERE passage.id = ANY(%(ids)s);

-- name: answers
-- The passages of the shown records in the languages they will be shown in, scored alike.
SELECT
    passage.document_id,
    passage.language,
    passage.field,
    passage.text,
    CASE WHEN passage.model = %(model)s
         THEN 1 - (passage.vector <=> %(vector)s::halfvec) ELSE 0 END AS meaning,
    {score} AS wording
FROM search_passage AS passage
WHERE (passage.document_id, passage.language) IN ({shown})
  AND passage.field <> 'title'
ORDER BY passage.document_id, passage.position;

-- name: tune
-- For this transaction: keep scanning the vector index until the filters are satisfied, and let a
-- word count as alike from here on.
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.ef_search', '200', true),
       set_config('pg_trgm.word_similarity_threshold', '0.5', true),
       set_config('statement_timeout', '4000', true);
