"""The write page in parts: what its template draws, each control with the remarks on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms

from chorsu.practices.shapes import DraftView
from chorsu.records.shapes import CommentView
from chorsu.web.drafting.controls import Label
from chorsu.web.drafting.rows import RowFields
from chorsu.web.drafting.talking import open_thread
from chorsu.web.writing.forms import DraftForm
from chorsu.web.writing.labels import LABELS, SECTIONS, Section
from chorsu.web.writing.rows import COLUMNS

# Units that are drawn by a template of their own: name -> kind of block.
_KINDS = {**dict.fromkeys(COLUMNS, "rows"), "themes": "themes", "sdg_goals": "goals"}
_SHORT = ("year_from", "year_to")
_HALF = (*_SHORT, "country", "place", "level", "status", "cost", "duration")


@dataclass(frozen=True, slots=True)
class Block:
    """One control, or a group of them; `kind` is field, rows, themes, goals or files."""

    kind: str
    name: str
    label: Label | None
    field: forms.BoundField | None
    rows: Sequence[RowFields]
    thread: Sequence[CommentView]
    short: bool
    half: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the write page."""

    section: Section
    blocks: Sequence[Block]


def parts_of(form: DraftForm, draft: DraftView) -> list[Part]:
    """All parts; the note only where something is published already, or it is written."""
    rows = form.row_groups()
    has_note = bool(draft.note or "note" in draft.refused)
    found = []
    for section in SECTIONS:
        names = [name for name in section.fields if name != "note" or draft.based_on or has_note]
        blocks = [
            Block(
                kind=_KINDS.get(name, "files" if name == "files" else "field"),
                name=name,
                label=LABELS.get(name),
                field=form[name] if name in form.fields else None,
                rows=rows.get(name, []),
                thread=open_thread(draft.comments, name),
                short=name in _SHORT,
                half=name in _HALF,
            )
            for name in names
        ]
        found.append(Part(section, blocks))
    return found
