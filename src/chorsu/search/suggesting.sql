-- name: offered
-- Titles, places and terms of which every typed word begins a word: in the reader's languages first,
-- then those that begin as was typed, then the shorter. One of a record's titles; of a name, one.
WITH matching AS (
    SELECT suggestion.document_id, suggestion.field, suggestion.language, suggestion.text,
           coalesce(array_position(%(languages)s::varchar[], suggestion.language), 99) AS rank
    FROM search_suggestion AS suggestion
    JOIN search_document AS document ON document.id = suggestion.document_id
    WHERE suggestion.beginnings @@ %(asked)s::tsquery
      AND document.audience = ANY(%(audiences)s) AND document.kind = ANY(%(kinds)s)
    LIMIT %(most)s
),
once AS (
    SELECT DISTINCT ON (CASE WHEN field = 'title' THEN document_id::text ELSE text END) *
    FROM matching
    ORDER BY CASE WHEN field = 'title' THEN document_id::text ELSE text END, rank, language
)
SELECT once.field, document.kind, once.language, once.text, document.record_id::text
FROM once
JOIN search_document AS document ON document.id = once.document_id
ORDER BY once.field <> 'title',
         lower(left(once.text, %(length)s)) <> lower(%(typed)s), once.rank, length(once.text),
         document.updated_at DESC, document.id
LIMIT %(limit)s;
