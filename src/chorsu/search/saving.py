"""Keeping searches, and noting what is new for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.kernel.text import normalise
from chorsu.search.asking import read_query
from chorsu.search.errors import NoSuchSavedSearch, NothingToSave, TooManySaved
from chorsu.search.models import Document, Encoder, Match, SavedSearch, Unembedded
from chorsu.search.rules import Filters
from chorsu.search.saved import filters_to_keep

MOST_SAVED = 50
"""Searches one person keeps: each is asked for every new record."""
MAX_QUESTION = 500
MATCHES_KEPT = timedelta(days=365)


def save(
    *,
    person: Person,
    question: str,
    filters: Filters,
    alert: str,
    language: str,
    now: datetime,
) -> int:
    """Keep a search; keeping the same again sets its alert anew. Returns its id.

    Raises `NothingToSave` and `TooManySaved`.
    """
    asked = " ".join(normalise(question).split())[:MAX_QUESTION].strip()
    if read_query(asked).empty and (asked or not filters.any):
        raise NothingToSave
    kept = filters_to_keep(filters)
    digest = hashlib.sha256(json.dumps([asked, kept], sort_keys=True).encode()).hexdigest()
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)  # two tabs: one after the other
        own = SavedSearch.objects.filter(person=person)
        row = own.filter(digest=digest).first()
        if row is not None:
            own.filter(pk=row.pk).update(alert=SavedSearch.Alert(alert))
            return row.pk
        if own.count() >= MOST_SAVED:
            raise TooManySaved
        return SavedSearch.objects.create(
            person=person,
            question=asked,
            filters=kept,
            digest=digest,
            alert=SavedSearch.Alert(alert),
            language=language,
            created_at=now,
        ).pk


def set_alert(*, person: Person, saved_id: int, alert: str) -> None:
    """Choose when to be told. Raises `NoSuchSavedSearch`, and ValueError for no such choice."""
    rows = SavedSearch.objects.filter(person=person, pk=saved_id)
    if not rows.update(alert=SavedSearch.Alert(alert)):
        raise NoSuchSavedSearch


@transaction.atomic
def renew(*, person: Person, saved_id: int, now: datetime) -> None:
    """Give a saved search new secret addresses; the old ones lead nowhere any more.

    Raises `NoSuchSavedSearch`.
    """
    row = SavedSearch.objects.select_for_update().filter(person=person, pk=saved_id).first()
    if row is None:
        raise NoSuchSavedSearch
    row.generation += 1
    row.save(update_fields=["generation"])
    # What somebody searches for is theirs: the log says that, not what.
    record_event(
        person=person,
        action="person.feed_renewed",
        subject_kind="person",
        subject_id=person.email,
        detail={},
        now=now,
    )


def remove(*, person: Person, saved_id: int) -> None:
    """Keep a search no longer; nothing if the person keeps none such."""
    SavedSearch.objects.filter(person=person, pk=saved_id).delete()


def stop(*, saved_id: int) -> None:
    """Send no more mails for a saved search; its page and feed stay."""
    SavedSearch.objects.filter(pk=saved_id).update(alert=SavedSearch.Alert.NEVER)


def unannounced(kind: str, *, limit: int) -> list[tuple[int, str, datetime]]:
    """(index id, record id, when it came) of new records that are found by meaning too by now."""
    waiting = Unembedded.objects.filter(
        passage__document=OuterRef("pk"), encoder__state=Encoder.State.SERVING
    )
    ready = Document.objects.filter(~Exists(waiting), kind=kind, announced=False)
    found = ready.order_by("id").values_list("pk", "record_id", "came_at")[:limit]
    return [(pk, str(record_id), came_at) for pk, record_id, came_at in found]


def note_matches(*, saved_id: int, kind: str, record_ids: Sequence[str], now: datetime) -> None:
    """Note what is new for a saved search; what was noted before stays as it is."""
    rows = [
        Match(saved_id=saved_id, kind=kind, record_id=record_id, found_at=now)
        for record_id in record_ids
    ]
    with transaction.atomic():
        # The person may have dropped the search meanwhile.
        if SavedSearch.objects.select_for_update().filter(pk=saved_id).exists():
            Match.objects.bulk_create(rows, ignore_conflicts=True)


def announced(document_ids: Sequence[int]) -> None:
    """These records were held against every saved search."""
    Document.objects.filter(pk__in=document_ids).update(announced=True)


@transaction.atomic
def mail(
    *,
    saved_id: int,
    alert: str,
    now: datetime,
    send: Callable[[Sequence[tuple[int, str]]], bool],
) -> bool:
    """Tell of what is new for a saved search by `send`, once; True if a mail went out.

    `send` gets (match id, record id), oldest first, and returns whether there was anything the
    person may still see. If it raises, all stays to be told. A kill between sending and commit
    repeats the mail under the same Message-ID: better twice than never.
    """
    rows = SavedSearch.objects.select_for_update(skip_locked=True, of=("self",))
    saved = rows.filter(pk=saved_id, alert=alert, person__is_active=True).first()
    if saved is None:
        return False
    new = Match.objects.filter(saved=saved, mailed_at=None).order_by("id")
    told = [(row.pk, str(row.record_id)) for row in new]
    sent = bool(told) and send(told)
    Match.objects.filter(pk__in=[pk for pk, _ in told]).update(mailed_at=now)
    return sent


def forget_old_matches(*, now: datetime) -> int:
    """Drop what was new long ago; return how many."""
    gone, _ = Match.objects.filter(found_at__lt=now - MATCHES_KEPT).delete()
    return gone
