"""Writing in a real browser: it saves itself, two people do not collide, scripts are not needed."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution, Person
from chorsu.practices import actions, queries
from chorsu.practices.shapes import DraftView
from tests.browser.conftest import sign_in, troubles
from tests.practices.content import FACTS, WORDS, ready_draft
from tests.web.writing_desk import writer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STATE = "[data-save-state]"


@pytest.fixture
def aigul(academy: Institution) -> Person:
    return writer(academy)


@pytest.fixture
def draft(aigul: Person, now: datetime) -> DraftView:
    return ready_draft(aigul, now)


@pytest.fixture
def desk(page: Page, live_server: LiveServer, aigul: Person, draft: DraftView) -> Page:
    """The write page, open before its writer."""
    sign_in(page.context, live_server, aigul)
    page.goto(f"{live_server.url}/en/work/drafts/{draft.id}/")
    return page


def saved(draft: DraftView, who: Person) -> DraftView:
    return queries.draft(draft.id, Person.objects.get(pk=who.pk))


def saved_by(other: Person, draft: DraftView, now: datetime, **changes: str) -> None:
    """Somebody else saves first."""
    actions.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words={**WORDS, **changes},
        facts=FACTS,
        by=other,
        now=now,
    )


def test_what_is_typed_saves_itself_and_the_page_says_so(
    desk: Page, draft: DraftView, aigul: Person
) -> None:
    desk.fill("[name=lessons]", "Begin with one village.")
    expect(desk.locator(STATE)).to_have_text("Not saved yet")
    expect(desk.locator(f"{STATE} .status--ok")).to_contain_text("Saved", timeout=10_000)
    assert saved(draft, aigul).words["lessons"] == "Begin with one village."
    desk.fill("[name=lessons]", "Begin with two.")
    desk.click(".action-bar button[value=save]")
    desk.wait_for_load_state()
    assert saved(draft, aigul).words["lessons"] == "Begin with two."


def test_a_half_typed_year_is_marked_and_saved_once_it_is_whole(
    desk: Page, draft: DraftView, aigul: Person
) -> None:
    desk.fill("[name=year_from]", "20")
    expect(desk.locator("#f-year_from[aria-invalid=true]")).to_be_visible(timeout=10_000)
    expect(desk.locator(".field--invalid .field__error")).to_have_text(
        "Enter a year from 1950 to 2100."
    )
    desk.fill("[name=year_from]", "2020")
    expect(desk.locator(f"{STATE} .status--ok")).to_be_visible(timeout=10_000)
    expect(desk.locator(".field__error")).to_have_count(0)
    assert saved(draft, aigul).facts["year_from"] == 2020


def test_a_refused_cell_holds_nothing_up_and_outlives_the_page(
    window: Browser, live_server: LiveServer, desk: Page, draft: DraftView, aigul: Person
) -> None:
    desk.fill("[name=indicators-0-value]", "twenty")
    desk.fill("[name=lessons]", "Begin with one village.")
    state = desk.locator(f"{STATE} .status")
    expect(state).to_contain_text("Please correct the marked fields.", timeout=10_000)
    cell = desk.locator("#f-indicators-0-value")
    expect(cell).to_have_attribute("aria-invalid", "true")
    expect(cell).to_have_accessible_description(re.compile(r"Enter a number such as 12\.18\."))
    assert saved(draft, aigul).words["lessons"] == "Begin with one village."
    # The browser is closed at once: nothing asks whether to leave, and nothing is lost.
    address = desk.url
    desk.close()
    context = window.new_context()
    sign_in(context, live_server, aigul)
    again = context.new_page()
    again.goto(address)
    cell = again.locator("#f-indicators-0-value")
    expect(cell).to_have_value("twenty")
    expect(cell).to_have_attribute("aria-invalid", "true")
    expect(again.locator(".error-summary li")).to_have_count(1)
    expect(again.locator("[name=lessons]")).to_have_value("Begin with one village.")
    assert troubles(again) == []
    cell.fill("20,5")
    expect(again.locator(f"{STATE} .status--ok")).to_be_visible(timeout=10_000)
    expect(again.locator(".field__error, .error-summary")).to_have_count(0)
    expect(cell).not_to_have_attribute("aria-invalid", "true")
    assert saved(draft, aigul).facts["indicators"][0]["value"] == "20.5"


def test_the_second_of_two_writers_is_told_and_chooses(
    desk: Page, draft: DraftView, aigul: Person, editor: Person, now: datetime
) -> None:
    saved_by(editor, draft, now, title="The editor's title")
    desk.fill("[name=title]", "The writer's title")
    expect(desk.locator(STATE)).to_contain_text("Editor One saved this draft", timeout=10_000)
    desk.click(".action-bar button[value=save]")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Somebody else saved meanwhile")
    assert troubles(desk) == []
    desk.click("button[value=merge]")
    expect(desk.get_by_role("heading", level=1)).to_have_text("The writer's title")
    assert saved(draft, aigul).words["title"] == "The writer's title"


def test_rows_come_and_go_in_the_page(desk: Page, draft: DraftView, aigul: Person) -> None:
    rows = desk.locator("[data-rows=contacts] [data-row]")
    expect(rows).to_have_count(2)
    desk.click("button[value=add-contacts]")
    expect(rows).to_have_count(3)
    rows.nth(2).get_by_label("Office").fill("Ministry")
    rows.nth(0).get_by_role("button", name="Remove").click()
    expect(rows).to_have_count(2)
    expect(desk.locator(f"{STATE} .status--ok")).to_contain_text("Saved", timeout=10_000)
    desk.wait_for_function("document.querySelector('[name=version]').value > 2")
    contacts = saved(draft, aigul).facts["contacts"]
    words = saved(draft, aigul).words
    assert [words[f"contacts.{row['key']}.office"] for row in contacts] == ["Ministry"]


def test_a_dropped_file_is_uploaded(desk: Page, draft: DraftView, aigul: Person) -> None:
    desk.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["year,visits\\n2024,12\\n"], "visits.csv"));
          document.querySelector("[data-drop]").dispatchEvent(
            new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(desk.locator(".attached__name")).to_have_text("visits.csv", timeout=10_000)
    assert [file.name for file in saved(draft, aigul).files] == ["visits.csv"]


def test_everything_works_without_scripts(
    window: Browser, live_server: LiveServer, editor: Person
) -> None:
    context = window.new_context(java_script_enabled=False)
    sign_in(context, live_server, editor)
    page = context.new_page()
    page.goto(f"{live_server.url}/en/work/")
    page.get_by_role("link", name="Write a practice").first.click()
    page.get_by_label("English").check()
    page.get_by_role("button", name="Begin").click()
    for name in ("title", "summary", "problem", "action", "results", "failures"):
        page.fill(f"[name={name}]", f"What is the {name}")
    page.get_by_label("Public service delivery").check()
    page.select_option("[name=country]", "KZ")
    page.select_option("[name=level]", "village")
    page.select_option("[name=status]", "running")
    page.fill("[name=indicators-0-name]", "Waiting")
    page.fill("[name=indicators-0-value]", "2.5")
    page.click("button[value=add-indicators]")
    expect(page.locator("[name=indicators-1-name]")).to_be_visible()
    page.click(".action-bar button[value=publish]")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is the title")
    expect(page).to_have_url(re.compile("/practices/"))
    # A button of the form once bore this field's name, and the field was saved as "publish".
    expect(page.get_by_text("What is the action")).to_be_visible()
