"""Results by the rule of the course: what it says of a learner, and taking it for all at once."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.training.actions import enrolling
from chorsu.training.actions.proposing import take_proposals
from chorsu.training.errors.cohorts import ProposalsChanged, ResultChanged, WrongCohortState
from chorsu.training.models import Attempt, Attendance, Cohort, Enrolment, UnitState
from chorsu.training.queries.cohorts import facts_of
from chorsu.training.queries.proposals import proposals, proposed, without_result
from chorsu.training.rules.fields import Assessment, Facts
from chorsu.training.rules.proposals import Standing, fingerprint, propose
from tests.training import class_kit
from tests.training.cohorts.factory import Desk, a_course
from tests.training.cohorts.factory import desk as make


def ruled(percent: int = 60, attendance: int = 80, *units: str) -> Facts:
    rule = Assessment(
        pass_percent=percent, attendance_percent=attendance, required_units=list(units)
    )
    return class_kit.facts(assessment=rule)


def standing(**changes: object) -> Standing:
    said = {"percent": Decimal(75), "attended": 8, "held": 10, "done": {"q1"}, "waits": False}
    return Standing(**(said | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "wanted", "met"),
    [
        ({}, True, [True, True, True]),
        ({"percent": Decimal(60)}, True, [True, True, True]),
        ({"percent": Decimal("59.99")}, False, [False, True, True]),
        ({"percent": None}, False, [False, True, True]),
        ({"percent": None, "waits": True}, None, [None, True, True]),
        ({"percent": Decimal(50), "waits": True}, None, [None, True, True]),
        ({"attended": 7}, False, [True, False, True]),
        ({"attended": 0, "held": 0}, None, [True, None, True]),
        ({"done": ()}, False, [True, True, False]),
        ({"attended": 0, "held": 0, "done": ()}, False, [True, None, False]),
    ],
)
def test_the_rule_says_passed_not_passed_or_nothing_yet(
    changes: dict[str, object], wanted: bool | None, met: list[bool | None]
) -> None:
    found = propose(ruled(60, 80, "q1"), standing(**changes))
    assert (found.passed, [one.met for one in found.checks]) == (wanted, met)


def test_a_course_without_a_rule_proposes_nothing() -> None:
    found = propose(ruled(0, 0), standing())
    assert (found.passed, found.checks) == (None, ())


@pytest.fixture
def ruled_desk(academy: Institution, now: datetime) -> Desk:
    """A cohort of a course that asks for 60 percent, 80 of attendance and the quiz."""
    facts = ruled(60, 80, "q1")
    course = a_course(now, modules=facts["modules"], assessment=facts["assessment"])
    return make(academy, now, course=course, capacity=0)


def learners(desk: Desk, *names: str) -> list[UUID]:
    """Admitted to a running cohort, in one session that was held, all as the rule asks."""
    made = [desk.nominate(f"{name}@x.example") for name in names]
    desk.admit(*made)
    held = desk.session()
    desk.move("running")
    Enrolment.objects.filter(pk__in=made).update(result_percent=Decimal(75))
    Attendance.objects.bulk_create(
        Attendance(session_id=held, enrolment_id=one, state="present", source="list",
                   marked_at=desk.now)
        for one in made
    )  # fmt: skip
    UnitState.objects.bulk_create(
        UnitState(enrolment_id=one, unit="q1", seen_at=desk.now, done_at=desk.now) for one in made
    )
    return made


def seen(desk: Desk, person: Person) -> str:
    facts = facts_of(Cohort.objects.get(pk=desk.cohort))
    found = proposed(proposals(desk.cohort, facts), without_result(desk.cohort, person.pk))
    return fingerprint(found)


@pytest.mark.django_db
def test_one_press_gives_the_rules_result_to_all_who_have_none(ruled_desk: Desk) -> None:
    desk = ruled_desk
    own = desk.nominate(desk.teacher.email)
    good, poor, away, unknown, decided = learners(desk, "a", "b", "c", "d", "e")
    Enrolment.objects.filter(pk=own).update(state="admitted", result_percent=Decimal(99))
    Enrolment.objects.filter(pk=poor).update(result_percent=Decimal(59))
    Attendance.objects.filter(enrolment=away).update(state="absent")
    Attempt.objects.create(
        id=uuid.uuid4(), enrolment_id=unknown, unit="a1", number=1, seed="s", items=[],
        versions=[], sections=[], started_at=desk.now, handed_in_at=desk.now,
    )  # fmt: skip
    Enrolment.objects.filter(pk=unknown).update(result_percent=None)
    enrolling.set_result(
        enrolment_id=decided, percent=Decimal(1), passed=False, by=desk.teacher, now=desk.now
    )
    taken = take_proposals(
        cohort_id=desk.cohort, seen=seen(desk, desk.teacher), by=desk.teacher, now=desk.now
    )
    assert taken == (1, 2)
    states = dict(Enrolment.objects.values_list("pk", "state"))
    assert states == {
        good: "passed", poor: "failed", away: "failed", unknown: "admitted", decided: "failed",
        own: "admitted",
    }  # fmt: skip
    assert Enrolment.objects.get(pk=good).result_at == desk.now
    told = AuditEvent.objects.filter(detail__by_rule=True).order_by("id")
    assert {(one.action, one.detail["enrolment"]) for one in told} == {
        ("enrolment.passed", str(good)), ("enrolment.failed", str(poor)),
        ("enrolment.failed", str(away)),
    }  # fmt: skip
    whole = AuditEvent.objects.get(action="cohort.results_by_rule")
    assert (whole.person, whole.detail["passed"], whole.detail["failed"]) == (desk.teacher, 1, 2)


@pytest.mark.django_db
def test_nothing_is_taken_that_was_not_looked_at(ruled_desk: Desk) -> None:
    desk = ruled_desk
    one, *_others = learners(desk, "a", "b")
    before = seen(desk, desk.teacher)
    Enrolment.objects.filter(pk=one).update(result_percent=Decimal(10))
    asked = {"cohort_id": desk.cohort, "by": desk.teacher, "now": desk.now}
    with pytest.raises(ProposalsChanged):
        take_proposals(seen=before, **asked)  # type: ignore[arg-type]
    assert not Enrolment.objects.exclude(state="admitted").exists()
    Cohort.objects.update(state="open")
    with pytest.raises(WrongCohortState):
        take_proposals(seen=seen(desk, desk.teacher), **asked)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_three_hundred_take_as_many_queries_as_three(
    ruled_desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    desk = ruled_desk
    learners(desk, *(f"p{number}" for number in range(300)))
    looked_at = seen(desk, desk.teacher)
    with django_assert_max_num_queries(20):
        taken = take_proposals(cohort_id=desk.cohort, seen=looked_at, by=desk.teacher, now=desk.now)
    assert taken == (300, 0)


@pytest.mark.django_db
def test_a_result_that_changed_since_it_was_looked_at_is_not_overwritten(desk: Desk) -> None:
    one = desk.nominate("a@x.example")
    desk.admit(one)
    desk.move("running")
    said = {"enrolment_id": one, "now": desk.now, "seen": (None, "admitted")}
    enrolling.set_result(percent=Decimal(80), passed=True, by=desk.teacher, **said)  # type: ignore[arg-type]
    with pytest.raises(ResultChanged) as changed:
        enrolling.set_result(percent=Decimal(40), passed=False, by=desk.officer, **said)  # type: ignore[arg-type]
    assert (changed.value.percent, changed.value.state) == (Decimal(80), "passed")
    assert Enrolment.objects.get(pk=one).state == "passed"
