"""Vectors for what waits: workers take passages off one list, on as many machines as there are.

No transaction is open while an encoder works: a passage is *taken* for a time, and what a killed
worker had taken is free again when that has passed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from pgvector import HalfVector

from chorsu.kernel.clock import utc_now
from chorsu.search import switching
from chorsu.search.errors import EmbedderTrouble, TextRefused
from chorsu.search.models import EmbeddedMinute, Encoder, Passage, Unembedded, Vector

logger = logging.getLogger(__name__)
BATCH = 8
"""Passages taken at once: some two seconds' work, so that little is lost by a kill."""
TAKEN_FOR = timedelta(minutes=3)
"""Longer than a batch takes on a busy machine, or from a slow server."""
MOST_TWINS = 1000
"""Passages of the same words that take a vector over in the same transaction."""
MINUTES_KEPT = timedelta(hours=1)
_TAKE = """
WITH next AS (
    SELECT waiting.id FROM search_unembedded AS waiting
    WHERE waiting.encoder_id = %(encoder)s
      AND (waiting.taken_until IS NULL OR waiting.taken_until < %(now)s)
    ORDER BY waiting.position, waiting.passage_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE search_unembedded AS waiting SET taken_until = %(until)s
FROM next, search_passage AS passage, search_document AS document
WHERE waiting.id = next.id AND passage.id = waiting.passage_id
  AND document.id = passage.document_id
RETURNING waiting.id, passage.id, passage.hash, passage.language, passage.text, document.audience
"""
_KNOWN = """
SELECT known.hash, known.vector::text
FROM unnest(%(hashes)s::varchar[]) AS asked(hash) CROSS JOIN LATERAL (
    SELECT passage.hash, vector.vector
    FROM search_passage AS passage JOIN search_vector AS vector
        ON vector.passage_id = passage.id AND vector.encoder_id = %(encoder)s
    WHERE passage.hash = asked.hash LIMIT 1) AS known
"""
# Whoever drops a passage has locked it: then it is let go. Nobody waits for anybody here.
_GIVE = """
WITH given AS (
    SELECT passage.id, made.vector
    FROM unnest(%(hashes)s::varchar[], %(vectors)s::text[]) AS made(hash, vector)
    JOIN search_passage AS passage ON passage.hash = made.hash
    JOIN search_unembedded AS waiting
        ON waiting.passage_id = passage.id AND waiting.encoder_id = %(encoder)s
    ORDER BY waiting.id <> ALL(%(taken)s::bigint[])
    LIMIT %(most)s FOR KEY SHARE OF passage SKIP LOCKED
), put AS (
    INSERT INTO search_vector (passage_id, encoder_id, vector)
    SELECT given.id, %(encoder)s, given.vector::halfvec FROM given ON CONFLICT DO NOTHING
)
DELETE FROM search_unembedded AS waiting USING given
WHERE waiting.passage_id = given.id AND waiting.encoder_id = %(encoder)s
"""


@dataclass(frozen=True, slots=True)
class _Taken:
    waiting_id: int
    passage_id: int
    hash: str
    language: str
    text: str
    audience: str


def queue(
    passages: Sequence[Passage],
    target: switching.Target,
    known: Mapping[str, str],
    *,
    audience: str,
) -> int:
    """Give new passages of a record known vectors, put the others on the list; how many those are.

    In the caller's transaction.
    """
    with_meaning = [passage for passage in passages if passage.has_meaning]
    have = [passage for passage in with_meaning if passage.hash in known]
    Vector.objects.bulk_create(
        [
            Vector(
                passage=passage,
                encoder_id=target.id,
                vector=HalfVector.from_text(known[passage.hash]),
            )
            for passage in have
        ]
    )
    if audience not in target.audiences:
        return 0
    lack = [passage for passage in with_meaning if passage.hash not in known]
    Unembedded.objects.bulk_create(
        [
            Unembedded(passage=passage, encoder_id=target.id, position=passage.position)
            for passage in lack
        ]
    )
    return len(lack)


def known_vectors(hashes: Sequence[str], encoder_id: int) -> dict[str, str]:
    """A vector by this encoder, as text, for each hash that has any."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"hashes": sorted(set(hashes)), "encoder": encoder_id})
        return dict(cursor.fetchall())


def embed_waiting(limit: int) -> int:
    """Give some `limit` waiting passages (and all of the same words) vectors; return how many.

    Titles come first, then summaries, then the rest. Several workers may do this at once: each
    takes what no other has. The serving encoder's list comes first, then that of the coming one,
    which serves as soon as its list is empty. Raises `EmbedderTrouble`, after letting go what was
    taken.
    """
    done = 0
    rows = Encoder.objects.exclude(state=Encoder.State.LEAVING).order_by("-state")
    for row in rows.defer("space"):
        while done < limit:
            taken = _take(row.pk, min(BATCH, limit - done))
            if not taken:
                break
            done += _embed(switching.known(row), taken)
    if done < limit and switching.switch():
        logger.info("another encoder serves from now on")
    return done


def more_wait_than(passages: int) -> bool:
    """Whether more than so many vectors are to be made."""
    rows = Unembedded.objects.exclude(encoder__state=Encoder.State.LEAVING)
    return rows[: passages + 1].count() > passages


def _take(encoder_id: int, limit: int) -> list[_Taken]:
    now = utc_now()
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {"encoder": encoder_id, "limit": limit, "now": now, "until": now + TAKEN_FOR},
        )
        return [_Taken(*row) for row in cursor.fetchall()]


def _embed(encoder: switching.Served, taken: Sequence[_Taken]) -> int:
    """Give the taken passages vectors; return how many had theirs settled, twins included."""
    allowed = encoder.meaning.choice.audiences
    by_hash = {one.hash: one for one in taken if one.audience in allowed}
    vectors = known_vectors(list(by_hash), encoder.id)
    unknown = [one for one in by_hash.values() if one.hash not in vectors]
    try:
        vectors |= _vectors(encoder, unknown)
    except EmbedderTrouble:
        Unembedded.objects.filter(pk__in=[one.waiting_id for one in taken]).update(taken_until=None)
        raise
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _GIVE,
            {
                "hashes": list(vectors),
                "vectors": list(vectors.values()),
                "encoder": encoder.id,
                "taken": [one.waiting_id for one in taken],
                "most": MOST_TWINS,
            },
        )
        given = int(cursor.rowcount)
        refused = [one.waiting_id for one in taken if one.hash not in vectors]
        Unembedded.objects.filter(pk__in=refused).delete()
    _count(given)
    return max(given, len(taken))


def _vectors(encoder: switching.Served, unknown: Sequence[_Taken]) -> dict[str, str]:
    """Vectors as text by hash; none for a text that the encoder does not take."""
    if not unknown:
        return {}
    try:
        rows = encoder.meaning.passages(
            [one.text for one in unknown], [one.language for one in unknown]
        )
    except TextRefused as refused:
        if len(unknown) > 1:
            found: dict[str, str] = {}
            for one in unknown:
                found |= _vectors(encoder, [one])
            return found
        logger.warning("passage %d has no vector: %s", unknown[0].passage_id, refused)
        return {}
    return {
        one.hash: "[" + ",".join(f"{x:.6f}" for x in row) + "]"
        for one, row in zip(unknown, rows, strict=True)
    }


def _count(passages: int) -> None:
    """Count what was made, apart from the work itself: nobody waits for another's batch."""
    minute = utc_now().replace(second=0, microsecond=0)
    row, made = EmbeddedMinute.objects.get_or_create(minute=minute)
    EmbeddedMinute.objects.filter(pk=row.pk).update(passages=F("passages") + passages)
    if made:
        EmbeddedMinute.objects.filter(minute__lt=minute - MINUTES_KEPT).delete()
