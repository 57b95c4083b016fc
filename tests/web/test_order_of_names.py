"""People are listed in the order of the reader's language, not by code points."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from chorsu.institutions.models import Institution
from chorsu.training.models import Cohort, Enrolment
from tests.training import class_kit
from tests.training.cohorts.factory import Desk, a_course, somebody
from tests.training.cohorts.factory import desk as make
from tests.web.test_cohorts import as_person, url

pytestmark = pytest.mark.django_db
TURKMEN = ["Çary", "Durdy", "Emir", "Äşe", "Yazmyrat", "Ýazgül", "Zöhre"]
KAZAKH = ["Айгүл", "Әсел", "Қанат", "Өмір", "Яна"]


@pytest.fixture
def desk(academy: Institution) -> Desk:
    starts = timezone.localdate() + timedelta(days=14)
    now, ends = timezone.now(), starts + timedelta(days=11)
    course = a_course(now, modules=class_kit.facts()["modules"])
    return make(academy, now, course=course, starts_on=starts, ends_on=ends, capacity=0)


def order(page: str, names: list[str]) -> list[str]:
    return sorted(names, key=page.index)


@pytest.mark.parametrize(("language", "names"), [("tk", TURKMEN), ("kk", KAZAKH)])
def test_lists_of_a_cohort_are_in_the_order_of_the_readers_language(
    desk: Desk, language: str, names: list[str]
) -> None:
    made = [desk.nominate(f"p{n}@x.example", name=name) for n, name in enumerate(names[::-1])]
    desk.admit(*made)
    begins = timezone.now() + timedelta(days=15)
    session = desk.session(starts_at=begins, ends_at=begins + timedelta(hours=1))
    Cohort.objects.update(state="running", starts_on=timezone.localdate() - timedelta(days=9))
    client = as_person(desk.teacher)
    for name, about in (
        ("cohort-roster", desk.cohort), ("cohort-results", desk.cohort),
        ("cohort-gradebook", desk.cohort), ("session", session),
    ):  # fmt: skip
        page = client.get(url(name, about, language=language)).content.decode()
        assert order(page.partition("<main")[2], names) == names, name
    Enrolment.objects.update(result_percent=Decimal(70))
    page = client.get(
        url("cohort-gradebook", desk.cohort, language=language), {"by": "-course"}
    ).content.decode()
    assert order(page.partition("<main")[2], names) == names


def test_people_of_an_institution_are_in_the_order_of_the_readers_language(
    academy: Institution,
) -> None:
    boss = somebody("boss@hub.example", "administrator", name="Aman")
    for number, name in enumerate(TURKMEN[::-1]):
        somebody(f"p{number}@hub.example", "reader", name=name)
    page = as_person(boss).get(url("people", academy.id, language="tk")).content.decode()
    assert order(page.partition("<main")[2], TURKMEN) == TURKMEN
