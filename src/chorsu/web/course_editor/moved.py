"""What moved on since a course was written: practices that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from chorsu.practices.queries import newest_revisions
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import units_of
from chorsu.training.shapes.courses import CourseDraftView, ShownPractice
from chorsu.web.course_editor.titles import unit_titles


@dataclass(frozen=True, slots=True)
class MovedOn:
    """A unit whose practice was revised since its author looked, or is `gone`."""

    unit_title: str
    unit_url: str
    title: str
    history_url: str
    revision: int
    at: datetime | None
    gone: bool


def moved_on(draft: CourseDraftView) -> list[MovedOn]:
    """Units of the draft whose practice is not what it was when the course was last published, or
    its draft begun. At most four queries.
    """
    shown = _shown(draft)
    if not shown:
        return []
    newest = newest_revisions(sorted({one.practice_id for one in shown}))
    titles = unit_titles(draft)
    found = []
    for one in shown:
        state = newest.get(one.practice_id)
        if state is not None and state.at <= one.since:
            continue
        found.append(
            MovedOn(
                unit_title=titles[one.unit],
                unit_url=reverse("course-draft-unit", args=[draft.id, one.unit]),
                title=state.title if state else "",
                history_url=reverse("practice-history", args=[one.practice_id]),
                revision=state.revision if state else 0,
                at=state.at if state else None,
                gone=state is None,
            )
        )
    return found


def _shown(draft: CourseDraftView) -> Sequence[ShownPractice]:
    """The units of the draft that show a practice, with when somebody last looked at it."""
    published = queries.practices_shown(draft.id) if draft.based_on else []
    looked = {(one.unit, one.practice_id): one.since for one in published}
    return [
        ShownPractice(
            unit["key"],
            unit["practice"],
            looked.get((unit["key"], unit["practice"]), draft.created_at),
        )
        for unit in units_of(draft.facts)
        if unit["practice"]
    ]
