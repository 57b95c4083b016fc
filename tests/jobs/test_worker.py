"""`chorsu worker` as a process: what is short is done though what is long holds its hands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django import app as jobs

from chorsu.exchange import actions, keys
from chorsu.search.actions import INDEX_JOB
from tests.flows.remote import make_peer
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.django_db(transaction=True)


def database() -> str:
    """The address of the database of the tests."""
    of = connection.settings_dict
    return f"postgresql://{of['USER']}@/{of['NAME']}?host={quote(of['HOST'], safe='')}"


def worker() -> subprocess.Popen[bytes]:
    """A worker there, with two hands."""
    return subprocess.Popen(
        [sys.executable, "-m", "chorsu.config.cli", "worker", "--concurrency", "2"],
        env=os.environ | {"DATABASE_URL": database()},
        stdout=subprocess.DEVNULL,
    )


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def doing() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name = %s",
            [INDEX_JOB],
        )
        (count,) = cursor.fetchone()
    return int(count)


def test_a_ping_goes_out_while_long_work_holds_every_other_hand(
    empty_queue: None, now: datetime
) -> None:
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        for _ in range(2):
            jobs.configure_task(INDEX_JOB).defer()
        with psycopg.connect(database()) as other:
            # Who would index has to wait for as long as this lasts.
            other.execute("LOCK TABLE search_waiting IN ACCESS EXCLUSIVE MODE")
            process = worker()
            held = within(60, lambda: doing() == 2)
            node.pings.clear()
            actions.defer_ping()
            pinged = within(20, lambda: bool(node.pings))
        process.send_signal(signal.SIGTERM)
        ended = process.wait(timeout=30)
    assert (held, pinged, ended) == (True, True, 0)
