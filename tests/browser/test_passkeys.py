"""A passkey from the first click to the sign-in, in a browser with an authenticator of its own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import AuditEvent, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def browser(window: Browser) -> BrowserContext:
    return window.new_context()


def with_authenticator(context: BrowserContext) -> Page:
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def give_password(page: Page) -> None:
    page.fill("main [name=password]", "correct horse")
    page.press("main [name=password]", "Enter")


def test_a_passkey_is_added_and_signs_in_without_a_password(
    live_server: LiveServer, editor: Person, browser: BrowserContext
) -> None:
    page = with_authenticator(browser)
    page.goto(f"{live_server.url}/ru/account/login/?next=/ru/account/2fa/webauthn/add/")
    page.fill("main [name=login]", editor.email)
    give_password(page)
    page.wait_for_url("**/reauthenticate/**")
    give_password(page)
    expect(page.locator("[name=passwordless]")).to_be_checked()
    page.click("form[data-passkey=add] .button--primary")
    page.wait_for_url("**/recovery-codes/")
    expect(page.locator("pre.code")).to_have_text(re.compile(r"^\s*(\S+\s+){9}\S+\s*$"))

    browser.clear_cookies()
    page.goto(f"{live_server.url}/ru/account/login/?next=/ru/account/")
    page.click("#passkey_login")
    page.wait_for_url(f"{live_server.url}/ru/account/")
    expect(page.locator("main")).to_contain_text(editor.email)
    assert AuditEvent.objects.filter(action="person.signed_in").count() == 2


def test_without_a_passkey_for_this_node_the_page_says_what_to_do(
    live_server: LiveServer, editor: Person, browser: BrowserContext
) -> None:
    page = with_authenticator(browser)
    page.goto(f"{live_server.url}/en/account/login/")
    assert not page.is_visible("[data-passkey-trouble]")
    page.click("#passkey_login")
    page.wait_for_selector("[data-passkey-trouble]:visible")
