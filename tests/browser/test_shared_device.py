"""Two people at one device: what one kept is shown to nobody else, with a line or without."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution, Person
from chorsu.training.queries.learning import LearnerView
from tests.browser.line import Line
from tests.browser.test_learning import context_of, kept, note_without_a_line, until
from tests.training.class_kit import facts, learner_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SESSION = settings.SESSION_COOKIE_NAME
PASSWORD = "a long walk to Osh"
GONE = "No connection"


@pytest.fixture
def learner(academy: Institution, now: datetime) -> LearnerView:
    return learner_in(academy, now, facts())


@pytest.fixture
def other() -> Person:
    return Person.objects.create_user("bolot@hub.example", password=PASSWORD)


@pytest.fixture
def page(window: Browser, live_server: LiveServer, learner: LearnerView) -> Page:
    return context_of(window, live_server, learner).new_page()


def own(learner: LearnerView) -> list[str]:
    """Pages of the learner's own that the device keeps."""
    course = f"/en/learning/{learner.id}/"
    return ["/en/learning/", course, f"{course}units/r1/"]


def fill_in(page: Page, line: Line, email: str) -> None:
    """The form at which somebody signs in, after the session before has ended by itself."""
    page.context.clear_cookies(name=SESSION)
    page.goto(f"{line.url}/en/account/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)


def enter(page: Page) -> None:
    page.locator("input[name=password]").press("Enter")


def shows(page: Page, line: Line, path: str) -> str:
    page.goto(line.url + path)
    return page.locator("h1").inner_text()


def test_who_signs_in_and_loses_the_line_at_once_sees_nothing_of_who_was_here_before(
    page: Page, line: Line, learner: LearnerView, other: Person
) -> None:
    kept(page, line, learner)
    fill_in(page, line, other.email)
    line.cut_after(f"Set-Cookie: {SESSION}".encode())
    enter(page)
    until(lambda: line.is_down)
    page.wait_for_url("chrome-error://**")
    assert SESSION in [one.get("name") for one in page.context.cookies()]
    for path in own(learner):
        assert shows(page, line, path) == GONE
        assert "Learner" not in page.content()


def test_who_is_here_without_a_line_sees_nothing_that_somebody_else_kept(
    page: Page, line: Line, learner: LearnerView, other: Person
) -> None:
    note_without_a_line(page, line, learner)
    line.mend()
    fill_in(page, line, other.email)
    enter(page)
    page.wait_for_url("**/en/")
    line.cut()
    for path in own(learner):
        assert shows(page, line, path) == GONE
    page.wait_for_timeout(500)
    expect(page.locator("[data-waiting]")).to_be_hidden()


def test_who_kept_it_finds_it_again_after_somebody_else_was_here(
    page: Page, line: Line, learner: LearnerView, other: Person
) -> None:
    kept(page, line, learner)
    fill_in(page, line, other.email)
    enter(page)
    page.wait_for_url("**/en/")
    mine = Person.objects.get(pk=learner.person_id)
    mine.set_password(PASSWORD)
    mine.save()
    fill_in(page, line, mine.email)
    enter(page)
    page.wait_for_url("**/en/")
    line.cut()
    assert shows(page, line, own(learner)[2]) == "What people waited for"
