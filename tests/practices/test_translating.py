"""Translations in work and approved, of one's own practices and of others'."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Person
from chorsu.practices import actions, queries
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn, TranslationConflict
from chorsu.practices.models import (
    Practice,
    PracticeRevision,
    PracticeText,
    TranslationDraft,
)
from chorsu.practices.rules import InvalidPractice
from chorsu.practices.shapes import TranslationView
from chorsu.practices.wire import parse_payload, parse_text_payload
from chorsu.records.shapes import ApprovedTranslation
from chorsu.records.viewer import Viewer
from tests.practices.content import RUSSIAN, ready_draft

RUSSIAN_READER = Viewer(member=False, languages=("ru",))


@pytest.fixture
def practice_id(editor: Person, now: datetime) -> str:
    draft = ready_draft(editor, now)
    actions.publish(draft_id=draft.id, version=2, by=editor, now=now)
    return draft.id


def save(
    practice_id: str, by: Person, now: datetime, version: int = 0, **changes: object
) -> TranslationView:
    given: dict[str, object] = {
        "words": RUSSIAN, "provenance": "human", "revision": None, "translated_by": "Hub",
    } | changes  # fmt: skip
    return actions.save_translation(
        practice_id=practice_id,
        language="ru",
        version=version,
        by=by,
        now=now,
        **given,  # type: ignore[arg-type]
    )


def approve(practice_id: str, by: Person, now: datetime, version: int = 1) -> ApprovedTranslation:
    return actions.approve_translation(
        practice_id=practice_id, language="ru", version=version, by=by, now=now
    )


def test_a_translation_begins_beside_the_original(practice_id: str, translator: Person) -> None:
    view = queries.translation(practice_id, "ru", translator)
    assert (view.version, view.words, view.published) == (0, {}, None)
    assert view.source.language == "en"


def test_an_approved_translation_is_what_readers_get(
    practice_id: str, translator: Person, now: datetime
) -> None:
    save(practice_id, translator, now)
    approved = approve(practice_id, translator, now)
    text = queries.practice(practice_id, RUSSIAN_READER).text
    assert (text.language, text.provenance, text.translated_by) == ("ru", "human", "Hub")
    assert (text.translated_on, text.words, text.stale) == (now.date(), RUSSIAN, False)
    assert (approved.kind, approved.record_id, approved.revision) == ("practice", practice_id, 1)
    form = parse_payload(approved.payload, "hub.chorsu.example")
    assert form.texts["ru"].words == RUSSIAN
    assert not TranslationDraft.objects.exists()
    event = AuditEvent.objects.first()
    assert event is not None
    assert (event.action, event.detail["language"]) == ("translation.approved", "ru")


def test_a_translation_of_a_peers_practice_is_a_record_of_its_own(
    practice_id: str, translator: Person, now: datetime
) -> None:
    origin = "ashgabat.chorsu.example"
    Practice.objects.update(origin=origin)
    PracticeText.objects.update(supplied_by=origin)
    save(practice_id, translator, now)
    first = approve(practice_id, translator, now)
    published = parse_text_payload(first.payload)
    assert (first.kind, first.revision, published.id) == ("practice-text", 1, first.record_id)
    assert (published.record, published.origin) == (practice_id, origin)
    assert published.text.words == RUSSIAN
    save(practice_id, translator, now, provenance="edited")
    second = approve(practice_id, translator, now)
    assert (second.record_id, second.revision) == (first.record_id, 2)
    assert queries.practice(practice_id, RUSSIAN_READER).text.provenance == "edited"


def test_the_second_of_two_translators_is_told(
    practice_id: str, translator: Person, editor: Person, now: datetime
) -> None:
    theirs = save(practice_id, editor, now)
    with pytest.raises(TranslationConflict) as caught:
        save(practice_id, translator, now)
    assert caught.value.current == theirs
    with pytest.raises(TranslationConflict):
        approve(practice_id, translator, now, version=7)
    assert save(practice_id, translator, now, version=1).saved_by == "Translator Three"


def test_a_translation_made_from_an_older_revision_is_stale(
    practice_id: str, translator: Person, editor: Person, now: datetime
) -> None:
    save(practice_id, translator, now)
    copy = actions.revise(practice_id=practice_id, by=editor, now=now)
    copy = actions.save_draft(
        draft_id=copy.id, version=1, words={**copy.words, "title": "New"}, facts=copy.facts,
        by=editor, now=now,
    )  # fmt: skip
    actions.publish(draft_id=copy.id, version=2, by=editor, now=now)
    approve(practice_id, translator, now)
    text = queries.practice(practice_id, RUSSIAN_READER).text
    assert (text.revision, text.stale) == (1, True)


def test_every_field_of_the_original_is_translated(
    practice_id: str, translator: Person, now: datetime
) -> None:
    words = {name: text for name, text in RUSSIAN.items() if name not in ("title", "failures")}
    save(practice_id, translator, now, words=words)
    with pytest.raises(InvalidPractice) as caught:
        approve(practice_id, translator, now)
    assert {(error.field, error.code) for error in caught.value.errors} == {
        ("title", "missing"),
        ("failures", "missing"),
    }


def test_fields_the_original_lacks_are_left_out(
    practice_id: str, translator: Person, now: datetime
) -> None:
    save(practice_id, translator, now, words={**RUSSIAN, "lessons": "Новое"})
    approve(practice_id, translator, now)
    assert queries.practice(practice_id, RUSSIAN_READER).text.words == RUSSIAN


def test_only_translators_translate(practice_id: str, contributor: Person, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        save(practice_id, contributor, now)
    with pytest.raises(NotAllowed):
        queries.translation(practice_id, "ru", contributor)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provenance": "original"}, "provenance"),
        ({"translated_by": "x" * 201}, "translated_by"),
        ({"words": {"title": "x" * 201}}, "title"),
        ({"revision": 2}, "revision"),
    ],
)
def test_bad_input_is_named(
    practice_id: str, translator: Person, now: datetime, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidPractice) as caught:
        save(practice_id, translator, now, **changes)
    assert [error.field for error in caught.value.errors] == [field]


def test_nothing_is_translated_into_its_own_language_or_after_withdrawal(
    practice_id: str, translator: Person, editor: Person, now: datetime
) -> None:
    with pytest.raises(NoSuchPractice):
        actions.save_translation(
            practice_id=practice_id, language="en", version=0, words={}, provenance="human",
            by=translator, now=now,
        )  # fmt: skip
    with pytest.raises(NoSuchPractice):
        queries.translation(practice_id, "en", translator)
    with pytest.raises(InvalidPractice, match="title: missing"):
        approve(practice_id, translator, now, version=0)
    actions.withdraw(practice_id=practice_id, reason="x", by=editor, now=now)
    with pytest.raises(PracticeWithdrawn):
        save(practice_id, translator, now)


def test_a_translation_in_work_can_be_thrown_away(
    practice_id: str, translator: Person, now: datetime
) -> None:
    save(practice_id, translator, now)
    actions.discard_translation(
        practice_id=practice_id, language="ru", version=1, by=translator, now=now
    )
    assert queries.translation(practice_id, "ru", translator).version == 0


def test_the_name_of_a_translating_office_is_stored_clean(
    practice_id: str, translator: Person, now: datetime
) -> None:
    save(practice_id, translator, now, translated_by=" Hub\0 of\n Astana ")
    assert TranslationDraft.objects.get().translated_by == "Hub of Astana"


def test_a_translation_of_a_revision_for_the_network_is_not_approved_once_it_is_public(
    practice_id: str, translator: Person, editor: Person, now: datetime
) -> None:
    Practice.objects.update(audience="network")
    PracticeRevision.objects.update(audience="network")
    save(practice_id, translator, now)
    copy = actions.revise(practice_id=practice_id, by=editor, now=now)
    copy = actions.save_draft(
        draft_id=copy.id, version=1, words={**copy.words, "title": "New"}, facts=copy.facts,
        audience="public", by=editor, now=now,
    )  # fmt: skip
    actions.publish(draft_id=copy.id, version=2, by=editor, now=now)
    with pytest.raises(InvalidPractice, match="revision: closed"):
        approve(practice_id, translator, now)
    assert queries.translation(practice_id, "ru", translator).words == RUSSIAN
    save(practice_id, translator, now, version=1)
    approve(practice_id, translator, now, version=2)
    assert queries.practice(practice_id, RUSSIAN_READER).text.revision == 2
