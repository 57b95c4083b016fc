-- name: stretch
-- The last of some words after the ones already looked at.
SELECT max(id) FROM (
    SELECT id FROM search_shownword WHERE id > %(last)s ORDER BY id LIMIT %(limit)s) AS stretch;

-- name: forget
-- Words of a stretch that no passage has; the word index answers for each.
DELETE FROM search_shownword AS word
WHERE word.id > %(last)s AND word.id <= %(highest)s AND NOT EXISTS (
    SELECT 1 FROM search_passage AS passage
    WHERE passage.words @@ quote_literal(word.folded)::tsquery);
