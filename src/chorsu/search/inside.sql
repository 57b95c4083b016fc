-- name: inside
-- Every passage of one record with what it has of the question; a record has some hundreds at most.
SELECT passage.language, passage.field, passage.position, passage.text, {score} AS score,
       {wording} > 0 AS has_words
FROM search_passage AS passage {vectors}
JOIN search_document AS document ON document.id = passage.document_id
WHERE document.kind = %(kind)s AND document.record_id = %(record_id)s
  AND document.audience = ANY(%(audiences)s)
ORDER BY passage.language, passage.position;
