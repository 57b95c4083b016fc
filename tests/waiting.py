"""For tests of two at once: waiting until one holds the other up."""

from __future__ import annotations

import time
from concurrent.futures import Future

from django.db import connection

_HELD_UP = "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def until_held_up(other: Future[None]) -> None:
    """Return when somebody waits for this connection's transaction, or the other has ended."""
    end = time.monotonic() + 15
    while not other.done() and time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(_HELD_UP)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
