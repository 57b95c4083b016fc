"""The parts of a draft of a course that are talked about, and the remarks on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from chorsu.records.fields import FieldError, TextField
from chorsu.records.shapes import CommentView
from chorsu.training.rules.fields import TEXT_FIELDS, units_of
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.course_editor.labels import name_of
from chorsu.web.course_editor.readiness import unit_of
from chorsu.web.course_editor.titles import unit_titles
from chorsu.web.drafting.controls import Text
from chorsu.web.drafting.talking import Item, open_and_done, thread
from chorsu.web.markdown import to_html

_UNIT = "units"


@dataclass(frozen=True, slots=True)
class Thread:
    """Open remarks on a part, shown where it is written; `url` is where it is talked about."""

    name: Text
    comments: Sequence[CommentView]
    url: str


def place_of(field: str) -> str:
    """The part of the review page on which a field is talked about; what has none: the whole."""
    parts = field.split(".")
    if parts[0] == _UNIT and len(parts) > 1:
        return ".".join(parts[:2])
    return parts[0] if any(one.name == parts[0] for one in TEXT_FIELDS) else "whole"


def items_of(draft: CourseDraftView, gaps: Sequence[FieldError]) -> tuple[list[Item], Item]:
    """The course's texts and its units, in order, with the remarks on each; and the whole, with
    those on what is none of them any more.
    """
    lacking = {gap.field for gap in gaps}
    texts = [_text_item(draft, field, is_missing=field.name in lacking) for field in TEXT_FIELDS]
    items = [one for one in texts if one.text or one.is_missing or one.open or one.done]
    incomplete = {unit_of(gap, draft) for gap in gaps}
    titles = unit_titles(draft)
    for unit in units_of(draft.facts):
        key = unit["key"]
        waiting, done = open_and_done(thread(draft.comments, f"{_UNIT}.{key}"))
        items.append(
            Item(
                name=f"{_UNIT}.{key}",
                label=titles[key],
                text="",
                html=None,
                group=True,
                open=waiting,
                done=done,
                is_missing=key in incomplete,
                url=reverse("course-draft-preview-unit", args=[draft.id, key]),
            )
        )
    return items, _whole(draft, {item.name for item in items})


def threads_of(draft: CourseDraftView, unit: str = "") -> list[Thread]:
    """Open remarks for those who write: on the course and each of its units, or on one unit."""
    items, whole = items_of(draft, ())
    review = reverse("course-draft-review", args=[draft.id])
    shown = [item for item in items if item.name == f"{_UNIT}.{unit}"] if unit else [whole, *items]
    return [
        Thread(item.label, item.open, f"{review}#r-{item.name or 'whole'}")
        for item in shown
        if item.open
    ]


def _text_item(draft: CourseDraftView, field: TextField, *, is_missing: bool) -> Item:
    waiting, done = open_and_done(thread(draft.comments, field.name))
    text = draft.words.get(field.name, "")
    return Item(
        name=field.name,
        label=name_of(field.name),
        text=text,
        html=to_html(text, heading=4) if field.markdown and text else None,
        group=False,
        open=waiting,
        done=done,
        is_missing=is_missing,
    )


def _whole(draft: CourseDraftView, places: set[str]) -> Item:
    there = [one for one in draft.comments if place_of(one.field) not in places]
    waiting, done = open_and_done(there)
    return Item(
        name="",
        label="",
        text="",
        html=None,
        group=True,
        open=waiting,
        done=done,
        is_missing=False,
    )
