"""Everything is reached and opened by keyboard, and one sees where one is."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution
from tests.web.library import publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Where the focus is, and whether an outline shows it: on itself, or on what is drawn around it.
FOCUS = """() => {
  const here = document.activeElement;
  const drawn = (of, part) => {
    const style = getComputedStyle(of, part);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const box = here.closest(".search-box") ?? here;
  const seen = drawn(here) || drawn(here, "::after") || drawn(box);
  const name = (here.innerText || here.getAttribute("name") || "").split("\\n")[0];
  return [`${here.localName} ${name}`.trim(), seen];
}"""


@pytest.fixture
def home(page: Page, live_server: LiveServer, academy: Institution, now: datetime) -> Page:
    publish(now)
    page.goto(f"{live_server.url}/en/")
    return page


def test_the_first_stop_leads_past_the_head(home: Page) -> None:
    home.keyboard.press("Tab")
    skip = home.locator(".skip-link")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    home.keyboard.press("Enter")
    expect(home.locator("#main")).to_be_focused()
    home.keyboard.press("Tab")
    assert home.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_menu_is_opened_walked_and_closed(home: Page) -> None:
    menu = home.locator(".menu--language")
    menu.locator("summary").focus()
    home.keyboard.press("Enter")
    expect(menu.locator(".menu__panel")).to_be_visible()
    home.keyboard.press("Tab")
    expect(menu.locator(".menu__item").first).to_be_focused()
    home.keyboard.press("Escape")
    expect(menu.locator(".menu__panel")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()
    home.keyboard.press("Space")
    home.keyboard.press("Tab")
    home.keyboard.press("Enter")
    expect(home.locator("html")).to_have_attribute("lang", "zh-Hans")


@pytest.mark.parametrize("address", ["", "practices/", "search/?q=window", "account/login/"])
def test_every_stop_is_seen(home: Page, live_server: LiveServer, address: str) -> None:
    home.goto(f"{live_server.url}/en/{address}")
    stops = []
    for _ in range(60):
        home.keyboard.press("Tab")
        if home.evaluate("document.activeElement === document.body"):
            break
        stops.append(tuple(home.evaluate(FOCUS)))
    assert [stop for stop, seen in stops if not seen] == []
    assert len(stops) > 10
