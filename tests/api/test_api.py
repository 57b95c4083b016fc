"""The API: answers, errors, caching, and what strangers may see."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution, Person
from chorsu.practices.models import Practice
from chorsu.practices.rules import ROW_WORDS, TEXT_FIELDS, Contact, Facts, Indicator, Source
from tests.practices.content import FACTS
from tests.web.library import ID, publish

pytestmark = pytest.mark.django_db
OTHER = "01a20b57-41cf-7240-9c2d-000000000001"


@pytest.fixture(autouse=True)
def _published(academy: Institution, now: datetime) -> None:
    load_institutions(now=now)
    publish(now)


def get(client: Client, path: str, status: int = 200, accept: str = "*") -> Any:  # noqa: ANN401
    response = client.get(f"/api/v1{path}", headers={"Accept-Language": accept})
    assert response.status_code == status
    kind = "application/json; charset=utf-8" if status == 200 else "application/problem+json"
    assert response["Content-Type"] == kind
    return json.loads(response.content)


def test_practices_come_in_the_language_asked_for(client: Client) -> None:
    assert get(client, "/practices?language=ru")["items"][0]["text_language"] == "ru"
    by_header = get(client, "/practices", accept="kk-KZ,en;q=0.5")
    assert by_header["items"][0]["text_language"] == "kk"
    assert by_header["next_cursor"] is None


def test_the_list_goes_on_by_cursor_without_gap_or_overlap(client: Client, now: datetime) -> None:
    for number in range(4):
        publish(now, f"01a20b57-41cf-7240-9c2d-{number:012x}")
    seen, cursor = [], ""
    while True:
        page = get(client, f"/practices?limit=2&cursor={cursor}")
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_a_cursor_that_no_list_gave_out_leads_nowhere(client: Client) -> None:
    assert "cursor" in get(client, "/practices?cursor=abc", 404)["detail"]


def test_filters_narrow(client: Client) -> None:
    assert len(get(client, "/practices?theme=service-delivery&year=2020&text=uz")["items"]) == 1
    assert get(client, "/practices?country=CN")["items"] == []


def test_one_practice_has_all_its_texts_the_original_first(client: Client) -> None:
    practice = get(client, f"/practices/{ID}")
    assert practice["texts"][0]["language"] == "en"
    assert {text["language"] for text in practice["texts"]} == {"en", "ru", "kk", "uz"}
    assert practice["facts"]["year_from"] == 2019
    assert practice["licence"] == "CC-BY-4.0"


def test_facts_are_answered_as_they_were_published(client: Client) -> None:
    assert get(client, f"/practices/{ID}")["facts"] == FACTS


def test_every_fact_and_every_field_of_words_is_described(client: Client) -> None:
    schemas = json.loads(client.get("/api/v1/openapi.json").content)["components"]["schemas"]
    for schema, form in (
        ("PracticeFacts", Facts),
        ("Indicator", Indicator),
        ("Contact", Contact),
        ("Source", Source),
    ):
        assert list(schemas[schema]["properties"]) == list(form.__annotations__)
        assert sorted(schemas[schema]["required"]) == sorted(form.__annotations__)
        assert all(
            "description" in field or field["type"] == "array"
            for field in schemas[schema]["properties"].values()
        )
    assert schemas["Practice"]["properties"]["facts"] == {
        "$ref": "#/components/schemas/PracticeFacts"
    }
    words = schemas["PracticeWords"]["properties"]["words"]
    assert list(words["properties"]) == [field.name for field in TEXT_FIELDS]
    rows = [f"{group}.{'0' * 64}.{name}" for group, names in ROW_WORDS.items() for name in names]
    assert [
        sum(bool(re.search(one, row)) for one in words["patternProperties"]) for row in rows
    ] == [1 for _ in rows]


@pytest.mark.parametrize(
    ("newer", "answered"),
    [
        ({**FACTS, "cost": "over_100m", "themes": ["oceans"]}, {"cost": "over_100m"}),
        ({**FACTS, "phases": [{"from": 2019}]}, {"year_from": 2019}),
        ({**FACTS, "level": ["village", "district"], "sdg_goals": [16, "17"]}, {"level": ""}),
        ({**FACTS, "indicators": [{"key": "waiting", "value": 2.5}, "x"]}, {"level": "village"}),
        ({**FACTS, "contacts": {"office": {}}, "sources": None}, {"contacts": [], "sources": []}),
        ({}, {"cost": "unknown", "year_to": None, "themes": []}),
    ],
)
def test_facts_that_newer_software_published_do_not_spoil_the_answer(
    client: Client, newer: dict[str, object], answered: dict[str, object]
) -> None:
    Practice.objects.filter(pk=ID).update(facts=newer)
    facts = get(client, f"/practices/{ID}")["facts"]
    assert list(facts) == list(Facts.__annotations__)
    assert {name: facts[name] for name in answered} == answered


def test_search_answers_with_the_passage_and_counts(client: Client) -> None:
    found = get(client, "/search?q=справок&language=ru&country=KZ&country=CN")
    assert found["total"] == 1
    assert found["items"][0]["practice"]["id"] == ID
    assert found["items"][0]["passage"]["language"] == "ru"
    assert found["facets"]["countries"] == {"KZ": 1}
    assert get(client, "/search?q=🚌")["total"] == 0


def test_institutions_are_named_in_the_language_asked_for(client: Client) -> None:
    everyone = get(client, "/institutions?language=en")["items"]
    assert {one["id"] for one in everyone} >= {"cn-nag", "cn-gansu", "hub-astana"}
    one = get(client, "/institutions/hub-astana?language=en")
    assert one["name"] == one["names"]["en"]
    assert get(client, "/institutions/nobody", 404)["status"] == 404


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/practices?limit=0", "limit"),
        ("/practices?limit=1&limit=2", "limit"),
        ("/practices?language=fr", "language"),
        ("/practices?nonsense=1", "nonsense"),
        ("/practices/not-an-id", "practice_id"),
        ("/institutions/UPPER", "institution_id"),
        ("/search?q=a&cursor=-1", "cursor"),
        ("/search?year=x", "year"),
    ],
)
def test_a_wrong_parameter_is_named(client: Client, path: str, parameter: str) -> None:
    problem = get(client, path, 422)
    assert problem["status"] == 422
    assert parameter in {one["parameter"] for one in problem["errors"]}


def test_unknown_addresses_and_methods_are_problems_too(client: Client) -> None:
    assert get(client, "/nothing", 404)["status"] == 404
    response = client.post("/api/v1/practices", {})
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert json.loads(response.content)["status"] == 405
    assert client.head("/api/v1/practices").status_code == 200


def test_withdrawn_is_gone_with_the_reason(client: Client, editor: Person, now: datetime) -> None:
    withdraw_practice(
        practice_id=ID, reason="The figures were wrong.", by=editor, now=now + timedelta(days=1)
    )
    assert "The figures were wrong." in get(client, f"/practices/{ID}", 410)["detail"]
    assert get(client, "/practices")["items"] == []
    assert get(client, "/search?q=certificates")["total"] == 0


def test_network_practices_are_for_members_only(
    client: Client, editor: Person, now: datetime
) -> None:
    publish(now + timedelta(days=1), OTHER, audience="network", title="Inspection schedule")
    assert [one["id"] for one in get(client, "/practices")["items"]] == [ID]
    assert get(client, f"/practices/{OTHER}", 404)["status"] == 404
    found = get(client, "/search?q=inspection%20schedule")
    assert OTHER not in {one["practice"]["id"] for one in found["items"]}
    client.force_login(editor)
    assert OTHER in {one["id"] for one in get(client, "/practices")["items"]}
    response = client.get("/api/v1/practices")
    assert response["Cache-Control"] == "private, no-cache"


def test_what_did_not_change_is_not_sent_again(client: Client) -> None:
    for path in ("/practices", f"/practices/{ID}", "/institutions", "/search?q=certificates"):
        first = client.get(f"/api/v1{path}")
        assert first["Cache-Control"] == "public, max-age=60"
        again = client.get(f"/api/v1{path}", headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_no_person_is_in_any_answer(client: Client, editor: Person) -> None:
    for path in ("/practices", f"/practices/{ID}", "/search?q=certificates"):
        body = client.get(f"/api/v1{path}").content.decode()
        assert editor.name not in body
        assert editor.email not in body


def test_the_page_for_people_needs_nothing_from_elsewhere(client: Client) -> None:
    html = client.get("/api/v1/").content.decode()
    assert "/api/v1/search" in html
    assert "//cdn" not in html
    assert json.loads(client.get("/api/v1/openapi.json").content)["openapi"] == "3.1.0"
