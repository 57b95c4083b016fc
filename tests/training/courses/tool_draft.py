"""A draft of a course with a unit that opens an external tool."""

from __future__ import annotations

from datetime import datetime

from chorsu.institutions.models import Person
from chorsu.training.actions import courses
from chorsu.training.shapes.courses import CourseDraftView
from tests.training.courses.content import FACTS, WORDS


def tool_draft(by: Person, now: datetime, *, tool: str = "") -> CourseDraftView:
    """In English; the unit `sim` is the only one of its module, and opens `tool`."""
    draft = courses.begin_draft(by=by, institution_id="hub-astana", language="en", now=now)
    unit = {"key": "sim", "kind": "tool", "minutes": 10, "tool": tool}
    modules = [*FACTS["modules"], {"key": "try", "units": [unit]}]  # type: ignore[misc]
    return courses.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words={**WORDS, "modules.try.title": "Try it", "units.sim.title": "A simulator"},
        facts={**FACTS, "modules": modules},
        by=by,
        now=now,
    )
