"""Taking erased content out of the tables: what a blob said is nowhere else at this node.

The caller decides what may go (`flows.erasing`, `flows.heeding`); here is where the words are.
"""

from __future__ import annotations

import uuid

from django.db import transaction

from chorsu.practices.actions.storing import spread_facts
from chorsu.practices.models import (
    Practice,
    PracticeFile,
    PracticeRevision,
    PracticeText,
    TranslationDraft,
)
from chorsu.practices.rules import empty_facts


@transaction.atomic
def forget_revision(*, practice_id: uuid.UUID, revision: int) -> None:
    """Let go of what a revision said that is not what the practice says now.

    Themes stay: by them harvesters are told that a record is gone. Translations in work of that
    revision go with it; of a withdrawn practice whose last revision it is, all texts and files.
    """
    row = Practice.objects.select_for_update().filter(pk=practice_id).first()
    if row is None or (row.withdrawn_at is None and row.revision == revision):
        return
    for line in PracticeRevision.objects.filter(practice=row, revision=revision):
        themes = (line.facts or {}).get("themes")
        line.facts = {"themes": themes} if themes else None
        line.words, line.note = None, ""
        line.save(update_fields=["facts", "words", "note"])
    TranslationDraft.objects.filter(practice=row, revision=revision).delete()
    if row.withdrawn_at is not None and row.revision == revision:
        PracticeText.objects.filter(practice=row).delete()
        PracticeFile.objects.filter(practice_id=row.pk, in_draft=False).delete()
        spread_facts(row, empty_facts())
        row.save()


@transaction.atomic
def forget_reason(*, practice_id: uuid.UUID) -> None:
    """Let go of the reason for which a practice was withdrawn."""
    rows = Practice.objects.filter(pk=practice_id, withdrawn_at__isnull=False)
    rows.update(withdrawal_reason="")


@transaction.atomic
def forget_file(*, sha256: str, named: bool, origin: str = "") -> None:
    """Take a file off drafts, and its name off practices unless it may be shown.

    `origin`: only of that node's practices; drafts keep it then.
    """
    rows = PracticeFile.objects.filter(sha256=sha256)
    if origin:
        theirs = Practice.objects.filter(origin=origin)
        rows = rows.filter(practice_id__in=theirs.values("pk"))
    else:
        rows.filter(published=False).delete()
        rows.update(in_draft=False)
    if not named:
        rows.update(name="")
