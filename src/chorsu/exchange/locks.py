"""One worker at a time for one thing, across processes and machines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def only_one(what: str) -> Iterator[bool]:
    """Hold PostgreSQL's advisory lock for `what`; gives False at once if another holds it.

    The lock belongs to the session: it goes by itself when the process dies.
    """
    number = lock_number(what)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        row = cursor.fetchone()
    mine = bool(row and row[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def is_held(what: str) -> bool:
    """Whether somebody holds the lock now; asking does not take it."""
    number = lock_number(what)
    halves = [(number >> 32) & 0xFFFFFFFF, number & 0xFFFFFFFF]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
            " AND classid = %s::bigint::oid AND objid = %s::bigint::oid"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            halves,
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def lock_number(what: str) -> int:
    """The 64-bit number by which PostgreSQL knows the lock."""
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big", signed=True)
