"""Files that answer questions, two things at once: none is lost, none comes in after the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO

import pytest
from django.db import connection, transaction

from chorsu.institutions.models import Institution
from chorsu.training.actions import attempts as actions
from chorsu.training.actions.answer_files import add_answer_file
from chorsu.training.actions.attempts import AttemptOver
from chorsu.training.models import AnswerFile, Attempt
from chorsu.training.queries.attempts import AttemptView, answers
from chorsu.training.queries.learning import LearnerView
from tests.training.class_kit import facts, learner_in, quiz
from tests.training.quiz_kit import add_item, begin
from tests.waiting import until_held_up

pytestmark = pytest.mark.django_db(transaction=True)
ONE = facts(quiz(draws=[{"competence": "", "count": 1}]))


def begun(academy: Institution, now: datetime) -> tuple[LearnerView, AttemptView, str]:
    one = learner_in(academy, now, ONE)
    item = add_item(one.course_id, kind="file")
    return one, begin(one, ONE, now), item


def test_files_that_come_at_once_are_all_in_the_answer(academy: Institution, now: datetime) -> None:
    one, tried, item = begun(academy, now)

    def add(content: bytes) -> None:
        try:
            add_answer_file(
                attempt=tried, person_id=one.person_id, item_id=item, upload=BytesIO(content),
                name="plan.txt", language="en", now=now,
            )  # fmt: skip
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, [b"one", b"two", b"three", b"four"]))
    hashes = list(AnswerFile.objects.order_by("pk").values_list("sha256", flat=True))
    assert len(hashes) == 4
    assert answers(tried.id)[item].response == {"answer": hashes}


def test_a_file_that_comes_while_the_attempt_is_handed_in_waits_and_is_refused(
    academy: Institution, now: datetime
) -> None:
    one, tried, item = begun(academy, now)

    def add() -> None:
        try:
            add_answer_file(
                attempt=tried, person_id=one.person_id, item_id=item, upload=BytesIO(b"late"),
                name="plan.txt", language="en", now=now,
            )  # fmt: skip
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Attempt.objects.select_for_update().get(pk=tried.id)
            adding = threads.submit(add)
            until_held_up(adding)
            actions.hand_in(attempt_id=tried.id, person_id=one.person_id, now=now)
        with pytest.raises(AttemptOver):
            adding.result()
    assert not AnswerFile.objects.exists()
