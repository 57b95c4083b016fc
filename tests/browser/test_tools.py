"""A learner opens an external tool in a real browser, which the page's policy lets go there."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution, Person
from chorsu.tools.actions import save_tool
from chorsu.training.rules.fields import Module
from tests.browser.conftest import sign_in
from tests.lti_tool import running_tool
from tests.training.class_kit import cohort, course, enrol, facts, unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_tool_is_opened_in_a_window_of_its_own(
    window: Browser, live_server: LiveServer, academy: Institution, editor: Person, now: datetime,
    monkeypatch: pytest.MonkeyPatch, *, scripts: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(settings, "NODE_ADDRESS", live_server.url)
    with running_tool() as tool:
        known = save_tool(
            tool_id=None, name="City simulator", address=tool.url, login_url=f"{tool.url}/login",
            redirect_urls=[f"{tool.url}/launch"], keys_url=f"{tool.url}/jwks", names=False,
            grades=False, members=False, active=True, by=editor, now=now,
        )  # fmt: skip
        tool.trust(live_server.url, known.client_id, known.deployment)
        units = [unit("q1", "tool", tool=f"{tool.url}/launch")]
        whole = facts(modules=[Module(key="m1", units=units)])
        one = enrol(cohort(course(now, whole), academy, now), editor, now)
        context = window.new_context(java_script_enabled=scripts)
        sign_in(context, live_server, editor)
        page = context.new_page()
        page.goto(f"{live_server.url}/en/learning/{one.id}/units/q1/")
        with context.expect_page() as opened:
            page.get_by_role("link", name="Open the tool").click()
        launched = opened.value
        if not scripts:
            launched.get_by_role("button", name="Go on to the tool").click()
        launched.wait_for_url(f"{tool.url}/launch")
        assert len(tool.launches) == 1
        assert launched.locator("body").inner_text().find(known.deployment) > 0
        context.close()
