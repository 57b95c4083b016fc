"""Translations of another node's course: taken in, joined, kept for cohorts, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chorsu.institutions.models import Person
from chorsu.records.forms import (
    PublishedRevision,
    PublishedText,
    PublishedTranslation,
    withdrawal_bytes,
)
from chorsu.records.reading import Refused
from chorsu.records.shapes import Accepted, ApprovedTranslation, Arrival
from chorsu.records.viewer import Viewer
from chorsu.training.actions import courses
from chorsu.training.errors.courses import CourseWithdrawn, NoSuchCourse
from chorsu.training.models import Cohort, Course, CourseText, CourseTranslation, RevisionText
from chorsu.training.queries import courses as queries
from chorsu.training.queries.teaching import lesson_of
from chorsu.training.rules.facts import clean_facts
from chorsu.training.rules.fields import clean_words
from chorsu.training.wire.courses import (
    TEXT_KIND,
    PublishedCourse,
    parse_payload,
    parse_text_payload,
)
from chorsu.wire.envelope import blob_hash
from tests.training.courses.content import FACTS, RUSSIAN, WORDS
from tests.training.courses.making import published

ORIGIN, THIRD = "ashgabat.chorsu.example", "tashkent.chorsu.example"
ID = "0193a1f5-3c00-7d3e-8a52-6f0e6a1f4b01"
AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
MEMBER = Viewer(member=True, languages=("ru",))
PUBLIC = Viewer(member=False, languages=("ru",))
pytestmark = pytest.mark.usefixtures("peer")


def course(revision: int = 1, audience: str = "public", **words: str) -> PublishedCourse:
    """A course of another node in English alone."""
    text = PublishedText("en", "original", revision, "", None, clean_words({**WORDS, **words}))
    return PublishedCourse(
        id=ID, revision=revision, origin=ORIGIN, institution="tm-acs", audience=audience,
        licence="CC-BY-4.0", original_language="en", published_at=AT, updated_at=AT,
        texts={"en": text}, files=[], facts=clean_facts(FACTS),
        history=[PublishedRevision(number, AT, "") for number in range(1, revision + 1)],
    )  # fmt: skip


def russian(revision: int = 1, **words: str) -> PublishedTranslation:
    """What a third node made of it."""
    told = clean_words({**RUSSIAN, **words})
    text = PublishedText("ru", "human", revision, "Office", None, told)
    return PublishedTranslation("course", ID.replace("1", "2", 1), ID, ORIGIN, text)


def take(form: PublishedCourse, index: int) -> Accepted:
    payload = form.to_bytes()
    arrival = Arrival(payload, form.id, form.revision, form.audience, index, AT, blob_hash(payload))
    return courses.accept(arrival=arrival, origin=ORIGIN, now=AT)


def take_text(
    form: PublishedTranslation, index: int, origin: str = THIRD, audience: str = "public"
) -> Accepted:
    arrival = Arrival(form.to_bytes(), form.id, index, audience, index, AT, "b" * 64)
    return courses.accept_text(arrival=arrival, origin=origin, now=AT)


def take_text_withdrawal(form: PublishedTranslation, index: int, origin: str = THIRD) -> Accepted:
    payload = withdrawal_bytes(kind=TEXT_KIND, record_id=form.id, reason="")
    arrival = Arrival(payload, form.id, index, "public", index, AT, "b" * 64)
    return courses.accept_text_withdrawal(arrival=arrival, origin=origin, now=AT)


def withdraw_course(index: int) -> Accepted:
    payload = withdrawal_bytes(kind="course", record_id=ID, reason="A new law.")
    arrival = Arrival(payload, ID, 1, "public", index, AT, blob_hash(payload))
    return courses.accept_withdrawal(arrival=arrival, origin=ORIGIN, now=AT)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.code


def approved(
    by: Person, now: datetime, revision: int | None = None, **words: str
) -> ApprovedTranslation:
    """The course in Russian, as this node translates it."""
    version = queries.translation(ID, "ru", by).version
    courses.save_translation(
        course_id=ID, language="ru", version=version, words={**RUSSIAN, **words},
        provenance="human", translated_by="Hub office", revision=revision, by=by, now=now,
    )  # fmt: skip
    return courses.approve_translation(
        course_id=ID, language="ru", version=version + 1, by=by, now=now
    )


def test_a_third_nodes_translation_is_read_with_who_supplied_it() -> None:
    take(course(), 4)
    accepted = take_text(russian(), 1)
    assert (accepted.record_id, accepted.texts) == (ID, {"en": 1, "ru": 1})
    view = queries.course(ID, PUBLIC)
    assert (view.text.title, view.text.supplied_by) == (RUSSIAN["title"], THIRD)
    assert (view.original.title, view.original.supplied_by) == (WORDS["title"], ORIGIN)
    [card] = queries.courses(PUBLIC).items
    assert (card.title, card.supplied_by, card.languages) == (RUSSIAN["title"], THIRD, ["ru", "en"])
    assert [text.supplied_by for text in queries.texts(ID, PUBLIC)] == [ORIGIN, THIRD]
    states = {one.language: one for one in queries.language_states(ID, PUBLIC)}
    assert (states["ru"].supplied_by, states["ru"].missing) == (THIRD, [])
    document = queries.document_for_search(ID)
    assert document is not None
    assert document.languages == ["en", "ru"]


def test_a_translation_may_come_before_the_course() -> None:
    waiting = take_text(russian(), 1)
    assert (waiting.outcome, waiting.revision, waiting.texts) == ("accepted", 0, None)
    with pytest.raises(NoSuchCourse):
        queries.course(ID, PUBLIC)
    assert take(course(), 4).texts == {"en": 1, "ru": 1}


def test_within_a_language_provenance_chooses_then_the_newer_revision() -> None:
    form = course(2)
    machine = PublishedText("ru", "machine", 2, "Engine", None, clean_words(RUSSIAN))
    take(replace(form, texts={**form.texts, "ru": machine}), 4)
    take_text(russian(1, title="Наш"), 1)
    other = replace(russian(2, title="Их"), id=ID.replace("1", "3", 1))
    assert queries.course(ID, PUBLIC).text.title == "Наш"
    take_text(other, 1, origin="bishkek.chorsu.example")
    view = queries.course(ID, PUBLIC)
    assert (view.text.title, len(view.texts)) == ("Их", 4)
    document = queries.document_for_search(ID)
    assert document is not None
    assert [text.title for text in document.texts if text.language == "ru"] == ["Их"]


def test_what_the_origin_publishes_takes_no_text_of_another_node_away() -> None:
    take(course(), 4)
    take_text(russian(), 1)
    own = PublishedText("kk", "human", 1, "Office", None, clean_words(WORDS))
    form = course()
    take(replace(form, texts={**form.texts, "kk": own}), 5)
    assert [line.language for line in queries.course(ID, PUBLIC).texts] == ["kk", "ru", "en"]


@pytest.mark.parametrize(
    ("change", "origin", "code"),
    [
        ({"origin": "bishkek.chorsu.example"}, THIRD, "payload-entry-mismatch"),
        ({}, ORIGIN, "payload-entry-mismatch"),
    ],
    ids=["of-another-nodes-course", "of-its-own-course"],
)
def test_a_translation_must_name_the_right_course(
    change: dict[str, str], origin: str, code: str
) -> None:
    take(course(), 4)
    assert refusal(lambda: take_text(replace(russian(), **change), 1, origin=origin)) == code


def test_a_translation_belongs_to_who_made_it() -> None:
    take(course(), 4)
    take_text(russian(), 1)
    other = "bishkek.chorsu.example"
    assert refusal(lambda: take_text(russian(), 9, origin=other)) == "not-the-origin"
    assert refusal(lambda: take_text_withdrawal(russian(), 9, origin=other)) == "not-the-origin"
    assert take_text(russian(title="Старое"), 1).outcome == "superseded"
    assert queries.course(ID, PUBLIC).text.title == RUSSIAN["title"]


def test_a_translation_is_read_by_no_more_people_than_its_entry_says() -> None:
    take_text(russian(), 1, audience="network")
    take(course(), 4)
    assert not CourseText.objects.filter(supplied_by=THIRD).exists()
    assert take_text(russian(), 2, audience="network").outcome == "superseded"
    assert take_text(russian(), 3).outcome == "accepted"


def test_a_translation_of_a_closed_revision_does_not_become_public() -> None:
    take(course(1, "network"), 4)
    take_text(russian(1), 1)
    take(course(2, title="For all"), 5)
    assert not CourseText.objects.filter(supplied_by=THIRD).exists()
    assert take_text(russian(1), 2).outcome == "superseded"


def test_a_withdrawn_course_takes_every_translation_along() -> None:
    take(course(), 4)
    take_text(russian(), 1)
    take(course(2, title="Two windows"), 5)
    take_text(russian(2), 2)
    assert RevisionText.objects.exists()
    accepted = withdraw_course(6)
    assert [(one.kind, one.withdrawal) for one in accepted.orphans] == [(TEXT_KIND, b"")]
    assert not CourseText.objects.exists()
    assert not RevisionText.objects.exists()
    with pytest.raises(CourseWithdrawn):
        queries.course(ID, PUBLIC)
    assert take_text(russian(3), 3).outcome == "superseded"
    assert not CourseText.objects.exists()


def test_a_running_cohort_reads_a_translation_of_its_revision() -> None:
    take(course(), 4)
    assert sorted(queries.taught(ID, 1).texts) == ["en"]
    take_text(russian(), 1)
    text = queries.taught(ID, 1).text(["ru"])
    assert (text.title, text.supplied_by) == (RUSSIAN["title"], THIRD)


def test_a_translation_that_goes_on_leaves_a_running_cohort_what_it_read() -> None:
    take(course(), 4)
    take_text(russian(1, title="Первое"), 1)
    take(course(2, title="Two windows"), 5)
    # That of the earlier revision says nothing of the newest to a cohort that is taught it.
    assert sorted(queries.taught(ID, 2).texts) == ["en"]
    take_text(russian(2, title="Второе"), 2)
    assert queries.taught(ID, 1).text(["ru"]).title == "Первое"
    assert queries.taught(ID, 2).text(["ru"]).title == "Второе"
    take_text(russian(2, title="Исправлено"), 3)
    assert queries.taught(ID, 2).text(["ru"]).title == "Исправлено"


def test_a_cohort_keeps_its_translation_when_only_the_facts_move_on() -> None:
    take(course(), 4)
    take_text(russian(), 1)
    take(replace(course(2), facts=clean_facts({**FACTS, "valid_months": 12})), 5)
    fresh = queries.course(ID, PUBLIC).text
    assert (fresh.revision, fresh.stale, fresh.supplied_by) == (2, False, THIRD)
    assert queries.taught(ID, 1).text(["ru"]).title == RUSSIAN["title"]


def test_a_withdrawn_translation_is_read_in_no_cohort() -> None:
    take(course(), 4)
    take_text(russian(1), 1)
    take(course(2, title="Two windows"), 5)
    take_text(russian(2), 2)
    assert take_text_withdrawal(russian(), 3).texts == {"en": 2}
    for revision in (1, 2):
        assert sorted(queries.taught(ID, revision).texts) == ["en"]


def test_an_erased_publication_of_a_translation_is_read_in_no_cohort() -> None:
    take(course(), 4)
    first = russian(1, title="Первое")
    take_text(first, 1)
    take(course(2, title="Two windows"), 5)
    take_text(russian(2), 2)
    key = RevisionText.objects.get().record_id
    courses.forget_text(record_id=key, supplied_by=ORIGIN, payload=first.to_bytes())
    courses.forget_text(record_id=key, supplied_by=THIRD, payload=russian(9).to_bytes())
    assert queries.taught(ID, 1).text(["ru"]).title == "Первое"
    courses.forget_text(record_id=key, supplied_by=THIRD, payload=first.to_bytes())
    assert sorted(queries.taught(ID, 1).texts) == ["en"]
    assert queries.taught(ID, 2).text(["ru"]).supplied_by == THIRD


def test_an_erased_revision_of_the_course_takes_what_was_translated_of_it() -> None:
    take(course(), 4)
    take_text(russian(1), 1)
    take(course(2, title="Two windows"), 5)
    take_text(russian(2), 2)
    courses.forget_revision(course_id=Course.objects.get().pk, revision=1)
    assert not RevisionText.objects.exists()
    assert queries.taught(ID, 2).text(["ru"]).supplied_by == THIRD


def test_a_translation_here_is_a_record_of_its_own(translator: Person, now: datetime) -> None:
    take(course(), 4)
    first = approved(translator, now)
    told = parse_text_payload(first.payload)
    assert (first.kind, first.revision, told.id) == (TEXT_KIND, 1, first.record_id)
    assert (told.record, told.origin, told.text.words) == (ID, ORIGIN, RUSSIAN)
    assert not CourseTranslation.objects.exists()
    text = queries.course(ID, PUBLIC).text
    assert (text.supplied_by, text.translated_by) == ("hub.chorsu.example", "Hub office")
    second = approved(translator, now, title="Иначе")
    assert (second.record_id, second.revision) == (first.record_id, 2)
    assert queries.course(ID, PUBLIC).text.title == "Иначе"
    taken = Course.objects.get()
    assert (taken.revision, taken.origin) == (1, ORIGIN), "the course is nobody else's by that"


def test_our_translation_has_the_readers_that_the_course_has(
    translator: Person, now: datetime
) -> None:
    take(course(1, "network"), 4)
    ours = approved(translator, now)
    assert ours.audience == "network"
    [retold] = take(course(1, "public"), 5).retold
    assert (retold.kind, retold.record_id, retold.revision) == (TEXT_KIND, ours.record_id, 2)
    assert (retold.audience, retold.payload) == ("public", ours.payload)


def test_our_translation_of_a_closed_revision_becomes_work_again(
    translator: Person, now: datetime
) -> None:
    take(course(1, "network"), 4)
    ours = approved(translator, now)
    [orphan] = take(course(2, title="For all"), 5).orphans
    assert (orphan.kind, orphan.record_id, orphan.revision) == (TEXT_KIND, ours.record_id, 1)
    assert orphan.withdrawal == withdrawal_bytes(
        kind=TEXT_KIND, record_id=ours.record_id, reason=""
    )
    assert CourseTranslation.objects.get().words == RUSSIAN


def test_a_fork_takes_the_best_text_of_each_language_with_who_made_it(
    editor: Person, now: datetime
) -> None:
    form = course()
    machine = PublishedText("ru", "machine", 1, "Engine", None, clean_words(WORDS))
    take(replace(form, texts={**form.texts, "ru": machine}), 4)
    take_text(russian(), 1)
    draft = courses.fork(
        course_id=ID, institution_id="hub-astana", language="en", by=editor, now=now
    )
    beside = queries.texts_beside(draft)
    assert (beside["ru"].title, beside["ru"].translated_by) == (RUSSIAN["title"], "Office")
    own = courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)
    assert own.texts["ru"].words == RUSSIAN
    assert CourseText.objects.get(course=own.id, language="ru").supplied_by == "hub.chorsu.example"


def test_a_translation_goes_out_with_no_course_that_is_not_its_suppliers(
    editor: Person, now: datetime
) -> None:
    mine = published(editor, now)
    theirs = replace(russian(), record=mine.id, origin="hub.chorsu.example")
    take_text(theirs, 1)
    assert sorted(courses.published_form(Course.objects.get()).texts) == ["en"]
    draft = courses.revise(course_id=mine.id, by=editor, now=now)
    assert draft.words == mine.original.words
    draft = courses.save_draft(
        draft_id=draft.id, version=draft.version, words={**draft.words, "title": "Two"},
        facts=draft.facts, by=editor, now=now + timedelta(hours=1),
    )  # fmt: skip
    form = courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)
    assert sorted(parse_payload(form.to_bytes(), "hub.chorsu.example").texts) == ["en"]
    assert queries.course(mine.id, PUBLIC).text.stale


def test_a_certificate_repeats_only_what_the_courses_academy_said(
    editor: Person, now: datetime
) -> None:
    take(course(), 4)
    take_text(russian(), 1)
    cohort = Cohort(
        course_id=Course.objects.get().pk, revision=1, institution_id="hub-astana",
        starts_on=now.date(), ends_on=now.date(),
    )  # fmt: skip
    assert sorted(lesson_of(cohort).words) == ["en"]


def test_a_better_text_of_a_peer_takes_no_language_out_of_a_certificate(
    editor: Person, now: datetime
) -> None:
    form = course()
    machine = PublishedText("ru", "machine", 1, "Engine", None, clean_words(RUSSIAN))
    take(replace(form, texts={**form.texts, "ru": machine}), 4)
    take_text(russian(title="Их"), 1)
    cohort = Cohort(
        course_id=Course.objects.get().pk, revision=1, institution_id="hub-astana",
        starts_on=now.date(), ends_on=now.date(),
    )  # fmt: skip
    words = lesson_of(cohort).words
    assert {tag: one["title"] for tag, one in words.items()} == {
        "en": WORDS["title"],
        "ru": RUSSIAN["title"],
    }
