"""What every page has: its language, the way to other languages, errors, caching."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client, RequestFactory, override_settings
from django.utils.translation import gettext, override

from chorsu.institutions.models import Institution, Person
from chorsu.kernel.languages import LANGUAGES
from chorsu.web import errors
from chorsu.web.help import TOPICS
from tests.practices.conftest import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_its_language(client: Client, academy: Institution, language: object) -> None:
    code, lang = getattr(language, "django_code"), getattr(language, "html_lang")  # noqa: B009
    assert f'<html lang="{lang}"' in client.get(f"/{code}/practices/").content.decode()


def test_the_language_switch_keeps_page_and_query(client: Client, academy: Institution) -> None:
    html = client.get("/ru/practices/?theme=transport&level=national").content.decode()
    for code in ("zh-hans", "kk", "tk"):
        assert f'href="/{code}/practices/?theme=transport&amp;level=national"' in html


@pytest.mark.parametrize(
    ("header", "code"),
    [("zh-CN,en", "zh-hans"), ("tk", "tk"), ("fr", "ru"), ("", "ru"), ("*", "ru")],
)
def test_the_way_in_leads_to_the_browser_s_language(
    client: Client, academy: Institution, header: str, code: str
) -> None:
    response = client.get("/", headers={"accept-language": header})
    assert (response.status_code, response["Location"]) == (302, f"/{code}/")
    assert "Accept-Language" in response["Vary"]


def test_home_names_its_addresses_in_the_languages_and_the_way_in(
    client: Client, academy: Institution
) -> None:
    html = client.get("/tg/").content.decode()
    assert re.findall(r'rel="alternate" hreflang="([^"]*)" href="([^"]*)"', html) == [
        *(
            (language.html_lang, f"{settings.NODE_ADDRESS}/{language.django_code}/")
            for language in LANGUAGES
        ),
        ("x-default", f"{settings.NODE_ADDRESS}/"),
    ]


def test_the_way_in_leads_a_person_to_their_own_language(client: Client, editor: Person) -> None:
    editor.languages = ["tg"]
    editor.save()
    client.force_login(editor)
    assert client.get("/", headers={"accept-language": "en"})["Location"] == "/tg/"


def test_an_address_without_a_language_gets_one(client: Client, academy: Institution) -> None:
    response = client.get("/practices/", headers={"accept-language": "uz"})
    assert (response.status_code, response["Location"]) == (302, "/uz/practices/")


def test_what_a_signed_in_person_sees_is_theirs_alone(client: Client, editor: Person) -> None:
    assert client.get("/ru/practices/")["Cache-Control"] == "no-cache"
    client.force_login(editor)
    assert client.get("/ru/practices/")["Cache-Control"] == "private, no-cache"


def test_the_box_to_search_is_in_the_language_of_the_page_and_keeps_nobody_s_words(
    client: Client, academy: Institution
) -> None:
    for code, says in (("en", "Search in any language"), ("tk", "Islendik dilde gözlemek")):
        asked = client.get(f"/{code}/search/?q=mahalla").content.decode()
        assert re.findall(r'id="menu-q"[^>]* value="([^"]*)"', asked) == ["mahalla"]
        plain = client.get(f"/{code}/courses/").content.decode()
        [box] = re.findall(r'<input[^>]*id="menu-q"[^>]*>', plain)
        assert ('value=""' in box, f'placeholder="{says}"' in box) == (True, True)


@pytest.mark.parametrize("topic", TOPICS)
def test_there_is_help_for_everyone(client: Client, academy: Institution, topic: str) -> None:
    assert f'href="/ru/help/{topic}/"' in client.get("/ru/help/").content.decode()
    html = client.get(f"/ru/help/{topic}/").content.decode()
    assert html.count("<h2") > 4


@pytest.mark.parametrize("topic", TOPICS)
def test_help_on_every_topic_is_in_every_language(
    client: Client, academy: Institution, topic: str
) -> None:
    said = {
        one.tag: _said(client.get(f"/{one.django_code}/help/{topic}/").content.decode())
        for one in LANGUAGES
    }
    assert {tag: len(texts) for tag, texts in said.items()} == dict.fromkeys(said, len(said["en"]))
    english = set(said.pop("en"))
    assert {tag: english & set(texts) for tag, texts in said.items() if english & set(texts)} == {}


def _said(html: str) -> list[str]:
    """Headings, paragraphs and points of a page of help."""
    body = html.partition('<div class="prose">')[2].partition("<nav")[0]
    return re.findall(r"<(?:h2|p|li)>(.+?)</(?:h2|p|li)>", body, re.DOTALL)


def test_help_tells_learners_teachers_and_training_officers_what_to_press(
    client: Client, academy: Institution
) -> None:
    told = {
        "learning": ("Keep the whole course on this device", "My certificates"),
        "teaching": ("Plan a cohort", "Show a code", "Finish the cohort"),
        "training": ("Nominate from a spreadsheet", "Training in figures", "Issue certificates"),
    }
    for topic, labels in told.items():
        for language in LANGUAGES:
            with override(language.django_code):
                here = [gettext(label) for label in labels]
            html = client.get(f"/{language.django_code}/help/{topic}/").content.decode()
            assert [one for one in here if one not in html] == [], (topic, language.tag)


def test_robots_are_told_where_not_to_go(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    assert "Disallow: /*/account/" in response.content.decode()


def test_a_form_that_came_too_late_is_told_so(academy: Institution) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/en/account/login/", {"login": "a@b.example"})
    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()


@pytest.mark.parametrize(
    ("view", "status"),
    [(errors.bad_request, 400), (errors.forbidden, 403), (errors.too_many_requests, 429)],
)
def test_an_error_has_a_page(
    client: Client, academy: Institution, rf: RequestFactory, view: object, status: int
) -> None:
    request = client.get("/en/practices/").wsgi_request
    response = view(request)  # type: ignore[operator]
    assert response.status_code == status
    assert f"Error {status}" in response.content.decode()


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (
            {"DATA_UPLOAD_MAX_MEMORY_SIZE": 1024 * 1024},
            "Текст слишком велик, чтобы отправить его за один раз: не более 1 МБ.",
        ),
        (
            {"DATA_UPLOAD_MAX_NUMBER_FIELDS": 1},
            "В форме слишком много полей, чтобы отправить её за один раз: не более 1.",
        ),
    ],
)
def test_a_form_that_is_too_large_is_told_the_limit(
    academy: Institution, limit: dict[str, int], said: str
) -> None:
    form = urlencode({"login": "я" * 200_000, "password": "x"})
    strict, login = Client(enforce_csrf_checks=True), "/ru/account/login/"
    kind = "application/x-www-form-urlencoded"
    strict.get(login)  # the cookie without which nothing that is sent is read
    with override_settings(**limit):
        page = strict.post(login, form, kind)
        told = strict.post(login, form, kind, headers={"accept": "application/json"})
    assert (page.status_code, said in page.content.decode()) == (413, True)
    assert (told.status_code, told.json()) == (413, {"state": said})


def test_a_request_under_a_foreign_name_is_refused_and_no_failure(client: Client) -> None:
    answer = client.get("/en/practices/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert "evil" not in answer.content.decode()


def test_the_page_of_a_failure_needs_no_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", broken)
    client.raise_request_exception = False
    response = client.get("/zh-hans/practices/")
    assert response.status_code == 500
    html = response.content.decode()
    assert '<html lang="zh-Hans">' in html
    assert re.search(r'href="/zh-hans/"', html)


@pytest.mark.parametrize(
    ("role", "doors"),
    [
        ("reader", []),
        ("translator", ["/en/work/"]),
        ("contributor", ["/en/work/"]),
        ("administrator", ["/en/people/", "/en/audit/", "/en/node/peers/"]),
    ],
)
def test_everybody_finds_the_doors_their_role_opens(
    client: Client, academy: Institution, role: str, doors: list[str]
) -> None:
    client.force_login(person(academy, "who@hub.example", "Who", role))
    html = client.get("/en/").content.decode()
    every = ["/en/work/", "/en/people/", "/en/audit/", "/en/node/peers/"]
    assert [door for door in every if f'href="{door}"' in html] == doors
