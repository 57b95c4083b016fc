"""What the services below are given of a course: its words for search, its languages."""

from __future__ import annotations

from chorsu.language import foreign
from chorsu.language.rules import best_by_language, in_language_order
from chorsu.records.shapes import ForServices
from chorsu.records.words import plain
from chorsu.search.rules import DocumentToIndex, TextToIndex
from chorsu.training.models import Course, CourseText
from chorsu.training.queries.courses.offering import FAMILY
from chorsu.training.queries.courses.published import as_uuid
from chorsu.training.rules.fields import WORDS, order_words
from chorsu.training.wire.courses import KIND


def document_for_search(course_id: str) -> DocumentToIndex | None:
    """The course as search takes it in; None if it is not there or withdrawn. Two queries.

    In the caller's transaction, to whose end nobody changes it: older words never come after newer.
    """
    rows = Course.objects.select_for_update(no_key=True)
    row = rows.filter(pk=as_uuid(course_id), withdrawn_at=None).first()
    if row is None:
        return None
    best = best_by_language(in_language_order(row.texts.all()), row.original_language)
    if not best:
        return None
    return DocumentToIndex(
        kind=KIND,
        record_id=str(row.pk),
        audience=row.audience,
        origin=row.origin,
        institution_id=row.institution_id,
        country=row.country,
        level="",
        themes=row.themes,
        languages=sorted(best, key=lambda tag: tag != row.original_language),
        year_from=None,
        year_to=None,
        updated_at=row.updated_at,
        texts=[_text(text) for text in best.values()],
    )


def course_for_services(course_id: str) -> ForServices | None:
    """What the services need to know of a course; None if it is not here. Two queries."""
    row = Course.objects.filter(pk=as_uuid(course_id)).first()
    if row is None:
        return None
    withdrawn = row.withdrawn_at is not None
    return ForServices(
        row.revision, row.original_language, withdrawn, revisions_by_language(course_id)
    )


def revisions_by_language(course_id: str) -> dict[str, int]:
    """Language -> newest revision that a text in it gives. One query."""
    return foreign.texts_by_language(FAMILY, as_uuid(course_id))


def text_records(course_id: str) -> dict[str, str]:
    """Translations that are records of their own, with who may read them. Two queries."""
    return foreign.text_records(FAMILY, as_uuid(course_id))


def _text(row: CourseText) -> TextToIndex:
    sections = []
    for name, text in order_words(row.words):
        field = WORDS.field(name)
        if name != "title" and field is not None:
            sections.append((name, plain(text) if field.markdown else text))
    return TextToIndex(row.language, row.title, sections)
