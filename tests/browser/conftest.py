"""A browser for the tests that drive one. Without Chromium they fail; they are never skipped.

The browser is started once for this folder, not once for the whole run: Playwright keeps an event
loop running in the thread of the tests, which tests of other folders must not meet.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Person
from chorsu.web.arriving import COOKIE
from tests.browser.line import Line

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"


def executable() -> str:
    """The browser found on the path."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(f"no browser: install one of {', '.join(_NAMES)}")
    return found


@pytest.fixture(scope="package")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    """The browser, without a window."""
    # Beside a running loop Django opens a connection of its own; the one before it would be taken
    # for a connection of the server (`_wait_for_the_server`), and nobody would close it.
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        # The queries of a test are made beside Playwright's loop, never from it.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=executable(), args=["--no-sandbox"]
            )
            yield browser
            connection.close()
            browser.close()


@pytest.fixture
def window(chromium: Browser, transactional_db: None, live_server: LiveServer) -> Iterator[Browser]:
    """The browser for one test; its contexts and their connections are gone before the data is."""
    yield chromium
    for context in chromium.contexts:
        context.close()
    _wait_for_the_server()


@pytest.fixture
def page(window: Browser) -> Page:
    """A page of nobody in particular."""
    return window.new_page()


@pytest.fixture
def line(live_server: LiveServer) -> Iterator[Line]:
    """The server over a line that can be cut."""
    made = Line(live_server.url)
    yield made
    made.cut()


def sign_in(context: BrowserContext, live_server: LiveServer, who: Person) -> None:
    """Give the context a session of this person."""
    client = Client()
    client.force_login(who)
    take_session(context, live_server, client)


def take_session(context: BrowserContext, live_server: LiveServer, client: Client) -> None:
    """Give the context the session of a test client, and the mark by which a launch knows it."""
    names = [name for name in (settings.SESSION_COOKIE_NAME, COOKIE) if name in client.cookies]
    context.add_cookies(
        [
            {"name": name, "value": client.cookies[name].value, "url": live_server.url}
            for name in names
        ]
    )


def troubles(page: Page) -> list[str]:
    """What axe finds on the page and where, and whether it is wider than the window."""
    found = [
        f"{one['id']}: {node['target']}"
        for one in Axe().run(page).response["violations"]
        for node in one["nodes"][:3]
    ]
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return [*found, *(["wider than the window"] if page.evaluate(wide) else [])]


def _wait_for_the_server() -> None:
    """Let the server's threads, kept alive by the browser, give their connections back."""
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            cursor.execute(_OTHERS, cursor.fetchone())
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
