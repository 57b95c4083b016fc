"""The practice that a unit shows: the one chosen, and others found by what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chorsu.flows.finding import find
from chorsu.kernel.text import normalise
from chorsu.practices import queries
from chorsu.practices.shapes import PracticeCard
from chorsu.records.viewer import Viewer
from chorsu.search.errors import SearchTooSlow
from chorsu.search.rules import Filters
from chorsu.web.cards import Card, cards

MOST = 8


@dataclass(frozen=True, slots=True)
class PracticeChoices:
    """`chosen`: the id that is kept; `card` is None if it may not be seen (any more)."""

    chosen: str
    card: Card | None
    found: Sequence[Card]
    is_searched: bool


def practice_choices(chosen: str, asked: str, viewer: Viewer) -> PracticeChoices:
    """What the page offers. `asked` finds practices; without it only the chosen one is shown."""
    question = normalise(asked)[:500]
    own = queries.practices_by_id([chosen], viewer) if chosen else {}
    found = [card for card in _found(question, viewer) if card.id != chosen] if question else []
    shown = cards([*own.values(), *found])
    return PracticeChoices(
        chosen=chosen,
        card=shown[0] if own else None,
        found=shown[len(own) :],
        is_searched=bool(question),
    )


def _found(question: str, viewer: Viewer) -> list[PracticeCard]:
    try:
        answers = find(question, viewer, Filters(), offset=0, limit=MOST)
    except SearchTooSlow:
        return []
    return [one.card for one in answers.practices]
