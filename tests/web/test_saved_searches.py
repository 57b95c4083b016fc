"""Keeping a search from the page of answers; changing, renewing and removing it; nobody else's."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.test import Client

from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution, Person
from chorsu.search.models import SavedSearch
from chorsu.search.saving import MOST_SAVED
from tests.practices.conftest import person
from tests.web.library import publish

pytestmark = pytest.mark.django_db
LIST = "/en/account/searches/"


@pytest.fixture
def reader(client: Client, editor: Person, academy: Institution, now: datetime) -> Client:
    load_institutions(now=now)
    publish(now)
    client.force_login(editor)
    return client


def kept(html: str) -> dict[str, list[str]]:
    """What the form that saves the search sends."""
    form = html.partition('class="results__save"')[2].partition("</form>")[0]
    sent: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(value)
    sent.pop("csrfmiddlewaretoken", None)
    return sent


def test_the_page_of_answers_saves_its_question_with_its_filters(reader: Client) -> None:
    asked = {"q": "certificates", "country": ["KZ", "CN"], "year": "2020"}
    html = reader.get("/en/search/", asked).content.decode()
    assert kept(html) == {"q": ["certificates"], "country": ["KZ", "CN"], "year": ["2020"]}
    answer = reader.post(LIST, kept(html), follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    page = answer.content.decode()
    assert "The search is saved." in page
    assert "certificates · China · Kazakhstan · 2020" in page
    link = "/en/search/?q=certificates&amp;country=CN&amp;country=KZ&amp;year=2020"
    assert f'href="{link}"' in page
    assert SavedSearch.objects.get().alert == "daily"


@pytest.mark.parametrize("asked", ["", "?q=!!!", "?q=%F0%9F%9A%8C"])
def test_where_there_is_nothing_to_keep_no_button_is_shown(reader: Client, asked: str) -> None:
    assert kept(reader.get(f"/en/search/{asked}").content.decode()) == {}
    answer = reader.post(LIST, {"q": "!!!"}, follow=True)
    assert "Search for a word or choose a filter first." in answer.content.decode()
    assert SavedSearch.objects.count() == 0


def test_who_is_not_signed_in_is_offered_nothing_and_sent_to_sign_in(client: Client) -> None:
    assert kept(client.get("/en/search/?q=certificates").content.decode()) == {}
    answer = client.post(LIST, {"q": "certificates"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/en/account/login/")


def test_the_alert_is_chosen_the_address_renewed_the_search_removed(reader: Client) -> None:
    reader.post(LIST, {"q": "certificates"})
    saved = SavedSearch.objects.get()
    change = f"{LIST}{saved.pk}/"
    reader.post(change, {"alert": "at_once"})
    html = reader.get(LIST).content.decode()
    assert '<option value="at_once" selected>' in html
    reader.post(change, {"alert": "nonsense"})
    assert SavedSearch.objects.get().alert == "at_once"
    before = re.search(r"/search/saved/feed/[^\"]+", html)
    reader.post(change, {"renew": "1"})
    after = re.search(r"/search/saved/feed/[^\"]+", reader.get(LIST).content.decode())
    assert before is not None
    assert after is not None
    assert before[0] != after[0]
    reader.post(change, {"remove": "1"})
    assert SavedSearch.objects.count() == 0
    assert "You keep no search yet." in reader.get(LIST).content.decode()


def test_nobody_changes_or_sees_what_somebody_else_keeps(
    reader: Client, academy: Institution
) -> None:
    reader.post(LIST, {"q": "kindergartens"})
    saved = SavedSearch.objects.get()
    other = Client()
    other.force_login(person(academy, "other@hub.example", "Other", "reader"))
    assert "kindergartens" not in other.get(LIST).content.decode()
    for change in ({"alert": "never"}, {"renew": "1"}):
        assert other.post(f"{LIST}{saved.pk}/", change).status_code == 404
    other.post(f"{LIST}{saved.pk}/", {"remove": "1"})
    saved.refresh_from_db()
    assert (saved.alert, saved.generation) == ("daily", 1)


def test_only_so_many_are_kept(reader: Client, editor: Person, now: datetime) -> None:
    for number in range(MOST_SAVED + 1):
        answer = reader.post(LIST, {"q": f"question {number}"}, follow=True)
    assert f"You keep {MOST_SAVED} searches" in answer.content.decode()
    assert SavedSearch.objects.count() == MOST_SAVED
