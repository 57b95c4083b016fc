-- name: centre
-- The middle of all that a record says, in whatever languages; none while nothing has a vector.
SELECT document.id, avg(passage.vector)::text
FROM search_document AS document
JOIN search_passage AS passage ON passage.document_id = document.id
WHERE document.kind = %(kind)s AND document.record_id = %(record_id)s
  AND document.audience = ANY(%(audiences)s) AND passage.model = %(model)s
GROUP BY document.id;

-- name: similar
-- Records of the same kind whose middle is near. The vector index leads to their nearest passages;
-- one passage alike (a price, a ministry) makes no record alike, so the middles are compared.
WITH near AS (
    SELECT passage.document_id, passage.vector <=> %(centre)s::halfvec AS distance
    FROM search_passage AS passage
    JOIN search_document AS document ON document.id = passage.document_id
    WHERE passage.model = %(model)s AND document.audience = ANY(%(audiences)s)
      AND document.kind = %(kind)s AND document.id <> %(document)s
    ORDER BY passage.vector <=> %(centre)s::halfvec
    LIMIT %(passages)s
),
candidates AS (
    SELECT document_id FROM near GROUP BY document_id ORDER BY min(distance) LIMIT %(records)s
),
compared AS (
    SELECT passage.document_id, 1 - (avg(passage.vector) <=> %(centre)s::halfvec) AS score
    FROM search_passage AS passage
    WHERE passage.document_id IN (SELECT document_id FROM candidates)
      AND passage.model = %(model)s
    GROUP BY passage.document_id
)
SELECT document.record_id::text, compared.score
FROM compared
JOIN search_document AS document ON document.id = compared.document_id
WHERE compared.score >= %(least)s
ORDER BY compared.score DESC, document.updated_at DESC, document.id
LIMIT %(limit)s;
