"""What changed in a course between two saves or two revisions, page by page of the editor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from chorsu.training.rules.fields import Facts, units_of
from chorsu.web.course_editor.layouts import COURSE_LAYOUT, unit_layout
from chorsu.web.course_editor.scopes import CourseScope, Saved, Scope, UnitScope
from chorsu.web.drafting.controls import Text
from chorsu.web.drafting.marking import marked
from chorsu.web.drafting.merging import Copy, Layout, units, value


@dataclass(frozen=True, slots=True)
class Change:
    """A part that changed; `unit` is the title of the unit that it is in, empty for the course."""

    unit: str
    name: Text
    html: SafeString


@dataclass(frozen=True, slots=True)
class Said:
    """Words and facts of a revision, in one language."""

    words: Mapping[str, str]
    facts: Facts


def changes(before: Saved, after: Saved) -> list[Change]:
    """All that differs, the course first, then unit by unit in today's order; units gone last."""
    found = _between(before, after, CourseScope(), COURSE_LAYOUT, "")
    keys = dict.fromkeys(unit["key"] for saved in (after, before) for unit in units_of(saved.facts))
    for key in keys:
        path = f"units.{key}.title"
        title = after.words.get(path) or before.words.get(path) or key
        found += _between(before, after, UnitScope(key), unit_layout(key), title)
    return found


def _between(before: Saved, after: Saved, scope: Scope, layout: Layout, title: str) -> list[Change]:
    old, new = scope.take(before, {}), scope.take(after, {})
    return [
        Change(title, layout.name_of(unit), html)
        for unit in units(old, new, layout)
        if unit not in layout.record
        and value(old, unit, layout) != value(new, unit, layout)
        and (html := marked(_text(old, unit, layout), _text(new, unit, layout)))
    ]


def _text(copy: Copy, unit: str, layout: Layout) -> str:
    return layout.shown(unit, value(copy, unit, layout))
