"""Publishing, revising and withdrawing at the origin."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.kernel.ids import new_id
from chorsu.practices import actions, queries
from chorsu.practices.errors import (
    DraftConflict,
    NoSuchDraft,
    NoSuchPractice,
    NotOwnPractice,
    PracticeWithdrawn,
)
from chorsu.practices.models import Draft, Practice, PracticeFile, PracticeText
from chorsu.practices.rules import FieldError, InvalidPractice
from chorsu.practices.shapes import DraftView
from chorsu.practices.wire import PublishedPractice, PublishedText, parse_payload
from chorsu.records.viewer import Viewer
from chorsu.wire.envelope import blob_hash
from tests.practices.content import FACTS, RUSSIAN, WORDS, ready_draft
from tests.records.pdfs import small_pdf

ANYONE = Viewer(member=False, languages=("en",))
PDF = small_pdf()


def publish(draft: DraftView, by: Person, now: datetime) -> PublishedPractice:
    return actions.publish(draft_id=draft.id, version=draft.version, by=by, now=now)


def revised(practice_id: str, by: Person, now: datetime, **changes: str) -> PublishedPractice:
    draft = actions.revise(practice_id=practice_id, by=by, now=now)
    draft = actions.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words={**draft.words, **changes},
        facts=draft.facts,
        note="Changed",
        by=by,
        now=now,
    )
    return publish(draft, by, now)


def russian(revision: int = 1, provenance: str = "human") -> PublishedText:
    return PublishedText("ru", provenance, revision, "Hub", date(2026, 11, 1), dict(RUSSIAN))


def ready(now: datetime, *texts: PublishedText, **changes: str) -> PublishedPractice | None:
    return actions.publish_ready(
        practice_id="01920000-0000-7000-8000-000000000001",
        institution_id="hub-astana",
        language="en",
        audience="public",
        licence="CC-BY-4.0",
        words={**WORDS, **changes},
        facts=FACTS,
        texts=texts,
        now=now,
    )


def test_a_published_draft_is_a_practice_everyone_reads(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    published = publish(draft, editor, now)
    view = queries.practice(draft.id, ANYONE)
    assert (view.revision, view.is_own, view.text.words) == (1, True, draft.words)
    assert view.blob == blob_hash(published.to_bytes())
    assert parse_payload(published.to_bytes(), "hub.chorsu.example") == published
    assert not Draft.objects.exists()
    assert AuditEvent.objects.first().action == "practice.published"  # type: ignore[union-attr]


def test_only_an_editor_publishes(editor: Person, contributor: Person, now: datetime) -> None:
    draft = ready_draft(contributor, now)
    with pytest.raises(NotAllowed):
        publish(draft, contributor, now)
    assert not Practice.objects.exists()


def test_what_is_published_is_what_was_seen(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    with pytest.raises(DraftConflict):
        actions.publish(draft_id=draft.id, version=1, by=editor, now=now)
    publish(draft, editor, now)
    with pytest.raises(NoSuchDraft):
        publish(draft, editor, now)


def test_what_is_missing_is_named(editor: Person, now: datetime) -> None:
    draft = actions.create_draft(by=editor, institution_id="hub-astana", language="en", now=now)
    with pytest.raises(InvalidPractice) as caught:
        publish(draft, editor, now)
    assert FieldError("failures", "missing") in caught.value.errors
    assert Draft.objects.count() == 1


def test_words_of_a_row_that_is_gone_are_not_published(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now, **{"indicators.old.name": "Old"})
    assert "indicators.old.name" not in publish(draft, editor, now).original.words


def test_a_revision_moves_the_number_and_keeps_the_past(editor: Person, now: datetime) -> None:
    first = publish(ready_draft(editor, now), editor, now)
    later = now + timedelta(days=2)
    second = revised(first.id, editor, later, title="Two windows")
    assert (second.revision, second.published_at, second.updated_at) == (2, now, later)
    lines = queries.history(first.id, ANYONE)
    assert [(line.revision, line.note, line.is_here) for line in lines] == [
        (2, "Changed", True),
        (1, "", True),
    ]
    assert queries.revision(first.id, 1, ANYONE).words["title"] == WORDS["title"]
    assert [line.revision for line in second.history] == [1, 2]


def test_publishing_what_is_published_already_is_refused(editor: Person, now: datetime) -> None:
    first = publish(ready_draft(editor, now), editor, now)
    copy = actions.revise(practice_id=first.id, by=editor, now=now)
    with pytest.raises(InvalidPractice) as caught:
        publish(copy, editor, now)
    assert caught.value.errors == [FieldError("", "unchanged")]


def test_another_audience_alone_is_no_new_revision(editor: Person, now: datetime) -> None:
    first = publish(ready_draft(editor, now), editor, now)
    copy = actions.revise(practice_id=first.id, by=editor, now=now)
    copy = actions.save_draft(
        draft_id=copy.id, version=1, words=copy.words, facts=copy.facts, audience="network",
        by=editor, now=now,
    )  # fmt: skip
    second = publish(copy, editor, now)
    assert (second.revision, second.audience) == (1, "network")
    with pytest.raises(NoSuchPractice):
        queries.practice(first.id, ANYONE)
    assert queries.practice(first.id, Viewer(member=True)).audience == "network"


def test_translations_grow_stale_when_words_move(editor: Person, now: datetime) -> None:
    first = ready(now, russian())
    assert first is not None
    revised(first.id, editor, now, title="Two windows")
    view = queries.practice(first.id, Viewer(member=False, languages=("ru",)))
    assert (view.text.language, view.text.revision, view.text.stale) == ("ru", 1, True)
    assert view.original.title == "Two windows"


def test_translations_stay_fresh_when_only_facts_move(editor: Person, now: datetime) -> None:
    first = ready(now, russian())
    assert first is not None
    copy = actions.revise(practice_id=first.id, by=editor, now=now)
    copy = actions.save_draft(
        draft_id=copy.id, version=1, words=copy.words, facts={**FACTS, "status": "ended"},
        by=editor, now=now,
    )  # fmt: skip
    second = publish(copy, editor, now)
    assert (second.revision, second.texts["ru"].revision) == (2, 2)


def test_files_are_published_with_the_draft_that_has_them(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    file = actions.add_file(
        draft_id=draft.id, upload=PDF, name="plan.pdf", language="ru", by=editor, now=now
    )
    first = publish(queries.draft(draft.id, editor), editor, now)
    assert [(one.sha256, one.name, one.language) for one in first.files] == [
        (file.sha256, "plan.pdf", "ru")
    ]
    assert queries.file_of(draft.id, file.sha256, ANYONE) == file
    actions.revise(practice_id=draft.id, by=editor, now=now)
    actions.remove_file(draft_id=draft.id, sha256=file.sha256, by=editor, now=now)
    assert queries.practice(draft.id, ANYONE).files == [file]
    second = publish(queries.draft(draft.id, editor), editor, now)
    assert (second.revision, second.files) == (2, [])
    with pytest.raises(NoSuchPractice):
        queries.file_of(draft.id, file.sha256, ANYONE)


def test_discarding_a_revision_leaves_published_files_alone(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    file = actions.add_file(
        draft_id=draft.id, upload=PDF, name="plan.pdf", language="", by=editor, now=now
    )
    publish(queries.draft(draft.id, editor), editor, now)
    copy = actions.revise(practice_id=draft.id, by=editor, now=now)
    actions.remove_file(draft_id=draft.id, sha256=file.sha256, by=editor, now=now)
    actions.add_file(
        draft_id=draft.id,
        upload=small_pdf(Title="Another"),
        name="b",
        language="",
        by=editor,
        now=now,
    )
    actions.discard_draft(draft_id=copy.id, version=1, by=editor, now=now)
    assert list(PracticeFile.objects.values_list("sha256", "published", "in_draft")) == [
        (file.sha256, True, False)
    ]


def test_a_file_is_taken_once_and_by_writers_only(
    editor: Person, reader: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)

    def add(by: Person, language: str = "") -> None:
        actions.add_file(draft_id=draft.id, upload=PDF, name="a", language=language, by=by, now=now)

    with pytest.raises(NotAllowed):
        add(reader)
    with pytest.raises(InvalidPractice, match="language: unknown"):
        add(editor, "fr")
    add(editor)
    with pytest.raises(InvalidPractice, match="file: file_twice"):
        add(editor)
    with pytest.raises(NoSuchDraft):
        actions.remove_file(draft_id=draft.id, sha256="f" * 64, by=editor, now=now)


def test_fifty_files_are_enough(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    PracticeFile.objects.bulk_create(
        PracticeFile(practice_id=draft.id, sha256=f"{n:064}", size=1, in_draft=True)
        for n in range(50)
    )
    with pytest.raises(InvalidPractice, match="files: too_many"):
        actions.add_file(draft_id=draft.id, upload=PDF, name="a", language="", by=editor, now=now)


def test_a_withdrawn_practice_says_only_why(editor: Person, now: datetime) -> None:
    first = publish(ready_draft(editor, now), editor, now)
    actions.revise(practice_id=first.id, by=editor, now=now)
    withdrawal = actions.withdraw(
        practice_id=first.id, reason=" Wrong figures ", by=editor, now=now
    )
    assert (withdrawal.revision, withdrawal.audience) == (1, "public")
    for read in (
        lambda: queries.practice(first.id, ANYONE),
        lambda: queries.history(first.id, ANYONE),
        lambda: actions.withdraw(practice_id=first.id, reason="x", by=editor, now=now),
    ):
        with pytest.raises(PracticeWithdrawn) as caught:
            read()
        assert caught.value.reason == "Wrong figures"
    assert queries.practices(ANYONE).items == []
    assert queries.document_for_search(first.id) is None
    assert not Draft.objects.filter(pk=first.id).exists()


@pytest.mark.parametrize(("reason", "code"), [(" ", "missing"), ("x" * 2001, "too_long")])
def test_a_withdrawal_needs_a_reason(editor: Person, now: datetime, reason: str, code: str) -> None:
    first = publish(ready_draft(editor, now), editor, now)
    with pytest.raises(InvalidPractice, match=f"reason: {code}"):
        actions.withdraw(practice_id=first.id, reason=reason, by=editor, now=now)


def test_only_an_editor_of_the_origin_withdraws(
    editor: Person, contributor: Person, now: datetime
) -> None:
    first = publish(ready_draft(editor, now), editor, now)
    with pytest.raises(NotAllowed):
        actions.withdraw(practice_id=first.id, reason="x", by=contributor, now=now)
    with pytest.raises(NoSuchPractice):
        actions.withdraw(practice_id=new_id(), reason="x", by=editor, now=now)
    Practice.objects.update(origin="ashgabat.chorsu.example")
    with pytest.raises(NotOwnPractice):
        actions.withdraw(practice_id=first.id, reason="x", by=editor, now=now)


def test_a_ready_practice_comes_with_all_its_texts(academy: Institution, now: datetime) -> None:
    published = ready(now, russian(provenance="machine"))
    assert published is not None
    assert {text.language: text.provenance for text in published.texts.values()} == {
        "en": "original",
        "ru": "machine",
    }
    assert parse_payload(published.to_bytes(), "hub.chorsu.example") == published


def test_the_same_ready_practice_again_is_nothing_new(academy: Institution, now: datetime) -> None:
    ready(now, russian())
    assert ready(now + timedelta(days=1), russian()) is None
    again = ready(now + timedelta(days=1), russian(provenance="edited"))
    assert again is not None
    assert (again.revision, again.texts["ru"].provenance) == (1, "edited")
    newer = ready(now + timedelta(days=2), russian(), title="New title")
    assert newer is not None
    assert newer.revision == 2


def test_a_ready_practice_is_checked_like_any_other(
    academy: Institution, contributor: Person, peer: Institution, now: datetime
) -> None:
    bad = PublishedText("ru", "original", 1, "", None, {"title": "x"})
    with pytest.raises(InvalidPractice) as caught:
        ready(now, bad)
    assert [error.field for error in caught.value.errors] == ["texts.ru.summary", "texts.ru"]
    assert not PracticeText.objects.exists()
    with pytest.raises(InvalidPractice, match="title: missing"):
        ready(now, title="")
    for institution, by in (("tm-acs", None), ("hub-astana", contributor)):
        with pytest.raises(NotAllowed):
            actions.publish_ready(
                practice_id=new_id(), institution_id=institution, language="en", by=by,
                audience="public", licence="CC-BY-4.0", words=WORDS, facts=FACTS, texts=(), now=now,
            )  # fmt: skip


def test_a_licence_or_audience_nobody_knows_is_refused(academy: Institution, now: datetime) -> None:
    with pytest.raises(InvalidPractice, match="audience: unknown, licence: unknown"):
        actions.publish_ready(
            practice_id=new_id(), institution_id="hub-astana", language="en", audience="friends",
            licence="mine", words=WORDS, facts=FACTS, texts=(), now=now,
        )  # fmt: skip


def test_what_was_for_the_network_stays_so_when_a_later_revision_is_public(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now, problem="Names of the districts that failed.")
    draft = actions.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words, facts=draft.facts,
        audience="network", note="For colleagues", by=editor, now=now,
    )  # fmt: skip
    publish(draft, editor, now)
    actions.save_translation(
        practice_id=draft.id, language="ru", version=0, words=RUSSIAN, provenance="human",
        translated_by="Hub", by=editor, now=now,
    )  # fmt: skip
    actions.approve_translation(practice_id=draft.id, language="ru", version=1, by=editor, now=now)
    copy = actions.revise(practice_id=draft.id, by=editor, now=now)
    copy = actions.save_draft(
        draft_id=copy.id, version=copy.version, words={**copy.words, "problem": "Some failed."},
        facts=copy.facts, audience="public", note="For all", by=editor, now=now,
    )  # fmt: skip
    form = publish(copy, editor, now)
    assert [line.note for line in form.history] == ["", "For all"]
    assert list(form.texts) == ["en"]
    work = queries.translation(draft.id, "ru", editor)
    assert (work.words, work.revision, work.published) == (RUSSIAN, 1, None)
    told = queries.history(draft.id, ANYONE)
    assert [(line.note, line.is_here, line.is_closed) for line in told] == [
        ("For all", True, False),
        ("", False, True),
    ]
    with pytest.raises(NoSuchPractice):
        queries.revision(draft.id, 1, ANYONE)
    member = Viewer(member=True)
    assert queries.revision(draft.id, 1, member).words["problem"].startswith("Names")
    assert [line.note for line in queries.history(draft.id, member)] == [
        "For all",
        "For colleagues",
    ]


def test_the_same_words_for_all_are_a_revision_for_all(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    draft = actions.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words, facts=draft.facts,
        audience="network", by=editor, now=now,
    )  # fmt: skip
    publish(draft, editor, now)
    copy = actions.revise(practice_id=draft.id, by=editor, now=now)
    copy = actions.save_draft(
        draft_id=copy.id, version=copy.version, words=copy.words, facts=copy.facts,
        audience="public", by=editor, now=now,
    )  # fmt: skip
    assert publish(copy, editor, now).revision == 1
    assert queries.revision(draft.id, 1, ANYONE).words["title"] == WORDS["title"]
