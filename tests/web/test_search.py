"""The search page and the feeds: what is found, in whose language, and at what cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client

from chorsu.flows import teaching
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution, Person
from chorsu.search.embedding import embed_waiting
from chorsu.search.errors import SearchTooSlow
from chorsu.search.learning import learn_waiting
from chorsu.search.models import Document
from chorsu.web import search as search_page
from tests.training.courses.content import ready_draft
from tests.web.library import ID, TEXTS, publish

pytestmark = pytest.mark.django_db
Count = Callable[[int], AbstractContextManager[Any]]
OTHER = "01a20b57-41cf-7240-9c2d-000000000001"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _published(academy: Institution, now: datetime) -> None:
    load_institutions(now=now)
    publish(now)


def page(client: Client, language: str, **asked: str | list[str]) -> str:
    response = client.get(f"/{language}/search/", asked)
    assert response.status_code == 200
    return response.content.decode()


def unmarked(html: str) -> str:
    """A page without the marks of the words asked for."""
    return re.sub("</?mark>", "", html)


def test_the_same_practice_is_found_from_any_of_its_languages(client: Client) -> None:
    for question in ("certificates", "справок", "анықтама", "maʼlumotnomalar", "маълумотномалар"):
        assert f"/en/practices/{ID}/" in page(client, "en", q=question)


def test_the_snippet_is_in_the_readers_language_with_the_words_marked(client: Client) -> None:
    html = page(client, "ru", q="электронная очередь")
    assert re.search(r'<span lang="ru">.*<mark>электронная</mark> <mark>очередь</mark>', html)


def test_the_snippet_is_in_the_original_where_the_reader_has_no_text(
    client: Client, now: datetime
) -> None:
    kazakh = [one for one in TEXTS if one.language == "kk"]
    publish(now, OTHER, texts=kazakh, failures="The electronic queue broke, so paper came back.")
    html = page(client, "tk", q="electronic queue")
    assert re.search(r'<span lang="en">The <mark>electronic</mark> <mark>queue</mark>', html)


def test_what_is_typed_is_never_markup(client: Client) -> None:
    html = page(client, "en", q="<script>alert(1)</script> certificates")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize(
    "question",
    [
        "a",
        "а",
        "村",
        "x" * 10_000,
        "слово " * 1700,
        "'; DROP TABLE x; --",
        "город city 城市",
        "%_\\",
    ],
)
def test_odd_questions_are_answered(client: Client, question: str) -> None:
    assert "<h1>" in page(client, "ru", q=question)


@pytest.mark.parametrize("question", ["🚌🚦", "!!!", "…", "‮‍"])
def test_a_question_without_a_word_gets_a_plain_message(client: Client, question: str) -> None:
    assert "There is no word in this" in page(client, "en", q=question)


def test_nul_bytes_and_control_characters_are_left_out(client: Client) -> None:
    response = client.get("/en/search/?q=cert%00ificates%1f&theme=%00&year=%00")
    assert response.status_code == 200
    assert client.get("/en/search/?q=%ff%fe&country=%ed%a0%80").status_code == 200


def test_an_empty_search_lists_everything_newest_first(client: Client, now: datetime) -> None:
    publish(now + timedelta(days=1), OTHER, title="The newer one")
    found = re.findall(r"/en/practices/([0-9a-f-]{36})/", page(client, "en"))
    assert found == [OTHER, ID]


def test_filters_narrow_and_stay_checked(client: Client) -> None:
    html = page(client, "ru", q="справок", country="KZ", theme=["service-delivery"])
    assert f"/ru/practices/{ID}/" in html
    assert re.search(r'name="country" value="KZ" checked', html)
    assert "Казахстан" in html
    html = page(client, "en", q="certificates", country="CN")
    assert f"/en/practices/{ID}/" not in html
    assert "Nothing was found with these filters." in html
    assert 'href="?q=certificates"' in html


def test_a_year_means_the_same_in_search_in_the_list_and_in_the_interface_for_programs(
    client: Client,
) -> None:
    def is_found(address: str) -> bool:
        response = client.get(address)
        assert response.status_code == 200
        return ID in response.content.decode()

    for year, ran in ((2018, False), (2019, True), (2021, True), (2022, True), (2023, False)):
        for address in (
            "/en/practices/?",
            "/en/search/?q=certificates&",
            "/en/search/?",
            "/api/v1/practices?",
            "/api/v1/search?q=certificates&",
            "/api/v1/search?",
        ):
            assert is_found(f"{address}year={year}") is ran, (address, year)


def test_years_are_offered_with_how_many_ran_in_each_the_latest_first(
    client: Client, now: datetime
) -> None:
    publish(now, OTHER)
    Document.objects.filter(record_id=OTHER).update(year_from=1990, year_to=2020)
    html = page(client, "en", q="certificates", year="2001")
    offered = re.findall(r'name="year" value="(\d+)"', html)
    assert offered == [str(year) for year in [*range(2022, 2003, -1), 2001]]
    counts = client.get("/api/v1/search?q=certificates").json()["facets"]["years"]
    assert (counts["2019"], counts["2021"], counts["1990"]) == (2, 1, 1)


@pytest.mark.parametrize("asked", ["year=abc", "theme=nonsense", "country=zz", "level=%27"])
def test_a_filter_that_makes_no_sense_finds_nothing(client: Client, asked: str) -> None:
    html = client.get(f"/en/search/?{asked}").content.decode()
    assert f"/en/practices/{ID}/" not in html


def test_network_practices_are_for_members_only(
    client: Client, editor: Person, now: datetime
) -> None:
    publish(now + timedelta(days=1), OTHER, audience="network", title="Inspection schedule")
    assert "Inspection schedule" not in unmarked(page(client, "en", q="inspection schedule"))
    assert "Inspection schedule" not in page(client, "en")
    client.force_login(editor)
    found = page(client, "en", q="inspection schedule")
    assert "<mark>Inspection</mark> <mark>schedule</mark></a>" in found


def test_pages_have_permanent_addresses(client: Client, now: datetime) -> None:
    for number in range(22):
        made = f"01a20b57-41cf-7240-9c2d-{number:012x}"
        publish(now + timedelta(minutes=number), made, title=f"Practice number {number}")

    def titles(**more: str) -> list[str]:
        html = page(client, "en", q="practice number", **more)
        return re.findall(r"Practice number \d+", unmarked(html).partition('id="results"')[2])

    first, second = titles(), titles(page="2")
    assert len(first) == 20
    assert len({*first, *second}) == 22
    assert titles(page="99") == second
    assert len(re.findall(r'<h3 class="card__title"', page(client, "en", page="x"))) == 20
    assert titles(page="2", after="nonsense") == second


def test_the_next_page_goes_on_from_what_was_seen(client: Client, now: datetime) -> None:
    for number in range(20):
        made = f"01a20b57-41cf-7240-9c2d-{number:012x}"
        publish(now + timedelta(minutes=number + 1), made, title=f"Practice number {number}")
    html = page(client, "en")
    address = re.search(r'href="(\?page=2&amp;after=[^"]+)" rel="next"', html)
    assert address is not None
    publish(now + timedelta(days=1), OTHER, title="Practice that came meanwhile")

    second = client.get("/en/search/" + address[1].replace("&amp;", "&")).content.decode()

    cards = re.findall(r'card__title"[^>]*><a href="/en/practices/([0-9a-f-]+)/', second)
    assert cards == [ID]  # the oldest: the twenty newer ones were on the first page
    assert f"/en/practices/{ID}/" not in html


def test_a_slip_of_the_hand_is_answered_with_what_was_meant_under_the_same_filters(
    client: Client,
) -> None:
    learn_waiting(limit=10)
    html = page(client, "en", q="sertificates", country="KZ")
    assert '<a href="?q=certificates&amp;country=KZ">certificates</a>' in html
    assert "Did you mean" not in page(client, "en", q="certificates")


def test_found_by_meaning_is_said_and_so_is_another_language(client: Client, now: datetime) -> None:
    embed_waiting(300)
    html = page(client, "en", q="所有证明一个窗口办理")
    assert f"/en/practices/{ID}/" in html
    assert "Found by its meaning" in html
    assert "Found by its meaning" not in page(client, "en", q="certificates")
    html = page(client, "en", q="справок")
    assert "The words stand in the text in this language: Russian" in html


def test_a_page_holds_as_many_answers_as_the_node_is_set_to(
    client: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 7):
        publish(now + timedelta(minutes=number), OTHER[:-2] + f"{number:02}")
    monkeypatch.setitem(settings.NODE._values, "search.results_per_page", 5)
    assert page(client, "en").count('<h3 class="card__title"') == 5
    assert page(client, "en", page="2").count('<h3 class="card__title"') == 2


def test_a_page_of_twenty_answers_takes_fourteen_queries(
    client: Client, django_assert_num_queries: Count, now: datetime
) -> None:
    for number in range(20):
        publish(now, f"01a20b57-41cf-7240-9c2d-{number:012x}", title=f"Practice {number}")
    client.get("/en/search/")  # institutions are kept by the process
    # Search (five, one for filters) and correction (two), each in a savepoint (two); cards, texts.
    with django_assert_num_queries(14):
        page(client, "en", q="practice certificates", country="KZ")


def test_a_search_that_takes_too_long_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_args: object, **_named: object) -> None:
        raise SearchTooSlow("certificates")

    monkeypatch.setattr(search_page, "find", slow)
    response = client.get("/en/search/", {"q": "certificates"})
    assert response.status_code == 503
    assert "This search took too long" in response.content.decode()
    assert 'value="certificates"' in response.content.decode()


def test_the_feed_of_an_institution_is_atom_in_the_readers_language(client: Client) -> None:
    response = client.get("/ru/institutions/hub-astana/feed.atom")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}id") == f"urn:uuid:{ID}"
    assert entry.findtext(f"{ATOM}title") == "Одно окно для всех справок"
    assert entry.findtext(f"{ATOM}updated") == "2026-11-24T09:30:00Z"
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href", "").endswith(f"/ru/practices/{ID}/")
    again = client.get(
        "/ru/institutions/hub-astana/feed.atom", headers={"If-None-Match": response["ETag"]}
    )
    assert again.status_code == 304


def test_courses_are_in_the_feed_of_their_institution_and_say_what_they_are(
    client: Client, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now, title="A course on windows")
    later = now + timedelta(days=1)
    course = teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=later)

    feed = ElementTree.fromstring(client.get("/ru/institutions/hub-astana/feed.atom").content)
    newest, *others = feed.findall(f"{ATOM}entry")
    assert newest.findtext(f"{ATOM}title") == "A course on windows"
    link = newest.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href", "").endswith(f"/ru/courses/{course.id}/")
    kinds = [one.get("label") for one in newest.findall(f"{ATOM}category")]
    assert kinds[-1] == "Курс"
    assert len(others) == 1
    terms = [one.get("term") for one in others[0].findall(f"{ATOM}category")]
    assert "course" not in terms
    assert feed.findtext(f"{ATOM}updated") == "2026-11-25T09:30:00Z"


def test_a_feed_shows_no_network_practice_even_to_members(
    client: Client, editor: Person, now: datetime
) -> None:
    publish(now + timedelta(days=1), OTHER, audience="network", title="Inspection schedule")
    client.force_login(editor)
    body = client.get("/en/institutions/hub-astana/feed.atom").content.decode()
    assert "Inspection schedule" not in body


def test_an_unknown_institution_has_no_feed(client: Client) -> None:
    assert client.get("/en/institutions/nobody/feed.atom").status_code == 404


def test_a_course_is_among_the_answers_and_says_that_it_is_one(
    client: Client, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now, title="Certificates in one window")
    course = teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)

    html = page(client, "ru", q="certificates window")
    assert f"/ru/courses/{course.id}/" in html
    assert '<span class="badge">Курс</span>' in html
    assert f"/ru/practices/{ID}/" in html
    chosen = page(client, "ru", kind="course")
    assert f"/ru/courses/{course.id}/" in chosen
    assert f"/ru/practices/{ID}/" not in chosen
    assert 'id="kind-course" name="kind" value="course" checked' in chosen
    others = page(client, "ru", kind="practice")
    assert course.id not in others
    assert f"/ru/practices/{ID}/" in others
    assert f"/ru/practices/{ID}/" not in page(client, "ru", q="окно", kind="course")
    assert f"/ru/practices/{ID}/" not in page(client, "ru", kind="no-such-kind")
