"""A draft of a practice saved by two people: what its units are."""

from __future__ import annotations

from collections.abc import Mapping

from chorsu.practices.rules import with_refused
from chorsu.practices.shapes import DraftVersionView, DraftView
from chorsu.web.drafting.merging import Copy, Layout
from chorsu.web.writing.labels import name_of
from chorsu.web.writing.shown import shown

RECORD = ("audience", "licence", "note")


def copy_of(draft: DraftView) -> Copy:
    """What is saved now, as it was typed."""
    record = {name: getattr(draft, name) for name in RECORD}
    if "note" in draft.refused:
        record["note"] = draft.refused["note"]
    return typed_copy(draft, record)


def typed_copy(saved: DraftView | DraftVersionView, record: Mapping[str, str]) -> Copy:
    """A save as it was typed: what the rules refused stands in its place again."""
    words, facts = with_refused(saved.words, saved.facts, saved.refused)
    return Copy({name: str(text) for name, text in words.items()}, facts, record)


def _unit(name: str) -> str:
    return name if name.startswith("files.") else name.split(".")[0]


LAYOUT = Layout(record=RECORD, unit_of=_unit, name_of=name_of, shown=shown)
