"""Nominating, admitting, the waiting list that moves up by itself; the last place given once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.actions import set_roles
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Institution, Person, Role
from chorsu.institutions.queries import is_member, roles
from chorsu.training.actions import cohorts, enrolling
from chorsu.training.errors.cohorts import NotEligible, WrongCohortState
from chorsu.training.models import Cohort, Enrolment
from chorsu.training.queries.rosters import roster
from tests.training.cohorts.factory import Desk, a_course, fields, somebody
from tests.training.cohorts.factory import desk as make


def states(desk: Desk) -> dict[str, str]:
    return {one.person.email: one.state for one in roster(desk.cohort)}


def codes(refused: pytest.ExceptionInfo[NotEligible]) -> list[str]:
    return [one.code for one in refused.value.refusals]


@pytest.mark.django_db
def test_somebody_unknown_gets_an_account_without_a_password(desk: Desk) -> None:
    desk.nominate("New.Person@ministry.example", name="Aýna Täze", language="tk")
    person = Person.objects.get(email__iexact="new.person@ministry.example")
    assert (person.name, person.languages, person.has_usable_password()) == (
        "Aýna Täze", ["tk"], False,
    )  # fmt: skip
    assert states(desk) == {"New.Person@ministry.example": "nominated"}


@pytest.mark.django_db
def test_a_nominee_reads_as_the_public_until_somebody_admits_them(desk: Desk) -> None:
    enrolment = desk.nominate("new@ministry.example")
    person = Person.objects.get(email="new@ministry.example")
    assert not is_member(person)
    assert roles(person, "hub-astana") == set()

    enrolling.admit(cohort_id=desk.cohort, enrolment_ids=[enrolment], by=desk.officer, now=desk.now)
    person = Person.objects.get(pk=person.pk)
    assert is_member(person)
    assert roles(person, "hub-astana") == {Role.READER}


@pytest.mark.django_db
def test_who_waits_for_a_place_is_taken_in_when_they_move_up(desk: Desk) -> None:
    Cohort.objects.filter(pk=desk.cohort).update(capacity=1)
    first, second = desk.nominate("one@x.example"), desk.nominate("two@x.example")
    enrolling.admit(
        cohort_id=desk.cohort, enrolment_ids=[first, second], by=desk.officer, now=desk.now
    )
    assert not is_member(Person.objects.get(email="two@x.example"))

    enrolling.leave(enrolment_id=first, reason="Ill.", by=desk.officer, now=desk.now)
    assert is_member(Person.objects.get(email="two@x.example"))


@pytest.mark.django_db
def test_somebody_of_the_node_keeps_what_they_are_when_they_are_nominated(desk: Desk) -> None:
    somebody("known@ministry.example", "editor")
    enrolment = desk.nominate("known@ministry.example")
    assert is_member(Person.objects.get(email="known@ministry.example"))

    enrolling.admit(cohort_id=desk.cohort, enrolment_ids=[enrolment], by=desk.officer, now=desk.now)
    assert roles(Person.objects.get(email="known@ministry.example"), "hub-astana") == {Role.EDITOR}


@pytest.mark.django_db
def test_a_role_given_by_hand_takes_a_nominee_in(desk: Desk) -> None:
    desk.nominate("new@ministry.example")
    person = Person.objects.get(email="new@ministry.example")
    set_roles(
        person_id=person.pk, institution_id="hub-astana", roles=["translator"],
        by=somebody("admin@hub.example", "administrator"), now=desk.now,
    )  # fmt: skip
    assert is_member(Person.objects.get(pk=person.pk))


@pytest.mark.django_db
def test_somebody_known_is_not_made_twice_nor_renamed(desk: Desk) -> None:
    known = somebody("known@ministry.example", "reader", name="Known Already")
    desk.nominate("KNOWN@ministry.example", name="Other Name")
    known.refresh_from_db()
    assert known.name == "Known Already"
    with pytest.raises(NotEligible) as refused:
        desk.nominate("known@ministry.example")
    assert codes(refused) == ["twice"]


@pytest.mark.django_db
def test_only_officers_of_the_body_nominate_for_it(desk: Desk) -> None:
    for stranger in (somebody("x@hub.example", "editor"), desk.teacher):
        with pytest.raises(NotAllowed):
            enrolling.nominate(
                cohort_id=desk.cohort,
                nomination=enrolling.Nomination(
                    "a@x.example", "A", "ru", desk.employer, "1", "specialist", None
                ),
                by=stranger,
                today=date(2026, 11, 24),
                now=desk.now,
            )
    assert Enrolment.objects.count() == 0


@pytest.mark.django_db
def test_a_refused_nomination_makes_nobody(desk: Desk) -> None:
    people = Person.objects.count()
    with pytest.raises(ValidationError) as wrong:
        desk.nominate("a@x.example", document=" ")
    assert list(wrong.value.message_dict) == ["document"]
    with pytest.raises(ValidationError):
        desk.nominate("a@x.example", category="wizard")
    desk.move("running")
    with pytest.raises(NotEligible) as refused:
        desk.nominate("a@x.example")
    assert codes(refused) == ["not_taking"]
    assert Person.objects.count() == people


@pytest.mark.django_db
def test_nominations_close_with_the_window(academy: Institution, now: datetime) -> None:
    desk = make(academy, now, starts_on=date(2026, 11, 28))
    with pytest.raises(NotEligible) as refused:
        desk.nominate("a@x.example")
    assert codes(refused) == ["closed"]


@pytest.mark.django_db
def test_retraining_takes_the_newly_appointed(academy: Institution, now: datetime) -> None:
    course = a_course(now, hours=120, positions=["leading"])
    desk = make(academy, now, course=course, programme="retraining")
    with pytest.raises(NotEligible) as refused:
        desk.nominate("a@x.example", appointed_on=date(2025, 1, 1))
    assert codes(refused) == ["category", "appointed_too_long_ago"]
    desk.nominate("a@x.example", appointed_on=date(2026, 9, 1), category="leading")


@pytest.mark.django_db
def test_beyond_the_places_people_wait_and_move_up_in_their_order(desk: Desk) -> None:
    people = [desk.nominate(f"{name}@x.example") for name in "abcd"]
    assert desk.admit(*people) == (2, 2)
    assert [one.place for one in roster(desk.cohort) if one.state == "waiting"] == [1, 2]
    enrolling.leave(enrolment_id=people[0], reason="Ill", by=desk.teacher, now=desk.now)
    assert states(desk) == {
        "a@x.example": "left", "b@x.example": "admitted", "c@x.example": "admitted",
        "d@x.example": "waiting",
    }  # fmt: skip
    cohorts.edit_cohort(
        cohort_id=desk.cohort, fields=fields(capacity=3), version=1, by=desk.teacher, now=desk.now
    )
    assert states(desk)["d@x.example"] == "admitted"


@pytest.mark.django_db
def test_places_are_not_cut_below_those_who_have_them(desk: Desk) -> None:
    desk.admit(desk.nominate("a@x.example"), desk.nominate("b@x.example"))
    with pytest.raises(ValidationError) as refused:
        cohorts.edit_cohort(
            cohort_id=desk.cohort, fields=fields(capacity=1), version=1, by=desk.teacher,
            now=desk.now,
        )  # fmt: skip
    assert list(refused.value.message_dict) == ["capacity"]


@pytest.mark.django_db
def test_a_learner_gives_up_their_own_place_and_nobody_elses(desk: Desk) -> None:
    mine, theirs = desk.nominate("a@x.example"), desk.nominate("b@x.example")
    desk.admit(mine, theirs)
    learner = Person.objects.get(email="a@x.example")
    with pytest.raises(NotAllowed):
        enrolling.leave(enrolment_id=theirs, reason="", by=learner, now=desk.now)
    enrolling.leave(enrolment_id=mine, reason="", by=learner, now=desk.now)
    with pytest.raises(WrongCohortState):
        enrolling.leave(enrolment_id=mine, reason="", by=learner, now=desk.now)
    assert states(desk) == {"a@x.example": "left", "b@x.example": "admitted"}


@pytest.mark.django_db
def test_three_hundred_are_admitted_with_as_many_queries_as_three(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Cohort.objects.filter(pk=desk.cohort).update(capacity=298)
    everybody = [desk.nominate(f"p{number}@x.example") for number in range(300)]
    with django_assert_max_num_queries(18):
        assert desk.admit(*reversed(everybody)) == (298, 2)
    waiting = Enrolment.objects.filter(state="waiting").order_by("queued_at", "id")
    assert list(waiting.values_list("pk", flat=True)) == everybody[298:]
    told = AuditEvent.objects.filter(subject_id=str(desk.cohort))
    assert told.filter(action="enrolment.admitted").count() == 298
    assert AuditEvent.objects.filter(action="person.accepted").count() == 298
    Cohort.objects.filter(pk=desk.cohort).update(capacity=0)
    late = desk.nominate("late@x.example")
    assert desk.admit(late) == (0, 1)
    with django_assert_max_num_queries(18):
        enrolling.leave(enrolment_id=everybody[0], reason="", by=desk.officer, now=desk.now)
    assert Counter(states(desk).values()) == {"admitted": 300, "left": 1}


@pytest.mark.django_db
def test_declining_takes_a_reason(desk: Desk) -> None:
    one = desk.nominate("a@x.example")
    with pytest.raises(ValidationError):
        enrolling.decline(enrolment_id=one, reason=" ", by=desk.teacher, now=desk.now)
    enrolling.decline(enrolment_id=one, reason="No order", by=desk.teacher, now=desk.now)
    with pytest.raises(WrongCohortState):
        enrolling.decline(enrolment_id=one, reason="Again", by=desk.teacher, now=desk.now)
    assert [line.reason for line in roster(desk.cohort)] == ["No order"]


@pytest.mark.django_db
@pytest.mark.parametrize("ended", [enrolling.decline, enrolling.leave])
def test_who_was_let_go_is_nominated_anew_with_what_they_did(
    desk: Desk, ended: Callable[..., None]
) -> None:
    first = desk.nominate("a@x.example")
    ended(enrolment_id=first, reason="No order came.", by=desk.officer, now=desk.now)
    assert desk.nominate("a@x.example", document="14-k") == first
    row = Enrolment.objects.get(pk=first)
    assert (row.state, row.reason, row.document) == ("nominated", "", "14-k")
    with pytest.raises(NotEligible) as refused:
        desk.nominate("a@x.example")
    assert codes(refused) == ["twice"]


@pytest.mark.django_db
def test_a_nominating_officer_sees_only_those_of_their_body(desk: Desk) -> None:
    desk.nominate("a@x.example")
    assert len(roster(desk.cohort, [desk.employer])) == 1
    assert roster(desk.cohort, [desk.employer + 1]) == []


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_given_once(academy: Institution, now: datetime) -> None:
    desk = make(academy, now, capacity=1)
    people = [desk.nominate(f"{name}@x.example") for name in "ab"]
    start = Barrier(2)

    def admit(enrolment: UUID) -> tuple[int, int]:
        start.wait()
        try:
            return desk.admit(enrolment)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(admit, people)) == [(0, 1), (1, 0)]
    assert sorted(states(desk).values()) == ["admitted", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_a_place_given_up_twice_at_once_moves_one_up(academy: Institution, now: datetime) -> None:
    desk = make(academy, now, capacity=1)
    people = [desk.nominate(f"{name}@x.example") for name in "abc"]
    desk.admit(*people)
    start = Barrier(2)

    def leave(by: Person) -> str:
        start.wait()
        try:
            enrolling.leave(enrolment_id=people[0], reason="", by=by, now=now)
        except WrongCohortState as refused:
            return refused.state
        finally:
            connection.close()
        return "gone"

    learner = Person.objects.get(email="a@x.example")
    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(leave, [learner, desk.teacher])) == ["gone", "left"]
    assert sorted(states(desk).values()) == ["admitted", "left", "waiting"]
