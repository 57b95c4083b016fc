"""What the pages of the course editor offer to choose from, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from chorsu.records import themes
from chorsu.records.viewer import Viewer
from chorsu.training.queries import courses as queries
from chorsu.training.rules.framework import framework, positions
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.drafting.controls import Choices, Grouped
from chorsu.web.locales import page_language

MOST_COURSES = 200
"""Courses that are offered as to be passed before, newest first; those chosen are there too."""


@dataclass(frozen=True, slots=True)
class Options:
    """Codes with their names; what is chosen from a list begins with an empty choice."""

    themes: Choices
    positions: Choices
    competences: Grouped
    levels: Choices
    drawn: Grouped
    courses: Choices


def options_for(
    draft: CourseDraftView, *, courses: bool = False, bank: Mapping[str, int] | None = None
) -> Options:
    """What this draft's pages offer; `courses`: also those of the network (one query more).

    `bank`: how many questions of each competence may be drawn, said beside its name.
    """
    here = page_language().tag
    choose = ("", _("Choose"))
    any_competence = ("", pgettext("competence", "Any"))
    grouped = _competences(here)
    return Options(
        themes=[(one.code, one.name(here)) for one in themes.themes()],
        positions=[(code, one.name(here)) for code, one in positions().items()],
        competences=[choose, *grouped],
        levels=[
            ("", _("Choose")),
            *(
                (str(level), f"{level}. {names.get(here) or names['en']}")
                for level, names in framework().levels.items()
            ),
        ],
        drawn=_counted([any_competence, *grouped], bank or {}),
        courses=[choose, *_courses(draft)] if courses else [],
    )


def _competences(here: str) -> list[tuple[str, Choices]]:
    known = framework()
    return [
        (
            area.name(here),
            [
                (one.code, one.name(here))
                for one in known.competences.values()
                if one.area == area.code
            ],
        )
        for area in known.areas.values()
    ]


def _counted(choices: Grouped, bank: Mapping[str, int]) -> Grouped:
    """The choices with the number of questions of each, if any is known."""
    if not bank:
        return choices
    return [
        (code, f"{name} ({bank.get(code, 0)})")
        if isinstance(name, str)
        else (code, [(one, f"{known} ({bank.get(one, 0)})") for one, known in name])
        for code, name in choices
    ]


def _courses(draft: CourseDraftView) -> Choices:
    viewer = Viewer(member=True, languages=(page_language().tag,))
    found = queries.courses(viewer, limit=MOST_COURSES).items
    listed = [(card.id, card.title) for card in found if card.id != draft.id]
    missing = set(draft.facts["prerequisites"]) - {key for key, _title in listed}
    named = queries.courses_by_id(sorted(missing), viewer)
    return [*listed, *((key, named[key].title if key in named else key) for key in sorted(missing))]
