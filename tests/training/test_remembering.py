"""Key points as review cards: how they are read, when they come again, who is mailed."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from chorsu.flows.reminding import remind_all
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.training.actions.cohorts import take_revision
from chorsu.training.actions.learning import set_done
from chorsu.training.actions.remembering import NoSuchCard, begin_cards, review, set_reminding
from chorsu.training.models import (
    Cohort,
    CohortTeacher,
    Course,
    CourseRevision,
    Review,
    ReviewCard,
)
from chorsu.training.queries.learning import LearnerView, learner, original_words
from chorsu.training.queries.remembering import A_DAY, due_cards, retention
from chorsu.training.remembering import Point, begun, points, reviewed
from tests.training.class_kit import POINTS, enrol, learner_in, revise

DAY = timedelta(days=1)
VISITS, QUEUE = "How many visits? One is enough.", "A queue is a cost."


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("- one\n- two", [Point("", "one"), Point("", "two")]),
        ("1. one\n2) two", [Point("", "one"), Point("", "two")]),
        ("- What is a quorum? Half of them.", [Point("What is a quorum?", "Half of them.")]),
        ("- 什么是法定人数？一半以上。", [Point("什么是法定人数？", "一半以上。")]),
        ("First.\n\nSecond.", [Point("", "First."), Point("", "Second.")]),
        ("- Why ask?", [Point("", "Why ask?")]),
        ("", []),
    ],
)
def test_key_points_are_items_and_a_question_mark_parts_them(
    text: str, wanted: list[Point]
) -> None:
    assert points(text) == wanted


def test_what_is_remembered_comes_ever_more_rarely_and_what_is_not_soon(now: datetime) -> None:
    card, waits = begun(now), []
    for _ in range(6):
        at = card.due_at
        card = reviewed(card, 3, at)
        waits.append(card.due_at - at)
    assert waits == sorted(waits)
    assert waits[-1] > 30 * DAY
    forgotten = reviewed(card, 1, card.due_at)
    assert forgotten.due_at - card.due_at < DAY


@pytest.mark.django_db
class TestCards:
    def test_a_card_is_due_on_the_day_after_its_unit(
        self, academy: Institution, now: datetime
    ) -> None:
        one = _done(academy, now)
        assert due_cards(one.person_id, now) == []
        assert [card.point for card in due_cards(one.person_id, now + DAY)] == [0, 1]

    def test_points_that_the_course_makes_no_more_hold_up_nobody(
        self, academy: Institution, now: datetime
    ) -> None:
        one = _done(academy, now - DAY)
        begin_cards(learner=one, unit="gone", points=_some(A_DAY), now=now - 2 * DAY)
        begin_cards(learner=one, unit="r1", points=[*POINTS, *_some(7)], now=now - 2 * DAY)
        found = due_cards(one.person_id, now)
        assert [(card.unit, card.point) for card in found] == [("r1", 0), ("r1", 1)]

    def test_a_course_that_was_withdrawn_asks_for_nothing(
        self, academy: Institution, now: datetime
    ) -> None:
        one = _done(academy, now)
        Course.objects.update(withdrawn_at=now)
        assert due_cards(one.person_id, now + DAY) == []
        assert remind_all(now=now + DAY) == 0

    def test_an_answer_sent_twice_counts_once(self, academy: Institution, now: datetime) -> None:
        one, key = _done(academy, now), uuid.uuid4()
        for _ in range(2):
            _review(one, 0, 3, key, now + DAY)
        card = ReviewCard.objects.get(enrolment=one.id, point=POINTS[0].mark)
        assert Review.objects.count() == 1
        assert card.due_at == reviewed(begun(now), 3, now + DAY).due_at

    def test_a_rating_that_is_none_is_refused(self, academy: Institution, now: datetime) -> None:
        one = _done(academy, now)
        with pytest.raises(NoSuchCard):
            _review(one, 0, 5, uuid.uuid4(), now + DAY)
        assert Review.objects.count() == 0

    def test_the_retention_curve_counts_reviews_by_the_days_between(
        self, academy: Institution, now: datetime
    ) -> None:
        one = _done(academy, now)
        for point, rating in ((0, 3), (1, 1)):
            _review(one, point, 3, uuid.uuid4(), now + DAY)
            # Again ten minutes later: no memory yet.
            _review(one, point, 3, uuid.uuid4(), now + DAY + timedelta(minutes=10))
            _review(one, point, rating, uuid.uuid4(), now + 7 * DAY)
        found = retention(one.cohort_id)
        assert [(s.days, s.reviews, s.percent) for s in found.stretches if s.reviews] == [
            (8, 2, 50)
        ]
        assert found.quiz_percent is None

    def test_what_is_asked_for_after_more_than_the_last_stretch_is_counted_too(
        self, academy: Institution, now: datetime
    ) -> None:
        one = _done(academy, now)
        _review(one, 0, 3, uuid.uuid4(), now + DAY)
        _review(one, 0, 3, uuid.uuid4(), now + 65 * DAY)
        _review(one, 0, 1, uuid.uuid4(), now + 165 * DAY)
        told = [
            (s.days, s.is_open, s.reviews, s.percent) for s in retention(one.cohort_id).stretches
        ]
        assert told[-2:] == [(64, False, 1, 100), (64, True, 1, 0)]


@pytest.mark.django_db
class TestRevisions:
    def test_a_card_goes_with_its_words_not_with_their_place(
        self, academy: Institution, now: datetime
    ) -> None:
        one = _done(academy, now)
        _review(one, 0, 4, uuid.uuid4(), now + DAY)
        known = ReviewCard.objects.get(point=POINTS[0].mark)
        _revise(one, f"- {QUEUE}\n- {VISITS}", now + 2 * DAY)
        found = {card.point: card for card in due_cards(one.person_id, now + 99 * DAY)}
        assert found[1].memory.stability == known.stability is not None
        assert found[0].memory.stability is None
        assert found[1].memory.due_at == known.due_at

    def test_a_point_that_came_to_a_unit_that_is_done_gets_its_card(
        self, academy: Institution, now: datetime
    ) -> None:
        one, later = _done(academy, now), now + 2 * DAY
        other = enrol(Cohort.objects.get(), Person.objects.create_user("o@hub.example"), now)
        _revise(one, f"- {VISITS}\n- {QUEUE}\n- A clerk decides.", later)
        assert [card.point for card in due_cards(one.person_id, later)] == [0, 1]
        assert [card.point for card in due_cards(one.person_id, later + DAY)] == [0, 1, 2]
        # Who has not done the unit has none of it yet.
        assert due_cards(other.person_id, later + DAY) == []

    def test_other_words_keep_a_memory_and_come_soon_other_figures_begin_anew(
        self, academy: Institution, now: datetime
    ) -> None:
        one = learner_in(academy, now)
        said = "- Answer within 10 days.\n- A queue is a cost to all who wait."
        revise(Course.objects.get(), now, said)
        Cohort.objects.update(revision=2)
        set_done(learner=_again(one), unit="r1", done=True, points=points(said), now=now)
        for card in ReviewCard.objects.all():
            review(learner=one, card=card.pk, rating=4, key=uuid.uuid4(), now=now + DAY)
        anew = "- Answer within 15 days.\n- A queue is a cost to everybody who waits."
        _revise(one, anew, now + 2 * DAY)
        found = {card.point: card.memory for card in due_cards(one.person_id, now + 3 * DAY)}
        assert [found[place].stability is None for place in (0, 1)] == [True, False]
        assert ReviewCard.objects.count() == 3

    def test_a_point_that_comes_again_finds_its_memory(
        self, academy: Institution, now: datetime
    ) -> None:
        one = _done(academy, now)
        _review(one, 1, 4, uuid.uuid4(), now + DAY)
        _revise(one, f"- {VISITS}", now + 2 * DAY)
        assert [card.point for card in due_cards(one.person_id, now + 99 * DAY)] == [0]
        _revise(one, f"- {VISITS}\n- {QUEUE}", now + 3 * DAY)
        found = {card.point: card for card in due_cards(one.person_id, now + 99 * DAY)}
        assert found[1].memory.stability is not None
        assert Review.objects.count() == 1


@pytest.mark.django_db
class TestMails:
    def test_who_has_cards_due_is_mailed_once_a_day_in_their_language(
        self, academy: Institution, now: datetime
    ) -> None:
        one = _done(academy, now)
        Person.objects.filter(pk=one.person_id).update(languages=["ru"])
        assert [remind_all(now=now + DAY), remind_all(now=now + DAY)] == [1, 0]
        assert "2 ключевые мысли" in mail.outbox[0].subject
        assert remind_all(now=now + 2 * DAY) == 1

    def test_a_mail_names_as_many_as_the_page_asks_for(
        self, academy: Institution, now: datetime
    ) -> None:
        one = _done(academy, now)
        begin_cards(learner=one, unit="gone", points=_some(3), now=now)
        Person.objects.update(languages=["en"])
        remind_all(now=now + DAY)
        assert mail.outbox[0].subject.startswith("2 key points")

    def test_nobody_is_mailed_who_has_nothing_due_or_wants_none(
        self, academy: Institution, now: datetime
    ) -> None:
        one = _done(academy, now)
        assert remind_all(now=now) == 0
        set_reminding(person_id=one.person_id, wanted=False)
        assert remind_all(now=now + DAY) == 0

    def test_the_link_of_a_mail_stops_them_by_one_post_without_a_sign_in(
        self, academy: Institution, now: datetime
    ) -> None:
        _done(academy, now)
        remind_all(now=now + DAY)
        link = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>")
        path = "/" + link.split("/", 3)[3]
        assert Client().post(path).status_code == 200
        assert remind_all(now=now + 3 * DAY) == 0

    def test_a_forged_link_stops_nothing(self, academy: Institution, now: datetime) -> None:
        _done(academy, now)
        assert Client().post(reverse("learning-cards-stop", args=["1:x:y"])).status_code == 404
        assert remind_all(now=now + DAY) == 1


def _done(academy: Institution, now: datetime) -> LearnerView:
    one = learner_in(academy, now)
    set_done(learner=one, unit="r1", done=True, points=POINTS, now=now)
    return one


def _review(one: LearnerView, point: int, rating: int, key: uuid.UUID, now: datetime) -> None:
    card = ReviewCard.objects.get(enrolment=one.id, unit="r1", point=POINTS[point].mark)
    review(learner=one, card=card.pk, rating=rating, key=key, now=now)


def _again(one: LearnerView) -> LearnerView:
    return learner(one.id, one.person_id)


def _revise(one: LearnerView, key_points: str, now: datetime) -> None:
    """Publish a revision, and have the cohort take it."""
    row = Course.objects.get(pk=one.course_id)
    before = original_words(one.course_id, row.revision, row.blob)
    text = {"provenance": "original", "revision": row.revision, "translated_by": ""}
    CourseRevision.objects.filter(course=row, revision=row.revision).update(
        texts={"en": {**text, "translated_on": None, "words": before}}
    )
    revise(row, now, key_points)
    teacher, _made = Person.objects.get_or_create(email="teacher@hub.example")
    Membership.objects.get_or_create(
        person=teacher, institution_id=one.institution_id, role="teacher"
    )
    CohortTeacher.objects.get_or_create(cohort_id=one.cohort_id, person=teacher)
    take_revision(cohort_id=one.cohort_id, revision=row.revision, by=teacher, now=now)


def _some(number: int) -> list[Point]:
    return [Point("", f"Point {one}") for one in range(number)]
