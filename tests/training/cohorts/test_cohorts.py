"""Opening a cohort, its states, the revision it goes by, who may change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError

from chorsu.institutions.errors import EditConflict, NotAllowed
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.records.viewer import Viewer
from chorsu.training.actions import cohorts, enrolling
from chorsu.training.actions.submissions import MarkRefused
from chorsu.training.errors.cohorts import (
    NoSuchCourse,
    NotEligible,
    ResultsMissing,
    WrongCohortState,
)
from chorsu.training.models import Cohort, Course, CourseRevision, Enrolment
from chorsu.training.queries import cohorts as queries
from chorsu.training.rules.fields import Hours, empty_facts
from tests.training.cohorts.factory import Desk, a_course, fields, somebody
from tests.training.cohorts.factory import desk as make

pytestmark = pytest.mark.django_db

READER = Viewer(member=True, languages=("en",))


def test_a_cohort_goes_by_the_revision_the_course_has_when_it_is_planned(
    academy: Institution, now: datetime
) -> None:
    desk = make(academy, now, course=a_course(now, revision=3, origin="beijing.chorsu.example"))
    view = queries.cohort(desk.cohort, ["ru"])
    assert (view.revision, view.line.state, view.line.course.title) == (3, "open", "Одно окно")
    assert [one.name for one in view.teachers] == ["Timur Teacher"]
    assert view.line.languages == ("ru", "en")


def test_a_newer_revision_is_taken_only_by_a_teacher_who_says_so(desk: Desk) -> None:
    before = desk.course.facts
    CourseRevision.objects.create(
        course=desk.course, revision=1, published_at=desk.now, facts=before
    )
    longer = {**empty_facts(), "hours": Hours(in_person=60, live=0, self_study=10)}
    Course.objects.filter(pk=desk.course.pk).update(revision=2, facts=longer, hours=70)
    assert queries.cohort(desk.cohort, ["en"]).hours["in_person"] == 30
    with pytest.raises(EditConflict):
        cohorts.take_revision(cohort_id=desk.cohort, revision=1, by=desk.teacher, now=desk.now)
    with pytest.raises(NotAllowed):
        cohorts.take_revision(cohort_id=desk.cohort, revision=2, by=desk.nominator, now=desk.now)
    cohorts.take_revision(cohort_id=desk.cohort, revision=2, by=desk.teacher, now=desk.now)
    view = queries.cohort(desk.cohort, ["en"])
    assert (view.revision, view.hours["in_person"]) == (2, 60)


def test_who_neither_teaches_nor_answers_for_training_plans_nothing(
    academy: Institution, now: datetime
) -> None:
    course = a_course(now)
    with pytest.raises(NotAllowed):
        cohorts.open_cohort(
            course_id=course.pk, institution_id=academy.id, fields=fields(),
            by=somebody("editor2@hub.example", "editor", "contributor"), now=now,
        )  # fmt: skip
    assert Cohort.objects.count() == 0


def test_another_teacher_changes_nothing_of_it_and_the_officer_may(desk: Desk) -> None:
    other = somebody("other@hub.example", "teacher")
    change = {"cohort_id": desk.cohort, "version": 1, "now": desk.now}
    with pytest.raises(NotAllowed):
        cohorts.edit_cohort(fields=fields(name="Mine"), by=other, **change)
    cohorts.edit_cohort(fields=fields(name="Winter"), by=desk.officer, **change)
    assert Cohort.objects.get().name == "Winter"
    with pytest.raises(EditConflict):
        cohorts.edit_cohort(fields=fields(), by=desk.officer, **change)


def test_who_is_a_teacher_no_more_runs_no_cohort(desk: Desk) -> None:
    Cohort.objects.update(state="planned")
    assert len(queries.cohorts(desk.teacher, READER, mine=True)) == 1
    desk.teacher.memberships.all().delete()
    person = Person.objects.get(pk=desk.teacher.pk)
    Membership.objects.create(person=person, institution_id="hub-astana", role="reader")
    assert not queries.manages(person, desk.cohort)
    assert queries.cohorts(person, READER, mine=True) == []
    assert queries.cohorts(person, READER) == []
    with pytest.raises(NotAllowed):
        cohorts.move_cohort(cohort_id=desk.cohort, to="open", by=person, now=desk.now)


def test_a_withdrawn_course_is_not_taught_anew(academy: Institution, now: datetime) -> None:
    course = a_course(now)
    Course.objects.filter(pk=course.pk).update(withdrawn_at=now)
    teacher = somebody("t@hub.example", "teacher")
    with pytest.raises(NoSuchCourse):
        cohorts.open_cohort(
            course_id=course.pk, institution_id=academy.id, fields=fields(), by=teacher, now=now
        )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"programme": "holiday"}, "programme"),
        ({"languages": ()}, "languages"),
        ({"languages": ("fr",)}, "languages"),
        ({"ends_on": fields().starts_on.replace(day=1)}, "ends_on"),
        ({"ends_on": fields().starts_on.replace(year=2030)}, "ends_on"),
        ({"capacity": -1}, "capacity"),
        ({"link": "javascript:alert(1)"}, "link"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_changes(
    desk: Desk, change: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        cohorts.edit_cohort(
            cohort_id=desk.cohort, fields=replace(fields(), **change), version=1, by=desk.teacher,
            now=desk.now,
        )  # fmt: skip
    assert list(refused.value.message_dict) == [field]
    assert Cohort.objects.get().version == 1


def test_a_course_too_short_for_retraining_is_not_opened_as_such(
    academy: Institution, now: datetime
) -> None:
    with pytest.raises(NotEligible) as refused:
        make(academy, now, programme="retraining")
    assert [one.code for one in refused.value.refusals] == ["too_few_hours"]


def test_a_cohort_moves_one_way_only(desk: Desk) -> None:
    for wrong in ("planned", "finished", "open", "nonsense"):
        with pytest.raises(WrongCohortState):
            desk.move(wrong)
    desk.move("running")
    with pytest.raises(WrongCohortState):
        desk.move("open")
    desk.move("cancelled")
    with pytest.raises(WrongCohortState):
        desk.move("running")


def test_finishing_takes_all_results_and_a_number_and_numbers_each(desk: Desk) -> None:
    for email in ("b@x.example", "a@x.example"):
        desk.admit(desk.nominate(email))
    one, other = Enrolment.objects.order_by("person__name")
    desk.move("running")
    result = {"by": desk.teacher, "now": desk.now, "percent": None}
    enrolling.set_result(enrolment_id=one.pk, passed=True, **result)
    with pytest.raises(ResultsMissing) as missing:
        desk.move("finished", protocol_number="7")
    assert missing.value.count == 1
    enrolling.set_result(enrolment_id=other.pk, passed=False, **result)
    with pytest.raises(ValidationError):
        desk.move("finished", protocol_number=" ")
    desk.move("finished", protocol_number="7-P")
    listed = Enrolment.objects.order_by("person__name")
    kept = [(row.person.name, row.result_document, row.self_study) for row in listed]
    # Who passed has the hours of self-study; who failed has none.
    assert kept == [("A", "HUB-ASTANA-2026-000001", 10), ("B", "", None)]
    with pytest.raises(WrongCohortState):
        enrolling.set_result(enrolment_id=one.pk, passed=False, **result)


def test_nobody_says_their_own_result(desk: Desk) -> None:
    own = desk.nominate(desk.teacher.email)
    desk.admit(own)
    desk.move("running")
    said = {"enrolment_id": own, "percent": None, "passed": True, "now": desk.now}
    with pytest.raises(MarkRefused):
        enrolling.set_result(by=desk.teacher, **said)
    assert Enrolment.objects.get(pk=own).state == "admitted"
    enrolling.set_result(by=desk.officer, **said)
    assert Enrolment.objects.get(pk=own).state == "passed"


def test_every_change_leaves_an_event_that_the_log_has_a_word_for(desk: Desk) -> None:
    from chorsu.web.audit import KINDS, LABELS

    desk.admit(desk.nominate("a@x.example"))
    desk.session()
    said = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"cohort.opened", "cohort.moved", "enrolment.admitted", "session.added"} <= said
    assert said - LABELS.keys() == set()
    assert set(AuditEvent.objects.values_list("subject_kind", flat=True)) - KINDS.keys() == set()


def test_planned_cohorts_are_listed_for_those_who_run_them_only(desk: Desk) -> None:
    cohorts.open_cohort(
        course_id=desk.course.pk, institution_id="hub-astana", fields=fields(name="Spring"),
        by=desk.teacher, now=desk.now,
    )  # fmt: skip

    def names(person: object) -> set[str]:
        return {one.name for one in queries.cohorts(person, READER)}  # type: ignore[arg-type]

    assert names(desk.nominator) == {"Winter 2026"}
    assert names(desk.teacher) == names(desk.officer) == {"Winter 2026", "Spring"}
