"""Indexing: many records that came at once are readable first and found soon after."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from django.db import transaction

from chorsu.harvested.queries import KIND as HARVESTED
from chorsu.harvested.queries import stored_for_search
from chorsu.practices.queries import document_for_search
from chorsu.practices.wire import KIND
from chorsu.search import actions as search
from chorsu.search.rules import DocumentToIndex
from chorsu.training.queries.courses import document_for_search as course_for_search
from chorsu.training.wire.courses import KIND as COURSE

AT_ONCE = 8
"""So many new records are indexed where they are taken in; more wait for a worker."""
DOCUMENTS: Mapping[str, Callable[[str], DocumentToIndex | None]] = {
    KIND: document_for_search,
    COURSE: course_for_search,
    HARVESTED: stored_for_search,
}
"""How a record of a kind is read for search; None: it is there no more."""


def index_some(*, limit: int, pause: Callable[[float], object] = lambda seconds: None) -> int:
    """Take up to `limit` waiting records into the index as they stand now; return how many.

    One transaction a record: a kill or a fault with one loses and holds up no other. After each,
    `pause` is told for how many seconds it kept a processor busy.
    """
    done = 0
    while done < limit:
        begun = time.perf_counter()
        if not _index_one():
            break
        done += 1
        pause(time.perf_counter() - begun)
    return done


@transaction.atomic
def _index_one() -> bool:
    for kind, record_id in search.take_waiting(limit=1):
        document = DOCUMENTS[kind](record_id)
        if document is None:
            search.remove(kind=kind, record_id=record_id)
        else:
            search.index(document)
        return True
    return False


def index_all(practice_ids: Sequence[str]) -> None:
    """Index a few practices at once, many by a worker, in the caller's transaction."""
    if len(practice_ids) > AT_ONCE:
        search.index_later(kind=KIND, record_ids=practice_ids)
        return
    for practice_id in practice_ids:
        document = document_for_search(practice_id)
        if document is not None:
            search.index(document)
