"""The search box offers what begins as was typed: by keyboard, by pointer, and not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution
from chorsu.search.learning import learn_waiting
from tests.browser.conftest import troubles
from tests.web.library import ID, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OTHER = "01a20b57-41cf-7240-9c2d-000000000001"
LIST = "main [role=listbox]"
OPTIONS = f"{LIST} [role=option]"


@pytest.fixture
def box(page: Page, live_server: LiveServer, academy: Institution, now: datetime) -> Page:
    """The page of search in Uzbek, the focus in its box."""
    publish(now)
    publish(now + timedelta(minutes=1), OTHER, title="One kitchen for all schools", texts=[])
    learn_waiting(limit=10)
    page.goto(f"{live_server.url}/uz/search/")
    page.locator("#q").focus()
    return page


def test_by_keyboard_a_title_typed_in_another_script_leads_to_its_practice(box: Page) -> None:
    field = box.locator("#q")
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-expanded", "false")
    box.keyboard.type("барча маъл")
    expect(box.locator(OPTIONS)).to_have_count(1)
    expect(box.locator(OPTIONS)).to_contain_text("Barcha maʼlumotnomalar uchun bir oyna")
    expect(box.locator(f"{OPTIONS} > span").first).to_have_attribute("lang", "uz-Latn")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(box.locator("main .search-box [role=status]")).to_contain_text("1")
    assert field.get_attribute("aria-activedescendant") is None
    assert troubles(box) == []

    box.keyboard.press("ArrowDown")
    chosen = box.locator(f"{OPTIONS}[aria-selected=true]")
    expect(chosen).to_have_count(1)
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    expect(field).to_be_focused()
    box.keyboard.press("ArrowDown")  # past the last: back in the box
    expect(chosen).to_have_count(0)
    box.keyboard.press("ArrowUp")
    expect(chosen).to_have_count(1)
    box.keyboard.press("Enter")
    box.wait_for_url(f"**/uz/practices/{ID}/")


def test_escape_closes_the_list_and_keeps_what_was_typed_enter_searches_for_it(box: Page) -> None:
    box.keyboard.type("one")
    expect(box.locator(OPTIONS)).to_have_count(2)
    box.keyboard.press("Escape")
    expect(box.locator(LIST)).to_be_hidden()
    expect(box.locator("#q")).to_have_value("one")
    expect(box.locator("#q")).to_have_attribute("aria-expanded", "false")
    box.keyboard.press("Enter")
    box.wait_for_url("**q=one*")


def test_by_pointer(box: Page) -> None:
    box.keyboard.type("kitch")
    box.locator(OPTIONS).click()
    box.wait_for_url(f"**/uz/practices/{OTHER}/")


def test_leaving_the_box_closes_the_list(box: Page) -> None:
    box.keyboard.type("one")
    expect(box.locator(OPTIONS)).to_have_count(2)
    box.keyboard.press("Tab")
    expect(box.locator(LIST)).to_be_hidden()


def test_a_quick_typist_costs_one_request_and_sees_the_last_answer_only(box: Page) -> None:
    asked: list[str] = []
    box.on("request", lambda one: asked.append(one.url) if "/suggest" in one.url else None)
    box.keyboard.type("one kitchen", delay=5)
    expect(box.locator(OPTIONS)).to_have_count(1)
    typed = [parse_qs(urlsplit(url).query)["q"][0] for url in asked]
    assert typed == ["one kitchen"]


def test_an_answer_that_comes_too_late_is_not_shown(box: Page) -> None:
    held: list[Route] = []
    box.route("**/suggest?**q=one", lambda route: held.append(route))
    box.keyboard.type("one")
    box.wait_for_timeout(400)
    box.keyboard.type(" kitchen")
    expect(box.locator(OPTIONS)).to_have_count(1)
    assert len(held) == 1
    expect(box.locator(OPTIONS)).to_contain_text("One kitchen")


def test_without_an_answer_it_is_a_plain_box(box: Page) -> None:
    box.route("**/suggest?**", lambda route: route.abort())
    box.keyboard.type("one")
    box.wait_for_timeout(400)
    expect(box.locator(LIST)).to_be_hidden()
    box.keyboard.press("Enter")
    box.wait_for_url("**q=one*")


def test_without_scripts_it_is_a_plain_box(
    window: Browser, live_server: LiveServer, academy: Institution
) -> None:
    page = window.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/en/search/")
    field = page.locator("#q")
    assert field.get_attribute("role") is None
    field.fill("one")
    field.press("Enter")
    page.wait_for_url("**q=one*")
