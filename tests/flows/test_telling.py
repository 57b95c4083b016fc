"""A learning record store is told what learners do: a real one in small, which reads strictly."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from chorsu.config.node import NodeSettings
from chorsu.exchange import keys
from chorsu.flows import telling
from chorsu.flows.telling import tell_some
from chorsu.institutions.models import Institution, Person
from chorsu.jobs.tasks import forget_old_training
from chorsu.kernel.clock import utc_now
from chorsu.training.actions.attempts import answer
from chorsu.training.actions.learning import see, set_done
from chorsu.training.actions.outside import keep_try
from chorsu.training.models import Enrolment, Statement
from chorsu.training.queries.learning import LearnerView
from tests.training.class_kit import cohort, course, enrol, facts
from tests.training.quiz_kit import RIGHT, add_item, begin, given, items_of

pytestmark = pytest.mark.django_db
KEY = "the key:the secret"
IRI = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


@dataclass
class Store:
    """What a record store of xAPI 1.0.3 takes, and what it answers for trouble."""

    url: str = ""
    kept: dict[str, dict[str, object]] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    asked: int = 0
    refused: list[str] = field(default_factory=list)
    dislikes: str = ""
    harm: Callable[[BaseHTTPRequestHandler], None] | None = None

    def take(self, heads: dict[str, str], body: bytes) -> int:
        self.asked += 1
        if self.statuses:
            return self.statuses.pop(0)
        said = base64.b64decode(heads.get("authorization", "").removeprefix("Basic ")).decode()
        if said != KEY:
            return 401
        if heads.get("x-experience-api-version") != "1.0.3":
            return 400
        found = json.loads(body)
        if any(self.dislikes and self.dislikes in json.dumps(one) for one in found):
            return 400
        for one in found:
            if trouble := wrong_with(one):
                self.refused.append(trouble)
                return 400
        if len(found) == 1 and found[0]["id"] in self.kept:
            return 409
        self.kept |= {one["id"]: one for one in found}
        return 200

    def verbs(self) -> list[str]:
        """The verbs of what is kept, in the order it happened."""
        rows = sorted(self.kept.values(), key=lambda one: (str(one["timestamp"]), str(one["id"])))
        return [str(one["verb"]["id"]).rpartition("/")[2] for one in rows]  # type: ignore[index]


def wrong_with(one: dict[str, object]) -> str:
    """What the specification forbids in a statement; empty: nothing."""
    known = {"id", "actor", "verb", "object", "result", "context", "timestamp"}
    if one.keys() - known or {"actor", "verb", "object"} - one.keys():
        return f"members {sorted(one)}"
    try:
        uuid.UUID(str(one["id"]))
        assert datetime.fromisoformat(str(one["timestamp"])).tzinfo is not None
        actor, verb, thing = one["actor"], one["verb"], one["object"]
        assert isinstance(actor, dict)
        assert isinstance(verb, dict)
        assert isinstance(thing, dict)
        # An agent has exactly one identifier (2.4.2.1).
        assert set(actor) == {"objectType", "account"}
        assert actor["objectType"] == "Agent"
        assert set(actor["account"]) == {"homePage", "name"}
        assert IRI.fullmatch(actor["account"]["homePage"])
        assert IRI.fullmatch(verb["id"])
        assert all(re.fullmatch(r"[a-z]{2}(-\w+)*", tag) for tag in verb["display"])
        around = one["context"]["contextActivities"]  # type: ignore[index]
        for activity in (thing, *around["parent"], *around["grouping"]):
            assert activity["objectType"] == "Activity"
            assert IRI.fullmatch(activity["id"])
            assert IRI.fullmatch(activity["definition"]["type"])
        scaled = one.get("result", {}).get("score", {}).get("scaled", 0)  # type: ignore[attr-defined]
        assert -1 <= scaled <= 1
    except (AssertionError, KeyError, ValueError, TypeError) as error:
        return f"{type(error).__name__}: {json.dumps(one)}"
    return ""


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Store]:
    made = Store()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if made.harm is not None:
                self.close_connection = True
                with suppress(OSError):
                    made.harm(self)
                return
            heads = {name.lower(): value for name, value in self.headers.items()}
            status = made.take(heads, body) if self.path == "/xapi/statements" else 404
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/xapi"
    (tmp_path / "lrs.key").write_text(f"{KEY}\n")
    values = settings.NODE._values | {
        "training.xapi_url": made.url,
        "training.xapi_key_file": str(tmp_path / "lrs.key"),
    }
    monkeypatch.setattr(settings, "NODE", NodeSettings(values, settings.NODE.file))
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def learner(academy: Institution, editor: Person, now: datetime) -> LearnerView:
    return enrol(cohort(course(now), academy, now), editor, now)


def test_what_a_learner_does_is_told_in_the_order_it_happened(
    store: Store, learner: LearnerView, now: datetime
) -> None:
    see(learner=learner, unit="r1", now=now)
    see(learner=learner, unit="r1", now=now + timedelta(seconds=1))
    set_done(learner=learner, unit="r1", done=True, now=now + timedelta(seconds=2))
    for _ in range(3):
        add_item(learner.course_id)
    tried = begin(learner, facts(), now + timedelta(seconds=3))
    item = items_of(tried)[0]
    answer(
        attempt=tried, person_id=learner.person_id, given=given(tried, item, RIGHT),
        now=now + timedelta(seconds=4),
    )  # fmt: skip
    keep_try(
        learner=learner, unit="r2", choices={}, percent=Decimal("62.5"),
        now=now + timedelta(seconds=5),
    )  # fmt: skip
    assert tell_some(now=now + timedelta(minutes=1)) == 5
    assert store.refused == []
    assert sorted(store.verbs()) == ["answered", "completed", "completed", "experienced", "scored"]
    assert store.verbs()[:3] == ["experienced", "completed", "answered"]
    scored = [one for one in store.kept.values() if "score" in one.get("result", {})]
    assert [one["result"] for one in scored] == [{"score": {"scaled": 0.625}}]
    assert Statement.objects.count() == 0


def test_nobody_is_named_and_no_answer_is_told(
    store: Store, learner: LearnerView, editor: Person, now: datetime
) -> None:
    see(learner=learner, unit="r1", now=now)
    tell_some(now=now)
    (said,) = store.kept.values()
    text = json.dumps(said)
    assert editor.email not in text
    assert editor.name not in text
    assert str(learner.id) not in text
    assert said["actor"]["account"]["homePage"] == settings.NODE_ADDRESS  # type: ignore[index]
    assert len(said["actor"]["account"]["name"]) == 40  # type: ignore[index]


def test_without_a_store_nothing_is_noted(learner: LearnerView, now: datetime) -> None:
    see(learner=learner, unit="r1", now=now)
    set_done(learner=learner, unit="r1", done=True, now=now)
    assert (Statement.objects.count(), tell_some(now=now)) == (0, 0)


def pour(store: BaseHTTPRequestHandler) -> None:
    store.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(4096):
        store.wfile.write(bytes(1 << 16))


def drip(store: BaseHTTPRequestHandler) -> None:
    store.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        store.wfile.write(b"x")
        time.sleep(0.2)


def drip_head(store: BaseHTTPRequestHandler) -> None:
    store.wfile.write(b"HTTP/1.1 200 OK\r\n")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        store.wfile.write(b"X-A: b\r\n")
        time.sleep(0.2)


def lead_elsewhere(store: BaseHTTPRequestHandler) -> None:
    store.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n")


@pytest.mark.parametrize("harm", [pour, drip, drip_head, lead_elsewhere])
def test_an_answer_without_end_or_elsewhere_holds_nothing_up(
    store: Store,
    learner: LearnerView,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[[BaseHTTPRequestHandler], None],
) -> None:
    monkeypatch.setattr(telling, "TIMEOUT_S", 1)
    see(learner=learner, unit="r1", now=now)
    store.harm = harm
    begun = time.monotonic()
    assert tell_some(now=now) == 0
    assert time.monotonic() - begun < 10
    store.harm = None
    assert tell_some(now=now + timedelta(minutes=1)) == 1


def test_the_store_may_lie_inside_for_a_setting_names_it(
    store: Store, learner: LearnerView, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.NODE._values, "exchange.private_peers", False)
    see(learner=learner, unit="r1", now=now)
    assert tell_some(now=now) == 1


@pytest.mark.parametrize("status", [500, 429, 401])
def test_a_store_in_trouble_is_asked_once_and_again_later(
    store: Store, learner: LearnerView, now: datetime, status: int
) -> None:
    for unit in ("r1", "r2", "s1"):
        see(learner=learner, unit=unit, now=now)
    store.statuses = [status]
    assert tell_some(now=now) == 0
    assert tell_some(now=now + timedelta(seconds=19)) == 0
    assert store.asked == 1
    assert tell_some(now=now + timedelta(seconds=21)) == 3
    assert len(store.kept) == 3


def test_a_store_that_is_away_keeps_no_learner_waiting_and_loses_nothing(
    store: Store, learner: LearnerView, now: datetime
) -> None:
    url = settings.NODE._values["training.xapi_url"]
    settings.NODE._values["training.xapi_url"] = "http://127.0.0.1:9/xapi"
    see(learner=learner, unit="r1", now=now)
    assert tell_some(now=now) == 0
    settings.NODE._values["training.xapi_url"] = url
    assert tell_some(now=now + timedelta(minutes=1)) == 1


def test_a_damaged_key_file_of_the_node_loses_nothing(
    store: Store, learner: LearnerView, now: datetime,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    see(learner=learner, unit="r1", now=now)
    keys.signing_key()
    good = keys.key_path().read_bytes()
    keys.key_path().write_bytes(b"damaged")
    assert tell_some(now=now) == 0
    keys.key_path().write_bytes(good)
    assert tell_some(now=now + timedelta(minutes=1)) == 1


def test_one_that_the_store_refuses_does_not_hold_up_the_others(
    store: Store, learner: LearnerView, now: datetime
) -> None:
    for unit in ("r1", "r2", "s1"):
        see(learner=learner, unit=unit, now=now)
    store.dislikes = "/units/r2"
    assert tell_some(now=now) == 2
    assert [row.unit for row in Statement.objects.all()] == ["r2"]


def test_an_answer_lost_on_the_way_doubles_nothing(
    store: Store, learner: LearnerView, now: datetime
) -> None:
    see(learner=learner, unit="r1", now=now)
    row = Statement.objects.get()
    tell_some(now=now)
    row.save(force_insert=True)
    store.statuses = [409]
    assert tell_some(now=now) == 1
    assert (len(store.kept), Statement.objects.count()) == (1, 0)


def test_after_two_weeks_it_is_given_up(store: Store, learner: LearnerView, now: datetime) -> None:
    see(learner=learner, unit="r1", now=now)
    for day in range(16):
        store.statuses = [500]
        tell_some(now=now + timedelta(days=day))
    assert Statement.objects.count() == 0
    assert store.kept == {}


def test_it_is_given_up_too_where_no_store_is_named_any_more(
    store: Store, learner: LearnerView, now: datetime
) -> None:
    see(learner=learner, unit="r1", now=now)
    see(learner=learner, unit="r2", now=now)
    settings.NODE._values["training.xapi_url"] = ""
    old = Statement.objects.filter(unit="r1")
    old.update(happened_at=utc_now() - timedelta(days=15))
    Statement.objects.filter(unit="r2").update(happened_at=utc_now() - timedelta(days=13))
    forget_old_training(timestamp=0)
    assert [one.unit for one in Statement.objects.all()] == ["r2"]


def test_what_waits_goes_with_the_enrolment(
    store: Store, learner: LearnerView, now: datetime
) -> None:
    see(learner=learner, unit="r1", now=now)
    Enrolment.objects.filter(pk=learner.id).delete()
    assert tell_some(now=now) == 0
    assert store.asked == 0
