"""Two people saved the same draft: what differs, field by field, and putting it together again.

A *unit* is what is taken whole from one side: a field of words, a fact, or a group of rows with
its words (`indicators`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from django.utils.safestring import SafeString

from chorsu.practices.diff import diff_text
from chorsu.practices.rules import Facts, Words, with_refused
from chorsu.practices.shapes import DraftVersionView, DraftView
from chorsu.web.practice_history import to_html
from chorsu.web.writing.labels import Text, name_of
from chorsu.web.writing.shown import shown

RECORD = ("audience", "licence", "note")
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class Copy:
    """All that is saved of a draft at once, as it was typed."""

    words: Words
    facts: Facts
    record: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Clash:
    """A unit that differs: both sides, with what each changed marked. `both` changed it."""

    unit: str
    name: Text
    mine: SafeString
    theirs: SafeString
    both: bool
    picked: str
    own_words: bool


def copy_of(draft: DraftView) -> Copy:
    """What is saved now, as it was typed."""
    record = {name: getattr(draft, name) for name in RECORD}
    if "note" in draft.refused:
        record["note"] = draft.refused["note"]
    return typed_copy(draft, record)


def typed_copy(saved: DraftView | DraftVersionView, record: Mapping[str, str]) -> Copy:
    """A save as it was typed: what the rules refused stands in its place again."""
    words, facts = with_refused(saved.words, saved.facts, saved.refused)
    return Copy(cast("Words", words), cast("Facts", facts), record)


def clashes(mine: Copy, theirs: Copy, base: DraftVersionView | None) -> list[Clash]:
    """The units in which the two differ, in the order of the page.

    `base` is the save from which both began; without it (it is too old) both count as changed.
    """
    start = typed_copy(base, {}) if base else None
    found = []
    for unit in units(mine, theirs):
        ours, other = value(mine, unit), value(theirs, unit)
        if ours == other:
            continue
        before = value(start, unit) if start and unit not in RECORD else None
        both = before is None or (ours != before and other != before)
        text = {side: shown(unit, one) for side, one in ((MINE, ours), (THEIRS, other))}
        first = shown(unit, before) if before is not None else text[THEIRS]
        found.append(
            Clash(
                unit=unit,
                name=name_of(unit),
                mine=to_html(diff_text(first, text[MINE])),
                theirs=to_html(diff_text(first, text[THEIRS])),
                both=both,
                picked=MINE if both or ours != before else THEIRS,
                own_words=unit not in mine.facts and unit not in RECORD,
            )
        )
    return found


def merged(mine: Copy, theirs: Copy, picks: Mapping[str, str]) -> Copy:
    """Each unit from the side that was picked for it; mine where nothing was."""
    words: Words = {}
    facts: dict[str, object] = {}
    record: dict[str, str] = {}
    for unit in units(mine, theirs):
        side = theirs if picks.get(unit) == THEIRS else mine
        words |= {name: text for name, text in side.words.items() if _unit(name) == unit}
        if unit in side.facts:
            facts[unit] = _facts(side)[unit]
        if unit in side.record:
            record[unit] = side.record[unit]
    return Copy(words, cast("Facts", facts), record)


def units(mine: Copy, theirs: Copy) -> list[str]:
    """All units of either side."""
    names = [*mine.words, *theirs.words]
    return list(dict.fromkeys([*map(_unit, names), *mine.facts, *RECORD]))


def value(side: Copy, unit: str) -> object:
    """What a side has for a unit: (words, fact), the note's text, or empty."""
    if unit in RECORD:
        return side.record.get(unit, "")
    words = {name: text for name, text in side.words.items() if _unit(name) == unit}
    return words, _facts(side).get(unit)


def _unit(name: str) -> str:
    return name if name.startswith("files.") else name.split(".")[0]


def _facts(side: Copy) -> Mapping[str, object]:
    return side.facts
