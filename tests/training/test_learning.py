"""What a learner leaves in a course: done marks, position, notes, surveys."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chorsu.institutions.models import Institution, Person
from chorsu.training.actions import learning as actions
from chorsu.training.models import Enrolment, ReviewCard
from chorsu.training.queries import learning
from chorsu.training.rules.surveys import NotAnswered
from tests.training.class_kit import ENGLISH, POINTS, cohort, course, enrol, facts, learner_in

pytestmark = pytest.mark.django_db


def test_a_person_who_was_not_admitted_does_not_get_in(
    academy: Institution, editor: Person, now: datetime
) -> None:
    run = cohort(course(now), academy, now)
    with pytest.raises(learning.NotEnrolled):
        enrol(run, editor, now, state="waiting")
    assert Enrolment.objects.get().person == editor


def test_the_enrolment_of_another_person_does_not_let_one_in(
    academy: Institution, editor: Person, now: datetime
) -> None:
    one = learner_in(academy, now)
    with pytest.raises(learning.NotEnrolled):
        learning.learner(one.id, editor.pk)


def test_a_unit_done_twice_keeps_its_first_moment(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    later = now + timedelta(days=1)
    actions.set_done(learner=one, unit="r1", done=True, now=now)
    actions.set_done(learner=one, unit="r1", done=True, now=later)
    assert learning.states(one.id)["r1"].done_at == now


def test_done_can_be_taken_back(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    actions.set_done(learner=one, unit="r1", done=True, now=now)
    actions.set_done(learner=one, unit="r1", done=False, now=now)
    assert learning.states(one.id)["r1"].done_at is None


def test_who_has_the_result_marks_nothing_done_any_more(
    academy: Institution, editor: Person, now: datetime
) -> None:
    one = enrol(cohort(course(now), academy, now), editor, now, state="passed")
    with pytest.raises(actions.CourseClosed):
        actions.set_done(learner=one, unit="r1", done=True, now=now)
    assert learning.states(one.id) == {}


def test_the_reading_position_is_brought_into_its_range_and_leaves_the_rest(
    academy: Institution, now: datetime
) -> None:
    one = learner_in(academy, now)
    actions.set_bookmark(learner=one, unit="r1", on=True, now=now)
    actions.read_to(learner=one, unit="r1", position=5000, now=now)
    state = learning.states(one.id)["r1"]
    assert (state.position, state.bookmarked) == (1000, True)


def test_a_note_sent_twice_is_saved_once(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    first = actions.write_note(learner=one, unit="r1", version=0, text="ask Aigul", now=now)
    again = actions.write_note(learner=one, unit="r1", version=0, text="ask Aigul", now=now)
    assert (first, again) == (1, 1)


def test_a_note_changed_elsewhere_is_not_overwritten(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    actions.write_note(learner=one, unit="r1", version=0, text="from the phone", now=now)
    with pytest.raises(actions.NoteMoved) as moved:
        actions.write_note(learner=one, unit="r1", version=0, text="from the desk", now=now)
    assert (moved.value.version, moved.value.text) == (1, "from the phone")
    assert learning.states(one.id)["r1"].note == "from the phone"


def test_a_survey_keeps_choices_by_number_and_is_done(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    answer_survey(one, {"k1": "4", "k2": "2", "k3": " well "}, now)
    assert learning.survey_answers(one.id, "s1") == {"k1": "4", "k2": "2", "k3": "well"}
    assert learning.states(one.id)["s1"].done_at == now


@pytest.mark.parametrize("given", [{}, {"k1": "6"}, {"k2": "3"}, {"k3": "  "}])
def test_a_survey_refuses_nothing_and_what_is_not_offered(
    academy: Institution, now: datetime, given: dict[str, str]
) -> None:
    one = learner_in(academy, now)
    with pytest.raises(NotAnswered):
        answer_survey(one, given, now)
    assert learning.survey_answers(one.id, "s1") == {}


def answer_survey(one: learning.LearnerView, given: dict[str, str], now: datetime) -> None:
    questions = facts()["modules"][0]["units"][1]["survey"]
    assert questions is not None
    actions.answer_survey(
        learner=one, unit="s1", questions=questions, words=ENGLISH, given=given, now=now
    )


def test_done_makes_a_card_of_each_key_point_once(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    for _ in range(2):
        actions.set_done(learner=one, unit="r1", done=True, points=POINTS, now=now)
    rows = ReviewCard.objects.filter(enrolment=one.id).order_by("id")
    assert [(row.point, row.due_at) for row in rows] == [
        (point.mark, now + timedelta(days=1)) for point in POINTS
    ]


def test_a_learner_reads_their_language_and_the_original_where_it_has_nothing(
    academy: Institution, now: datetime
) -> None:
    one = learner_in(academy, now)
    found = learning.course_in_hand(one, ("tk", "en"))
    assert found.word("title") == ("Bir penjire", "tk")
    assert found.word("units.r2.title") == ("Opening day", "en")


def test_a_cohort_keeps_the_revision_it_began_with(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    row = learning.Course.objects.get(pk=one.course_id)
    changed = facts()
    changed["modules"] = changed["modules"][:1]
    row.revision, row.facts, row.blob = 2, changed, "cd" * 32
    row.save()
    row.texts.update(words={"title": "Two windows"}, title="Two windows", revision=2)
    fresh = learning.learner(one.id, one.person_id)
    found = learning.course_in_hand(fresh, ("en",))
    assert (found.word("title")[0], len(found.facts["modules"])) == ("The one-stop window", 2)


def test_my_courses_take_four_queries_however_many(
    academy: Institution, editor: Person, now: datetime, django_assert_num_queries: object
) -> None:
    for _ in range(3):
        one = enrol(cohort(course(now), academy, now), editor, now)
        actions.set_done(learner=one, unit="r1", done=True, now=now)
    with django_assert_num_queries(4):  # type: ignore[operator]
        found = learning.my_courses(editor.pk, ("tk",))
    assert [(one.title, one.units, one.done) for one in found] == [("Bir penjire", 5, 1)] * 3
