"""Writing: a draft begun, saved, taken back to an earlier save, or thrown away."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from chorsu.exchange import erasures
from chorsu.institutions.actions import record_event
from chorsu.institutions.drafts import keep_save
from chorsu.institutions.models import Person, Role
from chorsu.institutions.reviewing import require_discarder, require_saver
from chorsu.institutions.writing import require_own, require_writer
from chorsu.kernel.ids import new_id
from chorsu.kernel.languages import by_tag
from chorsu.practices.actions.guards import check_version, locked_draft
from chorsu.practices.errors import (
    NoSuchDraft,
    NoSuchPractice,
    NotOwnPractice,
    PracticeWithdrawn,
)
from chorsu.practices.models import Draft, DraftVersion, Practice, PracticeFile
from chorsu.practices.queries.published import as_uuid
from chorsu.practices.queries.work import draft_view, is_own
from chorsu.practices.rules import (
    FieldError,
    InvalidPractice,
    Sifted,
    empty_facts,
    sift,
    with_refused,
)
from chorsu.practices.shapes import DraftView
from chorsu.records.content import unknown_terms
from chorsu.records.words import clean_note


@transaction.atomic
def create_draft(*, by: Person, institution_id: str, language: str, now: datetime) -> DraftView:
    """Begin a practice of an institution of this node. Raises `NotAllowed`, `UnknownLanguage`."""
    require_own(institution_id, Role.CONTRIBUTOR)
    require_writer(by, institution_id)
    draft = Draft.objects.create(
        id=uuid.UUID(new_id()),
        institution_id=institution_id,
        language=by_tag(language).tag,
        facts=empty_facts(),
        words={},
        created_by=by,
        saved_by=by,
        created_at=now,
        saved_at=now,
    )
    keep_version(draft)
    _record(by, "draft.created", draft, now)
    return draft_view(draft)


@transaction.atomic
def revise(*, practice_id: str, by: Person, now: datetime) -> DraftView:
    """A working copy of a published practice; the one there is, if somebody has begun.

    Raises `NoSuchPractice`, `PracticeWithdrawn`, `NotOwnPractice`, `NotAllowed`.
    """
    row = Practice.objects.select_for_update().filter(pk=as_uuid(practice_id)).first()
    if row is None:
        raise NoSuchPractice(practice_id)
    if not is_own(row.origin):
        raise NotOwnPractice(practice_id)
    require_writer(by, row.institution_id)
    if row.withdrawn_at is not None:
        raise PracticeWithdrawn(
            str(row.pk), row.institution_id, row.withdrawn_at, row.withdrawal_reason
        )
    draft = Draft.objects.filter(pk=row.pk).first()
    if draft is None:
        draft = _copy_of(row, by, now)
        _record(by, "draft.created", draft, now)
    return draft_view(draft)


@transaction.atomic
def save_draft(
    *,
    draft_id: str,
    version: int,
    words: Mapping[str, object],
    facts: Mapping[str, object],
    by: Person,
    now: datetime,
    audience: str | None = None,
    licence: str | None = None,
    note: str | None = None,
    keep_refused: bool = False,
) -> DraftView:
    """Save all words and facts; `version` is the one they were read at. What is None stays.

    With `keep_refused`, a typed text that the rules refuse is set aside as it was typed (`refused`
    of the draft) and all else is saved; until it is right, the draft is not submitted or published.

    Saving what is there already changes nothing. Raises `NoSuchDraft`, `NotAllowed`, `WrongState`
    (submitted: only an editor saves), `DraftConflict`, `InvalidPractice`.
    """
    draft = locked_draft(draft_id)
    require_saver(draft, by)
    check_version(draft, version)
    before = _content(draft)
    _apply(draft, words, facts, audience, licence, note, keep_refused=keep_refused)
    if _content(draft) == before:
        return draft_view(draft)
    draft.version += 1
    draft.saved_by, draft.saved_at = by, now
    draft.save()
    keep_version(draft)
    return draft_view(draft)


@transaction.atomic
def restore_version(
    *, draft_id: str, version: int, restored: int, by: Person, now: datetime
) -> DraftView:
    """Save the words and facts of the earlier save `restored` again. Raises as `save_draft`."""
    found = DraftVersion.objects.filter(draft=locked_draft(draft_id), version=restored).first()
    if found is None:
        raise NoSuchDraft(f"{draft_id} version {restored}")
    words, facts = with_refused(found.words, found.facts, found.refused)
    return save_draft(
        draft_id=draft_id,
        version=version,
        words=words,
        facts=facts,
        note=found.refused.get("note"),
        by=by,
        now=now,
        keep_refused=True,
    )


@transaction.atomic
def discard_draft(*, draft_id: str, version: int, by: Person, now: datetime) -> None:
    """Throw a draft away; what is published stays. Raises as `save_draft`.

    A contributor may discard what they began, an editor any draft.
    """
    draft = locked_draft(draft_id)
    require_discarder(draft, by)
    check_version(draft, version)
    files = PracticeFile.objects.filter(practice_id=draft.pk)
    files.filter(published=False).delete()
    files.update(in_draft=False)
    _record(by, "draft.discarded", draft, now)
    draft.delete()


def keep_version(draft: Draft) -> None:
    """Keep what the draft says now as a save."""
    keep_save(draft.versions, draft, words=draft.words, facts=draft.facts, refused=draft.refused)


def _apply(
    draft: Draft,
    words: Mapping[str, object],
    facts: Mapping[str, object],
    audience: str | None,
    licence: str | None,
    note: str | None,
    *,
    keep_refused: bool,
) -> None:
    """Put what was typed into the draft; raises `InvalidPractice` with every error there is."""
    sifted, errors = _sifted(words, facts)
    if sifted is not None:
        errors += [] if keep_refused else sifted.errors
    # A note that nobody typed anew stays as it is, refused or not.
    refused = {"note": draft.refused["note"]} if note is None and "note" in draft.refused else {}
    try:
        draft.note = draft.note if note is None else clean_note(note)
    except InvalidPractice as error:
        draft.note, refused = "", {"note": note or ""}
        errors += [] if keep_refused else error.errors
    if sifted is not None:
        draft.words, draft.facts = sifted.words, sifted.facts
        draft.refused = refused | sifted.refused
    errors += unknown_terms(audience or draft.audience, licence or draft.licence)
    if errors:
        raise InvalidPractice(errors)
    draft.audience = audience or draft.audience
    draft.licence = licence or draft.licence


def _sifted(
    words: Mapping[str, object], facts: Mapping[str, object]
) -> tuple[Sifted | None, list[FieldError]]:
    try:
        return sift(words, facts), []
    except InvalidPractice as invalid:
        return None, list(invalid.errors)


def _content(draft: Draft) -> tuple[object, ...]:
    told = (draft.audience, draft.licence, draft.note)
    return draft.words, draft.facts, draft.refused, *told


def with_text_of(row: Practice, *, draft_id: uuid.UUID, by: Person, now: datetime) -> Draft:
    """A draft, not saved yet, with the original words and the facts of a practice of this node.

    Raises `NoSuchPractice` if they were erased.
    """
    originals = row.texts.filter(language=row.original_language, supplied_by=row.origin)
    original = originals.first()
    if original is None:
        raise NoSuchPractice(str(row.pk))
    return Draft(
        id=draft_id,
        institution_id=row.institution_id,
        language=row.original_language,
        audience=row.audience,
        licence=row.licence,
        facts=row.facts,
        words=original.words,
        created_by=by,
        saved_by=by,
        created_at=now,
        saved_at=now,
    )


def _copy_of(row: Practice, by: Person, now: datetime) -> Draft:
    files = PracticeFile.objects.filter(practice_id=row.pk, published=True)
    gone = erasures.erased(list(files.values_list("sha256", flat=True)))
    files.exclude(sha256__in=gone).update(in_draft=True)
    draft = with_text_of(row, draft_id=row.pk, by=by, now=now)
    draft.based_on = row.revision
    draft.save(force_insert=True)
    keep_version(draft)
    return draft


def _record(by: Person, action: str, draft: Draft, now: datetime) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="practice",
        subject_id=str(draft.pk),
        detail={"institution": draft.institution_id, "version": draft.version},
        now=now,
    )
