"""What the services below are given of a course: its words for search, its languages."""

from __future__ import annotations

from chorsu.language.rules import in_language_order
from chorsu.records.shapes import ForServices
from chorsu.records.words import plain
from chorsu.search.rules import DocumentToIndex, TextToIndex
from chorsu.training.models import Course, CourseText
from chorsu.training.queries.courses.published import as_uuid
from chorsu.training.rules.fields import WORDS, order_words
from chorsu.training.wire.courses import KIND


def document_for_search(course_id: str) -> DocumentToIndex | None:
    """The course as search takes it in; None if it is not there or withdrawn. Two queries."""
    row = Course.objects.filter(pk=as_uuid(course_id), withdrawn_at=None).first()
    texts = in_language_order(row.texts.all()) if row is not None else []
    if row is None or not texts:
        return None
    languages = [text.language for text in texts]
    return DocumentToIndex(
        kind=KIND,
        record_id=str(row.pk),
        audience=row.audience,
        origin=row.origin,
        institution_id=row.institution_id,
        country=row.country,
        level="",
        themes=row.themes,
        languages=sorted(languages, key=lambda tag: tag != row.original_language),
        year_from=None,
        year_to=None,
        updated_at=row.updated_at,
        texts=[_text(text) for text in texts],
    )


def course_for_services(course_id: str) -> ForServices | None:
    """What the services need to know of a course; None if it is not here. Two queries."""
    row = Course.objects.filter(pk=as_uuid(course_id)).first()
    if row is None:
        return None
    withdrawn = row.withdrawn_at is not None
    return ForServices(row.revision, row.original_language, withdrawn, revisions_by_language(row))


def revisions_by_language(row: Course) -> dict[str, int]:
    """Language of each text -> the revision that it gives. One query."""
    return dict(row.texts.values_list("language", "revision"))


def _text(row: CourseText) -> TextToIndex:
    sections = []
    for name, text in order_words(row.words):
        field = WORDS.field(name)
        if name != "title" and field is not None:
            sections.append((name, plain(text) if field.markdown else text))
    return TextToIndex(row.language, row.title, sections)
