"""New practices from old text: begun from a practice, and carried on when one is withdrawn."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.exchange import blobs
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Person
from chorsu.kernel.ids import new_id
from chorsu.practices import actions, queries
from chorsu.practices.errors import NoSuchDraft, NoSuchPractice, NotOwnPractice
from chorsu.practices.models import Practice, PracticeFile
from chorsu.practices.shapes import Beginning, DraftView
from tests.practices.content import WORDS, ready_draft
from tests.records.pdfs import small_pdf

PDF, TABLE = small_pdf(), b"year,visits\n2024,12\n"


def with_file(draft: DraftView, data: bytes, name: str, by: Person, now: datetime) -> str:
    return actions.add_file(
        draft_id=draft.id, upload=data, name=name, language="ru", by=by, now=now
    ).sha256


@pytest.fixture
def practice_id(editor: Person, now: datetime) -> str:
    """A published practice with a file."""
    draft = ready_draft(editor, now)
    with_file(draft, PDF, "plan.pdf", editor, now)
    return actions.publish(draft_id=draft.id, version=draft.version, by=editor, now=now).id


def withdraw(practice_id: str, by: Person, now: datetime) -> None:
    actions.withdraw(practice_id=practice_id, reason="Wrong figures", by=by, now=now)


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_draft_begins_with_words_facts_and_files(
    practice_id: str, editor: Person, contributor: Person, now: datetime, withdrawn: bool
) -> None:
    published = actions.revise(practice_id=practice_id, by=editor, now=now)
    actions.discard_draft(draft_id=practice_id, version=published.version, by=editor, now=now)
    if withdrawn:
        withdraw(practice_id, editor, now)
    draft = actions.begin_from(practice_id=practice_id, by=contributor, now=now)
    assert (draft.id != practice_id, draft.based_on, draft.version) == (True, 0, 1)
    assert (draft.words, draft.facts) == (published.words, published.facts)
    assert draft.files == published.files
    began = Beginning(practice_id, "hub-astana", 1, "en", WORDS["title"], withdrawn)
    assert draft.began == began
    assert [line.began for line in queries.drafts_for(contributor)] == [began]
    event = AuditEvent.objects.get(action="draft.begun-from")
    assert (event.subject_id, event.detail["from"]) == (draft.id, practice_id)
    form = actions.publish(draft_id=draft.id, version=1, by=editor, now=now)
    assert (form.id, form.revision, [file.name for file in form.files]) == (
        draft.id, 1, ["plan.pdf"],
    )  # fmt: skip
    assert practice_id not in form.to_bytes().decode()


def test_a_file_that_was_erased_is_left_out(
    practice_id: str, editor: Person, now: datetime
) -> None:
    blobs.erase(PracticeFile.objects.get().sha256)
    assert actions.begin_from(practice_id=practice_id, by=editor, now=now).files == []


def test_only_who_writes_there_begins_and_only_from_one_s_own(
    practice_id: str, reader: Person, editor: Person, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        actions.begin_from(practice_id=practice_id, by=reader, now=now)
    with pytest.raises(NoSuchPractice):
        actions.begin_from(practice_id=new_id(), by=editor, now=now)
    Practice.objects.update(origin="ashgabat.chorsu.example")
    for begin in (
        lambda: actions.begin_from(practice_id=practice_id, by=editor, now=now),
        lambda: queries.beginning(practice_id, editor),
    ):
        with pytest.raises(NotOwnPractice):
            begin()


def test_a_withdrawal_keeps_the_draft_of_the_next_revision_whole(
    practice_id: str, editor: Person, contributor: Person, now: datetime
) -> None:
    draft = actions.revise(practice_id=practice_id, by=contributor, now=now)
    table = with_file(draft, TABLE, "visits.csv", contributor, now)
    actions.comment(draft_id=draft.id, field="title", text="Shorter?", by=editor, now=now)
    actions.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words={**draft.words, "lessons": "Begin small."},
        facts={**draft.facts, "year_to": "20x"},
        note="New figures",
        by=contributor,
        now=now,
        keep_refused=True,
    )
    before = queries.draft(draft.id, contributor)
    withdraw(practice_id, editor, now)
    with pytest.raises(NoSuchDraft):
        queries.draft(practice_id, contributor)
    kept = queries.draft(queries.moved_draft(practice_id), contributor)
    assert (kept.based_on, kept.version, kept.state) == (0, before.version, "writing")
    for name in ("words", "facts", "refused", "note", "files", "comments", "created_by"):
        assert getattr(kept, name) == getattr(before, name), name
    assert [one.version for one in queries.draft_versions(kept.id, contributor)] == [2, 1]
    assert kept.began == Beginning(practice_id, "hub-astana", 1, "en", WORDS["title"], True)
    assert AuditEvent.objects.get(action="draft.carried-on").detail["from"] == practice_id
    old = PracticeFile.objects.filter(practice_id=practice_id)
    assert list(old.values_list("name", "published", "in_draft")) == [("plan.pdf", True, False)]
    actions.remove_file(draft_id=kept.id, sha256=table, by=contributor, now=now)
    saved = actions.save_draft(
        draft_id=kept.id,
        version=kept.version,
        words=kept.words,
        facts=kept.facts,
        by=editor,
        now=now,
    )
    form = actions.publish(draft_id=kept.id, version=saved.version, by=editor, now=now)
    assert (form.id, form.revision) == (kept.id, 1)
    assert queries.moved_draft(practice_id) == ""
