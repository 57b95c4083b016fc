"""What the services below are given of a practice: its words for search, its languages."""

from __future__ import annotations

from chorsu.language import foreign
from chorsu.language.rules import best_by_language, in_language_order
from chorsu.practices.models import Practice, PracticeText
from chorsu.practices.queries.offering import FAMILY
from chorsu.practices.queries.published import as_uuid
from chorsu.practices.rules import FIELDS_BY_NAME, order_words
from chorsu.practices.wire import KIND
from chorsu.records.shapes import ForServices
from chorsu.records.words import plain
from chorsu.search.rules import DocumentToIndex, TextToIndex


def document_for_search(practice_id: str) -> DocumentToIndex | None:
    """The practice as search takes it in; None if it is not there or withdrawn. Two queries.

    In the caller's transaction, to whose end nobody changes it: older words never come after newer.
    """
    rows = Practice.objects.select_for_update(no_key=True)
    row = rows.filter(pk=as_uuid(practice_id), withdrawn_at=None).first()
    if row is None:
        return None
    best = best_by_language(in_language_order(row.texts.all()), row.original_language)
    if not best:
        return None
    return DocumentToIndex(
        kind=KIND,
        record_id=str(row.id),
        audience=row.audience,
        origin=row.origin,
        institution_id=row.institution_id,
        country=row.country,
        level=row.level,
        themes=row.themes,
        languages=sorted(best, key=lambda tag: tag != row.original_language),
        year_from=row.year_from,
        year_to=row.year_to,
        updated_at=row.updated_at,
        texts=[_text(text) for text in best.values()],
    )


def practice_for_services(practice_id: str) -> ForServices | None:
    """What the services need to know of a practice; None if it is not here. Two queries."""
    row = Practice.objects.filter(pk=as_uuid(practice_id)).first()
    if row is None:
        return None
    return ForServices(
        row.revision,
        row.original_language,
        row.withdrawn_at is not None,
        texts_by_language(practice_id),
    )


def texts_by_language(practice_id: str) -> dict[str, int]:
    """Language -> newest revision that a text in it gives. One query."""
    return foreign.texts_by_language(FAMILY, as_uuid(practice_id))


def text_records(practice_id: str) -> dict[str, str]:
    """Translations that are records of their own, with who may read them. Two queries."""
    return foreign.text_records(FAMILY, as_uuid(practice_id))


def _text(row: PracticeText) -> TextToIndex:
    sections = [
        (name, plain(text) if name in FIELDS_BY_NAME else text)
        for name, text in order_words(row.words)
        if name != "title"
    ]
    return TextToIndex(row.language, row.title, sections)
