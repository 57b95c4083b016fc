"""Checking a saved record in a real browser: the file chosen or dropped, the answer accessible."""

from __future__ import annotations

import base64
from datetime import datetime

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution
from tests.browser.conftest import troubles
from tests.vectors.proofs import saved as foreign
from tests.web.library import ID, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DROP = """([data]) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "practice.chorsu"));
  const zone = document.querySelector("[data-drop]");
  zone.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
}"""


@pytest.fixture
def _published(academy: Institution, now: datetime) -> None:
    publish(now)


def payload(data: bytes) -> FilePayload:
    return {"name": "practice.chorsu", "mimeType": "application/octet-stream", "buffer": data}


def save(page: Page, live_server: LiveServer) -> bytes:
    """What the button on the practice's page gives."""
    page.goto(f"{live_server.url}/en/practices/{ID}/")
    with page.expect_download() as started:
        page.get_by_role("link", name="Save with proof").click()
    assert started.value.suggested_filename == "One window for all papers.chorsu"
    return started.value.path().read_bytes()


@pytest.mark.usefixtures("_published")
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_saved_then_checked_without_scripts(
    window: Browser, live_server: LiveServer, width: int, scheme: str
) -> None:
    dark = scheme == "dark"
    context = window.new_context(
        java_script_enabled=False,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
    )
    page = context.new_page()
    file = save(page, live_server)
    for data, answer in (
        (file, "Genuine: published as stated below, and not changed since."),
        (file.replace(b"One window", b"Two window"), "Not genuine, or damaged."),
        (foreign().to_bytes(), "The file is whole, but nobody here knows the key that signed it."),
    ):
        page.goto(f"{live_server.url}/en/verify/")
        page.get_by_label("File", exact=True).set_input_files(payload(data))
        chosen = page.get_by_role("region", name="Choose the file")
        chosen.get_by_role("button", name="Check", exact=True).click()
        expect(page.locator(".notice__title").first).to_have_text(answer)


@pytest.mark.usefixtures("_published")
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_a_dropped_file_is_answered_accessibly(
    window: Browser, live_server: LiveServer, width: int, scheme: str
) -> None:
    dark = scheme == "dark"
    context = window.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    file = save(page, live_server)
    for data, tone in ((file, "success"), (b"{}", "error"), (foreign().to_bytes(), "warning")):
        page.goto(f"{live_server.url}/en/verify/")
        with page.expect_navigation():
            page.evaluate(DROP, [base64.b64encode(data).decode()])
        expect(page.locator(f".notice--{tone}").first).to_be_visible()
        assert troubles(page) == []
