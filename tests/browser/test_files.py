"""A file that lies at a peer: opened, it is followed in the page until the browser has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.exchange import actions, blobs, keys
from chorsu.exchange.models import WantedBlob
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Institution
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.practices.wire import PublishedFile
from tests.browser.conftest import troubles
from tests.flows.remote import make_peer, publish
from tests.memory_node import MemoryNode

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DATA = b"year,visits\n2024,12\n"


@pytest.fixture
def now() -> datetime:
    """The present: both sides sign and check by real clocks."""
    return utc_now()


@pytest.fixture
def beijing(academy: Institution, now: datetime) -> Iterator[MemoryNode]:
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        actions.set_policy(
            name=node.name, files="wanted", ahead_max_mb=None, max_kb_per_second=None
        )
        yield node


@pytest.fixture
def record(beijing: MemoryNode, now: datetime) -> str:
    """A practice whose words are here and whose file is not."""
    found = new_id()
    file = PublishedFile(beijing.add_blob(DATA), len(DATA), "text/csv", "visits.csv", "")
    publish(beijing, found, files=(file,))
    pull(peer_name=beijing.name, now=now)
    return found


def open_file(page: Page, live_server: LiveServer, record: str) -> None:
    page.goto(f"{live_server.url}/en/practices/{record}/")
    page.get_by_role("link", name="visits.csv").click()
    expect(page.get_by_text("The file is being fetched.")).to_be_visible()


def test_a_file_is_followed_until_it_is_here_and_then_comes(
    page: Page, live_server: LiveServer, beijing: MemoryNode, record: str, now: datetime
) -> None:
    open_file(page, live_server, record)
    assert troubles(page) == []
    blobs.partial_path(WantedBlob.objects.get().sha256).write_bytes(DATA[:10])
    expect(page.locator("progress")).to_have_attribute("value", "50")
    with page.expect_download() as coming:
        pull(peer_name=beijing.name, now=now)
    assert coming.value.path().read_bytes() == DATA
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    assert troubles(page) == []


def test_without_scripts_the_page_loads_itself_until_the_file_comes(
    window: Browser, live_server: LiveServer, beijing: MemoryNode, record: str, now: datetime
) -> None:
    page = window.new_context(java_script_enabled=False).new_page()
    open_file(page, live_server, record)
    with page.expect_download() as coming:
        pull(peer_name=beijing.name, now=now)
    assert coming.value.path().read_bytes() == DATA
