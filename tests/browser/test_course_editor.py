"""Writing a course in a real browser: by drag, by keyboard, and it saves itself."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution, Person
from chorsu.training.shapes.courses import CourseDraftView
from tests.browser.conftest import sign_in, troubles
from tests.web.course_editor.content import draft_of, keys_of, ready_course
from tests.web.writing_desk import writer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAVED = "[data-save-state] .status--ok"
UNSAVED = "[data-save-state] .status--wait"


@pytest.fixture
def aigul(academy: Institution) -> Person:
    return writer(academy)


@pytest.fixture
def draft(aigul: Person, now: datetime) -> CourseDraftView:
    return ready_course(aigul, now)


@pytest.fixture
def desk(page: Page, live_server: LiveServer, aigul: Person, draft: CourseDraftView) -> Page:
    """The course's page, open before its writer."""
    sign_in(page.context, live_server, aigul)
    page.goto(f"{live_server.url}/en/work/courses/{draft.id}/")
    return page


def saved_after(desk: Page, draft: CourseDraftView, who: Person) -> CourseDraftView:
    """The draft once the page says that it is saved."""
    expect(desk.locator(UNSAVED)).to_be_visible()
    expect(desk.locator(SAVED)).to_be_visible(timeout=15_000)
    return draft_of(draft.id, who)


def unit(title: str) -> str:
    return f'[data-line="u"][data-name="{title}"]'


def drag(desk: Page, grip: Locator, onto: Locator) -> None:
    """By hand, to just below the upper edge of a line; both have to be in the window."""
    desk.set_viewport_size({"width": 1280, "height": 1600})
    desk.locator("#outline").scroll_into_view_if_needed()
    grip.hover()
    desk.mouse.down()
    box = onto.bounding_box()
    assert box is not None
    desk.mouse.move(box["x"] + 40, box["y"] + 4, steps=12)
    desk.mouse.up()


def test_a_unit_is_dragged_into_another_module_and_the_page_saves_it(
    desk: Page, draft: CourseDraftView, aigul: Person
) -> None:
    grip = desk.locator(f"{unit('The room')} [data-grip]")
    drag(desk, grip, desk.locator(unit("A talk")))
    expect(desk.locator("[data-said]")).to_have_text(
        "The room is now unit 1 of 2 in At the reception."
    )
    moved = saved_after(desk, draft, aigul)
    assert keys_of(moved) == [("first", ["check"]), ("second", ["rooms", "talk"])]
    assert moved.words == draft.words


def test_a_module_is_dragged_above_another(
    desk: Page, draft: CourseDraftView, aigul: Person
) -> None:
    modules = desk.locator('[data-line="m"]')
    drag(desk, modules.nth(1).locator("> .plan__bar [data-grip]"), modules.nth(0))
    assert [key for key, _units in keys_of(saved_after(desk, draft, aigul))] == ["second", "first"]


def test_the_whole_outline_is_moved_by_keyboard(
    desk: Page, draft: CourseDraftView, aigul: Person
) -> None:
    down = desk.get_by_role("button", name="Move down: Check yourself")
    down.focus()
    desk.keyboard.press("Enter")
    expect(down).to_be_focused()
    expect(desk.locator("[data-said]")).to_have_text(
        "Check yourself is now unit 1 of 2 in At the reception."
    )
    desk.keyboard.press("Alt+ArrowDown")
    expect(down).to_be_focused()
    desk.locator("[name='modules.second.title']").focus()
    desk.keyboard.press("Alt+ArrowUp")
    expect(desk.locator("[data-said]")).to_have_text("At the reception is now module 1 of 2.")
    assert keys_of(saved_after(desk, draft, aigul)) == [
        ("second", ["talk", "check"]),
        ("first", ["rooms"]),
    ]


def test_what_is_typed_into_a_unit_saves_itself(
    desk: Page, draft: CourseDraftView, aigul: Person
) -> None:
    desk.get_by_role("link", name="The room").click()
    desk.fill("[name=body]", "A room with a bench.")
    assert saved_after(desk, draft, aigul).words["units.rooms.body"] == "A room with a bench."
    desk.fill("[name=minutes]", "soon")
    expect(desk.locator("#f-minutes[aria-invalid=true]")).to_be_visible(timeout=15_000)
    desk.fill("[name=minutes]", "25")
    expect(desk.locator(SAVED)).to_be_visible(timeout=15_000)
    assert draft_of(draft.id, aigul).facts["modules"][0]["units"][0]["minutes"] == 25


def test_rows_of_choices_grow_in_the_page(
    desk: Page, draft: CourseDraftView, aigul: Person
) -> None:
    desk.get_by_role("link", name="Check yourself").click()
    desk.fill("[name=draws-1-count]", "3")
    desk.get_by_role("button", name="Add a row").click()
    expect(desk.locator("[name=draws-2-competence]")).to_be_focused()
    desk.fill("[name=draws-2-count]", "4")
    quiz = saved_after(desk, draft, aigul).facts["modules"][0]["units"][1]["quiz"]
    assert quiz is not None
    assert [draw["count"] for draw in quiz["draws"]] == [5, 3, 4]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_stand_every_check(
    window: Browser, live_server: LiveServer, aigul: Person, draft: CourseDraftView, width: int
) -> None:
    context = window.new_context(viewport={"width": width, "height": 900})
    sign_in(context, live_server, aigul)
    page = context.new_page()
    for path in ("", "units/rooms/", "units/check/", "review/", "versions/"):
        page.goto(f"{live_server.url}/tk/work/courses/{draft.id}/{path}")
        assert troubles(page) == []
    context.close()
