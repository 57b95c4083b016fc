"""A node, a tool written with pylti1p3 that it knows, and a browser between them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Institution, Person
from chorsu.kernel.clock import utc_now
from chorsu.tools.actions import save_tool
from chorsu.tools.rules import ASSERTION, ToolView
from chorsu.tools.tokens import sign
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.outside import outside_result
from chorsu.training.rules.fields import Assessment, Module
from tests.lti_tool import RunningTool, running_tool
from tests.training.class_kit import cohort, course, enrol, facts, unit


@dataclass
class Scene:
    """A node, a tool it knows, a learner with a browser, and their unit `t1`."""

    node: str
    tool: RunningTool
    known: ToolView
    learner: LearnerView
    browser: httpx.Client
    by: Person

    def register(self, **change: object) -> ToolView:
        """Change the registration."""
        given = {
            "name": "Simulator", "address": f"{self.tool.url}/launch",
            "login_url": f"{self.tool.url}/login",
            "redirect_urls": [f"{self.tool.url}/launch"], "keys_url": f"{self.tool.url}/jwks",
            "choose_url": f"{self.tool.url}/launch", "names": False, "grades": True,
            "members": False, "active": True,
        }  # fmt: skip
        self.known = save_tool(
            tool_id=self.known.id, by=self.by, now=utc_now(), **{**given, **change}
        )
        return self.known

    def be(self, who: Person) -> None:
        """Have the browser signed in as somebody."""
        signed_in = Client()
        signed_in.force_login(who)
        name = settings.SESSION_COOKIE_NAME
        self.browser.cookies.set(name, signed_in.cookies[name].value)

    def to_the_tool(self, address: str = "") -> dict[str, str]:
        """Open a tool, if nothing else is said the unit's, up to the node's authorisation: what
        the tool asks there.
        """
        there = address or f"/en/learning/{self.learner.id}/units/t1/tool/"
        opened = self.browser.get(f"{self.node}{there}")
        asked = self.browser.get(opened.headers["Location"])
        address = asked.headers["Location"]
        assert address.startswith(f"{self.node}/lti/authorize?")
        return dict(parse_qsl(urlsplit(address).query))

    def authorize(self, asked: dict[str, str]) -> httpx.Response:
        return self.browser.get(f"{self.node}/lti/authorize?{urlencode(asked)}")

    def carry(self, page: httpx.Response) -> httpx.Response:
        """Send the form of the node's page to the tool, as the browser does."""
        values = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
        target = re.search(r'<form class="stack" method="post" action="([^"]+)"', page.text)
        assert target is not None
        form = {name: unescape(value) for name, value in values}
        return self.browser.post(unescape(target[1]), data=form)

    def launch(self, address: str = "") -> dict[str, object]:
        """Open the tool; the claims that it read."""
        answer = self.carry(self.authorize(self.to_the_tool(address)))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def access(self, scope: str, **change: object) -> httpx.Response:
        """Ask for an access token as the tool's server."""
        now = int(utc_now().timestamp())
        claims = {
            "iss": self.known.client_id, "sub": self.known.client_id,
            "aud": f"{self.node}/lti/token", "iat": now, "exp": now + 60, "jti": uuid.uuid4().hex,
            **change,
        }  # fmt: skip
        return self.ask_with(sign(claims, self.tool.pem), scope)

    def ask_with(self, assertion: str, scope: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials", "client_assertion_type": ASSERTION,
            "client_assertion": assertion, "scope": scope,
        }  # fmt: skip
        return httpx.post(f"{self.node}/lti/token", data=form)

    def percent(self) -> Decimal | None:
        found = outside_result(self.learner.id, "t1")
        return found.percent if found else None


@pytest.fixture
def scene(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, academy: Institution, editor: Person,
    now: datetime,
) -> Iterator[Scene]:  # fmt: skip
    monkeypatch.setattr(settings, "NODE_ADDRESS", live_server.url)
    with running_tool() as tool:
        known = save_tool(
            tool_id=None, name="Simulator", address=f"{tool.url}/launch",
            login_url=f"{tool.url}/login", redirect_urls=[f"{tool.url}/launch"],
            keys_url=f"{tool.url}/jwks", names=False, grades=True, members=False, active=True,
            by=editor, now=now,
        )  # fmt: skip
        tool.trust(live_server.url, known.client_id, known.deployment)
        modules = [Module(key="m1", units=[unit("t1", "tool", tool=f"{tool.url}/launch")])]
        assessed = Assessment(pass_percent=60, attendance_percent=0, required_units=["t1"])
        whole = facts(modules=modules, assessment=assessed)
        learner = enrol(cohort(course(now, whole), academy, now), editor, now)
        with httpx.Client(timeout=30) as browser:
            made = Scene(live_server.url, tool, known, learner, browser, editor)
            made.be(editor)
            yield made
