"""Every page in a real browser, by the person who opens it: whole, accessible, by itself."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Request
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution, Person
from chorsu.kernel.languages import LANGUAGES
from tests.browser.conftest import take_session, troubles
from tests.web.every_page import PAGES, PageToOpen
from tests.web.small_node import NOBODY, PEOPLE, SmallNode, small_node

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# The longest words, the densest and the tallest letters; each page is seen in two of them.
CODES = ("zh-hans", "tk", "kk", "ru", "tg")
HTML_LANG = {language.django_code: language.html_lang for language in LANGUAGES}


@pytest.fixture
def node(academy: Institution, editor: Person, now: datetime) -> SmallNode:
    return small_node(academy, editor, now)


class Watched:
    """A page whose complaints are noted: of scripts, of the policy, of addresses elsewhere."""

    def __init__(self, page: Page, host: str) -> None:
        self.page = page
        self.host = host
        self.complaints: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._asked)

    def open(self, address: str, status: int) -> None:
        """Go there; an answer of another status is a complaint."""
        self.complaints.clear()
        answer = self.page.goto(address)
        if answer is None or answer.status != status:
            self.complaints.append(f"status {answer and answer.status}")

    def _said(self, line: ConsoleMessage) -> None:
        # A page that says what is not there comes with such a status, which Chromium mentions.
        of_the_page = "Failed to load resource" in line.text and line.location["url"] in (
            self.page.url
        )
        if line.type in ("error", "warning") and not of_the_page:
            self.complaints.append(f"console: {line.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.netloc != self.host:
            self.complaints.append(f"asked elsewhere: {request.url}")


@pytest.mark.parametrize(("width", "scheme", "turn"), [(390, "light", 0), (1280, "dark", 2)])
def test_every_page_is_whole_accessible_and_by_itself(
    window: Browser, live_server: LiveServer, node: SmallNode, width: int, scheme: str, turn: int
) -> None:
    watched = {
        who: _watched(window, live_server, node, who, width, dark=scheme == "dark")
        for who in PEOPLE
    }
    seen = {}
    # On a slow machine the last pages are opened long after who opens them has signed in.
    with override_settings(ACCOUNT_REAUTHENTICATION_TIMEOUT=3600):
        for place, page in enumerate(PAGES):
            code = CODES[(place + turn) % len(CODES)]
            seen[f"{page} in {code}"] = _wrong(watched[page.who], page, node, live_server.url, code)
    assert {page: wrong for page, wrong in seen.items() if wrong} == {}
    assert len(seen) == len(PAGES)


def _watched(
    window: Browser, live_server: LiveServer, node: SmallNode, who: str, width: int, *, dark: bool
) -> Watched:
    context = window.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    if who != NOBODY:
        take_session(context, live_server, node.client(who))
    return Watched(context.new_page(), urlsplit(live_server.url).netloc)


def _wrong(watched: Watched, page: PageToOpen, node: SmallNode, url: str, code: str) -> list[str]:
    # One page has no language in its address.
    language = {"name": settings.LANGUAGE_COOKIE_NAME, "value": code, "url": url}
    watched.page.context.add_cookies([language])  # type: ignore[list-item]
    watched.open(url + page.address(node, code), page.status)
    shown = watched.page
    wrong = troubles(shown)
    if shown.locator("h1").count() != 1:
        wrong.append(f"{shown.locator('h1').count()} h1")
    if not shown.title().removesuffix("· Chorsu").strip():
        wrong.append("no title")
    if shown.url != url + page.leads_to(node, code):
        wrong.append(f"led to {shown.url}")
    if (lang := shown.locator("html").get_attribute("lang")) != HTML_LANG[code]:
        wrong.append(f"lang {lang}")
    return wrong + watched.complaints
