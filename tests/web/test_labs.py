"""A lab in the player, over HTTP and without a script."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from chorsu.institutions.models import Institution, Person
from chorsu.labs.contract import seed_of
from chorsu.labs.registry import labs
from chorsu.training.models import Enrolment
from chorsu.training.queries import learning
from chorsu.training.queries.attempts import given_percents
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.outside import outside_result
from chorsu.training.rules.fields import Assessment, Module
from tests.training.class_kit import cohort, course, enrol, facts, unit

pytestmark = pytest.mark.django_db
LAB = labs()["village-budget"]
ONE = {f"{name}-{year}": "25" for name in ("road", "water", "school") for year in range(1, 6)}
WORSE = {**ONE, "road-1": "0", "road-2": "0"}


@pytest.fixture
def learner(academy: Institution, editor: Person, now: datetime) -> LearnerView:
    modules = [Module(key="m1", units=[unit("l1", "lab", lab="village-budget")])]
    assessed = Assessment(pass_percent=60, attendance_percent=0, required_units=["l1"])
    whole = facts(modules=modules, assessment=assessed)
    return enrol(cohort(course(now, whole), academy, now), editor, now)


@pytest.fixture
def client_of(editor: Person) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def address(name: str, *arguments: object, code: str = "en") -> str:
    with override(code):
        return reverse(name, args=arguments)


def reckoned(learner: LearnerView, given: dict[str, str]) -> Decimal:
    seed = seed_of(learner.id, "l1")
    task = LAB.task(seed, "en")
    names = [field.name for group in task.groups for field in group.fields]
    return LAB.run(seed, {name: int(given.get(name, 0)) for name in names}, "en").percent


def test_a_try_is_reckoned_by_the_node_whatever_the_browser_says(
    learner: LearnerView, client_of: Client
) -> None:
    answer = client_of.post(
        address("learning-lab", learner.id, "l1"), {**WORSE, "percent": "100", "seed": "x"}
    )
    assert answer["Location"] == address("learning-unit", learner.id, "l1") + "#lab-result"
    had = outside_result(learner.id, "l1")
    assert had is not None
    assert (had.percent, had.tries) == (reckoned(learner, WORSE), 1)
    assert had.choices["road-1"] == 0 != had.choices["road-3"]


def test_the_best_try_counts_in_the_unit_and_in_the_course(
    learner: LearnerView, client_of: Client
) -> None:
    for given in (WORSE, ONE, WORSE):
        client_of.post(address("learning-lab", learner.id, "l1"), given)
    best = max(reckoned(learner, ONE), reckoned(learner, WORSE))
    assert Enrolment.objects.get(pk=learner.id).result_percent == best
    assert learning.states(learner.id)["l1"].done_at is not None
    page = client_of.get(address("learning-course", learner.id)).content.decode()
    assert f"{best.normalize():f}" in page


def test_what_came_of_the_last_try_is_a_picture_and_its_table(
    learner: LearnerView, client_of: Client
) -> None:
    client_of.post(address("learning-lab", learner.id, "l1"), ONE)
    page = client_of.get(address("learning-unit", learner.id, "l1", code="tk")).content.decode()
    assert page.count("<polyline") == 4
    assert page.count("<circle") == 4 * 6
    assert len(re.findall(r'<th scope="row">', page)) == 6
    assert 'id="lab-road-1" name="road-1" value="25"' in page
    assert "Obanyň býudjeti" in page


def test_what_cannot_be_is_shown_as_typed_and_changes_nothing(
    learner: LearnerView, client_of: Client
) -> None:
    given = {**ONE, "water-2": "a lot", "road-4": "9000"}
    answer = client_of.post(address("learning-lab", learner.id, "l1"), given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert outside_result(learner.id, "l1") is None
    assert page.count('aria-invalid="true"') == 2
    assert 'value="a lot"' in page
    assert "A whole number from 0 to 1000." in page
    overspent = client_of.post(address("learning-lab", learner.id, "l1"), {"school-1": "101"})
    assert "Year 1: 101 shares would be spent, but there are only 100." in (
        overspent.content.decode()
    )


def test_a_learner_with_a_result_tries_in_vain(learner: LearnerView, client_of: Client) -> None:
    Enrolment.objects.filter(pk=learner.id).update(state="passed")
    client_of.post(address("learning-lab", learner.id, "l1"), ONE)
    assert outside_result(learner.id, "l1") is None


def test_a_lab_is_its_learner_s_alone_and_a_course_s_own(
    learner: LearnerView, client_of: Client
) -> None:
    other = Person.objects.create_user("other@hub.example", "correct horse")
    stranger = Client()
    stranger.force_login(other)
    assert stranger.post(address("learning-lab", learner.id, "l1"), ONE).status_code == 404
    assert client_of.post(address("learning-lab", learner.id, "l9"), ONE).status_code == 404


def test_a_unit_whose_lab_is_not_here_says_so(
    academy: Institution, editor: Person, client_of: Client, now: datetime
) -> None:
    modules = [Module(key="m1", units=[unit("l1", "lab", lab="newer-than-this")])]
    one = enrol(cohort(course(now, facts(modules=modules)), academy, now), editor, now)
    page = client_of.get(address("learning-unit", one.id, "l1")).content.decode()
    assert "This node does not have the lab that this unit uses." in page
    assert client_of.post(address("learning-lab", one.id, "l1"), ONE).status_code == 404


def test_a_lab_takes_at_most_ten_queries(
    learner: LearnerView, client_of: Client, django_assert_max_num_queries: object
) -> None:
    client_of.post(address("learning-lab", learner.id, "l1"), ONE)
    client_of.get(address("learning-unit", learner.id, "l1"))
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        assert client_of.get(address("learning-unit", learner.id, "l1")).status_code == 200


def test_a_lab_counts_by_the_weight_its_author_gave_it(
    academy: Institution, editor: Person, client_of: Client, now: datetime
) -> None:
    labs_of = [
        unit("l1", "lab", lab="village-budget", weight=3),
        unit("l2", "lab", lab="village-budget", weight=1),
        unit("l3", "lab", lab="village-budget", weight=0),
    ]
    whole = facts(modules=[Module(key="m1", units=labs_of)])
    one = enrol(cohort(course(now, whole), academy, now), editor, now)

    client_of.post(address("learning-lab", one.id, "l1"), ONE)
    assert Enrolment.objects.get(pk=one.id).result_percent is None
    client_of.post(address("learning-lab", one.id, "l2"), {})

    percents = given_percents(one.id)
    wanted = ((percents["l1"] * 3 + percents["l2"]) / 4).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Enrolment.objects.get(pk=one.id).result_percent == wanted
