-- name: alike
-- Words of the vocabulary that may be a term's, with how they were come by (lexicon._TYPED ...), and
-- in a row of term -1 half of how many passages there are. Slips are looked for only where the word itself,
-- or one of the same stem, is unknown: a word that exists was meant.
WITH direct AS MATERIALIZED (
    SELECT asked.term, asked.how, known.word, known.stem, known.passages
    FROM unnest(%(words_term)s::int[], %(words_how)s::int[], %(words_word)s::text[])
         AS asked(term, how, word)
    JOIN search_word AS known ON known.word = asked.word
    UNION ALL
    SELECT asked.term, asked.how, known.word, known.stem, known.passages
    FROM unnest(%(stems_term)s::int[], %(stems_how)s::int[], %(stems_language)s::text[],
                %(stems_stem)s::text[]) AS asked(term, how, language, stem)
    CROSS JOIN LATERAL (
        SELECT word, stem, passages FROM search_word
        WHERE stem = asked.stem AND language = asked.language LIMIT %(most)s) AS known
)
SELECT -1, -1, '', '', (greatest(reltuples, 0) / 2)::int FROM pg_class
WHERE oid = 'search_passage'::regclass
UNION ALL
SELECT * FROM direct
UNION ALL
SELECT asked.term, {sound}, known.word, known.stem, known.passages
FROM unnest(%(sounds_term)s::int[], %(sounds_sound)s::text[]) AS asked(term, sound)
CROSS JOIN LATERAL (
    SELECT word, stem, passages FROM search_word
    WHERE sound = asked.sound AND sound <> '' LIMIT %(most)s) AS known
UNION ALL
SELECT asked.term, {beginning}, known.word, known.stem, known.passages
FROM unnest(%(ranges_term)s::int[], %(ranges_low)s::text[], %(ranges_high)s::text[])
     AS asked(term, low, high)
CROSS JOIN LATERAL (
    SELECT word, stem, passages FROM search_word
    WHERE word >= asked.low AND word < asked.high
    ORDER BY passages DESC NULLS LAST, word LIMIT %(most)s) AS known
{slips};

-- name: slip
UNION ALL
(SELECT {place}, {how}, word, stem, passages FROM search_word
 WHERE slips && %(slips{place})s::int[]
   AND NOT EXISTS (SELECT FROM direct WHERE term = {place})
 LIMIT %(most)s)

-- name: learn
-- Which of these words a language's passages have not had before.
SELECT asked.language, asked.word
FROM unnest(%s::text[], %s::text[]) AS asked(language, word)
WHERE NOT EXISTS (SELECT FROM search_word AS known
                  WHERE known.word = asked.word AND known.language = asked.language);

-- name: forget
-- Words that no passage has any more go, lest an erased name stays. Those that another transaction
-- holds are left to the nightly count: nobody waits, so nobody waits in a ring.
DELETE FROM search_word WHERE id IN (
    SELECT known.id
    FROM unnest(%s::text[], %s::text[]) AS asked(language, word)
    JOIN search_word AS known ON known.word = asked.word AND known.language = asked.language
    WHERE NOT EXISTS (SELECT FROM search_passage AS passage
                      WHERE passage.words @@ quote_literal(asked.word)::tsquery
                        AND passage.language = asked.language)
    ORDER BY known.id FOR UPDATE OF known SKIP LOCKED);

-- name: words_of
-- The words of a record's passages, by language.
SELECT DISTINCT passage.language, word
FROM search_passage AS passage, unnest(tsvector_to_array(passage.words)) AS word
WHERE passage.document_id = %s;

-- name: languages
SELECT DISTINCT language FROM search_word
UNION SELECT DISTINCT language FROM search_passage;

-- name: count
-- How many passages of a language have each word; words that none has, and twins, go.
WITH counted AS MATERIALIZED (
    SELECT word, ndoc FROM ts_stat(format(
        'SELECT words FROM search_passage WHERE language = %%L', %(language)s))
),
gone AS (
    DELETE FROM search_word AS known WHERE known.language = %(language)s
    AND (NOT EXISTS (SELECT FROM counted WHERE counted.word = known.word)
         OR EXISTS (SELECT FROM search_word AS twin WHERE twin.word = known.word
                    AND twin.language = known.language AND twin.id < known.id))
    RETURNING known.id
)
UPDATE search_word AS known SET passages = counted.ndoc
FROM counted
WHERE known.word = counted.word AND known.language = %(language)s
  AND known.id NOT IN (SELECT id FROM gone)
  AND (known.passages IS NULL OR abs(known.passages - counted.ndoc) > 0.1 * known.passages);

-- name: uncounted
SELECT count(*) FILTER (WHERE passages IS NULL), count(*) FROM search_word;
