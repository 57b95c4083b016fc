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
-- Records that answer, best first. Candidates are the passages with words alike, found before, and
-- those nearest in meaning, {{near}} says among which records; every candidate then gets both scores,
-- whichever way it was found, because a weighted sum needs both. How those found by words are worded was
-- reckoned when they were. Words that no record the reader may see has
-- are perhaps no words: then the best must be surer. One that is tells that the question has a meaning,
-- and what other languages say to it counts as ever.
WITH candidates AS (
    SELECT id, max(wording) AS wording
    FROM (SELECT * FROM unnest(%(by_words)s::bigint[], %(wordings)s::float8[]) AS met (id, wording)
          {near}) AS found
    GROUP BY id
),
weighed AS (
    SELECT passage.id, passage.document_id, passage.field, {candidate_score} AS score
    FROM candidates AS candidate
    JOIN search_passage AS passage ON passage.id = candidate.id {vectors} OFFSET 0
),
scored AS (
    SELECT document_id, max(score) AS score,
           (array_agg(id ORDER BY score DESC, id) FILTER (WHERE field <> 'title'))[1] AS best
    FROM weighed
    GROUP BY document_id
)
SELECT document.id, document.kind, document.record_id, document.themes, document.country,
       document.institution_id, document.level, document.languages, document.year_from,
       {last_year} AS last_year, document.updated_at, scored.score, scored.best
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
(SELECT passage.id, NULL::float8
 FROM search_vector AS vector
 JOIN search_passage AS passage ON passage.id = vector.passage_id
 JOIN search_document AS document ON document.id = passage.document_id
 WHERE vector.encoder_id = {encoder} AND {filters}
 ORDER BY vector.vector::halfvec({dimensions}) <#> %(vector)s::halfvec({dimensions})
 LIMIT %(nearest)s)

-- name: expected
-- How many records pass, as the planner has counted them: it costs the same however many there are.
EXPLAIN (FORMAT JSON) SELECT FROM search_document AS document WHERE {filters}

-- name: by_word_index
-- Passages are asked for by their words, and each for its record: in no other order, whatever the
-- planner hopes for. It would read most of them in the order of their records, to have enough soon.
CROSS JOIN LATERAL (
           SELECT 1 FROM search_document AS document
           WHERE document.id = passage.document_id AND {filters} OFFSET 0) AS document

-- name: by_record
-- Of the few records that pass, every passage may be looked at.
JOIN search_document AS document ON document.id = passage.document_id AND {filters}

-- name: pool
-- Passages with all the words, and those with the rare ones, because a common word is in very many.
-- Neither weighs more than some hundreds.
(SELECT passage.id, {wording} AS wording
 FROM (SELECT passage.id, passage.words
       FROM search_passage AS passage {records}
       WHERE passage.words @@ %(all)s::tsquery
       LIMIT %(with_words)s) AS passage
 ORDER BY wording DESC, passage.id
 LIMIT %(limit)s)
UNION ALL
(SELECT passage.id, {wording} AS wording
 FROM (SELECT passage.id, passage.words
       FROM search_passage AS passage {records}
       WHERE passage.words @@ %(rare)s::tsquery
       LIMIT %(with_words)s) AS passage
 ORDER BY wording DESC, passage.id
 LIMIT %(limit)s)

-- name: newest
SELECT document.id, document.kind, document.record_id, document.themes, document.country,
       document.institution_id, document.level, document.languages, document.year_from,
       {last_year} AS last_year, document.updated_at, 0.0 AS score, NULL::bigint AS best
FROM search_document AS document
WHERE document.audience = ANY(%(audiences)s)
  AND (%(kinds)s::varchar[] IS NULL OR document.kind = ANY(%(kinds)s::varchar[]))
  AND (%(among)s::bigint[] IS NULL OR document.id = ANY(%(among)s::bigint[]))
ORDER BY document.updated_at DESC, document.id
LIMIT %(most)s;

-- name: snippets
-- For each shown record the passage that answers, in the language the record is shown in: the best
-- of that language if it is nearly as good as the best of all, else what stands at the place of the
-- best (the same field, as far into it), else the best itself, in its own language. The best is sought
-- among the passages of that language and the best candidate of any; where no candidate but a title
-- was, among all. Also whether any of the words asked for stands in the record at all, and in which
-- language's passage they were met.
WITH shown (document_id, language, candidate) AS (VALUES {shown}),
scored AS (
    SELECT passage.*, {weighed} AS score, passage.wording > 0 AS has_words
    FROM (
        SELECT passage.id, passage.document_id, passage.language, passage.field, passage.position,
               {wording} AS wording, {meaning} AS meaning, passage.place
        FROM (
            SELECT passage.*,
                   (row_number() OVER (PARTITION BY document_id, language, field ORDER BY position)
                    - 0.5) / count(*) OVER (PARTITION BY document_id, language, field) AS place
            FROM search_passage AS passage
            WHERE document_id IN (SELECT document_id FROM shown)) AS passage
        JOIN shown ON shown.document_id = passage.document_id
            AND (shown.candidate IS NULL OR shown.candidate = passage.id
                 OR shown.language = passage.language)
        {vectors}) AS passage
),
whole AS (
    SELECT document_id, EXISTS (
        SELECT 1 FROM search_passage AS passage
        WHERE passage.document_id = shown.document_id AND passage.words @@ %(any)s::tsquery
        OFFSET 0) AS by_words
    FROM shown
),
best AS (
    SELECT DISTINCT ON (scored.document_id) scored.*
    FROM scored JOIN shown ON shown.document_id = scored.document_id
    WHERE scored.field <> 'title'
    ORDER BY scored.document_id, scored.score DESC, scored.language <> shown.language,
             scored.position
)
SELECT shown.document_id, passage.language, passage.field, passage.text, whole.by_words,
       CASE WHEN best.has_words THEN best.language ELSE '' END AS words_in
FROM shown
JOIN whole ON whole.document_id = shown.document_id
JOIN best ON best.document_id = shown.document_id
CROSS JOIN LATERAL (
    SELECT scored.id
    FROM scored
    WHERE scored.document_id = shown.document_id AND scored.field <> 'title'
      AND (scored.id = best.id OR scored.language = shown.language AND (
           scored.field = best.field OR scored.score >= %(nearly)s * best.score))
    ORDER BY scored.language <> shown.language,
             scored.score < %(nearly)s * best.score,
             CASE WHEN scored.score >= %(nearly)s * best.score THEN -scored.score
                  ELSE abs(scored.place - best.place) END,
             scored.position
    LIMIT 1) AS chosen
JOIN search_passage AS passage ON passage.id = chosen.id;
