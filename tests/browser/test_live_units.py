"""The page of a live unit says when a session begins by the reader's own clock, if it differs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import take_session
from tests.browser.test_every_page import node
from tests.web.every_page import PageToOpen
from tests.web.small_node import EDITOR, SmallNode

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["node"]


def test_a_reader_elsewhere_sees_their_own_time_too(
    window: Browser, live_server: LiveServer, node: SmallNode
) -> None:
    unit = PageToOpen("learning-unit", EDITOR, ("enrolment", "v1"))
    # A browser that has no words of a language says it in figures.
    for zone, code, said in (
        ("Asia/Shanghai", "zh-hans", "您的当地时间：2026年11月27日 17:30"),
        ("Europe/Berlin", "tk", "siziň wagtyňyz boýunça: 27.11.2026, 10:30"),
    ):
        context = window.new_context(timezone_id=zone)
        take_session(context, live_server, node.client(EDITOR))
        page = context.new_page()
        page.goto(live_server.url + unit.address(node, code))
        expect(page.locator("[data-own-clock]")).to_have_text(said)
        context.close()
    context = window.new_context(timezone_id="Asia/Almaty")
    take_session(context, live_server, node.client(EDITOR))
    page = context.new_page()
    page.goto(live_server.url + unit.address(node, "ru"))
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-own-clock]")).to_be_hidden()
    context.close()
