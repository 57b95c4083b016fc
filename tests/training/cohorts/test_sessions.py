"""Sessions, and who was there: by list, by the code on the screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person
from chorsu.training.actions import enrolling, sessions
from chorsu.training.errors.cohorts import NoSuchCohort, WrongCode
from chorsu.training.models import Attendance, Session
from chorsu.training.queries.rosters import presence, roster
from chorsu.training.rules import codes
from tests.training.cohorts.factory import Desk, somebody

pytestmark = pytest.mark.django_db


def learner(desk: Desk, email: str = "a@x.example") -> Person:
    desk.admit(desk.nominate(email))
    return Person.objects.get(email=email)


def test_ninety_minutes_are_two_academic_hours(desk: Desk) -> None:
    assert Session.objects.get(pk=desk.session()).hours == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"form": "self_learning"}, "form"),
        ({"link": "ftp://room"}, "link"),
    ],
)
def test_what_is_wrong_in_a_session_is_named(
    desk: Desk, change: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        desk.session(**change)
    assert list(refused.value.message_dict) == [field]


def test_a_session_lies_within_the_cohort_and_ends_after_it_begins(desk: Desk) -> None:
    begins = Session.objects.get(pk=desk.session()).starts_at
    for change, field in (
        ({"starts_at": begins - timedelta(days=1), "ends_at": begins}, "ends_at"),
        ({"ends_at": begins}, "ends_at"),
        ({"starts_at": begins + timedelta(days=30), "ends_at": begins + timedelta(days=30.05)},
         "starts_at"),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            desk.session(**change)
        assert field in refused.value.message_dict


def test_the_list_is_of_those_who_have_a_place_and_are_of_the_group(desk: Desk) -> None:
    one, other = desk.nominate("a@x.example"), desk.nominate("b@x.example")
    desk.nominate("c@x.example")
    desk.admit(one, other)
    enrolling.set_group(
        cohort_id=desk.cohort, enrolment_ids=[one], group=" North ", by=desk.teacher, now=desk.now
    )
    everybody, north = desk.session(), desk.session(group="North")
    assert [line.person.email for line in presence(everybody)] == ["a@x.example", "b@x.example"]
    assert [line.person.email for line in presence(north)] == ["a@x.example"]
    with pytest.raises(NoSuchCohort):
        sessions.mark(session_id=north, states={other: "present"}, by=desk.teacher, now=desk.now)


def test_a_list_says_who_was_there_and_takes_it_back(desk: Desk) -> None:
    one = desk.nominate("a@x.example")
    desk.admit(one)
    session = desk.session()
    said = {"session_id": session, "by": desk.teacher, "now": desk.now}
    assert sessions.mark(states={one: "present"}, **said) == 1
    assert sessions.mark(states={one: "present"}, **said) == 0
    assert [(line.attended, line.held) for line in roster(desk.cohort)] == [(2, 2)]
    sessions.mark(states={one: "absent"}, **said)
    assert [(line.attended, line.held) for line in roster(desk.cohort)] == [(0, 2)]
    sessions.mark(states={one: ""}, **said)
    assert Attendance.objects.count() == 0
    with pytest.raises(NotAllowed):
        sessions.mark(session_id=session, states={one: "present"}, by=desk.nominator, now=desk.now)


def test_a_learner_in_the_room_comes_onto_the_list_by_the_code(desk: Desk) -> None:
    person, session = learner(desk), desk.session()
    code = sessions.open_code(session_id=session, by=desk.teacher, now=desk.now)
    here = {"session_id": session, "person": person, "now": desk.now}
    sessions.attend_by_code(code=f" {code[:3]} {code[3:]} ", **here)
    assert [(one.state, one.source) for one in presence(session)] == [("present", "code")]
    # Saving the list as it is keeps by what it was said.
    (line,) = presence(session)
    sessions.mark(
        session_id=session, states={line.enrolment_id: "present"}, by=desk.teacher, now=desk.now
    )
    assert presence(session)[0].source == "code"


def test_the_list_is_not_overruled_by_a_code(desk: Desk) -> None:
    person, session = learner(desk), desk.session()
    (line,) = presence(session)
    sessions.mark(
        session_id=session, states={line.enrolment_id: "absent"}, by=desk.teacher, now=desk.now
    )
    code = sessions.open_code(session_id=session, by=desk.teacher, now=desk.now)
    sessions.attend_by_code(session_id=session, code=code, person=person, now=desk.now)
    assert presence(session)[0].state == "absent"


def test_a_code_is_taken_only_while_it_is_shown_and_from_learners_only(desk: Desk) -> None:
    person, session = learner(desk), desk.session()
    with pytest.raises(WrongCode):
        sessions.attend_by_code(session_id=session, code="000000", person=person, now=desk.now)
    code = sessions.open_code(session_id=session, by=desk.teacher, now=desk.now)
    with pytest.raises(NoSuchCohort):
        sessions.attend_by_code(
            session_id=session, code=code, person=somebody("x@x.example"), now=desk.now
        )
    late = desk.now + codes.SHOWN_FOR
    fresh = codes.code_at(sessions._secret(), str(session), late)
    with pytest.raises(WrongCode):
        sessions.attend_by_code(session_id=session, code=fresh, person=person, now=late)
    assert sessions.shown_code(session, late) == ""
    assert Attendance.objects.count() == 0


def test_nobody_tries_all_the_codes(desk: Desk) -> None:
    person, session = learner(desk), desk.session()
    code = sessions.open_code(session_id=session, by=desk.teacher, now=desk.now)
    wrong = "111111" if code != "111111" else "222222"
    here = {"session_id": session, "person": person, "now": desk.now}
    for _try in range(codes.MOST_WRONG):
        with pytest.raises(WrongCode) as refused:
            sessions.attend_by_code(code=wrong, **here)
        assert not refused.value.too_often
    with pytest.raises(WrongCode) as refused:
        sessions.attend_by_code(code=code, **here)
    assert refused.value.too_often
