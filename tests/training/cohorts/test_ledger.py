"""Hours of a person by form, from every academy; all data on one person; what is deleted."""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Connection, Person
from chorsu.institutions.personal import in_json
from chorsu.training.actions import employers, enrolling, messaging, retaining, sessions
from chorsu.training.actions.employers import AchievementFields, RecognitionFields
from chorsu.training.models import (
    Achievement,
    Attempt,
    Attendance,
    BroughtCertificate,
    Cohort,
    CohortTeacher,
    CourseComment,
    CourseDraft,
    EmployerOfficer,
    Enrolment,
    Message,
    MessageCopy,
    NominationFile,
    ReportedResult,
    ReviewCard,
    Submission,
    SurveyAnswer,
    UnitState,
)
from chorsu.training.queries.ledger import ledger, own_enrolments, own_sessions
from chorsu.training.queries.personal import ROWS, everything_on
from chorsu.training.rules.fields import Hours
from tests.training.cohorts.factory import ENDS, TODAY, Desk, somebody

pytestmark = pytest.mark.django_db


def passed(desk: Desk, email: str = "a@x.example") -> Person:
    """Somebody who was in one of two sessions and passed; the cohort is finished."""
    one = desk.nominate(email)
    desk.admit(one)
    was, missed = desk.session(), desk.session(form="live")
    desk.move("running")
    said = {"by": desk.teacher, "now": desk.now}
    sessions.mark(session_id=was, states={one: "present"}, **said)
    sessions.mark(session_id=missed, states={one: "absent"}, **said)
    enrolling.set_result(enrolment_id=one, percent=Decimal("87.5"), passed=True, **said)
    desk.move("finished", protocol_number="7")
    return Person.objects.get(email=email)


def document(**changes: object) -> AchievementFields:
    said: dict[str, object] = {
        "issuer": "hub-astana", "course": None, "title": "Digital government",
        "document": "CN-77", "issued_on": date(2026, 5, 1),
        "hours": Hours(in_person=30, live=0, self_study=10),
    }  # fmt: skip
    return AchievementFields(**(said | changes))  # type: ignore[arg-type]


def recognition(**changes: object) -> RecognitionFields:
    said: dict[str, object] = {
        "issuer": "hub-astana", "course": None, "title": "", "form": "", "percent": 50,
        "most_hours": 0, "since": date(2026, 1, 1), "until": None, "basis": "Order 5",
    }  # fmt: skip
    return RecognitionFields(**(said | changes))  # type: ignore[arg-type]


def test_hours_count_once_the_cohort_is_finished_by_what_was_attended(desk: Desk) -> None:
    found = ledger(passed(desk), "hub-astana", ["en"])
    assert found.total == Hours(in_person=2, live=0, self_study=10)
    assert [(line.title, line.document) for line in found.lines] == [
        ("One window for all papers", "HUB-ASTANA-2026-000001")
    ]


def test_hours_under_way_are_told_apart(desk: Desk) -> None:
    one = desk.nominate("a@x.example")
    desk.admit(one)
    sessions.mark(session_id=desk.session(), states={one: "present"}, by=desk.teacher, now=desk.now)
    found = ledger(Person.objects.get(email="a@x.example"), "hub-astana", ["en"])
    assert found.lines == ()
    assert found.under_way["in_person"] == 2
    assert found.total["in_person"] == 0


def test_training_elsewhere_counts_as_far_as_it_is_recognised(desk: Desk) -> None:
    person = passed(desk)
    at = {"by": desk.officer, "now": desk.now}
    employers.add_achievement(person=person, fields=document(), today=TODAY, **at)
    line = ledger(person, "hub-astana", ["en"]).lines[1]
    assert (line.recognised, line.counted["in_person"], line.earned["in_person"]) == (False, 0, 30)
    rule = employers.add_recognition(institution_id="hub-astana", fields=recognition(), **at)
    found = ledger(person, "hub-astana", ["en"])
    assert found.total == Hours(in_person=17, live=0, self_study=15)
    assert found.lines[1].basis == "Order 5"
    employers.remove_recognition(recognition_id=rule, **at)
    assert ledger(person, "hub-astana", ["en"]).total["in_person"] == 2


def test_a_document_is_entered_once_from_a_day_that_has_come(desk: Desk) -> None:
    person = passed(desk)
    at = {"person": person, "by": desk.officer, "today": TODAY, "now": desk.now}
    employers.add_achievement(fields=document(), **at)
    no_hours = Hours(in_person=0, live=0, self_study=0)
    for wrong, field in (
        (document(), "document"),
        (document(document="cn - 77"), "document"),
        (document(document="2", issued_on=TODAY + timedelta(days=1)), "issued_on"),
        (document(document="2", issuer="nobody"), "issuer"),
        (document(document="2", hours=no_hours), "in_person"),
    ):
        with pytest.raises(ValidationError) as refused:
            employers.add_achievement(fields=wrong, **at)
        assert list(refused.value.message_dict) == [field]
    assert Achievement.objects.count() == 1
    with pytest.raises(NotAllowed):
        employers.add_achievement(**{**at, "fields": document(document="3"), "by": desk.teacher})


def test_a_person_sees_their_own_cohorts_and_next_sessions(desk: Desk) -> None:
    one, other = desk.nominate("a@x.example"), desk.nominate("b@x.example")
    desk.admit(one, other)
    enrolling.set_group(
        cohort_id=desk.cohort, enrolment_ids=[one], group="North", by=desk.teacher, now=desk.now
    )
    desk.session(title="For all")
    desk.session(title="For the north", group="North")
    learner, second = (Person.objects.get(email=f"{name}@x.example") for name in "ab")
    assert [one.title for one in own_sessions(learner)] == ["For all", "For the north"]
    assert [one.title for one in own_sessions(second)] == ["For all"]
    assert [one.title for one in own_sessions(desk.teacher)] == ["For all", "For the north"]
    assert [line.state for line in own_enrolments(learner, ["ru"])] == ["admitted"]


def test_the_ledger_takes_as_many_queries_for_much_as_for_little(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person = passed(desk)
    for number in range(20):
        employers.add_achievement(
            person=person, fields=document(document=str(number)), today=TODAY, by=desk.officer,
            now=desk.now,
        )  # fmt: skip
    with django_assert_max_num_queries(7):
        assert len(ledger(person, "hub-astana", ["en"]).lines) == 21


def test_all_data_on_one_person_are_there_and_nobody_elses(desk: Desk) -> None:
    person = passed(desk)
    somebody("other@x.example", name="Somebody Else")
    messaging.write(
        cohort_id=desk.cohort, subject="Bring papers", text="All of them.", language="en",
        by=desk.teacher, now=desk.now,
    )  # fmt: skip
    employers.add_achievement(
        person=person, fields=document(), today=TODAY, by=desk.officer, now=desk.now
    )
    told = json.loads("".join(in_json(everything_on(person))))
    assert told["person"]["email"] == "a@x.example"
    assert told["enrolments"][0]["result_percent"] == "87.50"
    assert told["enrolments"][0]["employer"] == "Ministry of Justice"
    assert [row["state"] for row in told["attendance"]] == ["present", "absent"]
    assert told["training_elsewhere"][0]["document"] == "CN-77"
    assert told["messages_received"][0]["subject"] == "Bring papers"
    assert "Somebody Else" not in json.dumps(told)
    assert everything_on(desk.teacher)["teaches"] == [{"cohort": "Winter 2026"}]


def test_remarks_on_drafts_of_courses_are_among_the_data_of_who_made_them(desk: Desk) -> None:
    draft = CourseDraft.objects.create(
        id=uuid.uuid4(), institution_id="hub-astana", language="en", created_at=desk.now,
        saved_at=desk.now, facts={}, words={},
    )  # fmt: skip
    CourseComment.objects.create(
        draft=draft, field="title", text="Too long.", person=desk.teacher, at=desk.now
    )
    (told,) = everything_on(desk.teacher)["remarks_on_courses"]
    assert (told["field"], told["text"]) == ("title", "Too long.")
    assert everything_on(desk.officer)["remarks_on_courses"] == []


def test_no_table_about_a_learner_is_missing_from_their_data() -> None:
    told: set[type[Model]] = {
        Achievement, Attempt, Attendance, BroughtCertificate, CohortTeacher, CourseComment,
        EmployerOfficer, Enrolment, MessageCopy, NominationFile, ReportedResult, ReviewCard,
        Submission, SurveyAnswer, UnitState,
    }  # fmt: skip
    told |= {model for model, _path in ROWS.values()}
    about_learners = {Connection, Enrolment, Person}
    missing = [
        model.__name__
        for model in apps.get_app_config("training").get_models()
        for field in model._meta.concrete_fields
        if field.related_model in about_learners
        and field.name in ("connection", "enrolment", "person")
        and model not in told
    ]
    assert missing == []


def test_data_whose_time_has_run_out_are_deleted_and_hours_stay(desk: Desk) -> None:
    person = passed(desk)
    desk_two = Enrolment.objects.get()
    Enrolment.objects.create(
        id=desk_two.cohort_id, cohort=desk_two.cohort, person=desk.nominator, state="declined",
        queued_at=desk.now, created_at=desk.now,
    )  # fmt: skip
    messaging.write(
        cohort_id=desk.cohort, subject="Hello", text="All", language="en", by=desk.teacher,
        now=desk.now,
    )  # fmt: skip
    assert retaining.forget_old(today=ENDS + timedelta(days=300)) == {}
    gone = retaining.forget_old(today=ENDS + timedelta(days=400))
    assert {"refused", "messages"} == gone.keys()
    assert (Enrolment.objects.count(), Message.objects.count()) == (1, 0)
    retaining.forget_old(today=ENDS + timedelta(days=3 * 366))
    assert Attendance.objects.count() == 0
    assert ledger(person, "hub-astana", ["en"]).total["in_person"] == 2
    retaining.forget_old(today=date(ENDS.year + 76, 1, 1))
    assert Enrolment.objects.count() == 0
    assert Cohort.objects.count() == 1
