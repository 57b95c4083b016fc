"""A cohort of this node that a foreign learning system may open, and a browser between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

import httpx
import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from chorsu.flows.arriving import offer
from chorsu.institutions.models import Institution, Person
from chorsu.kernel.clock import utc_now
from chorsu.tools.actions.platforms import save_platform
from chorsu.tools.claims import Target
from tests.lti_platform import CLIENT, DEPLOYMENT, LearningSystem, learning_system
from tests.practices.conftest import person
from tests.training.class_kit import cohort, course, facts


@dataclass
class Scene:
    """A node with a cohort that a learning system may open, and a browser that knows neither."""

    node: str
    system: LearningSystem
    platform: int
    cohort: UUID
    officer: Person
    browser: httpx.Client

    def save(self, **change: object) -> int:
        """Change the registration."""
        given = {
            "platform_id": self.platform, "name": "Moodle of the ministry",
            "issuer": self.system.url, "client_id": CLIENT, "deployments": [DEPLOYMENT],
            "auth_url": f"{self.system.url}/auth", "token_url": f"{self.system.url}/token",
            "keys_url": f"{self.system.url}/jwks", "active": True, "by": self.officer,
            "now": utc_now(),
        }  # fmt: skip
        return save_platform(**{**given, **change}).id  # type: ignore[arg-type]

    def target(self, unit: str = "") -> str:
        return f"{self.node}{Target(self.cohort, unit).path}"

    def begin(self, browser: httpx.Client | None = None, **change: str) -> dict[str, str]:
        """A login initiation; what the node asks the learning system."""
        answer = self.ask(browser, **change)
        address = answer.headers["Location"]
        assert address.startswith(f"{self.system.url}/auth?")
        return dict(parse_qsl(urlsplit(address).query))

    def ask(self, browser: httpx.Client | None = None, **change: str) -> httpx.Response:
        asked = {
            "iss": self.system.url, "client_id": CLIENT, "lti_deployment_id": DEPLOYMENT,
            "login_hint": "17", "lti_message_hint": "5", "target_link_uri": self.target(),
        }  # fmt: skip
        query = urlencode({**asked, **change})
        return (browser or self.browser).get(f"{self.node}/lti/login?{query}")

    def post(self, asked: dict[str, str], token: str) -> httpx.Response:
        """The message, as a browser posts it from another site: without this site's cookies."""
        form = {"id_token": token, "state": asked["state"]}
        return httpx.post(f"{self.node}/lti/launch", data=form)

    def send(self, asked: dict[str, str], **change: object) -> httpx.Response:
        claims = {"target_link_uri": self.target(), **change}
        made = self.system.claims(asked["nonce"], utc_now(), **claims)
        return self.post(asked, self.system.signed(made))

    def launch(self, **change: object) -> httpx.Response:
        """All the way: where the browser is in the end."""
        waiting = self.send(self.begin(), **change)
        assert waiting.status_code == 302, waiting.text
        return self.browser.get(f"{self.node}{waiting.headers['Location']}")


def told(page: httpx.Response) -> str:
    """The word for technicians on the page that refuses."""
    assert page.status_code == 400
    found = re.search(r'<pre class="code" lang="en">([^<]*)</pre>', page.text)
    assert found is not None
    return unescape(found[1])


@pytest.fixture
def scene(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, academy: Institution, now: datetime
) -> Iterator[Scene]:
    monkeypatch.setattr(settings, "NODE_ADDRESS", live_server.url)
    officer = person(
        academy, "office@hub.example", "Office One", "training_office", "administrator"
    )
    one = cohort(course(now, facts()), academy, now)
    with (
        learning_system(live_server.url) as system,
        httpx.Client(timeout=30, headers={"Accept-Language": "en"}) as browser,
    ):
        made = Scene(live_server.url, system, 0, UUID(str(one.pk)), officer, browser)
        made.platform = made.save(platform_id=None)
        offer(cohort_id=one.pk, platform_ids=[made.platform], by=officer, now=now)
        yield made


def guest() -> Person:
    return Person.objects.exclude(home="").get()
