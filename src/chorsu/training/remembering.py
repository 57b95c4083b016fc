"""When a key point is asked for again: FSRS (open-spaced-repetition), by the package `fsrs`. Pure.

A point is known by its words: by a mark of them, for no key of its own travels with a course.

The scheduler runs with the weights of its package and aims at nine in ten remembered. It is not
fuzzed: the same answers give the same days on every machine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from functools import lru_cache
from hashlib import sha256

from fsrs import Card, Rating, Scheduler, State

FIRST_AFTER = timedelta(days=1)
"""A new card is asked for on the day after its unit: what was read a moment ago is no memory."""
RATINGS = (1, 2, 3, 4)
"""again, hard, good, easy"""
_SCHEDULER = Scheduler(enable_fuzzing=False)
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+", re.MULTILINE)
_SECONDS_A_DAY = 86_400
_ALIKE = 0.7
"""From this share of letters in common on, a point that came is one that went, in other words."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What FSRS knows of a card; `stability` in days, `difficulty` 1 to 10, None: never asked."""

    state: int
    step: int | None
    stability: float | None
    difficulty: float | None
    due_at: datetime
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Point:
    """A key point as a card: what is asked, empty if the point is no question; what is right."""

    question: str
    answer: str

    @property
    def mark(self) -> str:
        """Of the words, as long as more than spaces and capitals of them stays."""
        return _mark(self)


def points(key_points: str) -> list[Point]:
    """The key points of a unit, from Markdown: the items of its list, else its paragraphs.

    `What is a quorum? Half of the members.` asks what stands up to the question mark.
    """
    parts = _ITEM.split(key_points) if _ITEM.search(key_points) else key_points.split("\n\n")
    found = []
    for text in (part.strip() for part in parts):
        if not text:
            continue
        match = re.match(r"([^?？\n]{3,300}[?？])\s*(\S.*)", text, re.DOTALL)
        found.append(Point(match[1], match[2]) if match else Point("", text))
    return found


def reworded(before: Sequence[Point], after: Sequence[Point]) -> dict[str, str]:
    """Mark of a point that a revision says no more -> mark of what it says in its place: the words
    are alike, and the figures in them the same. The most alike first, each once.
    """
    old = {one.mark: _plain(one) for one in before}
    new = {one.mark: _plain(one) for one in after}
    gone, come = set(old) - set(new), set(new) - set(old)
    pairs = sorted(
        (-_alike(old[was], new[now]), list(old).index(was), was, now)
        for was in gone
        for now in come
    )
    found: dict[str, str] = {}
    for likeness, _place, was, now in pairs:
        if -likeness >= _ALIKE and was not in found and now not in found.values():
            found[was] = now
    return found


@lru_cache(maxsize=4096)
def _mark(point: Point) -> str:
    return sha256(_plain(point).encode()).hexdigest()[:16]


def _plain(point: Point) -> str:
    words = unicodedata.normalize("NFKC", f"{point.question} {point.answer}")
    return " ".join(words.casefold().split())


def _alike(one: str, other: str) -> float:
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return 0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def begun(now: datetime) -> Memory:
    """A card of a unit that was done now."""
    return Memory(State.Learning.value, 0, None, None, now + FIRST_AFTER, None)


def reviewed(memory: Memory, rating: int, now: datetime) -> Memory:
    """The card after an answer; `rating` is one of `RATINGS`."""
    card, _log = _SCHEDULER.review_card(_card(memory), Rating(rating), now)
    return Memory(
        State(card.state).value, card.step, card.stability, card.difficulty, card.due, now
    )


def next_in(memory: Memory, now: datetime) -> dict[int, timedelta]:
    """Rating -> after how long the card would come again."""
    return {rating: reviewed(memory, rating, now).due_at - now for rating in RATINGS}


def days_since(memory: Memory, now: datetime) -> float | None:
    """Days since the review before; None of a card never reviewed."""
    if memory.reviewed_at is None:
        return None
    return (now - memory.reviewed_at).total_seconds() / _SECONDS_A_DAY


def _card(memory: Memory) -> Card:
    return Card(
        card_id=1,
        state=State(memory.state),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due_at,
        last_review=memory.reviewed_at,
    )
