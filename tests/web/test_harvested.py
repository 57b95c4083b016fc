"""Pages of foreign repositories and records: the mark, the source, who may add."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from chorsu.harvested.models import HarvestedRecord
from chorsu.harvested.queries import repositories
from chorsu.institutions.models import Institution, Person
from tests.foreign_repository import ForeignRepository
from tests.practices.conftest import person
from tests.web.small_node import foreign

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(academy: Institution) -> Client:
    client = Client()
    client.force_login(person(academy, "admin@hub.example", "Admin One", "administrator"))
    return client


@pytest.fixture
def library() -> Iterator[ForeignRepository]:
    made = ForeignRepository()
    made.add("oai:osh:1", "Опыт", "2026-11-01T00:00:00Z")
    with made.serve():
        yield made


def test_a_foreign_record_says_that_nobody_signed_it(academy: Institution, now: datetime) -> None:
    record_id = foreign(now)["foreign"]
    page = Client().get(f"/en/harvested/{record_id}/").content.decode()

    assert "Not signed by anyone of the network" in page
    assert '<a href="https://library.example/1" rel="external nofollow noreferrer">' in page
    assert '<div lang="ru">Сельская библиотека как центр услуг</div>' in page
    assert '<meta name="robots" content="noindex">' in page


def test_its_markup_is_text(academy: Institution, now: datetime) -> None:
    record_id = foreign(now)["foreign"]
    row = HarvestedRecord.objects.get(pk=record_id)
    row.title = "<script>alert(1)</script>"
    row.values["description"] = [["<img src=x onerror=alert(1)>", ""]]
    row.save()
    page = Client().get(f"/en/harvested/{record_id}/").content.decode()
    assert ("<script>alert" in page, "<img src=x" in page) == (False, False)


def test_search_shows_it_with_the_mark(academy: Institution, now: datetime) -> None:
    record_id = foreign(now)["foreign"]
    page = Client().get("/en/search/?q=village+library").content.decode()
    assert f'href="/en/harvested/{record_id}/"' in page
    assert '<span class="badge badge--warning">Not signed</span>' in page


def test_the_api_answers_with_it_where_it_is_asked_for(academy: Institution, now: datetime) -> None:
    record_id = foreign(now)["foreign"]
    assert Client().get("/api/v1/search?q=library").json()["total"] == 0
    assert Client().get("/api/v1/search?q=library&also=course").json()["total"] == 0
    [one] = Client().get("/api/v1/search?q=library&also=foreign").json()["items"]
    assert (one["foreign"]["id"], one["practice"], one["course"]) == (record_id, None, None)
    assert one["foreign"]["url"].endswith(f"/harvested/{record_id}/")
    assert one["passage"]["text"]


def test_adding_shows_what_the_repository_says_of_itself(
    administrator: Client, library: ForeignRepository
) -> None:
    page = administrator.post(reverse("repositories"), {"address": library.address}, follow=True)
    [one] = repositories()

    assert (one.name, one.wanted) == ("Library of Ош & more", False)
    assert [card.repository.email for card in page.context["cards"]] == ["library@osh.example"]
    administrator.post(reverse("repository-decide", args=[one.id]), {"decision": "begin"})
    assert repositories()[0].wanted
    administrator.post(reverse("repository-decide", args=[one.id]), {"decision": "forget"})
    assert repositories() == []


@pytest.mark.parametrize("typed", ["library.example", "http://127.0.0.1:1/oai"])
def test_a_bad_address_is_explained_and_kept(administrator: Client, typed: str) -> None:
    answer = administrator.post("/en/node/repositories/", {"address": typed})
    assert (answer.status_code, repositories()) == (400, [])
    assert f'value="{typed}"' in answer.content.decode()
    assert len(answer.context["form"].errors["address"]) == 1


def test_only_administrators_see_and_decide(editor: Person, now: datetime) -> None:
    number = foreign(now)["repository"]
    client = Client()
    client.force_login(editor)
    decide = reverse("repository-decide", args=[number])
    assert client.get(reverse("repositories")).status_code == 403
    assert client.post(decide, {"decision": "forget"}).status_code == 403
    assert len(repositories()) == 2


def test_what_is_not_there(administrator: Client) -> None:
    unknown = "/en/harvested/01a20b57-41cf-7240-9c2d-67167621df3b/"
    assert Client().get(unknown).status_code == 404
    forget = administrator.post(reverse("repository-decide", args=[9]), {"decision": "forget"})
    assert forget.status_code == 404
