"""Reading pages in a real browser: accessible, without scripts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.actions import load_institutions
from tests.web.library import ID, TEXTS, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def _library(transactional_db: None, now: datetime) -> None:
    load_institutions(now=now)
    publish(now)
    publish(now + timedelta(days=1), texts=TEXTS[:1], results="- waiting fell to 3 days")


@pytest.mark.usefixtures("_library")
def test_a_practice_is_found_and_read_without_scripts(
    window: Browser, live_server: LiveServer
) -> None:
    page = window.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/ru/")
    page.get_by_role("link", name="Одно окно для всех справок").click()
    expect(page).to_have_url(f"{live_server.url}/ru/practices/{ID}/")
    page.locator("summary", has_text="Русский").click()
    page.locator(".menu__panel").get_by_role("link", name="Қазақша").click()
    expect(page).to_have_url(f"{live_server.url}/kk/practices/{ID}/")
    expect(page.locator("html")).to_have_attribute("lang", "kk")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Барлық анықтамаға бір терезе")


@pytest.mark.usefixtures("_library")
def test_search_and_filters_work_without_scripts(window: Browser, live_server: LiveServer) -> None:
    page = window.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/ru/")
    page.locator("main [type=search]").fill("окно справок")
    page.locator("main [type=search]").press("Enter")
    expect(page).to_have_url(re.compile(r"/ru/search/\?"))
    result = page.locator(".card__title")
    expect(result).to_have_text(["Одно окно для всех справок"])
    page.locator("#filters summary").filter(has_text="Уровень").click()
    page.locator("[name=level][value=village]").check()
    page.get_by_role("button", name="Применить").click()
    expect(page).to_have_url(re.compile(r"[?&]level=village(&|$)"))
    expect(result).to_have_count(1)

    page.goto(f"{live_server.url}/ru/practices/")
    country = page.locator("#filters details").filter(has=page.get_by_text("Страна", exact=True))
    if not country.evaluate("one => one.open"):
        country.locator("summary").click()
    country.get_by_role("link", name="Казахстан").click()
    expect(page).to_have_url(re.compile(r"[?&]country=KZ(&|$)"))
    expect(result).to_have_count(1)
