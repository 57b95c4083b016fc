"""What is in work: drafts, their talk and earlier saves, translations. For members only."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from chorsu.institutions import queries as institutions
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.writing import may_edit, may_translate
from chorsu.language.rules import choose, text_view
from chorsu.practices.errors import NoSuchDraft, NoSuchPractice, NotOwnPractice
from chorsu.practices.models import (
    Draft,
    DraftVersion,
    Practice,
    PracticeText,
    TranslationDraft,
)
from chorsu.practices.queries.published import as_uuid, files_of, find
from chorsu.practices.shapes import (
    Beginning,
    DraftLine,
    DraftVersionView,
    DraftView,
    TranslationView,
)
from chorsu.records.shapes import VersionLine
from chorsu.records.viewer import Viewer

TITLE_SHOWN = 200
MEMBER = Viewer(member=True)


def drafts_for(person: Person) -> list[DraftLine]:
    """Drafts the person may work on, last saved first. One query (and their roles)."""
    places = [view.id for view in institutions.own_institutions() if may_edit(person, view.id)]
    rows = (
        Draft.objects.filter(institution__in=places)
        .select_related("saved_by", "began_from")
        .annotate(began_title=Subquery(_original_title(OuterRef("began_from"))[:1]))
        .annotate(open_comments=Count("comments", filter=Q(comments__resolved_at=None)))
        .order_by("-saved_at")[:500]
    )
    return [
        DraftLine(
            id=str(row.pk),
            institution_id=row.institution_id,
            state=row.state,
            version=row.version,
            based_on=row.based_on,
            language=row.language,
            title=row.words.get("title") or row.refused.get("title", "")[:TITLE_SHOWN],
            saved_by=_name(row.saved_by),
            saved_at=row.saved_at,
            open_comments=row.open_comments,
            began=_began(row, row.began_title),
        )
        for row in rows
    ]


def draft(draft_id: str, person: Person) -> DraftView:
    """A draft for somebody who may edit it; raises `NoSuchDraft` or `NotAllowed`. Three queries,
    and two if it was begun from a practice.
    """
    return draft_view(_find_draft(draft_id, person))


def moved_draft(draft_id: str) -> str:
    """The id that a draft has since the practice it was to revise was withdrawn; empty: none."""
    moved = Draft.objects.filter(earlier_id=as_uuid(draft_id)).values_list("pk", flat=True).first()
    return str(moved) if moved else ""


def beginning(practice_id: str, person: Person) -> Beginning:
    """What a new practice may be begun from: published or withdrawn, of this node, for a writer.

    Raises `NoSuchPractice`, `NotOwnPractice`, `NotAllowed`.
    """
    row = Practice.objects.filter(pk=as_uuid(practice_id)).first()
    if row is None:
        raise NoSuchPractice(practice_id)
    if not is_own(row.origin):
        raise NotOwnPractice(practice_id)
    if not may_edit(person, row.institution_id):
        raise NotAllowed(Role.CONTRIBUTOR)
    return _beginning(row, row.revision, _original_title(row.pk).first() or "")


def draft_versions(draft_id: str, person: Person) -> list[VersionLine]:
    """Earlier saves, newest first; raises as `draft` does."""
    row = _find_draft(draft_id, person)
    rows = row.versions.select_related("saved_by").order_by("-version")
    return [
        VersionLine(one.version, _name(one.saved_by), one.saved_at)
        for one in rows.defer("words", "facts")
    ]


def draft_version(draft_id: str, version: int, person: Person) -> DraftVersionView:
    """What an earlier save said; raises as `draft` does."""
    row = _find_draft(draft_id, person)
    found = (
        DraftVersion.objects.filter(draft=row, version=version).select_related("saved_by").first()
    )
    if found is None:
        raise NoSuchDraft(f"{draft_id} version {version}")
    return DraftVersionView(
        found.version,
        _name(found.saved_by),
        found.saved_at,
        found.words,
        found.facts,
        found.refused,
    )


def translation(practice_id: str, language: str, person: Person) -> TranslationView:
    """A translation for a translator of this node; raises `NoSuchPractice`, `PracticeWithdrawn`
    or `NotAllowed`. Three queries.
    """
    if not may_translate(person):
        raise NotAllowed(Role.TRANSLATOR)
    return translation_view(practice_id, language)


def translation_view(practice_id: str, language: str) -> TranslationView:
    """As `translation`, without asking who reads."""
    row = find(practice_id, MEMBER)
    texts = [text_view(text, row.revision) for text in row.texts.all()]
    if language == row.original_language or not texts:
        raise NoSuchPractice(f"{practice_id} is not translated into {language}")
    source = choose(texts, [], row.original_language)
    in_language = [text for text in texts if text.language == language]
    published = choose(in_language, [language], language) if in_language else None
    work = (
        TranslationDraft.objects.filter(practice=row, language=language)
        .select_related("saved_by")
        .first()
    )
    basis = work or published
    return TranslationView(
        practice_id=str(row.pk),
        language=language,
        version=work.version if work else 0,
        provenance=basis.provenance if basis else "human",
        translated_by=basis.translated_by if basis else "",
        revision=basis.revision if basis else row.revision,
        words=basis.words if basis else {},
        saved_by=_name(work.saved_by) if work else "",
        saved_at=work.saved_at if work else None,
        source=source,
        published=published,
    )


def draft_view(row: Draft) -> DraftView:
    """A draft row with its files and comments."""
    comments = row.comments.select_related("person")
    return DraftView(
        id=str(row.pk),
        institution_id=row.institution_id,
        state=row.state,
        version=row.version,
        based_on=row.based_on,
        language=row.language,
        audience=row.audience,
        licence=row.licence,
        note=row.note,
        facts=row.facts,
        words=row.words,
        refused=row.refused,
        began=_began(row),
        created_by=_name(row.created_by),
        saved_by=_name(row.saved_by),
        created_at=row.created_at,
        saved_at=row.saved_at,
        files=files_of(row.pk, published=False),
        comments=[one.view() for one in comments],
    )


def is_own(origin: str) -> bool:
    """Whether this node is the origin."""
    return origin == settings.NODE_NAME


def _find_draft(draft_id: str, person: Person) -> Draft:
    try:
        key = as_uuid(draft_id)
    except NoSuchPractice:
        raise NoSuchDraft(draft_id[:50]) from None
    row = Draft.objects.select_related("created_by", "saved_by").filter(pk=key).first()
    if row is None:
        raise NoSuchDraft(draft_id)
    if not may_edit(person, row.institution_id):
        raise NotAllowed(Role.CONTRIBUTOR)
    return row


def _began(row: Draft, title: str | None = None) -> Beginning | None:
    if row.began_from is None:
        return None
    if title is None:
        title = _original_title(row.began_from.pk).first()
    return _beginning(row.began_from, row.began_revision, title or "")


def _beginning(row: Practice, revision: int, title: str) -> Beginning:
    return Beginning(
        practice_id=str(row.pk),
        institution_id=row.institution_id,
        revision=revision,
        language=row.original_language,
        title=title,
        withdrawn=row.withdrawn_at is not None,
    )


def _original_title(practice: uuid.UUID | OuterRef) -> QuerySet[PracticeText, str]:
    rows = PracticeText.objects.filter(practice=practice, provenance="original")
    return rows.values_list("title", flat=True)


def _name(person: Person | None) -> str:
    return str(person) if person is not None else ""
