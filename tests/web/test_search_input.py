"""Whatever a browser can send to the search page is answered; how often it may be sent."""

from __future__ import annotations

from urllib.parse import quote, quote_from_bytes

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from chorsu.flows import pacing
from chorsu.institutions.models import Institution, Person
from chorsu.search.errors import TooManySearches
from chorsu.search.pace import MOST_CLIENTS, Pace

pytestmark = pytest.mark.django_db
FILTERS = ("q", "theme", "country", "institution", "level", "language", "year", "page", "cursor")
WORDS = st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))
SIGNS = st.sampled_from([b"'", b"\\", b":*", b"a" * 5000])
VALUES = st.one_of(st.binary(max_size=60), WORDS, SIGNS)
ADDRESSES = st.lists(st.tuples(st.sampled_from(FILTERS), VALUES), max_size=6)


@profile(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ADDRESSES)
def test_any_bytes_in_the_address_are_answered(
    client: Client, academy: Institution, asked: list[tuple[str, bytes]]
) -> None:
    address = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in asked)
    page = client.get(f"/ru/search/?{address}")
    assert page.status_code == 200
    assert "<h1>" in page.content.decode()
    answer = client.get(f"/api/v1/search?{address}")
    assert answer.status_code in (200, 422)
    assert answer.json()


@profile(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_query_string_at_all_is_answered(
    client: Client, academy: Institution, raw: bytes
) -> None:
    address = quote(raw.decode("latin-1"), safe="&=%+;")
    assert client.get(f"/tk/search/?{address}").status_code in (200, 400)


def test_a_question_as_long_as_an_address_may_be_costs_no_more(
    client: Client, academy: Institution
) -> None:
    for question in ("слово" * 2000, "ё'" * 4000, "1 000 " * 1000, "城" * 3000, "a,b " * 2000):
        assert client.get("/ru/search/", {"q": question}).status_code == 200


@pytest.fixture
def three_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.NODE._values, "search.per_minute", 3)
    monkeypatch.setattr(pacing, "_PACE", Pace())


def statuses(client: Client, times: int, **more: str) -> list[int]:
    return [client.get("/ru/search/", {"q": "школа"}, **more).status_code for _ in range(times)]


def test_who_asks_without_end_is_slowed_and_nobody_else(
    client: Client, editor: Person, three_a_minute: None
) -> None:
    assert statuses(client, 4) == [200, 200, 200, 429]
    assert statuses(client, 1, REMOTE_ADDR="192.0.2.7") == [200]
    assert statuses(client, 1, REMOTE_ADDR="2001:db8::1") == [200]
    client.force_login(editor)
    assert statuses(client, 4) == [200, 200, 200, 429]


def test_a_block_of_one_household_is_one_client(client: Client, three_a_minute: None) -> None:
    found = [statuses(client, 1, REMOTE_ADDR=f"2001:db8::{n}")[0] for n in range(1, 5)]
    assert found == [200, 200, 200, 429]


def test_the_page_says_in_the_readers_language_when_to_come_back(
    client: Client, academy: Institution, three_a_minute: None
) -> None:
    statuses(client, 3)
    answer = client.get("/tk/search/", {"q": "mekdep"})
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 20
    assert "Gözlegler aşa köp" in answer.content.decode()
    api = client.get("/api/v1/search", {"q": "mekdep"})
    assert (api.status_code, api["Content-Type"]) == (429, "application/problem+json")
    assert 1 <= int(api["Retry-After"]) <= 20


def test_what_was_taken_comes_back_evenly() -> None:
    pace = Pace()
    for _ in range(60):
        pace.take("a", per_minute=60, now=0.0)
    with pytest.raises(TooManySearches) as refused:
        pace.take("a", per_minute=60, now=0.25)
    assert refused.value.seconds == 1
    pace.take("a", per_minute=60, now=1.5)
    pace.take("a", per_minute=0, now=1.5)


def test_fewer_than_a_minutes_worth_may_come_at_once() -> None:
    pace = Pace(at_once=2)
    for _ in range(2):
        pace.take("a", per_minute=60, now=0.0)
    with pytest.raises(TooManySearches):
        pace.take("a", per_minute=60, now=0.5)
    for _ in range(2):
        pace.take("a", per_minute=60, now=100.0)
    with pytest.raises(TooManySearches):
        pace.take("a", per_minute=60, now=100.0)


def test_only_so_many_clients_are_remembered() -> None:
    pace = Pace()
    for number in range(MOST_CLIENTS + 10):
        pace.take(str(number), per_minute=1, now=0.0)
    assert len(pace._left) == MOST_CLIENTS
