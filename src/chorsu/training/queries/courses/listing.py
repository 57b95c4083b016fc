"""Lists of published courses: narrowed, page by page, and counted by facet."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Count, F, Func, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from chorsu.language.rules import card_text, in_language_order
from chorsu.records.cursors import stretch
from chorsu.records.viewer import Viewer
from chorsu.training.models import Course, CourseText
from chorsu.training.queries.courses.published import as_uuid
from chorsu.training.shapes.courses import CourseCard, CourseCounts, CourseFilters, CoursePage


def courses(
    viewer: Viewer, filters: CourseFilters | None = None, *, after: str = "", limit: int = 20
) -> CoursePage:
    """Courses, newest entry first, from the cursor `after` on. Two queries.

    Raises `InvalidCursor`.
    """
    rows = visible(viewer, filters or CourseFilters())
    found, next_cursor = stretch(rows, after, limit)
    return CoursePage(_cards(found, viewer), next_cursor)


def latest(viewer: Viewer, limit: int = 6) -> list[CourseCard]:
    """The courses whose entries are newest. Two queries."""
    return list(courses(viewer, limit=limit).items)


def courses_by_id(ids: Iterable[str], viewer: Viewer) -> dict[str, CourseCard]:
    """Cards of these courses, as far as the reader may see them. Two queries."""
    rows = visible(viewer, CourseFilters()).filter(pk__in=[as_uuid(one) for one in ids])
    return {card.id: card for card in _cards(list(rows), viewer)}


def counts(viewer: Viewer, filters: CourseFilters | None = None) -> CourseCounts:
    """Courses the reader may see, narrowed, by facet and code. One query."""
    rows = visible(viewer, filters or CourseFilters())
    parts = [
        _counted(rows, "total", Value("", TextField())),
        _counted(rows, "institution", Cast(F("institution_id"), TextField())),
        _counted(rows, "theme", Cast(Func(F("themes"), function="unnest"), TextField())),
        _counted(rows, "language", F("texts__language")),
    ]
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for facet, key, number in parts[0].union(*parts[1:], all=True):
        # A course whose words were erased has no language.
        if key is not None:
            found[facet][key] = number
    return CourseCounts(
        total=found["total"].get("", 0),
        theme=found["theme"],
        institution=found["institution"],
        language=found["language"],
    )


def visible(viewer: Viewer, filters: CourseFilters) -> QuerySet[Course]:
    """Courses that the reader may see, narrowed."""
    rows = Course.objects.filter(withdrawn_at=None, audience__in=viewer.audiences)
    plain = {
        "institution_id": filters.institution,
        "country": filters.country,
        "origin": filters.origin,
        "hours__gte": filters.hours_from,
        "hours__lte": filters.hours_to,
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value not in ("", None)})
    if filters.theme:
        rows = rows.filter(themes__contains=[filters.theme])
    if filters.language:
        with_text = CourseText.objects.filter(language=filters.language)
        rows = rows.filter(pk__in=with_text.values("course_id"))
    if filters.position:
        rows = rows.filter(facts__positions__contains=[filters.position])
    if filters.competence:
        rows = rows.filter(facts__competences__contains=[{"code": filters.competence}])
    return rows


def _counted(
    rows: QuerySet[Course], facet: str, key: Combinable
) -> QuerySet[Course, tuple[str, str, int]]:
    named = rows.order_by().values(facet=Value(facet, TextField()), key=key)
    return named.annotate(number=Count("id", distinct=True)).values_list("facet", "key", "number")


def _cards(rows: Sequence[Course], viewer: Viewer) -> list[CourseCard]:
    found: dict[uuid.UUID, list[CourseText]] = defaultdict(list)
    texts = CourseText.objects.filter(course__in=[row.pk for row in rows])
    for text in texts.defer("words"):
        found[text.course_id].append(text)
    return [_card(row, in_language_order(found[row.pk]), viewer) for row in rows if found[row.pk]]


def _card(row: Course, texts: list[CourseText], viewer: Viewer) -> CourseCard:
    return CourseCard(
        **row.card_columns(),
        **card_text(texts, row.revision, row.original_language, viewer.languages),
        country=row.country,
        themes=row.themes,
        hours=row.hours,
    )
