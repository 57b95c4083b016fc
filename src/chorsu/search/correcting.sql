-- name: known
-- In how many passages that the reader may see stands such a word, or one that begins so; counted
-- no further than it matters.
SELECT asked.word, (
    SELECT count(*) FROM (
        SELECT 1
        FROM search_passage AS passage
        JOIN search_document AS document ON document.id = passage.document_id
        WHERE passage.words @@ asked.query::tsquery AND document.audience = ANY(%(audiences)s)
          AND document.kind = ANY(%(kinds)s)
        LIMIT %(enough)s) AS counted)
FROM unnest(%(words)s::text[], %(queries)s::text[]) AS asked(word, query);

-- name: threshold
-- Two letters that changed places leave few groups of three.
SELECT set_config('pg_trgm.similarity_threshold', '0.2', true);

-- name: alike
-- Words that share groups of three letters with what was typed, those that share most first.
SELECT asked.typed, near.folded, near.shown
FROM unnest(%(typed)s::text[], %(spelt)s::text[]) AS asked(typed, spelt)
CROSS JOIN LATERAL (
    SELECT word.folded, word.shown
    FROM search_shownword AS word
    WHERE word.folded %% asked.spelt
      AND length(word.folded) BETWEEN length(asked.spelt) - 2 AND length(asked.spelt) + 2
    ORDER BY similarity(word.folded, asked.spelt) DESC, word.folded
    LIMIT %(most)s) AS near;
