"""A browser for the tests that drive one. Without Chromium they fail; they are never skipped."""

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

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"


@pytest.fixture
def window(
    monkeypatch: pytest.MonkeyPatch, transactional_db: None, live_server: LiveServer
) -> Iterator[Browser]:
    """A Chromium found on the path; gone, with its connections, before the database is emptied."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(f"no browser: install one of {', '.join(_NAMES)}")
    # Playwright keeps an event loop in this thread; the queries of a test are not made from it.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        connection.close()  # the one opened beside Playwright's loop, which nobody else will close
        browser.close()
    _wait_for_the_server()


@pytest.fixture
def page(window: Browser) -> Page:
    """A page of nobody in particular."""
    return window.new_page()


def sign_in(context: BrowserContext, live_server: LiveServer, who: Person) -> None:
    """Give the context a session of this person."""
    client = Client()
    client.force_login(who)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
    )


def troubles(page: Page) -> list[str]:
    """What axe finds on the page, and whether it is wider than the window."""
    found = [str(one["id"]) for one in Axe().run(page).response["violations"]]
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
