"""Key points as review cards: how they are read, when they come again, who is mailed."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from chorsu.flows.reminding import remind_all
from chorsu.institutions.models import Institution, Person
from chorsu.training.actions.learning import set_done
from chorsu.training.actions.remembering import NoSuchCard, begin_cards, review, set_reminding
from chorsu.training.models import Course, Review, ReviewCard
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.remembering import A_DAY, due_cards, retention
from chorsu.training.remembering import Point, begun, points, reviewed
from tests.training.class_kit import learner_in

DAY = timedelta(days=1)


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
        begin_cards(learner=one, unit="gone", points=A_DAY, now=now - 2 * DAY)
        begin_cards(learner=one, unit="r1", points=9, now=now - 2 * DAY)
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
        card = ReviewCard.objects.get(enrolment=one.id, point=0)
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
        begin_cards(learner=one, unit="gone", points=3, now=now)
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
    set_done(learner=one, unit="r1", done=True, points=2, now=now)
    return one


def _review(one: LearnerView, point: int, rating: int, key: uuid.UUID, now: datetime) -> None:
    review(learner=one, unit="r1", point=point, rating=rating, key=key, now=now)
