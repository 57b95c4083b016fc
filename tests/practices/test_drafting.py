"""Drafts: who may write, and that of two people writing neither loses a word."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chorsu.institutions.errors import NotAllowed, WrongState
from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.kernel.languages import UnknownLanguage
from chorsu.practices import actions, queries
from chorsu.practices.errors import (
    DraftConflict,
    NoSuchDraft,
    NoSuchPractice,
    NotOwnPractice,
    PracticeWithdrawn,
)
from chorsu.practices.models import DraftVersion, Practice
from chorsu.practices.rules import InvalidPractice
from chorsu.practices.shapes import DraftView
from tests.practices.content import FACTS, WORDS, ready_draft

NOBODY = "01920000-0000-7000-8000-000000000000"


def save(draft: DraftView, by: Person, now: datetime, title: str) -> DraftView:
    return actions.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words={**draft.words, "title": title},
        facts=draft.facts,
        by=by,
        now=now,
    )


def test_a_contributor_begins_a_draft(contributor: Person, now: datetime) -> None:
    draft = actions.create_draft(
        by=contributor, institution_id="hub-astana", language="kk", now=now
    )
    assert queries.draft(draft.id, contributor) == draft
    assert (draft.state, draft.version, draft.language, draft.words) == ("writing", 1, "kk", {})
    assert AuditEvent.objects.get().action == "draft.created"


def test_others_may_not(reader: Person, translator: Person, now: datetime) -> None:
    for person in (reader, translator):
        with pytest.raises(NotAllowed):
            actions.create_draft(by=person, institution_id="hub-astana", language="kk", now=now)


def test_nobody_writes_for_another_nodes_institution(
    contributor: Person, peer: Institution, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        actions.create_draft(by=contributor, institution_id=peer.id, language="kk", now=now)


def test_a_draft_is_in_a_working_language(contributor: Person, now: datetime) -> None:
    with pytest.raises(UnknownLanguage):
        actions.create_draft(by=contributor, institution_id="hub-astana", language="fr", now=now)


def test_saving_moves_the_version(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    assert (draft.version, draft.words["title"]) == (2, WORDS["title"])
    assert draft.facts == FACTS


def test_saving_the_same_again_changes_nothing(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    assert save(draft, editor, now, str(WORDS["title"])) == draft


def test_the_second_of_two_writers_is_told_and_loses_nothing(
    editor: Person, contributor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    theirs = save(draft, contributor, now, "Theirs")
    with pytest.raises(DraftConflict) as caught:
        save(draft, editor, now, "Mine")
    assert caught.value.current == theirs
    assert caught.value.current_version == 3
    assert queries.draft(draft.id, editor).words["title"] == "Theirs"
    mine = save(theirs, editor, now, "Mine")
    assert queries.draft_version(draft.id, 3, editor).words["title"] == "Theirs"
    assert [(one.version, one.saved_by) for one in queries.draft_versions(draft.id, editor)] == [
        (4, "Editor One"),
        (3, "Contributor Two"),
        (2, "Editor One"),
        (1, "Editor One"),
    ]
    assert mine.version == 4


def test_an_earlier_save_can_be_brought_back(editor: Person, now: datetime) -> None:
    draft = save(ready_draft(editor, now), editor, now, "Worse")
    back = actions.restore_version(
        draft_id=draft.id, version=draft.version, restored=2, by=editor, now=now
    )
    assert (back.version, back.words["title"]) == (4, WORDS["title"])
    with pytest.raises(NoSuchDraft):
        actions.restore_version(draft_id=draft.id, version=4, restored=99, by=editor, now=now)


def test_the_last_fifty_saves_are_kept(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    for number in range(55):
        draft = save(draft, editor, now, f"Title {number}")
    versions = DraftVersion.objects.order_by("version").values_list("version", flat=True)
    assert list(versions) == list(range(8, 58))


def test_bad_input_names_every_field_and_changes_nothing(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    with pytest.raises(InvalidPractice) as caught:
        actions.save_draft(
            draft_id=draft.id,
            version=draft.version,
            words={"title": "x" * 201},
            facts={"level": "planet"},
            note="x" * 501,
            audience="friends",
            licence="mine",
            by=editor,
            now=now,
        )
    assert [error.field for error in caught.value.errors] == [
        "title", "level", "note", "audience", "licence",
    ]  # fmt: skip
    assert queries.draft(draft.id, editor) == draft


def test_what_is_refused_is_kept_as_typed_beside_all_that_is_right(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    indicator = {"key": "new", "value": "many", "date": "2024"}
    typed: dict[str, object] = {**FACTS, "year_to": "20x", "indicators": [indicator]}

    def save_typed(version: int) -> DraftView:
        return actions.save_draft(
            draft_id=draft.id,
            version=version,
            words={**WORDS, "title": "x" * 201, "lessons": "Begin small."},
            facts=typed,
            note="n" * 501,
            by=editor,
            now=now,
            keep_refused=True,
        )

    saved = save_typed(draft.version)
    assert saved.refused == {
        "title": "x" * 201,
        "year_to": "20x",
        "indicators.new.value": "many",
        "note": "n" * 501,
    }
    assert saved.words["lessons"] == "Begin small."
    assert saved.facts["indicators"] == [{**indicator, "baseline": "", "value": ""}]
    assert save_typed(saved.version).version == saved.version
    assert queries.drafts_for(editor)[0].title == "x" * 200
    for decide in (actions.submit_draft, actions.publish):
        with pytest.raises(InvalidPractice) as caught:
            decide(draft_id=draft.id, version=saved.version, by=editor, now=now)
        assert {error.field for error in caught.value.errors} >= set(saved.refused)
    assert queries.draft(draft.id, editor) == saved
    whole = save(saved, editor, now, "Right again")
    assert whole.refused == {"note": "n" * 501}
    kept = queries.draft_version(draft.id, saved.version, editor)
    assert kept.refused == saved.refused
    back = actions.restore_version(
        draft_id=draft.id, version=whole.version, restored=saved.version, by=editor, now=now
    )
    assert back.refused == saved.refused


def test_audience_licence_and_note_are_saved_when_given(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    saved = actions.save_draft(
        draft_id=draft.id, version=2, words=draft.words, facts=draft.facts, by=editor, now=now,
        audience="network", licence="CC0-1.0", note=" New\nfigures\0 ",
    )  # fmt: skip
    assert (saved.audience, saved.licence, saved.note) == ("network", "CC0-1.0", "New figures")


def test_once_submitted_only_an_editor_saves(
    editor: Person, contributor: Person, now: datetime
) -> None:
    draft = ready_draft(contributor, now)
    actions.submit_draft(draft_id=draft.id, version=2, by=contributor, now=now)
    with pytest.raises(WrongState):
        save(draft, contributor, now, "Late")
    assert save(draft, editor, now, "Corrected").words["title"] == "Corrected"


def test_a_draft_that_is_gone_or_never_was(editor: Person, now: datetime) -> None:
    for draft_id in (NOBODY, "nonsense"):
        with pytest.raises(NoSuchDraft):
            queries.draft(draft_id, editor)
        with pytest.raises(NoSuchDraft):
            actions.submit_draft(draft_id=draft_id, version=1, by=editor, now=now)


def test_readers_see_no_drafts(editor: Person, reader: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    with pytest.raises(NotAllowed):
        queries.draft(draft.id, reader)
    assert queries.drafts_for(reader) == []


def test_the_work_list_shows_the_newest_first_with_open_remarks(
    editor: Person, contributor: Person, now: datetime
) -> None:
    first = ready_draft(contributor, now)
    second = ready_draft(editor, now + timedelta(hours=1), title="Second")
    actions.comment(draft_id=first.id, field="title", text="Shorter?", by=editor, now=now)
    lines = queries.drafts_for(contributor)
    assert [(line.id, line.title, line.open_comments) for line in lines] == [
        (second.id, "Second", 0),
        (first.id, WORDS["title"], 1),
    ]


def test_discarding_takes_the_right_version_and_the_right_person(
    editor: Person, contributor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    with pytest.raises(NotAllowed):
        actions.discard_draft(draft_id=draft.id, version=2, by=contributor, now=now)
    with pytest.raises(DraftConflict):
        actions.discard_draft(draft_id=draft.id, version=1, by=editor, now=now)
    actions.discard_draft(draft_id=draft.id, version=2, by=editor, now=now)
    assert queries.drafts_for(editor) == []
    assert AuditEvent.objects.first().action == "draft.discarded"  # type: ignore[union-attr]


def test_a_revision_begins_with_what_is_published(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    actions.publish(draft_id=draft.id, version=2, by=editor, now=now)
    copy = actions.revise(practice_id=draft.id, by=editor, now=now)
    assert (copy.id, copy.based_on, copy.words) == (draft.id, 1, draft.words)
    saved = save(copy, editor, now, "Newer")
    assert actions.revise(practice_id=draft.id, by=editor, now=now) == saved


def test_only_ones_own_living_practice_is_revised(editor: Person, now: datetime) -> None:
    with pytest.raises(NoSuchPractice):
        actions.revise(practice_id=NOBODY, by=editor, now=now)
    draft = ready_draft(editor, now)
    actions.publish(draft_id=draft.id, version=2, by=editor, now=now)
    actions.withdraw(practice_id=draft.id, reason="Wrong figures", by=editor, now=now)
    with pytest.raises(PracticeWithdrawn):
        actions.revise(practice_id=draft.id, by=editor, now=now)
    Practice.objects.update(origin="ashgabat.chorsu.example")
    with pytest.raises(NotOwnPractice):
        actions.revise(practice_id=draft.id, by=editor, now=now)
