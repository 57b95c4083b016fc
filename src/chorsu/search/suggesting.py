"""What is offered to who types: titles, terms, places, institutions, themes, in any script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from chorsu.institutions.queries import institutions
from chorsu.kernel.text import normalise
from chorsu.records.themes import themes
from chorsu.records.viewer import Viewer
from chorsu.search import suggestions
from chorsu.search.statements import Value, patient, rows, statements

PATIENCE_MS = 500
"""Who types on has no use for what comes later."""
MOST = 2000
"""Titles, places and terms that are ranked; two letters may begin more."""
A_SORT = 3
"""Institutions and themes offered at once; titles take the rest of the room."""

Sort = Literal["title", "place", "term", "institution", "theme"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to choose: `code` is the id of a record or institution, or a theme's code.

    A place and a term have none: the name is what to search for. `kind` is that of the record.
    """

    sort: Sort
    language: str
    text: str
    code: str
    kind: str = ""


def suggest(raw: str, viewer: Viewer, *, kinds: Sequence[str], limit: int) -> list[Suggestion]:
    """What begins as was typed, in the reader's languages where there is a choice.

    Never a word of a record the viewer may not see. One statement. Raises `SearchTooSlow`.
    """
    asked = suggestions.typed(raw)
    if not asked:
        return []
    named = [*_named("institution", _institutions(), asked, viewer)[:A_SORT]]
    named += _named("theme", _themes(), asked, viewer)[:A_SORT]
    shown = " ".join(normalise(raw).split())[: suggestions.MAX_TYPED]
    values: dict[str, Value] = {
        "asked": suggestions.as_tsquery(asked),
        "typed": shown,
        "length": len(shown),
        "audiences": list(viewer.audiences),
        "languages": list(viewer.languages),
        "kinds": list(kinds),
        "most": MOST,
        "limit": limit,
    }
    with patient(PATIENCE_MS):
        found = rows(_SQL["offered"], values)
    offered = [_offered(*cast("tuple[str, str, str, str, str]", row)) for row in found]
    return [*offered[: max(1, limit - len(named))], *named][:limit]


def _offered(field: str, kind: str, language: str, text: str, record_id: str) -> Suggestion:
    if field == "title":
        return Suggestion("title", language, text, record_id, kind)
    return Suggestion("place" if field == "place" else "term", language, text, "")


def _named(
    sort: Sort,
    things: Iterator[tuple[str, Mapping[str, str]]],
    asked: list[list[str]],
    viewer: Viewer,
) -> list[Suggestion]:
    """Things of which a name matches, each by its name in the reader's best such language."""
    found = []
    for code, names in things:
        order = [*viewer.languages, *names]
        match = (tag for tag in order if suggestions.begins(names.get(tag, ""), asked))
        if tag := next(match, None):
            found.append(Suggestion(sort, tag, names[tag], code))
    return found


def _institutions() -> Iterator[tuple[str, Mapping[str, str]]]:
    return ((one.id, one.names) for one in institutions())


def _themes() -> Iterator[tuple[str, Mapping[str, str]]]:
    return ((one.code, one.names) for one in themes())


_SQL = statements("suggesting.sql")
