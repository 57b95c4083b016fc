"""New practices from old text: begun from one's own practice, or carried on when it is withdrawn.

What is begun has an id of its own, at which nothing was published yet; it tells no peer where its
words come from. The node remembers it, on the draft and in the audit log.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from chorsu.exchange import blobs
from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.institutions.writing import require_writer
from chorsu.kernel.ids import new_id
from chorsu.practices.actions.drafting import keep_version, with_text_of
from chorsu.practices.errors import NoSuchPractice, NotOwnPractice
from chorsu.practices.models import Draft, Practice, PracticeFile
from chorsu.practices.queries.published import as_uuid
from chorsu.practices.queries.work import draft_view, is_own
from chorsu.practices.shapes import DraftView


@transaction.atomic
def begin_from(*, practice_id: str, by: Person, now: datetime) -> DraftView:
    """A draft of a new practice that holds the words, facts and files of one of this node, be it
    published or withdrawn. A file whose bytes were erased is left out.

    Raises `NoSuchPractice`, `NotOwnPractice`, `NotAllowed`.
    """
    row = Practice.objects.select_for_update().filter(pk=as_uuid(practice_id)).first()
    if row is None:
        raise NoSuchPractice(practice_id)
    if not is_own(row.origin):
        raise NotOwnPractice(practice_id)
    require_writer(by, row.institution_id)
    draft = with_text_of(row, draft_id=uuid.UUID(new_id()), by=by, now=now)
    draft.began_from, draft.began_revision = row, row.revision
    draft.save(force_insert=True)
    keep_version(draft)
    files = list(PracticeFile.objects.filter(practice_id=row.pk, published=True))
    here = blobs.all_here([file.sha256 for file in files])
    _give_files((file for file in files if file.sha256 in here), draft)
    _record(by, "draft.begun-from", draft, row, now)
    return draft_view(draft)


def carry_on(*, draft: Draft, withdrawn: Practice, by: Person | None, now: datetime) -> Draft:
    """Make the draft of a next revision the draft of a new practice, whole, with all its talk.

    It counts its saves on: a page that is still open at its earlier id saves into this one.
    """
    before = draft.pk
    new = Draft.objects.get(pk=before)
    new.pk = uuid.UUID(new_id())
    new.based_on, new.earlier_id = 0, before
    new.began_from, new.began_revision = withdrawn, draft.based_on
    new.save(force_insert=True)
    draft.versions.update(draft=new)
    draft.comments.update(draft=new)
    files = PracticeFile.objects.filter(practice_id=before)
    _give_files(files.filter(in_draft=True), new)
    files.filter(published=False).delete()
    files.update(in_draft=False)
    draft.delete()
    _record(by, "draft.carried-on", new, withdrawn, now)
    return new


def _give_files(files: Iterable[PracticeFile], draft: Draft) -> None:
    PracticeFile.objects.bulk_create(
        PracticeFile(
            practice_id=draft.pk,
            **file.named(),
            in_draft=True,
        )
        for file in files
    )


def _record(by: Person | None, action: str, draft: Draft, row: Practice, now: datetime) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="practice",
        subject_id=str(draft.pk),
        detail={
            "institution": draft.institution_id,
            "from": str(row.pk),
            "revision": draft.began_revision,
        },
        now=now,
    )
