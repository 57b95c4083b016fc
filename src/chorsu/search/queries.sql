-- name: tune
-- For this transaction: keep scanning the vector index until the filters are satisfied, let a word
-- count as alike from here on, and give up in time.
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.ef_search', '200', true),
       set_config('pg_trgm.word_similarity_threshold', '0.5', true),
       set_config('statement_timeout', %(patience_ms)s, true);

-- name: score
-- A weighted sum of meaning and wording; a title says more in fewer words.
((%(meaning_weight)s * CASE WHEN passage.model = %(model)s
    THEN greatest(0, 1 - (passage.vector <=> %(vector)s::halfvec)) ELSE 0 END
  + %(wording_weight)s * {wording})
 * CASE WHEN passage.field = 'title' THEN %(title_weight)s ELSE 1 END)

-- name: answering
-- Records that answer, best first. Candidates are the passages nearest in meaning and those with
-- words alike, {pools} says among which records; every candidate then gets both scores, whichever
-- way it was found, because a weighted sum needs both.
WITH candidates AS (
    {pools}
),
scored AS (
    SELECT passage.document_id, max({score}) AS score
    FROM search_passage AS passage
    WHERE passage.id IN (SELECT id FROM candidates)
    GROUP BY passage.document_id
)
SELECT document.id, document.kind, document.record_id, document.themes, document.country,
       document.institution_id, document.level, document.languages, document.year, scored.score
FROM scored
JOIN search_document AS document ON document.id = scored.document_id
WHERE scored.score >= %(least)s
ORDER BY scored.score DESC, document.updated_at DESC, document.id;

-- name: pool
-- The order by distance alone lets the HNSW index lead; its iterative scan goes on until enough
-- rows pass the filters. The trigram index answers for words alike.
(SELECT passage.id
 FROM search_passage AS passage
 JOIN search_document AS document ON document.id = passage.document_id
 WHERE passage.model = %(model)s AND {filters}
 ORDER BY passage.vector <=> %(vector)s::halfvec
 LIMIT %(limit)s)
UNION ALL
(SELECT passage.id
 FROM search_passage AS passage
 JOIN search_document AS document ON document.id = passage.document_id
 WHERE ({alike}) AND {filters}
 ORDER BY {wording} DESC, passage.id
 LIMIT %(limit)s)

-- name: newest
SELECT document.id, document.kind, document.record_id, document.themes, document.country,
       document.institution_id, document.level, document.languages, document.year, 0.0 AS score
FROM search_document AS document
WHERE document.audience = ANY(%(audiences)s)
ORDER BY document.updated_at DESC, document.id
LIMIT %(most)s;

-- name: snippets
-- The best passage of each shown record in the language it is shown in.
SELECT DISTINCT ON (passage.document_id)
    passage.document_id, passage.language, passage.field, passage.text
FROM search_passage AS passage
WHERE (passage.document_id, passage.language) IN ({shown})
  AND passage.field <> 'title'
ORDER BY passage.document_id, {score} DESC, passage.position;
