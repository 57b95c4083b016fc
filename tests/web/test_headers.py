"""What every page tells the browser: what may run, who may frame it, who may keep it."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from chorsu.institutions.models import Institution, Person
from tests.web.every_page import NO_PAGES, PAGES, PageToOpen, names
from tests.web.small_node import NOBODY, PEOPLE, SmallNode, small_node

INLINE = re.compile(
    r"<style\b[^>]*>|\sstyle=[\"'][^\"']*|\son[a-z]+=[\"'][^\"']*|\b(?:href|src|action)=[\"']javascript:"
)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)
LINKS = {"account_confirm_email", "account_logout", "lti-arrive"}
# Data, which no browser runs.
DATA = re.compile(r'type="application/(ld\+)?json"')
# Addresses that a page makes the browser fetch by itself.
FETCHED = re.compile(
    r"<(?:script|img|source|video|audio|iframe|embed|object)\b[^>]*\b(?:src|srcset|data)="
    r"[\"'](https?:)?//|<link\b(?=[^>]*rel=[\"'](?:stylesheet|icon|preload|modulepreload))"
    r"[^>]*href=[\"'](?:https?:)?//"
)


@pytest.fixture
def node(academy: Institution, editor: Person, now: datetime) -> SmallNode:
    return small_node(academy, editor, now)


def opened(node: SmallNode, language: str = "ru") -> list[tuple[PageToOpen, HttpResponse]]:
    """Every page as its person gets it."""
    clients = {who: node.client(who) for who in PEOPLE}
    return [
        (page, clients[page.who].get(page.address(node, language), follow=True)) for page in PAGES
    ]


def test_no_page_is_forgotten() -> None:
    assert {page.name for page in (*PAGES, *NO_PAGES)} == names()
    assert not {page.name for page in PAGES} & {page.name for page in NO_PAGES}


def test_every_page_keeps_the_browser_in(node: SmallNode) -> None:
    ends, inline, fetched, headers, caching = {}, {}, {}, {}, {}
    for page, answer in opened(node):
        html = answer.content.decode()
        ends[str(page)] = (answer.status_code, _end(answer))
        scripts = [
            body for tag, body in SCRIPT.findall(html) if not DATA.search(tag) and body.strip()
        ]
        inline[str(page)] = [*scripts, *INLINE.findall(SCRIPT.sub("", html))]
        fetched[str(page)] = FETCHED.findall(html)
        headers[str(page)] = _guards(answer)
        caching[str(page)] = page.who == NOBODY or "private" in answer["Cache-Control"]
    assert ends == {str(page): (page.status, page.leads_to(node, "ru")) for page in PAGES}
    assert inline == {str(page): [] for page in PAGES}
    assert fetched == {str(page): [] for page in PAGES}
    assert headers == {str(page): guards_of(page) for page in PAGES}
    assert [page for page, private in caching.items() if not private] == []


def _end(answer: HttpResponse) -> str:
    """Path and query of the page that was shown in the end."""
    asked = answer.wsgi_request
    return str(asked.get_full_path())


GUARDS = {
    "Content-Security-Policy": {
        "default-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    },
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


# What is agreed there is carried to the academy that asked, and nowhere else.
ASKED_BY = "http://beijing.chorsu.example"


def guards_of(page: PageToOpen) -> dict[str, object]:
    policy = dict(GUARDS["Content-Security-Policy"])
    if (page.name, page.status) == ("sign-in-allow", 200):
        policy["form-action"] = f"'self' {ASKED_BY}"
    return {**GUARDS, "Content-Security-Policy": policy}


def _guards(answer: HttpResponse) -> dict[str, object]:
    policy = [part.split(maxsplit=1) for part in answer["Content-Security-Policy"].split(";")]
    plain = {name: answer.get(name) for name in GUARDS if name != "Content-Security-Policy"}
    return {"Content-Security-Policy": dict(policy), **plain}


def test_what_is_no_page_is_none(node: SmallNode) -> None:
    shown = []
    for page in NO_PAGES:
        answer = node.client(page.who).get(page.address(node, "en"))
        answer.getvalue()  # a file is closed once it is read
        kind = answer.get("Content-Type", "").split(";")[0]
        if answer.status_code == 200 and kind == "text/html":
            shown.append(page.name)
    assert shown == []


def test_nobody_sees_a_page_that_needs_a_session(node: SmallNode, client: Client) -> None:
    # A link from a mail or of a learning system is opened without one; nobody can be signed out.
    by_name = {page.name for page in PAGES if page.who == NOBODY} | LINKS
    ways = {}
    for page in (*PAGES, *NO_PAGES):
        if page.who != NOBODY and page.name not in by_name:
            answer = client.get(page.address(node, "ru"))
            if answer.status_code == 405:
                answer = client.post(page.address(node, "ru"))
            ways[page.name] = (answer.status_code, answer.get("Location", "").split("?")[0])
    assert ways == dict.fromkeys(ways, (302, "/ru/account/login/"))
    assert len(ways) > 40


def test_cookies_are_kept_from_scripts_and_other_sites(editor: Person, client: Client) -> None:
    client.get("/ru/account/login/")
    client.post("/ru/account/login/", {"login": editor.email, "password": "correct horse"})
    flags = {
        name: (cookie["httponly"], cookie["samesite"], cookie["path"])
        for name, cookie in client.cookies.items()
    }
    ours = {settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME}
    assert ours <= flags.keys()
    assert flags == dict.fromkeys(flags, (True, "Lax", "/"))


def test_the_language_switch_keeps_page_and_query_everywhere(node: SmallNode) -> None:
    lost = []
    for page, answer in opened(node, "kk"):
        here = _end(answer)
        # Home, where a page has no language in its address.
        there = here.replace("/kk/", "/tg/", 1) if here.startswith("/kk/") else "/tg/"
        wanted = there.replace("&", "&amp;")
        if f'href="{wanted}"' not in answer.content.decode():
            lost.append(str(page))
    assert lost == []


def test_a_cache_between_tells_people_and_languages_apart(node: SmallNode) -> None:
    vary = {str(page): answer.get("Vary", "") for page, answer in opened(node)}
    assert [page for page, names in vary.items() if "Cookie" not in names] == []
