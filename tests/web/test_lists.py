"""Home, the list of practices, institutions: what is shown, and at what cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Person
from chorsu.practices.models import Practice
from tests.web.library import publish

pytestmark = pytest.mark.django_db
Count = Callable[[int], AbstractContextManager[Any]]
MANY = 23


@pytest.fixture
def _network(now: datetime) -> None:
    load_institutions(now=now)


@pytest.fixture
def _many(_network: None, now: datetime) -> None:
    for number in range(MANY):
        made = f"01a20b57-41cf-7240-9c2d-{number:012x}"
        publish(now + timedelta(minutes=number), made, title=f"Practice number {number}")


def titles(html: str) -> list[str]:
    return re.findall(r"Practice number \d+", html)


@pytest.mark.usefixtures("_many")
def test_home_tells_what_came_lately_and_who_is_in(
    client: Client, django_assert_max_num_queries: Count
) -> None:
    client.get("/en/")
    with django_assert_max_num_queries(12):
        html = client.get("/en/").content.decode()
    assert titles(html) == [f"Practice number {n}" for n in range(MANY - 1, MANY - 7, -1)]
    assert html.count('class="members__item"') == 7
    assert "23 practices" in html
    assert "This node" in html
    assert "Not connected yet" in html
    assert "2 branches" in html


@pytest.mark.usefixtures("_network")
def test_home_without_practices_says_so(client: Client) -> None:
    assert "Nothing has been published yet" in client.get("/en/").content.decode()


@pytest.mark.usefixtures("_many")
def test_the_list_goes_on_page_by_page_and_misses_none(
    client: Client, django_assert_max_num_queries: Count
) -> None:
    client.get("/en/practices/")
    with django_assert_max_num_queries(6):
        first = client.get("/en/practices/").content.decode()
    following = re.search(r'href="(\?[^"]*)" rel="next"', first)
    assert following
    second = client.get("/en/practices/" + following[1].replace("&amp;", "&")).content.decode()
    assert len(titles(first)) == 20
    assert titles(first) + titles(second) == [
        f"Practice number {n}" for n in range(MANY - 1, -1, -1)
    ]
    assert "To the newest" in second


@pytest.mark.usefixtures("_many")
def test_filters_narrow_the_list_and_can_be_taken_away(client: Client) -> None:
    Practice.objects.filter(pk="01a20b57-41cf-7240-9c2d-000000000003").update(level="national")
    html = client.get("/en/practices/?level=national&theme=service-delivery").content.decode()
    assert titles(html) == ["Practice number 3"]
    assert re.search(r'href="\?theme=service-delivery" aria-current="true"', html)
    assert re.search(r'href="\?level=national" aria-current="true"', html)
    assert re.search(r'href="\?theme=service-delivery&amp;level=national&amp;country=KZ"', html)


@pytest.mark.usefixtures("_many")
@pytest.mark.parametrize(
    "query", ["?theme=no-such", "?goal=x", "?goal=²", "?year=99999", "?country=%00"]
)
def test_a_filter_that_makes_no_sense_finds_nothing(client: Client, query: str) -> None:
    response = client.get(f"/en/practices/{query}")
    assert response.status_code == 200
    assert "No practice fits these filters." in response.content.decode()


@pytest.mark.usefixtures("_many")
def test_a_list_for_a_member_costs_no_more_than_two_queries_more(
    client: Client, editor_of_hub: Person, django_assert_max_num_queries: Count
) -> None:
    client.force_login(editor_of_hub)
    client.get("/en/practices/")
    with django_assert_max_num_queries(8):
        client.get("/en/practices/")


@pytest.fixture
def editor_of_hub(_network: None) -> Person:
    return Person.objects.create_user("editor@hub.example", "correct horse")


@pytest.mark.usefixtures("_many")
def test_an_institution_shows_its_branches_and_its_latest(
    client: Client, django_assert_max_num_queries: Count
) -> None:
    client.get("/en/institutions/")
    with django_assert_max_num_queries(10):
        html = client.get("/en/institutions/hub-astana/").content.decode()
    assert titles(html) == [f"Practice number {n}" for n in range(MANY - 1, MANY - 11, -1)]
    assert 'href="/en/practices/?institution=hub-astana"' in html
    parent = client.get("/en/institutions/cn-nag/").content.decode()
    assert "Gansu Academy of Governance" in parent
    assert "This institution has not published a practice yet." in parent


@pytest.mark.usefixtures("_network")
def test_institutions_are_listed_with_branches_under_them(client: Client) -> None:
    html = client.get("/zh-hans/institutions/").content.decode()
    assert html.index("国家行政学院") < html.index("甘肃行政学院") < html.index("hub-astana")
