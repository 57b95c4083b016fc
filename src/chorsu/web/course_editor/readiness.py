"""What stands between a draft of a course and its publication, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from chorsu.records.fields import FieldError
from chorsu.training.rules.readiness import missing_for_publication
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.course_editor.labels import name_of
from chorsu.web.course_editor.titles import unit_titles
from chorsu.web.drafting.messages import message


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing or wrong: where it is mended, what it is called, what is said."""

    url: str
    where: str
    name: str
    said: str


def gaps_of(draft: CourseDraftView) -> list[FieldError]:
    """What a learner must find and does not."""
    files = {file.sha256 for file in draft.files}
    return missing_for_publication(draft.words, draft.facts, files)


def unit_of(error: FieldError, draft: CourseDraftView) -> str:
    """The key of the unit that an error is about; empty if it is about the course."""
    parts = error.field.split(".")
    if parts[0] == "modules" and len(parts) > 3 and parts[2] == "units":
        return draft.facts["modules"][int(parts[1])]["units"][int(parts[3])]["key"]
    if parts[0] == "units":
        return parts[1]
    if parts[0] in ("rubrics", "questions"):
        return _home(parts[0], parts[1], draft)
    return ""


def told(draft: CourseDraftView, errors: Sequence[FieldError]) -> list[Gap]:
    """The errors with the pages on which they are mended, those of the course first."""
    course = reverse("course-draft-edit", args=[draft.id])
    titles = unit_titles(draft)
    found = []
    for error in errors:
        unit = unit_of(error, draft)
        found.append(
            Gap(
                url=reverse("course-draft-unit", args=[draft.id, unit]) if unit else course,
                where=titles.get(unit, ""),
                name=str(name_of(error.field)),
                said=message(error),
            )
        )
    return sorted(found, key=lambda gap: gap.url != course)


def _home(group: str, key: str, draft: CourseDraftView) -> str:
    for module in draft.facts["modules"]:
        for unit in module["units"]:
            rubric = unit["assignment"]["rubric"] if unit["assignment"] else []
            rows = rubric if group == "rubrics" else unit["survey"] or []
            if any(row["key"] == key for row in rows):
                return unit["key"]
    return ""
