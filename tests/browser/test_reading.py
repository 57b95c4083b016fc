"""Reading pages in a real browser: accessible, within the width of a phone, without scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.actions import load_institutions
from tests.browser.test_passkeys import _wait_for_the_server
from tests.web.library import ID, TEXTS, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = (
    "",
    "practices/",
    f"practices/{ID}/",
    f"practices/{ID}/?text=kk&script=Latn",
    f"practices/{ID}/?text=ru&beside=original",
    f"practices/{ID}/history/",
    f"practices/{ID}/history/1/",
    "institutions/",
    "institutions/hub-astana/",
    "help/",
    "help/writing/",
    "nowhere/",
)


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; the queries here are not made from it.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield browser
        browser.close()
    _wait_for_the_server()


@pytest.fixture
def _library(transactional_db: None, now: datetime) -> None:
    load_institutions(now=now)
    publish(now)
    publish(now + timedelta(days=1), texts=TEXTS[:1], results="- waiting fell to 3 days")


def troubles(page: Page) -> list[str]:
    """What axe finds on the page, and whether it is wider than the window."""
    found = [str(one["id"]) for one in Axe().run(page).response["violations"]]
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return [*found, *(["wider than the window"] if page.evaluate(wide) else [])]


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("zh-hans", 390, "light"), ("tk", 1280, "dark")]
)
def test_every_reading_page_is_accessible_and_fits(
    chromium: Browser, live_server: LiveServer, language: str, width: int, scheme: str
) -> None:
    dark = scheme == "dark"
    page = chromium.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text))
    seen = {}
    for address in PAGES:
        page.goto(f"{live_server.url}/{language}/{address}")
        seen[address] = troubles(page)
    assert seen == {address: [] for address in PAGES}
    assert not [line for line in refused if "Content Security Policy" in line]


@pytest.mark.usefixtures("_library")
def test_a_practice_is_found_and_read_without_scripts(
    chromium: Browser, live_server: LiveServer
) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/ru/")
    page.get_by_role("link", name="Одно окно для всех справок").click()
    assert page.url == f"{live_server.url}/ru/practices/{ID}/"
    page.locator("summary", has_text="Русский").click()
    page.locator(".menu__panel").get_by_role("link", name="Қазақша").click()
    assert page.url == f"{live_server.url}/kk/practices/{ID}/"
    assert page.locator("html").get_attribute("lang") == "kk"
    assert page.get_by_role("heading", level=1).inner_text() == "Барлық анықтамаға бір терезе"
