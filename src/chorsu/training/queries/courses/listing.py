"""Lists of published courses: narrowed, page by page, and counted by facet."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from chorsu.language.rules import best_by_language, choose, in_language_order, is_stale
from chorsu.records.cursors import cursor, read_cursor
from chorsu.records.viewer import Viewer
from chorsu.training.models import Course, CourseText
from chorsu.training.queries.courses.published import as_uuid
from chorsu.training.shapes.courses import CourseCard, CourseCounts, CourseFilters, CoursePage

MAX_LIMIT = 200


def courses(
    viewer: Viewer, filters: CourseFilters | None = None, *, after: str = "", limit: int = 20
) -> CoursePage:
    """Courses, newest entry first, from the cursor `after` on. Two queries.

    Raises `InvalidCursor`.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    rows = visible(viewer, filters or CourseFilters()).order_by("-updated_at", "id")
    if after:
        updated_at, last = read_cursor(after)
        rows = rows.filter(Q(updated_at__lt=updated_at) | Q(updated_at=updated_at, id__gt=last))
    found = list(rows[: limit + 1])
    shown = found[:limit]
    more = len(found) > limit
    return CoursePage(
        _cards(shown, viewer), cursor(shown[-1].updated_at, shown[-1].pk) if more else ""
    )


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
    best = choose(texts, viewer.languages, row.original_language)
    return CourseCard(
        id=str(row.pk),
        origin=row.origin,
        institution_id=row.institution_id,
        revision=row.revision,
        audience=row.audience,
        original_language=row.original_language,
        published_at=row.published_at,
        updated_at=row.updated_at,
        country=row.country,
        themes=row.themes,
        hours=row.hours,
        text_language=best.language,
        provenance=best.provenance,
        supplied_by=best.supplied_by,
        stale=is_stale(best, row.revision),
        title=best.title,
        summary=best.summary,
        languages=list(best_by_language(texts, row.original_language)),
    )
