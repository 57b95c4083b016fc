"""Going offline more than once: the learner meets their own words again, and loses none of them."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution
from chorsu.kernel.clock import utc_now
from chorsu.training.actions import learning
from chorsu.training.models import Answer
from chorsu.training.queries.attempts import answers
from chorsu.training.queries.learning import LearnerView, states
from chorsu.training.rules.fields import Draw
from tests.browser.line import Line
from tests.browser.test_learning import answer, context_of, kept, until
from tests.training.class_kit import facts, learner_in, quiz
from tests.training.quiz_kit import RIGHT, WRONG, add_item, begin, items_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
IN_TWO = facts(quiz(draws=[Draw(competence="", count=1), Draw(competence="", count=1)]))
HERE = "kept on this device"


@pytest.fixture
def learner(academy: Institution, now: datetime) -> LearnerView:
    one = learner_in(academy, now, IN_TWO)
    for _ in range(2):
        add_item(one.course_id)
    return one


@pytest.fixture
def page(window: Browser, live_server: LiveServer, learner: LearnerView) -> Page:
    return context_of(window, live_server, learner).new_page()


def open_unit(page: Page, line: Line, learner: LearnerView, key: str = "r1") -> None:
    page.goto(f"{line.url}/en/learning/{learner.id}/units/{key}/")


def write(page: Page, words: str) -> None:
    page.get_by_label("My note").fill(words)
    expect(page.locator("form[data-note] [data-state]")).to_contain_text(HERE)


def note(learner: LearnerView) -> str:
    found = states(learner.id).get("r1")
    return found.note if found else ""


def back_on_line(page: Page, line: Line, learner: LearnerView) -> None:
    line.mend()
    page.goto(f"{line.url}/en/learning/{learner.id}/")


def test_the_application_opens_at_what_was_kept(
    page: Page, line: Line, learner: LearnerView
) -> None:
    kept(page, line, learner)
    line.cut()
    page.goto(f"{line.url}/en/learning/")
    page.get_by_role("link", name="The one-stop window").click()
    page.get_by_role("link", name="What people waited for").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What people waited for")


def test_what_waits_stands_on_its_page_again(page: Page, line: Line, learner: LearnerView) -> None:
    kept(page, line, learner)
    line.cut()
    open_unit(page, line, learner)
    write(page, "ask Aigul")
    page.get_by_role("button", name="Done, go on").click()
    page.wait_for_url("**/units/s1/")
    open_unit(page, line, learner)
    expect(page.get_by_label("My note")).to_have_value("ask Aigul")
    expect(page.locator("form[data-note] [data-state]")).to_contain_text(HERE)
    page.get_by_label("My note").fill("ask Aigul and Ogul")
    open_unit(page, line, learner, "r2")
    back_on_line(page, line, learner)
    until(lambda: note(learner) == "ask Aigul and Ogul")


def test_a_page_that_stayed_open_goes_on_from_what_was_sent(
    page: Page, line: Line, learner: LearnerView
) -> None:
    kept(page, line, learner)
    open_unit(page, line, learner)
    line.cut()
    write(page, "ask Aigul")
    line.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("form[data-note] [data-state]")).to_have_text("Saved")
    page.get_by_label("My note").fill("ask Ogul")
    until(lambda: note(learner) == "ask Ogul")


def test_the_second_time_begins_where_the_first_ended(
    page: Page, line: Line, learner: LearnerView
) -> None:
    kept(page, line, learner)
    for words, before in (("first", ""), ("second", "first")):
        line.cut()
        open_unit(page, line, learner)
        expect(page.get_by_label("My note")).to_have_value(before)
        write(page, words)
        back_on_line(page, line, learner)
        until(lambda wanted=words: note(learner) == wanted)  # type: ignore[misc]
        page.wait_for_load_state("networkidle")
    expect(page.locator("[data-waiting]")).to_be_hidden()


def test_a_note_that_is_refused_is_shown_before_it_goes(
    page: Page, line: Line, learner: LearnerView
) -> None:
    kept(page, line, learner)
    line.cut()
    open_unit(page, line, learner)
    write(page, "ask Aigul")
    learning.write_note(learner=learner, unit="r1", version=0, text="Elsewhere", now=utc_now())
    back_on_line(page, line, learner)
    expect(page.locator("[data-refused] blockquote")).to_have_text("ask Aigul")
    assert note(learner) == "Elsewhere"


def test_a_page_that_came_before_what_waited_was_sent_shows_it(
    page: Page, line: Line, learner: LearnerView
) -> None:
    kept(page, line, learner)
    line.cut()
    open_unit(page, line, learner)
    write(page, "ask Aigul")
    line.mend()
    open_unit(page, line, learner)
    until(lambda: note(learner) == "ask Aigul")
    expect(page.locator("form[data-note] [data-state]")).to_have_text("Saved")
    expect(page.get_by_label("My note")).to_have_value("ask Aigul")
    page.get_by_label("My note").press_sequentially("!")
    until(lambda: note(learner) in ("!ask Aigul", "ask Aigul!"))


def test_what_waited_does_not_replace_what_was_written_elsewhere_meanwhile(
    page: Page, line: Line, learner: LearnerView
) -> None:
    kept(page, line, learner)
    line.cut()
    open_unit(page, line, learner)
    write(page, "ask Aigul")
    learning.write_note(learner=learner, unit="r1", version=0, text="Elsewhere", now=utc_now())
    line.mend()
    open_unit(page, line, learner)
    expect(page.locator("[data-refused] blockquote")).to_have_text("ask Aigul")
    with page.expect_response("**/units/r1/note/") as answered:
        page.get_by_label("My note").press_sequentially("!")
    assert answered.value.status == 409
    assert note(learner) == "Elsewhere"


def test_another_page_does_not_go_on_from_words_that_it_does_not_show(
    page: Page, line: Line, learner: LearnerView
) -> None:
    kept(page, line, learner)
    open_unit(page, line, learner)
    beside = page.context.new_page()
    open_unit(beside, line, learner)
    line.cut()
    write(page, "ask Aigul")
    line.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("form[data-note] [data-state]")).to_have_text("Saved")
    with beside.expect_response("**/units/r1/note/") as answered:
        beside.get_by_label("My note").press_sequentially("!")
    assert answered.value.status == 409
    assert note(learner) == "ask Aigul"


def test_a_quiz_in_sections_is_gone_through_and_gone_back_to(
    page: Page, line: Line, learner: LearnerView, now: datetime
) -> None:
    tried = begin(learner, IN_TWO, now)
    kept(page, line, learner)
    line.cut()
    answer(page, line, learner, tried, WRONG)
    expect(page.locator("[data-question-state]").first).to_contain_text(HERE)
    page.get_by_role("button", name="Next section").click()
    page.wait_for_url("**/?section=2")
    page.locator("[data-question]").get_by_label(RIGHT).check()
    expect(page.locator("[data-question-state]")).to_contain_text(HERE)
    page.goto(page.url.replace("section=2", "section=1"))
    expect(page.locator("[data-question]").get_by_label(WRONG)).to_be_checked()
    expect(page.locator("[data-question-state]")).to_contain_text(HERE)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    back_on_line(page, line, learner)
    until(lambda: Answer.objects.count() == 2)
    given = answers(tried.id)
    assert [given[one.id].response for one in items_of(tried)] == [
        {"answer": "wrong"}, {"answer": "right"},
    ]  # fmt: skip
