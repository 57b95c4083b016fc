"""Questions whose words were erased: nobody loses by it, and nobody gains."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from django.test import Client

from chorsu.exchange.models import FeedEntry
from chorsu.flows import erasing, sharing
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.training.actions import attempts
from chorsu.training.actions import bank as bank_actions
from chorsu.training.models import Attempt, BankItem
from chorsu.training.queries.attempts import AttemptView
from chorsu.training.queries.learning import LearnerView
from chorsu.training.shapes.bank import NewText
from chorsu.training.wire.banks import KIND, PublishedBank
from chorsu.training.wire.courses import PublishedCourse
from tests.everywhere import places_of
from tests.flows.bank_scene import (
    MARK,
    REASON,
    asked,
    bank_of,
    begin,
    cohort_of,
    five,
    learner_in,
    share,
    shared_course,
    teacher,
)
from tests.flows.test_teaching import course, publish
from tests.memory_node import MemoryNode
from tests.training.quiz_kit import forget_items, given, items_of

__all__ = ["five", "teacher"]


def being_asked(
    node: MemoryNode, teacher: Person, now: datetime
) -> tuple[PublishedCourse, PublishedBank, LearnerView, AttemptView]:
    """Somebody is answering questions of another node."""
    form = course(node, new_id())
    bank = bank_of(form, [asked(f"{number} {MARK}") for number in range(5)])
    publish(node, form)
    share(node, bank)
    pull(peer_name=node.name, now=now)
    somebody = learner_in(cohort_of(form.id, teacher, now), now)
    return form, bank, somebody, begin(somebody, now)


def erase_the_questions(
    node: MemoryNode, form: PublishedCourse, bank: PublishedBank, now: datetime
) -> None:
    """The node publishes others instead and asks to erase these."""
    first = node.entries()[1]
    share(node, bank_of(form, [asked("Another")], record=bank.id, revision=2))
    node.ask_to_erase(first.blob or "", "record", bank.id, revision=1)
    pull(peer_name=node.name, now=now)
    erasing.finish(now=now)


def test_questions_of_an_erased_publication_are_nowhere(
    own_data: None, teacher: Person, now: datetime
) -> None:
    first = asked(f"Named {MARK}")
    course_id = shared_course(teacher, now, first)
    [row] = BankItem.objects.all()
    words = {**row.texts["en"]["words"], "stem": "Named nobody"}
    bank_actions.save_question(
        course_id=course_id, item=str(row.item), version=1, original_language="en",
        facts=row.facts, texts={"en": NewText(words)}, by=teacher, now=now,
    )  # fmt: skip
    sharing.share_questions(course_id=course_id, by=teacher, now=now)
    assert places_of(MARK) != set()

    earlier = FeedEntry.objects.get(kind=KIND, revision=1)
    erasing.erase(record_id=earlier.record_id, blob=earlier.blob, reason=REASON, by=None, now=now)
    erasing.finish(now=now)
    assert places_of(MARK) == set()
    assert BankItem.objects.get(version=2).texts["en"]["words"]["stem"] == "Named nobody"


def test_a_peers_erased_questions_go_from_attempts_too_and_points_stay(
    own_data: None, beijing: MemoryNode, teacher: Person, now: datetime, client: Client
) -> None:
    form = course(beijing, new_id())
    five = [asked(f"{number} {MARK}") for number in range(5)]
    bank = bank_of(form, five)
    publish(beijing, form)
    share(beijing, bank)
    pull(peer_name=beijing.name, now=now)
    somebody = learner_in(cohort_of(form.id, teacher, now), now)
    attempt = begin(somebody, now)
    said = given(attempt, items_of(attempt)[0], "Answer r")
    attempts.answer(attempt=attempt, person_id=somebody.person_id, given=said, now=now)
    attempts.hand_in(attempt_id=attempt.id, person_id=somebody.person_id, now=now)
    erase_the_questions(beijing, form, bank, now)

    assert places_of(MARK) == set()
    assert Attempt.objects.get(pk=attempt.id).points == 1
    forget_items()
    client.force_login(Person.objects.get(pk=somebody.person_id))
    page = client.get(f"/en/learning/{somebody.id}/attempts/{attempt.id}/").content.decode()
    assert page.count("Here was a question (One right answer).") == len(attempt.drawn)
    assert page.count("Personal data") == page.count("Asked for by law.") == len(attempt.drawn)
    assert re.search(r'Question 1 <span class="badge">right</span>', page)
    assert "Answer r" not in page


def test_nobody_loses_by_a_question_that_is_erased_while_it_is_asked(
    own_data: None, beijing: MemoryNode, teacher: Person, now: datetime, client: Client
) -> None:
    form, bank, somebody, attempt = being_asked(beijing, teacher, now)
    wrong = given(attempt, items_of(attempt)[0], "Answer w1")
    attempts.answer(attempt=attempt, person_id=somebody.person_id, given=wrong, now=now)
    erase_the_questions(beijing, form, bank, now)
    forget_items()

    client.force_login(Person.objects.get(pk=somebody.person_id))
    address = f"/en/learning/{somebody.id}/attempts/{attempt.id}/"
    page = client.get(address).content.decode()
    assert page.count("Here was a question") == len(attempt.drawn)
    assert 'name="key.' not in page
    done = attempts.hand_in(attempt_id=attempt.id, person_id=somebody.person_id, now=now)
    assert (done.points, done.most_points) == (1, 1)


def test_nobody_gains_by_answering_a_question_after_it_was_erased_or_by_saying_nothing(
    own_data: None, beijing: MemoryNode, teacher: Person, now: datetime, client: Client
) -> None:
    form, bank, somebody, attempt = being_asked(beijing, teacher, now)
    wrong, empty, late = items_of(attempt)[:3]
    for said in (
        given(attempt, wrong, "Answer w1"),
        replace(given(attempt, empty, "Answer w1"), raw={"answer": ""}),
    ):
        attempts.answer(attempt=attempt, person_id=somebody.person_id, given=said, now=now)
    erase_the_questions(beijing, form, bank, now)
    forget_items()

    client.force_login(Person.objects.get(pk=somebody.person_id))
    address = f"/en/learning/{somebody.id}/attempts/{attempt.id}/"
    answer = client.post(f"{address}answer/", {"item": late.id, "key": new_id()})
    assert answer.status_code == 410
    assert answer.json()["state"].startswith("Here was a question (One right answer).")
    done = attempts.hand_in(attempt_id=attempt.id, person_id=somebody.person_id, now=now)
    assert (done.points, done.most_points) == (1, 1)
