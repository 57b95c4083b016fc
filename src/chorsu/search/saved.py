"""Searches that people keep: theirs alone, with secret addresses that need no sign-in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.crypto import constant_time_compare, salted_hmac

from chorsu.institutions.models import Person
from chorsu.institutions.personal import Row, members
from chorsu.institutions.queries import is_member, reading_languages
from chorsu.records.viewer import Viewer
from chorsu.search.errors import NoSuchSavedSearch
from chorsu.search.models import Match, SavedSearch
from chorsu.search.rules import FACET_NAMES, Filters

Purpose = Literal["feed", "stop"]
Alert = SavedSearch.Alert
_TOKEN = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{40})")


@dataclass(frozen=True, slots=True)
class SavedView:
    """A saved search; `person_id` keeps it, `viewer` is that person as a reader, as of now."""

    id: int
    person_id: int
    email: str
    question: str
    filters: Filters
    alert: str
    language: str
    generation: int
    created_at: datetime
    viewer: Viewer

    def token(self, purpose: Purpose) -> str:
        """The secret part of an address: one to read what is new, another to stop the mails.

        Made of the node's secret: nobody reads it from the database, renewing makes another.
        """
        return f"{self.id}-{_mac(self.id, self.generation, purpose)}"


def saved_searches(person: Person) -> list[SavedView]:
    """The searches a person keeps, newest first."""
    rows = SavedSearch.objects.filter(person=person).select_related("person")
    return [_view(row) for row in rows.order_by("-created_at", "-id")]


def all_saved() -> list[SavedView]:
    """The searches of everybody who may sign in."""
    rows = SavedSearch.objects.filter(person__is_active=True).select_related("person")
    return [_view(row) for row in rows.order_by("id")]


def waiting_to_be_mailed(alert: str) -> list[int]:
    """Ids of the saved searches with this sort of alert for which there is something new."""
    rows = SavedSearch.objects.filter(alert=alert, person__is_active=True)
    return list(
        rows.filter(matches__mailed_at=None).order_by("id").distinct().values_list("pk", flat=True)
    )


def saved_by_id(saved_id: int) -> SavedView:
    """The saved search of this id. Raises `NoSuchSavedSearch`."""
    row = SavedSearch.objects.filter(pk=saved_id).select_related("person").first()
    if row is None:
        raise NoSuchSavedSearch
    return _view(row)


def by_token(token: str, purpose: Purpose) -> SavedView:
    """The saved search a secret address belongs to.

    Raises `NoSuchSavedSearch`, also if its person may no longer sign in.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise NoSuchSavedSearch
    rows = SavedSearch.objects.filter(pk=int(match[1]), person__is_active=True)
    row = rows.select_related("person").first()
    if row is None or not constant_time_compare(_mac(row.pk, row.generation, purpose), match[2]):
        raise NoSuchSavedSearch
    return _view(row)


def matches(saved_id: int, *, limit: int) -> list[tuple[str, datetime]]:
    """What was new for a saved search, the newest first: (record id, when it was found)."""
    rows = Match.objects.filter(saved_id=saved_id).order_by("-found_at", "-id")
    return [(str(row.record_id), row.found_at) for row in rows[:limit]]


def kept_on(person: Person) -> list[Row]:
    """The searches a person keeps with what was new for each, for them to take away. Two queries.

    The secret addresses are not in it.
    """
    rows = SavedSearch.objects.filter(person=person).prefetch_related("matches").order_by("pk")
    return [
        {
            **members(row, "question", "filters", "alert", "language", "created_at"),
            "found": [
                members(one, "kind", "record_id", "found_at", "mailed_at")
                for one in row.matches.all()
            ],
        }
        for row in rows
    ]


def filters_of(values: dict[str, list[str]]) -> Filters:
    """Filters as they are kept: names of facets to values."""
    return Filters(
        themes=tuple(values.get("themes", ())),
        countries=tuple(values.get("countries", ())),
        institutions=tuple(values.get("institutions", ())),
        levels=tuple(values.get("levels", ())),
        languages=tuple(values.get("languages", ())),
        years=tuple(int(year) for year in values.get("years", ())),
        kinds=tuple(values.get("kinds", ())),
    )


def filters_to_keep(filters: Filters) -> dict[str, list[str]]:
    """What `filters_of` reads; the same filters give the same, in whatever order they came."""
    kept = {name: sorted({str(one) for one in filters.values(name)}) for name in FACET_NAMES}
    return {name: values for name, values in kept.items() if values}


def viewer_of(person: Person, language: str) -> Viewer:
    """A person as a reader; `language` closes the list of theirs."""
    chosen: Sequence[str] = (*reading_languages(person), language)
    return Viewer(is_member(person), tuple(dict.fromkeys(chosen)))


def _view(row: SavedSearch) -> SavedView:
    return SavedView(
        id=row.pk,
        person_id=row.person_id,
        email=row.person.email,
        question=row.question,
        filters=filters_of(row.filters),
        alert=row.alert,
        language=row.language,
        generation=row.generation,
        created_at=row.created_at,
        viewer=viewer_of(row.person, row.language),
    )


def _mac(saved_id: int, generation: int, purpose: Purpose) -> str:
    salt = f"chorsu.search.saved.{purpose}"
    return salted_hmac(salt, f"{saved_id}:{generation}", algorithm="sha256").hexdigest()[:40]
