-- name: centre
-- The middle of all that a record says, in whatever languages; none while nothing has a vector.
SELECT document.id, avg(vector.vector)::text
FROM search_document AS document
JOIN search_passage AS passage ON passage.document_id = document.id
JOIN search_vector AS vector ON vector.passage_id = passage.id AND vector.encoder_id = {encoder}
WHERE document.kind = %(kind)s AND document.record_id = %(record_id)s
  AND document.audience = ANY(%(audiences)s)
GROUP BY document.id;

-- name: similar
-- Records of the same kind whose middle is near. The encoder's vector index leads to their nearest
-- passages; one passage alike (a price, a ministry) makes no record alike, so the middles are
-- compared: by the cosine, because a middle is the shorter the more a record speaks of. What a vector
-- has beyond the encoder's numbers, its hubness, is small beside them and left in.
WITH near AS (
    SELECT passage.document_id,
           vector.vector::halfvec({dimensions}) <#> %(centre)s::halfvec({dimensions}) AS distance
    FROM search_vector AS vector
    JOIN search_passage AS passage ON passage.id = vector.passage_id
    JOIN search_document AS document ON document.id = passage.document_id
    WHERE vector.encoder_id = {encoder} AND document.audience = ANY(%(audiences)s)
      AND document.kind = %(kind)s AND document.id <> %(document)s
    ORDER BY vector.vector::halfvec({dimensions}) <#> %(centre)s::halfvec({dimensions})
    LIMIT %(passages)s
),
candidates AS (
    SELECT document_id FROM near GROUP BY document_id ORDER BY min(distance) LIMIT %(records)s
),
compared AS (
    SELECT passage.document_id, 1 - (avg(vector.vector) <=> %(centre)s::halfvec) AS score
    FROM search_passage AS passage
    JOIN search_vector AS vector
        ON vector.passage_id = passage.id AND vector.encoder_id = {encoder}
    WHERE passage.document_id IN (SELECT document_id FROM candidates)
    GROUP BY passage.document_id
)
SELECT document.record_id::text, compared.score
FROM compared
JOIN search_document AS document ON document.id = compared.document_id
WHERE compared.score >= %(least)s
ORDER BY compared.score DESC, document.updated_at DESC, document.id
LIMIT %(limit)s;
