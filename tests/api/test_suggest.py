"""What is near a practice, what a question may have meant, what is offered while typing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from chorsu.flows import pacing
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution, Person
from chorsu.search.embedding import embed_waiting
from chorsu.search.learning import learn_waiting
from chorsu.search.pace import Pace
from tests.web.library import ID, publish

pytestmark = pytest.mark.django_db
OTHER = "01a20b57-41cf-7240-9c2d-000000000001"


@pytest.fixture(autouse=True)
def _published(academy: Institution, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    load_institutions(now=now)
    publish(now)
    learn_waiting(limit=10)
    monkeypatch.setattr(pacing, "_TYPING", Pace(at_once=20))
    monkeypatch.setattr(pacing, "TYPED_PER_MINUTE", 1)


def test_what_is_typed_in_one_script_is_offered_in_the_other_with_its_page(client: Client) -> None:
    answer = client.get("/api/v1/suggest", {"q": "барча", "language": "uz"})
    assert answer.json() == {
        "items": [
            {
                "sort": "title",
                "text": "Barcha maʼlumotnomalar uchun bir oyna",
                "language": "uz",
                "lang": "uz-Latn",
                "url": f"http://localhost:8000/uz/practices/{ID}/",
            }
        ]
    }


def test_an_institution_and_a_theme_lead_to_their_pages_in_the_language_asked_for(
    client: Client,
) -> None:
    found = client.get("/api/v1/suggest", {"q": "astana", "language": "tk"}).json()["items"]
    assert [(one["sort"], one["url"]) for one in found] == [
        ("institution", "http://localhost:8000/tk/institutions/hub-astana/")
    ]
    theme = client.get("/api/v1/suggest", {"q": "service deli", "language": "kk"}).json()["items"]
    assert theme[0]["url"] == "http://localhost:8000/kk/search/?theme=service-delivery"


def test_who_asks_faster_than_people_type_waits_and_nobody_else_does(
    client: Client, editor: Person
) -> None:
    answers = [client.get("/api/v1/suggest?q=one").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]
    refused = client.get("/api/v1/suggest?q=one")
    assert refused["Content-Type"] == "application/problem+json"
    assert int(refused["Retry-After"]) > 1
    neighbour = {"REMOTE_ADDR": "2001:db8:1:2::1"}
    assert client.get("/api/v1/suggest?q=one", **neighbour).status_code == 200
    client.force_login(editor)
    assert client.get("/api/v1/suggest?q=one").status_code == 200


def test_one_line_of_ipv6_counts_as_one_client(client: Client) -> None:
    for number in range(20):
        client.get("/api/v1/suggest?q=one", REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
    assert client.get("/api/v1/suggest", REMOTE_ADDR="2001:db8:1:2::ffff").status_code == 429
    assert client.get("/api/v1/suggest", REMOTE_ADDR="2001:db8:1:3::1").status_code == 200


def test_members_are_offered_what_is_for_the_network_and_nobody_keeps_it(
    client: Client, editor: Person, now: datetime
) -> None:
    publish(now + timedelta(days=1), OTHER, audience="network", title="Inspection schedule")
    learn_waiting(limit=10)
    assert client.get("/api/v1/suggest?q=inspec").json()["items"] == []
    client.force_login(editor)
    answer = client.get("/api/v1/suggest?q=inspec")
    assert [one["text"] for one in answer.json()["items"]] == ["Inspection schedule"]
    assert answer["Cache-Control"] == "private, no-cache"


def test_search_says_what_was_perhaps_meant(client: Client) -> None:
    assert client.get("/api/v1/search?q=sertificates").json()["instead"] == "certificates"
    assert client.get("/api/v1/search?q=certificates").json()["instead"] is None


def test_practices_near_to_one_come_in_the_language_asked_for(
    client: Client, now: datetime
) -> None:
    address = f"/api/v1/practices/{ID}/similar?language=ru"
    assert client.get(address).json() == {"items": []}
    publish(now + timedelta(days=1), OTHER)
    embed_waiting(200)
    assert [(one["id"], one["text_language"]) for one in client.get(address).json()["items"]] == [
        (OTHER, "ru")
    ]
    assert client.get(address.replace(ID, OTHER[:-1] + "9")).status_code == 404
