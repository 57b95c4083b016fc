"""Taking in what peers publish: in the order of their feed, from the origin only."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chorsu.institutions.models import Institution, Person
from chorsu.practices import actions, queries
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.practices.models import Practice, PracticeFile, PracticeRevision, PracticeText
from chorsu.practices.rules import clean_words
from chorsu.practices.wire import (
    PublishedPractice,
    PublishedRevision,
    PublishedText,
    PublishedTranslation,
    Refused,
    withdrawal_bytes,
)
from chorsu.records.shapes import Accepted, Arrival
from chorsu.records.viewer import Viewer
from chorsu.wire.envelope import blob_hash
from tests.practices.content import WORDS, ready_draft
from tests.practices.test_wire import AT, ID, ORIGIN, practice, translation

ANYONE = Viewer(member=False, languages=("en",))
THIRD = "tashkent.chorsu.example"
pytestmark = pytest.mark.usefixtures("peer")


def first() -> PublishedPractice:
    form = practice()
    original = replace(form.texts["en"], revision=1)
    return replace(form, revision=1, texts={**form.texts, "en": original}, history=form.history[:1])


def take(form: PublishedPractice, index: int, origin: str = ORIGIN, **changes: object) -> Accepted:
    payload = form.to_bytes()
    arrival = Arrival(
        payload, form.id, form.revision, form.audience, index, form.updated_at, blob_hash(payload)
    )
    changed = replace(arrival, **changes)  # type: ignore[arg-type]
    return actions.accept(arrival=changed, origin=origin, now=AT)


def take_withdrawal(index: int, origin: str = ORIGIN, reason: str = "Wrong figures") -> Accepted:
    payload = withdrawal_bytes(kind="practice", record_id=ID, reason=reason) if reason else b""
    arrival = Arrival(payload, ID, 2, "public", index, AT, blob_hash(payload))
    return actions.accept_withdrawal(arrival=arrival, origin=origin, now=AT)


def take_text(
    form: PublishedTranslation,
    index: int,
    origin: str = THIRD,
    revision: int = 1,
    audience: str = "public",
) -> Accepted:
    arrival = Arrival(form.to_bytes(), form.id, revision, audience, index, AT, "b" * 64)
    return actions.accept_text(arrival=arrival, origin=origin, now=AT)


def take_text_withdrawal(
    form: PublishedTranslation, index: int, origin: str = THIRD, reason: str = "x"
) -> Accepted:
    payload = withdrawal_bytes(kind="practice-text", record_id=form.id, reason=reason)
    arrival = Arrival(payload, form.id, 1, "public", index, AT, "b" * 64)
    return actions.accept_text_withdrawal(arrival=arrival, origin=origin, now=AT)


def refusal(call: object) -> str:
    with pytest.raises(Refused) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


def test_a_peers_practice_is_read_like_ones_own() -> None:
    accepted = take(practice(), 4)
    assert (accepted.outcome, accepted.revision, accepted.texts) == (
        "accepted",
        2,
        {"en": 2, "ru": 1},
    )
    assert accepted.files == [("a" * 64, 12, "application/pdf")]
    view = queries.practice(ID, ANYONE)
    assert (view.origin, view.is_own, view.institution_id) == (ORIGIN, False, "tm-acs")
    assert view.text.words == clean_words(WORDS)
    assert [(line.language, line.stale) for line in view.texts] == [("ru", True), ("en", False)]
    assert [file.name for file in view.files] == ["plan.pdf"]
    assert [(line.revision, line.is_here) for line in queries.history(ID, ANYONE)] == [
        (2, True),
        (1, False),
    ]
    with pytest.raises(NoSuchPractice):
        queries.revision(ID, 1, ANYONE)


def test_revisions_arrive_one_by_one() -> None:
    take(first(), 4)
    take(practice(), 9)
    assert [line.is_here for line in queries.history(ID, ANYONE)] == [True, True]
    assert Practice.objects.get().revision == 2


def test_a_peers_revision_for_the_network_stays_closed_when_the_next_is_public() -> None:
    closed = first()
    inner = {**closed.texts["en"].words, "title": "Among ourselves"}
    texts = {"en": replace(closed.texts["en"], words=inner)}
    take(replace(closed, audience="network", texts=texts), 4)
    third = translation()
    take_text(replace(third, text=replace(third.text, revision=1)), 1)
    take(practice(), 9)
    assert not PracticeText.objects.filter(supplied_by=THIRD).exists()
    assert [line.is_closed for line in queries.history(ID, ANYONE)] == [False, True]
    with pytest.raises(NoSuchPractice):
        queries.revision(ID, 1, ANYONE)
    assert queries.revision(ID, 1, Viewer(member=True)).words


def test_an_older_entry_never_overwrites_a_newer() -> None:
    take(practice(), 9)
    assert take(first(), 4).outcome == "superseded"
    assert take(practice(), 9).outcome == "superseded"
    assert queries.practice(ID, ANYONE).revision == 2


def test_a_translation_added_within_a_revision_replaces_the_texts() -> None:
    take(practice(), 4)
    form = practice()
    kazakh = replace(form.texts["ru"], language="kk", provenance="human", revision=2)
    later = replace(form, texts={"en": form.texts["en"], "kk": kazakh}, files=[])
    take(later, 5)
    view = queries.practice(ID, ANYONE)
    assert sorted(line.language for line in view.texts) == ["en", "kk"]
    assert view.files == []


def test_a_peer_cannot_publish_what_another_node_published() -> None:
    take(practice(), 4)
    theirs = replace(practice(), origin=THIRD, institution="uz-apa")
    assert refusal(lambda: take(theirs, 50, origin=THIRD)) == "not-the-origin"
    assert refusal(lambda: take(practice(), 50, origin=THIRD)) == "not-the-origin"
    assert refusal(lambda: take_withdrawal(50, origin=THIRD)) == "not-the-origin"
    assert queries.practice(ID, ANYONE).origin == ORIGIN


def test_a_peer_cannot_overwrite_or_withdraw_ones_own(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    actions.publish(draft_id=draft.id, version=2, by=editor, now=now)
    theirs = replace(practice(), id=draft.id)
    assert refusal(lambda: take(theirs, 50)) == "not-the-origin"
    assert queries.practice(draft.id, ANYONE).is_own


def test_a_peer_speaks_only_for_institutions_that_it_hosts(peer: Institution) -> None:
    ours = replace(practice(), institution="hub-astana")
    assert refusal(lambda: take(ours, 4)) == "not-the-host"
    unknown = replace(practice(), institution="xx-new")
    assert take(unknown, 4).outcome == "accepted"


@pytest.mark.parametrize(
    "changes",
    [{"revision": 3}, {"audience": "network"}, {"record_id": ID.replace("1", "4", 1)}],
)
def test_a_blob_says_what_its_entry_says(changes: dict[str, object]) -> None:
    assert refusal(lambda: take(practice(), 4, **changes)) == "payload-entry-mismatch"
    assert not Practice.objects.exists()


def test_a_withdrawal_erases_everything_but_the_reason() -> None:
    take(practice(), 4)
    take_text(translation(), 1)
    accepted = take_withdrawal(5)
    assert (accepted.outcome, accepted.texts) == ("accepted", None)
    with pytest.raises(PracticeWithdrawn) as caught:
        queries.practice(ID, ANYONE)
    assert caught.value.reason == "Wrong figures"
    for rows in (PracticeText, PracticeRevision, PracticeFile):
        assert not rows.objects.exists()
    assert take(practice(), 4).outcome == "superseded"
    assert take_withdrawal(5).outcome == "superseded"


def test_a_withdrawal_before_the_practice_keeps_it_out() -> None:
    take_withdrawal(5, reason="")
    assert take(practice(), 4).outcome == "superseded"
    with pytest.raises(PracticeWithdrawn):
        queries.practice(ID, ANYONE)


def test_what_its_origin_publishes_again_is_back() -> None:
    take_withdrawal(5)
    take(practice(), 6)
    assert queries.practice(ID, ANYONE).revision == 2


def test_a_third_nodes_translation_stands_beside_the_origins() -> None:
    take(practice(), 4)
    accepted = take_text(translation(), 1)
    assert (accepted.record_id, accepted.texts) == (ID, {"en": 2, "ru": 2})
    view = queries.practice(ID, Viewer(member=False, languages=("ru",)))
    assert (view.text.supplied_by, view.text.provenance) == (THIRD, "human")
    assert len(view.texts) == 3


def test_a_translation_may_come_before_the_practice() -> None:
    waiting = take_text(translation(), 1)
    assert (waiting.outcome, waiting.revision, waiting.texts) == ("accepted", 0, None)
    with pytest.raises(NoSuchPractice):
        queries.practice(ID, ANYONE)
    assert take(practice(), 4).texts == {"en": 2, "ru": 2}


def test_an_older_translation_never_overwrites_a_newer() -> None:
    take(practice(), 4)
    take_text(translation(), 7)
    assert take_text(translation(), 3).outcome == "superseded"


def test_a_translation_belongs_to_who_made_it() -> None:
    take(practice(), 4)
    take_text(translation(), 1)
    other = "bishkek.chorsu.example"
    assert refusal(lambda: take_text(translation(), 9, origin=other)) == "not-the-origin"
    assert refusal(lambda: take_text_withdrawal(translation(), 9, origin=other)) == "not-the-origin"


def test_a_translation_must_name_the_right_practice() -> None:
    take(practice(), 4)
    wrong = replace(translation(), origin="bishkek.chorsu.example")
    assert refusal(lambda: take_text(wrong, 1)) == "payload-entry-mismatch"
    assert refusal(lambda: take_text(translation(), 1, origin=ORIGIN)) == "payload-entry-mismatch"


def test_a_blob_of_another_translation_is_refused() -> None:
    arrival = Arrival(translation().to_bytes(), ID, 1, "public", 1, AT, "b" * 64)
    with pytest.raises(Refused, match="payload-entry-mismatch"):
        actions.accept_text(arrival=arrival, origin=THIRD, now=AT)


def test_a_translation_can_change_its_language() -> None:
    take(practice(), 4)
    take_text(translation(), 1)
    form = translation()
    take_text(replace(form, text=replace(form.text, language="kk")), 2, revision=2)
    assert sorted(PracticeText.objects.values_list("language", "supplied_by")) == [
        ("en", ORIGIN),
        ("kk", THIRD),
        ("ru", ORIGIN),
    ]


def test_a_withdrawn_translation_goes_and_the_practice_stays() -> None:
    assert take_text_withdrawal(translation(), 1).outcome == "superseded"
    take(practice(), 4)
    take_text(translation(), 5)
    assert take_text_withdrawal(translation(), 5).outcome == "superseded"
    assert take_text_withdrawal(translation(), 6).texts == {"en": 2, "ru": 1}


def test_a_waiting_translation_can_be_withdrawn() -> None:
    take_text(translation(), 1)
    assert take_text_withdrawal(translation(), 2).texts is None
    assert not PracticeText.objects.exists()


def test_other_nodes_translations_stay_fresh_when_words_stay_the_same() -> None:
    form = first()
    take(form, 4)
    published = translation()
    take_text(replace(published, text=replace(published.text, revision=1)), 1)
    take(practice(), 5)
    text = queries.practice(ID, Viewer(member=False, languages=("ru",))).text
    assert (text.supplied_by, text.revision, text.stale) == (THIRD, 2, False)


def test_other_nodes_translations_grow_stale_when_words_move() -> None:
    take(practice(), 4)
    take_text(translation(), 1)
    form = practice()
    moved = PublishedText("en", "original", 3, "", None, {**form.texts["en"].words, "title": "New"})
    history = [*form.history, PublishedRevision(3, AT + timedelta(days=1), "")]
    take(replace(form, revision=3, texts={"en": moved}, history=history), 5)
    text = queries.practice(ID, Viewer(member=False, languages=("ru",))).text
    assert (text.revision, text.stale) == (2, True)


def test_a_bare_mark_of_another_node_gives_way_to_who_hosts_the_institution() -> None:
    """Whoever withdraws an id before it comes must not shut its practice out."""
    take_withdrawal(5, origin=THIRD)
    take_text(translation(), 7, origin="bishkek.chorsu.example")
    unknown = replace(practice(), institution="xx-new")
    assert refusal(lambda: take(unknown, 1)) == "not-the-origin"
    accepted = take(practice(), 1)
    assert (accepted.outcome, accepted.texts) == ("accepted", {"en": 2, "ru": 2})
    assert queries.practice(ID, ANYONE).origin == ORIGIN
    assert refusal(lambda: take_withdrawal(9, origin=THIRD)) == "not-the-origin"


def test_a_real_withdrawal_gives_way_to_nobody() -> None:
    take(replace(practice(), institution="xx-new"), 4)
    take_withdrawal(5)
    Practice.objects.update(origin=THIRD)
    assert refusal(lambda: take(practice(), 6)) == "not-the-origin"


def test_a_translation_of_a_withdrawn_practice_is_not_kept() -> None:
    take(practice(), 4)
    take_withdrawal(5)
    assert take_text(translation(), 1).outcome == "superseded"
    assert not PracticeText.objects.exists()


def test_a_late_translation_of_a_closed_revision_is_not_kept() -> None:
    take(replace(first(), audience="network"), 4)
    form = practice()
    moved = {**form.texts["en"].words, "title": "Moved"}
    take(replace(form, texts={"en": replace(form.texts["en"], words=moved)}), 9)
    third = translation()
    late = replace(third, text=replace(third.text, revision=1))
    assert take_text(late, 1).outcome == "superseded"
    assert take_text(third, 2).outcome == "accepted"


def test_a_translation_for_the_network_is_not_kept_beside_a_public_practice() -> None:
    form = translation()
    take_text(form, 1, audience="network")
    take(practice(), 4)
    assert not PracticeText.objects.filter(supplied_by=THIRD).exists()
    assert take_text(form, 2, audience="network").outcome == "superseded"
    assert take_text(form, 3).outcome == "accepted"
