"""Indexing: many records that came at once are readable first and found soon after."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from django.db import DatabaseError, transaction

from chorsu.harvested.queries import KIND as HARVESTED
from chorsu.harvested.queries import stored_for_search
from chorsu.practices.queries import document_for_search
from chorsu.practices.wire import KIND
from chorsu.search import actions as search
from chorsu.search.rules import DocumentToIndex
from chorsu.training.queries.courses import document_for_search as course_for_search
from chorsu.training.wire.courses import KIND as COURSE

logger = logging.getLogger(__name__)
AT_ONCE = 8
"""So many new records are indexed where they are taken in, once they can be read."""
DOCUMENTS: Mapping[str, Callable[[str], DocumentToIndex | None]] = {
    KIND: document_for_search,
    COURSE: course_for_search,
    HARVESTED: stored_for_search,
}
"""How a record of a kind is read for search; None: it is there no more."""


def index_some(*, limit: int, pause: Callable[[float], object] = lambda seconds: None) -> int:
    """Take up to `limit` waiting records into the index as they stand now; return how many.

    One transaction a record: a kill loses no other, and one that cannot be indexed goes to the end
    of the list, to be tried another time. After each, `pause` is told for how many seconds it kept
    a processor busy.
    """
    done = 0
    failed: set[tuple[str, str]] = set()
    while done < limit:
        begun = time.perf_counter()
        taken, indexed = _index_one()
        if taken is None or taken in failed:
            break
        if indexed:
            done += 1
        else:
            failed.add(taken)
        pause(time.perf_counter() - begun)
    return done


@transaction.atomic
def _index_one() -> tuple[tuple[str, str] | None, bool]:
    """(kind, id) of the next that waits, None if none does, and whether it could be indexed."""
    taken = next(iter(search.take_waiting(limit=1)), None)
    return taken, taken is not None and _index_taken(*taken)


def _index_taken(kind: str, record_id: str) -> bool:
    try:
        with transaction.atomic():
            _index(kind, record_id)
    except Exception:
        logger.exception("not indexed: %s %s", kind, record_id)
        search.put_back(kind, record_id)
        return False
    return True


def _index(kind: str, record_id: str) -> None:
    document = DOCUMENTS[kind](record_id)
    if document is None:
        search.remove(kind=kind, record_id=record_id)
    else:
        search.index(document)


def index_now(kind: str, record_ids: Sequence[str]) -> None:
    """Take a few that wait into the index before all others; a worker takes in more.

    For records that can be read since a moment ago. One that a worker has already is left to it,
    and one that the database does not take now: what was published is not to fail by that.
    """
    for record_id in record_ids if len(record_ids) <= AT_ONCE else ():
        try:
            with transaction.atomic():
                if search.take_up(kind=kind, record_id=record_id):
                    _index_taken(kind, record_id)
        except DatabaseError:
            logger.exception("left to a worker: %s %s", kind, record_id)
