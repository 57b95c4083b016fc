"""Courses, their questions and who answers them, for tests of questions between academies."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chorsu.flows import teaching
from chorsu.flows.erasing import Reason
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.kernel.ids import new_id
from chorsu.records.forms import withdrawal_bytes
from chorsu.training.actions import attempts, cohorts
from chorsu.training.items import Item
from chorsu.training.models import Enrolment
from chorsu.training.queries.attempts import AttemptView
from chorsu.training.queries.learning import LearnerView, learner
from chorsu.training.rules.cohort_fields import CohortFields
from chorsu.training.rules.facts import clean_facts
from chorsu.training.rules.outline import find_unit, placed
from chorsu.training.wire.banks import KIND, PublishedBank
from chorsu.training.wire.courses import PublishedCourse
from chorsu.wire.entry import Audience
from tests.memory_node import MemoryNode
from tests.training.courses.content import FACTS, ready_draft
from tests.training.quiz_kit import items_of
from tests.web.bank_kit import add, choice

MARK = "Quillfeather"
REASON = Reason("mistake", "The answer was wrong.", "en")


def asked(stem: str, **changes: object) -> Item:
    """A question of one right answer, of the competence that the quiz of the course draws."""
    made = choice(stem)
    facts = {**made.facts, "competence": "one-window"}
    return replace(made, id=new_id(), facts=facts, **changes)  # type: ignore[arg-type]


def bank_of(
    form: PublishedCourse, questions: list[Item], *, record: str = "", revision: int = 1
) -> PublishedBank:
    return PublishedBank(
        id=record or new_id(), revision=revision, origin=form.origin, course=form.id,
        course_revision=form.revision, questions=sorted(questions, key=lambda one: one.id),
    )  # fmt: skip


def share(node: MemoryNode, bank: PublishedBank, audience: Audience = "network") -> None:
    node.publish(KIND, bank.id, bank.revision, bank.to_bytes(), audience)


def withdraw(node: MemoryNode, record_id: str) -> None:
    last = next(entry for entry in reversed(node.entries()) if entry.id == record_id)
    data = withdrawal_bytes(kind=last.kind, record_id=record_id, reason="Wrong answers.")
    blob = node.add_blob(data, last.audience)
    entry = replace(last, action="withdraw", blob=blob, size=len(data), time=node.now())
    node.append_raw(entry.to_bytes())


@pytest.fixture
def teacher(editor: Person, academy: Institution) -> Person:
    """The editor, who teaches too."""
    Membership.objects.create(person=editor, institution=academy, role="teacher")
    return editor


@pytest.fixture
def five() -> list[Item]:
    """As many questions as the quiz of the course draws."""
    return [asked(f"What is the {number}th answer?") for number in range(1, 6)]


def cohort_of(course_id: str, teacher: Person, now: datetime) -> uuid.UUID:
    day = now.date()
    return cohorts.open_cohort(
        course_id=uuid.UUID(course_id),
        institution_id="hub-astana",
        fields=CohortFields(
            name="Autumn", programme="upgrading", languages=("en",), starts_on=day,
            ends_on=day + timedelta(days=20), capacity=0, place="", link="",
        ),
        by=teacher,
        now=now,
    )  # fmt: skip


def learner_in(cohort_id: uuid.UUID, now: datetime) -> LearnerView:
    person = Person.objects.create_user(f"{new_id()}@hub.example", "correct horse", name="Learner")
    row = Enrolment.objects.create(
        id=uuid.UUID(new_id()), cohort_id=cohort_id, person=person, state="admitted",
        created_at=now, queued_at=now,
    )  # fmt: skip
    return learner(row.pk, person.pk)


def begin(one: LearnerView, now: datetime) -> AttemptView:
    unit = find_unit(placed(clean_facts(FACTS)), "check")
    assert unit is not None
    return attempts.begin(learner=one, unit=unit, now=now)


def stems(attempt: AttemptView) -> set[str]:
    return {item.texts["en"].words["stem"] for item in items_of(attempt)}


def shared_course(teacher: Person, now: datetime, *questions: Item) -> str:
    draft = ready_draft(teacher, now)
    for question in questions:
        add(draft.id, question, teacher, now)
    return teaching.publish_course(
        draft_id=draft.id, version=draft.version, by=teacher, now=now, with_questions=True
    ).id
