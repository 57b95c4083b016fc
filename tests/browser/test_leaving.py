"""Who signs out leaves nothing behind that "Back" would show to whoever sits there next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Person
from tests.browser.conftest import executable, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EMAIL = "aigul@hub.example"


@pytest.fixture
def keeping(window: Browser) -> Iterator[Browser]:
    """The browser as people have it: it keeps pages whole to go back to."""
    browser = window.browser_type.launch(
        executable_path=executable(),
        args=["--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


@pytest.mark.parametrize("leaves", [False, True])
def test_going_back_shows_a_page_of_theirs_only_until_they_sign_out(
    keeping: Browser, live_server: LiveServer, leaves: bool
) -> None:
    context = keeping.new_context()
    sign_in(context, live_server, Person.objects.create_user(EMAIL))
    page = context.new_page()
    page.goto(f"{live_server.url}/en/account/email/")
    page.evaluate("document.documentElement.dataset.same = 'yes'")
    page.goto(f"{live_server.url}/en/account/logout/")
    if leaves:
        page.locator("main form button").click()
        page.wait_for_url("**/en/")
    # Not by `go_back`, which waits for a page that is loaded: one that was kept is only shown.
    page.evaluate(f"setTimeout(() => history.go({-2 if leaves else -1}), 0)")
    expect(page.locator("html[data-same]")).to_have_count(0 if leaves else 1)
    page.wait_for_timeout(500)
    assert (EMAIL in page.content()) is not leaves
    assert page.locator("html[data-same]").count() == (0 if leaves else 1)
