"""Attempts at quizzes: begun, answered exactly once, timed by the server, handed in, scored."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from chorsu.institutions.models import Institution, Person
from chorsu.training.actions import attempts as actions
from chorsu.training.actions.attempts import AnsweredElsewhere, AttemptOver, GivenAnswer
from chorsu.training.actions.learning import CourseClosed
from chorsu.training.actions.submissions import MarkRefused
from chorsu.training.items.fields import InvalidResponse
from chorsu.training.models import Answer, Attempt, BankItem, Enrolment
from chorsu.training.queries.attempts import AttemptView, answers, attempt, attempts
from chorsu.training.queries.learning import LearnerView, learner, states
from tests.training.class_kit import facts, learner_in, quiz
from tests.training.quiz_kit import (
    RIGHT,
    WRONG,
    add_item,
    begin,
    given,
    items_of,
)
from tests.waiting import until_held_up

MINUTE = timedelta(minutes=1)
PLAIN = facts()
TIMED = facts(quiz(minutes=10, attempts=2))


def ready(academy: Institution, now: datetime, of: object = PLAIN) -> LearnerView:
    one = learner_in(academy, now, of)  # type: ignore[arg-type]
    for _ in range(5):
        add_item(one.course_id)
    return one


def say(one: LearnerView, tried: AttemptView, what: GivenAnswer, now: datetime) -> object:
    return actions.answer(attempt=tried, person_id=one.person_id, given=what, now=now)


def hand_in(one: LearnerView, tried: AttemptView, now: datetime) -> AttemptView:
    return actions.hand_in(attempt_id=tried.id, person_id=one.person_id, now=now)


@pytest.mark.django_db
class TestBeginning:
    def test_an_open_attempt_is_gone_on_with(self, academy: Institution, now: datetime) -> None:
        one = ready(academy, now)
        first, again = begin(one, PLAIN, now), begin(one, PLAIN, now + MINUTE)
        assert (first.id, len(first.drawn)) == (again.id, 3)

    def test_attempts_are_counted(self, academy: Institution, now: datetime) -> None:
        one = ready(academy, now, TIMED)
        for _ in range(2):
            hand_in(one, begin(one, TIMED, now), now)
        with pytest.raises(actions.NoAttemptsLeft):
            begin(one, TIMED, now)
        assert [row.number for row in attempts(one.id)] == [1, 2]

    def test_too_few_questions_begin_nothing(self, academy: Institution, now: datetime) -> None:
        one = learner_in(academy, now, PLAIN)
        add_item(one.course_id)
        with pytest.raises(actions.QuizNotReady):
            begin(one, PLAIN, now)
        assert attempts(one.id) == []

    def test_who_has_the_result_begins_nothing(self, academy: Institution, now: datetime) -> None:
        one = ready(academy, now)
        Enrolment.objects.filter(pk=one.id).update(state="passed")
        with pytest.raises(CourseClosed):
            begin(learner(one.id, one.person_id), PLAIN, now)

    def test_extra_time_is_in_the_end_by_the_servers_clock(
        self, academy: Institution, editor: Person, now: datetime
    ) -> None:
        one = ready(academy, now, TIMED)
        give = {"enrolment_id": one.id, "cohort_id": one.cohort_id, "by": editor, "now": now}
        actions.give_extra_time(percent=25, **give)
        tried = begin(one, TIMED, now)
        assert tried.due_at == now + timedelta(minutes=12, seconds=30)
        # Given while the quiz runs, it counts at once.
        actions.give_extra_time(percent=50, **give)
        assert attempt(tried.id, one.person_id).due_at == now + timedelta(minutes=15)
        give["by"] = Person.objects.get(pk=one.person_id)
        with pytest.raises(MarkRefused):
            actions.give_extra_time(percent=300, **give)
        assert attempt(tried.id, one.person_id).due_at == now + timedelta(minutes=15)


@pytest.mark.django_db
class TestAnswering:
    def test_an_answer_sent_again_is_there_once(self, academy: Institution, now: datetime) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        what = given(tried, items_of(tried)[0], RIGHT)
        for late in range(3):
            say(one, tried, what, now + late * MINUTE)
        row = Answer.objects.get()
        assert (row.key, row.response, row.saved_at) == (what.key, {"answer": "right"}, now)

    def test_a_newer_answer_of_the_same_device_replaces_the_older(
        self, academy: Institution, now: datetime
    ) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        item = items_of(tried)[0]
        first = given(tried, item, WRONG)
        say(one, tried, first, now)
        say(one, tried, given(tried, item, RIGHT, replaces=[first.key]), now)
        assert answers(tried.id)[item.id].response == {"answer": "right"}

    def test_an_old_answer_that_arrives_late_changes_nothing(
        self, academy: Institution, now: datetime
    ) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        item = items_of(tried)[0]
        first = given(tried, item, WRONG)
        newer = given(tried, item, RIGHT, replaces=[first.key])
        say(one, tried, newer, now)
        with pytest.raises(AnsweredElsewhere):
            say(one, tried, first, now)
        assert answers(tried.id)[item.id].key == str(newer.key)

    def test_an_answer_of_another_device_is_kept_and_the_conflict_told(
        self, academy: Institution, now: datetime
    ) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        item = items_of(tried)[0]
        phone, desk = given(tried, item, WRONG), given(tried, item, RIGHT)
        say(one, tried, phone, now)
        with pytest.raises(AnsweredElsewhere) as told:
            say(one, tried, desk, now)
        assert (told.value.key, told.value.response) == (str(phone.key), {"answer": "wrong"})
        say(one, tried, given(tried, item, RIGHT, replaces=[phone.key]), now)
        assert answers(tried.id)[item.id].response == {"answer": "right"}

    def test_an_answer_after_the_time_is_refused_but_not_one_under_way(
        self, academy: Institution, now: datetime
    ) -> None:
        one = ready(academy, now, TIMED)
        tried = begin(one, TIMED, now)
        first, second, _third = items_of(tried)
        end = now + 10 * MINUTE
        say(one, tried, given(tried, first, RIGHT), end + timedelta(seconds=9))
        with pytest.raises(AttemptOver):
            say(one, tried, given(tried, second, RIGHT), end + timedelta(seconds=11))
        assert answers(tried.id).keys() == {first.id}

    def test_an_answer_after_handing_in_is_refused(
        self, academy: Institution, now: datetime
    ) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        item = items_of(tried)[0]
        first = given(tried, item, WRONG)
        say(one, tried, first, now)
        hand_in(one, tried, now)
        with pytest.raises(AttemptOver):
            say(one, tried, given(tried, item, RIGHT, replaces=[first.key]), now)
        assert answers(tried.id)[item.id].response == {"answer": "wrong"}
        # What arrived before is answered as saved, though it is sent again only now.
        assert say(one, tried, first, now) == {"answer": "wrong"}

    def test_somebody_else_answers_nothing(
        self, academy: Institution, editor: Person, now: datetime
    ) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        what = given(tried, items_of(tried)[0], RIGHT)
        with pytest.raises(AttemptOver):
            actions.answer(attempt=tried, person_id=editor.pk, given=what, now=now)
        assert answers(tried.id) == {}

    def test_a_question_that_was_not_drawn_is_not_answered(
        self, academy: Institution, now: datetime
    ) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        drawn = {item for item, _version, _section in tried.drawn}
        other = next(str(r.item) for r in BankItem.objects.all() if str(r.item) not in drawn)
        what = GivenAnswer(other, {"answer": "x"}, "en", uuid.uuid4())
        with pytest.raises(AttemptOver):
            say(one, tried, what, now)

    def test_what_no_page_sends_is_refused(self, academy: Institution, now: datetime) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        what = GivenAnswer(items_of(tried)[0].id, {"answer": "right"}, "en", uuid.uuid4())
        with pytest.raises(InvalidResponse):
            say(one, tried, what, now)

    def test_an_answer_is_one_statement(
        self, academy: Institution, now: datetime, django_assert_num_queries: Callable[..., object]
    ) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        what = given(tried, items_of(tried)[0], RIGHT)
        with django_assert_num_queries(1):  # type: ignore[attr-defined]
            say(one, tried, what, now)


@pytest.mark.django_db
class TestHandingIn:
    def test_the_result_of_an_attempt_and_of_its_competences(
        self, academy: Institution, now: datetime
    ) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        first, second, _left = items_of(tried)
        say(one, tried, given(tried, first, RIGHT), now)
        say(one, tried, given(tried, second, WRONG), now)
        done = hand_in(one, tried, now)
        assert (done.points, done.most_points, done.percent) == (1, 3, Decimal("33.33"))
        assert done.by_competence == {"planning": (Decimal(1), Decimal(3))}
        assert states(one.id)["q1"].done_at == now

    def test_handed_in_twice_it_stays_as_it_was(self, academy: Institution, now: datetime) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        first, again = hand_in(one, tried, now), hand_in(one, tried, now + MINUTE)
        assert first == again

    def test_time_hands_in_though_nobody_is_there(
        self, academy: Institution, now: datetime
    ) -> None:
        one = ready(academy, now, TIMED)
        tried = begin(one, TIMED, now)
        say(one, tried, given(tried, items_of(tried)[0], RIGHT), now)
        end = now + 10 * MINUTE
        assert actions.hand_in_due(now=end + timedelta(seconds=9), limit=10) == 0
        assert actions.hand_in_due(now=end + MINUTE, limit=10) == 1
        done = attempt(tried.id, one.person_id)
        assert (done.handed_in_at, done.handed_in_by, done.points) == (end, "time", 1)

    def test_a_changed_question_changes_no_result(
        self, academy: Institution, now: datetime
    ) -> None:
        one = ready(academy, now)
        tried = begin(one, PLAIN, now)
        say(one, tried, given(tried, items_of(tried)[0], RIGHT), now)
        BankItem.objects.update(current=False)
        assert hand_in(one, tried, now).points == 1

    def test_the_course_has_its_result_when_every_assessed_unit_has(
        self, academy: Institution, now: datetime
    ) -> None:
        only_quiz = facts()
        only_quiz["modules"][1]["units"] = only_quiz["modules"][1]["units"][:2]
        one = ready(academy, now, only_quiz)
        for text in (RIGHT, WRONG):
            tried = begin(one, only_quiz, now)
            for item in items_of(tried):
                say(one, tried, given(tried, item, text), now)
            hand_in(one, tried, now)
        # The best attempt counts, not the last.
        assert learner(one.id, one.person_id).result_percent == Decimal("100.00")

    def test_a_long_answer_waits_for_another_person(
        self, academy: Institution, editor: Person, now: datetime
    ) -> None:
        one = learner_in(academy, now, PLAIN)
        essay = add_item(one.course_id, kind="essay")
        add_item(one.course_id)
        add_item(one.course_id)
        tried = begin(one, PLAIN, now)
        written = GivenAnswer(essay, {"answer": "Because of time."}, "en", uuid.uuid4())
        say(one, tried, written, now)
        assert hand_in(one, tried, now).percent is None
        points = {"answer": Decimal("0.5")}
        mark = {"attempt_id": tried.id, "item_id": essay, "points": points, "now": now}
        with pytest.raises(MarkRefused):
            actions.mark_answer(marker_id=one.person_id, **mark)
        assert attempt(tried.id, one.person_id).points is None
        actions.mark_answer(marker_id=editor.pk, **mark)
        assert attempt(tried.id, one.person_id).points == Decimal("0.5")


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_begin_one_attempt(academy: Institution, now: datetime) -> None:
    one = ready(academy, now)
    found = at_once(lambda: begin(one, PLAIN, now).id)
    assert len(set(found)) == 1
    assert Attempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_answers_at_the_moment_of_handing_in_count_or_are_refused(
    academy: Institution, now: datetime
) -> None:
    one = ready(academy, now)
    tried = begin(one, PLAIN, now)
    items, kept = items_of(tried), []

    def race(item: object) -> None:
        try:
            say(one, tried, given(tried, item, RIGHT), now)  # type: ignore[arg-type]
        except AttemptOver:
            return
        kept.append(item)

    acts: list[Callable[[], object]] = [lambda item=item: race(item) for item in items]  # type: ignore[misc]
    acts.append(lambda: hand_in(one, tried, now))
    run(acts)
    done = attempt(tried.id, one.person_id)
    assert done.points == len(kept) == Answer.objects.count()


@pytest.mark.django_db(transaction=True)
def test_time_given_while_an_attempt_is_handed_in_waits_for_it(
    academy: Institution, editor: Person, now: datetime
) -> None:
    one = ready(academy, now, TIMED)
    tried = begin(one, TIMED, now)

    def give() -> None:
        try:
            actions.give_extra_time(
                enrolment_id=one.id, cohort_id=one.cohort_id, percent=25, by=editor, now=now
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Attempt.objects.select_for_update().get(pk=tried.id)
            giving = threads.submit(give)
            until_held_up(giving)
            # The learner's place is still free for the result that follows.
            Enrolment.objects.select_for_update(nowait=True).get(pk=one.id)
        giving.result()
    assert attempt(tried.id, one.person_id).due_at == now + timedelta(minutes=12, seconds=30)


def at_once(act: Callable[[], object], times: int = 4) -> list[object]:
    found: list[object] = []
    run([lambda: found.append(act())] * times)
    return found


def run(acts: list[Callable[[], object]]) -> None:
    """All at the same time, each with a connection of its own."""
    barrier = threading.Barrier(len(acts))

    def do(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
