"""Two people saved the same thing: what differs, part by part, and putting it together again.

A *unit* is what is taken whole from one side: a field of words, a fact, or a group of rows with
its words. A `Layout` says what the units of a kind of record are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.safestring import SafeString

from chorsu.web.drafting.marking import marked

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class Copy:
    """All that is saved at once, as it was typed; `record` is said about it, outside its facts."""

    words: Mapping[str, str]
    facts: Mapping[str, object]
    record: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """The units of a kind of record.

    `unit_of` names the unit of a field of words; `shown` gives a unit's `value` as lines of text.
    `follows`: what comes along with another unit -> that unit, and nobody is asked about twice.
    """

    record: tuple[str, ...]
    unit_of: Callable[[str], str]
    name_of: Callable[[str], str | Promise]
    shown: Callable[[str, object], str]
    follows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clash:
    """A unit that differs: both sides, with what each changed marked. `both` changed it."""

    unit: str
    name: str | Promise
    mine: SafeString
    theirs: SafeString
    both: bool
    picked: str
    own_words: bool


def clashes(mine: Copy, theirs: Copy, base: Copy | None, layout: Layout) -> list[Clash]:
    """The units in which the two differ, in the order of the page.

    `base` is the save from which both began; without it (it is too old) both count as changed.
    """
    found = []
    for unit in units(mine, theirs, layout):
        ours, other = value(mine, unit, layout), value(theirs, unit, layout)
        if ours == other or _follows(unit, mine, theirs, layout):
            continue
        told = unit in layout.record
        before = value(base, unit, layout) if base and not told else None
        both = before is None or (ours != before and other != before)
        text = {side: layout.shown(unit, one) for side, one in ((MINE, ours), (THEIRS, other))}
        first = layout.shown(unit, before) if before is not None else text[THEIRS]
        found.append(
            Clash(
                unit=unit,
                name=layout.name_of(unit),
                mine=marked(first, text[MINE]),
                theirs=marked(first, text[THEIRS]),
                both=both,
                picked=MINE if both or ours != before else THEIRS,
                own_words=unit not in {*mine.facts, *theirs.facts} and not told,
            )
        )
    return found


def merged(mine: Copy, theirs: Copy, picks: Mapping[str, str], layout: Layout) -> Copy:
    """Each unit from the side that was picked for it; mine where nothing was."""
    words: dict[str, str] = {}
    facts: dict[str, object] = {}
    record: dict[str, str] = {}
    for unit in units(mine, theirs, layout):
        asked = unit if unit in picks else layout.follows.get(unit, unit)
        side = theirs if picks.get(asked) == THEIRS else mine
        words |= _words(side, unit, layout)
        if unit in side.facts:
            facts[unit] = side.facts[unit]
        if unit in side.record:
            record[unit] = side.record[unit]
    return Copy(words, facts, record)


def units(mine: Copy, theirs: Copy, layout: Layout) -> list[str]:
    """All units of either side."""
    names = map(layout.unit_of, [*mine.words, *theirs.words])
    return list(dict.fromkeys([*names, *mine.facts, *theirs.facts, *layout.record]))


def value(side: Copy, unit: str, layout: Layout) -> object:
    """What a side has for a unit: (words, fact), what `record` says, or empty."""
    if unit in layout.record:
        return side.record.get(unit, "")
    return _words(side, unit, layout), side.facts.get(unit)


def picked(posted: Mapping[str, object]) -> dict[str, str]:
    """Unit -> side, as the page of a conflict posts them."""
    return {
        name.removeprefix("pick-"): side
        for name, side in posted.items()
        if name.startswith("pick-") and isinstance(side, str)
    }


def _follows(unit: str, mine: Copy, theirs: Copy, layout: Layout) -> bool:
    """Whether the unit that this one goes along with differs, so that it is asked about there."""
    lead = layout.follows.get(unit)
    return lead is not None and value(mine, lead, layout) != value(theirs, lead, layout)


def _words(side: Copy, unit: str, layout: Layout) -> dict[str, str]:
    return {name: text for name, text in side.words.items() if layout.unit_of(name) == unit}
