"""Publishing, translating and withdrawing, from the act to the feed, the work list and search."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from django.conf import settings
from django.db import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from chorsu.exchange import blobs
from chorsu.exchange.models import Blob, BlobUse, FeedEntry
from chorsu.flows.indexing import index_some
from chorsu.flows.publishing import publish_draft, publish_ready
from chorsu.flows.translating import approve_translation
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.kernel.ids import new_id
from chorsu.language.models import TranslationRequest
from chorsu.practices import actions, queries
from chorsu.practices.models import Draft, Practice, PracticeText
from chorsu.practices.rules import InvalidPractice
from chorsu.practices.wire import parse_payload, parse_text_payload, parse_withdrawal
from chorsu.records.viewer import Viewer
from chorsu.search import actions as search
from chorsu.search.models import Document, Passage
from chorsu.search.queries import waiting_records
from tests.practices.content import FACTS, RUSSIAN, WORDS, ready_draft
from tests.practices.test_publishing import russian
from tests.records.cleaning.test_pdf import signed
from tests.records.pdfs import small_pdf

NAME = "Zulfiya Qodirova"
EMAIL = "zq-7@private.example"
PDF = small_pdf()


@pytest.fixture
def zulfiya(academy: Institution) -> Person:
    """An editor with a telling name and address."""
    person = Person.objects.create_user(EMAIL, "correct horse", name=NAME)
    for role in ("contributor", "editor", "translator"):
        Membership.objects.create(person=person, institution=academy, role=role)
    return person


def entries() -> list[tuple[str, str, int]]:
    rows = FeedEntry.objects.order_by("index")
    return list(rows.values_list("kind", "action", "revision"))


def newest_blob() -> bytes:
    entry = FeedEntry.objects.order_by("-index").first()
    assert entry is not None
    data = blobs.read(entry.blob)
    assert data is not None
    return data


def everything_published() -> bytes:
    """Every byte a peer could ever ask for: leaves and blobs."""
    leaves = [bytes(leaf) for leaf in FeedEntry.objects.values_list("leaf", flat=True)]
    used = BlobUse.objects.values_list("blob_id", flat=True)
    named = FeedEntry.objects.values_list("blob", flat=True)
    stored = [blobs.read(sha256) or b"" for sha256 in {*used, *named}]
    return b"\n".join(leaves + stored)


def test_a_published_practice_is_in_the_feed_the_work_list_and_search(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    published = publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    assert entries() == [("practice", "publish", 1)]
    assert parse_payload(newest_blob(), settings.NODE_NAME) == published
    assert Practice.objects.get().blob == FeedEntry.objects.get().blob
    wanted = TranslationRequest.objects.values_list("language", flat=True)
    assert sorted(wanted) == ["kk", "ky", "ru", "tg", "tk", "uz", "zh-Hans"]
    assert not Document.objects.exists(), "who reads it first does not wait for search"
    assert index_some(limit=5) == 1
    assert Document.objects.get().languages == ["en"]
    assert Passage.objects.filter(text=WORDS["title"]).exists()


def test_a_published_practice_is_found_before_what_else_waits(
    editor: Person, now: datetime
) -> None:
    search.index_later(kind="practice", record_ids=[new_id() for _ in range(20)])
    draft = ready_draft(editor, now)
    published = publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    assert index_some(limit=1) == 1
    assert str(Document.objects.get().record_id) == published.id
    assert waiting_records() == 20


def test_files_can_be_read_by_their_hash_only_once_published(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    file = actions.add_file(
        draft_id=draft.id, upload=PDF, name="a.pdf", language="", by=editor, now=now
    )
    assert blobs.read(file.sha256) == PDF
    assert not BlobUse.objects.exists()
    publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    assert BlobUse.objects.filter(blob_id=file.sha256, audience="public").exists()


def test_a_publication_that_fails_leaves_no_trace(
    editor: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = ready_draft(editor, now)

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("chorsu.exchange.stores.DiskStore.keep", broken)
    with pytest.raises(OSError, match="full"):
        publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    assert queries.draft(draft.id, editor) == draft
    assert not Practice.objects.exists()
    assert (entries(), Document.objects.count(), Blob.objects.count()) == ([], 0, 0)


def test_peers_are_told_only_once_it_is_committed(
    editor: Person,
    now: datetime,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    draft = ready_draft(editor, now)
    with django_capture_on_commit_callbacks() as waiting:
        publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    assert len(waiting) >= 1


def test_an_approved_translation_is_a_new_entry_of_the_same_revision(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    actions.save_translation(
        practice_id=draft.id, language="ru", version=0, words=RUSSIAN, provenance="human",
        by=editor, now=now,
    )  # fmt: skip
    approve_translation(practice_id=draft.id, language="ru", version=1, by=editor, now=now)
    assert entries() == [("practice", "publish", 1)] * 2
    assert sorted(parse_payload(newest_blob(), settings.NODE_NAME).texts) == ["en", "ru"]
    assert not TranslationRequest.objects.filter(language="ru").exists()
    assert sorted(Document.objects.get().languages) == ["en", "ru"]


def test_a_translation_of_a_peers_practice_enters_this_nodes_feed(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    actions.publish(draft_id=draft.id, version=2, by=editor, now=now)
    Practice.objects.update(origin="ashgabat.chorsu.example")
    PracticeText.objects.update(supplied_by="ashgabat.chorsu.example")
    for revision in (1, 2):
        actions.save_translation(
            practice_id=draft.id, language="ru", version=0, words=RUSSIAN, provenance="human",
            by=editor, now=now,
        )  # fmt: skip
        approve_translation(practice_id=draft.id, language="ru", version=1, by=editor, now=now)
        assert entries()[-1] == ("practice-text", "publish", revision)
    assert parse_text_payload(newest_blob()).record == draft.id


def test_a_withdrawal_is_told_and_nothing_is_found_any_more(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    file = actions.add_file(
        draft_id=draft.id, upload=PDF, name="a.pdf", language="", by=editor, now=now
    )
    publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    withdraw_practice(practice_id=draft.id, reason="Wrong figures", by=editor, now=now)
    assert entries()[-1] == ("practice", "withdraw", 1)
    assert parse_withdrawal(newest_blob(), "practice", draft.id) == "Wrong figures"
    assert not Document.objects.exists()
    assert not TranslationRequest.objects.exists()
    assert not BlobUse.objects.filter(blob_id=file.sha256).exists()


def test_the_draft_that_a_withdrawal_leaves_is_published_as_a_new_practice(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    file = actions.add_file(
        draft_id=draft.id, upload=PDF, name="a.pdf", language="", by=editor, now=now
    )
    publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    actions.revise(practice_id=draft.id, by=editor, now=now)
    withdraw_practice(practice_id=draft.id, reason="Wrong figures", by=editor, now=now)
    kept = queries.draft(queries.moved_draft(draft.id), editor)
    assert not BlobUse.objects.filter(blob_id=file.sha256).exists()
    again = publish_draft(draft_id=kept.id, version=kept.version, by=editor, now=now)
    assert entries()[1:] == [("practice", "withdraw", 1), ("practice", "publish", 1)]
    assert draft.id.encode() not in newest_blob()
    assert str(BlobUse.objects.get(blob_id=file.sha256).record_id) == again.id
    index_some(limit=5)
    assert [str(document.record_id) for document in Document.objects.all()] == [again.id]


def test_a_ready_practice_is_one_entry_and_the_same_again_is_none(
    academy: Institution, now: datetime
) -> None:
    def load() -> object:
        return publish_ready(
            practice_id="01920000-0000-7000-8000-000000000001",
            institution_id="hub-astana", language="en", audience="public", licence="CC-BY-4.0",
            words=WORDS, facts=FACTS, texts=[russian()], now=now,
        )  # fmt: skip

    assert load() is not None
    assert load() is None
    assert entries() == [("practice", "publish", 1)]
    assert sorted(Document.objects.get().languages) == ["en", "ru"]


@pytest.mark.parametrize(
    ("step", "error"), [("index", RuntimeError), ("take_up", OperationalError)]
)
def test_a_practice_that_cannot_be_indexed_is_published_and_waits(
    academy: Institution,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    error: type[Exception],
) -> None:
    def fail(*_given: object, **_named: object) -> int:
        raise error("the index")

    monkeypatch.setattr(f"chorsu.search.actions.{step}", fail)
    publish_ready(
        practice_id=new_id(), institution_id="hub-astana", language="en", audience="public",
        licence="CC-BY-4.0", words=WORDS, facts=FACTS, texts=[], now=now,
    )  # fmt: skip
    assert (entries(), waiting_records()) == ([("practice", "publish", 1)], 1)
    monkeypatch.undo()
    assert (index_some(limit=5), Document.objects.count()) == (1, 1)


def test_no_byte_of_what_is_published_tells_who_wrote_it(zulfiya: Person, now: datetime) -> None:
    draft = ready_draft(zulfiya, now)
    actions.comment(draft_id=draft.id, field="title", text=f"{NAME} asks", by=zulfiya, now=now)
    actions.submit_draft(draft_id=draft.id, version=2, by=zulfiya, now=now)
    actions.return_draft(draft_id=draft.id, version=2, text=f"By {NAME}", by=zulfiya, now=now)
    actions.add_file(draft_id=draft.id, upload=PDF, name="a", language="", by=zulfiya, now=now)
    publish_draft(draft_id=draft.id, version=2, by=zulfiya, now=now)
    actions.save_translation(
        practice_id=draft.id, language="ru", version=0, words=RUSSIAN, provenance="human",
        translated_by="Hub", by=zulfiya, now=now,
    )  # fmt: skip
    approve_translation(practice_id=draft.id, language="ru", version=1, by=zulfiya, now=now)
    withdraw_practice(practice_id=draft.id, reason="Wrong figures", by=zulfiya, now=now)
    told = everything_published()
    assert WORDS["title"].encode() in told  # type: ignore[attr-defined]
    for trace in (NAME, EMAIL, "Zulfiya", "Qodirova", "private.example"):
        assert trace.lower().encode() not in told.lower()


@pytest.mark.parametrize(
    ("words", "facts", "field", "code"),
    [
        ({"lessons": f"Ask {NAME}."}, {}, "lessons", "personal_name"),
        ({"lessons": "Ask QODIROVA Zulfiya!"}, {}, "lessons", "personal_name"),
        ({"lessons": "Ask Zulfiya\n\nQodirova"}, {}, "lessons", "personal_name"),
        ({"title": f"Write to {EMAIL.upper()}"}, {}, "title", "personal_email"),
        ({"contacts.office.office": NAME}, {}, "contacts.office.office", "personal_name"),
        (
            {},
            {"contacts": [{"key": "office", "email": EMAIL}]},
            "contacts.0.email",
            "personal_email",
        ),
        (
            {},
            {"contacts": [{"key": "office", "url": f"mailto:{EMAIL}"}]},
            "contacts.0.url",
            "personal_email",
        ),
        ({}, {"sources": [{"key": "s", "title": NAME}]}, "sources.0.title", "personal_name"),
    ],
)
def test_publishing_a_persons_name_or_address_is_refused(
    zulfiya: Person,
    now: datetime,
    words: dict[str, object],
    facts: dict[str, object],
    field: str,
    code: str,
) -> None:
    draft = ready_draft(zulfiya, now)
    actions.save_draft(
        draft_id=draft.id, version=2, words={**WORDS, **words}, facts={**FACTS, **facts},
        by=zulfiya, now=now,
    )  # fmt: skip
    with pytest.raises(InvalidPractice) as caught:
        publish_draft(draft_id=draft.id, version=3, by=zulfiya, now=now)
    assert [(error.field, error.code) for error in caught.value.errors] == [(field, code)]
    assert Draft.objects.get().version == 3
    assert entries() == []


def test_a_note_a_file_a_reason_and_a_translator_are_looked_at_too(
    zulfiya: Person, now: datetime
) -> None:
    draft = ready_draft(zulfiya, now)
    actions.save_draft(
        draft_id=draft.id, version=2, words=draft.words, facts=draft.facts, note=f"{NAME} again",
        by=zulfiya, now=now,
    )  # fmt: skip
    file = actions.add_file(
        draft_id=draft.id, upload=PDF, name=f"{NAME}.pdf", language="", by=zulfiya, now=now
    )
    with pytest.raises(InvalidPractice) as caught:
        publish_draft(draft_id=draft.id, version=3, by=zulfiya, now=now)
    assert {error.field for error in caught.value.errors} == {"note", f"files.{file.sha256}.name"}
    actions.remove_file(draft_id=draft.id, sha256=file.sha256, by=zulfiya, now=now)
    actions.save_draft(
        draft_id=draft.id, version=3, words=draft.words, facts=draft.facts, note="",
        by=zulfiya, now=now,
    )  # fmt: skip
    publish_draft(draft_id=draft.id, version=4, by=zulfiya, now=now)
    with pytest.raises(InvalidPractice, match="reason: personal_name"):
        withdraw_practice(practice_id=draft.id, reason=f"{NAME} was wrong", by=zulfiya, now=now)
    actions.save_translation(
        practice_id=draft.id, language="ru", version=0, words=RUSSIAN, provenance="human",
        translated_by=NAME, by=zulfiya, now=now,
    )  # fmt: skip
    with pytest.raises(InvalidPractice, match="translated_by: personal_name"):
        approve_translation(practice_id=draft.id, language="ru", version=1, by=zulfiya, now=now)
    assert len(entries()) == 1


def test_a_pdf_by_a_person_of_this_node_is_taken_without_the_name(
    zulfiya: Person, now: datetime
) -> None:
    draft = ready_draft(zulfiya, now)
    data = small_pdf(Author=NAME, Title="Plan")
    file = actions.add_file(
        draft_id=draft.id, upload=data, name="a", language="", by=zulfiya, now=now
    )
    assert blobs.read(file.sha256) == small_pdf(Title="Plan")


def test_a_document_with_a_persons_name_in_its_title_is_refused(
    zulfiya: Person, now: datetime
) -> None:
    draft = ready_draft(zulfiya, now)
    data = small_pdf(Title=f"Plan of {NAME}")
    with pytest.raises(InvalidPractice, match="file: personal_name"):
        actions.add_file(draft_id=draft.id, upload=data, name="a", language="", by=zulfiya, now=now)
    assert not Blob.objects.exists()


def test_a_signed_pdf_is_taken_as_it_is_unless_a_person_of_this_node_signed_it(
    zulfiya: Person, now: datetime
) -> None:
    draft = ready_draft(zulfiya, now)

    def add(data: bytes) -> str:
        return actions.add_file(
            draft_id=draft.id, upload=data, name="a", language="", by=zulfiya, now=now
        ).sha256

    decree = signed("A minister of another state")
    assert blobs.read(add(decree)) == decree
    with pytest.raises(InvalidPractice, match="file: file_signed"):
        add(signed(NAME))


def test_a_chinese_name_is_found_inside_a_sentence(zulfiya: Person, now: datetime) -> None:
    Person.objects.create_user("w@hub.example", None, name="王小明")
    draft = ready_draft(zulfiya, now, lessons="请联系王小明同志。")
    with pytest.raises(InvalidPractice, match="lessons: personal_name"):
        publish_draft(draft_id=draft.id, version=2, by=zulfiya, now=now)


def test_one_name_alone_is_an_ordinary_word(zulfiya: Person, now: datetime) -> None:
    Person.objects.create_user("g@hub.example", None, name="Gül")
    Person.objects.create_user("p@hub.example", None, name="高峰")
    draft = ready_draft(zulfiya, now, lessons="Gül. 早高峰. Zulfiya is a name; Qodirova another.")
    published = publish_draft(draft_id=draft.id, version=2, by=zulfiya, now=now)
    assert "Gül" in published.original.words["lessons"]


def test_readers_of_the_network_read_what_was_published_to_it(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    actions.save_draft(
        draft_id=draft.id, version=2, words=draft.words, facts=draft.facts, audience="network",
        by=editor, now=now,
    )  # fmt: skip
    publish_draft(draft_id=draft.id, version=3, by=editor, now=now)
    assert FeedEntry.objects.get().audience == "network"
    assert json.loads(newest_blob())["audience"] == "network"
    assert queries.practices(Viewer(member=False)).items == []
    assert len(queries.practices(Viewer(member=True)).items) == 1
