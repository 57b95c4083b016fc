"""From one encoder to the next: the old one serves until the new one has a vector for everything.

Rows of `Encoder` say which serves and which is coming, so every process learns it from the
database. A lock held until the end of a transaction keeps order: shared by whoever changes
passages, alone by whoever changes rows. Thus no passage is written by somebody who does not know
of a coming encoder yet.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from chorsu.kernel.clock import utc_now
from chorsu.search.errors import EmbedderTrouble
from chorsu.search.meaning import Choice, Meaning
from chorsu.search.models import Encoder, Vector

logger = logging.getLogger(__name__)
State = Encoder.State
LOCK = 0x63686F72
"""Number of the advisory lock; no other part of Chorsu may use it."""
TIES = "m = 24, ef_construction = 256"
"""Of a passage to its neighbours in the index: with pgvector's own (16, 64) a third of the ten
nearest was missed at a million passages.
"""
FILLED_AT_ONCE = 5000
"""Passages put on a waiting list in one transaction: others wait for it a fraction of a second."""
CLEARED_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Served:
    """An encoder that vectors are made for: its row's id, and what makes them."""

    id: int
    dimensions: int
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Target:
    """An encoder that new passages wait for: the serving one, or the coming one."""

    id: int
    state: str
    audiences: tuple[str, ...]


_known: dict[int, Served] = {}
_serving: list[int] = []
_reading = threading.Lock()


def serving(encoder_id: int | None = None) -> Served | None:
    """The encoder that serves, as this process last knew it, or the one of this id.

    None before the first. Whoever searches asks the database in the same statement which one
    serves (`tune`), and comes back with its id where it is another.
    """
    with _reading:
        wanted = encoder_id if encoder_id is not None else next(iter(_serving), None)
        found = None if wanted is None else _known.get(wanted)
    if found is None:
        rows = Encoder.objects.all()
        rows = rows.filter(state=State.SERVING) if wanted is None else rows.filter(pk=wanted)
        row = rows.first()
        if row is None:
            return None
        found = known(row)
    with _reading:
        _serving[:] = [found.id]
    return found


def last_known() -> Served | None:
    """The encoder that served when this process last looked; the database is not asked."""
    with _reading:
        return _known.get(_serving[0]) if _serving else None


def known(row: Encoder) -> Served:
    """What makes vectors for a row; kept for this process."""
    with _reading:
        if row.pk not in _known:
            meaning = Meaning(Choice(**row.choice), bytes(row.space))
            _known[row.pk] = Served(row.pk, row.dimensions, meaning)
        return _known[row.pk]


def share_lock() -> None:
    """Have no encoder come or go until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


def targets() -> list[Target]:
    """Encoders a new passage waits for, the serving one first; in the caller's transaction.

    On a new node what is set begins to serve. If that can't be loaded there are none: `fill`
    catches up once it can.
    """
    share_lock()
    found = _targets()
    if not found:
        _lock_alone()
        found = _targets()
    if not found:
        try:
            _begin(Meaning.from_settings(), State.SERVING)
        except EmbedderTrouble as trouble:
            logger.warning("nothing gets a vector: %s", trouble)
        found = _targets()
    return found


def _targets() -> list[Target]:
    rows = Encoder.objects.exclude(state=State.LEAVING).order_by("-state")
    return [
        Target(pk, state, tuple(audiences))
        for pk, state, audiences in rows.values_list("id", "state", "audiences")
    ]


def align() -> bool:
    """Have the rows follow this process's settings; whether passages are to be embedded then.

    Another encoder, or another space, comes; the one that was coming leaves, also when the serving
    one is set again. What left keeps its vectors until `clear`, so changing one's mind costs
    nothing. Called where a worker starts: the last that starts decides. Raises `EmbedderTrouble`.
    """
    wanted = Meaning.from_settings()
    dimensions = wanted.dimensions  # loads the encoder: not under the lock
    with transaction.atomic():
        _lock_alone()
        now = utc_now()
        rows = {row.state: row for row in Encoder.objects.exclude(state=State.LEAVING)}
        coming = rows.get(State.COMING)
        if coming is not None and coming.name != wanted.name:
            _move(coming, State.LEAVING, now)
            coming = None
        if State.SERVING not in rows:
            _begin(wanted, State.SERVING, dimensions)
        elif rows[State.SERVING].name != wanted.name and coming is None:
            _begin(wanted, State.COMING, dimensions)
        for row in Encoder.objects.exclude(state=State.LEAVING):
            _heed_audiences(row)
    return fill()


def _begin(meaning: Meaning, state: str, dimensions: int | None = None) -> None:
    now = utc_now()
    row = Encoder.objects.filter(name=meaning.name).first()
    if row is not None:
        _move(row, state, now)
        return
    row = Encoder.objects.create(
        name=meaning.name,
        choice=asdict(meaning.choice),
        space=meaning.space,
        dimensions=dimensions or meaning.dimensions,
        state=state,
        since=now,
        audiences=list(meaning.choice.audiences),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX IF NOT EXISTS {_index(row.pk)} ON search_vector"
            f" USING hnsw ((vector::halfvec({int(row.dimensions)})) halfvec_ip_ops)"
            f" WITH ({TIES}) WHERE encoder_id = {int(row.pk)}"
        )
        cursor.execute(
            f"COMMENT ON INDEX {_index(row.pk)} IS"
            " 'Nearest passages to the vector of a question, by the inner product, for one encoder'"
        )
    found = known(row)
    if state == State.SERVING:
        with _reading:
            _serving[:] = [found.id]


def _move(row: Encoder, state: str, now: datetime, *, filled: bool = False) -> None:
    row.state, row.since, row.filled, row.queued = state, now, filled, 0
    row.save(update_fields=["state", "since", "filled", "queued"])


def _heed_audiences(row: Encoder) -> None:
    """Whose texts an encoder may see is a setting: what it may no more see waits no more."""
    allowed = set(Choice(**row.choice).audiences)
    if set(row.audiences) == allowed:
        return
    row.audiences, row.filled = sorted(allowed), False
    row.save(update_fields=["audiences", "filled"])
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_unembedded AS waiting USING search_passage AS passage,"
            " search_document AS document WHERE waiting.encoder_id = %s"
            " AND passage.id = waiting.passage_id AND document.id = passage.document_id"
            " AND document.audience <> ALL(%s)",
            [row.pk, sorted(allowed)],
        )


_FILL = """
WITH part AS (
    SELECT passage.id, passage.position, passage.has_meaning, document.audience
    FROM search_passage AS passage JOIN search_document AS document
        ON document.id = passage.document_id
    WHERE passage.id > %(after)s ORDER BY passage.id LIMIT %(limit)s
), put AS (
    INSERT INTO search_unembedded (passage_id, encoder_id, position)
    SELECT part.id, %(encoder)s, part.position FROM part
    WHERE part.has_meaning AND part.audience = ANY(%(audiences)s) AND NOT EXISTS (
        SELECT 1 FROM search_vector AS vector
        WHERE vector.passage_id = part.id AND vector.encoder_id = %(encoder)s)
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT max(id) FROM part), (SELECT count(*) FROM put)
"""


def fill() -> bool:
    """Put what an encoder lacks on its waiting list; whether anything was put there.

    Killed in the middle it begins anew, which is quick where it has been. A list is whole only
    then (`filled`): no encoder serves before.
    """
    put = 0
    for row in Encoder.objects.filter(filled=False).exclude(state=State.LEAVING).defer("space"):
        after: int | None = 0
        while after is not None:
            with transaction.atomic(), connection.cursor() as cursor:
                _lock_alone()
                cursor.execute(
                    _FILL,
                    {
                        "after": after,
                        "limit": FILLED_AT_ONCE,
                        "encoder": row.pk,
                        "audiences": row.audiences,
                    },
                )
                after, some = cursor.fetchone()
                Encoder.objects.filter(pk=row.pk).update(
                    queued=F("queued") + some, filled=after is None
                )
            put += some
    return put > 0


def switch() -> bool:
    """Have the coming encoder serve if no passage waits for it any more; whether it does now.

    One transaction: a search sees the old one or the new one, and its vectors only.
    """
    if not Encoder.objects.filter(state=State.COMING, filled=True).exists() or _waits():
        return False
    with transaction.atomic():
        _lock_alone()
        coming = Encoder.objects.filter(state=State.COMING, filled=True).first()
        if coming is None or _waits():
            return False
        now = utc_now()
        for old in Encoder.objects.filter(state=State.SERVING):
            _move(old, State.LEAVING, now)
        _move(coming, State.SERVING, now, filled=True)
    return True


def _waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM search_unembedded AS waiting JOIN search_encoder AS"
            " encoder ON encoder.id = waiting.encoder_id WHERE encoder.state = 'coming')"
        )
        return bool(cursor.fetchone()[0])


def clear(*, left_before: datetime) -> int:
    """Remove vectors and waiting lists of encoders that left before; return how many vectors.

    Not at once: somebody may change their mind, and a search may be under way.
    """
    removed = 0
    for row in Encoder.objects.filter(state=State.LEAVING, since__lt=left_before).defer("space"):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM search_unembedded WHERE encoder_id = %s", [row.pk])
        with transaction.atomic(), connection.cursor() as cursor:
            _lock_alone()
            if not Encoder.objects.filter(pk=row.pk, state=State.LEAVING).exists():
                continue
            # Without its index no query can be led there, and removing rows is cheap.
            cursor.execute(f"DROP INDEX IF EXISTS {_index(row.pk)}")
            Encoder.objects.filter(pk=row.pk).update(name=f"removed {row.pk}")
        removed += _clear_vectors(row.pk)
        Encoder.objects.filter(pk=row.pk).delete()
    return removed


def _clear_vectors(encoder_id: int) -> int:
    removed = 0
    rows = Vector.objects.filter(encoder_id=encoder_id)
    first = rows.order_by("id").values_list("id", flat=True).first()
    last = rows.order_by("-id").values_list("id", flat=True).first()
    if first is None or last is None:
        return 0
    for start in range(first, last + 1, CLEARED_AT_ONCE):
        some = rows.filter(id__gte=start, id__lt=start + CLEARED_AT_ONCE)
        removed += some.delete()[0]
    return removed


def _index(encoder_id: int) -> str:
    return f"search_vector_of_{int(encoder_id)}"


def _lock_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
