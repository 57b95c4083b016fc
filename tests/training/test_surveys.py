"""What surveys told of a cohort: nobody's name, nothing of too few, nothing to be joined."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Institution, Person
from chorsu.training.models import Cohort, Enrolment, SurveyAnswer
from chorsu.training.queries.surveys import SurveyResult, survey_results, surveyed
from tests.training.class_kit import cohort, course, facts
from tests.training.cohorts.factory import somebody

pytestmark = pytest.mark.django_db
FACTS = facts()


def answered(
    run: Cohort, now: datetime, given: Sequence[Mapping[str, str]], state: str = "admitted"
) -> list[Enrolment]:
    """A learner for each of these answers to the survey `s1`; none for an empty one."""
    people = Person.objects.bulk_create(
        Person(email=f"{uuid.uuid4().hex}@x.example", name=f"N {number}")
        for number in range(len(given))
    )
    rows = Enrolment.objects.bulk_create(
        Enrolment(
            id=uuid.uuid4(), cohort=run, person=person, state=state, queued_at=now, created_at=now
        )
        for person in people
    )
    SurveyAnswer.objects.bulk_create(
        SurveyAnswer(enrolment=row, unit="s1", answers=dict(one), answered_at=now)
        for row, one in zip(rows, given, strict=True)
        if one
    )
    return rows


def result_of(*runs: Cohort) -> SurveyResult:
    found = survey_results([uuid.UUID(str(run.pk)) for run in runs], FACTS)
    assert len(found) == 1
    return found[0]


def test_options_are_counted_and_a_scale_has_its_median(
    academy: Institution, now: datetime
) -> None:
    run = cohort(course(now), academy, now)
    given = [{"k1": scale, "k2": "2"} for scale in ("1", "2", "3", "5", "5", "5")]
    answered(run, now, [*given, {}, {}])
    found = result_of(run)
    assert (found.answered, found.learners) == (6, 8)
    scale, choice, text = found.questions
    assert scale.counts == {"1": 1, "2": 1, "3": 1, "5": 2}
    assert scale.median == 3.0
    assert (choice.counts, choice.median) == ({"2": 5}, None)
    assert (text.answered, text.shown) == (0, False)


def test_a_question_that_four_answered_is_not_shown_and_one_of_five_is(
    academy: Institution, now: datetime
) -> None:
    run = cohort(course(now), academy, now)
    answered(run, now, [{"k1": "3", "k3": f"word {number}"} for number in range(4)] + [{"k1": "3"}])
    scale, _choice, text = result_of(run).questions
    assert (scale.shown, scale.counts) == (True, {"3": 5})
    assert (text.shown, text.texts, text.answered) == (False, [], 0)


def test_a_cohort_of_too_few_is_not_in_the_sum_from_which_it_could_be_taken(
    academy: Institution, now: datetime
) -> None:
    row = course(now)
    large, small = cohort(row, academy, now), cohort(row, academy, now)
    answered(large, now, [{"k1": "2", "k3": f"large {number}"} for number in range(5)])
    answered(small, now, [{"k1": "5", "k3": f"small {number}"} for number in range(4)])
    scale, _choice, text = result_of(large, small).questions
    assert scale.counts == {"2": 5}
    assert sorted(text.texts) == [f"large {number}" for number in range(5)]


def test_texts_stand_in_an_order_of_their_own_for_each_question(
    academy: Institution, now: datetime
) -> None:
    whole = facts()
    questions = whole["modules"][0]["units"][1]["survey"]
    assert questions is not None
    questions[1]["kind"] = "text"
    run = cohort(course(now, whole), academy, now)
    words = [f"{number:02}" for number in range(15)]
    answered(run, now, [{"k2": word, "k3": word} for word in words])
    found = survey_results([uuid.UUID(str(run.pk))], whole)[0]
    _scale, first, second = found.questions
    assert sorted(first.texts) == sorted(second.texts) == words
    assert words not in (first.texts, second.texts)
    assert first.texts != second.texts
    again = survey_results([uuid.UUID(str(run.pk))], whole)[0]
    assert again.questions[1].texts == first.texts


def test_figures_saved_before_and_after_one_answer_do_not_tell_it(
    academy: Institution, now: datetime
) -> None:
    run = cohort(course(now), academy, now)
    answered(run, now, [{"k1": "1", "k3": f"word {number}"} for number in range(5)])
    before = result_of(run).questions
    answered(run, now + timedelta(hours=1), [{"k1": "5", "k3": "mine"}])
    after = result_of(run)
    assert after.answered == 6
    assert after.questions == before
    answered(run, now + timedelta(hours=2), [{"k1": "4", "k3": "others"} for _ in range(4)])
    scale, _choice, text = result_of(run).questions
    assert scale.counts == {"1": 5, "4": 4, "5": 1}
    assert "mine" in text.texts


def test_who_leaves_takes_nothing_out_that_would_be_known_by_it(
    academy: Institution, now: datetime
) -> None:
    run = cohort(course(now), academy, now)
    kept = answered(run, now, [{"k1": "1"} for _ in range(5)])
    before = result_of(run).questions
    Enrolment.objects.filter(pk=kept[0].pk).update(state="left")
    found = result_of(run)
    assert (found.answered, found.learners, found.questions) == (5, 5, before)


def test_who_was_erased_is_in_no_result(academy: Institution, now: datetime) -> None:
    run = cohort(course(now), academy, now)
    kept = answered(run, now, [{"k1": "1"} for _ in range(6)])
    Person.objects.filter(pk=kept[0].person_id).delete()
    found = result_of(run)
    assert (found.answered, found.learners) == (5, 5)
    assert found.questions[0].counts == {"1": 5}


def test_answers_of_an_earlier_kind_of_question_are_left_out(
    academy: Institution, now: datetime
) -> None:
    run = cohort(course(now), academy, now)
    answered(run, now, [{"k1": "4"} for _ in range(9)] + [{"k1": "once a text"}])
    assert result_of(run).questions[0].counts == {"4": 9}


def test_a_course_is_summed_for_its_writers_over_the_cohorts_of_its_institution(
    academy: Institution, now: datetime
) -> None:
    row = course(now)
    run = cohort(row, academy, now)
    called_off = cohort(row, academy, now)
    Cohort.objects.filter(pk=called_off.pk).update(state="cancelled")
    writer = somebody("writer@hub.example", "contributor")
    place, by_revision = surveyed(str(row.pk), writer)
    assert place.institution_id == academy.pk
    assert {revision: [str(one) for one in ids] for revision, ids in by_revision.items()} == {
        1: [str(run.pk)]
    }
    with pytest.raises(NotAllowed):
        surveyed(str(row.pk), somebody("reader@hub.example", "reader"))


def test_a_thousand_answers_take_as_many_queries_as_few(
    academy: Institution, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = cohort(course(now), academy, now)
    answered(run, now, [{"k1": "3", "k3": f"word {number}"} for number in range(1_000)])
    with django_assert_num_queries(4):
        found = result_of(run)
    assert (found.questions[2].answered, len(found.questions[2].texts)) == (1_000, 50)
