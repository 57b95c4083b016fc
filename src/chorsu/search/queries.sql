-- name: tune
-- For this transaction: keep scanning the vector index until the filters are satisfied, and give up
-- in time. And have words looked up by their index: the planner takes words it has not counted for
-- common ones, comparing words for as cheap as comparing numbers, and pages that are in memory for
-- dear, and would read tables from their beginning. Says which encoder serves.
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.ef_search', '200', true),
       set_config('random_page_cost', '1', true),
       set_config('cpu_operator_cost', '0.05', true),
       set_config('enable_seqscan', 'off', true),
       set_config('enable_mergejoin', 'off', true),
       set_config('enable_hashjoin', 'off', true),
       set_config('statement_timeout', %(patience_ms)s, true),
       (SELECT id FROM search_encoder WHERE state = 'serving');

-- name: kinds
-- Of these kinds, or of every kind.
(%(kinds)s::varchar[] IS NULL OR document.kind = ANY(%(kinds)s::varchar[]))

-- name: last_year
-- The last year in which a record ran: one that has not ended runs to this day. No first year: null.
CASE WHEN document.year_from IS NOT NULL THEN coalesce(
    document.year_to, greatest(document.year_from, extract(year FROM now())::int)) END

-- name: ran
-- Ran in one of the years asked for.
EXISTS (SELECT 1 FROM unnest(%(years)s::int[]) AS asked(year)
        WHERE asked.year BETWEEN document.year_from AND {last_year})

-- name: meaning
-- How near a passage is in meaning, 0 to 1; 0 where it has no vector (greatest passes over null).
greatest(0, -(vector.vector::halfvec({dimensions}) <#> %(vector)s::halfvec({dimensions})))

-- name: vectors
-- A passage's vector by the encoder that serves.
LEFT JOIN search_vector AS vector ON vector.passage_id = passage.id AND vector.encoder_id = {encoder}

-- name: score
-- A weighted sum of meaning and wording; a title says more in fewer words.
((%(meaning_weight)s * {meaning} + %(wording_weight)s * {wording})
 * CASE WHEN passage.field = 'title' THEN %(title_weight)s ELSE 1 END)

-- name: answering
-- Records that answer, best first. Candidates are the passages nearest in meaning and those with
-- words alike, {{pools}} says among which records; every candidate then gets both scores, whichever
-- way it was found, because a weighted sum needs both. Words that no record the reader may see has
-- are perhaps no words: then the best must be surer. One that is tells that the question has a meaning,
-- and what other languages say to it counts as ever.
WITH candidates AS (
    {pools}
),
scored AS (
    SELECT passage.document_id, max({score}) AS score
    FROM search_passage AS passage {vectors}
    WHERE passage.id IN (SELECT id FROM candidates)
    GROUP BY passage.document_id
)
SELECT document.id, document.kind, document.record_id, document.themes, document.country,
       document.institution_id, document.level, document.languages, document.year_from,
       {last_year} AS last_year, scored.score
FROM scored
JOIN search_document AS document ON document.id = scored.document_id
WHERE scored.score >= greatest(%(least)s, %(least_of_best)s * (
        SELECT max(scored.score)
        FROM scored JOIN search_document AS document ON document.id = scored.document_id
        WHERE {passing}))
  AND ((SELECT max(score) FROM scored) >= %(least_unknown)s OR EXISTS (
        SELECT 1 FROM search_passage AS passage
        JOIN search_document AS document ON document.id = passage.document_id
        WHERE passage.words @@ %(any)s::tsquery AND document.audience = ANY(%(audiences)s)
          AND (%(kinds)s::varchar[] IS NULL OR document.kind = ANY(%(kinds)s::varchar[]))))
ORDER BY scored.score DESC, document.updated_at DESC, document.id;

-- name: likeness
-- How well a passage has the word asked for at this place: 1 if that very word. Most have it in no
-- way, which is told at one look.
(CASE WHEN NOT passage.words @@ %(any{place})s::tsquery THEN 0
      WHEN passage.words @@ %(exact{place})s::tsquery THEN 1
      WHEN passage.words @@ %(longer{place})s::tsquery THEN %(longer)s
      ELSE %(related)s END)

-- name: near
-- The order by the inner product alone lets the encoder's own HNSW index lead, which is chosen
-- because the number of the encoder and the dimensions stand in the statement; its iterative scan
-- goes on until enough rows pass the filters.
(SELECT passage.id
 FROM search_vector AS vector
 JOIN search_passage AS passage ON passage.id = vector.passage_id
 JOIN search_document AS document ON document.id = passage.document_id
 WHERE vector.encoder_id = {encoder} AND {filters}
 ORDER BY vector.vector::halfvec({dimensions}) <#> %(vector)s::halfvec({dimensions})
 LIMIT %(limit)s)

-- name: pool
-- The word index answers for words: passages with all of them, and those with the rare ones, because
-- a common word is in very many. Neither weighs more than a few thousand. Among all records {{unordered}}
-- is `+ 0`: passages in the order of their records are of no use then, or the planner, hoping to have
-- enough soon, reads most of them in that order instead of asking the index.
(SELECT passage.id
 FROM (SELECT passage.id, passage.words
       FROM search_passage AS passage
       JOIN search_document AS document ON document.id = passage.document_id {unordered}
       WHERE passage.words @@ %(all)s::tsquery AND {filters}
       LIMIT %(with_words)s) AS passage
 ORDER BY {wording} DESC, passage.id
 LIMIT %(limit)s)
UNION ALL
(SELECT passage.id
 FROM (SELECT passage.id, passage.words
       FROM search_passage AS passage
       JOIN search_document AS document ON document.id = passage.document_id {unordered}
       WHERE passage.words @@ %(rare)s::tsquery AND {filters}
       LIMIT %(with_words)s) AS passage
 ORDER BY {wording} DESC, passage.id
 LIMIT %(limit)s)

-- name: newest
SELECT document.id, document.kind, document.record_id, document.themes, document.country,
       document.institution_id, document.level, document.languages, document.year_from,
       {last_year} AS last_year, 0.0 AS score
FROM search_document AS document
WHERE document.audience = ANY(%(audiences)s) AND (%(kinds)s::varchar[] IS NULL OR document.kind = ANY(%(kinds)s::varchar[]))
ORDER BY document.updated_at DESC, document.id
LIMIT %(most)s;

-- name: snippets
-- The best passage of each shown record in the language it is shown in.
SELECT DISTINCT ON (passage.document_id)
    passage.document_id, passage.language, passage.field, passage.text
FROM search_passage AS passage {vectors}
WHERE (passage.document_id, passage.language) IN ({shown})
  AND passage.field <> 'title'
ORDER BY passage.document_id, {score} DESC, passage.position;
