"""On the page of a practice: search inside it, more like it; on an institution's, search in it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client

from chorsu.flows import pacing
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution
from chorsu.search.embedding import embed_waiting
from chorsu.search.errors import SearchTooSlow
from chorsu.search.pace import Pace
from chorsu.web import practices
from tests.web.library import ID, publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _published(academy: Institution, now: datetime) -> None:
    load_institutions(now=now)
    publish(now)


def page(client: Client, language: str, find: str = "", kept: str = "") -> str:
    query = f"?find={quote(find, safe='%')}{kept}" if find else ""
    response = client.get(f"/{language}/practices/{ID}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_search_inside_shows_places_with_marks_and_the_original_beside(client: Client) -> None:
    html = page(client, "ru", "электронная очередь", "&text=ru")
    place = html.partition('class="inside__list"')[2].partition("</ol>")[0]
    assert "<mark>электронная</mark> <mark>очередь</mark>" in place
    assert '<span lang="en">' in place
    assert 'href="#failures"' in place
    assert '<input type="hidden" name="text" value="ru">' in html


@pytest.mark.parametrize("asked", ["квантовая хромодинамика", "!!!", "<script>", "%00%ff"])
def test_a_search_inside_that_finds_nothing_says_so(client: Client, asked: str) -> None:
    html = page(client, "en", asked)
    assert "inside__list" not in html
    assert "<script>alert" not in html


def test_a_search_inside_counts_as_a_search_and_reading_does_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.NODE._values, "search.per_minute", 1)
    monkeypatch.setattr(pacing, "_PACE", Pace())
    address = f"/en/practices/{ID}/"
    asked = [client.get(address, {"find": "window"}).status_code for _ in range(2)]
    assert (asked, client.get(address).status_code) == ([200, 429], 200)


def test_a_search_inside_that_takes_too_long_leaves_the_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_args: object, **_named: object) -> None:
        raise SearchTooSlow

    monkeypatch.setattr(practices, "find_inside", slow)
    html = page(client, "en", "window")
    assert "This search took too long" in html
    assert 'value="window"' in html


def test_more_like_this_is_there_or_said_to_be_not(client: Client, now: datetime) -> None:
    assert "No other practice here says something near to this one." in page(client, "en")
    other = "01a20b57-41cf-7240-9c2d-000000000001"
    publish(now, other)
    embed_waiting(300)
    similar = page(client, "ru").partition('id="similar-title"')[2]
    assert f"/ru/practices/{other}/" in similar
    assert "Одно окно для всех справок" in similar


def test_an_institution_is_searched_by_its_filter(client: Client) -> None:
    html = client.get("/en/institutions/hub-astana/").content.decode()
    form = html.partition('id="institution-q"')[0].rpartition("<form")[2]
    assert 'action="/en/search/"' in form
    assert '<input type="hidden" name="institution" value="hub-astana">' in form
