"""`chorsu index`, and what `chorsu doctor` says of search."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from chorsu.config.node import read_settings
from chorsu.jobs.search_doctor import duration, search_findings
from chorsu.search.actions import follow_settings, index
from chorsu.search.backlog import backlog
from chorsu.search.models import EmbeddedMinute, Encoder, Unembedded
from chorsu.search.rules import DocumentToIndex
from tests.search.conftest import document

__all__ = ["document"]
pytestmark = pytest.mark.django_db


def run(*options: str) -> str:
    out = StringIO()
    call_command("index", *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_backlog_is_worked_off_here_and_told(document: Callable[..., DocumentToIndex]) -> None:
    index(document(en=("Night buses", "")))
    index(document(en=("Night trams", "")))
    assert json.loads(run("--status", "--json"))["waiting"] == 2
    assert Unembedded.objects.count() == 2

    assert "0 passages wait" in run()
    assert Unembedded.objects.count() == 0


def test_json_without_status_is_refused() -> None:
    with pytest.raises(CommandError, match="--status"):
        run("--json")


def test_rate_and_time_to_go_come_from_the_last_minutes(
    document: Callable[..., DocumentToIndex], now: datetime
) -> None:
    for n in range(6):
        index(document(en=(f"Bus {n}", "")))
    assert backlog(now=now).seconds_left is None
    EmbeddedMinute.objects.create(minute=now - timedelta(minutes=30), passages=5000)
    EmbeddedMinute.objects.create(minute=now - timedelta(minutes=2), passages=40)
    EmbeddedMinute.objects.create(minute=now - timedelta(minutes=1), passages=20)

    known = backlog(now=now)

    assert (known.per_second, known.all_waiting, known.seconds_left) == (0.5, 6, 12)
    assert known.minutes_left == 1


def test_times_are_told_in_the_unit_that_tells_enough() -> None:
    assert [duration(n) for n in (5, 89, 90, 5399, 5400, 36000)] == [
        "5 s", "89 s", "2 min", "90 min", "1.5 h", "10.0 h",
    ]  # fmt: skip


def test_doctor_tells_of_settings_that_no_worker_follows_yet(
    document: Callable[..., DocumentToIndex], settings: LazySettings, now: datetime
) -> None:
    index(document(en=("Night buses", "")))
    follow_settings()
    assert [found.level for found in search_findings(now)] == ["ok"]

    endpoint = {
        "EMBEDDER": "openai",
        "EMBEDDER_URL": "http://127.0.0.1:1/v1",
        "EMBEDDER_MODEL": "m",
        "EMBEDDER_DIMENSIONS": "8",
    }
    environment = {f"CHORSU_SEARCH_{name}": value for name, value in endpoint.items()}
    settings.NODE = read_settings({**os.environ, **environment})
    found = list(search_findings(now))
    assert [one.level for one in found] == ["wrong", "attention"]
    assert "127.0.0.1:1" in found[0].what
    assert "Restart the workers" in found[1].advice

    follow_settings()
    found = list(search_findings(now))
    assert [one.level for one in found] == ["wrong"]
    assert Encoder.objects.get(state="coming").name.startswith("m ")
