"""Files that answer a question, in a real browser: at once by a script, and not without a line."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Browser, FilePayload, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution, Person
from chorsu.training.models import Answer, AnswerFile
from chorsu.training.queries.learning import LearnerView
from tests.browser.conftest import sign_in, troubles
from tests.browser.line import Line
from tests.browser.test_learning import kept, until
from tests.training.class_kit import facts, learner_in, quiz
from tests.training.quiz_kit import RIGHT, add_item, begin

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TWO = facts(quiz(draws=[{"competence": "", "count": 2}]))
PLAN = FilePayload(name="plan.txt", mimeType="text/plain", buffer=b"First the clerk")


@pytest.fixture
def learner(academy: Institution, now: datetime) -> LearnerView:
    one = learner_in(academy, now, TWO)
    for kind in ("single", "file"):
        add_item(one.course_id, kind=kind)
    return one


def test_a_file_goes_when_it_is_chosen_and_waits_for_the_line_while_other_answers_are_kept(
    window: Browser, live_server: LiveServer, line: Line, learner: LearnerView, now: datetime
) -> None:
    tried = begin(learner, TWO, now)
    context = window.new_context(viewport={"width": 390, "height": 800})
    sign_in(context, live_server, Person.objects.get(pk=learner.person_id))
    page = context.new_page()
    kept(page, line, learner)
    line.cut()
    page.goto(f"{line.url}/en/learning/{learner.id}/attempts/{tried.id}/")
    asked = page.locator("[data-question]").filter(has=page.locator("[data-files]"))
    page.get_by_label("Add files").set_input_files([PLAN])
    state = asked.locator("[data-question-state]")
    expect(state).to_have_text("Not sent: a file needs a connection.")
    other = page.locator("[data-question]").filter(has=page.get_by_label(RIGHT))
    other.get_by_label(RIGHT).check()
    expect(other.locator("[data-question-state]")).to_contain_text("kept on this device")
    assert not AnswerFile.objects.exists()

    line.mend()
    page.get_by_role("button", name="Save these files").click()
    expect(state).to_have_text("Saved")
    expect(asked.get_by_role("link", name="plan.txt")).to_be_visible()
    assert bytes(AnswerFile.objects.get().content) == b"First the clerk"
    assert troubles(page) == []
    page.goto(f"{line.url}/en/learning/{learner.id}/")
    until(lambda: Answer.objects.count() == 2)

    page.goto(f"{line.url}/en/learning/{learner.id}/attempts/{tried.id}/")
    expect(page.locator("[data-answered]")).to_have_text("2")
    page.get_by_role("button", name="Remove plan.txt").click()
    expect(asked.get_by_role("link", name="plan.txt")).to_have_count(0)
    expect(page.locator("[data-answered]")).to_have_text("1")
    assert not AnswerFile.objects.exists()
