"""Published practices, one's own and peers' by the same code."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, ExtractYear, Greatest, Now

from chorsu.exchange import erasures
from chorsu.language.rules import (
    best_by_language,
    card_text,
    in_language_order,
    shown_texts,
    text_view,
)
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.practices.models import Practice, PracticeFile, PracticeRevision, PracticeText
from chorsu.practices.shapes import (
    Filters,
    NewestRevision,
    Page,
    PracticeCard,
    PracticeView,
    RevisionLine,
    RevisionView,
)
from chorsu.records.cursors import stretch
from chorsu.records.shapes import FileView, TextView
from chorsu.records.viewer import Viewer

LAST_YEAR = Coalesce("year_to", Greatest("year_from", ExtractYear(Now())))
"""The last year in which a practice ran: one that has not ended runs to this day (as in search)."""


def practice(practice_id: str, viewer: Viewer, *, language: str | None = None) -> PracticeView:
    """The practice with the best text for the reader; with `language`, the text in that one.

    Three queries, four if it has files. Raises `NoSuchPractice` (also for what the reader may not
    see, and for a `language` in which there is no text) or `PracticeWithdrawn`.
    """
    row = find(practice_id, viewer)
    shown = shown_texts(
        row.texts.all(), row.revision, row.original_language, viewer.languages, language
    )
    if shown is None:
        raise NoSuchPractice(f"{practice_id} has no text in {language or 'any language'}")
    return PracticeView(
        **row.columns(),
        text=shown.text,
        original=shown.original,
        texts=shown.lines,
        files=files_of(row.id, published=True, origin=row.origin),
        facts=row.facts,
    )


def texts(practice_id: str, viewer: Viewer) -> list[TextView]:
    """The best text in each language, the original first; raises as `practice`. Two queries."""
    row = find(practice_id, viewer)
    views = [text_view(text, row.revision) for text in row.texts.all()]
    best = best_by_language(views, row.original_language)
    return sorted(best.values(), key=lambda text: text.language != row.original_language)


def find(practice_id: str, viewer: Viewer) -> Practice:
    """The row the reader may see; raises `NoSuchPractice` or `PracticeWithdrawn`."""
    row = Practice.objects.filter(pk=as_uuid(practice_id), audience__in=viewer.audiences).first()
    if row is None:
        raise NoSuchPractice(practice_id)
    if row.withdrawn_at is not None:
        raise PracticeWithdrawn(
            str(row.id), row.institution_id, row.withdrawn_at, row.withdrawal_reason
        )
    return row


def practices(
    viewer: Viewer, filters: Filters | None = None, *, after: str = "", limit: int = 20
) -> Page:
    """Practices, newest entry first, from the cursor `after` on. Two queries.

    Raises `InvalidCursor`.
    """
    found, next_cursor = stretch(visible(viewer, filters or Filters()), after, limit)
    return Page(_cards(found, viewer), next_cursor)


def latest(viewer: Viewer, limit: int = 6) -> list[PracticeCard]:
    """The practices whose entries are newest. Two queries."""
    return list(practices(viewer, limit=limit).items)


def practices_by_id(ids: Iterable[str], viewer: Viewer) -> dict[str, PracticeCard]:
    """Cards of these practices, as far as the reader may see them. Two queries."""
    rows = visible(viewer, Filters()).filter(pk__in=[as_uuid(one) for one in ids])
    return {card.id: card for card in _cards(list(rows), viewer)}


def history(practice_id: str, viewer: Viewer) -> list[RevisionLine]:
    """The published revisions, newest first; raises as `practice` does. Two queries, three if the
    words of one are not here.

    Of one that was for the network a stranger learns only that it was, though a later is public.
    """
    row = find(practice_id, viewer)
    lines = PracticeRevision.objects.filter(practice=row).order_by("-revision")
    shown = lines.values_list("revision", "published_at", "note", "words__title", "audience")
    values = list(shown)
    lacking = any(title is None for _number, _at, _note, title, _audience in values)
    gone = erasures.erased_revisions(row.pk, row.origin) if lacking else {}
    return [
        RevisionLine(
            number,
            at,
            "" if title is None and number in gone else note,
            is_here=title is not None,
            is_closed=False,
            erased=gone.get(number) if title is None else None,
        )
        if audience in viewer.audiences
        else RevisionLine(number, at, "", is_here=False, is_closed=True, erased=None)
        for number, at, note, title, audience in values
    ]


def revision(practice_id: str, number: int, viewer: Viewer) -> RevisionView:
    """What one revision's original said; raises as `practice` does. Two queries."""
    row = find(practice_id, viewer)
    rows = PracticeRevision.objects.filter(practice=row, audience__in=viewer.audiences)
    found = rows.filter(revision=number).first()
    if found is None or found.words is None or found.facts is None:
        raise NoSuchPractice(f"{practice_id} revision {number}")
    return RevisionView(
        revision=found.revision,
        published_at=found.published_at,
        note=found.note,
        is_here=True,
        is_closed=False,
        erased=None,
        language=row.original_language,
        facts=found.facts,
        words=found.words,
    )


def newest_revisions(ids: Sequence[str]) -> dict[str, NewestRevision]:
    """The newest revision of each of these practices; who was withdrawn or is not here is left
    out. Two queries.
    """
    keys = [as_uuid(one) for one in ids]
    lines = PracticeRevision.objects.filter(
        practice__in=keys, practice__withdrawn_at=None, revision=F("practice__revision")
    )
    titles = PracticeText.objects.filter(practice__in=keys, provenance="original")
    by_id = dict(titles.values_list("practice_id", "title"))
    return {
        str(key): NewestRevision(number, at, by_id.get(key, ""))
        for key, number, at in lines.values_list("practice_id", "revision", "published_at")
    }


def file_of(practice_id: str, sha256: str, viewer: Viewer) -> FileView:
    """A file of a published practice the reader may see; raises as `practice` does."""
    row = find(practice_id, viewer)
    found = PracticeFile.objects.filter(practice_id=row.id, sha256=sha256, published=True).first()
    if found is None:
        raise NoSuchPractice(f"{practice_id} file {sha256}")
    return found.view()


def file_names(hashes: Iterable[str]) -> dict[str, str]:
    """What files of published practices are called, by SHA-256. One query."""
    rows = PracticeFile.objects.filter(sha256__in=set(hashes), published=True)
    return dict(rows.values_list("sha256", "name"))


def visible(viewer: Viewer, filters: Filters) -> QuerySet[Practice]:
    """Practices that the reader may see, narrowed."""
    rows = Practice.objects.filter(withdrawn_at=None, audience__in=viewer.audiences)
    if filters.theme:
        rows = rows.filter(themes__contains=[filters.theme])
    if filters.goal is not None:
        rows = rows.filter(goals__contains=[filters.goal])
    if filters.language:
        with_text = PracticeText.objects.filter(language=filters.language)
        rows = rows.filter(pk__in=with_text.values("practice_id"))
    if filters.year is not None:
        rows = rows.annotate(last_year=LAST_YEAR)
        rows = rows.filter(year_from__lte=filters.year, last_year__gte=filters.year)
    for column, value in (
        ("country", filters.country),
        ("institution_id", filters.institution),
        ("level", filters.level),
        ("status", filters.status),
        ("origin", filters.origin),
    ):
        if value:
            rows = rows.filter(**{column: value})
    return rows


def files_of(record_id: uuid.UUID, *, published: bool, origin: str = "") -> list[FileView]:
    """Files of the published practice, or of its draft, in order; two queries if there are any."""
    found = PracticeFile.objects.filter(practice_id=record_id).order_by("position", "id")
    found = found.filter(published=True) if published else found.filter(in_draft=True)
    rows = list(found)
    gone = erasures.erased([row.sha256 for row in rows], origin) if rows else {}
    return [row.view(gone.get(row.sha256)) for row in rows]


def as_uuid(text: str) -> uuid.UUID:
    """The id as a value; a malformed one is nobody's: raises `NoSuchPractice`."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NoSuchPractice(text[:50]) from None


def _cards(rows: Sequence[Practice], viewer: Viewer) -> list[PracticeCard]:
    by_practice: dict[uuid.UUID, list[PracticeText]] = defaultdict(list)
    texts = PracticeText.objects.filter(practice__in=[row.pk for row in rows]).defer("words")
    for text in texts:
        by_practice[text.practice_id].append(text)
    return [
        _card(row, in_language_order(by_practice[row.pk]), viewer)
        for row in rows
        if by_practice[row.pk]
    ]


def _card(row: Practice, texts: list[PracticeText], viewer: Viewer) -> PracticeCard:
    return PracticeCard(
        **row.card_columns(),
        **card_text(texts, row.revision, row.original_language, viewer.languages),
        country=row.country,
        level=row.level,
        status=row.status,
        themes=row.themes,
        goals=row.goals,
        year_from=row.year_from,
        year_to=row.year_to,
    )
