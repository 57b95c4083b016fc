"""Indexing: many records that came at once are readable first and found soon after."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

from django.db import transaction

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
    if taken is None:
        return None, False
    try:
        with transaction.atomic():
            _index(*taken)
    except Exception:
        logger.exception("not indexed: %s %s", *taken)
        search.put_back(*taken)
        return taken, False
    return taken, True


def _index(kind: str, record_id: str) -> None:
    document = DOCUMENTS[kind](record_id)
    if document is None:
        search.remove(kind=kind, record_id=record_id)
    else:
        search.index(document)


def index_few() -> None:
    """Take what waits into the index if that is little; a worker takes in more."""
    if not search.more_records_wait_than(AT_ONCE):
        index_some(limit=AT_ONCE)
