"""Reading practices: the right text, where it comes from, its other forms."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.models import Institution, Person
from chorsu.practices.models import Practice, PracticeFile, PracticeText
from tests.web.library import ID, TEXTS, publish

pytestmark = pytest.mark.django_db
MAX_QUERIES = 11
MAX_BYTES = 100_000
Count = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def _published(academy: Institution, now: datetime) -> None:
    publish(now)


@pytest.fixture
def _revised(_published: None, now: datetime) -> None:
    publish(
        now + timedelta(days=1),
        texts=TEXTS[:1],
        results="- waiting fell from 12 days to 3",
        note="A figure corrected",
    )


def page(client: Client, language: str, query: str = "", practice: str = ID) -> str:
    response = client.get(f"/{language}/practices/{practice}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def heading(html: str) -> tuple[str, str]:
    """(lang, text) of the page's heading; the lang is empty where it is the page's."""
    found = re.search(r'<h1(?: lang="([^"]*)")?>(.*?)</h1>', html)
    assert found
    return found[1] or "", found[2]


@pytest.mark.usefixtures("_published")
@pytest.mark.parametrize(
    ("language", "lang", "title"),
    [
        ("ru", "", "Одно окно для всех справок"),
        ("kk", "", "Барлық анықтамаға бір терезе"),
        ("en", "", "One window for all papers"),
        # Nobody has translated it: the node's language comes next.
        ("tk", "ru", "Одно окно для всех справок"),
        ("zh-hans", "ru", "Одно окно для всех справок"),
    ],
)
def test_a_reader_gets_the_best_text(client: Client, language: str, lang: str, title: str) -> None:
    assert heading(page(client, language)) == (lang, title)


@pytest.mark.usefixtures("_published")
def test_the_languages_of_a_browser_come_after_that_of_the_page(client: Client) -> None:
    wishes = {"accept-language": "uz;q=0.8, kk, fr"}
    html = client.get(f"/tk/practices/{ID}/", headers=wishes).content.decode()
    assert heading(html) == ("kk", "Барлық анықтамаға бір терезе")


@pytest.mark.usefixtures("_published")
def test_a_person_s_own_list_of_languages_comes_first(client: Client, editor: Person) -> None:
    editor.languages = ["uz", "en"]
    editor.save()
    client.force_login(editor)
    assert heading(page(client, "ru")) == ("uz-Latn", "Barcha maʼlumotnomalar uchun bir oyna")


@pytest.mark.usefixtures("_published")
def test_a_language_can_be_asked_for(client: Client) -> None:
    html = page(client, "en", "?text=kk")
    assert heading(html) == ("kk", "Барлық анықтамаға бір терезе")
    assert "Machine translation, not reviewed" in html
    assert "Original: English" in html
    assert f'href="/en/practices/{ID}/?text=en"' in html


@pytest.mark.usefixtures("_published")
def test_a_language_without_a_text_is_said_to_lack_one(client: Client) -> None:
    html = page(client, "en", "?text=tg")
    assert heading(html) == ("", "One window for all papers")
    assert "There is no text in this language yet: Tajik" in html


@pytest.mark.usefixtures("academy")
def test_a_reader_of_a_language_without_a_text_is_told_why_the_original_stands_there(
    client: Client, now: datetime
) -> None:
    publish(now, texts=TEXTS[1:])
    said = "notice notice--info"
    assert heading(page(client, "tk"))[0] == "en"
    assert said in page(client, "tk")
    assert said not in page(client, "en")
    assert said not in page(client, "kk")


def test_an_academy_that_translated_itself_is_named_once_in_the_reader_s_language(
    client: Client, academy: Institution, now: datetime
) -> None:
    publish(now, texts=TEXTS[:1])
    Practice.objects.update(origin="beijing.chorsu.example")
    PracticeText.objects.filter(language="ru").update(translated_by="Астанинский хаб")
    html = page(client, "en", "?text=ru")
    line = html[html.index('class="provenance ') : html.index("provenance__links")]
    assert "Астанинский хаб" not in line
    assert "Astana Civil Service Hub" in line


@pytest.mark.usefixtures("_revised")
def test_a_translation_of_an_earlier_revision_is_said_to_be_one(client: Client) -> None:
    assert "Made from revision 1; the original is now at revision 2" in page(
        client, "en", "?text=kk"
    )
    assert "Made from revision" not in page(client, "en")


@pytest.mark.usefixtures("_published")
def test_kazakh_can_be_read_in_latin_and_its_links_and_code_stay(client: Client) -> None:
    html = page(client, "en", "?text=kk&script=Latn")
    assert heading(html) == ("kk-Latn", "Barlyq anyqtamağa bır tereze")
    assert '<section id="problem" aria-labelledby="problem-title" lang="kk-Latn">' in html
    assert 'href="https://kz.example/%D2%9B%D0%B0%D0%BB%D0%B0"' in html
    assert "<code>қала_коды</code>" in html


@pytest.mark.usefixtures("_published")
def test_uzbek_can_be_read_in_cyrillic(client: Client) -> None:
    html = page(client, "uz", "?script=Cyrl")
    assert heading(html) == ("uz-Cyrl", "Барча маълумотномалар учун бир ойна")


@pytest.mark.usefixtures("_published")
def test_a_script_that_a_language_is_not_derived_in_changes_nothing(client: Client) -> None:
    assert heading(page(client, "ru", "?script=Latn")) == ("", "Одно окно для всех справок")


@pytest.mark.usefixtures("_published")
def test_the_original_stands_beside_a_translation(client: Client) -> None:
    html = page(client, "ru", "?beside=original")
    assert "Жители села обходили <strong>четыре</strong>" in html
    assert "People of the village went to <strong>four</strong>" in html
    assert re.search(r'<div class="sides__text" lang="en">.*?One window for all papers', html)


@pytest.mark.usefixtures("_published")
def test_beside_the_original_itself_there_is_nothing(client: Client) -> None:
    assert "sides__text" not in page(client, "en", "?beside=original")


@pytest.mark.usefixtures("_published")
def test_facts_are_told_in_the_language_of_the_page(client: Client) -> None:
    html = page(client, "en")
    for fact in (
        "Astana Civil Service Hub",
        "Kazakhstan",
        "Village",
        "2019–2022",
        "10 to 100 thousand",
        "Public service delivery",
        "16. Peace, justice and strong institutions",
        "CC BY 4.0",
        "office@district.example",
        "2.5",
        "June 2021",
    ):
        assert fact in html
    assert "Казахстан" in page(client, "ru")


@pytest.mark.usefixtures("_published")
def test_a_practice_tells_machines_what_it_is(client: Client) -> None:
    html = page(client, "ru")
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert found
    data = json.loads(found[1])
    assert (data["@type"], data["inLanguage"]) == ("Report", "ru")
    assert data["translationOfWork"]["inLanguage"] == "en"
    assert re.findall(r'rel="alternate" hreflang="([^"]*)"', html) == [
        "kk",
        "uz-Latn",
        "ru",
        "en",
        "x-default",
    ]


@pytest.mark.usefixtures("_published")
@pytest.mark.parametrize(
    ("accepted", "language"), [("tk", "tk"), ("fr, kk-KZ;q=0.5", "kk"), ("zh-CN", "zh-hans")]
)
def test_a_practices_address_without_a_language_leads_to_the_readers(
    client: Client, accepted: str, language: str
) -> None:
    html = page(client, "ru", "?text=kk")
    found = re.search(r'hreflang="x-default" href="([^"]*)"', html)
    assert found
    assert found[1] == f"{settings.NODE_ADDRESS}/practices/{ID}/"

    address = found[1].removeprefix(settings.NODE_ADDRESS)
    answer = client.get(address, headers={"Accept-Language": accepted})

    assert (answer.status_code, answer["Location"]) == (302, f"/{language}/practices/{ID}/")
    assert "Accept-Language" in answer["Vary"]


def test_text_cannot_leave_the_script_element_that_holds_it(
    client: Client, academy: Institution, now: datetime
) -> None:
    publish(now, title="</script><script>alert(1)</script>")
    assert "<script>alert" not in page(client, "en")


@pytest.mark.usefixtures("_published")
@pytest.mark.parametrize("query", ["", "?text=kk&beside=original", "?text=kk&script=Latn"])
def test_a_practice_costs_few_queries(
    client: Client, editor: Person, django_assert_max_num_queries: Count, query: str
) -> None:
    client.force_login(editor)
    with django_assert_max_num_queries(MAX_QUERIES):
        page(client, "ru", query)


@pytest.mark.usefixtures("_published")
def test_a_practice_with_its_styles_is_light(client: Client) -> None:
    html = page(client, "ru")
    total = len(gzip.compress(html.encode()))
    for name in re.findall(r'(?:href|src)="/static/([^"]+)"', html):
        path = finders.find(name)
        assert path
        with open(path, "rb") as file:
            total += len(gzip.compress(file.read()))
    assert total < MAX_BYTES


def test_a_practice_for_the_network_is_shown_to_members_only(
    client: Client, editor: Person, now: datetime
) -> None:
    publish(now, audience="network")
    assert client.get(f"/en/practices/{ID}/").status_code == 404
    assert "One window" not in client.get("/en/practices/").content.decode()
    client.force_login(editor)
    html = page(client, "en")
    assert "For the network only" in html
    assert "application/ld+json" not in html


@pytest.mark.usefixtures("_published")
def test_a_withdrawn_practice_is_gone_and_says_why(
    client: Client, editor: Person, now: datetime
) -> None:
    withdraw_practice(practice_id=ID, reason="The figures were wrong.", by=editor, now=now)
    for address in ("", "history/", "history/1/"):
        response = client.get(f"/en/practices/{ID}/{address}")
        assert response.status_code == 410
        html = response.content.decode()
        assert "The figures were wrong." in html
        assert "24 November 2026" in html
        assert "forty certificates" not in html


@pytest.mark.parametrize(
    "address",
    [
        "practices/01a20b57-41cf-7240-9c2d-67167621df3c/",
        "practices/not-an-id/",
        "practices/01a20b57-41cf-7240-9c2d-67167621df3c/history/",
        "practices/?after=nonsense",
        "institutions/nobody/",
        "help/nothing/",
    ],
)
@pytest.mark.usefixtures("_published")
def test_what_is_not_there_is_not_found(client: Client, address: str) -> None:
    response = client.get(f"/en/{address}")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


@pytest.mark.usefixtures("_revised")
def test_history_tells_each_revision_and_what_changed(
    client: Client, django_assert_max_num_queries: Count
) -> None:
    with django_assert_max_num_queries(MAX_QUERIES):
        html = client.get(f"/en/practices/{ID}/history/").content.decode()
    assert "What changed from revision 1 to 2" in html
    assert "waiting fell from 12 days to <del>2</del><ins>3</ins>" in html
    assert "A figure corrected" in html


@pytest.mark.usefixtures("_revised")
def test_an_earlier_revision_can_be_read(client: Client) -> None:
    html = client.get(f"/en/practices/{ID}/history/1/").content.decode()
    assert "waiting fell from 12 days to 2" in html
    assert "You are reading revision 1 of the original." in html


@pytest.mark.usefixtures("_published")
def test_a_practice_of_one_revision_has_no_changes(client: Client) -> None:
    html = client.get(f"/en/practices/{ID}/history/?from=1&to=7").content.decode()
    assert "There is only one revision so far." in html


@pytest.mark.usefixtures("_published")
def test_a_person_is_offered_what_their_roles_allow(
    client: Client, editor: Person, academy: Institution
) -> None:
    deeds = [f"/en/practices/{ID}/{deed}/" for deed in ("translate", "revise", "withdraw")]
    assert not [deed for deed in deeds if deed in page(client, "en")]
    client.force_login(editor)
    assert all(deed in page(client, "en") for deed in deeds)
    editor.memberships.exclude(role="translator").delete()
    assert [deed for deed in deeds if deed in page(client, "en")] == deeds[:1]


@pytest.mark.usefixtures("_published")
def test_a_file_can_be_downloaded(client: Client) -> None:
    sha256 = "ab" * 32
    PracticeFile.objects.create(
        practice_id=ID,
        sha256=sha256,
        name="plan.pdf",
        media_type="application/pdf",
        size=2_345_678,
        language="ru",
        published=True,
    )
    html = page(client, "en")
    assert f'<a href="/exchange/blob/{sha256}" download="plan.pdf">plan.pdf</a>' in html
    assert "<li>2.3 MB</li><li>Russian</li>" in html
